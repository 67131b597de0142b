/*
 * Prompts and the operator's rules; see words.h.
 */
#include "app/studio/words.h"

#include "common/conf.h"
#include "common/err.h"
#include "common/language.h"
#include "common/prompt_rules.h"

static struct prompt_rules *rules; /* for as long as the worker lives */

/* The names of the categories in etc/prompt-rules.yaml, for translators. */
static const char *
name_of(const struct prompt_verdict *v)
{
    static const char *const bundled[] = {
        N_("sexual pictures of minors"),
        N_("sexual pictures of real people"),
        N_("hatred of people for what they are"),
        N_("signs of hatred"),
        N_("cruelty"),
    };

    (void)bundled;
    return T(v->name);
}

int
words_check(const struct conf *conf, const char *prompt, const char **flag, struct err *e)
{
    struct prompt_verdict v;
    int rc;

    *flag = NULL;
    if (conf->safety.prompts[0] == '\0')
        return ST_OK;
    if (rules == NULL && (rc = prompt_rules_load(conf->safety.prompts, &rules, e)) != ST_OK)
        return err_set(e, rc == ST_INVALID ? ST_INTERNAL : rc, "Please try again later.",
                       "the rules about prompts: %s", conf->safety.prompts);
    prompt_rules_check(rules, prompt, &v);
    if (v.action == PROMPT_REFUSE)
        return err_setf(e, ST_DENIED,
                        "This is not made here: %s. Nothing was charged. Please choose other "
                        "words.",
                        name_of(&v));
    if (v.action == PROMPT_FLAG)
        *flag = v.category;
    return ST_OK;
}

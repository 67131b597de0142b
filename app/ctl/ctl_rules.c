/*
 * The command about prompt rules: is the file right, what becomes of a prompt, and why. Read next:
 * common/prompt_rules.h.
 */
#include <stdio.h>
#include <string.h>

#include "app/ctl/ctl.h"
#include "common/conf.h"
#include "common/prompt_rules.h"

/* 0, or CTL_FAILED for a prompt that is refused, so that scripts can ask. */
static int
tell(struct prompt_rules *rules, const char *prompt)
{
    static const char *const actions[] = {"passes", "is flagged", "is refused"};
    struct prompt_verdict v;

    prompt_rules_check(rules, prompt, &v);
    printf("%s", actions[v.action]);
    if (v.action != PROMPT_PASS)
        printf(": %s (%s)", v.category, v.name);
    for (size_t i = 0; v.words[i] != NULL; i++)
        printf("%s%s", i == 0 ? ", because of: " : " + ", v.words[i]);
    printf("\n");
    return v.action == PROMPT_REFUSE ? CTL_FAILED : CTL_OK;
}

int
ctl_rules_check(struct ctl *c)
{
    const char *prompt = ctl_option(c, "prompt"), *path = ctl_option(c, "file");
    struct prompt_rules *rules = NULL;
    int rc;

    if (path == NULL)
        path = c->conf->safety.prompts;
    if (path[0] == '\0')
        return ctl_usage(c, "safety.prompts is empty: name a file with --file.");
    if ((rc = prompt_rules_load(path, &rules, &c->e)) != ST_OK)
        return rc;
    if (prompt != NULL)
        rc = tell(rules, prompt);
    else
        printf("%s: %zu entries\n", path, prompt_rules_count(rules));
    prompt_rules_free(rules);
    return rc;
}

/*
 * The texts; see rights_answers.h. They say what the law wants an answer to say.
 */
#include "common/rights_answers.h"

#include <string.h>

#include "common/conf.h"
#include "common/language.h"
#include "common/rights.h"
#include "common/text.h"

#define GAP "[…]"
#define ADDRESS "{url}"

const struct rights_answer rights_answers[] = {
    {"access", N_("What is stored"),
     N_("Hello,\n\nyou asked what we store about you. It is this:\n\n[…]\n\nWhat each thing is "
        "for, "
        "how long it stays and who receives it: {url}/privacy\n\nYou can have it corrected or "
        "deleted, restrict its use or object to it, and you can complain to a supervisory "
        "authority.")},
    {"export", N_("The copy"),
     N_("Hello,\n\nyou asked for a copy of your data. Signed in, you can make one at any time, "
        "with "
        "all pictures: {url}/account/copy\n\nWhat does not stand in it:\n\n[…]")},
    {"correct", N_("Corrected"),
     N_("Hello,\n\nwe have corrected what you told us:\n\n[…]\n\nWho had received the old data was "
        "told.")},
    {"delete", N_("Deleted"),
     N_("Hello,\n\nwe have deleted what you asked for:\n\n[…]\n\nWhat the law obliges us to keep "
        "stays until its time is over, and is used for nothing else: {url}/privacy")},
    {"restrict", N_("Restricted"),
     N_("Hello,\n\nfrom now on we store these data and use them for nothing else:\n\n[…]\n\nWe "
        "write "
        "to you before that ends.")},
    {"object", N_("Objection followed"),
     N_("Hello,\n\nwe have stopped using your data for what you object to:\n\n[…]")},
    {"withdraw", N_("Consent withdrawn"),
     N_("Hello,\n\nyour consent is withdrawn. What was done before stays lawful.\n\n[…]")},
    {NULL, N_("Please sign in"),
     N_("Hello,\n\nfrom your request alone we cannot tell whether the data are yours. Please sign "
        "in "
        "to your account and send it again: {url}/privacy/request\n\nIf you cannot sign in, answer "
        "this letter and tell us how else we can know that it is you.")},
    {NULL, N_("Nothing found"),
     N_("Hello,\n\nwe have looked for data under your address and found none but this request. We "
        "keep it for three years, to show that it was answered.")},
};
const size_t rights_answer_count = sizeof rights_answers / sizeof rights_answers[0];

bool
rights_answer_fits(const struct rights_answer *a, const struct rights *r)
{
    if (a->kind != NULL)
        return strcmp(a->kind, rights_kinds[r->kind]) == 0;
    return r->account == 0; /* a member is known, and so are their data */
}

void
rights_answer_put(struct text *out, const struct rights_answer *a, const struct rights *r,
                  const struct conf *conf)
{
    int before = language_for_reader(r->language);
    const char *from = T(a->text), *to;

    for (; (to = strstr(from, ADDRESS)) != NULL; from = to + strlen(ADDRESS)) {
        text_put(out, from, (size_t)(to - from));
        text_puts(out, conf->site.url);
    }
    text_puts(out, from);
    language_use(before);
}

bool
rights_answer_unfinished(const char *words)
{
    return strstr(words, GAP) != NULL;
}

/*
 * Every letter of an erasure, word for word. Knows no rules.
 */
#include "common/erasure_letters.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "common/conf.h"
#include "common/erasure_store.h"
#include "common/err.h"
#include "common/language.h"
#include "common/mail.h"
#include "common/text.h"

#define BODY_MAX 65536

/* In texts: {site} the site's name, {url} its address, {date} when the grace ends, {receipt}. */
static const struct {
    const char *word; /* of the outbox's key */
    const char *subject, *body;
} letters[] = {
    [ERASURE_ASKED] =
        {"erasure-asked", N_("Your account at {site} will be deleted"),
         N_("Hello,\n\n"
            "you asked us to delete your account at {site}. It is closed now, and what "
            "you had published is hidden. On {date} everything is deleted.\n\n"
            "Until then you can change your mind: sign in, and choose to keep the "
            "account.\n{url}/signin\n\n"
            "If that was not you, do so at once and choose a new password.\n")},
    [ERASURE_SOON] =
        {"erasure-soon", N_("Your account at {site} will soon be deleted"),
         N_("Hello,\n\n"
            "on {date} your account at {site} is deleted with everything in it, as you "
            "asked. After that nobody can bring it back.\n\n"
            "If you have changed your mind, sign in and choose to keep it:\n"
            "{url}/signin\n")},
    [ERASURE_CANCELLED] = {"erasure-cancelled", N_("Your account at {site} stays"),
                           N_("Hello,\n\n"
                              "your account at {site} will not be deleted. It is open again.\n\n"
                              "If that was not you, choose a new password at once:\n"
                              "{url}/forgotten\n")},
    [ERASURE_DONE] =
        {"link:receipt", N_("Your account at {site} is deleted"),
         N_("Hello,\n\n"
            "your account at {site} is deleted. What the law makes us keep, records "
            "of payments and credits, no longer names you.\n\n"
            "Below is your receipt. It says which kinds of entries and files went, how "
            "many, and when. Anybody can verify it without knowing who you were:\n"
            "{url}/privacy/receipt\n\n"
            "We keep no copy of it. This is our last letter to you.\n\n"
            "{receipt}")},
};

static void
fill(struct text *out, const char *from, const struct conf *conf, const char *date,
     const char *receipt)
{
    const struct {
        const char *name, *value;
    } words[] = {{"{site}", conf->site.name},
                 {"{url}", conf->site.url},
                 {"{date}", date},
                 {"{receipt}", receipt}};

    while (*from != '\0') {
        size_t plain = strcspn(from, "{"), i;

        text_put(out, from, plain);
        from += plain;
        for (i = 0; *from != '\0' && i < sizeof words / sizeof words[0]; i++) {
            size_t len = strlen(words[i].name);

            if (strncmp(from, words[i].name, len) != 0)
                continue;
            text_puts(out, words[i].value != NULL ? words[i].value : "");
            from += len;
            break;
        }
        if (*from == '{' && i == sizeof words / sizeof words[0])
            text_putc(out, *from++);
    }
}

int
erasure_letter_queue(struct db *db, const struct conf *conf, enum erasure_letter letter,
                     const struct erasure *r, const struct erasure_person *to, const char *receipt,
                     struct err *e)
{
    struct text subject, body;
    char key[80], code[ID_TEXT], date[DATE_TEXT];
    int rc, before;

    if (!to->proven)
        return ST_OK;
    id_format(&r->code, code);
    snprintf(key, sizeof key, "%s:%s", letters[letter].word, code);
    text_init(&subject, 400);
    text_init(&body, BODY_MAX);
    before = language_for_reader(to->language);
    language_date(r->due_at, date);
    fill(&subject, T(letters[letter].subject), conf, date, receipt);
    fill(&body, T(letters[letter].body), conf, date, receipt);
    language_use(before);
    if (subject.failed || body.failed)
        rc = err_set(e, ST_NOMEM, "Please try again later.", "letter of an erasure");
    else /* the last letter belongs to no account: there is none any more */
        rc = mail_queue(db, key, letter == ERASURE_DONE ? 0 : r->account, to->email,
                        text_cstr(&subject), text_cstr(&body), e);
    text_release(&subject);
    text_release(&body);
    return rc;
}

/*
 * Every letter that accounts get, word for word. To add one: a line in the table. Knows no rules;
 * proof.c and account.c decide who gets what.
 */
#include "app/account/account_letters.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "app/account/account_store.h"
#include "common/conf.h"
#include "common/crypto.h"
#include "common/err.h"
#include "common/language.h"
#include "common/mail.h"
#include "common/text.h"

#define BODY_MAX 4000
#define KEY_RANDOM 12

/* Said in the language of the reader's account. In texts: {name} who is written to, {site} the
   site's name, {url} its address, {link} the link with its token, {credits} "20 credits", {words}
   what the letter is about. */
static const struct {
    const char *word;    /* of the outbox's key */
    const char *page;    /* the link's path; NULL = no link */
    const char *subject; /* {site} alone */
    const char *body;
} letters[] = {
    [LETTER_WELCOME] = {"welcome", NULL, N_("Welcome to {site}"),
                        N_("Hello {name},\n\n"
                           "your account at {site} is ready. It holds {credits}.\n\n"
                           "Make your first picture:\n{url}/create\n\n"
                           "Your pictures are private. They vanish after a while unless you keep "
                           "them.\n\n"
                           "If you did not open this account, please answer this letter.\n")},
    [LETTER_CONFIRM] = {"link:welcome", "/confirm", N_("Welcome to {site}"),
                        N_("Hello {name},\n\n"
                           "your account at {site} is ready. It holds {credits}.\n\n"
                           "Please confirm that this address is yours:\n{link}\n\n"
                           "The link works once, for two days.\n\n"
                           "Your pictures are private. They vanish after a while unless you keep "
                           "them.\n\n"
                           "If you did not open this account, do not follow the link. Nothing else "
                           "is needed.\n")},
    [LETTER_AGAIN] =
        {"link:confirm", "/confirm", N_("Confirm your address for {site}"),
         N_("Hello {name},\n\n"
            "please confirm that this address is yours:\n{link}\n\n"
            "The link works once, for two days.\n\n"
            "If you have no account at {site}, do not follow the link. Nothing else is "
            "needed.\n")},
    [LETTER_TAKEN] =
        {"taken", NULL, N_("You already have an account at {site}"),
         N_("Hello {name},\n\n"
            "somebody just opened an account at {site} with this address. You have one "
            "already, and nothing has changed in it.\n\n"
            "If that was you, sign in instead:\n{url}/signin\n\n"
            "Forgotten password:\n{url}/forgotten\n\n"
            "If it was somebody else, nothing is needed: without this mailbox your "
            "address cannot be confirmed.\n")},
    [LETTER_RESET] = {"link:reset", "/reset", N_("A new password for {site}"),
                      N_("Hello {name},\n\n"
                         "here you choose a new password for your account at {site}:\n{link}\n\n"
                         "The link works once, for one hour.\n\n"
                         "If you did not ask for it, nothing is needed. Your password stays as it "
                         "is.\n")},
    [LETTER_PASSWORD] =
        {"password", NULL, N_("Your password at {site} was changed"),
         N_("Hello {name},\n\n"
            "the password of your account at {site} was just changed, and everybody "
            "who was signed in elsewhere is signed out.\n\n"
            "If that was not you, choose a new one at once:\n{url}/forgotten\n")},
    [LETTER_BROWSER] = {"browser", NULL, N_("A new sign-in to {site}"),
                        N_("Hello {name},\n\n"
                           "somebody signed in to your account at {site}, in a way that is new:\n\n"
                           "{words}\n\n"
                           "If that was you, nothing is needed. If not, choose a new password at "
                           "once, which signs everybody else out:\n{url}/forgotten\n")},
    [LETTER_MOVE] = {"link:move", "/move", N_("Confirm your new address for {site}"),
                     N_("Hello {name},\n\n"
                        "please confirm that this is to be the address of your account at "
                        "{site}:\n{link}\n\n"
                        "The link works once, for two days. Until then your old address stays.\n\n"
                        "If you did not ask for it, do not follow the link. Nothing else is "
                        "needed.\n")},
    [LETTER_MOVING] = {"moving", NULL, N_("A new address for your account at {site}?"),
                       N_("Hello {name},\n\n"
                          "somebody who knows your password asked to change the address of your "
                          "account at {site} to {words}. It will change when that address is "
                          "confirmed.\n\n"
                          "If that was not you, choose a new password at once; then the change "
                          "cannot happen:\n{url}/forgotten\n")},
    [LETTER_MOVED] =
        {"moved", NULL, N_("The address of your account at {site} was changed"),
         N_("Hello {name},\n\n"
            "your account at {site} now has the address {words}. Letters go there, and "
            "you sign in with it.\n\n"
            "If that was not you, please answer this letter.\n")},
    [LETTER_SECOND_ON] = {"second-on", NULL, N_("Signing in to {site} now takes a code"),
                          N_("Hello {name},\n\n"
                             "signing in to your account at {site} now asks for a code of your app "
                             "as well. Keep the recovery codes in a safe place.\n\n"
                             "If that was not you, please answer this letter.\n")},
    [LETTER_SECOND_OFF] = {"second-off", NULL, N_("Signing in to {site} takes no code any more"),
                           N_("Hello {name},\n\n"
                              "the second step of signing in to your account at {site} was just "
                              "turned off.\n\n"
                              "If that was not you, choose a new password at once:\n"
                              "{url}/forgotten\n")},
    [LETTER_CLAIMED] = {"claimed", NULL, N_("You already have an account at {site}"),
                        N_("Hello {name},\n\n"
                           "somebody wanted to use this address for another account at {site}. It "
                           "belongs to yours, and nothing has changed.\n\n"
                           "If that was you, sign in to this one instead:\n{url}/signin\n")},
    [LETTER_RESTRICTED] =
        {"restricted", NULL, N_("Your account at {site} is restricted"),
         N_("Hello {name},\n\n"
            "we have restricted your account at {site}: it can neither make nor publish "
            "pictures. The reason:\n\n{words}\n\n"
            "A person has decided this. You can still sign in, see and download your pictures, "
            "and delete them.\n\n"
            "If you think that this is wrong, say why here. Another look will be taken, by a "
            "person:\n{url}/support?about=appeal\n")},
    [LETTER_RELEASED] = {"released", NULL, N_("Your account at {site} is free again"),
                         N_("Hello {name},\n\n"
                            "the restriction of your account at {site} has ended. You can make and "
                            "publish pictures as before.\n")},
    [LETTER_TAKEN_DOWN] =
        {"taken-down", NULL, N_("A picture of yours at {site} was taken down"),
         N_("Hello {name},\n\n"
            "we no longer show one of the pictures that you have published at {site}. The "
            "reason:\n\n{words}\n\n"
            "A person has decided this after a report. The picture stays in your library, for you "
            "alone.\n\n"
            "If you think that this is wrong, say why here. Another look will be taken, by a "
            "person:\n{url}/support?about=appeal\n")},
};

/* What the names in braces stand for. */
struct words {
    const struct conf *conf;
    const struct account_addressee *to;
    const char *page;
};

static void
put_word(struct text *out, const char *name, size_t len, const struct words *w)
{
    int64_t n = w->conf->credits.welcome;

    if (len == 4 && memcmp(name, "name", len) == 0)
        text_puts(out, w->to->display_name);
    else if (len == 4 && memcmp(name, "site", len) == 0)
        text_puts(out, w->conf->site.name);
    else if (len == 3 && memcmp(name, "url", len) == 0)
        text_puts(out, w->conf->site.url);
    else if (len == 5 && memcmp(name, "words", len) == 0)
        text_puts(out, w->to->words);
    else if (len == 4 && memcmp(name, "link", len) == 0)
        text_printf(out, "%s%s?token=%s", w->conf->site.url, w->page, w->to->token);
    else
        text_printf(out, TN("%d credit", "%d credits", (unsigned long)n), (int)n);
}

static void
fill(struct text *out, const char *body, const struct words *w)
{
    while (*body != '\0') {
        size_t plain = strcspn(body, "{"), len;

        text_put(out, body, plain);
        body += plain;
        if (*body == '\0')
            break;
        len = strcspn(body, "}");
        put_word(out, body + 1, len - 1, w);
        body += len + 1;
    }
}

int
account_letter_queue(struct db *db, const struct conf *conf, enum account_letter letter,
                     const struct account_addressee *to, struct err *e)
{
    const struct words w = {conf, to, letters[letter].page};
    uint8_t random[KEY_RANDOM];
    char key[80], hex[2 * KEY_RANDOM + 1], language[LANGUAGE_TAG];
    struct text subject, body;
    int rc, before;

    if ((rc = account_store_language(db, to->account, language, e)) != ST_OK)
        return rc;

    crypto_random(random, sizeof random);
    crypto_hex(random, sizeof random, hex);
    /* The welcome comes once in an account's life, every other letter as often as its cause. */
    if (letter == LETTER_WELCOME)
        snprintf(key, sizeof key, "%s:%" PRId64, letters[letter].word, to->account);
    else
        snprintf(key, sizeof key, "%s:%" PRId64 ":%s", letters[letter].word, to->account, hex);
    text_init(&subject, BODY_MAX);
    text_init(&body, BODY_MAX);
    before = language_for_reader(language);
    fill(&subject, T(letters[letter].subject), &w);
    fill(&body, T(letters[letter].body), &w);
    language_use(before);
    if (subject.failed || body.failed)
        rc = err_set(e, ST_NOMEM, "Please try again later.", "letter %s", letters[letter].word);
    else
        rc = mail_queue(db, key, to->account, to->email, text_cstr(&subject), text_cstr(&body), e);
    text_release(&subject);
    text_release(&body);
    return rc;
}

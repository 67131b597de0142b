/*
 * The rules of tickets and their letters; see ticket.h. All SQL is ticket_store.c's.
 */
#include "common/ticket.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/conf.h"
#include "common/db.h"
#include "common/err.h"
#include "common/mail.h"
#include "common/mail_message.h"
#include "common/recode.h"
#include "common/text.h"
#include "common/ticket_store.h"

#define LETTER_MAX 40000
#define SIGNATURE 8 /* bytes of it in a reference */

const char *const ticket_kinds[] = {"problem", "account",  "payment", "picture",
                                    "appeal",  "security", "other",   NULL};
const char *const ticket_states[] = {"open", "waiting", "resolved", NULL};

static const char *const kind_labels[] = {
    N_("Something does not work"),
    N_("My account or my data"),
    N_("Credits and payments"),
    N_("A picture that should not be here"),
    N_("I was refused something and think that is wrong"),
    N_("A hole in the security"),
    N_("Something else"),
};
static const char *const state_labels[] = {N_("we answer"), N_("answered"), N_("closed")};

const char *
ticket_kind_label(int kind)
{
    return T(kind_labels[kind]);
}

const char *
ticket_state_label(enum ticket_state state)
{
    return T(state_labels[state]);
}

int
ticket_prepare(struct db *db, struct err *e)
{
    int rc = ticket_store_prepare(db, e);

    return rc == ST_OK ? mail_prepare(db, e) : rc;
}

bool
ticket_picture_kind(const void *data, size_t size, const char **extension)
{
    const uint8_t *b = data;

    *extension = NULL;
    if (size >= 8 && memcmp(b, "\x89PNG\r\n\x1a\n", 8) == 0)
        *extension = "png";
    else if (size >= 3 && memcmp(b, "\xFF\xD8\xFF", 3) == 0)
        *extension = "jpg";
    else if (size >= 12 && memcmp(b, "RIFF", 4) == 0 && memcmp(b + 8, "WEBP", 4) == 0)
        *extension = "webp";
    return *extension != NULL;
}

/* --- secrets: the link's and the reference's, both from the site's --- */

static int
sign(const struct conf *conf, const char *purpose, const struct id *public_id,
     uint8_t out[CRYPTO_SHA256], struct err *e)
{
    char secret[4096], text[60], number[ID_TEXT];
    uint8_t key[CRYPTO_SHA256];
    int rc = conf_secret(conf->site.secret_file, secret, sizeof secret, e);

    if (rc == ST_OK) {
        crypto_sha256(secret, strlen(secret), key);
        id_format(public_id, number);
        snprintf(text, sizeof text, "%s:%s", purpose, number);
        crypto_hmac_sha256(key, sizeof key, text, strlen(text), out);
    }
    crypto_wipe(secret, sizeof secret);
    crypto_wipe(key, sizeof key);
    return rc;
}

static int
make_token(const struct conf *conf, const struct id *public_id, char token[TICKET_TOKEN],
           uint8_t hash[CRYPTO_SHA256], struct err *e)
{
    uint8_t mark[CRYPTO_SHA256];
    int rc = sign(conf, "ticket link", public_id, mark, e);

    if (rc != ST_OK)
        return rc;
    crypto_base64url(mark, sizeof mark, token, TICKET_TOKEN);
    crypto_sha256(token, strlen(token), hash);
    crypto_wipe(mark, sizeof mark);
    return ST_OK;
}

int
ticket_by_token(struct db *db, const char *token, struct ticket *out, struct err *e)
{
    uint8_t hash[CRYPTO_SHA256];

    crypto_sha256(token, strlen(token), hash);
    return ticket_store_by_token(db, hash, out, e);
}

int
ticket_reference(const struct conf *conf, const struct id *public_id, char out[TICKET_REFERENCE],
                 struct err *e)
{
    uint8_t mark[CRYPTO_SHA256];
    int rc = sign(conf, "ticket reference", public_id, mark, e);

    out[0] = '\0';
    if (rc != ST_OK)
        return rc;
    id_format(public_id, out);
    out[ID_TEXT - 1] = '-';
    crypto_hex(mark, SIGNATURE, out + ID_TEXT);
    return ST_OK;
}

/* Is this a reference, and ours? */
static int
check_reference(struct db *db, const struct conf *conf, const char *text, struct ticket *out,
                struct err *e)
{
    char number[ID_TEXT], ours[TICKET_REFERENCE], given[TICKET_REFERENCE];
    struct id id;
    int rc;

    for (size_t i = 0; i < sizeof given - 1; i++)
        given[i] = (char)(text[i] >= 'A' && text[i] <= 'Z' ? text[i] + 32 : text[i]);
    given[sizeof given - 1] = '\0';
    snprintf(number, sizeof number, "%.*s", ID_TEXT - 1, given);
    if (id_parse(number, &id) != ST_OK)
        return ST_NOTFOUND;
    if ((rc = ticket_reference(conf, &id, ours, e)) != ST_OK)
        return rc;
    if (!crypto_equal(ours, given, sizeof ours))
        return ST_NOTFOUND;
    return ticket_store_load(db, &id, 0, out, e);
}

int
ticket_by_reference(struct db *db, const struct conf *conf, const char *text, struct ticket *out,
                    struct err *e)
{
    int looks = 0;

    *out = (struct ticket){0};
    for (size_t len = strlen(text); len >= TICKET_REFERENCE - 1 && looks < 20; text++, len--) {
        int rc;

        if (text[ID_TEXT - 1] != '-')
            continue;
        looks++;
        if ((rc = check_reference(db, conf, text, out, e)) != ST_NOTFOUND)
            return rc;
    }
    return err_set(e, ST_NOTFOUND, "There is no such question.", NULL);
}

/* --- letters --- */

/* Where answers go, and what they answer. */
struct threading {
    char reply_to[255], answers[600];
};

static int
make_thread(struct db *db, const struct conf *conf, const struct ticket *t, struct threading *out,
            struct err *e)
{
    const char *at = strchr(conf->support.address, '@');
    const char *host = strchr(conf->mail.from, '@');
    char reference[TICKET_REFERENCE], number[ID_TEXT], mail_id[251];
    int rc = ticket_reference(conf, &t->public_id, reference, e);

    *out = (struct threading){0};
    if (rc != ST_OK || (rc = ticket_store_mail_id(db, t->id, mail_id, e)) != ST_OK)
        return rc;
    id_format(&t->public_id, number);
    if (at != NULL)
        snprintf(out->reply_to, sizeof out->reply_to, "%.*s+%s%s",
                 (int)(at - conf->support.address), conf->support.address, reference, at);
    snprintf(out->answers, sizeof out->answers, "<ticket.%s@%s>%s%s", number,
             host != NULL ? host + 1 : "localhost", mail_id[0] != '\0' ? " " : "", mail_id);
    return ST_OK;
}

/* Where its asker reads it. */
static int
put_link(struct text *out, const struct conf *conf, const struct ticket *t, struct err *e)
{
    char token[TICKET_TOKEN], number[ID_TEXT];
    uint8_t hash[CRYPTO_SHA256];
    int rc;

    if (t->account != 0) {
        id_format(&t->public_id, number);
        text_printf(out, "%s/support/tickets/%s", conf->site.url, number);
        return ST_OK;
    }
    if ((rc = make_token(conf, &t->public_id, token, hash, e)) == ST_OK)
        text_printf(out, "%s/support/ticket?token=%s", conf->site.url, token);
    return rc;
}

/* "Re: words [reference]": who answers by mail and loses the address is found by the subject. */
static int
put_subject(struct text *out, const struct conf *conf, const struct ticket *t, struct err *e)
{
    char reference[TICKET_REFERENCE];
    size_t cut = 0;
    int rc = ticket_reference(conf, &t->public_id, reference, e);

    for (size_t i = 0; t->subject[i] != '\0' && i <= 100; i++)
        if (((unsigned char)t->subject[i] & 0xC0) != 0x80)
            cut = i;
    if (strlen(t->subject) <= 100)
        cut = strlen(t->subject);
    text_printf(out, "Re: %.*s%s [%s]", (int)cut, t->subject, cut < strlen(t->subject) ? "…" : "",
                reference);
    return rc;
}

/* `words` = the answer, NULL = the ticket was just opened. Nobody is written to who has no address
 * any more. */
static int
send_letter(struct db *db, const struct conf *conf, const struct ticket *t, const char *words,
            int64_t message, struct err *e)
{
    struct text subject, body;
    struct threading thread;
    char key[80];
    int rc, before;

    if (t->email[0] == '\0')
        return ST_OK;
    if ((rc = make_thread(db, conf, t, &thread, e)) != ST_OK)
        return rc;
    text_init(&subject, MAIL_SUBJECT_MAX);
    text_init(&body, LETTER_MAX);
    before = language_for_reader(t->language);
    if (words != NULL)
        text_printf(&body, "%s\n\n-- \n%s\n", words, T("Your question and all answers:"));
    else
        text_printf(&body, "%s\n\n",
                    T("thank you for writing. A person reads it and answers by mail.\n\n"
                      "Here you see your question and can add to it:"));
    rc = put_link(&body, conf, t, e);
    text_printf(&body, "\n\n%s\n",
                conf->support.address[0] != '\0'
                    ? T("You can also simply answer this letter.")
                    : T("Please answer on that page: letters to this address are not read."));
    language_use(before);
    if (rc == ST_OK)
        rc = put_subject(&subject, conf, t, e);
    snprintf(key, sizeof key, "%sticket:%" PRId64, t->account == 0 ? "link:" : "", message);
    if (rc == ST_OK && (subject.failed || body.failed))
        rc = err_set(e, ST_NOMEM, "Please try again later.", "letter of a ticket");
    if (rc == ST_OK)
        rc = mail_queue_thread(db, key, t->account, t->email, text_cstr(&subject), text_cstr(&body),
                               &(struct mail_thread){thread.reply_to, thread.answers}, e);
    text_release(&subject);
    text_release(&body);
    return rc;
}

/* --- asking --- */

static bool
is_blank(const char *s)
{
    return s[strspn(s, " \t\r\n")] == '\0';
}

static int
check_words(const struct ticket_words *w, struct err *e)
{
    const char *extension;

    if (is_blank(w->body))
        return err_set(e, ST_INVALID, "Please write what it is about.", NULL);
    if (strlen(w->body) > TICKET_BODY_MAX)
        return err_set(e, ST_INVALID, "This is too long. Please make it shorter.", NULL);
    for (size_t i = 0; i < w->picture_count; i++) {
        if (w->pictures[i].size > TICKET_FILE_MAX)
            return err_set(e, ST_INVALID, "A picture is larger than 2 MB. Please choose another.",
                           NULL);
        if (!ticket_picture_kind(w->pictures[i].data, w->pictures[i].size, &extension))
            return err_set(e, ST_INVALID, "Only PNG, JPEG and WebP pictures can be sent along.",
                           NULL);
    }
    return ST_OK;
}

/* Pictures of strangers, made anew before anything of them is kept. forget_pictures(out) in any
 * case. */
static int
take_pictures(const struct conf *conf, const struct ticket_words *w, struct ticket_words *out,
              struct err *e)
{
    int rc = ST_OK;

    *out = *w;
    out->picture_count = 0;
    for (size_t i = 0; i < w->picture_count && rc == ST_OK; i++) {
        void *data;
        size_t size;

        rc = recode_picture(conf, w->pictures[i].data, w->pictures[i].size, &data, &size, e);
        if (rc == ST_OK)
            out->pictures[out->picture_count++] = (struct ticket_picture){data, size};
    }
    return rc;
}

static void
forget_pictures(struct ticket_words *w)
{
    for (size_t i = 0; i < w->picture_count; i++)
        free((void *)w->pictures[i].data);
}

/* The first line that says something, whole characters, ended by "…" where it is cut. */
static void
make_subject(const char *body, char out[4 * TICKET_SUBJECT_CHARS + 1])
{
    size_t n = 0, characters = 0, cut = 0;

    body += strspn(body, " \t\r\n");
    for (; body[n] != '\0' && body[n] != '\n' && body[n] != '\r'; n++) {
        if (((unsigned char)body[n] & 0xC0) == 0x80)
            continue;
        if (++characters == TICKET_SUBJECT_CHARS)
            cut = n;
        if (characters > TICKET_SUBJECT_CHARS) {
            snprintf(out, 4 * TICKET_SUBJECT_CHARS + 1, "%.*s…", (int)cut, body);
            return;
        }
    }
    snprintf(out, 4 * TICKET_SUBJECT_CHARS + 1, "%.*s", (int)n, body);
    for (char *p = out; *p != '\0'; p++)
        if ((unsigned char)*p < ' ' || *p == 127)
            *p = ' ';
}

static int
say(struct db *db, const struct ticket *t, const struct ticket_words *w, int64_t *message,
    struct err *e)
{
    uint8_t key[CRYPTO_SHA256];
    int rc;

    crypto_sha256(w->key, w->key_size, key);
    rc = ticket_store_say(db, t->id, false, w->body, key, w->mail_id, clock_now(), message, e);
    for (size_t i = 0; rc == ST_OK && i < w->picture_count; i++)
        rc = ticket_store_keep(db, t->id, *message, RECODE_EXTENSION, w->pictures[i].data,
                               w->pictures[i].size, e);
    return rc;
}

struct asking {
    const struct conf *conf;
    struct ticket *t;
    const struct ticket_words *words;
    const uint8_t *token_hash;
};

static int
ask_body(struct db *db, void *arg, struct err *e)
{
    struct asking *a = arg;
    int64_t message;
    int rc = ticket_store_insert(db, a->t, a->token_hash, e);

    if (rc != ST_OK || (rc = say(db, a->t, a->words, &message, e)) != ST_OK)
        return rc;
    return a->t->account == 0 ? send_letter(db, a->conf, a->t, NULL, message, e) : ST_OK;
}

int
ticket_ask(struct db *db, const struct conf *conf, const struct ticket_asker *who, int kind,
           const struct ticket_words *words, struct id *out, struct err *e)
{
    struct ticket t = {.account = who->account, .kind = kind, .created_at = clock_now()};
    uint8_t hash[CRYPTO_SHA256], key[CRYPTO_SHA256];
    struct ticket_words safe;
    char token[TICKET_TOKEN];
    int rc;

    *out = (struct id){0};
    if ((rc = check_words(words, e)) != ST_OK)
        return rc;
    if (who->account == 0 && !mail_address_valid(who->email))
        return err_set(e, ST_INVALID, "This is not an e-mail address.", NULL);
    t.changed_at = t.created_at;
    id_random(&t.public_id);
    if (who->account == 0) {
        snprintf(t.email, sizeof t.email, "%s", who->email);
        snprintf(t.language, sizeof t.language, "%s", who->language);
        if ((rc = make_token(conf, &t.public_id, token, hash, e)) != ST_OK)
            return rc;
    }
    make_subject(words->body, t.subject);
    if ((rc = take_pictures(conf, words, &safe, e)) == ST_OK)
        rc = db_transaction(db, ask_body,
                            &(struct asking){conf, &t, &safe, who->account == 0 ? hash : NULL}, e);
    forget_pictures(&safe);
    if (rc == ST_CONFLICT) {
        err_clear(e);
        crypto_sha256(words->key, words->key_size, key);
        rc = ticket_store_by_key(db, key, &t, e);
    }
    *out = t.public_id;
    return rc;
}

static int
add_body(struct db *db, void *arg, struct err *e)
{
    struct asking *a = arg;
    int64_t message;
    int rc = say(db, a->t, a->words, &message, e);

    return rc == ST_OK ? ticket_store_state(db, a->t->id, TICKET_OPEN, clock_now(), e) : rc;
}

int
ticket_add(struct db *db, const struct conf *conf, const struct ticket *t,
           const struct ticket_words *words, struct err *e)
{
    struct ticket copy = *t;
    struct ticket_words safe;
    int rc = check_words(words, e);

    if (rc != ST_OK)
        return rc;
    if ((rc = take_pictures(conf, words, &safe, e)) == ST_OK)
        rc = db_transaction(db, add_body, &(struct asking){NULL, &copy, &safe, NULL}, e);
    forget_pictures(&safe);
    if (rc == ST_CONFLICT) {
        err_clear(e);
        rc = ST_OK;
    }
    return rc;
}

/* --- answering --- */

struct answering {
    const struct conf *conf;
    const struct ticket *t;
    const char *body;
    bool resolved;
    uint8_t key[CRYPTO_SHA256];
};

static int
check_answer(const char *body, struct err *e)
{
    if (is_blank(body))
        return err_set(e, ST_INVALID, "The answer is empty.", NULL);
    if (strlen(body) > TICKET_BODY_MAX)
        return err_set(e, ST_INVALID, "This is too long. Please make it shorter.", NULL);
    return ST_OK;
}

static int
answer_body(struct db *db, void *arg, struct err *e)
{
    struct answering *a = arg;
    int64_t now = clock_now(), message;
    int rc = ticket_store_say(db, a->t->id, true, a->body, a->key, "", now, &message, e);

    if (rc != ST_OK)
        return rc;
    rc = ticket_store_state(db, a->t->id, a->resolved ? TICKET_RESOLVED : TICKET_WAITING, now, e);
    return rc == ST_OK ? send_letter(db, a->conf, a->t, a->body, message, e) : rc;
}

int
ticket_answer(struct db *db, const struct conf *conf, const struct ticket *t, const char *body,
              bool resolved, struct err *e)
{
    struct answering a = {.conf = conf, .t = t, .body = body, .resolved = resolved};
    int rc = check_answer(body, e);

    if (rc != ST_OK)
        return rc;
    crypto_random(a.key, sizeof a.key);
    return db_transaction(db, answer_body, &a, e);
}

static int
write_body(struct db *db, void *arg, struct err *e)
{
    struct answering *a = arg;
    struct ticket made = *a->t, t;
    int rc = ticket_store_insert(db, &made, NULL, e);

    if (rc != ST_OK || (rc = ticket_store_load(db, &made.public_id, 0, &t, e)) != ST_OK)
        return rc;
    a->t = &t;
    return answer_body(db, a, e);
}

int
ticket_write(struct db *db, const struct conf *conf, int64_t account, const char *body,
             struct id *out, struct err *e)
{
    struct ticket t = {.account = account, .created_at = clock_now()};
    struct answering a = {.conf = conf, .t = &t, .body = body};
    char key[120 + TICKET_BODY_MAX];
    int rc = check_answer(body, e), len;

    if (rc != ST_OK)
        return rc;
    while (strcmp(ticket_kinds[t.kind], "account") != 0)
        t.kind++;
    t.changed_at = t.created_at;
    id_random(&t.public_id);
    make_subject(body, t.subject);
    len = snprintf(key, sizeof key, "written:%" PRId64 ":%" PRId64 ":%s", account,
                   t.created_at / CLOCK_DAY, body);
    crypto_sha256(key, (size_t)len, a.key);
    rc = db_transaction(db, write_body, &a, e);
    if (rc == ST_CONFLICT)
        rc = err_set(e, rc, "The same words were sent to this member today.", NULL);
    *out = t.public_id;
    return rc;
}

int
ticket_close(struct db *db, const struct ticket *t, struct err *e)
{
    return ticket_store_state(db, t->id, TICKET_RESOLVED, clock_now(), e);
}

/*
 * The rules of requests under the law of data protection and their letters; see rights.h. All SQL
 * is rights_store.c's.
 */
#include "common/rights.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/conf.h"
#include "common/db.h"
#include "common/err.h"
#include "common/mail.h"
#include "common/mail_message.h"
#include "common/rights_store.h"
#include "common/text.h"

#define LETTER_MAX 40000

const char *const rights_kinds[] = {"access",   "export", "correct",  "delete",
                                    "restrict", "object", "withdraw", NULL};
const char *const rights_states[] = {"unverified", "open", "extended", "answered", "refused", NULL};
const char *const rights_refusals[] = {"",    "unfounded", "excessive", "identity",
                                       "law", "others",    NULL};
const char *const rights_whats[] = {"asked", "confirmed", "extended", "answered", "refused", NULL};

static const char *const kind_labels[] = {
    N_("See what is stored about me"), N_("Get a copy of my data"),
    N_("Correct something"),           N_("Delete my data"),
    N_("Restrict the processing"),     N_("Object to the processing"),
    N_("Withdraw my consent"),
};
static const char *const state_labels[] = {
    N_("not confirmed yet"), N_("we work on it"), N_("extended"), N_("answered"), N_("refused"),
};
static const char *const refusal_labels[] = {
    "",
    N_("the request is manifestly unfounded"),
    N_("the request is excessive"),
    N_("we could not verify who asks"),
    N_("the law requires us to keep the data"),
    N_("the rights of other people stand against it"),
};
static const char *const what_labels[] = {
    N_("You asked"),   N_("You confirmed your address"), N_("We need more time"), N_("Our answer"),
    N_("Our refusal"),
};

const char *
rights_kind_label(int kind)
{
    return T(kind_labels[kind]);
}

const char *
rights_state_label(enum rights_state state)
{
    return T(state_labels[state]);
}

const char *
rights_refusal_label(int refusal)
{
    return refusal > 0 ? T(refusal_labels[refusal]) : "";
}

const char *
rights_what_label(int what)
{
    return T(what_labels[what]);
}

int
rights_prepare(struct db *db, struct err *e)
{
    int rc = rights_store_prepare(db, e);

    return rc == ST_OK ? mail_prepare(db, e) : rc;
}

/* --- the deadline --- */

static int
days_in(int64_t year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return days[month] + (month == 1 && leap);
}

int64_t
rights_months_after(int64_t from, int months)
{
    time_t seconds = (time_t)(from / CLOCK_SECOND);
    struct tm tm;
    int64_t day = from / CLOCK_DAY, year;
    int month;

    if (gmtime_r(&seconds, &tm) == NULL)
        return from;
    year = tm.tm_year + 1900;
    month = tm.tm_mon;
    day -= tm.tm_mday - 1;
    for (; months > 0; months--) {
        day += days_in(year, month);
        year += month == 11;
        month = (month + 1) % 12;
    }
    day += (tm.tm_mday < days_in(year, month) ? tm.tm_mday : days_in(year, month)) - 1;
    return day * CLOCK_DAY + from % CLOCK_DAY;
}

/* --- the link's secret --- */

static int
make_token(const struct conf *conf, const struct id *public_id, char token[RIGHTS_TOKEN],
           uint8_t hash[CRYPTO_SHA256], struct err *e)
{
    char secret[4096], text[60], number[ID_TEXT];
    uint8_t key[CRYPTO_SHA256], mark[CRYPTO_SHA256];
    int rc = conf_secret(conf->site.secret_file, secret, sizeof secret, e);

    token[0] = '\0';
    if (rc == ST_OK) {
        crypto_sha256(secret, strlen(secret), key);
        id_format(public_id, number);
        snprintf(text, sizeof text, "rights link:%s", number);
        crypto_hmac_sha256(key, sizeof key, text, strlen(text), mark);
        crypto_base64url(mark, sizeof mark, token, RIGHTS_TOKEN);
        crypto_sha256(token, strlen(token), hash);
        crypto_wipe(mark, sizeof mark);
    }
    crypto_wipe(secret, sizeof secret);
    crypto_wipe(key, sizeof key);
    return rc;
}

int
rights_by_token(struct db *db, const char *token, struct rights *out, struct err *e)
{
    uint8_t hash[CRYPTO_SHA256];
    int rc;

    crypto_sha256(token, strlen(token), hash);
    rc = rights_store_by_hash(db, hash, out, e);
    if (rc == ST_OK && out->state == RIGHTS_UNVERIFIED &&
        out->asked_at + RIGHTS_CONFIRM_TIME <= clock_now())
        return err_set(e, ST_NOTFOUND, "There is no such request.", NULL);
    return rc;
}

/* --- letters --- */

/* What a letter says; `words` and `reason` may be NULL, `due` 0. */
struct letter_text {
    enum rights_what what;
    const char *words, *reason;
    int64_t due;
};

static int
put_link(struct text *out, const struct conf *conf, const struct rights *r, struct err *e)
{
    char token[RIGHTS_TOKEN], number[ID_TEXT];
    uint8_t hash[CRYPTO_SHA256];
    int rc;

    if (r->account != 0) {
        id_format(&r->public_id, number);
        text_printf(out, "%s/privacy/requests/%s\n", conf->site.url, number);
        return ST_OK;
    }
    if ((rc = make_token(conf, &r->public_id, token, hash, e)) == ST_OK)
        text_printf(out, "%s/privacy/request/state?token=%s\n", conf->site.url, token);
    return rc;
}

static void
put_words(struct text *out, const struct letter_text *l)
{
    char date[DATE_TEXT];

    language_date(l->due, date);
    if (l->what == RIGHTS_ASKED)
        text_puts(out, T("somebody, probably you, sent us a request about personal data with this "
                         "address. Please confirm it within seven days. If it was not you, do "
                         "nothing: it is deleted then.\n\n"));
    if (l->what == RIGHTS_LONGER) {
        text_puts(out, T("we need more time for your request. The reason:"));
        text_printf(out, "\n\n%s\n\n", l->words);
        text_printf(out, T("You have our answer by %s."), date);
        text_puts(out, "\n\n");
    }
    if (l->what == RIGHTS_REFUSAL)
        text_printf(out, "%s %s.\n\n", T("we do not do what you asked for:"), l->reason);
    if (l->what == RIGHTS_REPLY || l->what == RIGHTS_REFUSAL)
        text_printf(out, "%s\n\n", l->words);
    if (l->what == RIGHTS_REFUSAL || l->what == RIGHTS_LONGER)
        text_puts(out, T("You have the right to complain to a supervisory authority for data "
                         "protection, in the country where you live or work, and to go to "
                         "court.\n\n"));
    text_printf(out, "%s\n",
                l->what == RIGHTS_ASKED ? T("Confirm it here:")
                                        : T("Your request and its history:"));
}

/* Nobody is written to who has no address any more. */
static int
send_letter(struct db *db, const struct conf *conf, const struct rights *r,
            const struct letter_text *l, int64_t event, struct err *e)
{
    struct text body;
    char key[80], subject[200];
    int rc, before;

    if (r->email[0] == '\0')
        return ST_OK;
    text_init(&body, LETTER_MAX);
    before = language_for_reader(r->language);
    text_printf(&body, "%s\n\n", T("Hello,"));
    put_words(&body, l);
    snprintf(subject, sizeof subject, "%s",
             l->what == RIGHTS_ASKED ? T("Please confirm your request")
                                     : T("Your request about your data"));
    language_use(before);
    rc = put_link(&body, conf, r, e);
    snprintf(key, sizeof key, "%srights:%" PRId64, r->account == 0 ? "link:" : "", event);
    if (rc == ST_OK && body.failed)
        rc = err_set(e, ST_NOMEM, "Please try again later.", "letter of a request");
    if (rc == ST_OK)
        rc = mail_queue(db, key, r->account, r->email, subject, text_cstr(&body), e);
    text_release(&body);
    return rc;
}

/* --- asking --- */

static int
check_words(const char *words, struct err *e)
{
    if (words[strspn(words, " \t\r\n")] == '\0')
        return err_set(e, ST_INVALID, "Please write what it is about.", NULL);
    if (strlen(words) > RIGHTS_BODY_MAX)
        return err_set(e, ST_INVALID, "This is too long. Please make it shorter.", NULL);
    return ST_OK;
}

struct asking {
    const struct conf *conf;
    struct rights *r;
    const char *body;
    const uint8_t *hash;
    uint8_t key[CRYPTO_SHA256];
};

static int
ask_body(struct db *db, void *arg, struct err *e)
{
    const struct asking *a = arg;
    int64_t event;
    int rc = rights_store_insert(db, a->r, a->body, a->hash, a->key, e);

    if (rc == ST_OK)
        rc = rights_store_event(db, a->r->id, RIGHTS_ASKED, "", a->r->asked_at, &event, e);
    if (rc != ST_OK || a->r->account != 0)
        return rc;
    return send_letter(db, a->conf, a->r, &(struct letter_text){.what = RIGHTS_ASKED}, event, e);
}

/* The first row of who asks: a member has proven it, so the month begins. */
static int
make_request(struct db *db, const struct rights_asker *who, int kind, struct rights *r,
             struct err *e)
{
    int64_t now = clock_now(), count;
    int rc;

    *r = (struct rights){.account = who->account, .kind = kind, .asked_at = now};
    id_random(&r->public_id);
    if (who->account != 0) {
        r->state = RIGHTS_OPEN;
        r->verified_at = now;
        r->due_at = rights_months_after(now, 1);
    } else {
        if (!mail_address_valid(who->email))
            return err_set(e, ST_INVALID, "This is not an e-mail address.", NULL);
        snprintf(r->email, sizeof r->email, "%s", who->email);
        snprintf(r->language, sizeof r->language, "%s", who->language);
    }
    rc = rights_store_since(db, r->account, r->email, now - CLOCK_DAY, &count, e);
    if (rc == ST_OK && count >= RIGHTS_PER_DAY)
        return err_set(e, ST_LIMIT, "These were many requests for one day. Please wait.", NULL);
    return rc;
}

int
rights_ask(struct db *db, const struct conf *conf, const struct rights_asker *who, int kind,
           const char *body, const struct id *key, struct id *out, struct err *e)
{
    struct rights r;
    struct asking a = {.conf = conf, .r = &r, .body = body};
    uint8_t hash[CRYPTO_SHA256];
    char token[RIGHTS_TOKEN];
    int rc;

    *out = (struct id){0};
    if ((rc = check_words(body, e)) != ST_OK)
        return rc;
    crypto_sha256(key->bytes, sizeof key->bytes, a.key);
    rc = rights_store_by_key(db, a.key, &r, e);
    if (rc == ST_OK)
        *out = r.public_id;
    if (rc != ST_NOTFOUND)
        return rc;
    err_clear(e);
    if ((rc = make_request(db, who, kind, &r, e)) != ST_OK)
        return rc;
    if (r.account == 0) {
        if ((rc = make_token(conf, &r.public_id, token, hash, e)) != ST_OK)
            return rc;
        a.hash = hash;
    }
    if ((rc = db_transaction(db, ask_body, &a, e)) == ST_OK)
        *out = r.public_id;
    return rc;
}

struct step {
    const struct conf *conf;
    const struct rights *r;
    struct letter_text letter;
    int refusal;
};

static int
confirm_body(struct db *db, void *arg, struct err *e)
{
    const struct step *s = arg;
    int64_t now = clock_now(), event;
    int rc = rights_store_confirm(db, s->r->id, now, rights_months_after(now, 1), e);

    return rc == ST_OK ? rights_store_event(db, s->r->id, RIGHTS_CONFIRMED, "", now, &event, e)
                       : rc;
}

int
rights_confirm(struct db *db, const struct rights *r, struct err *e)
{
    int rc = db_transaction(db, confirm_body, &(struct step){.r = r}, e);

    if (rc == ST_CONFLICT) {
        err_clear(e);
        rc = ST_OK;
    }
    return rc;
}

int
rights_limit(struct db *db, int64_t account, bool on, struct err *e)
{
    return rights_store_limit(db, account, on ? clock_now() : 0, e);
}

/* --- what the operator does --- */

static int
step_body(struct db *db, void *arg, struct err *e)
{
    const struct step *s = arg;
    int64_t now = clock_now(), event;
    int rc;

    if (s->letter.what == RIGHTS_LONGER)
        rc = rights_store_extend(db, s->r->id, now, s->letter.due, e);
    else
        rc = rights_store_end(db, s->r->id,
                              s->letter.what == RIGHTS_REPLY ? RIGHTS_ANSWERED : RIGHTS_REFUSED,
                              s->refusal, now, e);
    if (rc == ST_OK)
        rc = rights_store_event(db, s->r->id, s->letter.what, s->letter.words, now, &event, e);
    return rc == ST_OK ? send_letter(db, s->conf, s->r, &s->letter, event, e) : rc;
}

int
rights_extend(struct db *db, const struct conf *conf, const struct rights *r, int months,
              const char *why, struct err *e)
{
    struct step s = {.conf = conf, .r = r, .letter = {.what = RIGHTS_LONGER, .words = why}};
    int rc = check_words(why, e);

    if (rc != ST_OK)
        return rc;
    if (months < 1 || months > RIGHTS_MONTHS_MORE)
        return err_set(e, ST_INVALID, "The time can be extended by one or two months.", NULL);
    s.letter.due = rights_months_after(r->verified_at, 1 + months);
    return db_transaction(db, step_body, &s, e);
}

int
rights_answer(struct db *db, const struct conf *conf, const struct rights *r, const char *words,
              struct err *e)
{
    struct step s = {.conf = conf, .r = r, .letter = {.what = RIGHTS_REPLY, .words = words}};
    int rc = check_words(words, e);

    return rc == ST_OK ? db_transaction(db, step_body, &s, e) : rc;
}

int
rights_refuse(struct db *db, const struct conf *conf, const struct rights *r, int refusal,
              const char *words, struct err *e)
{
    struct step s = {.conf = conf,
                     .r = r,
                     .letter = {.what = RIGHTS_REFUSAL, .words = words},
                     .refusal = refusal};
    int rc = check_words(words, e), before;

    if (rc != ST_OK)
        return rc;
    before = language_for_reader(r->language);
    s.letter.reason = rights_refusal_label(refusal);
    language_use(before);
    return db_transaction(db, step_body, &s, e);
}

/*
 * The rules of accounts: what an address and a password must be, what belongs to making an account,
 * who may come in. No HTTP (account_pages.c) and no SQL text (account_store.c).
 */
#include "app/account/account.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "app/account/account_letters.h"
#include "app/account/account_store.h"
#include "app/account/device.h"
#include "app/account/password_list.h"
#include "app/account/proof.h"
#include "app/account/second.h"
#include "app/account/throttle.h"
#include "common/clock.h"
#include "common/conf.h"
#include "common/crypto.h"
#include "common/db.h"
#include "common/err.h"
#include "common/ids.h"
#include "common/language.h"
#include "common/ledger.h"
#include "common/mail.h"

#define EMAIL_MAX 254 /* bytes of a whole address, RFC 5321 */
#define LOCAL_MAX 64
#define NAME_MAX_BYTES 80

static const char bad_email[] = N_("Enter an e-mail address such as name@example.org.");
static const char denied[] = N_("The e-mail address or the password is not right.");

int
account_prepare(struct db *db, struct err *e)
{
    int rc;

    if ((rc = account_store_prepare(db, e)) != ST_OK || (rc = proof_prepare(db, e)) != ST_OK ||
        (rc = device_prepare(db, e)) != ST_OK || (rc = second_prepare(db, e)) != ST_OK ||
        (rc = throttle_prepare(db, e)) != ST_OK || (rc = ledger_prepare(db, e)) != ST_OK)
        return rc;
    return mail_prepare(db, e);
}

/* Letters, digits, hyphens and dots; no empty label, at least two. */
static bool
is_domain(const char *s)
{
    size_t label = 0, labels = 1;

    for (; *s != '\0'; s++) {
        bool alnum = (*s >= 'a' && *s <= 'z') || (*s >= '0' && *s <= '9');
        if (*s == '.') {
            if (label == 0 || s[-1] == '-')
                return false;
            label = 0;
            labels++;
        } else if (alnum || (*s == '-' && label > 0)) {
            label++;
        } else {
            return false;
        }
    }
    return labels > 1 && label > 0 && s[-1] != '-';
}

/* What unquoted local parts may hold. */
static bool
is_local(const char *s, size_t len)
{
    if (len == 0 || len > LOCAL_MAX || s[0] == '.' || s[len - 1] == '.')
        return false;
    for (size_t i = 0; i < len; i++) {
        bool alnum = (s[i] >= 'a' && s[i] <= 'z') || (s[i] >= '0' && s[i] <= '9');
        if (!alnum && strchr("!#$%&'*+-/=?^_`{|}~.", s[i]) == NULL)
            return false;
        if (s[i] == '.' && s[i + 1] == '.')
            return false;
    }
    return true;
}

/* The address without blanks around it: where it starts, and its length. */
static size_t
trimmed(const char **s)
{
    size_t len;

    *s += strspn(*s, " \t\r\n");
    len = strlen(*s);
    while (len > 0 && strchr(" \t\r\n", (*s)[len - 1]) != NULL)
        len--;
    return len;
}

int
account_email_key(const char *email, char out[255], struct err *e)
{
    size_t len = trimmed(&email);
    const char *at;

    out[0] = '\0';
    if (len == 0 || len > EMAIL_MAX)
        return err_set(e, ST_INVALID, bad_email, NULL);
    for (size_t i = 0; i < len; i++)
        out[i] = email[i] >= 'A' && email[i] <= 'Z' ? (char)(email[i] - 'A' + 'a') : email[i];
    out[len] = '\0';
    at = strchr(out, '@');
    if (at == NULL || !is_local(out, (size_t)(at - out)) || !is_domain(at + 1)) {
        out[0] = '\0';
        return err_set(e, ST_INVALID, bad_email, NULL);
    }
    return ST_OK;
}

static size_t
characters(const char *s)
{
    size_t n = 0;

    for (; *s != '\0'; s++)
        n += ((unsigned char)*s & 0xc0) != 0x80;
    return n;
}

int
account_password_check(const char *password, const char *email, struct err *e)
{
    size_t len = trimmed(&email);
    const char *at = memchr(email, '@', len);
    size_t local = at != NULL ? (size_t)(at - email) : len;

    if (characters(password) < ACCOUNT_PASSWORD_MIN)
        return err_setf(e, ST_INVALID, "Use at least %d characters; a sentence is a good password.",
                        ACCOUNT_PASSWORD_MIN);
    if (strlen(password) > ACCOUNT_PASSWORD_MAX)
        return err_setf(e, ST_INVALID, "This password is too long; %d characters are enough.",
                        ACCOUNT_PASSWORD_MAX);
    if (password_is_common(password))
        return err_set(e, ST_INVALID,
                       "This is one of the passwords that are tried first. Choose another.", NULL);
    if ((strlen(password) == len && strncasecmp(password, email, len) == 0) ||
        (strlen(password) == local && strncasecmp(password, email, local) == 0))
        return err_set(e, ST_INVALID, "Choose a password that is not your e-mail address.", NULL);
    return ST_OK;
}

/* What one transaction of account_create works with. */
struct creation {
    const struct conf *conf;
    struct account_row row;
    const uint8_t *network; /* NULL = none */
    int64_t id;
};

static int
queue_welcome(struct db *db, const struct creation *c, struct err *e)
{
    const struct account_addressee to = {c->id, c->row.email, c->row.display_name, NULL, NULL};

    if (c->row.verified)
        return account_letter_queue(db, c->conf, LETTER_WELCOME, &to, e);
    return proof_welcome(db, c->conf, &to, c->row.email_key, e);
}

static int
create_body(struct db *db, void *arg, struct err *e)
{
    struct creation *c = arg;
    char key[40];
    int rc;

    if ((rc = account_store_insert(db, &c->row, &c->id, e)) != ST_OK)
        return rc;
    if (c->network != NULL &&
        (rc = account_store_origin(db, c->id, c->network, c->row.confirmed_at, e)) != ST_OK)
        return rc;
    snprintf(key, sizeof key, "welcome:%" PRId64, c->id);
    if (c->conf->credits.welcome > 0 &&
        (rc = ledger_grant(db, c->id, c->conf->credits.welcome, key, "Welcome", e)) != ST_OK)
        return rc;
    return queue_welcome(db, c, e);
}

int
account_name_check(const char *name, struct err *e)
{
    size_t len = trimmed(&name);

    if (len == 0 || len > NAME_MAX_BYTES || strpbrk(name, "\r\n") != NULL)
        return err_set(e, ST_INVALID, "Enter the name you want to be called by.", NULL);
    return ST_OK;
}

static int
check_new(const struct account_new *n, char key[255], struct err *e)
{
    int rc;

    if ((rc = account_email_key(n->email, key, e)) != ST_OK ||
        (rc = account_name_check(n->display_name, e)) != ST_OK)
        return rc;
    if (!n->of_age)
        return err_set(e, ST_INVALID, "Only people who are old enough may have an account.", NULL);
    return account_password_check(n->password, n->email, e);
}

int
account_create(struct db *db, const struct conf *conf, const struct account_new *n,
               int64_t *account, struct err *e)
{
    char key[255], email[255], hash[CRYPTO_PASSWORD_TEXT];
    struct creation c = {.conf = conf};
    const char *start = n->email;
    size_t len;
    int rc;

    *account = 0;
    if ((rc = check_new(n, key, e)) != ST_OK)
        return rc;
    len = trimmed(&start);
    snprintf(email, sizeof email, "%.*s", (int)len, start);
    /* Before the transaction: hashing takes tens of milliseconds, and locks should not wait for it.
     */
    if ((rc = gate_enter(db, false, e)) != ST_OK)
        return rc;
    rc = crypto_password_hash(n->password, hash, e);
    gate_leave(db);
    if (rc != ST_OK)
        return rc;
    id_random(&c.row.public_id);
    c.row.email = email;
    c.row.email_key = key;
    c.row.display_name = n->display_name;
    c.row.password_hash = hash;
    c.row.confirmed_at = clock_now();
    c.row.verified = n->verified;
    c.network = n->network;
    c.row.language = n->language != NULL ? n->language : "";
    rc = db_transaction(db, create_body, &c, e);
    crypto_wipe(hash, sizeof hash);
    /* When the answer to a COMMIT was lost, the transaction ran again and met itself. */
    if (rc == ST_CONFLICT && account_store_find(db, &c.row.public_id, &c.id, NULL) == ST_OK)
        rc = ST_OK;
    if (rc == ST_CONFLICT)
        return err_set(e, ST_CONFLICT, "This address already has an account. Sign in instead.",
                       NULL);
    if (rc == ST_OK)
        *account = c.id;
    return rc;
}

int
account_sign_in(struct db *db, const char *email, const char *password, bool known,
                int64_t *account, struct err *e)
{
    struct account_secret who[ACCOUNT_CANDIDATES] = {0};
    size_t count = 0;
    char key[255];
    int rc;

    *account = 0;
    rc = account_email_key(email, key, e);
    if (rc == ST_OK)
        rc = account_store_secrets(db, key, who, &count, e);
    if (rc != ST_OK && rc != ST_INVALID)
        return rc;
    if ((rc = gate_enter(db, known, e)) != ST_OK)
        goto out;
    /* A failure costs the same number of verifications, whoever knows the address: time tells
     * nothing. */
    for (size_t i = 0; i < ACCOUNT_CANDIDATES && *account == 0; i++) {
        bool fits = crypto_password_verify(i < count ? who[i].hash : NULL, password);
        if (fits && i < count && who[i].active)
            *account = who[i].id;
    }
    gate_leave(db);
    if (*account == 0)
        rc = err_set(e, ST_DENIED, denied, NULL);
out:
    crypto_wipe(who, sizeof who);
    return rc;
}

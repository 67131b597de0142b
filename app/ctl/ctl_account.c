/*
 * Commands about accounts and credits. The rules are those of the site: account.h and ledger.h.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "app/account/account.h"
#include "app/ctl/ctl.h"
#include "app/ctl/ctl_store.h"
#include "common/crypto.h"
#include "common/db.h"
#include "common/ids.h"
#include "common/ledger.h"

#define CREDITS_MAX INT64_C(1000000000)

/* The audit row is part of the same transaction: no credits without it. */
struct grant {
    struct ctl *c;
    int64_t account, amount;
    char key[40];
    const char *note;
};

static int
grant_body(struct db *db, void *arg, struct err *e)
{
    const struct grant *g = arg;
    int rc = ledger_grant(db, g->account, g->amount, g->key, g->note, e);

    return rc == ST_OK ? ctl_note_account(g->c, AUDIT_ACCOUNT_CREDITS, g->account, g->note) : rc;
}

static int
grant(struct ctl *c, int64_t account, int64_t amount, const char *note)
{
    struct grant g = {.c = c, .account = account, .amount = amount, .note = note};
    struct id once;
    char text[ID_TEXT];

    id_random(&once); /* one key for all attempts of this transaction */
    id_format(&once, text);
    snprintf(g.key, sizeof g.key, "operator:%s", text);
    return db_transaction(c->db, grant_body, &g, &c->e);
}

/* Asks without echo where a person types; else reads the line as it comes. */
static int
read_password(struct ctl *c, char *out, size_t size)
{
    struct termios before, quiet;
    bool person = isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &before) == 0;
    char *got;
    size_t len;

    if (person) {
        fputs("Password: ", stderr);
        quiet = before;
        quiet.c_lflag &= ~(tcflag_t)ECHO;
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
    }
    got = fgets(out, (int)size, stdin);
    if (person) {
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
        fputs("\n", stderr);
    }
    if (got == NULL)
        return err_setf(&c->e, ST_INVALID, "The password is expected on standard input.");
    len = strlen(out);
    if (len + 1 == size && out[len - 1] != '\n')
        return err_setf(&c->e, ST_TOOBIG, "The password is too long.");
    out[strcspn(out, "\n")] = '\0';
    return ST_OK;
}

struct creation {
    struct ctl *c;
    const struct account_new *n;
    int64_t account;
};

static int
create_body(struct db *db, void *arg, struct err *e)
{
    struct creation *m = arg;
    int rc = account_create(db, m->c->conf, m->n, &m->account, e);

    return rc == ST_OK ? ctl_note_account(m->c, AUDIT_ACCOUNT_CREATE, m->account, "") : rc;
}

int
ctl_account_create(struct ctl *c)
{
    const char *credits = ctl_option(c, "credits"), *name = ctl_option(c, "name");
    char password[ACCOUNT_PASSWORD_MAX + 2], first[81];
    struct account_new n = {.email = c->words[0], .of_age = true, .verified = true};
    struct creation m = {.c = c, .n = &n};
    int64_t amount = 0;
    int rc;

    if (credits != NULL &&
        (rc = ctl_number(c, "--credits", credits, 1, CREDITS_MAX, &amount)) != CTL_OK)
        return rc;
    snprintf(first, sizeof first, "%.80s", n.email);
    first[strcspn(first, "@")] = '\0';
    n.display_name = name != NULL ? name : first;
    if ((rc = read_password(c, password, sizeof password)) != ST_OK)
        return rc;
    n.password = password;
    if ((rc = account_prepare(c->db, &c->e)) == ST_OK &&
        (rc = db_transaction(c->db, create_body, &m, &c->e)) == ST_OK && amount > 0 &&
        (rc = ledger_prepare(c->db, &c->e)) == ST_OK)
        rc = grant(c, m.account, amount, "from the operator");
    crypto_wipe(password, sizeof password);
    if (rc == ST_OK)
        printf("account %" PRId64 " created\n", m.account);
    return rc;
}

int
ctl_credits_grant(struct ctl *c)
{
    const char *reason = ctl_option(c, "reason");
    struct ledger_balance balance;
    int64_t account, amount;
    char key[255];
    int rc;

    if (reason == NULL || reason[0] == '\0')
        return ctl_usage(c, "--reason is missing.");
    if (strlen(reason) > 200)
        return ctl_usage(c, "--reason: at most 200 bytes.");
    if ((rc = ctl_number(c, "N", c->words[1], 1, CREDITS_MAX, &amount)) != CTL_OK)
        return rc;
    if ((rc = account_email_key(c->words[0], key, &c->e)) != ST_OK ||
        (rc = ctl_store_prepare(c->db, &c->e)) != ST_OK ||
        (rc = ledger_prepare(c->db, &c->e)) != ST_OK ||
        (rc = ctl_store_account(c->db, key, &account, &c->e)) != ST_OK ||
        (rc = grant(c, account, amount, reason)) != ST_OK ||
        (rc = ledger_balance(c->db, account, &balance, &c->e)) != ST_OK)
        return rc;
    printf("%" PRId64 " credits granted; %" PRId64 " available, %" PRId64 " held\n", amount,
           balance.available, balance.held);
    return CTL_OK;
}

int
ctl_ledger_check(struct ctl *c)
{
    struct ledger_report r;
    int rc;

    if ((rc = ledger_prepare(c->db, &c->e)) != ST_OK ||
        (rc = ledger_check(c->db, &r, &c->e)) != ST_OK)
        return rc;
    printf("accounts %" PRId64 "\ntransfers %" PRId64 "\nunbalanced transfers %" PRId64
           "\nwrong balances %" PRId64 "\nwrong holds %" PRId64 "\n",
           r.accounts, r.transfers, r.unbalanced, r.wrong_balances, r.wrong_holds);
    return r.unbalanced + r.wrong_balances + r.wrong_holds == 0 ? CTL_OK : CTL_FAILED;
}

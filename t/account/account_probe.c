/*
 * Accounts against a real server: what belongs to making one happens together or not at all, and
 * signing in tells nothing to strangers. Run by 20-account.t with socket, schema and user of an
 * empty, migrated database.
 */
#include <time.h>

#include "app/account/account.h"
#include "common/clock.h"
#include "common/conf.h"
#include "common/crypto.h"
#include "common/db.h"
#include "common/err.h"
#include "common/ledger.h"
#include "t/lib/tap.h"

enum { ACCOUNTS, MAILS, TRANSFERS, ROW, MAIL, CLOSE };

static const char *const statements[] = {
    [ACCOUNTS] = "SELECT COUNT(*) FROM account",
    [MAILS] = "SELECT COUNT(*) FROM mail_outbox",
    [TRANSFERS] = "SELECT COUNT(*) FROM ledger_transfer",
    [ROW] = "SELECT email, email_key, display_name, LEFT(password_hash, 10), age_confirmed_at,"
            " terms_version FROM account WHERE id = ?",
    [MAIL] = "SELECT recipient, subject, body, mail_key FROM mail_outbox WHERE account_id = ?",
    [CLOSE] = "UPDATE account SET state = 'closed' WHERE id = ?",
};
static const struct db_set SET = {"probe", statements, sizeof statements / sizeof statements[0]};

static struct conf conf;
static struct db *db;
static struct err e;

static int64_t
count(int statement)
{
    struct db_rows *rows = NULL;
    int64_t n = -1;

    if (db_query(db, &SET, statement, DB_NO_ARGS, &rows, &e) == ST_OK && db_next(rows))
        n = db_get_int(rows, 0);
    db_rows_free(rows);
    return n;
}

static const struct account_new ada = {.email = " Ada@Example.org ",
                                       .display_name = "Ada",
                                       .password = "seven quiet boats",
                                       .of_age = true,
                                       .verified = true};

static void
test_row(int64_t id)
{
    struct db_rows *rows = NULL;

    if (!ok(db_query(db, &SET, ROW, DB_ARGS(db_int(id)), &rows, &e) == ST_OK && db_next(rows),
            "the account has a row"))
        return;
    is_str(db_get_text(rows, 0, NULL), "Ada@Example.org", "the address as typed, trimmed");
    is_str(db_get_text(rows, 1, NULL), "ada@example.org", "its key in lower case");
    is_str(db_get_text(rows, 2, NULL), "Ada", "the name");
    is_str(db_get_text(rows, 3, NULL), "$argon2id$", "the password only as a hash");
    ok(clock_now() - db_get_int(rows, 4) < CLOCK_MINUTE, "when the age was confirmed");
    is_str(db_get_text(rows, 5, NULL), ACCOUNT_TERMS_VERSION, "which terms");
    db_rows_free(rows);
}

static void
test_mail(int64_t id)
{
    struct db_rows *rows = NULL;
    char key[40];

    if (!ok(db_query(db, &SET, MAIL, DB_ARGS(db_int(id)), &rows, &e) == ST_OK && db_next(rows),
            "a letter waits"))
        return;
    snprintf(key, sizeof key, "welcome:%" PRId64, id);
    is_str(db_get_text(rows, 0, NULL), "Ada@Example.org", "... to the address");
    is_str(db_get_text(rows, 1, NULL), "Welcome to Probe", "... with a subject");
    ok(strstr(db_get_text(rows, 2, NULL), "It holds 20 credits.") != NULL &&
           strstr(db_get_text(rows, 2, NULL), "https://probe.example/create") != NULL,
       "... that says what and where");
    is_str(db_get_text(rows, 3, NULL), key, "... once");
    db_rows_free(rows);
}

static int64_t
test_create(void)
{
    struct account_new again = ada;
    struct ledger_balance balance;
    int64_t id, other;

    if (!is_int(account_create(db, &conf, &ada, &id, &e), ST_OK, "an account is made"))
        diag("%s (%s)", e.message, e.detail);
    test_row(id);
    test_mail(id);
    is_int(ledger_balance(db, id, &balance, &e), ST_OK, "it has a balance");
    is_int(balance.available, 20, "... of the welcome credits");
    again.email = "ADA@example.ORG";
    is_int(account_create(db, &conf, &again, &other, &e), ST_CONFLICT, "the same address again");
    is_int(other, 0, "... makes nothing");
    is_int(count(ACCOUNTS), 1, "one account");
    is_int(count(MAILS), 1, "one letter");
    is_int(count(TRANSFERS), 1, "one gift");
    return id;
}

/* Whatever fails, nothing of the account is left. */
static void
test_refused(void)
{
    char broken[] = "Bad\nname", *name = conf.site.name;
    struct account_new n = ada;
    int64_t id;

    n.email = "eve@example.org";
    conf.site.name = broken; /* the letter's subject is refused, after account and credits */
    is_int(account_create(db, &conf, &n, &id, &e), ST_INVALID, "a letter that cannot be written");
    conf.site.name = name;
    is_int(count(ACCOUNTS), 1, "... leaves no account");
    is_int(count(TRANSFERS), 1, "... and no credits");
    n.of_age = false;
    is_int(account_create(db, &conf, &n, &id, &e), ST_INVALID, "too young");
    n.of_age = true;
    n.password = "password";
    is_int(account_create(db, &conf, &n, &id, &e), ST_INVALID, "a common password");
    n.password = ada.password;
    n.display_name = "  ";
    is_int(account_create(db, &conf, &n, &id, &e), ST_INVALID, "no name");
    n.display_name = "a\nb";
    is_int(account_create(db, &conf, &n, &id, &e), ST_INVALID, "a name of two lines");
    is_int(count(ACCOUNTS), 1, "none of these made an account");
}

/* Processor time of this process in µs: what others do on the machine does not count. */
static int64_t
spent(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* The quickest of a few tries, in µs: noise only ever adds. */
static int64_t
time_of(const char *email, const char *password)
{
    int64_t best = INT64_MAX, id;

    for (int i = 0; i < 20; i++) {
        int64_t start = spent(), took;

        account_sign_in(db, email, password, false, &id, &e);
        took = spent() - start;
        best = took < best ? took : best;
    }
    return best;
}

static void
test_sign_in(int64_t account)
{
    char wrong[256];
    int64_t id, known, unknown;

    is_int(account_sign_in(db, "ada@EXAMPLE.org", ada.password, false, &id, &e), ST_OK,
           "signing in");
    is_int(id, account, "... as oneself");
    is_int(account_sign_in(db, "ada@example.org", "Seven quiet boats", false, &id, &e), ST_DENIED,
           "a wrong password");
    is_int(id, 0, "... gives no account");
    snprintf(wrong, sizeof wrong, "%s", e.message);
    is_int(account_sign_in(db, "nobody@example.org", ada.password, false, &id, &e), ST_DENIED,
           "an unknown address");
    is_str(e.message, wrong, "... is answered with the same words");
    is_int(account_sign_in(db, "not an address", ada.password, false, &id, &e), ST_DENIED,
           "no address");
    is_int(account_sign_in(db, "ada@example.org", "", false, &id, &e), ST_DENIED, "no password");
    known = time_of("ada@example.org", "wrong password");
    unknown = time_of("nobody@example.org", "wrong password");
    diag("a known address takes %" PRId64 " us, an unknown one %" PRId64, known, unknown);
    ok(known < 2 * unknown && unknown < 2 * known, "... and in about the same time");
    db_run(db, &SET, CLOSE, DB_ARGS(db_int(account)), NULL, &e);
    is_int(account_sign_in(db, "ada@example.org", ada.password, false, &id, &e), ST_DENIED,
           "a closed account stays outside");
}

int
main(int argc, char **argv)
{
    char empty[] = "", name[] = "Probe", url[] = "https://probe.example";
    struct ledger_report report;
    int64_t id;

    if (argc != 4)
        return 2;
    conf.db.socket = argv[1];
    conf.db.name = argv[2];
    conf.db.user = argv[3];
    conf.db.password_file = empty;
    conf.site.name = name;
    conf.site.url = url;
    conf.credits.welcome = 20;
    if (crypto_start(&e) != ST_OK || db_open(&conf, &db, &e) != ST_OK ||
        account_prepare(db, &e) != ST_OK || db_prepare(db, &SET, &e) != ST_OK) {
        printf("Bail out! %s (%s)\n", e.message, e.detail);
        return 1;
    }
    id = test_create();
    test_refused();
    test_sign_in(id);
    is_int(ledger_check(db, &report, &e), ST_OK, "the ledger can be checked");
    is_int(report.unbalanced + report.wrong_balances + report.wrong_holds, 0, "... and adds up");
    db_close(db);
    return tap_done();
}

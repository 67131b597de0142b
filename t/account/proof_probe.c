/*
 * Mailed links against a real server: what a link does, that it does it once and not for ever, and
 * that who asks learns nothing about addresses. Run by 21-proof.t like account_probe.
 */
#include "app/account/account.h"
#include "app/account/proof.h"
#include "common/clock.h"
#include "common/conf.h"
#include "common/crypto.h"
#include "common/db.h"
#include "common/err.h"
#include "t/lib/tap.h"

enum { LETTER, LETTERS, VERIFIED, TOKENS, SESSION, SESSIONS, CREDITS };

static const char *const statements[] = {
    [LETTER] =
        "SELECT recipient, subject, body, mail_key FROM mail_outbox ORDER BY id DESC LIMIT 1",
    [LETTERS] = "SELECT COUNT(*) FROM mail_outbox",
    [VERIFIED] = "SELECT COUNT(*) FROM account WHERE id = ? AND verified_at IS NOT NULL",
    [TOKENS] = "SELECT COUNT(*) FROM account_proof WHERE INSTR(token_hash, ?) > 0",
    [SESSION] = "INSERT INTO session (token_hash, account_id, created_at, last_seen_at, expires_at)"
                " VALUES (RANDOM_BYTES(32), ?, 0, 0, 0)",
    [SESSIONS] = "SELECT COUNT(*) FROM session WHERE account_id = ?",
    [CREDITS] = "SELECT available FROM balance WHERE account_id = ?",
};
static const struct db_set SET = {"probe", statements, sizeof statements / sizeof statements[0]};

static struct conf conf;
static struct db *db;
static struct err e;
static char recipient[255], subject[200], token[PROOF_TOKEN];
static bool secret; /* the last letter's words are for its reader alone */

static int64_t
number(int statement, const struct db_value *args, size_t nargs)
{
    struct db_rows *rows = NULL;
    int64_t n = -1;

    if (db_query(db, &SET, statement, args, nargs, &rows, &e) == ST_OK && db_next(rows))
        n = db_get_int(rows, 0);
    db_rows_free(rows);
    return n;
}

static int64_t
letters(void)
{
    return number(LETTERS, DB_NO_ARGS);
}

/* The newest letter: to whom, about what, and the token of its link, "" where there is none. */
static void
read_letter(void)
{
    struct db_rows *rows = NULL;
    const char *at;

    token[0] = '\0';
    if (db_query(db, &SET, LETTER, DB_NO_ARGS, &rows, &e) == ST_OK && db_next(rows)) {
        snprintf(recipient, sizeof recipient, "%s", db_get_text(rows, 0, NULL));
        snprintf(subject, sizeof subject, "%s", db_get_text(rows, 1, NULL));
        if ((at = strstr(db_get_text(rows, 2, NULL), "?token=")) != NULL)
            snprintf(token, sizeof token, "%.43s", at + 7);
        secret = strncmp(db_get_text(rows, 3, NULL), "link:", 5) == 0;
    }
    db_rows_free(rows);
}

static int64_t
open_account(const char *email, const char *name, const char *password)
{
    const struct account_new n = {
        .email = email, .display_name = name, .password = password, .of_age = true};
    int64_t id;

    if (!ok(account_create(db, &conf, &n, &id, &e) == ST_OK, "%s opens an account", name))
        diag("%s (%s)", e.message, e.detail);
    read_letter();
    return id;
}

static bool
verified(int64_t id)
{
    return number(VERIFIED, DB_ARGS(db_int(id))) == 1;
}

static void
test_confirm(int64_t ada)
{
    struct proof_owner who;
    char first[PROOF_TOKEN], twin[PROOF_TOKEN];

    is_str(subject, "Welcome to Probe", "the letter welcomes");
    is_int((int64_t)strlen(token), PROOF_TOKEN - 1, "... and holds a link");
    ok(secret, "... whose words are removed once it is sent");
    ok(!verified(ada), "nothing is confirmed yet");
    is_int(number(TOKENS, DB_ARGS(db_text(token))), 0, "the token is not stored as it is");
    is_int(proof_look(db, PROOF_RESET, token, &who, &e), ST_NOTFOUND, "it is no other link's");
    is_int(proof_look(db, PROOF_CONFIRM, token, &who, &e), ST_OK, "whose is it?");
    is_str(who.display_name, "Ada", "... Ada's");
    memcpy(first, token, sizeof first);
    is_int(proof_ask_confirm(db, &conf, ada, &e), ST_OK, "once more, please");
    read_letter();
    ok(strcmp(first, token) != 0, "... another link");
    memcpy(twin, token, sizeof twin);
    clock_shift(3 * CLOCK_DAY);
    is_int(proof_confirm(db, twin, &e), ST_NOTFOUND, "after three days it is over");
    clock_shift(-3 * CLOCK_DAY);
    is_int(proof_confirm(db, first, &e), ST_OK, "the older one confirms just as well");
    ok(verified(ada), "the address is Ada's");
    is_int(proof_confirm(db, first, &e), ST_NOTFOUND, "a link works once");
    is_int(proof_confirm(db, twin, &e), ST_NOTFOUND, "... and takes its twins along");
    is_int(proof_ask_confirm(db, &conf, ada, &e), ST_CONFLICT, "no more letters are needed");
}

/* Eve uses Ada's address. She sees what she would see with a new one. */
static void
test_taken(int64_t ada)
{
    int64_t before = letters(), id, eve = open_account("ADA@example.org", "Eve", "eve's own words");

    is_int(letters(), before + 1, "one letter");
    is_str(recipient, "Ada@example.org", "... to the owner");
    is_str(subject, "You already have an account at Probe", "... who is told");
    is_str(token, "", "... without a link");
    is_int(number(CREDITS, DB_ARGS(db_int(eve))), 20, "Eve's account works like any new one");
    is_int(account_sign_in(db, "ada@example.org", "eve's own words", false, &id, &e), ST_OK,
           "... one can sign in to it");
    is_int(id, eve, "... as Eve");
    is_int(account_sign_in(db, "ada@example.org", "seven quiet boats", false, &id, &e), ST_OK,
           "Ada signs in as before");
    is_int(id, ada, "... as Ada");
    is_int(proof_ask_confirm(db, &conf, eve, &e), ST_OK, "Eve asks for the link again");
    read_letter();
    is_str(token, "", "... the owner gets a letter, without a link");
    ok(!verified(eve), "the address stays Ada's");
    for (int i = 0; i < 6; i++)
        open_account("ada@example.org", "Eve", "eve's own words");
    ok(letters() <= before + 4, "a mailbox cannot be filled: %d letters",
       (int)(letters() - before));
}

static void
test_reset(int64_t ada)
{
    int64_t before = letters(), id;
    char old[PROOF_TOKEN];

    is_int(proof_ask_reset(db, &conf, "nobody@example.org", &e), ST_OK, "an unknown address");
    is_int(letters(), before, "... no letter");
    is_int(proof_ask_reset(db, &conf, " ADA@example.org", &e), ST_OK, "a known one: same answer");
    is_int(letters(), before + 1, "... a letter");
    read_letter();
    is_str(recipient, "Ada@example.org", "... to the owner");
    is_int(proof_reset(db, &conf, token, "password", &id, &e), ST_INVALID, "a common password");
    db_run(db, &SET, SESSION, DB_ARGS(db_int(ada)), NULL, &e);
    db_run(db, &SET, SESSION, DB_ARGS(db_int(ada)), NULL, &e);
    is_int(number(SESSIONS, DB_ARGS(db_int(ada))), 2, "two browsers are signed in");
    memcpy(old, token, sizeof old);
    clock_shift(2 * CLOCK_HOUR);
    is_int(proof_reset(db, &conf, old, "nine loud trains", &id, &e), ST_NOTFOUND, "over");
    clock_shift(-2 * CLOCK_HOUR);
    is_int(proof_reset(db, &conf, old, "nine loud trains", &id, &e), ST_OK, "a new password");
    is_int(id, ada, "... for Ada");
    is_int(number(SESSIONS, DB_ARGS(db_int(ada))), 0, "all sessions have ended");
    read_letter();
    is_str(subject, "Your password at Probe was changed", "a letter tells");
    is_int(proof_reset(db, &conf, old, "nine loud trains", &id, &e), ST_NOTFOUND, "once");
    is_int(account_sign_in(db, "ada@example.org", "seven quiet boats", false, &id, &e), ST_DENIED,
           "the old password is over");
    is_int(account_sign_in(db, "ada@example.org", "nine loud trains", false, &id, &e), ST_OK,
           "the new one opens");
    before = letters();
    for (int i = 0; i < 8; i++)
        is_int(proof_ask_reset(db, &conf, "ada@example.org", &e), ST_OK, "asked again");
    ok(letters() - before <= 4, "a mailbox cannot be filled");
}

/* Two people claim an address; whoever has the mailbox wins, and nobody is let in by the other. */
static void
test_claims(void)
{
    int64_t eve = open_account("bob@example.org", "Eve", "eve's own words"), id, bob;
    char eves[PROOF_TOKEN];

    memcpy(eves, token, sizeof eves);
    bob = open_account("bob@example.org", "Bob", "bob's own words");
    is_int(account_sign_in(db, "bob@example.org", "bob's own words", false, &id, &e), ST_OK,
           "Bob is in");
    is_int(id, bob, "... as himself");
    is_int(proof_confirm(db, token, &e), ST_OK, "Bob confirms");
    is_int(proof_confirm(db, eves, &e), ST_CONFLICT, "Eve's link comes too late");
    ok(verified(bob) && !verified(eve), "Bob owns the address");
    eve = open_account("carl@example.org", "Eve", "eve's own words");
    is_int(proof_ask_reset(db, &conf, "carl@example.org", &e), ST_OK, "a claim alone");
    read_letter();
    is_int(proof_reset(db, &conf, token, "carl's own words", &id, &e), ST_OK,
           "the mailbox decides");
    ok(verified(eve), "... and is a proof");
    is_int(account_sign_in(db, "carl@example.org", "eve's own words", false, &id, &e), ST_DENIED,
           "Eve is out");
}

int
main(int argc, char **argv)
{
    char empty[] = "", name[] = "Probe", url[] = "https://probe.example";
    int64_t ada;

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
    ada = open_account("Ada@example.org", "Ada", "seven quiet boats");
    test_confirm(ada);
    test_taken(ada);
    test_reset(ada);
    test_claims();
    db_close(db);
    return tap_done();
}

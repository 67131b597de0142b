/*
 * What the programs of t/queue share; see queue_kit.h.
 */
#include "t/queue/queue_kit.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/conf.h"
#include "common/crypto.h"
#include "common/db.h"
#include "common/ledger.h"
#include "common/media.h"

enum {
    ACCOUNT = KIT_NEGATIVE + 1,
    HANDLERS,
    SPOIL,
    END_LEASE,
};

static const char *const statements[] = {
    [KIT_JOBS_OF_STATE] = "SELECT COUNT(*) FROM job WHERE state = ?",
    [KIT_RESULTS_TWICE] =
        "SELECT COUNT(*) FROM (SELECT job_id FROM media WHERE kind = 'result' AND state = 'stored'"
        " GROUP BY job_id, position HAVING COUNT(*) > 1) twice",
    [KIT_DONE_WITHOUT] =
        "SELECT COUNT(*) FROM job j WHERE j.state = 'done' AND j.images <> (SELECT COUNT(*)"
        " FROM media m WHERE m.job_id = j.id AND m.kind = 'result' AND m.state = 'stored')",
    [KIT_HOLDS] = "SELECT COUNT(*) FROM ledger_transfer WHERE cause = 'hold'",
    [KIT_TURN] = "SELECT turn FROM job WHERE public_id = UNHEX(?)",
    [KIT_PREVIEWS] = "SELECT COUNT(*) FROM job_preview",
    [KIT_NEGATIVE] = "SELECT COUNT(*) FROM balance WHERE available < 0 OR held < 0",
    [ACCOUNT] = "INSERT INTO account (public_id, email, email_key, display_name, password_hash,"
                " age_confirmed_at, terms_version, created_at)"
                " VALUES (?, ?, ?, 'a member', 'none', 0, '1', ?)",
    [HANDLERS] = "SHOW SESSION STATUS LIKE 'Handler_read%'",
    [SPOIL] = "UPDATE job SET params = '{\"prompt\":3}' WHERE id = ?",
    [END_LEASE] = "UPDATE job SET lease_until = 1 WHERE id = ?",
};

static const struct db_set set = {"kit", statements, sizeof statements / sizeof statements[0]};

void
kit_die(const char *what, const struct err *e)
{
    printf("Bail out! %s: %s: %s (%s)\n", what, status_name(e->code), e->message, e->detail);
    fflush(stdout);
    exit(1);
}

struct db *
kit_open(const char *socket, const char *schema, const char *user)
{
    struct conf conf = {0};
    struct db *db = NULL;
    char empty[] = "";
    struct err e;

    conf.db.socket = strdup(socket);
    conf.db.name = strdup(schema);
    conf.db.user = strdup(user);
    conf.db.password_file = empty;
    err_clear(&e);
    if (crypto_start(&e) != ST_OK || db_open(&conf, &db, &e) != ST_OK)
        kit_die("opening the database", &e);
    free(conf.db.socket);
    free(conf.db.name);
    free(conf.db.user);
    return db;
}

void
kit_prepare(struct db *db)
{
    struct err e;

    err_clear(&e);
    if (db_prepare(db, &set, &e) != ST_OK || job_prepare(db, &e) != ST_OK ||
        job_work_prepare(db, &e) != ST_OK || media_sweep_prepare(db, &e) != ST_OK)
        kit_die("preparing statements", &e);
}

int64_t
kit_account(struct db *db, int64_t credits)
{
    char name[ID_TEXT], email[64], key[64];
    struct db_done done;
    struct id id;
    struct err e;

    err_clear(&e);
    id_random(&id);
    id_format(&id, name);
    snprintf(email, sizeof email, "%s@example.org", name);
    if (db_run(db, &set, ACCOUNT,
               DB_ARGS(db_bytes(id.bytes, sizeof id.bytes), db_text(email), db_text(email),
                       db_int(clock_now())),
               &done, &e) != ST_OK)
        kit_die("making an account", &e);
    snprintf(key, sizeof key, "welcome:%" PRId64, done.insert_id);
    if (credits > 0 && ledger_grant(db, done.insert_id, credits, key, "", &e) != ST_OK)
        kit_die("granting credits", &e);
    return done.insert_id;
}

struct job_submission
kit_submission(int64_t account, const char *model, const struct id *key)
{
    static char prompt[] = "a red sun over a blue sea", nothing[] = "";
    struct job_submission s = {
        .account = account,
        .model = model,
        .images = 1,
        .price = 1,
        .params =
            {
                .prompt = prompt,
                .negative_prompt = nothing,
                .width = 128,
                .height = 128,
                .steps = 10,
                .guidance = 6.5,
                .seed = 17,
                .sampler = "ddim",
            },
    };

    if (key != NULL)
        s.submit_key = *key;
    else
        id_random(&s.submit_key);
    return s;
}

int64_t
kit_number(struct db *db, enum kit_number what, const char *arg)
{
    struct db_value v = db_text(arg);
    struct db_rows *rows;
    int64_t n = INT64_MIN;
    struct err e;

    err_clear(&e);
    if (db_query(db, &set, (int)what, &v, arg != NULL, &rows, &e) != ST_OK)
        kit_die("reading a number", &e);
    if (db_next(rows))
        n = db_get_int(rows, 0);
    db_rows_free(rows);
    return n;
}

void
kit_rows_read(struct db *db, int64_t *by_index, int64_t *by_table)
{
    struct db_rows *rows;
    struct err e;

    *by_index = *by_table = 0;
    err_clear(&e);
    if (db_query(db, &set, HANDLERS, DB_NO_ARGS, &rows, &e) != ST_OK)
        kit_die("reading the counters", &e);
    while (db_next(rows)) {
        const char *name = db_get_text(rows, 0, NULL);
        int64_t n = strtoll(db_get_text(rows, 1, NULL), NULL, 10);
        if (strcmp(name, "Handler_read_next") == 0 || strcmp(name, "Handler_read_prev") == 0)
            *by_index += n;
        else if (strcmp(name, "Handler_read_rnd_next") == 0)
            *by_table += n;
    }
    db_rows_free(rows);
}

static void
run_on_job(struct db *db, int statement, int64_t job)
{
    struct err e;

    err_clear(&e);
    if (db_run(db, &set, statement, DB_ARGS(db_int(job)), NULL, &e) != ST_OK)
        kit_die("changing a job", &e);
}

void
kit_spoil_params(struct db *db, int64_t job)
{
    run_on_job(db, SPOIL, job);
}

void
kit_end_lease(struct db *db, int64_t job)
{
    run_on_job(db, END_LEASE, job);
}

bool
kit_clean(struct db *db, struct store *store)
{
    int64_t files = 0, rows = 0;
    struct ledger_report r;
    struct err e;
    bool clean;

    err_clear(&e);
    if (ledger_check(db, &r, &e) != ST_OK ||
        (store != NULL && media_check(db, store, &files, &rows, &e) != ST_OK))
        kit_die("checking", &e);
    clean = r.unbalanced + r.wrong_balances + r.wrong_holds + files + rows == 0;
    if (!clean)
        printf("# ledger: %" PRId64 " unbalanced, %" PRId64 " wrong balances, %" PRId64
               " wrong holds; media: %" PRId64 " lone files, %" PRId64 " lone rows\n",
               r.unbalanced, r.wrong_balances, r.wrong_holds, files, rows);
    return clean;
}

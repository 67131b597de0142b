/*
 * The gallery's query against a real server: order, paging, what is left out, words cut at whole
 * characters. Run by 20-library.t with
 * socket, schema and user of an empty, migrated database, and an empty folder.
 */
#include "app/library/library_store.h"
#include "common/clock.h"
#include "common/conf.h"
#include "common/crypto.h"
#include "common/db.h"
#include "common/err.h"
#include "common/ids.h"
#include "common/media.h"
#include "common/store.h"
#include "t/lib/tap.h"

#define NOW INT64_C(1000000000)

enum { ACCOUNT, JOB, MEDIA };

static const char *const statements[] = {
    [ACCOUNT] = "INSERT INTO account (public_id, email, email_key, display_name, password_hash,"
                " age_confirmed_at, terms_version, created_at)"
                " VALUES (RANDOM_BYTES(16), ?, ?, 'x', 'x', 0, 'x', 0)",
    [JOB] = "INSERT INTO job (public_id, account_id, kind, state, turn, cost, model, images,"
            " params_version, params, price, submit_key, steps, queued_at)"
            " VALUES (RANDOM_BYTES(16), ?, 'generate', 'done', 0, 1, 'm', 1, 1, ?, 1,"
            " RANDOM_BYTES(16), 1, 0)",
    [MEDIA] = "INSERT INTO media (public_id, account_id, job_id, kind, position, state, extension,"
              " width, height, bytes, sha256, saved, created_at, expires_at)"
              " VALUES (?, ?, ?, ?, ?, ?, 'png', 128, 96, 1, RANDOM_BYTES(32), ?, 5, ?)",
};
static const struct db_set SET = {"probe", statements, sizeof statements / sizeof statements[0]};

static struct conf conf;
static struct db *db;
static struct err e;
static int made;

static int64_t
insert(int statement, const struct db_value *args, size_t nargs)
{
    struct db_done done;

    if (db_run(db, &SET, statement, args, nargs, &done, &e) != ST_OK) {
        printf("Bail out! %s (%s)\n", e.message, e.detail);
        exit(1);
    }
    return done.insert_id;
}

static int64_t
account(const char *email)
{
    return insert(ACCOUNT, DB_ARGS(db_text(email), db_text(email)));
}

static int64_t
picture(int64_t owner, int64_t job, const char *kind, const char *state, int64_t expires_at)
{
    struct id id;

    id_random(&id);
    return insert(MEDIA, DB_ARGS(db_bytes(id.bytes, sizeof id.bytes), db_int(owner), db_int(job),
                                 db_text(kind), db_int(made++ % 200), db_text(state),
                                 db_int(expires_at == 0),
                                 expires_at == 0 ? db_null() : db_int(expires_at)));
}

static struct library_item items[10];
static int count;
static bool more;

/* The page of at most `max`; its rows are in `items`. */
static int
list(int64_t owner, const struct library_query *query, int64_t now, int max)
{
    int rc = library_store_list(db, owner, query, now, items, max, &count, &more, &e);

    if (rc != ST_OK)
        printf("# %s (%s)\n", e.message, e.detail);
    return rc;
}

static void
test_list(int64_t ada, int64_t eve, int64_t job, int64_t of_eve)
{
    struct library_query query = {0};
    struct id third;
    int64_t rows[5];

    for (int i = 0; i < 5; i++)
        rows[i] = picture(ada, job, "result", "stored", i == 1 ? 0 : NOW + 1);
    picture(ada, job, "thumb", "stored", 0);
    picture(ada, job, "result", "writing", 0);
    picture(ada, job, "result", "doomed", 0);
    picture(ada, job, "result", "stored", NOW);
    picture(eve, of_eve, "result", "stored", 0);

    is_int(list(ada, &query, NOW, 10), ST_OK, "the gallery");
    is_int(count, 5, "only what is stored, a result, alive and one's own");
    ok(!more, "... and that is all");
    for (int i = 0; i < 5 && i < count; i++)
        is_int(items[i].id, rows[4 - i], "newest first");
    ok(items[0].width == 128 && items[0].height == 96 && items[0].created_at == 5, "its facts");
    is_str(items[0].prompt, "a red sun", "its words");
    ok(items[3].saved && items[3].expires_at == 0, "a kept one");
    ok(!items[0].saved && items[0].expires_at == NOW + 1, "one that expires");
    third = items[2].public_id;

    is_int(list(ada, &query, NOW, 3), ST_OK, "a short page");
    ok(count == 3 && more, "... is no longer than asked, and says that there is more");
    is_int(library_store_place(db, ada, &third, &query.before, &query.before_job, &e), ST_OK,
           "the place of its last");
    ok(query.before == rows[2] && query.before_job == job, "... is its row");
    is_int(list(ada, &query, NOW, 3), ST_OK, "the next page");
    ok(count == 2 && !more, "... has the rest");
    is_int(items[0].id, rows[1], "... and goes on below");
    is_int(library_store_place(db, eve, &third, &query.before, &query.before_job, &e), ST_NOTFOUND,
           "not another's place");
    id_random(&third);
    is_int(library_store_place(db, ada, &third, &query.before, &query.before_job, &e), ST_NOTFOUND,
           "nor an unknown one");
    is_int(list(ada, &(struct library_query){0}, NOW + 1, 10), ST_OK, "a moment later");
    is_int(count, 1, "... what expired is gone");

    is_int(list(ada, &(struct library_query){.saved = true}, NOW, 10), ST_OK, "the kept alone");
    ok(count == 1 && items[0].id == rows[1], "... is one");
    list(ada, &(struct library_query){.kinds = "generate"}, NOW, 10);
    is_int(count, 5, "by kind");
    list(ada, &(struct library_query){.kinds = "edit,cleanup"}, NOW, 10);
    is_int(count, 0, "... and by another");
    list(ada, &(struct library_query){.from = 5, .to = 6}, NOW, 10);
    is_int(count, 5, "by time");
    list(ada, &(struct library_query){.from = 6}, NOW, 10);
    is_int(count, 0, "... after it");
    list(ada, &(struct library_query){.to = 5}, NOW, 10);
    is_int(count, 0, "... before it");
}

/* Words are found anywhere in one's own prompts, all of them, in pages that end between two jobs.
 */
static void
test_search(int64_t owner, int64_t other)
{
    struct library_query query = {.words = 2, .like = {"%lighthouse%", "%WINTER%"}};
    int64_t jobs[3];

    for (int i = 0; i < 3; i++) {
        jobs[i] =
            insert(JOB, DB_ARGS(db_int(owner), db_text("{\"prompt\":\"Lighthouses in winter\"}")));
        for (int k = 0; k < 2; k++)
            picture(owner, jobs[i], "result", "stored", k == 1 ? 0 : NOW + 1);
    }
    picture(owner, insert(JOB, DB_ARGS(db_int(owner), db_text("{\"prompt\":\"lighthouse\"}"))),
            "result", "stored", 0);
    picture(other,
            insert(JOB, DB_ARGS(db_int(other), db_text("{\"prompt\":\"lighthouse, winter\"}"))),
            "result", "stored", 0);
    is_int(list(owner, &query, NOW, 10), ST_OK, "a search");
    ok(count == 6 && !more, "... finds all words, in upper and lower case, one's own alone");
    ok(items[0].job == jobs[2] && items[5].job == jobs[0], "... newest first");
    list(owner, &query, NOW, 3);
    ok(count == 2 && more && items[1].job == jobs[2], "a page ends between two jobs");
    query.before_job = items[1].job;
    list(owner, &query, NOW, 4);
    ok(count == 4 && !more && items[0].job == jobs[1], "... and the next goes on below");
    query.before_job = 0;
    query.saved = true;
    list(owner, &query, NOW, 10);
    is_int(count, 3, "with another filter");
    query = (struct library_query){.words = 1, .like = {"%100\\%%"}};
    list(owner, &query, NOW, 10);
    is_int(count, 0, "a per cent sign is only itself");
}

/* Sixty characters of four bytes each are what a tile shows of a longer prompt. */
static void
test_words(int64_t eve)
{
    char params[1200] = "{\"prompt\":\"";
    struct library_query query = {0};
    size_t used = strlen(params);

    for (int i = 0; i < 100; i++, used += 4)
        memcpy(params + used, "\xf0\x9f\x8c\x8a", 4);
    snprintf(params + used, sizeof params - used, "\"}");
    picture(eve, insert(JOB, DB_ARGS(db_int(eve), db_text(params))), "result", "stored", 0);
    is_int(list(eve, &query, NOW, 1), ST_OK, "long words");
    is_int((int64_t)strlen(items[0].prompt), 240, "... are cut at a whole character");
    picture(eve, insert(JOB, DB_ARGS(db_int(eve), db_text("{\"prompt\":\"\\\"a\\\" <b>\"}"))),
            "result", "stored", 0);
    list(eve, &query, NOW, 1);
    is_str(items[0].prompt, "\"a\" <b>", "quotes are words too");
    picture(eve, insert(JOB, DB_ARGS(db_int(eve), db_text("no JSON"))), "result", "stored", 0);
    is_int(list(eve, &query, NOW, 1), ST_OK, "broken parameters");
    is_str(items[0].prompt, "", "... have no words and break nothing");
}

static bool
is_there(int64_t owner, const struct id *id, struct media *out)
{
    return media_load(db, owner, id, out, &e) == ST_OK;
}

/* Two pictures in one deletion, one kept, one with a thumb that expires; a stranger; too late. */
static void
test_undo(int64_t owner, const char *root)
{
    int64_t job = insert(JOB, DB_ARGS(db_int(owner), db_text("{}"))), n, until;
    int64_t end = clock_now() + CLOCK_HOUR;
    struct library_query query = {0};
    struct media_sweep swept;
    struct media m, thumb;
    struct id ids[2], deletion;
    struct store *store;

    made = 0;
    picture(owner, job, "result", "stored", 0);
    picture(owner, job, "result", "stored", end);
    made = 1;
    picture(owner, job, "thumb", "stored", end);
    list(owner, &query, clock_now(), 2);
    ids[0] = items[0].public_id;
    ids[1] = items[1].public_id;
    id_random(&deletion);
    is_int(store_open(root, &store, &e), ST_OK, "a store");
    /* What the tests before left behind: unfinished rows go a minute after they were found. */
    media_sweep(db, store, 100, &swept, &e);
    clock_shift(CLOCK_MINUTE);
    media_sweep(db, store, 100, &swept, &e);

    media_delete(db, owner, &ids[0], &deletion, &e);
    media_delete(db, owner, &ids[1], &deletion, &e);
    ok(!is_there(owner, &ids[0], &m) && !is_there(owner, &ids[1], &m), "deleted");
    media_sweep(db, store, 100, &swept, &e);
    is_int(swept.removed, 0, "the sweep waits");
    ok(media_restorable(db, owner, &deletion, &n, &until, &e) == ST_OK && n == 2 &&
           until > clock_now(),
       "both can come back");
    is_int(media_restore(db, owner + 1, &deletion, &n, &e), ST_NOTFOUND, "not by a stranger");
    ok(media_restore(db, owner, &deletion, &n, &e) == ST_OK && n == 2, "they do");
    ok(is_there(owner, &ids[1], &m) && m.saved && m.expires_at == 0, "for good, as before");
    ok(is_there(owner, &ids[0], &m) && m.expires_at == end, "for its time, as before");
    ok(media_smaller(db, &m, MEDIA_THUMB, &thumb, &e) == ST_OK && thumb.expires_at == end,
       "with its thumb");
    is_int(media_restore(db, owner, &deletion, &n, &e), ST_NOTFOUND, "once");

    media_delete(db, owner, &ids[0], &deletion, &e);
    media_delete(db, owner, &ids[1], NULL, &e);
    media_restorable(db, owner, &deletion, &n, &until, &e);
    is_int(n, 1, "what was deleted for good does not come back");
    clock_shift(MEDIA_UNDO);
    is_int(media_restore(db, owner, &deletion, &n, &e), ST_NOTFOUND, "too late to undo");
    media_sweep(db, store, 100, &swept, &e);
    is_int(swept.removed, 1, "the sweep is later still");
    clock_shift(CLOCK_MINUTE);
    media_sweep(db, store, 100, &swept, &e);
    is_int(swept.removed, 2, "then it is gone, with its thumb");
    store_close(store);
}

int
main(int argc, char **argv)
{
    char empty[] = "";
    int64_t ada, eve;

    if (argc != 5)
        return 2;
    conf.db.socket = argv[1];
    conf.db.name = argv[2];
    conf.db.user = argv[3];
    conf.db.password_file = empty;
    if (crypto_start(&e) != ST_OK || db_open(&conf, &db, &e) != ST_OK ||
        library_store_prepare(db, &e) != ST_OK || media_prepare(db, &e) != ST_OK ||
        db_prepare(db, &SET, &e) != ST_OK) {
        printf("Bail out! %s (%s)\n", e.message, e.detail);
        return 1;
    }
    ada = account("ada@example.org");
    eve = account("eve@example.org");
    test_list(ada, eve, insert(JOB, DB_ARGS(db_int(ada), db_text("{\"prompt\":\"a red sun\"}"))),
              insert(JOB, DB_ARGS(db_int(eve), db_text("{\"prompt\":\"hers\"}"))));
    test_words(eve);
    test_search(account("ida@example.org"), eve);
    test_undo(account("uma@example.org"), argv[4]);
    db_close(db);
    return tap_done();
}

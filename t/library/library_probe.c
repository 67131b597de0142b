/*
 * The gallery's query against a real server: order, paging, what is left out, words cut at whole
 * characters. Run by 20-library.t with socket, schema and user of an empty, migrated database.
 */
#include "app/library/library_store.h"
#include "common/conf.h"
#include "common/crypto.h"
#include "common/db.h"
#include "common/err.h"
#include "common/ids.h"
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

static void
test_list(int64_t ada, int64_t eve, int64_t job, int64_t of_eve)
{
    struct library_item items[10];
    struct id third;
    int64_t rows[5], place;
    int count;

    for (int i = 0; i < 5; i++)
        rows[i] = picture(ada, job, "result", "stored", i == 1 ? 0 : NOW + 1);
    picture(ada, job, "thumb", "stored", 0);
    picture(ada, job, "result", "writing", 0);
    picture(ada, job, "result", "doomed", 0);
    picture(ada, job, "result", "stored", NOW);
    picture(eve, of_eve, "result", "stored", 0);

    is_int(library_store_list(db, ada, 0, NOW, items, 10, &count, &e), ST_OK, "the gallery");
    is_int(count, 5, "only what is stored, a result, alive and one's own");
    for (int i = 0; i < 5 && i < count; i++)
        is_int(items[i].id, rows[4 - i], "newest first");
    ok(items[0].width == 128 && items[0].height == 96 && items[0].created_at == 5, "its facts");
    is_str(items[0].prompt, "a red sun", "its words");
    ok(items[3].saved && items[3].expires_at == 0, "a kept one");
    ok(!items[0].saved && items[0].expires_at == NOW + 1, "one that expires");
    third = items[2].public_id;

    is_int(library_store_list(db, ada, 0, NOW, items, 3, &count, &e), ST_OK, "a short page");
    is_int(count, 3, "... is no longer than asked");
    is_int(library_store_place(db, ada, &third, &place, &e), ST_OK, "the place of its last");
    is_int(place, rows[2], "... is its row");
    is_int(library_store_list(db, ada, place, NOW, items, 3, &count, &e), ST_OK, "the next page");
    is_int(count, 2, "... has the rest");
    is_int(items[0].id, rows[1], "... and goes on below");
    is_int(library_store_place(db, eve, &third, &place, &e), ST_NOTFOUND, "not another's place");
    id_random(&third);
    is_int(library_store_place(db, ada, &third, &place, &e), ST_NOTFOUND, "nor an unknown one");
    is_int(library_store_list(db, ada, 0, NOW + 1, items, 10, &count, &e), ST_OK, "a moment later");
    is_int(count, 1, "... what expired is gone");
}

/* Sixty characters of four bytes each are what a tile shows of a longer prompt. */
static void
test_words(int64_t eve)
{
    char params[1200] = "{\"prompt\":\"";
    struct library_item item;
    size_t used = strlen(params);
    int count;

    for (int i = 0; i < 100; i++, used += 4)
        memcpy(params + used, "\xf0\x9f\x8c\x8a", 4);
    snprintf(params + used, sizeof params - used, "\"}");
    picture(eve, insert(JOB, DB_ARGS(db_int(eve), db_text(params))), "result", "stored", 0);
    is_int(library_store_list(db, eve, 0, NOW, &item, 1, &count, &e), ST_OK, "long words");
    is_int((int64_t)strlen(item.prompt), 240, "... are cut at a whole character");
    picture(eve, insert(JOB, DB_ARGS(db_int(eve), db_text("{\"prompt\":\"\\\"a\\\" <b>\"}"))),
            "result", "stored", 0);
    library_store_list(db, eve, 0, NOW, &item, 1, &count, &e);
    is_str(item.prompt, "\"a\" <b>", "quotes are words too");
    picture(eve, insert(JOB, DB_ARGS(db_int(eve), db_text("no JSON"))), "result", "stored", 0);
    is_int(library_store_list(db, eve, 0, NOW, &item, 1, &count, &e), ST_OK, "broken parameters");
    is_str(item.prompt, "", "... have no words and break nothing");
}

int
main(int argc, char **argv)
{
    char empty[] = "";
    int64_t ada, eve;

    if (argc != 4)
        return 2;
    conf.db.socket = argv[1];
    conf.db.name = argv[2];
    conf.db.user = argv[3];
    conf.db.password_file = empty;
    if (crypto_start(&e) != ST_OK || db_open(&conf, &db, &e) != ST_OK ||
        library_store_prepare(db, &e) != ST_OK || db_prepare(db, &SET, &e) != ST_OK) {
        printf("Bail out! %s (%s)\n", e.message, e.detail);
        return 1;
    }
    ada = account("ada@example.org");
    eve = account("eve@example.org");
    test_list(ada, eve, insert(JOB, DB_ARGS(db_int(ada), db_text("{\"prompt\":\"a red sun\"}"))),
              insert(JOB, DB_ARGS(db_int(eve), db_text("{\"prompt\":\"hers\"}"))));
    test_words(eve);
    db_close(db);
    return tap_done();
}

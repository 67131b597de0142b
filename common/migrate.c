/*
 * Forward-only migrations. Knows the table schema_migration and nothing of what the files change.
 * The advisory lock lives on the connection of `db`; a script runs on a connection of its own,
 * since DDL may take long.
 */
#include "common/migrate.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/crypto.h"
#include "common/db.h"
#include "common/err.h"

#define SCRIPT_MAX ((off_t)4 << 20)
#define FILES_MAX 1000
#define NAME_BYTES 120

enum { LOCK, UNLOCK, TABLE_THERE };

static const char *const lock_sql[] = {
    [LOCK] = "SELECT GET_LOCK(CONCAT('gempix migrate ', DATABASE()), 30)",
    [UNLOCK] = "SELECT RELEASE_LOCK(CONCAT('gempix migrate ', DATABASE()))",
    [TABLE_THERE] = "SELECT COUNT(*) FROM information_schema.tables"
                    " WHERE table_schema = DATABASE() AND table_name = 'schema_migration'",
};
static const struct db_set LOCKING = {"migrate lock", lock_sql, 3};

enum { LOAD, RECORD };

static const char *const list_sql[] = {
    [LOAD] = "SELECT name, sha256 FROM schema_migration ORDER BY name",
    [RECORD] = "INSERT INTO schema_migration (name, sha256, applied_at) VALUES (?, ?, ?)",
};
static const struct db_set LIST = {"migrate", list_sql, 2};

static const char table_sql[] =
    "CREATE TABLE IF NOT EXISTS schema_migration ("
    " name VARCHAR(120) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,"
    " sha256 BINARY(32) NOT NULL,"
    " applied_at BIGINT NOT NULL"
    ") ENGINE=InnoDB DEFAULT CHARSET=utf8mb4";

struct step {
    char name[NAME_BYTES];
    char *sql;
    size_t len;
    uint8_t sha256[CRYPTO_SHA256];
    bool applied;
};

struct steps {
    struct step *list;
    size_t count;
};

/* "NNNN-what.sql" */
static bool
is_migration(const char *name)
{
    size_t len = strlen(name);

    return len > 9 && len < NAME_BYTES && strspn(name, "0123456789") == 4 && name[4] == '-' &&
           strcmp(name + len - 4, ".sql") == 0;
}

static int
by_name(const void *a, const void *b)
{
    return strcmp(((const struct step *)a)->name, ((const struct step *)b)->name);
}

static void
steps_release(struct steps *s)
{
    for (size_t i = 0; i < s->count; i++)
        free(s->list[i].sql);
    free(s->list);
    *s = (struct steps){0};
}

static int
read_script(const char *directory, struct step *step, struct err *e)
{
    char path[4096];
    struct stat st;
    FILE *file = NULL;
    int rc = ST_IO;

    if (snprintf(path, sizeof path, "%s/%s", directory, step->name) >= (int)sizeof path)
        return err_setf(e, ST_IO, "%s: the path is too long.", directory);
    if ((file = fopen(path, "re")) == NULL || fstat(fileno(file), &st) != 0)
        goto out;
    if (st.st_size > SCRIPT_MAX || (step->sql = malloc((size_t)st.st_size + 1)) == NULL)
        goto out;
    step->len = fread(step->sql, 1, (size_t)st.st_size, file);
    if (step->len != (size_t)st.st_size)
        goto out;
    step->sql[step->len] = '\0';
    crypto_sha256(step->sql, step->len, step->sha256);
    rc = ST_OK;
out:
    if (file != NULL)
        fclose(file);
    if (rc != ST_OK)
        err_setf(e, ST_IO, "%s cannot be read: %s.", path, strerror(errno));
    return rc;
}

/* All migrations of the directory in order. Two with the same number are an error. */
static int
read_directory(const char *directory, struct steps *out, struct err *e)
{
    DIR *dir = opendir(directory);
    struct dirent *d;
    int rc = ST_OK;

    *out = (struct steps){0};
    if (dir == NULL)
        return err_setf(e, ST_IO, "%s cannot be read: %s.", directory, strerror(errno));
    if ((out->list = calloc(FILES_MAX, sizeof *out->list)) == NULL)
        rc = err_set(e, ST_NOMEM, "Out of memory.", "migrations");
    while (rc == ST_OK && (d = readdir(dir)) != NULL) {
        if (!is_migration(d->d_name))
            continue;
        if (out->count == FILES_MAX)
            rc = err_setf(e, ST_IO, "%s holds too many files.", directory);
        else
            snprintf(out->list[out->count++].name, NAME_BYTES, "%.119s", d->d_name);
    }
    closedir(dir);
    if (rc == ST_OK && out->count == 0)
        rc = err_setf(e, ST_IO, "%s holds no migrations (NNNN-what.sql).", directory);
    if (rc == ST_OK)
        qsort(out->list, out->count, sizeof *out->list, by_name);
    for (size_t i = 0; rc == ST_OK && i < out->count; i++) {
        if (i > 0 && memcmp(out->list[i - 1].name, out->list[i].name, 4) == 0)
            rc = err_setf(e, ST_CONFLICT, "%s and %s have the same number.", out->list[i - 1].name,
                          out->list[i].name);
        else
            rc = read_script(directory, &out->list[i], e);
    }
    if (rc != ST_OK)
        steps_release(out);
    return rc;
}

static struct step *
find(struct steps *s, const char *name)
{
    for (size_t i = 0; i < s->count; i++)
        if (strcmp(s->list[i].name, name) == 0)
            return &s->list[i];
    return NULL;
}

/* Marks the steps that the database has. A record without its file, or with another, conflicts. */
static int
match(struct db *db, struct steps *steps, struct err *e)
{
    struct db_rows *rows;
    uint8_t sha256[CRYPTO_SHA256];
    bool gap = false;
    int rc;

    if ((rc = db_query(db, &LIST, LOAD, DB_NO_ARGS, &rows, e)) != ST_OK)
        return rc;
    while (rc == ST_OK && db_next(rows)) {
        const char *name = db_get_text(rows, 0, NULL);
        struct step *s = find(steps, name);
        db_get_bytes(rows, 1, sha256, sizeof sha256);
        if (s == NULL)
            rc = err_setf(e, ST_CONFLICT,
                          "The database has migration %s, which this version does not know. "
                          "Install the newer version again.",
                          name);
        else if (!crypto_equal(s->sha256, sha256, sizeof sha256))
            rc = err_setf(e, ST_CONFLICT,
                          "Migration %s was changed after it was applied. Restore the file.", name);
        else
            s->applied = true;
    }
    db_rows_free(rows);
    for (size_t i = 0; rc == ST_OK && i < steps->count; i++) {
        gap = gap || !steps->list[i].applied;
        if (gap && steps->list[i].applied)
            rc = err_setf(e, ST_CONFLICT,
                          "Migration %s was applied before an earlier one. Give new files higher "
                          "numbers.",
                          steps->list[i].name);
    }
    return rc;
}

/* A statement with one number as its answer. */
static int
ask(struct db *db, int statement, int64_t *answer, struct err *e)
{
    struct db_rows *rows;
    int rc = db_query(db, &LOCKING, statement, DB_NO_ARGS, &rows, e);

    *answer = 0;
    if (rc == ST_OK && db_next(rows))
        *answer = db_get_int(rows, 0);
    db_rows_free(rows);
    return rc;
}

/* Runs and records one file. DDL commits by itself: a file that fails half-way is not recorded. */
static int
apply(struct db *db, const struct step *s, struct err *e)
{
    struct err inner;

    err_clear(&inner);
    if (db_script(db, s->sql, s->len, &inner) != ST_OK)
        return err_set(e, ST_DB, inner.message, "%s: %s", s->name, inner.detail);
    return db_run(
        db, &LIST, RECORD,
        DB_ARGS(db_text(s->name), db_bytes(s->sha256, sizeof s->sha256), db_int(clock_now())), NULL,
        e);
}

static int
apply_missing(struct db *db, const char *directory, int *applied, void (*say)(const char *file),
              struct err *e)
{
    struct steps steps;
    int rc;

    if ((rc = db_script(db, table_sql, sizeof table_sql - 1, e)) != ST_OK ||
        (rc = db_prepare(db, &LIST, e)) != ST_OK ||
        (rc = read_directory(directory, &steps, e)) != ST_OK)
        return rc;
    rc = match(db, &steps, e);
    for (size_t i = 0; rc == ST_OK && i < steps.count; i++) {
        if (steps.list[i].applied)
            continue;
        if (say != NULL)
            say(steps.list[i].name);
        if ((rc = apply(db, &steps.list[i], e)) == ST_OK)
            (*applied)++;
    }
    steps_release(&steps);
    return rc;
}

int
migrate_run(struct db *db, const char *directory, int *applied, void (*say)(const char *file),
            struct err *e)
{
    int64_t locked, unlocked;
    int rc;

    *applied = 0;
    if ((rc = db_prepare(db, &LOCKING, e)) != ST_OK || (rc = ask(db, LOCK, &locked, e)) != ST_OK)
        return rc;
    if (locked != 1)
        return err_setf(e, ST_CONFLICT, "Another migration is running. Try again when it ended.");
    rc = apply_missing(db, directory, applied, say, e);
    ask(db, UNLOCK, &unlocked, NULL); /* closing the connection would release it too */
    return rc;
}

int
migrate_check(struct db *db, const char *directory, struct err *e)
{
    struct steps steps;
    int64_t there;
    int rc;

    if ((rc = db_prepare(db, &LOCKING, e)) != ST_OK ||
        (rc = ask(db, TABLE_THERE, &there, e)) != ST_OK)
        return rc;
    if (there == 0)
        return err_setf(e, ST_CONFLICT, "The database is empty. Run `gempixctl migrate`.");
    if ((rc = db_prepare(db, &LIST, e)) != ST_OK ||
        (rc = read_directory(directory, &steps, e)) != ST_OK)
        return rc;
    rc = match(db, &steps, e);
    for (size_t i = 0; rc == ST_OK && i < steps.count; i++)
        if (!steps.list[i].applied)
            rc = err_setf(e, ST_CONFLICT, "Migration %s is missing. Run `gempixctl migrate`.",
                          steps.list[i].name);
    steps_release(&steps);
    return rc;
}

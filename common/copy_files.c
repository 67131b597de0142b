/*
 * Files of copies; see copy_files.h. First the file goes, then its row says so: a kill between the
 * two is mended by the next sweep. Knows no SQL.
 */
#include "common/copy_files.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/conf.h"
#include "common/copy.h"
#include "common/copy_store.h"
#include "common/db.h"
#include "common/err.h"

#define FOLDER_MODE 0750

int
copy_files_folder(const struct conf *conf, char out[COPY_PATH], struct err *e)
{
    const char *root = conf->media.root, *slash;
    size_t len = strlen(root);
    int need;

    while (len > 1 && root[len - 1] == '/')
        len--;
    for (slash = root + len; slash > root && slash[-1] != '/'; slash--)
        ;
    if (conf->policy.copies[0] != '\0')
        need = snprintf(out, COPY_PATH, "%s", conf->policy.copies);
    else
        need = snprintf(out, COPY_PATH, "%.*scopies", (int)(slash - root), root);
    if (need < 0 || need >= COPY_PATH - COPY_NAME)
        return err_set(e, ST_TOOBIG, "The path of the copies is too long.", NULL);
    if (mkdir(out, FOLDER_MODE) != 0 && errno != EEXIST)
        return err_setf(e, ST_IO, "%.200s: %s", out, strerror(errno));
    return ST_OK;
}

void
copy_files_name(const struct id *file, char out[COPY_NAME])
{
    char text[ID_TEXT];

    id_format(file, text);
    snprintf(out, COPY_NAME, "%s.zip", text);
}

int
copy_files_prepare(struct db *db, struct err *e)
{
    return copy_store_prepare_files(db, e);
}

static int
remove_name(const char *folder, const char *name, struct err *e)
{
    char path[COPY_PATH + COPY_NAME];

    snprintf(path, sizeof path, "%s/%.31s", folder, name);
    if (unlink(path) != 0 && errno != ENOENT)
        return err_setf(e, ST_IO, "%.200s: %s", path, strerror(errno));
    return ST_OK;
}

/* Finished or not. */
static int
remove_file(const char *folder, const struct db_rows *rows, unsigned column, struct err *e)
{
    char name[COPY_NAME], part[COPY_NAME], text[ID_TEXT];
    struct id id;
    int rc;

    db_get_bytes(rows, column, id.bytes, sizeof id.bytes);
    id_format(&id, text);
    copy_files_name(&id, name);
    snprintf(part, sizeof part, "%s.part", text);
    rc = remove_name(folder, name, e);
    return rc == ST_OK ? remove_name(folder, part, e) : rc;
}

int
copy_files_forget(struct db *db, const struct conf *conf, int64_t account, struct err *e)
{
    char folder[COPY_PATH];
    struct db_rows *rows = NULL;
    int rc;

    if ((rc = copy_store_files(db, account, &rows, e)) == ST_OK && db_count(rows) > 0)
        rc = copy_files_folder(conf, folder, e);
    while (rc == ST_OK && db_next(rows))
        rc = remove_file(folder, rows, 0, e);
    db_rows_free(rows);
    return rc;
}

static int
sweep_over(struct db *db, const char *folder, int max, int64_t *removed, struct err *e)
{
    struct db_rows *rows = NULL;
    int64_t now = clock_now();
    int rc = copy_store_over(db, now, now - COPY_AGAIN, max, &rows, e);

    while (rc == ST_OK && db_next(rows)) {
        if ((rc = remove_file(folder, rows, 1, e)) == ST_OK)
            rc = copy_store_removed(db, db_get_int(rows, 0), e);
        *removed += rc == ST_OK;
    }
    db_rows_free(rows);
    return rc;
}

/* A claim is in the database before its file is here, so what no row names is nobody's. */
static int
sweep_entry(struct db *db, const char *folder, const char *name, int64_t *removed, struct err *e)
{
    char text[ID_TEXT];
    struct id id;
    bool known;
    int rc;

    if (strcspn(name, ".") != ID_TEXT - 1)
        return ST_OK;
    snprintf(text, sizeof text, "%.26s", name);
    if (id_parse(text, &id) != ST_OK ||
        (strcmp(name + ID_TEXT - 1, ".zip") != 0 && strcmp(name + ID_TEXT - 1, ".part") != 0))
        return ST_OK;
    if ((rc = copy_store_known(db, &id, &known, e)) != ST_OK || known)
        return rc;
    if ((rc = remove_name(folder, name, e)) == ST_OK)
        (*removed)++;
    return rc;
}

int
copy_files_sweep(struct db *db, const struct conf *conf, int max, int64_t *removed, struct err *e)
{
    char folder[COPY_PATH];
    struct dirent *entry;
    DIR *dir;
    int rc;

    *removed = 0;
    if ((rc = copy_files_folder(conf, folder, e)) != ST_OK ||
        (rc = sweep_over(db, folder, max, removed, e)) != ST_OK)
        return rc;
    if ((dir = opendir(folder)) == NULL)
        return err_setf(e, ST_IO, "%.200s: %s", folder, strerror(errno));
    while (rc == ST_OK && (entry = readdir(dir)) != NULL)
        rc = sweep_entry(db, folder, entry->d_name, removed, e);
    closedir(dir);
    return rc;
}

/*
 * gempix-pack: writes files of the media store as one ZIP archive to its standard output, as it
 * reads them. The application starts it for a visitor's selection, so that no worker holds the
 * bytes. It decodes nothing: pictures are packed as they are, since they are compressed already.
 *
 *     gempix-pack ROOT        root of the media store
 *
 * Standard input: a line "KEY NAME SECONDS" per file: its key in the store, its name in the archive
 * and when it was made. Where KEY is "-" the file's bytes follow in pieces, each behind a line with
 * its length; a length of 0 ends it. A file that is gone meanwhile is passed over. Exit status 0,
 * or 1 when there was none, or the archive could not be written. Knows no accounts: who may have
 * which file was decided before.
 */
#include <archive.h>
#include <archive_entry.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/crypto.h"
#include "common/err.h"
#include "common/store.h"

#define FILE_MAX ((size_t)256 << 20)
#define LINE 512
#define NAME 256

static int
complain(const char *what, const char *why)
{
    fprintf(stderr, "gempix-pack: %s: %s\n", what, why != NULL ? why : "no reason given");
    return EXIT_FAILURE;
}

static struct archive_entry *
new_entry(const char *name, int64_t seconds)
{
    struct archive_entry *entry = archive_entry_new();

    if (entry == NULL)
        return NULL;
    archive_entry_set_pathname(entry, name);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_mtime(entry, (time_t)seconds, 0);
    return entry;
}

static int
put_file(struct archive *zip, const char *name, int64_t seconds, const void *data, size_t size)
{
    struct archive_entry *entry = new_entry(name, seconds);
    int rc = ARCHIVE_FATAL;

    if (entry == NULL)
        return rc;
    archive_entry_set_size(entry, (la_int64_t)size);
    rc = archive_write_header(zip, entry);
    if (rc == ARCHIVE_OK && archive_write_data(zip, data, size) != (la_ssize_t)size)
        rc = ARCHIVE_FATAL;
    archive_entry_free(entry);
    return rc;
}

/* Bytes from standard input, `size` of them. */
static int
put_piece(struct archive *zip, size_t size)
{
    char bytes[16384];

    while (size > 0) {
        size_t want = size < sizeof bytes ? size : sizeof bytes;

        if (fread(bytes, 1, want, stdin) != want)
            return complain("list", "it ends in the middle of a file");
        if (archive_write_data(zip, bytes, want) != (la_ssize_t)want)
            return complain("archive", archive_error_string(zip));
        size -= want;
    }
    return EXIT_SUCCESS;
}

static int
put_pieces(struct archive *zip, const char *name, int64_t seconds)
{
    struct archive_entry *entry = new_entry(name, seconds);
    char line[LINE], *end;
    int rc = ARCHIVE_FATAL;

    /* Words shrink well; and a reader that does not seek finds the end of packed bytes only. */
    if (entry != NULL && archive_write_zip_set_compression_deflate(zip) == ARCHIVE_OK)
        rc = archive_write_header(zip, entry);
    archive_write_zip_set_compression_store(zip);
    archive_entry_free(entry);
    if (rc != ARCHIVE_OK)
        return complain(name, archive_error_string(zip));
    while (fgets(line, sizeof line, stdin) != NULL) {
        unsigned long long size = strtoull(line, &end, 10);

        if (end == line || *end != '\n')
            break;
        if (size == 0)
            return EXIT_SUCCESS;
        if (put_piece(zip, (size_t)size) != EXIT_SUCCESS)
            return EXIT_FAILURE;
    }
    return complain(name, "a piece has no length");
}

/* One line of the list. *count grows when there was such a file. */
static int
put_line(struct archive *zip, struct store *store, char *line, int *count)
{
    char *rest = NULL, *key = strtok_r(line, " \n", &rest), *name = strtok_r(NULL, " \n", &rest);
    char *seconds = strtok_r(NULL, " \n", &rest);
    struct err e = {0};
    void *data;
    size_t size;
    int rc;

    if (seconds == NULL || strlen(name) >= NAME || strchr(name, '/') != NULL)
        return complain("list", "a line is not KEY NAME SECONDS");
    if (strcmp(key, "-") == 0) {
        (*count)++;
        return put_pieces(zip, name, strtoll(seconds, NULL, 10));
    }
    if ((rc = store_get(store, key, FILE_MAX, &data, &size, &e)) == ST_NOTFOUND)
        return EXIT_SUCCESS;
    if (rc != ST_OK)
        return complain(e.message, e.detail);
    rc = put_file(zip, name, strtoll(seconds, NULL, 10), data, size);
    free(data);
    if (rc != ARCHIVE_OK)
        return complain(name, archive_error_string(zip));
    (*count)++;
    return EXIT_SUCCESS;
}

static int
put_all(struct archive *zip, struct store *store)
{
    char line[LINE];
    int count = 0, rc = EXIT_SUCCESS;

    while (rc == EXIT_SUCCESS && fgets(line, sizeof line, stdin) != NULL)
        rc = put_line(zip, store, line, &count);
    if (rc == EXIT_SUCCESS && count == 0)
        rc = complain("list", "none of the files is there");
    return rc;
}

int
main(int argc, char **argv)
{
    struct store *store = NULL;
    struct archive *zip = NULL;
    struct err e = {0};
    int rc = EXIT_FAILURE;

    if (argc != 2) {
        fprintf(stderr, "usage: gempix-pack ROOT < LIST > ARCHIVE\n");
        return 2;
    }
    if (crypto_start(&e) != ST_OK || store_open(argv[1], &store, &e) != ST_OK)
        return complain(e.message, e.detail);
    if ((zip = archive_write_new()) == NULL)
        goto out;
    if (archive_write_set_format_zip(zip) != ARCHIVE_OK ||
        archive_write_zip_set_compression_store(zip) != ARCHIVE_OK ||
        archive_write_set_bytes_in_last_block(zip, 1) != ARCHIVE_OK ||
        archive_write_open_fd(zip, STDOUT_FILENO) != ARCHIVE_OK) {
        complain("archive", archive_error_string(zip));
        goto out;
    }
    rc = put_all(zip, store);
    if (rc == EXIT_SUCCESS && archive_write_close(zip) != ARCHIVE_OK)
        rc = complain("archive", archive_error_string(zip));
    /* A broken archive must not end as if it were whole. */
    if (rc != EXIT_SUCCESS)
        archive_write_fail(zip);
out:
    if (zip != NULL)
        archive_write_free(zip);
    store_close(store);
    return rc;
}

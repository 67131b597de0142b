/*
 * Finds, reads and compares versions of the policy. Knows no pages and no markup.
 */
#include "app/privacy/versions.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/arena.h"
#include "common/err.h"

#define PATH_MAX_BYTES 4300
#define TEXT_MAX_BYTES ((size_t)256 * 1024)
#define LINES_MAX 2000

static bool
is_date(const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (i == 4 || i == 7 ? s[i] != '-' : s[i] < '0' || s[i] > '9')
            return false;
    return len == VERSION_DATE - 1;
}

static int
newest_first(const void *a, const void *b)
{
    return strcmp(b, a);
}

int
versions_list(const char *dir, struct versions *out, struct err *e)
{
    char path[PATH_MAX_BYTES];
    const struct dirent *entry;
    DIR *folder;

    *out = (struct versions){.count = 0};
    snprintf(path, sizeof path, "%s/versions", dir);
    if ((folder = opendir(path)) == NULL)
        return err_set(e, ST_IO, "Please try again later.", "%s: %s", path, strerror(errno));
    while ((entry = readdir(folder)) != NULL && out->count < VERSIONS_MAX) {
        const char *dot = strrchr(entry->d_name, '.');

        if (dot == NULL || strcmp(dot, ".txt") != 0 ||
            !is_date(entry->d_name, (size_t)(dot - entry->d_name)))
            continue;
        memcpy(out->dates[out->count++], entry->d_name, VERSION_DATE - 1);
    }
    closedir(folder);
    qsort(out->dates, out->count, sizeof out->dates[0], newest_first);
    return ST_OK;
}

int
versions_find(const struct versions *v, const char *date)
{
    for (size_t i = 0; i < v->count; i++)
        if (strcmp(v->dates[i], date) == 0)
            return (int)i;
    return -1;
}

int
versions_read(const char *dir, const char *date, struct arena *arena, const char **out,
              struct err *e)
{
    char path[PATH_MAX_BYTES], *text;
    FILE *file;
    size_t len;

    *out = NULL;
    if ((text = arena_alloc(arena, TEXT_MAX_BYTES)) == NULL)
        return err_set(e, ST_NOMEM, "Please try again later.", "version of the policy");
    snprintf(path, sizeof path, "%s/versions/%s.txt", dir, date);
    if ((file = fopen(path, "re")) == NULL)
        return err_set(e, ST_IO, "Please try again later.", "%s: %s", path, strerror(errno));
    len = fread(text, 1, TEXT_MAX_BYTES - 1, file);
    text[len] = '\0';
    if (ferror(file) != 0 || len == TEXT_MAX_BYTES - 1) {
        fclose(file);
        return err_set(e, ST_IO, "Please try again later.", "%s cannot be read whole", path);
    }
    fclose(file);
    *out = text;
    return ST_OK;
}

/* --- differences --- */

struct lines {
    const char **list;
    size_t count;
};

static int
split(const char *text, struct arena *arena, struct lines *out, struct err *e)
{
    char *copy = arena_strdup(arena, text), *next;

    out->count = 0;
    out->list = arena_calloc(arena, LINES_MAX, sizeof *out->list);
    if (copy == NULL || out->list == NULL)
        return err_set(e, ST_NOMEM, "Please try again later.", "versions of the policy");
    for (char *at = copy; *at != '\0'; at = next) {
        size_t len = strcspn(at, "\n");

        next = at + len + (at[len] == '\n');
        at[len] = '\0';
        if (len == 0)
            continue;
        if (out->count == LINES_MAX)
            return err_set(e, ST_TOOBIG, "These versions are too long to be compared.", NULL);
        out->list[out->count++] = at;
    }
    return ST_OK;
}

/* common[i][j]: how many lines the ends from i and from j have in common. */
static uint16_t *
common_lengths(const struct lines *a, const struct lines *b)
{
    size_t width = b->count + 1;
    uint16_t *common = calloc((a->count + 1) * width, sizeof *common);

    if (common == NULL)
        return NULL;
    for (size_t i = a->count; i-- > 0;) {
        for (size_t j = b->count; j-- > 0;) {
            uint16_t down = common[(i + 1) * width + j], right = common[i * width + j + 1];

            if (strcmp(a->list[i], b->list[j]) == 0)
                common[i * width + j] = (uint16_t)(common[(i + 1) * width + j + 1] + 1);
            else
                common[i * width + j] = down > right ? down : right;
        }
    }
    return common;
}

static struct difference *
append(struct arena *arena, struct difference ***tail, enum difference_kind kind, const char *line)
{
    struct difference *d = arena_alloc(arena, sizeof *d);

    if (d == NULL)
        return NULL;
    d->kind = kind;
    d->line = line;
    **tail = d;
    *tail = &d->next;
    return d;
}

int
versions_compare(const char *older, const char *newer, struct arena *arena, struct difference **out,
                 struct err *e)
{
    struct lines a, b;
    struct difference **tail = out;
    uint16_t *common;
    size_t i = 0, j = 0, width;
    int rc;

    *out = NULL;
    if ((rc = split(older, arena, &a, e)) != ST_OK || (rc = split(newer, arena, &b, e)) != ST_OK)
        return rc;
    if ((common = common_lengths(&a, &b)) == NULL)
        return err_set(e, ST_NOMEM, "Please try again later.", "versions of the policy");
    width = b.count + 1;
    while (rc == ST_OK && (i < a.count || j < b.count)) {
        const struct difference *made;

        if (i < a.count && j < b.count && strcmp(a.list[i], b.list[j]) == 0) {
            made = append(arena, &tail, DIFFERENCE_SAME, a.list[i++]);
            j++;
        } else if (i < a.count &&
                   (j == b.count || common[(i + 1) * width + j] >= common[i * width + j + 1])) {
            made = append(arena, &tail, DIFFERENCE_REMOVED, a.list[i++]);
        } else {
            made = append(arena, &tail, DIFFERENCE_ADDED, b.list[j++]);
        }
        if (made == NULL)
            rc = err_set(e, ST_NOMEM, "Please try again later.", "versions of the policy");
    }
    free(common);
    return rc;
}

/*
 * The cache of compiled templates; see templates.h. A site has a few dozen in each language, so a
 * list per language does. Their sentences are translated here, once, by messages.c.
 */
#include "app/view/templates.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/view/messages.h"
#include "app/view/mustache.h"
#include "common/clock.h"
#include "common/err.h"
#include "common/language.h"
#include "common/text.h"

#define TEMPLATES_MAX 200
#define NAME_MAX_BYTES 48
#define FILE_MAX ((off_t)1 << 20)
#define SAID_MAX ((size_t)4 << 20) /* bytes of a template in another language */

struct entry {
    char name[NAME_MAX_BYTES];
    struct mustache *compiled;
    struct timespec changed;
    off_t size;
    uint64_t looked; /* the round in which the file's time was last looked at */
};

struct shelf {
    struct entry list[TEMPLATES_MAX];
    size_t count;
};

struct templates {
    char *directory;
    struct shelf shelves[LANGUAGES];
    uint64_t page; /* the round: begins with a page, at most one a second */
    int64_t begun;
};

struct templates *
templates_new(const char *directory)
{
    struct templates *t = calloc(1, sizeof *t);

    if (t != NULL && (t->directory = strdup(directory)) == NULL) {
        free(t);
        t = NULL;
    }
    return t;
}

void
templates_free(struct templates *t)
{
    if (t == NULL)
        return;
    for (size_t l = 0; l < LANGUAGES; l++) {
        for (size_t i = 0; i < t->shelves[l].count; i++)
            mustache_free(t->shelves[l].list[i].compiled);
    }
    free(t->directory);
    free(t);
}

void
templates_begin(struct templates *t, int64_t now)
{
    if (t->page > 0 && now - t->begun < CLOCK_SECOND)
        return;
    t->begun = now;
    t->page++;
}

/* Names come from our code and templates, yet none may leave the directory. */
static bool
is_name(const char *name, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        char c = name[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'))
            return false;
    }
    return len > 0 && len < NAME_MAX_BYTES;
}

static int
load(const char *path, const char *name, off_t size, struct mustache **out, struct err *e)
{
    char *source = malloc((size_t)size + 1), why[256];
    int fd = open(path, O_RDONLY | O_CLOEXEC), rc;
    struct text said;
    ssize_t n = -1;

    *out = NULL;
    text_init(&said, SAID_MAX);
    if (fd >= 0 && source != NULL)
        n = read(fd, source, (size_t)size);
    if (fd >= 0)
        (void)close(fd);
    if (source == NULL || n != (ssize_t)size) {
        free(source);
        return err_setf(e, ST_IO, "%s.mustache cannot be read.", name);
    }
    source[size] = '\0';
    if ((rc = messages_fill(source, &said, e)) == ST_OK)
        rc = mustache_compile(text_cstr(&said), said.len, out, e);
    text_release(&said);
    free(source);
    if (rc == ST_INVALID) {
        snprintf(why, sizeof why, "%s", e->message);
        rc = err_setf(e, ST_INVALID, "%s.mustache: %s", name, why);
    }
    return rc;
}

static struct entry *
find(struct shelf *shelf, const char *name, size_t len)
{
    for (size_t i = 0; i < shelf->count; i++) {
        if (strncmp(shelf->list[i].name, name, len) == 0 && shelf->list[i].name[len] == '\0')
            return &shelf->list[i];
    }
    return NULL;
}

int
templates_get(struct templates *t, const char *name, size_t len, const struct mustache **out,
              struct err *e)
{
    struct shelf *shelf = &t->shelves[language_current()];
    struct entry *entry = NULL, fresh = {.looked = t->page};
    char path[4200];
    struct stat st;
    int rc;

    *out = NULL;
    if (!is_name(name, len))
        return err_setf(e, ST_NOTFOUND, "A template has no such name.");
    if ((entry = find(shelf, name, len)) != NULL && entry->looked == t->page) {
        *out = entry->compiled;
        return ST_OK;
    }
    memcpy(fresh.name, name, len);
    snprintf(path, sizeof path, "%s/%s.mustache", t->directory, fresh.name);
    if (stat(path, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size > FILE_MAX)
        return err_setf(e, ST_NOTFOUND, "%s.mustache cannot be found.", fresh.name);
    if (entry != NULL && entry->size == st.st_size && entry->changed.tv_sec == st.st_mtim.tv_sec &&
        entry->changed.tv_nsec == st.st_mtim.tv_nsec) {
        entry->looked = t->page;
        *out = entry->compiled;
        return ST_OK;
    }
    if (entry == NULL && shelf->count == TEMPLATES_MAX)
        return err_setf(e, ST_NOMEM, "There are more than %d templates.", TEMPLATES_MAX);
    fresh.changed = st.st_mtim;
    fresh.size = st.st_size;
    if ((rc = load(path, fresh.name, st.st_size, &fresh.compiled, e)) != ST_OK)
        return rc;
    if (entry == NULL)
        entry = &shelf->list[shelf->count++];
    mustache_free(entry->compiled);
    *entry = fresh;
    *out = entry->compiled;
    return ST_OK;
}

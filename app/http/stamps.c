/*
 * Content hashes of static files, so that their addresses change when they do; see url.h. A file is
 * read again only when its time or size changed, which is looked at once a second.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/http/url.h"
#include "common/clock.h"
#include "common/crypto.h"

#define STAMP_BYTES 7
#define STAMP_TEXT 12
#define FILES_MAX 64
#define NAME_MAX_BYTES 64

struct stamp {
    char name[NAME_MAX_BYTES];
    char text[STAMP_TEXT];
    struct timespec changed;
    off_t size;
    int64_t looked; /* when, on the monotonic clock */
};

struct stamps {
    char *directory;
    struct stamp list[FILES_MAX];
    size_t count;
};

struct stamps *
stamps_new(const char *directory)
{
    struct stamps *s = calloc(1, sizeof *s);

    if (s != NULL && (s->directory = strdup(directory)) == NULL) {
        free(s);
        s = NULL;
    }
    return s;
}

void
stamps_free(struct stamps *s)
{
    if (s == NULL)
        return;
    free(s->directory);
    free(s);
}

static bool
hash_file(int fd, char out[STAMP_TEXT])
{
    struct crypto_sha256_state state;
    uint8_t buffer[8192], digest[CRYPTO_SHA256];
    ssize_t n;

    crypto_sha256_init(&state);
    while ((n = read(fd, buffer, sizeof buffer)) > 0)
        crypto_sha256_update(&state, buffer, (size_t)n);
    crypto_sha256_final(&state, digest);
    crypto_base64url(digest, STAMP_BYTES, out, STAMP_TEXT);
    return n == 0;
}

static struct stamp *
find(struct stamps *s, const char *file)
{
    for (size_t i = 0; i < s->count; i++) {
        if (strcmp(s->list[i].name, file) == 0)
            return &s->list[i];
    }
    return NULL;
}

static bool
is_fresh(const struct stamp *stamp, const struct stat *st)
{
    return stamp->size == st->st_size && stamp->changed.tv_sec == st->st_mtim.tv_sec &&
           stamp->changed.tv_nsec == st->st_mtim.tv_nsec;
}

const char *
stamps_get(struct stamps *s, const char *file)
{
    struct stamp *stamp = find(s, file), fresh = {.name = ""};
    char path[4200];
    int64_t now = clock_monotonic();
    struct stat st;
    int fd = -1;

    if (stamp != NULL && now - stamp->looked < CLOCK_SECOND)
        return stamp->text;
    if (strchr(file, '/') != NULL || file[0] == '.' || strlen(file) >= NAME_MAX_BYTES)
        return NULL;
    snprintf(path, sizeof path, "%s/%s", s->directory, file);
    if (stat(path, &st) != 0 || !S_ISREG(st.st_mode))
        return NULL;
    if (stamp != NULL && is_fresh(stamp, &st)) {
        stamp->looked = now;
        return stamp->text;
    }
    if ((stamp == NULL && s->count == FILES_MAX) || (fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
        return NULL;
    snprintf(fresh.name, sizeof fresh.name, "%s", file);
    fresh.changed = st.st_mtim;
    fresh.size = st.st_size;
    fresh.looked = now;
    if (!hash_file(fd, fresh.text)) {
        (void)close(fd);
        return NULL;
    }
    (void)close(fd);
    if (stamp == NULL)
        stamp = &s->list[s->count++];
    *stamp = fresh;
    return stamp->text;
}

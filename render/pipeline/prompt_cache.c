/*
 * Encoded prompts, least recently used out first. Knows no networks. Read next: prompt.c.
 */
#include "render/pipeline/prompt_cache.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct entry {
    char *text; /* NULL = free */
    size_t skip, bytes;
    float *values;
    uint64_t used; /* when */
};

struct prompt_cache {
    size_t entries, most, bytes;
    uint64_t clock;
    struct entry list[];
};

struct prompt_cache *
prompt_cache_new(size_t entries, size_t bytes)
{
    struct prompt_cache *c = calloc(1, sizeof *c + entries * sizeof c->list[0]);

    if (c != NULL) {
        c->entries = entries;
        c->most = bytes;
    }
    return c;
}

static void
drop(struct prompt_cache *c, struct entry *e)
{
    c->bytes -= e->bytes;
    free(e->text);
    free(e->values);
    memset(e, 0, sizeof *e);
}

void
prompt_cache_clear(struct prompt_cache *c)
{
    for (size_t i = 0; c != NULL && i < c->entries; i++)
        drop(c, &c->list[i]);
}

void
prompt_cache_free(struct prompt_cache *c)
{
    prompt_cache_clear(c);
    free(c);
}

static struct entry *
find(struct prompt_cache *c, const char *text, size_t skip)
{
    for (size_t i = 0; c != NULL && i < c->entries; i++) {
        struct entry *e = &c->list[i];

        if (e->text != NULL && e->skip == skip && strcmp(e->text, text) == 0)
            return e;
    }
    return NULL;
}

const float *
prompt_cache_find(struct prompt_cache *c, const char *text, size_t skip)
{
    struct entry *e = find(c, text, skip);

    if (e == NULL)
        return NULL;
    e->used = ++c->clock;
    return e->values;
}

/* A free entry, or the oldest. */
static struct entry *
oldest(struct prompt_cache *c)
{
    struct entry *best = &c->list[0];

    for (size_t i = 1; i < c->entries; i++) {
        if (c->list[i].used < best->used)
            best = &c->list[i];
    }
    return best;
}

static struct entry *
oldest_in_use(struct prompt_cache *c)
{
    struct entry *best = NULL;

    for (size_t i = 0; i < c->entries; i++) {
        struct entry *e = &c->list[i];

        if (e->text != NULL && (best == NULL || e->used < best->used))
            best = e;
    }
    return best;
}

void
prompt_cache_keep(struct prompt_cache *c, const char *text, size_t skip, const float *values,
                  size_t count)
{
    struct entry *e = find(c, text, skip), *old;
    struct entry new = {.skip = skip, .bytes = count * sizeof *values + strlen(text) + 1};

    if (c == NULL || c->entries == 0 || new.bytes > c->most)
        return;
    new.text = strdup(text);
    new.values = malloc(count * sizeof *values);
    if (new.text == NULL || new.values == NULL) {
        free(new.text);
        free(new.values);
        return;
    }
    memcpy(new.values, values, count * sizeof *values);
    new.used = ++c->clock;
    if (e != NULL)
        drop(c, e);
    while (c->bytes + new.bytes > c->most && (old = oldest_in_use(c)) != NULL)
        drop(c, old);
    e = oldest(c);
    drop(c, e);
    *e = new;
    c->bytes += new.bytes;
}

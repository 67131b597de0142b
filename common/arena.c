/*
 * The arena: blocks in a list, the newest in front. An allocation is cut from the front block; a
 * large one gets a block of its own behind it, so that the rest of the front block is not wasted.
 */
#include "common/arena.h"

#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"

#define ARENA_BLOCK ((size_t)16384)
#define ARENA_ALIGN alignof(max_align_t)

struct block {
    struct block *next;
    size_t cap;
    size_t used;
    alignas(max_align_t) unsigned char bytes[];
};

struct deferred {
    struct deferred *next;
    void (*cleanup)(void *);
    void *ptr;
};

struct arena {
    struct block *blocks;
    struct deferred *deferred; /* newest first */
    size_t held;               /* sum of the blocks' cap */
    size_t max;
};

struct arena *
arena_new(size_t max)
{
    struct arena *a = calloc(1, sizeof *a);

    if (a != NULL)
        a->max = max;
    return a;
}

static void
run_cleanups(struct arena *a)
{
    struct deferred *d;

    while ((d = a->deferred) != NULL) {
        a->deferred = d->next; /* first, so that a cleanup may defer again */
        d->cleanup(d->ptr);
    }
}

static void
free_blocks(struct block *b)
{
    struct block *next;

    for (; b != NULL; b = next) {
        next = b->next;
        free(b);
    }
}

void
arena_free(struct arena *a)
{
    if (a == NULL)
        return;
    run_cleanups(a);
    free_blocks(a->blocks);
    free(a);
}

void
arena_reset(struct arena *a)
{
    struct block *keep = NULL;

    run_cleanups(a);
    if (a->blocks != NULL && a->blocks->cap <= ARENA_BLOCK) {
        keep = a->blocks;
        a->blocks = keep->next;
        keep->next = NULL;
        keep->used = 0;
    }
    free_blocks(a->blocks);
    a->blocks = keep;
    a->held = keep != NULL ? keep->cap : 0;
}

/* A block with room for `size`, or NULL. Small blocks go to the front, large ones behind it. */
static struct block *
add_block(struct arena *a, size_t size)
{
    bool large = size > ARENA_BLOCK / 4;
    size_t cap = large ? size : ARENA_BLOCK;
    struct block *b;

    if (size > a->max - a->held)
        return NULL;
    if (cap > a->max - a->held)
        cap = a->max - a->held;
    if (cap > SIZE_MAX - sizeof *b || (b = malloc(sizeof *b + cap)) == NULL)
        return NULL;
    b->cap = cap;
    b->used = 0;
    a->held += cap;
    if (large && a->blocks != NULL) {
        b->next = a->blocks->next;
        a->blocks->next = b;
    } else {
        b->next = a->blocks;
        a->blocks = b;
    }
    return b;
}

void *
arena_alloc(struct arena *a, size_t size)
{
    struct block *b = a->blocks;
    void *p;

    if (size > SIZE_MAX - ARENA_ALIGN)
        return NULL;
    size = (size + ARENA_ALIGN - 1) / ARENA_ALIGN * ARENA_ALIGN;
    if (size == 0)
        size = ARENA_ALIGN; /* every allocation has an address of its own */
    if (b == NULL || size > b->cap - b->used) {
        if ((b = add_block(a, size)) == NULL)
            return NULL;
    }
    p = b->bytes + b->used;
    b->used += size;
    return memset(p, 0, size);
}

void *
arena_calloc(struct arena *a, size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size)
        return NULL;
    return arena_alloc(a, count * size);
}

char *
arena_strndup(struct arena *a, const char *s, size_t len)
{
    char *copy;

    len = strnlen(s, len);
    if ((copy = arena_alloc(a, len + 1)) != NULL)
        memcpy(copy, s, len);
    return copy;
}

char *
arena_strdup(struct arena *a, const char *s)
{
    return arena_strndup(a, s, strlen(s));
}

char *
arena_printf(struct arena *a, const char *format, ...)
{
    va_list ap;
    char *out, small[256]; /* most texts are written once only */
    int n;

    va_start(ap, format);
    n = vsnprintf(small, sizeof small, format, ap);
    va_end(ap);
    if (n < 0 || (out = arena_alloc(a, (size_t)n + 1)) == NULL)
        return NULL;
    if ((size_t)n < sizeof small) {
        memcpy(out, small, (size_t)n + 1);
        return out;
    }
    va_start(ap, format);
    vsnprintf(out, (size_t)n + 1, format, ap);
    va_end(ap);
    return out;
}

int
arena_defer(struct arena *a, void (*cleanup)(void *), void *ptr)
{
    struct deferred *d = arena_alloc(a, sizeof *d);

    if (d == NULL) {
        cleanup(ptr);
        return ST_NOMEM;
    }
    *d = (struct deferred){.next = a->deferred, .cleanup = cleanup, .ptr = ptr};
    a->deferred = d;
    return ST_OK;
}

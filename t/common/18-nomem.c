/*
 * Memory that runs out: the nth allocation fails, for every n, and each operation must say
 * ST_NOMEM, hand out nothing and lose nothing (a sanitizer build sees leaks). The linker sends our
 * allocations through the functions here.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/arena.h"
#include "common/conf.h"
#include "common/crypto.h"
#include "common/err.h"
#include "common/store.h"
#include "common/text.h"
#include "t/lib/tap.h"

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *p, size_t size);

static int left = -1; /* allocations until one fails; -1 = never */

static bool
fails(void)
{
    return left >= 0 && left-- == 0;
}

void *
__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *
__wrap_calloc(size_t count, size_t size)
{
    return fails() ? NULL : __real_calloc(count, size);
}

void *
__wrap_realloc(void *p, size_t size)
{
    return fails() ? NULL : __real_realloc(p, size);
}

static char folder[] = "/tmp/gempix-nomem-XXXXXX", conf_path[64];
static struct store *store;
static const char key[] = "ab/cd/0000000000000000000000abcd.png";

static int
use_text(void)
{
    struct text t;
    int rc = ST_OK;

    text_init(&t, 10000);
    for (int i = 0; i < 1000; i++)
        text_printf(&t, "%d ", i);
    if (t.failed)
        rc = ST_NOMEM;
    text_release(&t);
    return rc;
}

static int
use_arena(void)
{
    struct arena *a = arena_new(1000000);
    int rc = ST_OK;

    if (a == NULL)
        return ST_NOMEM;
    for (int i = 0; i < 100 && rc == ST_OK; i++)
        if (arena_alloc(a, 1000) == NULL || arena_printf(a, "%d", i) == NULL)
            rc = ST_NOMEM;
    arena_free(a);
    return rc;
}

static int
use_conf(void)
{
    struct conf *c;
    struct err e;
    int rc = conf_load(conf_path, &c, &e);

    if ((rc == ST_OK) != (c != NULL))
        rc = ST_INTERNAL;
    conf_free(c);
    return rc;
}

static int
use_store(void)
{
    struct err e;
    void *data;
    size_t size;
    int rc = store_get(store, key, 100, &data, &size, &e);

    if ((rc == ST_OK) != (data != NULL))
        rc = ST_INTERNAL;
    free(data);
    return rc;
}

/* Lets allocation 1, 2, … fail until one run needs fewer. */
static void
starve(const char *what, int (*use)(void))
{
    int n = 0, rc = ST_NOMEM;

    while (n < 10000 && rc == ST_NOMEM) {
        left = n++;
        rc = use();
        left = -1;
    }
    ok(rc == ST_OK && n > 1, "%s: %d allocations, each may fail: %s", what, n - 1, status_name(rc));
}

int
main(void)
{
    char root[64];
    struct err e;
    FILE *f;

    crypto_start(&e);
    if (mkdtemp(folder) == NULL)
        return 1;
    snprintf(conf_path, sizeof conf_path, "%s/c.yaml", folder);
    f = fopen(conf_path, "w");
    fputs("site: {url: 'https://x.org', secret_file: s}\nmedia: {root: m}\n", f);
    fclose(f);
    snprintf(root, sizeof root, "%s/media", folder);
    if (store_open(root, &store, &e) != ST_OK || store_put(store, key, "x", 1, &e) != ST_OK)
        return 1;
    starve("text", use_text);
    starve("arena", use_arena);
    starve("conf", use_conf);
    starve("store", use_store);
    store_remove(store, key, &e);
    store_close(store);
    unlink(conf_path);
    snprintf(root, sizeof root, "rm -r %s", folder);
    ok(system(root) == 0, "tidy");
    return tap_done();
}

/*
 * Opening and running a network of one file. Knows no particular network. Read next: upscale.c.
 */
#include "render/pipeline/solo.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "common/arena.h"
#include "common/err.h"
#include "render/pipeline/beside.h"
#include "render/weights/weight_store.h"

#define PATH_SIZE 4096
#define ENDING ".safetensors"
#define ARENA_BYTES ((size_t)4 << 30)

/* The folder and the stem of a file, or of the weights in a folder. */
static int
split(const char *path, const char *stem, char folder[PATH_SIZE], char name[PATH_SIZE],
      struct err *e)
{
    size_t len = strlen(path), end = sizeof ENDING - 1, start;
    struct stat st;

    if (len >= PATH_SIZE)
        return err_setf(e, ST_INVALID, "The path of the model is too long.");
    if (stat(path, &st) != 0)
        return err_setf(e, ST_IO, "There is no model at %.180s.", path);
    if (S_ISDIR(st.st_mode)) {
        (void)snprintf(folder, PATH_SIZE, "%s", path);
        (void)snprintf(name, PATH_SIZE, "%s", stem);
        return ST_OK;
    }
    if (len <= end || strcmp(path + len - end, ENDING) != 0)
        return err_setf(e, ST_UNSUPPORTED,
                        "%.150s is not named like a weight file: NAME.safetensors.", path);
    for (start = len; start > 0 && path[start - 1] != '/'; start--)
        ;
    (void)snprintf(folder, PATH_SIZE, "%.*s", (int)(start != 0 ? start : 1),
                   start != 0 ? path : ".");
    (void)snprintf(name, PATH_SIZE, "%.*s", (int)(len - end - start), path + start);
    return ST_OK;
}

int
solo_open(const char *path, const char *stem, int threads, struct solo *out, struct loader *loader,
          struct err *e)
{
    char file[BESIDE_PATH], folder[PATH_SIZE], name[PATH_SIZE];
    int rc;

    memset(out, 0, sizeof *out);
    memset(loader, 0, sizeof *loader);
    if ((rc = beside_file(path, file, e)) != ST_OK ||
        (rc = split(file, stem, folder, name, e)) != ST_OK ||
        (rc = weight_store_open(folder, name, &out->store, e)) != ST_OK ||
        (rc = engine_open(threads, &out->engine, e)) != ST_OK)
        goto out;
    if ((out->arena = arena_new(ARENA_BYTES)) == NULL) {
        rc = err_set(e, ST_NOMEM, "Not enough memory for this model.", "solo arena");
        goto out;
    }
    out->engine.checking = true;
    *loader = (struct loader){.store = out->store, .arena = out->arena, .e = e};
out:
    if (rc != ST_OK)
        solo_release(out);
    return rc;
}

void
solo_release(struct solo *s)
{
    engine_release(&s->engine);
    arena_free(s->arena);
    weight_store_close(s->store);
    memset(s, 0, sizeof *s);
}

int
solo_run(struct solo *s, void (*run)(void *ctx, struct engine *g), void *ctx, struct err *e)
{
    struct engine *g = &s->engine;
    int rc;

    g->bad[0] = '\0';
    engine_plan(g);
    run(ctx, g);
    if ((rc = engine_plan_end(g, s->budget, e)) != ST_OK)
        return rc;
    run(ctx, g);
    engine_rewind(g, 0);
    if (g->bad[0] != '\0')
        return err_set(e, ST_INTERNAL, "The model computed numbers that are not finite.",
                       "first in %s", g->bad);
    return ST_OK;
}

/*
 * Networks beside a model. See beside.h; read next: render/weights/lora.h, render/model/motion.h.
 */
#include "render/pipeline/beside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/arena.h"
#include "common/err.h"
#include "common/json.h"
#include "common/manifest.h"
#include "render/engine/noise.h"
#include "render/model/model_config.h"
#include "render/model/motion.h"
#include "render/model/unet.h"
#include "render/pipeline/solo.h"
#include "render/weights/embedding.h"
#include "render/weights/lora.h"
#include "render/weights/safetensors.h"
#include "render/weights/weight_store.h"

#define FRAMES 4 /* of the clip that motion modules are tried on */
#define SIDE 2

int
beside_file(const char *path, char out[BESIDE_PATH], struct err *e)
{
    struct manifest m = {0};
    struct stat st;
    int rc = ST_OK;

    out[0] = '\0';
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
        rc = manifest_read(path, &m, e);
        if (rc != ST_OK && rc != ST_NOTFOUND)
            return rc;
    }
    rc = snprintf(out, BESIDE_PATH, "%s%s%s", path, m.weights[0] != '\0' ? "/" : "", m.weights);
    manifest_release(&m);
    if (rc >= 0 && rc < BESIDE_PATH)
        return ST_OK;
    out[0] = '\0';
    return err_setf(e, ST_INVALID, "The path of the network is too long.");
}

int
beside_kind(const char *path, enum network *out, struct err *e)
{
    struct network_look look = {.tensors = 0};
    struct safetensors *file = NULL;
    char weights[BESIDE_PATH];
    struct stat st;
    int rc;

    *out = NETWORK_NONE;
    if ((rc = beside_file(path, weights, e)) != ST_OK)
        return rc;
    if (stat(weights, &st) == 0 && S_ISDIR(st.st_mode))
        return ST_OK;
    if ((rc = safetensors_open(weights, &file, e)) == ST_OK) {
        for (size_t i = 0; i < safetensors_count(file); i++)
            network_see(&look, safetensors_at(file, i)->name, safetensors_at(file, i)->rank);
        *out = network_judge(&look);
    }
    safetensors_close(file);
    return rc;
}

/* --- motion --- */

struct motion_try {
    const struct motion *motion;
    size_t modules;
};

static void
run_module(struct engine *g, const struct motion *m, const struct motion_module *one)
{
    size_t frames = m->frames < FRAMES ? m->frames : FRAMES, mark = engine_mark(g);
    struct tensor x;

    if (one->width == 0)
        return;
    x = tensor_new(g, frames, SIDE, SIDE, one->width);
    if (!g->planning)
        noise_normal(1, 0, 0, frames * SIDE * SIDE * one->width, x.data);
    motion_run(g, one, &x, frames);
    engine_rewind(g, mark);
}

static void
run_motion(void *ctx, struct engine *g)
{
    struct motion_try *t = ctx;
    const struct motion *m = t->motion;

    for (size_t i = 0; i < m->levels * m->layers; i++)
        run_module(g, m, &m->down[i]);
    for (size_t i = 0; i < m->levels * (m->layers + 1); i++)
        run_module(g, m, &m->up[i]);
    run_module(g, m, &m->mid);
}

int
beside_try_motion(const char *path, struct beside_report *out, struct err *e)
{
    struct motion_try t = {.motion = NULL};
    struct unet_config unet = {.levels = 0};
    struct json *config = NULL;
    struct solo solo = {.budget = 0};
    struct loader l;
    int rc;

    *out = (struct beside_report){.weight_bytes = 0};
    if ((rc = solo_open(path, "diffusion_pytorch_model", 0, &solo, &l, e)) != ST_OK)
        return rc;
    rc = config_read(path, "config.json", &config, e);
    if (rc != ST_OK && rc != ST_IO) /* as a file has none */
        goto out;
    motion_measure(solo.store, &unet);
    if (unet.levels == 0) {
        rc = err_setf(e, ST_UNSUPPORTED, "There are no motion modules in %.180s.", path);
        goto out;
    }
    t.motion = motion_load(&l, config, &unet);
    if ((rc = l.rc) != ST_OK || (rc = solo_run(&solo, run_motion, &t, e)) != ST_OK)
        goto out;
    out->weight_bytes = weight_store_bytes(solo.store);
    (void)snprintf(out->says, sizeof out->says, "clips of up to %zu frames, for %zu levels%s",
                   t.motion->frames, t.motion->levels,
                   t.motion->conv_in.in != 0 ? ", beginning with a picture" : "");
out:
    json_free(config);
    solo_release(&solo);
    return rc;
}

/* --- files without a network --- */

int
beside_try_lora(const char *path, struct beside_report *out, struct err *e)
{
    char file[BESIDE_PATH];
    struct lora_info info;
    int rc;

    *out = (struct beside_report){.weight_bytes = 0};
    if ((rc = beside_file(path, file, e)) != ST_OK || (rc = lora_check(file, &info, e)) != ST_OK)
        return rc;
    out->weight_bytes = info.bytes;
    (void)snprintf(out->says, sizeof out->says, "for %zu modules, rank %zu%s", info.modules,
                   info.rank, info.text ? ", text encoder included" : "");
    return ST_OK;
}

int
beside_try_embedding(const char *path, struct beside_report *out, struct err *e)
{
    struct embedding words[EMBEDDING_FILE];
    struct arena *arena = arena_new(SIZE_MAX / 2);
    char file[BESIDE_PATH];
    size_t count;
    int rc;

    *out = (struct beside_report){.weight_bytes = 0};
    if (arena == NULL)
        return err_set(e, ST_NOMEM, "Not enough memory for this model.", "embedding");
    if ((rc = beside_file(path, file, e)) == ST_OK &&
        (rc = embedding_read(file, arena, words, &count, e)) == ST_OK) {
        for (size_t i = 0; i < count; i++)
            out->weight_bytes += words[i].count * words[i].width * sizeof(float);
        (void)snprintf(out->says, sizeof out->says, "the word %.63s, %zu vectors of width %zu%s",
                       words[0].token, words[0].count, words[0].width,
                       count > 1 ? " and for SDXL's second" : "");
    }
    arena_free(arena);
    return rc;
}

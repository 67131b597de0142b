/*
 * Opening motion modules. Knows nothing of sampling. Read next: render/model/motion.c.
 *
 * They were trained with other noise than the pictures: steps of the variance that are even, not
 * their roots. A folder that says otherwise has a scheduler_config.json.
 */
#include "render/pipeline/pipeline_motion.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/arena.h"
#include "common/err.h"
#include "common/json.h"
#include "render/model/model_config.h"
#include "render/pipeline/beside.h"
#include "render/pipeline/pipeline.h"
#include "render/weights/weight_store.h"

#define BETA_START 0.00085
#define BETA_END 0.012

void
pipeline_motion_free(struct pipeline_motion *m)
{
    if (m == NULL)
        return;
    weight_store_close(m->store);
    arena_free(m->arena);
    free(m);
}

static void
even_alphas(struct schedule *s)
{
    double product = 1.0;

    for (size_t i = 0; i < s->count; i++) {
        product *=
            1.0 - (BETA_START + (BETA_END - BETA_START) * (double)i / (double)(s->count - 1));
        s->alphas[i] = product;
    }
}

/* A folder's file if there is one; *out NULL if not. */
static int
read_if_there(const char *folder, const char *file, struct json **out, struct err *e)
{
    int rc = config_read(folder, file, out, e);

    return rc == ST_IO ? ST_OK : rc;
}

static int
open_folder(struct pipeline_motion *m, const char *path, const struct unet_config *unet,
            struct err *e)
{
    struct loader l = {.arena = m->arena, .e = e};
    struct json *config = NULL, *schedule = NULL;
    char file[BESIDE_PATH];
    int rc;

    if ((rc = read_if_there(path, "config.json", &config, e)) != ST_OK ||
        (rc = read_if_there(path, "scheduler_config.json", &schedule, e)) != ST_OK ||
        (schedule != NULL && (rc = schedule_read(schedule, &m->schedule, e)) != ST_OK) ||
        (rc = beside_file(path, file, e)) != ST_OK)
        goto out;
    rc = strcmp(file, path) != 0 ? weight_store_open_file(file, NULL, &m->store, e)
                                 : weight_store_open(path, "diffusion_pytorch_model", &m->store, e);
    if (rc != ST_OK)
        goto out;
    l.store = m->store;
    m->modules = motion_load(&l, config, unet);
    rc = l.rc;
out:
    json_free(config);
    json_free(schedule);
    return rc;
}

static int
open_file(struct pipeline_motion *m, const char *path, const struct unet_config *unet,
          struct err *e)
{
    struct loader l = {.arena = m->arena, .e = e};
    int rc = weight_store_open_file(path, NULL, &m->store, e);

    if (rc != ST_OK)
        return rc;
    l.store = m->store;
    m->modules = motion_load(&l, NULL, unet);
    return l.rc;
}

/* Of the U-Net with these modules. */
static size_t
channels_of(const struct pipeline *p, const struct motion *m)
{
    return m->conv_in.in != 0 ? m->conv_in.in : p->unet->config.in_channels;
}

int
pipeline_set_motion(struct pipeline *p, const char *path, struct err *e)
{
    struct pipeline_motion *m = NULL;
    size_t channels;
    struct stat st;
    int rc = ST_OK;

    if (path == NULL)
        goto out;
    if (p->two_encoders)
        return err_setf(e, ST_UNSUPPORTED, "Motion modules go with models of one text encoder.");
    if (stat(path, &st) != 0)
        return err_setf(e, ST_IO, "There are no motion modules at %.180s.", path);
    if ((m = calloc(1, sizeof *m)) == NULL || (m->arena = arena_new(SIZE_MAX / 2)) == NULL) {
        rc = err_set(e, ST_NOMEM, "Out of memory.", "motion");
        goto out;
    }
    m->schedule = p->schedule;
    even_alphas(&m->schedule);
    rc = (S_ISDIR(st.st_mode) ? open_folder : open_file)(m, path, &p->unet->config, e);
    if (rc == ST_OK && (channels = channels_of(p, m->modules)) != p->vae.channels &&
        channels != 2 * p->vae.channels + 1)
        rc = err_setf(e, ST_UNSUPPORTED,
                      "Clips of this model would need %zu channels, which this engine cannot do.",
                      channels);
out:
    if (rc != ST_OK) {
        pipeline_motion_free(m);
        return rc;
    }
    (void)unet_set_motion(p->unet, NULL, 0, NULL);
    pipeline_motion_free(p->motion);
    p->motion = m;
    return ST_OK;
}

int
pipeline_motion_check(const struct pipeline *p, int frames, struct err *e)
{
    const struct motion *m = p->motion != NULL ? p->motion->modules : NULL;

    if (m == NULL)
        return err_setf(e, ST_UNSUPPORTED, "This model has no motion modules.");
    if (frames < 2 || frames > GENERATE_FRAMES)
        return err_setf(e, ST_INVALID, "The number of frames must lie between 2 and %d.",
                        GENERATE_FRAMES);
    if (pipeline_motion_continues(p) && !autoencoder_can_encode(&p->vae))
        return err_setf(
            e, ST_UNSUPPORTED,
            "The model's vae has no encoder, so its clips cannot begin with a picture.");
    return ST_OK;
}

size_t
pipeline_motion_frames(const struct pipeline *p)
{
    return p->motion != NULL ? p->motion->modules->frames : 1;
}

bool
pipeline_motion_continues(const struct pipeline *p)
{
    return p->motion != NULL && channels_of(p, p->motion->modules) != p->vae.channels;
}

int
pipeline_motion_use(struct pipeline *p, size_t frames, const struct schedule **schedule,
                    struct err *e)
{
    *schedule = &p->schedule;
    if (frames <= 1)
        return unet_set_motion(p->unet, NULL, 0, e);
    if (p->motion == NULL)
        return err_setf(e, ST_UNSUPPORTED, "This model has no motion modules.");
    *schedule = &p->motion->schedule;
    return unet_set_motion(p->unet, p->motion->modules, frames, e);
}

uint64_t
pipeline_motion_bytes(const struct pipeline *p)
{
    return p->motion != NULL ? weight_store_bytes(p->motion->store) : 0;
}

void
pipeline_motion_rest(const struct pipeline *p)
{
    if (p->motion != NULL)
        weight_store_drop(p->motion->store);
}

int
pipeline_motion_intact(const struct pipeline *p, struct err *e)
{
    return p->motion != NULL && weight_store_intact(p->motion->store, e) != ST_OK ? ST_IO : ST_OK;
}

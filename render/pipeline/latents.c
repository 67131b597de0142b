/*
 * Between pictures and latents: sources and masks on the way in, frames and pasted originals on the
 * way out. Knows no step. Read next: generate.c, render/model/autoencoder.h.
 */
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "render/pipeline/closeup.h"
#include "render/pipeline/generate_run.h"
#include "render/pipeline/pipeline.h"
#include "render/pipeline/pipeline_motion.h"

/* --- in --- */

static bool
repaints(const struct mask *mask, size_t at)
{
    return mask->values[at] >= CLOSEUP_REPAINT;
}

/* The latent of the member's source, with mid-grey where `hole` says so. */
static int
encode(struct run *r, struct member *m, const struct mask *hole, struct tensor *latent)
{
    struct engine *g = &r->p->engine;
    size_t h = (size_t)r->params->height, w = (size_t)r->params->width, mark = engine_mark(g);
    struct tensor image = tensor_new(g, 1, h, w, 3);

    for (size_t i = 0; i < 3 * h * w && !g->planning; i++) {
        bool gone = hole != NULL && repaints(hole, i / 3);

        image.data[i] = gone ? 0.0f : (float)m->params->source->pixels[i] / 127.5f - 1.0f;
    }
    autoencoder_encode(g, &r->p->vae, &image, latent);
    engine_rewind(g, mark);
    if (g->planning || engine_finite(latent->data, tensor_count(latent)))
        return ST_OK;
    return err_set(m->e, ST_INTERNAL,
                   "The model made values that are no numbers, so there is no picture.",
                   "NaN or Inf in the vae's encoder");
}

/* The mask by latent pixels: each takes the value of its upper left corner, as training did. */
static void
shrink_mask(const struct run *r, const struct member *m, float *out, size_t step)
{
    size_t factor = r->p->vae.factor, w = (size_t)r->params->width;

    for (size_t i = 0; i < r->h * r->w; i++)
        out[i * step] = repaints(m->params->mask, i / r->w * factor * w + i % r->w * factor);
}

/* Behind the latent's channels: the mask, then the latent of what is left of the source. */
static int
take_hole(struct run *r, struct member *m)
{
    struct engine *g = &r->p->engine;
    size_t c = r->p->vae.channels, more = c + 1, mark;
    struct tensor latent;
    int rc;

    m->extra = engine_floats(g, r->h * r->w * more);
    mark = engine_mark(g);
    latent = tensor_new(g, 1, r->h, r->w, c);
    rc = encode(r, m, m->params->mask, &latent);
    if (rc == ST_OK && !g->planning) {
        shrink_mask(r, m, m->extra, more);
        for (size_t i = 0; i < r->h * r->w; i++)
            memcpy(m->extra + i * more + 1, latent.data + i * c, c * sizeof *latent.data);
    }
    engine_rewind(g, mark);
    return rc;
}

/* Behind the latent's channels: the source's latent as the encoder makes it, not scaled. */
static int
take_original(struct run *r, struct member *m)
{
    struct engine *g = &r->p->engine;
    struct tensor latent = tensor_new(g, 1, r->h, r->w, r->p->vae.channels);
    int rc = encode(r, m, NULL, &latent);

    m->extra = latent.data;
    for (size_t i = 0; i < tensor_count(&latent) && !g->planning; i++)
        latent.data[i] = (float)((double)latent.data[i] / r->p->vae.scaling);
    return rc;
}

/* How like the given picture frame `i` is to be: the first wholly, the second most of the way down
 * already, the last by the whole of what `strength` lets go. That is how PIA's weights were
 * trained; 0.5 is its middle curve. */
static float
likeness(const struct run *r, size_t i)
{
    double strength = r->params->strength != 0.0 ? r->params->strength : 0.5, fall = 0.5 * strength;
    double part = r->frames > 2 ? (double)(i - 1) / (double)(r->frames - 2) : 1.0;

    return i == 0 ? 1.0f : (float)(1.0 - fall * (0.8 + 0.2 * part));
}

/* Behind the latent's channels of each frame: its likeness, then the latent of the source. */
static int
take_first_frame(struct run *r, struct member *m)
{
    struct engine *g = &r->p->engine;
    size_t c = r->p->vae.channels, more = c + 1, pixels = r->h * r->w, mark;
    struct tensor latent;
    int rc;

    m->extra = engine_floats(g, r->frames * pixels * more);
    mark = engine_mark(g);
    latent = tensor_new(g, 1, r->h, r->w, c);
    rc = encode(r, m, NULL, &latent);
    for (size_t i = 0; i < r->frames * pixels && rc == ST_OK && !g->planning; i++) {
        m->extra[i * more] = likeness(r, i / pixels);
        memcpy(m->extra + i * more + 1, latent.data + i % pixels * c, c * sizeof *latent.data);
    }
    engine_rewind(g, mark);
    return rc;
}

int
latents_take(struct run *r, struct member *m)
{
    struct engine *g = &r->p->engine;
    size_t more = r->p->unet->config.in_channels - r->p->vae.channels;
    enum generate_kind kind = r->params->kind;
    int rc = ST_OK;

    m->extra = NULL;
    m->hole = NULL;
    m->origin = (struct tensor){NULL, 0, 0, 0, 0};
    if (kind == GENERATE_EDIT)
        return take_original(r, m);
    if (kind == GENERATE_ANIMATE && pipeline_motion_continues(r->p))
        return take_first_frame(r, m);
    if (kind == GENERATE_INPAINT && more != 0)
        rc = take_hole(r, m);
    if (kind == GENERATE_INPAINT && more == 0) {
        m->hole = engine_floats(g, r->h * r->w);
        if (!g->planning)
            shrink_mask(r, m, m->hole, 1);
    }
    if (rc == ST_OK && generate_begins_at_source(r->p, r->params)) {
        m->origin = tensor_new(g, 1, r->h, r->w, r->p->vae.channels);
        rc = encode(r, m, NULL, &m->origin);
    }
    return rc;
}

/* --- out --- */

static void
to_pixels(const struct tensor *image, uint8_t *out)
{
    size_t count = tensor_count(image);

    for (size_t i = 0; i < count; i++) {
        float v = (image->data[i] * 0.5f + 0.5f) * 255.0f;

        v = v < 0.0f ? 0.0f : v;
        out[i] = v >= 255.0f ? 255 : (uint8_t)(v + 0.5f);
    }
}

/* One frame of a member's latent into 8 bits. */
static int
decode_frame(struct run *r, struct member *m, size_t frame, uint8_t *out)
{
    struct engine *g = &r->p->engine;
    size_t h = (size_t)r->params->height, w = (size_t)r->params->width, mark = engine_mark(g);
    struct tensor image = tensor_new(g, 1, h, w, 3), x = m->x;

    x.n = 1;
    x.data += frame * tensor_count(&x);
    autoencoder_decode(g, &r->p->vae, &x, &image);
    engine_rewind(g, mark);
    if (g->planning)
        return ST_OK;
    if (!engine_finite(image.data, tensor_count(&image))) {
        g->checking = true;
        g->bad[0] = '\0';
        image = tensor_new(g, 1, h, w, 3);
        autoencoder_decode(g, &r->p->vae, &x, &image);
        engine_rewind(g, mark);
        g->checking = false;
        return err_set(m->e, ST_INTERNAL,
                       "The model made values that are no numbers, so there is no picture.",
                       "NaN or Inf in vae layer %s", g->bad);
    }
    to_pixels(&image, out);
    return ST_OK;
}

/* Hands over each frame as soon as it is there; one is in memory at a time. */
static int
decode_to_hook(struct run *r, struct member *m)
{
    struct image image = {r->params->width, r->params->height, NULL};
    int rc = ST_OK;

    image.pixels = malloc(3 * (size_t)image.width * (size_t)image.height);
    if (image.pixels == NULL)
        return err_set(m->e, ST_NOMEM, "Out of memory.", "pixels of a frame");
    for (size_t i = 0; i < r->frames && rc == ST_OK; i++) {
        if ((rc = decode_frame(r, m, i, image.pixels)) == ST_OK && !r->p->engine.planning &&
            r->hooks->frame(r->hooks->ctx, m->index, (int)i, &image) != 0)
            rc = err_setf(m->e, ST_CANCELLED, "The picture was cancelled.");
    }
    image_release(&image);
    return rc;
}

int
latents_decode(struct run *r, struct member *m)
{
    size_t each = 3 * (size_t)r->params->height * (size_t)r->params->width;
    bool planning = r->p->engine.planning;
    int rc = ST_OK;

    if (r->params->kind == GENERATE_ANIMATE && r->hooks->frame != NULL)
        return decode_to_hook(r, m);
    if (!planning) {
        if ((m->out->pixels = malloc(each * r->frames)) == NULL)
            return err_set(m->e, ST_NOMEM, "Out of memory.", "pixels");
        m->out->width = r->params->width;
        m->out->height = r->params->height * (int)r->frames;
    }
    for (size_t i = 0; i < r->frames && rc == ST_OK; i++)
        rc = decode_frame(r, m, i, planning ? NULL : m->out->pixels + i * each);
    /* The new pixels take over within half a latent pixel. */
    if (rc == ST_OK && r->params->kind == GENERATE_INPAINT && !planning)
        rc = closeup_paste(m->out, m->params->source, m->params->mask, (int)r->p->vae.factor / 2,
                           m->e);
    return rc;
}

/*
 * Prompts into vectors. Knows no U-Net and no sampler. Read next: prompt_weights.c,
 * prompt_chunks.c, render/model/clip_text.c.
 */
#include "render/pipeline/prompt.h"

#include <math.h>
#include <string.h>

#include "common/err.h"
#include "render/pipeline/pipeline.h"
#include "render/pipeline/prompt_cache.h"
#include "render/pipeline/prompt_chunks.h"
#include "render/pipeline/prompt_weights.h"

#define ENCODERS 2
#define MEAN_LEAST 1e-12 /* a mean below is no measure to restore */

/* One text, cut for each encoder. */
struct words {
    struct prompt_chunks parts[ENCODERS];
    size_t chunks; /* the most of them */
};

static const struct clip_text *
encoder(const struct pipeline *p, size_t i)
{
    return i == 0 ? p->text : p->text2;
}

size_t
prompt_width(const struct pipeline *p)
{
    return p->text->width + (p->text2 != NULL ? p->text2->width : 0);
}

size_t
prompt_tokens(const struct pipeline *p)
{
    return p->text->positions;
}

size_t
prompt_pooled(const struct pipeline *p)
{
    return p->text2 != NULL ? clip_text_pooled(p->text2) : 0;
}

size_t
prompt_skip_most(const struct pipeline *p)
{
    size_t layers = p->text->layers;

    if (p->text2 != NULL && p->text2->layers < layers)
        layers = p->text2->layers;
    return layers > p->text_skip ? layers - p->text_skip - 1 : 0;
}

static void
release_words(struct words *w)
{
    for (size_t i = 0; i < ENCODERS; i++)
        prompt_chunks_release(&w->parts[i]);
}

static int
make_words(const struct pipeline *p, const char *text, struct words *out, struct err *e)
{
    struct prompt_pieces pieces;
    int rc;

    memset(out, 0, sizeof *out);
    if ((rc = prompt_weights_parse(text, &pieces, e)) != ST_OK)
        return rc;
    for (size_t i = 0; i < ENCODERS && encoder(p, i) != NULL && rc == ST_OK; i++) {
        struct prompt_target target = {.tokenizer = i == 0 ? p->tokenizer : p->tokenizer2,
                                       .length = encoder(p, i)->positions,
                                       .width = encoder(p, i)->width,
                                       .embeddings = p->embeddings,
                                       .embedding_count = p->embedding_count};

        rc = prompt_chunks_make(&pieces, &target, &out->parts[i], e);
        if (out->parts[i].count > out->chunks)
            out->chunks = out->parts[i].count;
    }
    prompt_weights_release(&pieces);
    if (rc != ST_OK) {
        release_words(out);
        return rc;
    }
    /* Encoders have different numbers of chunks when an embedding has different numbers of vectors
     * for them. */
    prompt_chunks_fill(&out->parts[0], p->tokenizer, out->chunks);
    if (p->text2 != NULL)
        prompt_chunks_fill(&out->parts[1], p->tokenizer2, out->chunks);
    return rc;
}

int
prompt_chunks_of(const struct pipeline *p, const char *text, size_t *chunks, struct err *e)
{
    struct words w;
    int rc = make_words(p, text, &w, e);

    *chunks = w.chunks;
    release_words(&w);
    return rc;
}

static double
mean(const float *x, size_t count)
{
    double sum = 0.0;

    for (size_t i = 0; i < count; i++)
        sum += (double)x[i];
    return sum / (double)count;
}

/* Every token's vector by its weight, then all by what brings their mean back. */
static void
apply_weights(float *x, const float *weights, size_t tokens, size_t width)
{
    double before = mean(x, tokens * width), after;
    float back = 1.0f;

    for (size_t i = 0; i < tokens; i++) {
        for (size_t k = 0; k < width; k++)
            x[i * width + k] *= weights[i];
    }
    after = mean(x, tokens * width);
    if (fabs(after) > MEAN_LEAST)
        back = (float)(before / after);
    for (size_t i = 0; i < tokens * width; i++)
        x[i] *= back;
}

/* Chunk `at` of encoder `i`, whose columns begin at `column`. */
static void
run_chunk(struct pipeline *p, size_t i, const struct prompt_chunks *c, size_t at, size_t skip,
          float *to, size_t column, float *pooled)
{
    struct engine *g = &p->engine;
    const struct clip_text *text = encoder(p, i);
    size_t from = at * c->length, mark = engine_mark(g);
    size_t d = text->width, wide = prompt_width(p);
    float *states = engine_floats(g, c->length * d);
    struct clip_input in = {.ids = c->ids + from, .count = c->length, .vectors = c->vectors + from};
    struct clip_output out = {
        .states = states, .skip = skip, .normed = p->text_normed, .pooled = pooled};

    clip_text_run(g, text, &in, &out);
    if (!g->planning) {
        if (c->weighted[at])
            apply_weights(states, c->weights + from, c->length, d);
        for (size_t k = 0; k < c->length; k++)
            memcpy(to + k * wide + column, states + k * d, d * sizeof *to);
    }
    engine_rewind(g, mark);
}

/* values = the context of the text's own chunks, then the pooled vector. */
static void
encode_words(struct pipeline *p, const struct words *w, size_t skip, float *values)
{
    size_t each = prompt_tokens(p) * prompt_width(p), column = 0;
    float *pooled = values + w->chunks * each;

    for (size_t i = 0; i < ENCODERS && encoder(p, i) != NULL; i++) {
        for (size_t k = 0; k < w->chunks; k++)
            run_chunk(p, i, &w->parts[i], k, p->text_skip + skip, values + k * each, column,
                      i == 1 && k == 0 ? pooled : NULL);
        column += encoder(p, i)->width;
    }
}

/* The first `chunks` of the text into context; those beyond its own are left alone. *own = how many
 * it has. */
static int
encode_text(struct pipeline *p, const char *text, size_t skip, float *context, size_t chunks,
            float *pooled, size_t *own, struct err *e)
{
    struct engine *g = &p->engine;
    size_t each = prompt_tokens(p) * prompt_width(p), mark = engine_mark(g), count;
    const float *values;
    struct words w;
    float *made;
    int rc;

    if ((rc = make_words(p, text, &w, e)) != ST_OK)
        return rc;
    *own = w.chunks < chunks ? w.chunks : chunks;
    count = w.chunks * each + prompt_pooled(p);
    values = g->planning ? NULL : prompt_cache_find(p->prompts, text, skip);
    if (values == NULL) {
        values = made = engine_floats(g, count);
        encode_words(p, &w, skip, made);
        if (!g->planning)
            prompt_cache_keep(p->prompts, text, skip, made, count);
    }
    if (!g->planning) {
        memcpy(context, values, *own * each * sizeof *context);
        if (pooled != NULL)
            memcpy(pooled, values + w.chunks * each, prompt_pooled(p) * sizeof *pooled);
    }
    engine_rewind(g, mark);
    release_words(&w);
    return ST_OK;
}

int
prompt_encode(struct pipeline *p, const struct prompt_ask *ask, float *context, float *pooled,
              struct err *e)
{
    size_t each = prompt_tokens(p) * prompt_width(p), own, one;
    int rc;

    if (ask->clip_skip > prompt_skip_most(p))
        return err_setf(e, ST_INVALID, "This model's clip skip must lie between 0 and %zu.",
                        prompt_skip_most(p));
    if (ask->negative && ask->text[0] == '\0' && p->zero_negative) {
        if (!p->engine.planning) {
            memset(context, 0, ask->chunks * each * sizeof *context);
            if (pooled != NULL)
                memset(pooled, 0, prompt_pooled(p) * sizeof *pooled);
        }
        return ST_OK;
    }
    rc = encode_text(p, ask->text, ask->clip_skip, context, ask->chunks, pooled, &own, e);
    if (rc != ST_OK || own == ask->chunks)
        return rc;
    rc = encode_text(p, "", ask->clip_skip, context + own * each, 1, NULL, &one, e);
    for (size_t i = own + 1; i < ask->chunks && rc == ST_OK && !p->engine.planning; i++)
        memcpy(context + i * each, context + own * each, each * sizeof *context);
    return rc;
}

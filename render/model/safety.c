/*
 * The safety checker. Knows no picture files. Read next: render/pipeline/safety_check.c.
 */
#include "render/model/safety.h"

#include <math.h>
#include <string.h>

#include "common/err.h"
#include "common/json.h"
#include "render/model/clip_vision.h"
#include "render/weights/weight_store.h"

#define VISION "vision_model.vision_model"
#define CARE 0.01 /* what a special concept adds to all scores after it */
#define WIDTH_MAX 65536

/* Vectors that pictures are compared with, and the similarity each allows. */
struct concepts {
    size_t count;
    const float *vectors, *limits;
};

struct safety {
    struct clip_vision *vision;
    struct linear projection;
    size_t width;
    struct concepts usual, special;
};

static void
load_concepts(struct loader *l, const char *name, const char *limits, size_t width,
              struct concepts *to)
{
    size_t shape[8];

    (void)weight_store_shape(l->store, name, shape);
    to->count = shape[0];
    if (l->rc == ST_OK && (to->count == 0 || to->count > SAFETY_CONCEPTS))
        l->rc = err_setf(l->e, ST_UNSUPPORTED, "%s should have 1 to %d rows, not %zu.", name,
                         SAFETY_CONCEPTS, to->count);
    to->vectors = loader_tensor(l, name, (const size_t[]){to->count, width}, 2);
    to->limits = loader_tensor(l, limits, &to->count, 1);
}

struct safety *
safety_load(struct loader *l, const struct json *config)
{
    struct safety *s = loader_alloc(l, 1, sizeof *s);
    const struct json *vision = json_get(config, "vision_config");
    size_t shape[8];

    if (s == NULL)
        return NULL;
    if (json_get(vision, "num_attention_heads") == NULL)
        vision = json_get(config, "vision_config_dict"); /* where older files have it */
    s->vision = clip_vision_load(l, VISION, vision);
    if (s->vision == NULL)
        return NULL;
    (void)weight_store_shape(l->store, "visual_projection.weight", shape);
    s->width = shape[0] > 0 && shape[0] <= WIDTH_MAX ? shape[0] : 1;
    linear_load(l, "", "visual_projection", s->vision->width, s->width, false, &s->projection);
    load_concepts(l, "concept_embeds", "concept_embeds_weights", s->width, &s->usual);
    load_concepts(l, "special_care_embeds", "special_care_embeds_weights", s->width, &s->special);
    return l->rc == ST_OK ? s : NULL;
}

const struct clip_vision *
safety_vision(const struct safety *s)
{
    return s->vision;
}

size_t
safety_width(const struct safety *s)
{
    return s->width;
}

void
safety_run(struct engine *g, const struct safety *s, const struct tensor *x, float *out)
{
    size_t mark = engine_mark(g);
    float *pooled = engine_floats(g, x->n * s->vision->width);

    clip_vision_run(g, s->vision, x, pooled);
    linear_run_batch(g, &s->projection, pooled, x->n, 1, out, NULL);
    engine_rewind(g, mark);
}

static double
length_of(const float *x, size_t count)
{
    double sum = 0.0;

    for (size_t i = 0; i < count; i++)
        sum += (double)x[i] * (double)x[i];
    return sum > 0.0 ? sqrt(sum) : 1.0;
}

/* Similarity above the limit, rounded to three digits as the original does. */
static double
score(const struct concepts *c, size_t index, const float *vector, size_t width, double adjust)
{
    const float *with = c->vectors + index * width;
    double sum = 0.0;

    for (size_t i = 0; i < width; i++)
        sum += (double)vector[i] * (double)with[i];
    sum /= length_of(vector, width) * length_of(with, width);
    return rint((sum - (double)c->limits[index] + adjust) * 1000.0) / 1000.0;
}

void
safety_judge(const struct safety *s, const float *vector, struct safety_verdict *out)
{
    double adjust = 0.0;

    memset(out, 0, sizeof *out);
    out->specials = s->special.count;
    out->concepts = s->usual.count;
    for (size_t i = 0; i < out->specials; i++) {
        out->special[i] = score(&s->special, i, vector, s->width, adjust);
        if (out->special[i] > 0.0)
            adjust = CARE;
    }
    for (size_t i = 0; i < out->concepts; i++) {
        out->score[i] = score(&s->usual, i, vector, s->width, adjust);
        out->flagged = out->flagged || out->score[i] > 0.0;
    }
}

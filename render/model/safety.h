/*
 * The safety checker of Stable Diffusion: how near a picture's CLIP vector is to those of concepts
 * that are not to be shown.
 *
 * Formula: diffusers pipelines/stable_diffusion/safety_checker.py.
 */
#ifndef GEMPIX_RENDER_MODEL_SAFETY_H
#define GEMPIX_RENDER_MODEL_SAFETY_H

#include <stdbool.h>
#include <stddef.h>

struct clip_vision;
struct engine;
struct json;
struct loader;
struct safety;
struct tensor;

#define SAFETY_CONCEPTS 64 /* at most; the published checker has 17 and 3 */

struct safety_verdict {
    bool flagged; /* a concept has a score above 0 */
    size_t concepts, specials;
    double score[SAFETY_CONCEPTS]; /* similarity - limit (+ 0.01 after a special one), 3 digits */
    double special[SAFETY_CONCEPTS];
};

/* `config` is the checker's config.json or NULL. Memory belongs to the loader's arena; NULL on
   failure (l->rc). */
struct safety *safety_load(struct loader *l, const struct json *config);
const struct clip_vision *safety_vision(const struct safety *s);
/* Values of the vector that is compared. */
size_t safety_width(const struct safety *s);

/* x [n, side, side, 3] as in clip_vision.h; out [n][safety_width]. */
void safety_run(struct engine *g, const struct safety *s, const struct tensor *x, float *out);
/* What a vector of safety_run means. */
void safety_judge(const struct safety *s, const float *vector, struct safety_verdict *out);

#endif

/*
 * LaMa: fills holes in pictures by fast Fourier convolutions, in one pass. Weights from a converted
 * safetensors file with the names of the published checkpoint ("generator.model.…" or "model.…");
 * widths, depth and the share of global channels are recognised by the shapes.
 *
 * Formulas: LaMa, saicinpainting/training/modules/ffc.py.
 */
#ifndef GEMPIX_RENDER_MODEL_LAMA_H
#define GEMPIX_RENDER_MODEL_LAMA_H

#include <stddef.h>

struct engine;
struct lama;
struct loader;
struct tensor;

/* Memory belongs to the loader's arena; NULL on failure (l->rc). */
struct lama *lama_load(struct loader *l);
/* Sides of pictures must be multiples of this: 8 for the published ones. */
size_t lama_multiple(const struct lama *m);

/* x [n, h, w, 4]: RGB in [0, 1], 0 in the hole, then the mask, 1 in the hole. out [n, h, w, 3]
   given: what the network paints, in the hole and elsewhere. */
void lama_run(struct engine *g, const struct lama *m, const struct tensor *x, struct tensor *out);

#endif

/*
 * Networks that enlarge pictures, from Real-ESRGAN: SRVGGNetCompact (a plain chain of convolutions
 * with PReLU, many times cheaper) and RRDBNet (residual dense blocks; ×4, or ×2 and ×1 with the
 * input's pixels moved to channels first). Family, widths and depth are recognised by the tensors.
 *
 * Formulas: BasicSR rrdbnet_arch.py, Real-ESRGAN srvgg_arch.py.
 */
#ifndef GEMPIX_RENDER_MODEL_UPSCALER_H
#define GEMPIX_RENDER_MODEL_UPSCALER_H

#include <stddef.h>

struct compact;
struct engine;
struct loader;
struct rrdb;
struct tensor;

struct upscaler {
    struct compact *compact; /* one of the two */
    struct rrdb *rrdb;
    size_t factor;   /* output pixels per input pixel on a side */
    size_t multiple; /* of which the input's sides must be */
    size_t reach;    /* input pixels around a pixel that its results depend on; 0 = too many */
};

/* Memory belongs to the loader's arena. l->rc says how it went: ST_UNSUPPORTED when the file holds
   neither network. */
void upscaler_load(struct loader *l, struct upscaler *out);

/* x [n, h, w, 3], RGB in [0, 1]; out [n, h·factor, w·factor, 3] given, not clamped. */
void upscaler_run(struct engine *g, const struct upscaler *u, const struct tensor *x,
                  struct tensor *out);

#endif

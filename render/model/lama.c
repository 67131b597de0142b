/*
 * The network LaMa. Knows no picture files and no masks' edges. Read next: fft.c,
 * render/pipeline/cleanup.c.
 *
 * Its channels are of two kinds, local and global, which four paths connect; the one from global to
 * global goes through a Fourier transform, so every pixel sees the whole picture. All convolutions
 * but the way up have reflected borders. BatchNorm follows from two numbers per channel, which are
 * joined with the ReLU after it in one pass.
 */
#include "render/model/lama.h"

#include <math.h>
#include <string.h>

#include "common/err.h"
#include "render/engine/act.h"
#include "render/engine/pixels.h"
#include "render/model/fft.h"
#include "render/model/layers.h"
#include "render/weights/weight_store.h"

#define LEVELS_MAX 6
#define BLOCKS_MAX 256
#define WIDTH_MAX 8192
#define EPS 1e-5
#define WIDE_KERNEL 7

struct affine {
    float *scale, *shift;
};

/* Path by path; the way down has those from local channels alone. */
struct ffc {
    struct conv_layer local, local_wide, wide_local;
    struct conv_layer before, fourier, after; /* wide to wide */
    struct affine norm_local, norm_wide, norm_before, norm_fourier;
};

struct up {
    struct conv_layer conv; /* 4 times the channels, which become pixels */
    struct affine norm;
    size_t out;
};

struct lama {
    size_t levels, blocks, local, wide;
    size_t widths[LEVELS_MAX + 1]; /* of the first convolution and the levels below it */
    struct ffc first, down[LEVELS_MAX];
    struct ffc (*list)[2];
    struct up up[LEVELS_MAX];
    struct conv_layer last;
};

/* --- loading --- */

static size_t
shape_of(const struct loader *l, const char *prefix, const char *name, size_t shape[8])
{
    char full[LAYER_NAME];

    layer_name(full, prefix, name);
    return weight_store_shape(l->store, full, shape);
}

/* BatchNorm as y = x · scale + shift. */
static void
load_norm(struct loader *l, const char *prefix, const char *name, size_t width, struct affine *to)
{
    static const char *const PARTS[] = {"weight", "bias", "running_mean", "running_var"};
    const float *values[4];
    char layer[LAYER_NAME], tensor[LAYER_NAME];

    layer_name(layer, prefix, name);
    for (size_t i = 0; i < 4; i++) {
        layer_name(tensor, layer, PARTS[i]);
        values[i] = loader_tensor(l, tensor, &width, 1);
    }
    to->scale = loader_alloc(l, width, sizeof *to->scale);
    to->shift = loader_alloc(l, width, sizeof *to->shift);
    for (size_t i = 0; i < width && l->rc == ST_OK; i++) {
        double scale = (double)values[0][i] / sqrt((double)values[3][i] + EPS);

        to->scale[i] = (float)scale;
        to->shift[i] = (float)((double)values[1][i] - scale * (double)values[2][i]);
    }
}

/* A convolution on an image whose borders were added before. */
static void
load_conv(struct loader *l, const char *prefix, const char *name, size_t in, size_t out,
          size_t kernel, struct conv_layer *to)
{
    conv_load(l, prefix, name, in, out, kernel, false, to);
    to->shape.before = to->shape.after = 0;
}

static void
load_ffc(struct loader *l, const char *prefix, size_t local, size_t wide, struct ffc *to)
{
    size_t half = wide / 2, shape[8];

    if (l->rc == ST_OK && shape_of(l, prefix, "ffc.convg2g.lfu.conv_layer.weight", shape) != 0)
        l->rc =
            err_setf(l->e, ST_UNSUPPORTED,
                     "%.100s.ffc.convg2g.lfu is in the file: this engine cannot do it.", prefix);
    load_conv(l, prefix, "ffc.convl2l", local, local, 3, &to->local);
    load_conv(l, prefix, "ffc.convl2g", local, wide, 3, &to->local_wide);
    load_conv(l, prefix, "ffc.convg2l", wide, local, 3, &to->wide_local);
    load_conv(l, prefix, "ffc.convg2g.conv1.0", wide, half, 1, &to->before);
    load_norm(l, prefix, "ffc.convg2g.conv1.1", half, &to->norm_before);
    load_conv(l, prefix, "ffc.convg2g.fu.conv_layer", 2 * half, 2 * half, 1, &to->fourier);
    load_norm(l, prefix, "ffc.convg2g.fu.bn", 2 * half, &to->norm_fourier);
    load_conv(l, prefix, "ffc.convg2g.conv2", half, wide, 1, &to->after);
    load_norm(l, prefix, "bn_l", local, &to->norm_local);
    load_norm(l, prefix, "bn_g", wide, &to->norm_wide);
}

/* A transposed 3×3 convolution of stride 2 gives each pixel's four successors from the pixel and
 * its neighbours right and below: a 2×2 convolution to four times the channels. */
static void
load_up(struct loader *l, const char *prefix, size_t slot, size_t in, struct up *to)
{
    static const int TAP[2][2] = {{1, -1}, {2, 0}}; /* [odd output][neighbour] */
    char name[LAYER_NAME], tensor[LAYER_NAME];
    size_t shape[8];
    const float *w, *b;
    float *turned, *bias;

    layer_name_at(name, prefix, "model", slot);
    (void)shape_of(l, name, "weight", shape);
    to->out = shape[1] > 0 && shape[1] <= WIDTH_MAX ? shape[1] : 1;
    layer_name(tensor, name, "weight");
    w = loader_tensor(l, tensor, (const size_t[]){in, to->out, 3, 3}, 4);
    layer_name(tensor, name, "bias");
    b = loader_tensor(l, tensor, &to->out, 1);
    turned = loader_alloc(l, to->out * in * 16, sizeof *turned);
    bias = loader_alloc(l, 4 * to->out, sizeof *bias);
    for (size_t row = 0; row < 4 * to->out && l->rc == ST_OK; row++) {
        bias[row] = b[row / 4];
        for (size_t i = 0; i < in * 4; i++) {
            int ky = TAP[row / 2 % 2][i / 2 % 2], kx = TAP[row % 2][i % 2];

            if (ky >= 0 && kx >= 0)
                turned[row * in * 4 + i] =
                    w[(i / 4 * to->out + row / 4) * 9 + 3 * (size_t)ky + (size_t)kx];
        }
    }
    to->conv = (struct conv_layer){.shape = {.kernel = 2, .stride = 1, .after = 1},
                                   .w = weight_floats(turned, 4 * to->out, 4 * in),
                                   .b = bias,
                                   .in = in,
                                   .out = 4 * to->out};
    to->conv.w.taps = 4;
    layer_name_at(name, prefix, "model", slot + 1);
    load_norm(l, name, "", to->out, &to->norm);
}

/* Depth and widths; false after a refusal that names what is wrong. */
static bool
measure(struct loader *l, const char *prefix, struct lama *m)
{
    size_t shape[8], slot = 2;
    char name[LAYER_NAME];
    bool good = true;

    (void)shape_of(l, prefix, "model.1.ffc.convl2l.weight", shape);
    m->widths[0] = shape[0];
    for (; m->levels < LEVELS_MAX; m->levels++, slot++) {
        layer_name_at(name, prefix, "model", slot);
        if (shape_of(l, name, "ffc.convl2l.weight", shape) == 0)
            break;
        m->widths[m->levels + 1] = m->local = shape[0];
        m->wide = shape_of(l, name, "ffc.convl2g.weight", shape) != 0 ? shape[0] : 0;
    }
    for (; m->blocks < BLOCKS_MAX; m->blocks++, slot++) {
        layer_name_at(name, prefix, "model", slot);
        if (shape_of(l, name, "conv1.ffc.convl2l.weight", shape) == 0)
            break;
    }
    for (size_t i = 0; i <= m->levels; i++)
        good = good && m->widths[i] > 0 && m->widths[i] <= WIDTH_MAX;
    layer_name_at(name, prefix, "model", 1 + m->levels);
    if (l->rc == ST_OK &&
        (!good || m->levels == 0 || m->wide < 2 || m->wide > WIDTH_MAX || m->wide % 2 != 0))
        l->rc = err_setf(l->e, ST_UNSUPPORTED,
                         "This LaMa cannot be used: %.100s.ffc.convl2l and convl2g should be the "
                         "last way down.",
                         name);
    return l->rc == ST_OK;
}

static void
load_down(struct loader *l, const char *prefix, struct lama *m)
{
    char name[LAYER_NAME];

    layer_name(name, prefix, "model.1");
    load_conv(l, name, "ffc.convl2l", 4, m->widths[0], WIDE_KERNEL, &m->first.local);
    load_norm(l, name, "bn_l", m->widths[0], &m->first.norm_local);
    for (size_t i = 0; i < m->levels; i++) {
        struct ffc *to = &m->down[i];

        layer_name_at(name, prefix, "model", 2 + i);
        load_conv(l, name, "ffc.convl2l", m->widths[i], m->widths[i + 1], 3, &to->local);
        load_norm(l, name, "bn_l", m->widths[i + 1], &to->norm_local);
        to->local.shape.stride = 2;
        if (i + 1 < m->levels)
            continue;
        load_conv(l, name, "ffc.convl2g", m->widths[i], m->wide, 3, &to->local_wide);
        load_norm(l, name, "bn_g", m->wide, &to->norm_wide);
        to->local_wide.shape.stride = 2;
    }
}

struct lama *
lama_load(struct loader *l)
{
    struct lama *m = loader_alloc(l, 1, sizeof *m);
    char block[LAYER_NAME], name[LAYER_NAME];
    const char *prefix = "generator";
    size_t shape[8], slot, now;

    if (m == NULL)
        return NULL;
    if (shape_of(l, prefix, "model.1.ffc.convl2l.weight", shape) == 0)
        prefix = "";
    if (shape_of(l, prefix, "model.1.ffc.convl2l.weight", shape) == 0) {
        l->rc = err_setf(l->e, ST_UNSUPPORTED,
                         "This is no LaMa: generator.model.1.ffc.convl2l.weight is not there.");
        return NULL;
    }
    if (!measure(l, prefix, m))
        return NULL;
    load_down(l, prefix, m);
    m->list = loader_alloc(l, m->blocks + 1, sizeof *m->list);
    slot = 2 + m->levels;
    for (size_t i = 0; i < m->blocks && l->rc == ST_OK; i++, slot++) {
        layer_name_at(block, prefix, "model", slot);
        layer_name(name, block, "conv1");
        load_ffc(l, name, m->local, m->wide, &m->list[i][0]);
        layer_name(name, block, "conv2");
        load_ffc(l, name, m->local, m->wide, &m->list[i][1]);
    }
    slot++; /* where the two kinds are joined */
    now = m->local + m->wide;
    for (size_t i = 0; i < m->levels && l->rc == ST_OK; i++, slot += 3) {
        load_up(l, prefix, slot, now, &m->up[i]);
        now = m->up[i].out;
    }
    layer_name_at(name, prefix, "model", slot + 1);
    conv_load(l, name, "", now, 3, WIDE_KERNEL, true, &m->last);
    m->last.shape.before = m->last.shape.after = 0;
    return l->rc == ST_OK ? m : NULL;
}

size_t
lama_multiple(const struct lama *m)
{
    return (size_t)1 << m->levels;
}

/* --- running --- */

static struct tensor
with_border(struct engine *g, const struct tensor *x, size_t border)
{
    struct tensor out = tensor_new(g, x->n, x->h + 2 * border, x->w + 2 * border, x->c);

    pixels_reflect(g, x, border, border, &out);
    return out;
}

/* out = ReLU(norm(conv(x))) for a convolution that stands alone. */
static void
run_conv(struct engine *g, const struct conv_layer *c, const struct affine *norm,
         const struct tensor *x, struct tensor *out)
{
    conv_run(g, c, x, NULL, NULL, out);
    pixels_scale_relu(g, out, norm->scale, norm->shift);
}

/* out += the path from global to global. */
static void
run_spectral(struct engine *g, const struct ffc *f, const struct fft *rows,
             const struct fft *columns, const struct tensor *x, struct tensor *out)
{
    size_t mark = engine_mark(g), half = f->before.out;
    struct tensor y = tensor_new(g, x->n, x->h, x->w, half);
    struct tensor z = tensor_new(g, x->n, x->h, x->w, half);
    struct tensor wave = tensor_new(g, x->n, x->h, x->w / 2 + 1, 2 * half);
    struct tensor turned = tensor_new(g, x->n, x->h, x->w / 2 + 1, 2 * half);

    run_conv(g, &f->before, &f->norm_before, x, &y);
    fft_real(g, rows, columns, &y, &wave);
    run_conv(g, &f->fourier, &f->norm_fourier, &wave, &turned);
    fft_real_back(g, rows, columns, &turned, &z);
    act_add(g, z.data, y.data, z.data, tensor_count(&z), ACT_NONE);
    conv_run(g, &f->after, &z, NULL, out->data, out);
    engine_rewind(g, mark);
}

static void
run_ffc(struct engine *g, const struct ffc *f, const struct fft *rows, const struct fft *columns,
        const struct tensor *local, const struct tensor *wide, struct tensor *out_local,
        struct tensor *out_wide)
{
    size_t mark = engine_mark(g);
    struct tensor a = with_border(g, local, 1), b = with_border(g, wide, 1);

    conv_run(g, &f->local, &a, NULL, NULL, out_local);
    conv_run(g, &f->wide_local, &b, NULL, out_local->data, out_local);
    conv_run(g, &f->local_wide, &a, NULL, NULL, out_wide);
    engine_rewind(g, mark);
    run_spectral(g, f, rows, columns, wide, out_wide);
    pixels_scale_relu(g, out_local, f->norm_local.scale, f->norm_local.shift);
    pixels_scale_relu(g, out_wide, f->norm_wide.scale, f->norm_wide.shift);
}

/* The residual blocks, on both kinds of channels in place. */
static void
run_blocks(struct engine *g, const struct lama *m, struct tensor *local, struct tensor *wide)
{
    size_t mark = engine_mark(g);
    struct tensor a[2], b[2];
    struct fft rows, columns;

    fft_plan(g, local->h, &rows);
    fft_plan(g, local->w, &columns);
    for (size_t i = 0; i < 2; i++) {
        a[i] = tensor_new(g, local->n, local->h, local->w, local->c);
        b[i] = tensor_new(g, wide->n, wide->h, wide->w, wide->c);
    }
    for (size_t i = 0; i < m->blocks; i++) {
        run_ffc(g, &m->list[i][0], &rows, &columns, local, wide, &a[0], &b[0]);
        run_ffc(g, &m->list[i][1], &rows, &columns, &a[0], &b[0], &a[1], &b[1]);
        act_add(g, local->data, a[1].data, local->data, tensor_count(local), ACT_NONE);
        act_add(g, wide->data, b[1].data, wide->data, tensor_count(wide), ACT_NONE);
        engine_check(g, "model (Fourier blocks)", wide);
        engine_relieve(g);
    }
    engine_rewind(g, mark);
}

/* From the picture to the two kinds of channels, which are joined again in `out`. */
static void
run_inside(struct engine *g, const struct lama *m, const struct tensor *x, struct tensor *out)
{
    size_t mark = engine_mark(g);
    struct tensor now = tensor_new(g, x->n, x->h, x->w, m->widths[0]), padded, local, wide;
    size_t inner = engine_mark(g);

    padded = with_border(g, x, WIDE_KERNEL / 2);
    run_conv(g, &m->first.local, &m->first.norm_local, &padded, &now);
    engine_rewind(g, inner);
    for (size_t i = 0; i + 1 < m->levels; i++) {
        local = tensor_new(g, now.n, now.h / 2, now.w / 2, m->widths[i + 1]);
        inner = engine_mark(g);
        padded = with_border(g, &now, 1);
        run_conv(g, &m->down[i].local, &m->down[i].norm_local, &padded, &local);
        engine_rewind(g, inner);
        now = local;
    }
    local = tensor_new(g, out->n, out->h, out->w, m->local);
    wide = tensor_new(g, out->n, out->h, out->w, m->wide);
    inner = engine_mark(g);
    padded = with_border(g, &now, 1);
    run_conv(g, &m->down[m->levels - 1].local, &m->down[m->levels - 1].norm_local, &padded, &local);
    run_conv(g, &m->down[m->levels - 1].local_wide, &m->down[m->levels - 1].norm_wide, &padded,
             &wide);
    engine_rewind(g, inner);
    run_blocks(g, m, &local, &wide);
    join(g, &local, &wide, out);
    engine_rewind(g, mark);
}

void
lama_run(struct engine *g, const struct lama *m, const struct tensor *x, struct tensor *out)
{
    size_t mark = engine_mark(g), count = tensor_count(out), multiple = lama_multiple(m), inner;
    struct tensor now = tensor_new(g, x->n, x->h / multiple, x->w / multiple, m->local + m->wide);
    struct tensor large, grown, padded;

    run_inside(g, m, x, &now);
    for (size_t i = 0; i < m->levels; i++) {
        large = tensor_new(g, now.n, 2 * now.h, 2 * now.w, m->up[i].out);
        inner = engine_mark(g);
        grown = tensor_new(g, now.n, now.h, now.w, m->up[i].conv.out);
        conv_run(g, &m->up[i].conv, &now, NULL, NULL, &grown);
        pixels_shuffle(g, &grown, 2, &large);
        engine_rewind(g, inner);
        pixels_scale_relu(g, &large, m->up[i].norm.scale, m->up[i].norm.shift);
        now = large;
    }
    padded = with_border(g, &now, WIDE_KERNEL / 2);
    conv_run(g, &m->last, &padded, NULL, NULL, out);
    for (size_t i = 0; i < count && !g->planning; i++)
        out->data[i] = 1.0f / (1.0f + expf(-out->data[i]));
    engine_rewind(g, mark);
    engine_check(g, "model (the way up)", out);
}

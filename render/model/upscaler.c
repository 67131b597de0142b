/*
 * The upscaling networks. Knows no tiles and no bytes. Read next: render/pipeline/upscale.c.
 */
#include "render/model/upscaler.h"

#include <string.h>

#include "common/err.h"
#include "render/engine/pixels.h"
#include "render/model/layers.h"
#include "render/weights/weight_store.h"

#define LAYERS_MAX 512
#define WIDTH_MAX 4096
#define DENSE 5
#define LEAK 0.2f
#define QUIET 0.2f /* what a residual block adds is scaled by this */

struct compact {
    size_t count, width, factor; /* count of convolutions */
    struct conv_layer *convs;
    const float **slopes; /* of the PReLU after each but the last */
};

struct dense {
    struct conv_layer conv[DENSE];
};

struct rrdb {
    size_t count, width, growth, unshuffle;
    struct conv_layer first, body, up1, up2, hr, last;
    struct dense (*blocks)[3];
};

/* What the published dictionaries were stored under. */
static const char *const PREFIXES[] = {"", "params_ema", "params"};

static size_t
shape_of(const struct loader *l, const char *prefix, const char *name, size_t shape[8])
{
    char full[LAYER_NAME];

    layer_name(full, prefix, name);
    return weight_store_shape(l->store, full, shape);
}

static void
refuse(struct loader *l, const char *name, const char *why)
{
    if (l->rc == ST_OK)
        l->rc = err_setf(l->e, ST_UNSUPPORTED, "This upscaler cannot be used: %.80s %.120s.", name,
                         why);
}

/* 3·r² channels at the end: returns r, or 0. */
static size_t
factor_of(size_t channels)
{
    for (size_t r = 1; r <= 8; r++) {
        if (channels == 3 * r * r)
            return r;
    }
    return 0;
}

static void
load_compact(struct loader *l, const char *prefix, struct upscaler *u)
{
    struct compact *c = loader_alloc(l, 1, sizeof *c);
    char layers[LAYER_NAME], name[LAYER_NAME];
    size_t shape[8], out = 0;

    if (c == NULL)
        return;
    layer_name(layers, prefix, "body");
    while (c->count < LAYERS_MAX) {
        layer_name_at(name, prefix, "body", 2 * c->count);
        if (shape_of(l, name, "weight", shape) == 0)
            break;
        out = shape[0];
        c->width = c->count == 0 ? shape[0] : c->width;
        c->count++;
    }
    c->factor = factor_of(out);
    if (c->count < 2 || c->width == 0 || c->width > WIDTH_MAX || c->factor == 0) {
        refuse(l, layers, "should begin with convolutions and end in 3, 12, 27 or 48 channels");
        return;
    }
    c->convs = loader_alloc(l, c->count, sizeof *c->convs);
    c->slopes = loader_alloc(l, c->count, sizeof *c->slopes);
    for (size_t i = 0; i < c->count && l->rc == ST_OK; i++) {
        bool last = i + 1 == c->count;

        layer_name_at(name, prefix, "body", 2 * i);
        conv_load(l, name, "", i == 0 ? 3 : c->width, last ? out : c->width, 3, true, &c->convs[i]);
        layer_name_at(layers, prefix, "body", 2 * i + 1);
        layer_name(name, layers, "weight");
        if (!last)
            c->slopes[i] = loader_tensor(l, name, &c->width, 1);
    }
    u->compact = c;
    u->factor = c->factor;
    u->multiple = 1;
    u->reach = c->count;
}

/* A convolution and the leaky ReLU after it. */
static void
load_leaky(struct loader *l, const char *prefix, const char *name, size_t in, size_t out,
           struct conv_layer *to)
{
    conv_load(l, prefix, name, in, out, 3, true, to);
    to->rectify = true;
    to->slope = LEAK;
}

static void
load_dense(struct loader *l, const struct rrdb *r, const char *prefix, struct dense *to)
{
    static const char *const CONVS[DENSE] = {"conv1", "conv2", "conv3", "conv4", "conv5"};

    for (size_t i = 0; i < DENSE; i++) {
        size_t in = r->width + i * r->growth;

        if (i + 1 < DENSE)
            load_leaky(l, prefix, CONVS[i], in, r->growth, &to->conv[i]);
        else
            conv_load(l, prefix, CONVS[i], in, r->width, 3, true, &to->conv[i]);
    }
}

/* The sizes by the shapes; false after a refusal. */
static bool
measure_rrdb(struct loader *l, const char *prefix, struct rrdb *r)
{
    char name[LAYER_NAME];
    size_t shape[8];

    (void)shape_of(l, prefix, "conv_first.weight", shape);
    r->width = shape[0];
    r->unshuffle = factor_of(shape[1]);
    if (r->width == 0 || r->width > WIDTH_MAX ||
        (r->unshuffle != 1 && r->unshuffle != 2 && r->unshuffle != 4)) {
        refuse(l, "conv_first.weight", "should have 3, 12 or 48 channels in");
        return false;
    }
    (void)shape_of(l, prefix, "body.0.rdb1.conv1.weight", shape);
    r->growth = shape[0];
    if (r->growth == 0 || r->growth > WIDTH_MAX) {
        refuse(l, "body.0.rdb1.conv1.weight", "has a width that cannot be");
        return false;
    }
    for (; r->count < LAYERS_MAX; r->count++) {
        layer_name_at(name, prefix, "body", r->count);
        if (shape_of(l, name, "rdb1.conv1.weight", shape) == 0)
            break;
    }
    return true;
}

static void
load_rrdb(struct loader *l, const char *prefix, struct upscaler *u)
{
    static const char *const PARTS[] = {"rdb1", "rdb2", "rdb3"};
    struct rrdb *r = loader_alloc(l, 1, sizeof *r);
    char block[LAYER_NAME], name[LAYER_NAME];

    if (r == NULL || !measure_rrdb(l, prefix, r))
        return;
    r->blocks = loader_alloc(l, r->count + 1, sizeof *r->blocks);
    conv_load(l, prefix, "conv_first", 3 * r->unshuffle * r->unshuffle, r->width, 3, true,
              &r->first);
    for (size_t i = 0; i < r->count && l->rc == ST_OK; i++) {
        layer_name_at(block, prefix, "body", i);
        for (size_t k = 0; k < 3; k++) {
            layer_name(name, block, PARTS[k]);
            load_dense(l, r, name, &r->blocks[i][k]);
        }
    }
    conv_load(l, prefix, "conv_body", r->width, r->width, 3, true, &r->body);
    load_leaky(l, prefix, "conv_up1", r->width, r->width, &r->up1);
    load_leaky(l, prefix, "conv_up2", r->width, r->width, &r->up2);
    load_leaky(l, prefix, "conv_hr", r->width, r->width, &r->hr);
    conv_load(l, prefix, "conv_last", r->width, 3, 3, true, &r->last);
    u->rrdb = r;
    u->factor = 4 / r->unshuffle;
    u->multiple = r->unshuffle;
}

void
upscaler_load(struct loader *l, struct upscaler *out)
{
    size_t shape[8];

    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < sizeof PREFIXES / sizeof *PREFIXES && l->rc == ST_OK; i++) {
        if (shape_of(l, PREFIXES[i], "conv_first.weight", shape) != 0) {
            load_rrdb(l, PREFIXES[i], out);
            return;
        }
        if (shape_of(l, PREFIXES[i], "body.0.weight", shape) != 0) {
            load_compact(l, PREFIXES[i], out);
            return;
        }
    }
    refuse(l, "neither body.0.weight (compact) nor conv_first.weight (RRDB)", "is in the file");
}

/* A tensor over a buffer that is large enough. */
static struct tensor
over(float *data, const struct tensor *like, size_t c)
{
    struct tensor t = *like;

    t.data = data;
    t.c = c;
    return t;
}

static void
run_compact(struct engine *g, const struct compact *c, const struct tensor *x, struct tensor *out)
{
    size_t mark = engine_mark(g), pixels = x->n * x->h * x->w;
    size_t last = 3 * c->factor * c->factor, widest = c->width > last ? c->width : last;
    float *free_one = engine_floats(g, pixels * widest), *other = engine_floats(g, pixels * widest);
    struct tensor now = *x, next;

    for (size_t i = 0; i < c->count; i++) {
        next = over(free_one, x, c->convs[i].out);
        conv_run(g, &c->convs[i], &now, NULL, NULL, &next);
        if (i + 1 < c->count)
            pixels_leak(g, &next, c->slopes[i]);
        free_one = other;
        other = next.data;
        now = next;
    }
    /* To every channel of a pixel the pixel itself is added: the enlargement by nearest. */
    for (size_t i = 0; i < pixels && !g->planning; i++) {
        for (size_t k = 0; k < last; k++)
            now.data[i * last + k] += x->data[i * 3 + k / (c->factor * c->factor)];
    }
    pixels_shuffle(g, &now, c->factor, out);
    engine_rewind(g, mark);
}

/* x += 0.2 · (the five convolutions), each of which sees all that came before it. The channels lie
 * side by side, so what is there is copied along: a twentieth of the work of the convolution. */
static void
run_dense(struct engine *g, const struct rrdb *r, const struct dense *d, struct tensor *x,
          float *const buffers[3])
{
    struct tensor all = *x, grown, fresh = over(buffers[2], x, r->growth);
    size_t at = 0;

    for (size_t i = 0; i + 1 < DENSE; i++, at = 1 - at) {
        conv_run(g, &d->conv[i], &all, NULL, NULL, &fresh);
        grown = over(buffers[at], x, all.c + r->growth);
        join(g, &all, &fresh, &grown);
        all = grown;
    }
    fresh = over(buffers[at], x, r->width);
    conv_run(g, &d->conv[DENSE - 1], &all, NULL, NULL, &fresh);
    pixels_add_scaled(g, &fresh, QUIET, x->data, x->data);
}

/* The blocks, on `x` in place; `first` is kept. */
static void
run_body(struct engine *g, const struct rrdb *r, struct tensor *x)
{
    size_t mark = engine_mark(g), pixels = x->n * x->h * x->w;
    size_t wide = r->width + (DENSE - 1) * r->growth;
    float *buffers[3] = {engine_floats(g, pixels * wide), engine_floats(g, pixels * wide),
                         engine_floats(g, pixels * (r->growth > r->width ? r->growth : r->width))};
    struct tensor h = tensor_new(g, x->n, x->h, x->w, x->c);
    size_t bytes = tensor_count(x) * sizeof(float);

    for (size_t i = 0; i < r->count; i++) {
        if (!g->planning)
            memcpy(h.data, x->data, bytes);
        for (size_t k = 0; k < 3; k++)
            run_dense(g, r, &r->blocks[i][k], &h, buffers);
        pixels_add_scaled(g, &h, QUIET, x->data, x->data);
        engine_check(g, "body", x);
        engine_relieve(g);
    }
    engine_rewind(g, mark);
}

static void
run_rrdb(struct engine *g, const struct rrdb *r, const struct tensor *x, struct tensor *out)
{
    size_t mark = engine_mark(g), u = r->unshuffle, h = x->h / u, w = x->w / u;
    size_t most = x->n * 16 * h * w * r->width;
    float *one = engine_floats(g, most), *two = engine_floats(g, most);
    size_t inner = engine_mark(g);
    struct tensor small = tensor_new(g, x->n, h, w, 3 * u * u);
    struct tensor first = over(one, &small, r->width), now = over(two, &small, r->width);
    struct tensor grown = first;

    pixels_unshuffle(g, x, u, &small);
    conv_run(g, &r->first, &small, NULL, NULL, &first);
    if (!g->planning)
        memcpy(now.data, first.data, tensor_count(&first) * sizeof(float));
    run_body(g, r, &now);
    conv_run(g, &r->body, &now, NULL, first.data, &first);
    engine_rewind(g, inner);
    grown = first;
    grown.data = two;
    grown.h *= 2;
    grown.w *= 2;
    conv_run_grown(g, &r->up1, &first, &grown);
    first = grown;
    grown.data = one;
    grown.h *= 2;
    grown.w *= 2;
    conv_run_grown(g, &r->up2, &first, &grown);
    first = grown;
    first.data = two;
    conv_run(g, &r->hr, &grown, NULL, NULL, &first);
    conv_run(g, &r->last, &first, NULL, NULL, out);
    engine_rewind(g, mark);
}

void
upscaler_run(struct engine *g, const struct upscaler *u, const struct tensor *x, struct tensor *out)
{
    if (u->compact != NULL)
        run_compact(g, u->compact, x, out);
    else
        run_rrdb(g, u->rrdb, x, out);
    engine_check(g, "upscaler", out);
}

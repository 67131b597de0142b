/*
 * out = shortcut(x) + conv2(SiLU(norm2(conv1(SiLU(norm1(x))) + time))). Read next: transformer.c.
 */
#include "render/model/resnet.h"

#include <stdio.h>
#include <string.h>

void
resnet_load(struct loader *l, const char *prefix, size_t in, size_t out, size_t time_width,
            size_t groups, double eps, struct resnet *to)
{
    memset(to, 0, sizeof *to);
    (void)snprintf(to->name, sizeof to->name, "%s", prefix);
    norm_load(l, prefix, "norm1", in, groups, eps, &to->norm1);
    conv_load(l, prefix, "conv1", in, out, 3, true, &to->conv1);
    if (time_width != 0)
        linear_load(l, prefix, "time_emb_proj", time_width, out, true, &to->time);
    norm_load(l, prefix, "norm2", out, groups, eps, &to->norm2);
    conv_load(l, prefix, "conv2", out, out, 3, true, &to->conv2);
    if (in != out)
        conv_load(l, prefix, "conv_shortcut", in, out, 1, true, &to->shortcut);
}

/* conv1 and what it adds for the time, which is the same for all pixels and so is its bias. `times`
 * embeddings: one, or one for each image. */
static void
run_first(struct engine *g, const struct resnet *r, const struct tensor *x, const float *time,
          size_t times, struct tensor *out)
{
    size_t width = r->conv1.out;
    float *bias, *own;

    if (r->time.in == 0) {
        conv_run(g, &r->conv1, x, NULL, NULL, out);
        return;
    }
    bias = engine_floats(g, times * width);
    if (times == 1) {
        linear_run(g, &r->time, time, 1, bias, r->conv1.b);
        conv_run(g, &r->conv1, x, bias, NULL, out);
        return;
    }
    own = engine_floats(g, times * width);
    for (size_t i = 0; i < times && !g->planning; i++)
        memcpy(own + i * width, r->conv1.b, width * sizeof *own);
    linear_run_batch(g, &r->time, time, times, 1, bias, own);
    conv_run_each(g, &r->conv1, x, bias, out);
}

/* x -> SiLU(norm(x)), where `shared` images, which lie below each other, count as one. */
static void
run_norm(struct engine *g, const struct norm *n, const struct tensor *x, size_t shared,
         struct tensor *out)
{
    struct tensor from = *x, to = *out;

    from.n = to.n = x->n / shared;
    from.h = to.h = x->h * shared;
    norm_run(g, n, &from, true, &to);
}

void
resnet_run_each(struct engine *g, const struct resnet *r, const struct tensor *x, const float *time,
                size_t times, size_t shared, struct tensor *out)
{
    size_t mark = engine_mark(g);
    struct tensor h = tensor_new(g, x->n, x->h, x->w, r->conv1.out);
    struct tensor t = tensor_new(g, x->n, x->h, x->w, x->c);
    const float *residual = x->data;

    run_norm(g, &r->norm1, x, shared, &t);
    run_first(g, r, &t, time, times, &h);
    run_norm(g, &r->norm2, &h, shared, &h);
    if (r->shortcut.in != 0) {
        conv_run(g, &r->shortcut, x, NULL, NULL, out);
        residual = out->data;
    }
    conv_run(g, &r->conv2, &h, NULL, residual, out);
    engine_rewind(g, mark);
    engine_check(g, r->name, out);
}

void
resnet_run(struct engine *g, const struct resnet *r, const struct tensor *x, const float *time,
           struct tensor *out)
{
    resnet_run_each(g, r, x, time, 1, 1, out);
}

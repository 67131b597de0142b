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

void
resnet_run(struct engine *g, const struct resnet *r, const struct tensor *x, const float *time,
           struct tensor *out)
{
    size_t mark = engine_mark(g);
    struct tensor h = tensor_new(g, x->n, x->h, x->w, r->conv1.out);
    struct tensor t = tensor_new(g, x->n, x->h, x->w, x->c);
    const float *residual = x->data;
    float *bias = NULL;

    norm_run(g, &r->norm1, x, true, &t);
    if (r->time.in != 0) {
        /* The same for all pixels, so it is conv1's bias. */
        bias = engine_floats(g, r->time.out);
        linear_run(g, &r->time, time, 1, bias, r->conv1.b);
    }
    conv_run(g, &r->conv1, &t, bias, NULL, &h);
    norm_run(g, &r->norm2, &h, true, &h);
    if (r->shortcut.in != 0) {
        conv_run(g, &r->shortcut, x, NULL, NULL, out);
        residual = out->data;
    }
    conv_run(g, &r->conv2, &h, NULL, residual, out);
    engine_rewind(g, mark);
    engine_check(g, r->name, out);
}

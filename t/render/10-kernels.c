/*
 * Every kernel against a plain loop in double, on awkward sizes, and with one and three threads to
 * the same bytes.
 */
#include "common/err.h"
#include "render/engine/act.h"
#include "render/engine/attention.h"
#include "render/engine/conv.h"
#include "render/engine/engine.h"
#include "render/engine/gemm.h"
#include "render/engine/isa.h"
#include "render/engine/norm.h"
#include "render/engine/turn.h"
#include "t/render/kernel_check.h"

#define LIMIT 1e-7 /* what the project promises; f32 gives about 1e-13 */

static struct engine one, three;

/* Runs a kernel with one and with three threads, after a planning pass of each. */
#define BOTH(out, count, call)                                                                     \
    do {                                                                                           \
        float *other_ = malloc((count) * sizeof(float)), *mine_ = (out);                           \
        struct engine *g;                                                                          \
        g = &three;                                                                                \
        engine_plan(g);                                                                            \
        call;                                                                                      \
        engine_plan_end(g, 0, NULL);                                                               \
        call;                                                                                      \
        memcpy(other_, mine_, (count) * sizeof(float));                                            \
        g = &one;                                                                                  \
        engine_plan(g);                                                                            \
        call;                                                                                      \
        engine_plan_end(g, 0, NULL);                                                               \
        call;                                                                                      \
        ok(memcmp(other_, mine_, (count) * sizeof(float)) == 0,                                    \
           "  the same bytes with three threads");                                                 \
        ok(g->used == 0 && three.used == 0, "  the workspace is as it was");                       \
        free(other_);                                                                              \
    } while (0)

static double
act_oracle(enum act kind, double x)
{
    switch (kind) {
    case ACT_SILU:
        return x / (1.0 + exp(-x));
    case ACT_RELU:
        return x > 0.0 ? x : 0.0;
    case ACT_GELU:
        return 0.5 * x * (1.0 + erf(x / sqrt(2.0)));
    case ACT_QUICK_GELU:
        return x / (1.0 + exp(-1.702 * x));
    default:
        return x;
    }
}

/* `count` numbers that fit the format without rounding, as the format has them and as floats. */
static void *
in_format(enum dtype kind, const float *from, size_t count, float *exact)
{
    static const size_t BYTES[] = {4, 2, 2, 1};
    unsigned char *out = malloc(count * 4 + 1);

    for (size_t i = 0; i < count; i++) {
        unsigned char *to = out + 1 + i * BYTES[kind]; /* no format needs an aligned place */
        int whole = (int)(from[i] * 20.0f);
        uint32_t bits;
        uint16_t half;

        exact[i] = kind == DTYPE_F32 ? from[i] : (float)(whole > 127 ? 127 : whole);
        if (kind == DTYPE_I8) {
            *to = (unsigned char)(int8_t)exact[i];
            continue;
        }
        memcpy(&bits, &exact[i], sizeof bits);
        half = kind == DTYPE_BF16
                   ? (uint16_t)(bits >> 16)
                   : (uint16_t)(bits >> 16 & 0x8000) |
                         (uint16_t)(exact[i] == 0.0f ? 0 : ((bits & 0x7fffffff) >> 13) - 0x1c000);
        if (kind == DTYPE_F32)
            memcpy(to, &bits, sizeof bits);
        else
            memcpy(to, &half, sizeof half);
    }
    return out;
}

struct gemm_case {
    size_t images, m, n, k, parts;
    enum dtype kind;
    bool bias_rows, residual, gated;
};

static double
gemm_cell(const struct gemm_case *t, const struct gemm *p, const float *w, size_t i, size_t j)
{
    double sum = (double)p->add.bias[(p->add.bias_rows != 0 ? i / p->add.bias_rows * t->n : 0) + j];

    for (size_t x = 0; x < t->k; x++)
        sum += (double)p->a[i * t->k + x] * (double)w[j * t->k + x];
    return sum + (t->residual ? (double)p->add.residual[i * t->n + j] : 0.0);
}

static void
test_gemm(struct gemm_case t)
{
    size_t rows = t.images * t.m, wide = t.gated ? t.n / 2 : t.n, cells = rows * wide;
    float *a = random_floats(1, rows * t.k), *w = random_floats(2, t.n * t.k);
    float *b = random_floats(3, 2 * t.n), *r = random_floats(4, rows * t.n);
    float *scales = random_floats(5, t.n), *c = malloc(cells * sizeof *c);
    double *want = malloc(cells * sizeof *want);
    unsigned char *data = in_format(t.kind, w, t.n * t.k, w);
    struct weight parts[3];
    struct gemm p = {.images = t.images,
                     .m = t.m,
                     .a = a,
                     .lda = t.k,
                     .parts = parts,
                     .c = c,
                     .count = t.parts,
                     .ldc = wide,
                     .gated = t.gated,
                     .add = {.bias = b,
                             .bias_rows = t.bias_rows ? (rows + 1) / 2 : 0,
                             .residual = t.residual ? r : NULL,
                             .rectify = t.residual,
                             .ld_residual = t.n}};
    size_t each = t.n / t.parts, bytes = t.kind == DTYPE_F32 ? 4 : t.kind == DTYPE_I8 ? 1 : 2;
    char what[120];

    for (size_t i = 0; i < t.parts; i++) {
        parts[i] = weight_floats(NULL, each, t.k);
        parts[i].data = data + 1 + i * each * t.k * bytes;
        parts[i].kind = t.kind;
        parts[i].scales = t.kind == DTYPE_I8 ? scales + i * each : NULL;
    }
    for (size_t i = 0; i < t.n * t.k && t.kind == DTYPE_I8; i++)
        w[i] *= scales[i / t.k];
    for (size_t i = 0; i < cells; i++) {
        double value = gemm_cell(&t, &p, w, i / wide, i % wide);

        if (t.residual && value < 0.0)
            value = 0.0;
        want[i] =
            t.gated ? value * act_oracle(ACT_GELU, gemm_cell(&t, &p, w, i / wide, wide + i % wide))
                    : value;
    }
    BOTH(c, cells, gemm_run(g, &p));
    (void)snprintf(what, sizeof what, "gemm %zu of %zu x %zu x %zu, %zu parts, format %d%s",
                   t.images, t.m, t.n, t.k, t.parts, (int)t.kind, t.gated ? ", gated" : "");
    near(c, want, cells, LIMIT, what);
    free(a), free(w), free(b), free(r), free(c), free(want), free(scales), free(data);
}

/* An image's rows are the same bytes alone and in a batch. */
static void
test_gemm_batch(size_t m, size_t n, size_t k)
{
    float *a = random_floats(1, 3 * m * k), *w = random_floats(2, n * k);
    float *c = malloc(3 * m * n * sizeof *c), *alone = malloc(m * n * sizeof *c);
    struct weight weights = weight_floats(w, n, k);
    struct gemm p = {
        .images = 3, .m = m, .a = a, .lda = k, .parts = &weights, .count = 1, .c = c, .ldc = n};

    BOTH(c, 3 * m * n, gemm_run(g, &p));
    p.images = 1;
    p.a = a + 2 * m * k;
    p.c = alone;
    BOTH(alone, m * n, gemm_run(g, &p));
    ok(memcmp(alone, c + 2 * m * n, m * n * sizeof *c) == 0,
       "gemm %zu x %zu x %zu: an image does not see the others", m, n, k);
    free(a), free(w), free(c), free(alone);
}

static void
test_gemms(void)
{
    test_gemm((struct gemm_case){1, 1, 1, 1, 1, DTYPE_F32, false, false, false});
    test_gemm((struct gemm_case){1, 7, 13, 29, 1, DTYPE_F32, true, true, false});
    test_gemm((struct gemm_case){3, 100, 77, 130, 1, DTYPE_F32, false, true, false});
    test_gemm((struct gemm_case){2, 32, 700, 333, 1, DTYPE_F16, true, false, false});
    test_gemm((struct gemm_case){1, 1000, 3, 90, 3, DTYPE_BF16, false, false, false});
    test_gemm((struct gemm_case){2, 300, 96, 64, 3, DTYPE_F16, false, true, false});
    test_gemm((struct gemm_case){1, 40, 64, 300, 2, DTYPE_I8, false, false, false});
    test_gemm((struct gemm_case){2, 300, 640, 80, 1, DTYPE_F16, false, false, true});
    test_gemm((struct gemm_case){1, 5, 14, 9, 1, DTYPE_F32, false, false, true});
    test_gemm((struct gemm_case){1, 20, 1200, 2100, 1, DTYPE_F16, false, false, true});
    test_gemm_batch(64, 300, 200);
    test_gemm_batch(700, 320, 320);
    test_gemm_batch(3, 20, 1000);
}

/* x[n][y][x][c] after growing to h × w, zero outside. */
static double
pixel(const struct tensor *x, size_t h, size_t w, size_t n, ptrdiff_t py, ptrdiff_t px, size_t c)
{
    if (py < 0 || px < 0 || (size_t)py >= h || (size_t)px >= w)
        return 0.0;
    return (double)
        x->data[((n * x->h + (size_t)py * x->h / h) * x->w + (size_t)px * x->w / w) * x->c + c];
}

/* Every `skip`-th output, one after another. */
static size_t
conv_oracle(const struct conv_shape *s, const struct tensor *x, const float *w,
            const struct gemm_add *add, const struct tensor *out, size_t skip, double *want)
{
    size_t h = s->grow_h != 0 ? s->grow_h : x->h, wide = s->grow_w != 0 ? s->grow_w : x->w,
           k = s->kernel, done = 0;

    for (size_t i = 0; i < tensor_count(out); i += skip) {
        size_t o = i % out->c, px = i / out->c % out->w, py = i / out->c / out->w % out->h;
        size_t n = i / out->c / out->w / out->h;
        double sum = (double)add->bias[o] + (double)add->residual[i];

        for (size_t t = 0; t < k * k; t++) {
            ptrdiff_t y = (ptrdiff_t)(py * s->stride + t / k) - (ptrdiff_t)s->before;
            ptrdiff_t v = (ptrdiff_t)(px * s->stride + t % k) - (ptrdiff_t)s->before;

            for (size_t c = 0; c < x->c; c++)
                sum += (double)w[(o * x->c + c) * k * k + t] * pixel(x, h, wide, n, y, v, c);
        }
        want[done++] = add->rectify && sum < 0.0 ? sum * (double)add->slope : sum;
    }
    return done;
}

static void
test_conv(struct conv_shape s, size_t n, size_t h, size_t w, size_t in, size_t out,
          const char *what)
{
    size_t oh = conv_out_side(&s, s.grow_h != 0 ? s.grow_h : h);
    size_t ow = conv_out_side(&s, s.grow_w != 0 ? s.grow_w : w), count = n * oh * ow * out;
    float *data = random_floats(5, n * h * w * in),
          *weights = random_floats(6, out * s.kernel * s.kernel * in);
    float *bias = random_floats(7, out), *result = malloc(count * sizeof *result);
    float *residual = random_floats(8, count), *alone = malloc(count / n * sizeof *alone);
    float *shown = malloc(count * sizeof *shown);
    size_t skip = count * in > 2000000 ? 17 : 1, some;
    struct tensor x = {data, n, h, w, in}, y = {result, n, oh, ow, out};
    double *want = malloc(count * sizeof *want);
    struct gemm_add add = {.bias = bias, .residual = residual, .ld_residual = out, .slope = 0.25f};
    struct weight weight = weight_floats(NULL, out, in * s.kernel * s.kernel);
    void *halves = in_format(DTYPE_F16, weights, weight.rows * weight.depth, weights);

    weight.data = (unsigned char *)halves + 1;
    weight.kind = DTYPE_F16;
    weight.taps = s.kernel * s.kernel;
    add.rectify = n == 2;
    some = conv_oracle(&s, &x, weights, &add, &y, skip, want);
    BOTH(result, count, conv(g, &s, &x, &weight, &add, &y));
    for (size_t i = 0; i < some; i++)
        shown[i] = result[i * skip];
    near(shown, want, some, LIMIT, what);
    x.n = y.n = 1;
    x.data += (n - 1) * h * w * in;
    y.data = alone;
    add.residual += (n - 1) * count / n;
    BOTH(alone, count / n, conv(g, &s, &x, &weight, &add, &y));
    ok(memcmp(alone, result + (n - 1) * count / n, count / n * sizeof *alone) == 0,
       "  the last image is the same bytes alone");
    free(data), free(weights), free(bias), free(result), free(want), free(residual), free(alone);
    free(halves), free(shown);
}

static void
test_convs(void)
{
    test_conv((struct conv_shape){3, 1, 1, 1, 0, 0}, 2, 7, 5, 9, 13, "conv 3x3, odd sizes");
    test_conv((struct conv_shape){3, 1, 1, 1, 0, 0}, 1, 64, 65, 24, 20, "conv 3x3, many panels");
    test_conv((struct conv_shape){3, 1, 1, 1, 0, 0}, 1, 4, 4, 256, 96,
              "conv 3x3, few pixels, one shared panel");
    test_conv((struct conv_shape){3, 2, 1, 1, 0, 0}, 2, 9, 12, 8, 6,
              "conv 3x3 stride 2, odd height");
    test_conv((struct conv_shape){3, 2, 0, 1, 0, 0}, 1, 10, 8, 6, 8,
              "conv 3x3 stride 2, zeros right and below only");
    test_conv((struct conv_shape){3, 1, 1, 1, 14, 11}, 1, 7, 6, 5, 4,
              "conv 3x3 on the enlarged input, odd target");
    test_conv((struct conv_shape){3, 1, 1, 1, 0, 0}, 2, 9, 7, 48, 40, "conv 3x3, points");
    test_conv((struct conv_shape){3, 1, 1, 1, 0, 0}, 3, 6, 5, 64, 70, "conv 3x3, points of 2 x 2");
    test_conv((struct conv_shape){3, 1, 1, 1, 0, 0}, 1, 17, 33, 32, 50, "conv 3x3, points, edges");
    test_conv((struct conv_shape){3, 1, 1, 1, 0, 0}, 1, 61, 64, 32, 33,
              "conv 3x3, points of 6 x 6");
    test_conv((struct conv_shape){3, 1, 1, 1, 0, 0}, 1, 40, 41, 256, 136, "conv 3x3, many tiles");
    test_conv((struct conv_shape){3, 1, 1, 1, 0, 0}, 2, 6, 5, 272, 200, "conv 3x3, many weights");
    test_conv((struct conv_shape){3, 1, 1, 1, 0, 0}, 1, 20, 20, 16, 30, "conv 3x3, 16 channels");
    test_conv((struct conv_shape){3, 1, 1, 1, 0, 0}, 1, 2, 2, 320, 100, "conv 3x3, one tile");
    test_conv((struct conv_shape){3, 1, 1, 1, 15, 12}, 2, 7, 6, 32, 32,
              "conv 3x3, points of the enlarged input");
    test_conv((struct conv_shape){3, 1, 0, 0, 0, 0}, 2, 11, 15, 32, 48,
              "conv 3x3, points, no border");
    test_conv((struct conv_shape){3, 1, 2, 0, 0, 0}, 1, 9, 12, 32, 33,
              "conv 3x3, points, border above and left");
    test_conv((struct conv_shape){7, 1, 0, 0, 0, 0}, 1, 13, 9, 4, 6, "conv 7x7");
    test_conv((struct conv_shape){2, 1, 0, 1, 0, 0}, 1, 6, 5, 10, 12, "conv 2x2");
    test_conv((struct conv_shape){1, 1, 0, 0, 0, 0}, 2, 5, 3, 17, 11, "conv 1x1");
    test_conv((struct conv_shape){3, 1, 1, 1, 0, 0}, 1, 1, 1, 3, 2, "conv 3x3 on one pixel");
}

static void
test_group_norm(size_t n, size_t h, size_t w, size_t c, size_t groups, bool silu, double lift)
{
    size_t count = n * h * w * c, width = c / groups;
    float *data = random_floats(8, count), *scale = random_floats(9, c),
          *shift = random_floats(10, c);
    float *result = malloc(count * sizeof *result);
    double *want = malloc(count * sizeof *want);
    struct tensor x = {data, n, h, w, c}, y = {result, n, h, w, c};

    for (size_t i = 0; i < count; i++)
        data[i] += (float)lift;
    for (size_t q = 0; q < n * groups; q++) {
        double sum = 0.0, var = 0.0, values = (double)(h * w * width);

        for (size_t p = 0; p < h * w * width; p++)
            sum +=
                (double)data[(q / groups * h * w + p / width) * c + q % groups * width + p % width];
        for (size_t p = 0; p < h * w * width; p++) {
            double d =
                (double)
                    data[(q / groups * h * w + p / width) * c + q % groups * width + p % width] -
                sum / values;

            var += d * d;
        }
        for (size_t p = 0; p < h * w * width; p++) {
            size_t k = q % groups * width + p % width,
                   at = (q / groups * h * w + p / width) * c + k;
            double v =
                ((double)data[at] - sum / values) / sqrt(var / values + 1e-5) * (double)scale[k] +
                (double)shift[k];

            want[at] = silu ? v / (1.0 + exp(-v)) : v;
        }
    }
    BOTH(result, count, norm_group(g, &x, groups, 1e-5, scale, shift, silu, &y));
    near(result, want, count, LIMIT, silu ? "GroupNorm and SiLU" : "GroupNorm");
    free(data), free(scale), free(shift), free(result), free(want);
}

static void
test_layer_norm(size_t rows, size_t width)
{
    float *x = random_floats(11, rows * width), *scale = random_floats(12, width),
          *shift = random_floats(13, width);
    float *result = malloc(rows * width * sizeof *result);
    double *want = malloc(rows * width * sizeof *want);

    for (size_t r = 0; r < rows; r++) {
        double mean = 0.0, var = 0.0;

        for (size_t i = 0; i < width; i++)
            mean += (double)x[r * width + i] / (double)width;
        for (size_t i = 0; i < width; i++)
            var += ((double)x[r * width + i] - mean) * ((double)x[r * width + i] - mean) /
                   (double)width;
        for (size_t i = 0; i < width; i++)
            want[r * width + i] =
                ((double)x[r * width + i] - mean) / sqrt(var + 1e-5) * (double)scale[i] +
                (double)shift[i];
    }
    BOTH(result, rows * width, norm_layer(g, x, rows, width, 1e-5, scale, shift, result));
    near(result, want, rows * width, LIMIT, "LayerNorm");
    free(x), free(scale), free(shift), free(result), free(want);
}

static void
attention_oracle(const struct attention *a, double *want)
{
    double *score = malloc(a->keys * sizeof *score);

    for (size_t i = 0; i < a->n * a->heads * a->queries; i++) {
        size_t q = i % a->queries, head = i / a->queries % a->heads, n = i / a->queries / a->heads;
        size_t seen = a->causal ? q + 1 : a->keys, d = a->head_width;
        const float *query = a->q + (n * a->queries + q) * a->ldq + head * d;
        double top = -INFINITY, sum = 0.0;

        for (size_t k = 0; k < seen; k++) {
            score[k] = 0.0;
            for (size_t x = 0; x < d; x++)
                score[k] +=
                    (double)query[x] * (double)a->k[(n * a->keys + k) * a->ldk + head * d + x];
            score[k] /= sqrt((double)d);
            top = fmax(top, score[k]);
        }
        for (size_t k = 0; k < seen; k++)
            sum += score[k] = exp(score[k] - top);
        for (size_t x = 0; x < d; x++) {
            double v = 0.0;

            for (size_t k = 0; k < seen; k++)
                v += score[k] / sum * (double)a->v[(n * a->keys + k) * a->ldv + head * d + x];
            want[(n * a->queries + q) * a->ldo + head * d + x] = v;
        }
    }
    free(score);
}

static void
test_attention(size_t n, size_t heads, size_t d, size_t queries, size_t keys, bool causal,
               const char *what)
{
    size_t width = heads * d, count = n * queries * width;
    float *q = random_floats(14, count), *kv = random_floats(15, n * keys * 2 * width);
    float *result = malloc(count * sizeof *result);
    double *want = malloc(count * sizeof *want);
    struct attention a = {.n = n,
                          .heads = heads,
                          .head_width = d,
                          .queries = queries,
                          .keys = keys,
                          .q = q,
                          .k = kv,
                          .v = kv + width,
                          .out = result,
                          .ldq = width,
                          .ldk = 2 * width,
                          .ldv = 2 * width,
                          .ldo = width,
                          .causal = causal};

    /* Large scores, where a softmax without its maximum would overflow. */
    for (size_t i = 0; i < count; i++)
        q[i] *= 6.0f;
    attention_oracle(&a, want);
    BOTH(result, count, attend(g, &a));
    near(result, want, count, LIMIT, what);
    free(q), free(kv), free(result), free(want);
}

static void
test_acts(void)
{
    static const enum act KINDS[] = {ACT_NONE, ACT_SILU, ACT_RELU, ACT_GELU, ACT_QUICK_GELU};
    static const char *const NAMES[] = {"copy", "SiLU", "ReLU", "GELU by erf", "quick GELU"};
    size_t count = 40001;
    float *x = random_floats(16, count), *result = malloc(count * sizeof *result);
    double *want = malloc(count * sizeof *want);

    for (size_t i = 0; i < count; i++)
        x[i] *= i % 50 == 0 ? 60.0f : 3.0f;
    for (size_t k = 0; k < 5; k++) {
        for (size_t i = 0; i < count; i++)
            want[i] = act_oracle(KINDS[k], (double)x[i]);
        BOTH(result, count, act_apply(g, KINDS[k], x, result, count));
        near(result, want, count, LIMIT, NAMES[k]);
    }
    for (size_t i = 0; i < count; i++)
        want[i] = 3.0 * tanh((double)x[i] / 3.0);
    BOTH(result, count, act_soft_clamp(g, x, result, count, 3.0f));
    near(result, want, count, LIMIT, "soft clamp");
    for (size_t i = 0; i + 1 < count; i++)
        want[i] = fmax((double)x[i] + (double)x[i + 1], 0.0);
    BOTH(result, count - 1, act_add(g, x, x + 1, result, count - 1, ACT_RELU));
    near(result, want, count - 1, LIMIT, "sum and ReLU");
    free(x), free(result), free(want);
}

static void
test_shapes(void)
{
    float *a = random_floats(17, 2 * 3 * 5 * 4), *b = random_floats(18, 2 * 3 * 5 * 2);
    float *result = malloc(2 * 7 * 11 * 6 * sizeof *result);
    double *want = malloc(2 * 7 * 11 * 6 * sizeof *want);
    struct tensor x = {a, 2, 3, 5, 4}, y = {b, 2, 3, 5, 2}, both = {result, 2, 3, 5, 6},
                  large = {result, 2, 7, 11, 4};

    for (size_t i = 0; i < 2 * 3 * 5 * 6; i++)
        want[i] = i % 6 < 4 ? (double)a[i / 6 * 4 + i % 6] : (double)b[i / 6 * 2 + i % 6 - 4];
    BOTH(result, 2 * 3 * 5 * 6, join(g, &x, &y, &both));
    near(result, want, 2 * 3 * 5 * 6, 0.0, "join");
    for (size_t i = 0; i < tensor_count(&large); i++)
        want[i] = pixel(&x, 7, 11, i / 4 / 11 / 7, (ptrdiff_t)(i / 4 / 11 % 7),
                        (ptrdiff_t)(i / 4 % 11), i % 4);
    BOTH(result, tensor_count(&large), enlarge(g, &x, &large));
    near(result, want, tensor_count(&large), 0.0, "enlarge to an odd size");
    free(a), free(b), free(result), free(want);
}

static void
test_check(void)
{
    float values[3] = {1.0f, -2.0f, 3.0f};
    struct tensor x = {values, 1, 1, 1, 3};

    ok(engine_finite(values, 3), "finite numbers are finite");
    values[2] = -INFINITY;
    ok(!engine_finite(values, 3), "minus infinity is found");
    values[2] = NAN;
    ok(!engine_finite(values, 3), "NaN is found");
    engine_check(&one, "a", &x);
    is_str(one.bad, "", "nothing is looked for unless asked");
    one.checking = true;
    engine_check(&one, "b", &x);
    engine_check(&one, "c", &x);
    is_str(one.bad, "b", "the first bad layer is remembered");
    one.checking = false;
}

static void
test_plan(void)
{
    struct err e;

    engine_plan(&one);
    (void)engine_floats(&one, (size_t)3 << 20);
    is_int(engine_plan_end(&one, (size_t)4 << 20, &e), ST_NOMEM,
           "a plan over the budget is refused");
    ok(strstr(e.message, "needs 13 MiB") != NULL && strstr(e.message, "4 MiB are allowed") != NULL,
       "the message names need and budget: %s", e.message);
    is_int(engine_plan_end(&one, (size_t)16 << 20, &e), ST_OK, "a plan within it is not");
}

static void
test_turn(size_t rows, size_t columns)
{
    float *from = random_floats(21, rows * (columns + 3)), *to = malloc(columns * (rows + 2) * 4);
    size_t wrong = 0;

    turn(from, columns + 3, rows, columns, to, rows + 2);
    for (size_t i = 0; i < rows * columns; i++)
        wrong += memcmp(&from[i / columns * (columns + 3) + i % columns],
                        &to[i % columns * (rows + 2) + i / columns], sizeof *to) != 0;
    ok(wrong == 0, "a matrix of %zu x %zu is turned", rows, columns);
    free(from), free(to);
}

/* Everything whose kernels differ between processors. */
static void
test_kernels(void)
{
    test_gemms();
    test_convs();
    test_attention(2, 3, 7, 50, 50, false, "self-attention, odd head width");
    test_attention(1, 2, 40, 300, 77, false, "cross-attention, several tiles");
    test_attention(1, 4, 16, 77, 77, true, "causal attention");
    test_attention(1, 3, 24, 200, 300, true, "causal attention over several blocks");
    test_attention(1, 1, 64, 1, 1, false, "one token");
    test_attention(1, 1, 8, 40, 20000, false, "very many keys");
    test_turn(1, 1);
    test_turn(29, 37);
    test_turn(64, 8);
}

int
main(void)
{
    enum isa best = isa_best();
    struct err e;

    if (engine_open(1, &one, &e) != ST_OK || engine_open(3, &three, &e) != ST_OK)
        return 1;
    for (enum isa isa = ISA_PLAIN; isa <= best; isa++) {
        diag("kernels for %s", isa_name(isa));
        isa_limit(isa);
        test_kernels();
    }
    test_group_norm(2, 7, 5, 24, 8, true, 0.0);
    test_group_norm(1, 33, 40, 32, 32, false, 0.0);
    test_group_norm(1, 64, 64, 16, 4, false, 300.0);
    test_layer_norm(37, 101);
    test_layer_norm(3, 2);
    test_acts();
    test_shapes();
    test_check();
    test_plan();
    engine_release(&one);
    engine_release(&three);
    return tap_done();
}

/*
 * Decoding and encoding in bands against the whole: the two tiny models, and the memory that a
 * large picture needs with the widths of Stable Diffusion.
 */
#include <math.h>

#include "common/arena.h"
#include "common/err.h"
#include "common/json.h"
#include "render/engine/pool.h"
#include "render/pipeline/pipeline.h"
#include "render/weights/weight_store.h"
#include "t/render/kernel_check.h"
#include "t/render/safetensors_make.h"

#define LATENT_H 37
#define LATENT_W 22
#define GIB ((size_t)1 << 30)
#define MIB ((size_t)1 << 20)

/* Waves of random direction and height, and a step: the statistics differ from place to place. */
static void
smooth(struct tensor *z)
{
    float *r = random_floats(7, z->c * 12);

    for (size_t y = 0; y < z->h; y++) {
        for (size_t x = 0; x < z->w; x++) {
            for (size_t k = 0; k < z->c; k++) {
                double sum = y > z->h / 2 ? 0.8 : -0.2;

                for (size_t i = 0; i < 4; i++) {
                    const float *f = r + (k * 4 + i) * 3;

                    sum += (double)f[0] *
                           sin(0.3 * (double)f[1] * (double)y + 0.3 * (double)f[2] * (double)x);
                }
                z->data[(y * z->w + x) * z->c + k] = (float)sum;
            }
        }
    }
    free(r);
}

static size_t
planned(struct engine *g, struct autoencoder *vae, size_t limit, const struct tensor *z,
        struct tensor *image)
{
    vae->limit = limit;
    engine_plan(g);
    autoencoder_decode(g, vae, z, image);
    return g->peak;
}

static size_t
decode(struct engine *g, struct autoencoder *vae, size_t limit, const struct tensor *z,
       struct tensor *image)
{
    size_t peak = planned(g, vae, limit, z, image);

    if (engine_plan_end(g, 0, NULL) != ST_OK)
        abort();
    for (size_t i = 0; i < tensor_count(image); i++)
        image->data[i] = 99.0f;
    autoencoder_decode(g, vae, z, image);
    engine_rewind(g, 0);
    is_int((int64_t)g->peak, (int64_t)peak, "  the plan and the run need as much");
    return peak;
}

static size_t
planned_down(struct engine *g, struct autoencoder *vae, size_t limit, const struct tensor *image,
             struct tensor *z)
{
    vae->limit = limit;
    engine_plan(g);
    autoencoder_encode(g, vae, image, z);
    return g->peak;
}

static size_t
encode(struct engine *g, struct autoencoder *vae, size_t limit, const struct tensor *image,
       struct tensor *z)
{
    size_t peak = planned_down(g, vae, limit, image, z);

    if (engine_plan_end(g, 0, NULL) != ST_OK)
        abort();
    for (size_t i = 0; i < tensor_count(z); i++)
        z->data[i] = 99.0f;
    autoencoder_encode(g, vae, image, z);
    engine_rewind(g, 0);
    is_int((int64_t)g->peak, (int64_t)peak, "  the plan and the run need as much");
    return peak;
}

static double
error_of(const struct tensor *a, const struct tensor *b)
{
    double wrong = 0.0, all = 0.0;

    for (size_t i = 0; i < tensor_count(a); i++) {
        double d = (double)a->data[i] - (double)b->data[i];

        wrong += d * d;
        all += (double)b->data[i] * (double)b->data[i];
    }
    return wrong / all;
}

/* Squared difference of pictures that should be in [-1, 1], in dB. */
static double
psnr(const float *a, const float *b, size_t count)
{
    double error = 0.0;

    for (size_t i = 0; i < count; i++)
        error += ((double)a[i] - (double)b[i]) * ((double)a[i] - (double)b[i]);
    return 10.0 * log10(4.0 * (double)count / (error + 1e-30));
}

/* The largest row error against the mean row error: at seams it would stand out. */
static double
worst_row(const float *a, const float *b, size_t rows, size_t width)
{
    double most = 0.0, all = 0.0;

    for (size_t y = 0; y < rows; y++) {
        double sum = 0.0;

        for (size_t x = 0; x < width; x++)
            sum += fabs((double)a[y * width + x] - (double)b[y * width + x]);
        all += sum;
        most = sum > most ? sum : most;
    }
    return most / (all / (double)rows + 1e-30);
}

static void
test_bands(const char *name, double least)
{
    static const double PARTS[] = {0.9, 0.7, 0.6, 0.5, 0.4, 0.35, 0.3, 0.25, 0.2, 0.0};
    const char *source = getenv("GEMPIX_SRC");
    struct pipeline *p;
    struct tensor z = {NULL, 2, LATENT_H, LATENT_W, 4}, image, whole;
    size_t need, count, last = SIZE_MAX, fewer = 0;
    char path[1100];
    struct err e;

    diag("%s", name);
    (void)snprintf(path, sizeof path, "%s/t/data/%s", source != NULL ? source : ".", name);
    if (!ok(pipeline_open(path, POOL_NOMINAL, &p, &e) == ST_OK, "the model opens"))
        exit(1);
    is_int((int64_t)p->vae.limit, (int64_t)(5 * GIB / 2), "there is a limit");
    image = (struct tensor){NULL, 2, LATENT_H * p->vae.factor, LATENT_W * p->vae.factor, 3};
    whole = image;
    count = tensor_count(&image);
    z.data = malloc(tensor_count(&z) * sizeof(float));
    image.data = malloc(count * sizeof(float));
    whole.data = malloc(count * sizeof(float));
    smooth(&z);
    memcpy(z.data + tensor_count(&z) / 2, z.data, tensor_count(&z) / 2 * sizeof(float));
    z.n = image.n = whole.n = 1;
    need = decode(&p->engine, &p->vae, 0, &z, &whole);
    decode(&p->engine, &p->vae, need, &z, &image);
    ok(memcmp(image.data, whole.data, count / 2 * sizeof(float)) == 0,
       "what fits the limit is the same bytes");
    for (size_t i = 0; i < sizeof PARTS / sizeof *PARTS; i++) {
        size_t limit = (size_t)(PARTS[i] * (double)need) + 1;
        size_t peak = planned(&p->engine, &p->vae, limit, &z, &image);
        double db;

        if (peak == last)
            continue;
        last = peak;
        (void)decode(&p->engine, &p->vae, limit, &z, &image);
        db = psnr(image.data, whole.data, count / 2);
        fewer += peak <= limit;
        ok(db >= least, "  %.2f of the memory: the same picture (%.1f dB)",
           (double)peak / (double)need, db);
        ok(worst_row(image.data, whole.data, image.h, image.w * 3) < 8.0, "  no row stands out");
    }
    ok(fewer >= 2 && last < need / 10 * 7, "limits are kept where they can be");
    z.n = image.n = 2;
    decode(&p->engine, &p->vae, need, &z, &image);
    ok(memcmp(image.data, whole.data, count / 2 * sizeof(float)) == 0 &&
           memcmp(image.data + count / 2, whole.data, count / 2 * sizeof(float)) == 0,
       "a batch beyond the limit is decoded one by one");
    free(z.data), free(image.data), free(whole.data);
    pipeline_close(p);
}

/* A picture of these sides, in the whole and with limits below what that needs. */
static void
compare_down(struct engine *g, struct autoencoder *vae, size_t h, size_t w, double most,
             size_t least_ways)
{
    struct tensor image = {NULL, 2, h, w, 3}, z, whole;
    size_t need, last = SIZE_MAX, ways = 0, kept = 0, half;

    z = (struct tensor){NULL, 2, h / vae->factor, w / vae->factor, vae->channels};
    whole = z;
    image.data = malloc(tensor_count(&image) * sizeof(float));
    z.data = malloc(tensor_count(&z) * sizeof(float));
    whole.data = malloc(tensor_count(&z) * sizeof(float));
    smooth(&image);
    half = tensor_count(&image) / 2;
    memcpy(image.data + half, image.data, half * sizeof(float));
    image.n = z.n = whole.n = 1;
    need = encode(g, vae, 0, &image, &whole);
    encode(g, vae, need, &image, &z);
    ok(memcmp(z.data, whole.data, tensor_count(&z) * sizeof(float)) == 0,
       "what fits the limit is the same bytes");
    for (size_t part = 8; part-- > 0;) {
        size_t limit = need / 8 * part + 1, peak = planned_down(g, vae, limit, &image, &z);
        double error;

        if (peak == last)
            continue;
        last = peak;
        (void)encode(g, vae, limit, &image, &z);
        error = error_of(&z, &whole);
        ways++;
        kept += peak <= limit;
        ok(error <= most, "  %.2f of the memory: the same latent (NMSE %.1e)",
           (double)peak / (double)need, error);
        ok(worst_row(z.data, whole.data, z.h, z.w * z.c) < 8.0, "  no row stands out");
    }
    ok(ways >= least_ways && kept >= 1 && last < need / 10 * 8, "%zu ways, the least with %.2f",
       ways, (double)last / (double)need);
    image.n = z.n = 2;
    encode(g, vae, need, &image, &z);
    half = tensor_count(&z) / 2;
    ok(memcmp(z.data, whole.data, half * sizeof(float)) == 0 &&
           memcmp(z.data + half, whole.data, half * sizeof(float)) == 0,
       "a batch beyond the limit is encoded one by one");
    free(image.data), free(z.data), free(whole.data);
}

static void
test_encode(const char *name, double most)
{
    const char *source = getenv("GEMPIX_SRC");
    struct pipeline *p;
    char path[1100];
    struct err e;

    diag("%s, encoding", name);
    (void)snprintf(path, sizeof path, "%s/t/data/%s", source != NULL ? source : ".", name);
    if (!ok(pipeline_open(path, POOL_NOMINAL, &p, &e) == ST_OK, "the model opens"))
        exit(1);
    compare_down(&p->engine, &p->vae, 90 * p->vae.factor, 22 * p->vae.factor, most, 2);
    pipeline_close(p);
}

/* Waves are no NaN; a latent with one must be noticed. */
static void
test_nan(void)
{
    const char *source = getenv("GEMPIX_SRC");
    struct pipeline *p;
    struct tensor z = {NULL, 1, LATENT_H, LATENT_W, 4}, image;
    char path[1100];
    struct err e;

    (void)snprintf(path, sizeof path, "%s/t/data/tiny-a", source != NULL ? source : ".");
    if (pipeline_open(path, 2, &p, &e) != ST_OK)
        abort();
    image = (struct tensor){NULL, 1, LATENT_H * p->vae.factor, LATENT_W * p->vae.factor, 3};
    z.data = malloc(tensor_count(&z) * sizeof(float));
    image.data = malloc(tensor_count(&image) * sizeof(float));
    smooth(&z);
    z.data[100] = NAN;
    decode(&p->engine, &p->vae, 1, &z, &image);
    ok(!engine_finite(image.data, tensor_count(&image)), "NaN goes through the bands");
    free(z.data), free(image.data);
    pipeline_close(p);
}

/* An autoencoder with as many levels as SD's and `widths` from the first, deepest layer on.
   `values` NULL: all zeros, which need no place on the disk. */
struct file {
    FILE *text, *values;
    const size_t *widths;
    size_t at;
};

/* Random values of about this size around `middle`. */
static void
put_values(struct file *f, size_t count, double size, double middle)
{
    float *x = random_floats((uint32_t)f->at, count);

    for (size_t i = 0; i < count; i++)
        x[i] = (float)(middle + size * (double)x[i]);
    (void)fwrite(x, sizeof *x, count, f->values);
    free(x);
}

/* rank 1: a norm; 2: a linear layer; 4: a convolution with `kernel`. */
static void
put(struct file *f, const char *name, int rank, size_t out, size_t in, size_t kernel)
{
    size_t depth = (rank > 1 ? in : 1) * (rank > 2 ? kernel * kernel : 1), count = out * depth;
    size_t one = f->values != NULL ? sizeof(float) : 2;
    const char *kind = f->values != NULL ? "F32" : "F16";

    (void)fprintf(f->text, "%s\"%s.weight\":{\"dtype\":\"%s\",\"shape\":[%zu", f->at ? "," : "{",
                  name, kind, out);
    if (rank > 1)
        (void)fprintf(f->text, ",%zu", in);
    if (rank > 2)
        (void)fprintf(f->text, ",%zu,%zu", kernel, kernel);
    (void)fprintf(f->text,
                  "],\"data_offsets\":[%zu,%zu]},\"%s.bias\":{\"dtype\":\"%s\",\"shape\":[%zu],"
                  "\"data_offsets\":[%zu,%zu]}",
                  f->at, f->at + one * count, name, kind, out, f->at + one * count,
                  f->at + one * (count + out));
    if (f->values != NULL) {
        put_values(f, count, rank == 1 ? 0.1 : 1.0 / sqrt((double)depth), rank == 1 ? 1.0 : 0.0);
        put_values(f, out, 0.1, 0.0);
    }
    f->at += one * (count + out);
}

static void
put_resnet(struct file *f, const char *side, const char *prefix, size_t in, size_t out)
{
    static const char *const PARTS[] = {"norm1", "conv1", "norm2", "conv2", "conv_shortcut"};
    char name[200];

    for (size_t i = 0; i < (in != out ? 5 : 4); i++) {
        (void)snprintf(name, sizeof name, "%s.%s.%s", side, prefix, PARTS[i]);
        put(f, name, i % 2 == 0 && i < 4 ? 1 : 4, i == 0 ? in : out, i == 3 ? out : in,
            i == 4 ? 1 : 3);
    }
}

static void
put_mid(struct file *f, const char *side)
{
    static const char *const PARTS[] = {"to_q", "to_k", "to_v", "to_out.0"};
    size_t wide = f->widths[0];
    char name[200];

    put_resnet(f, side, "mid_block.resnets.0", wide, wide);
    put_resnet(f, side, "mid_block.resnets.1", wide, wide);
    (void)snprintf(name, sizeof name, "%s.mid_block.attentions.0.group_norm", side);
    put(f, name, 1, wide, 0, 0);
    for (size_t i = 0; i < 4; i++) {
        (void)snprintf(name, sizeof name, "%s.mid_block.attentions.0.%s", side, PARTS[i]);
        put(f, name, 2, wide, wide, 0);
    }
}

static void
put_decoder(struct file *f)
{
    const size_t *wide = f->widths;
    char name[200];

    put(f, "post_quant_conv", 4, 4, 4, 1);
    put(f, "decoder.conv_in", 4, wide[0], 4, 3);
    put_mid(f, "decoder");
    for (size_t i = 0; i < 4; i++) {
        for (size_t j = 0; j < 3; j++) {
            (void)snprintf(name, sizeof name, "up_blocks.%zu.resnets.%zu", i, j);
            put_resnet(f, "decoder", name, wide[j == 0 && i > 0 ? i - 1 : i], wide[i]);
        }
        (void)snprintf(name, sizeof name, "decoder.up_blocks.%zu.upsamplers.0.conv", i);
        if (i < 3)
            put(f, name, 4, wide[i], wide[i], 3);
    }
    put(f, "decoder.conv_norm_out", 1, wide[3], 0, 0);
    put(f, "decoder.conv_out", 4, 3, wide[3], 3);
}

static void
put_encoder(struct file *f)
{
    const size_t *wide = f->widths;
    char name[200];

    put(f, "encoder.conv_in", 4, wide[3], 3, 3);
    for (size_t i = 0; i < 4; i++) {
        for (size_t j = 0; j < 2; j++) {
            (void)snprintf(name, sizeof name, "down_blocks.%zu.resnets.%zu", i, j);
            put_resnet(f, "encoder", name, wide[j == 0 && i > 0 ? 4 - i : 3 - i], wide[3 - i]);
        }
        (void)snprintf(name, sizeof name, "encoder.down_blocks.%zu.downsamplers.0.conv", i);
        if (i < 3)
            put(f, name, 4, wide[3 - i], wide[3 - i], 3);
    }
    put_mid(f, "encoder");
    put(f, "encoder.conv_norm_out", 1, wide[0], 0, 0);
    put(f, "encoder.conv_out", 4, 8, wide[0], 3);
    put(f, "quant_conv", 4, 8, 8, 1);
    (void)fputs("}", f->text);
}

struct model {
    struct engine engine;
    struct autoencoder vae;
    struct weight_store *store;
    struct arena *arena;
};

static void
append(const char *path, const void *data, size_t size)
{
    FILE *f = fopen(path, "abe");

    if (f == NULL || fwrite(data, 1, size, f) != size || fclose(f) != 0)
        abort();
}

static void
model_make(const size_t widths[4], bool zeros, int threads, struct model *m)
{
    char path[] = "/tmp/gempix-tiles-XXXXXX.safetensors", *text, *values, config[200];
    size_t size, bytes;
    int fd = mkstemps(path, 12);
    struct file f = {.text = open_memstream(&text, &size), .widths = widths};
    FILE *data = open_memstream(&values, &bytes);
    struct json *json;
    struct err e;
    struct loader l = {.arena = arena_new(GIB), .e = &e};

    (void)snprintf(config, sizeof config,
                   "{\"block_out_channels\":[%zu,%zu,%zu,%zu],\"layers_per_block\":2,"
                   "\"norm_num_groups\":%zu,\"scaling_factor\":1}",
                   widths[3], widths[2], widths[1], widths[0], widths[3] / 4);
    if (fd < 0 || f.text == NULL || data == NULL || close(fd) != 0)
        abort();
    f.values = zeros ? NULL : data;
    put_decoder(&f);
    put_encoder(&f);
    (void)fclose(f.text);
    (void)fclose(data);
    put_safetensors(path, text, size, size, 0);
    if (zeros && truncate(path, (off_t)(8 + size + f.at)) != 0)
        abort();
    if (!zeros)
        append(path, values, bytes);
    if (weight_store_open_file(path, NULL, &m->store, &e) != ST_OK ||
        json_parse(config, strlen(config), 3, &json, &e) != ST_OK ||
        engine_open(threads, &m->engine, &e) != ST_OK)
        abort();
    l.store = m->store;
    m->arena = l.arena;
    autoencoder_load(&l, json, &m->vae);
    if (!ok(l.rc == ST_OK, "a decoder with four levels")) {
        diag("%s", e.message);
        exit(1);
    }
    json_free(json);
    free(text), free(values);
    (void)unlink(path);
}

static void
model_release(struct model *m)
{
    engine_release(&m->engine);
    weight_store_close(m->store);
    arena_free(m->arena);
}

static void
test_large(void)
{
    static const size_t WIDTHS[] = {512, 512, 256, 128};
    struct model m;

    model_make(WIDTHS, true, 2, &m);
    for (size_t side = 1024; side <= 2048; side += 512) {
        /* Nobody looks at the data while planning. */
        struct tensor z = {(float *)(void *)m.engine.base, 1, side / 8, side / 8, 4};
        struct tensor image = {z.data, 1, side, side, 3};
        size_t peak = planned(&m.engine, &m.vae, 0, &z, &image);
        double flops = m.engine.flops;

        diag("%zu pixels squared: whole %zu MiB, %.1f TFLOP", side, peak / MIB, flops / 1e12);
        peak = planned(&m.engine, &m.vae, 5 * GIB / 2, &z, &image);
        ok(peak <= 5 * GIB / 2, "%zu pixels squared in %zu MiB", side, peak / MIB);
        ok(m.engine.flops <= 1.3 * flops, "  with %.2f of the work", m.engine.flops / flops);
        peak = planned_down(&m.engine, &m.vae, 0, &image, &z);
        flops = m.engine.flops;
        diag("encoding: whole %zu MiB, %.1f TFLOP", peak / MIB, flops / 1e12);
        peak = planned_down(&m.engine, &m.vae, 5 * GIB / 2, &image, &z);
        ok(peak <= 5 * GIB / 2, "encoded in %zu MiB", peak / MIB);
        ok(m.engine.flops <= 1.3 * flops, "  with %.2f of the work", m.engine.flops / flops);
    }
    model_release(&m);
}

/* Four levels of small widths, the first two without a change of width as in SD; with many limits,
   so that all ways of a decode are taken. */
static void
test_four_levels(void)
{
    static const size_t WIDTHS[] = {32, 32, 16, 8};
    struct tensor z = {NULL, 1, 40, 24, 4}, image = {NULL, 1, 320, 192, 3}, whole = image;
    size_t count = tensor_count(&image), need, last = SIZE_MAX, ways = 0;
    struct model m;

    model_make(WIDTHS, false, POOL_NOMINAL, &m);
    z.data = malloc(tensor_count(&z) * sizeof(float));
    image.data = malloc(count * sizeof(float));
    whole.data = malloc(count * sizeof(float));
    smooth(&z);
    need = decode(&m.engine, &m.vae, 0, &z, &whole);
    for (size_t limit = need; limit > need / 32; limit -= need / 32) {
        size_t peak = planned(&m.engine, &m.vae, limit - 1, &z, &image);
        double db;

        if (peak == last)
            continue;
        last = peak;
        (void)decode(&m.engine, &m.vae, limit - 1, &z, &image);
        db = psnr(image.data, whole.data, count);
        ways++;
        ok(db >= 75.0, "  %.2f of the memory: the same picture (%.1f dB)",
           (double)peak / (double)need, db);
        ok(worst_row(image.data, whole.data, image.h, image.w * 3) < 8.0, "  no row stands out");
    }
    ok(ways >= 4 && last < need / 2, "%zu ways, the least with %.2f", ways,
       (double)last / (double)need);
    diag("encoding");
    compare_down(&m.engine, &m.vae, 320, 192, 1e-6, 1);
    free(z.data), free(image.data), free(whole.data);
    model_release(&m);
}

/* More threads need more scratch memory, which must not change the way. */
static void
test_threads(void)
{
    static const size_t WIDTHS[] = {32, 32, 16, 8};
    struct tensor z = {NULL, 1, 40, 24, 4}, image = {NULL, 1, 320, 192, 3}, other = image;
    struct tensor again = z;
    size_t count = tensor_count(&image), differ = 0, need;
    struct model one, five;

    model_make(WIDTHS, false, 1, &one);
    model_make(WIDTHS, false, 5, &five);
    z.data = malloc(tensor_count(&z) * sizeof(float));
    image.data = malloc(count * sizeof(float));
    other.data = malloc(count * sizeof(float));
    again.data = malloc(tensor_count(&z) * sizeof(float));
    smooth(&z);
    need = planned(&one.engine, &one.vae, 0, &z, &image);
    for (size_t limit = need * 9 / 8; limit > need / 2; limit -= need / 16) {
        (void)decode(&one.engine, &one.vae, limit, &z, &image);
        (void)decode(&five.engine, &five.vae, limit, &z, &other);
        differ += memcmp(image.data, other.data, count * sizeof(float)) != 0;
        memcpy(other.data, image.data, count * sizeof(float));
        (void)encode(&one.engine, &one.vae, limit / 2, &image, &z);
        (void)encode(&five.engine, &five.vae, limit / 2, &other, &again);
        differ += memcmp(z.data, again.data, tensor_count(&z) * sizeof(float)) != 0;
    }
    is_int((int64_t)differ, 0, "the same bytes with one thread and with five");
    free(z.data), free(image.data), free(other.data), free(again.data);
    model_release(&one);
    model_release(&five);
}

int
main(void)
{
    test_bands("tiny-a", 80.0);
    test_bands("tiny-b", 110.0);
    test_encode("tiny-a", 1e-6);
    test_encode("tiny-b", 1e-12);
    test_nan();
    test_four_levels();
    test_threads();
    test_large();
    return tap_done();
}

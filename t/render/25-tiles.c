/*
 * Decoding in bands against decoding whole: the two tiny models, and the memory that a large
 * picture needs with the widths of Stable Diffusion.
 */
#include <math.h>

#include "common/arena.h"
#include "common/err.h"
#include "common/json.h"
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
decode(struct pipeline *p, size_t limit, const struct tensor *z, struct tensor *image)
{
    struct engine *g = &p->engine;
    size_t peak;

    p->vae.decode_limit = limit;
    engine_plan(g);
    autoencoder_decode(g, &p->vae, z, image);
    peak = g->peak;
    if (engine_plan_end(g, 0, NULL) != ST_OK)
        abort();
    for (size_t i = 0; i < tensor_count(image); i++)
        image->data[i] = 99.0f;
    autoencoder_decode(g, &p->vae, z, image);
    engine_rewind(g, 0);
    is_int((int64_t)g->peak, (int64_t)peak, "  the plan and the run need as much");
    return peak;
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
    if (!ok(pipeline_open(path, 2, &p, &e) == ST_OK, "the model opens"))
        exit(1);
    is_int((int64_t)p->vae.decode_limit, (int64_t)(5 * GIB / 2), "there is a limit");
    image = (struct tensor){NULL, 2, LATENT_H * p->vae.factor, LATENT_W * p->vae.factor, 3};
    whole = image;
    count = tensor_count(&image);
    z.data = malloc(tensor_count(&z) * sizeof(float));
    image.data = malloc(count * sizeof(float));
    whole.data = malloc(count * sizeof(float));
    smooth(&z);
    memcpy(z.data + tensor_count(&z) / 2, z.data, tensor_count(&z) / 2 * sizeof(float));
    z.n = image.n = whole.n = 1;
    need = decode(p, 0, &z, &whole);
    decode(p, need, &z, &image);
    ok(memcmp(image.data, whole.data, count / 2 * sizeof(float)) == 0,
       "what fits the limit is the same bytes");
    for (size_t i = 0; i < sizeof PARTS / sizeof *PARTS; i++) {
        size_t limit = (size_t)(PARTS[i] * (double)need) + 1;
        size_t peak = decode(p, limit, &z, &image);
        double db = psnr(image.data, whole.data, count / 2);

        if (peak == last)
            continue;
        last = peak;
        fewer += peak <= limit;
        ok(db >= least, "  %.2f of the memory: the same picture (%.1f dB)",
           (double)peak / (double)need, db);
        ok(worst_row(image.data, whole.data, image.h, image.w * 3) < 8.0, "  no row stands out");
    }
    ok(fewer >= 2 && last < need / 10 * 7, "limits are kept where they can be");
    z.n = image.n = 2;
    decode(p, need, &z, &image);
    ok(memcmp(image.data, whole.data, count / 2 * sizeof(float)) == 0 &&
           memcmp(image.data + count / 2, whole.data, count / 2 * sizeof(float)) == 0,
       "a batch beyond the limit is decoded one by one");
    free(z.data), free(image.data), free(whole.data);
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
    decode(p, 1, &z, &image);
    ok(!engine_finite(image.data, tensor_count(&image)), "NaN goes through the bands");
    free(z.data), free(image.data);
    pipeline_close(p);
}

/* A file of a decoder with the widths of SD and nothing but zeros, most of it a hole. */
struct file {
    FILE *text;
    size_t at;
};

/* rank 1: a norm; 2: a linear layer; 4: a convolution with `kernel`. */
static void
put(struct file *f, const char *name, int rank, size_t out, size_t in, size_t kernel)
{
    size_t count = out * (rank > 1 ? in : 1) * (rank > 2 ? kernel * kernel : 1);

    (void)fprintf(f->text, "%s\"%s.weight\":{\"dtype\":\"F16\",\"shape\":[%zu", f->at ? "," : "{",
                  name, out);
    if (rank > 1)
        (void)fprintf(f->text, ",%zu", in);
    if (rank > 2)
        (void)fprintf(f->text, ",%zu,%zu", kernel, kernel);
    (void)fprintf(f->text,
                  "],\"data_offsets\":[%zu,%zu]},\"%s.bias\":{\"dtype\":\"F16\",\"shape\":[%zu],"
                  "\"data_offsets\":[%zu,%zu]}",
                  f->at, f->at + 2 * count, name, out, f->at + 2 * count,
                  f->at + 2 * (count + out));
    f->at += 2 * (count + out);
}

static void
put_resnet(struct file *f, const char *prefix, size_t in, size_t out)
{
    static const char *const PARTS[] = {"norm1", "conv1", "norm2", "conv2", "conv_shortcut"};
    char name[200];

    for (size_t i = 0; i < (in != out ? 5 : 4); i++) {
        (void)snprintf(name, sizeof name, "decoder.%s.%s", prefix, PARTS[i]);
        put(f, name, i % 2 == 0 && i < 4 ? 1 : 4, i == 0 ? in : out, i == 3 ? out : in,
            i == 4 ? 1 : 3);
    }
}

static void
put_decoder(struct file *f)
{
    static const size_t WIDTHS[] = {512, 512, 512, 256, 128};
    static const char *const PARTS[] = {"to_q", "to_k", "to_v", "to_out.0"};
    char name[200];

    put(f, "post_quant_conv", 4, 4, 4, 1);
    put(f, "decoder.conv_in", 4, 512, 4, 3);
    put_resnet(f, "mid_block.resnets.0", 512, 512);
    put_resnet(f, "mid_block.resnets.1", 512, 512);
    put(f, "decoder.mid_block.attentions.0.group_norm", 1, 512, 0, 0);
    for (size_t i = 0; i < 4; i++) {
        (void)snprintf(name, sizeof name, "decoder.mid_block.attentions.0.%s", PARTS[i]);
        put(f, name, 2, 512, 512, 0);
    }
    for (size_t i = 0; i < 4; i++) {
        for (size_t j = 0; j < 3; j++) {
            (void)snprintf(name, sizeof name, "up_blocks.%zu.resnets.%zu", i, j);
            put_resnet(f, name, WIDTHS[j == 0 ? i : i + 1], WIDTHS[i + 1]);
        }
        (void)snprintf(name, sizeof name, "decoder.up_blocks.%zu.upsamplers.0.conv", i);
        if (i < 3)
            put(f, name, 4, WIDTHS[i + 1], WIDTHS[i + 1], 3);
    }
    put(f, "decoder.conv_norm_out", 1, 128, 0, 0);
    put(f, "decoder.conv_out", 4, 3, 128, 3);
    (void)fputs("}", f->text);
}

static size_t
planned(struct engine *g, struct autoencoder *a, size_t limit, size_t side, double *flops)
{
    struct tensor z = {NULL, 1, side / 8, side / 8, 4}, image = {NULL, 1, side, side, 3};

    a->decode_limit = limit;
    engine_plan(g);
    z.data = engine_floats(g, 1); /* nobody looks while planning */
    image.data = z.data;
    autoencoder_decode(g, a, &z, &image);
    *flops = g->flops;
    return g->peak;
}

static void
test_large(void)
{
    static const char CONFIG[] = "{\"block_out_channels\":[128,256,512,512],"
                                 "\"layers_per_block\":2,\"norm_num_groups\":32}";
    char path[] = "/tmp/gempix-tiles-XXXXXX.safetensors", *text;
    size_t size, peak;
    double flops, more;
    int fd = mkstemps(path, 12);
    struct file f = {.text = open_memstream(&text, &size)};
    struct weight_store *store;
    struct autoencoder vae;
    struct engine g;
    struct json *config;
    struct err e;
    struct loader l = {.arena = arena_new(GIB), .e = &e};

    if (fd < 0 || f.text == NULL || close(fd) != 0)
        abort();
    put_decoder(&f);
    (void)fclose(f.text);
    put_safetensors(path, text, size, size, 0);
    if (truncate(path, (off_t)(8 + size + f.at)) != 0 ||
        weight_store_open_file(path, NULL, &store, &e) != ST_OK ||
        json_parse(CONFIG, sizeof CONFIG - 1, 3, &config, &e) != ST_OK ||
        engine_open(2, &g, &e) != ST_OK)
        abort();
    l.store = store;
    autoencoder_load(&l, config, &vae);
    if (!ok(l.rc == ST_OK, "a decoder with SD's widths"))
        diag("%s", e.message);
    for (size_t side = 1024; side <= 2048 && l.rc == ST_OK; side += 512) {
        peak = planned(&g, &vae, 0, side, &flops);
        diag("%zu: whole %zu MiB, %.2f TFLOP", side, peak / MIB, flops / 1e12);
        peak = planned(&g, &vae, 5 * GIB / 2, side, &more);
        diag("%zu: in bands %zu MiB, %.2f TFLOP", side, peak / MIB, more / 1e12);
        ok(peak <= 5 * GIB / 2 + 64, "%zu pixels squared in %zu MiB", side, peak / MIB);
        ok(more <= 1.5 * flops, "  with %.2f of the work", more / flops);
    }
    engine_release(&g);
    weight_store_close(store);
    arena_free(l.arena);
    json_free(config);
    free(text);
    (void)unlink(path);
}

int
main(void)
{
    test_bands("tiny-a", 80.0);
    test_bands("tiny-b", 110.0);
    test_nan();
    test_large();
    return tap_done();
}

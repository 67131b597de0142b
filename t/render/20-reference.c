/*
 * Two tiny models against the values that t/reference/dump.py wrote: every stage, then whole
 * pictures.
 */
#include "common/err.h"
#include "common/json.h"
#include "render/pipeline/pipeline.h"
#include "render/pipeline/preview.h"
#include "render/weights/safetensors.h"
#include "t/render/kernel_check.h"

#define STAGE_LIMIT 1e-7 /* of one block, and of text and autoencoder */
#define WHOLE_LIMIT 1e-5 /* of a whole U-Net; f32 gives about 1e-12 */
#define PSNR_LEAST 60.0  /* dB, of a whole picture in bytes */

struct fixture {
    char folder[1024];
    struct pipeline *p;
    struct safetensors *expected;
    struct err e;
};

/* The expected tensor `name` as doubles; its shape may be asked for. */
static double *
expected(struct fixture *f, const char *name, size_t *count, uint64_t shape[4])
{
    const struct safetensor *t = safetensors_find(f->expected, name);
    const void *data = t != NULL ? safetensors_data(f->expected, t, &f->e) : NULL;
    size_t n = 1;
    double *out;
    float *values;

    if (data == NULL) {
        ok(false, "the reference has %s", name);
        exit(1);
    }
    for (unsigned i = 0; i < t->rank; i++) {
        n *= (size_t)t->shape[i];
        if (shape != NULL && i < 4)
            shape[i] = t->shape[i];
    }
    out = malloc(n * sizeof *out);
    values = malloc(n * sizeof *values);
    dtype_convert(t->kind, data, values, n);
    for (size_t i = 0; i < n; i++)
        out[i] = (double)values[i];
    free(values);
    if (count != NULL)
        *count = n;
    return out;
}

static float *
to_floats(const double *x, size_t count)
{
    float *out = malloc(count * sizeof *out);

    for (size_t i = 0; i < count; i++)
        out[i] = (float)x[i];
    return out;
}

/* Plans and runs. */
#define RUN(g, call)                                                                               \
    do {                                                                                           \
        engine_plan(g);                                                                            \
        call;                                                                                      \
        engine_plan_end(g, 0, NULL);                                                               \
        call;                                                                                      \
        engine_rewind(g, 0);                                                                       \
    } while (0)

static void
test_tokens(struct fixture *f)
{
    size_t count, wrong = 0;
    double *want = expected(f, "tokens", &count, NULL);
    struct json *prompts = NULL;
    char path[1100];

    (void)snprintf(path, sizeof path, "%s/prompts.json", f->folder);
    if (json_parse_file(path, 1 << 20, 2, &prompts, &f->e) != ST_OK)
        exit(1);
    is_int((int64_t)count, (int64_t)json_size(prompts) * 77, "there are ids for every prompt");
    for (size_t i = 0; i < json_size(prompts); i++) {
        const char *text = json_value_text(json_at(prompts, i), NULL);
        int32_t ids[77];
        bool same = tokenizer_encode(f->p->tokenizer, text, 77, ids, NULL, &f->e) == ST_OK;

        for (size_t k = 0; k < 77 && same; k++)
            same = ids[k] == (int32_t)want[i * 77 + k];
        if (!ok(same, "token ids of prompt %zu", i))
            wrong++;
    }
    json_free(prompts);
    free(want);
}

static void
test_text(struct fixture *f)
{
    size_t count;
    double *tokens = expected(f, "tokens", NULL, NULL),
           *want = expected(f, "clip.final", &count, NULL);
    float *out = malloc(count * sizeof *out);
    int32_t ids[77];

    for (size_t i = 0; i < 77; i++)
        ids[i] = (int32_t)tokens[77 + i];
    struct clip_input in = {.ids = ids, .count = 77};
    struct clip_output to = {.states = out, .normed = true};

    RUN(&f->p->engine, clip_text_run(&f->p->engine, f->p->text, &in, &to));
    near(out, want, count, STAGE_LIMIT, "text encoder");
    free(tokens), free(want), free(out);
}

static void
run_unet(struct fixture *f, const float *context, size_t tokens, const struct tensor *x,
         struct tensor *out)
{
    unet_context(&f->p->engine, f->p->unet, context, x->n, tokens);
    unet_run(&f->p->engine, f->p->unet, x, &(struct unet_input){.time = 499.25}, out);
}

static void
test_unet(struct fixture *f)
{
    uint64_t s[4], c[4];
    size_t count, context_count;
    double *x = expected(f, "unet.x", &count, s),
           *context = expected(f, "unet.context", &context_count, c);
    double *want = expected(f, "unet.out", NULL, NULL);
    float *in = to_floats(x, count), *text = to_floats(context, context_count),
          *result = malloc(count * sizeof *result);
    struct tensor input = {in, s[0], s[1], s[2], s[3]}, output = {result, s[0], s[1], s[2], s[3]};

    RUN(&f->p->engine, run_unet(f, text, c[1], &input, &output));
    near(result, want, count, WHOLE_LIMIT, "whole U-Net on odd sides");
    free(x), free(context), free(want), free(in), free(text), free(result);
}

/* The first resnet and transformer of the U-Net, fed with expected values so that errors do not add
 * up. */
static void
test_blocks(struct fixture *f)
{
    struct engine *g = &f->p->engine;
    struct unet *u = f->p->unet;
    uint64_t s[4], c[4];
    size_t count, contexts, width = u->config.widths[0], wide = 4 * width;
    double *x = expected(f, "unet.conv_in", &count, s),
           *context = expected(f, "unet.context", &contexts, c);
    double *after = expected(f, "unet.down_blocks.0.resnets.0", NULL, NULL);
    double *attended = expected(f, "unet.down_blocks.0.attentions.0", NULL, NULL);
    float *in = to_floats(x, count), *text = to_floats(context, contexts),
          *result = malloc(count * sizeof *result);
    float *wave = malloc(width * sizeof *wave), *hidden = malloc(wide * sizeof *hidden),
          *time = malloc(wide * sizeof *time);
    struct tensor input = {in, s[0], s[1], s[2], s[3]}, output = {result, s[0], s[1], s[2], s[3]};
    float *kv[8];

    time_sinusoid(499.25, width, 0.0, true, wave);
    RUN(g, (linear_run(g, &u->time1, wave, 1, hidden, NULL),
            act_apply(g, ACT_SILU, hidden, hidden, wide),
            linear_run(g, &u->time2, hidden, 1, time, NULL),
            act_apply(g, ACT_SILU, time, time, wide)));
    RUN(g, resnet_run(g, &u->down[0].resnets[0], &input, time, &output));
    near(result, after, count, STAGE_LIMIT, "time embedding and the first resnet");
    for (size_t i = 0; i < count; i++)
        result[i] = (float)after[i];
    engine_plan(g);
    transformer_context(g, &u->down[0].attentions[0], text, s[0], c[1], kv);
    transformer_run(g, &u->down[0].attentions[0], &output, kv, s[0], c[1]);
    engine_plan_end(g, 0, NULL);
    transformer_context(g, &u->down[0].attentions[0], text, s[0], c[1], kv);
    transformer_run(g, &u->down[0].attentions[0], &output, kv, s[0], c[1]);
    engine_rewind(g, 0);
    /* What the transformer adds, so that the stream it adds to hides nothing. */
    for (size_t i = 0; i < count; i++) {
        result[i] = (float)((double)result[i] - after[i]);
        attended[i] -= after[i];
    }
    near(result, attended, count, STAGE_LIMIT, "the first transformer");
    free(x), free(context), free(after), free(attended), free(in), free(text), free(result);
    free(wave), free(hidden), free(time);
}

static void
test_vae(struct fixture *f)
{
    uint64_t s[4], t[4];
    size_t count, pixels;
    double *z = expected(f, "vae.z", &count, s), *want = expected(f, "vae.image", &pixels, t);
    float *in = to_floats(z, count), *result = malloc(pixels * sizeof *result);
    struct tensor latent = {in, s[0], s[1], s[2], s[3]}, image = {result, t[0], t[1], t[2], t[3]};

    RUN(&f->p->engine, autoencoder_decode(&f->p->engine, &f->p->vae, &latent, &image));
    near(result, want, pixels, STAGE_LIMIT, "autoencoder: decode");
    free(z), free(want), free(in), free(result);
    if (!autoencoder_can_encode(&f->p->vae))
        return;
    z = expected(f, "vae.encoded", &count, s);
    want = expected(f, "vae.encode_in", &pixels, t);
    in = to_floats(want, pixels);
    result = malloc(count * sizeof *result);
    image = (struct tensor){in, t[0], t[1], t[2], t[3]};
    latent = (struct tensor){result, s[0], s[1], s[2], s[3]};
    RUN(&f->p->engine, autoencoder_encode(&f->p->engine, &f->p->vae, &image, &latent));
    near(result, z, count, STAGE_LIMIT, "autoencoder: encode");
    free(z), free(want), free(in), free(result);
}

static void
test_picture(struct fixture *f, enum generate_sampler sampler)
{
    struct generate_params params = {.prompt = "a red sun over a blue sea",
                                     .negative_prompt = "stars",
                                     .steps = 4,
                                     .guidance = 3.0,
                                     .seed = 7,
                                     .sampler = sampler};
    size_t count;
    double *want = expected(f, "picture.pixels", &count, NULL), error = 0.0, psnr, worst = 0.0;
    struct image image;

    params.width = params.height = f->p->info.native_size;
    is_int(generate(f->p, &params, NULL, &image, &f->e), ST_OK, "a picture");
    is_int(3 * (int64_t)image.width * image.height, (int64_t)count, "  of the right size");
    for (size_t i = 0; i < count; i++) {
        /* Both rounded: what is compared is the picture a visitor gets. */
        double d = (double)image.pixels[i] - floor(want[i] + 0.5);

        error += d * d / (double)count;
        worst = fmax(worst, fabs(d));
    }
    psnr = error > 0.0 ? 10.0 * log10(255.0 * 255.0 / error) : INFINITY;
    ok(psnr >= PSNR_LEAST, "  like the reference: %.1f dB, worst pixel %.0f of 255", psnr, worst);
    image_release(&image);
    free(want);
}

/* Both kinds of preview of the same latent: their own size, and much the same colours as the
 * picture. */
static void
test_preview(struct fixture *f)
{
    uint64_t s[4];
    size_t count, pixels;
    double *latent = expected(f, "picture.latent", &count, s);
    double *want = expected(f, "picture.pixels", &pixels, NULL), mean = 0.0;
    float *values = to_floats(latent, count);
    struct tensor z = {values, s[0], s[1], s[2], s[3]};

    for (size_t i = 0; i < pixels; i++)
        mean += want[i] / (double)pixels;
    for (int decode = 0; decode < 2; decode++) {
        int side = decode ? f->p->info.native_size / 2 : 4 * (int)s[1];
        struct image image;
        double own = 0.0;

        is_int(preview_make(f->p, &z, decode, &image, &f->e), ST_OK,
               decode ? "a preview by decoding" : "a preview by a linear map");
        ok(image.width == side && image.height == side, "  of the right size");
        for (int i = 0; i < 3 * side * side; i++)
            own += (double)image.pixels[i] / (3.0 * side * side);
        is_real(own, mean, 40.0, "  about as bright as the picture");
        image_release(&image);
    }
    free(latent), free(want), free(values);
}

static void
test_model(const char *name, enum generate_sampler sampler)
{
    const char *source = getenv("GEMPIX_SRC");
    struct fixture f = {.p = NULL};
    char path[1100];

    diag("%s", name);
    (void)snprintf(f.folder, sizeof f.folder, "%s/t/data/%s", source != NULL ? source : ".", name);
    (void)snprintf(path, sizeof path, "%s/expect.safetensors", f.folder);
    if (!ok(pipeline_open(f.folder, 2, &f.p, &f.e) == ST_OK &&
                safetensors_open(path, &f.expected, &f.e) == ST_OK,
            "the model opens")) {
        diag("%s %s", f.e.message, f.e.detail);
        exit(1);
    }
    test_tokens(&f);
    test_text(&f);
    test_blocks(&f);
    test_unet(&f);
    test_vae(&f);
    test_picture(&f, sampler);
    test_preview(&f);
    safetensors_close(f.expected);
    pipeline_close(f.p);
}

int
main(void)
{
    test_model("tiny-a", SAMPLER_DDIM);
    test_model("tiny-b", SAMPLER_EULER);
    return tap_done();
}

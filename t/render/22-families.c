/*
 * The other families against the values that t/reference/dump_families.py wrote: two text encoders
 * and a text vector, a guidance that is an input, more channels, motion modules.
 */
#include "common/arena.h"
#include "common/err.h"
#include "common/json.h"
#include "render/pipeline/pipeline.h"
#include "render/pipeline/prompt.h"
#include "render/pipeline/prompt_cache.h"
#include "render/weights/embedding.h"
#include "render/weights/safetensors.h"
#include "render/weights/weight_store.h"
#include "t/render/kernel_check.h"

#define STAGE_LIMIT 1e-7 /* of one block, and of text */
#define WHOLE_LIMIT 1e-5 /* of a whole U-Net; f32 gives about 1e-12 */
#define PSNR_LEAST 60.0  /* dB, of a whole picture in bytes */

/* A part of a model opened alone, for models whose pipeline does more than text to image. */
struct fixture {
    char folder[1024];
    struct pipeline p; /* text encoders, U-Net and engine are filled in */
    struct safetensors *expected;
    struct err e;
};

static void
stop(const struct fixture *f, const char *what)
{
    ok(false, "%s", what);
    diag("%s %s", f->e.message, f->e.detail);
    exit(1);
}

static float *
expected(struct fixture *f, const char *name, size_t *count, size_t shape[4])
{
    const struct safetensor *t = safetensors_find(f->expected, name);
    const void *data = t != NULL ? safetensors_data(f->expected, t, &f->e) : NULL;
    size_t n = 1;
    float *out;

    if (data == NULL)
        stop(f, name);
    for (unsigned i = 0; i < t->rank; i++) {
        n *= (size_t)t->shape[i];
        if (shape != NULL && i < 4)
            shape[i] = (size_t)t->shape[i];
    }
    out = malloc(n * sizeof *out);
    dtype_convert(t->kind, data, out, n);
    if (count != NULL)
        *count = n;
    return out;
}

static void
near_floats(const float *got, const float *want, size_t count, double limit, const char *what)
{
    double *w = malloc(count * sizeof *w);

    for (size_t i = 0; i < count; i++)
        w[i] = (double)want[i];
    near(got, w, count, limit, what);
    free(w);
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

static struct json *
open_part(struct fixture *f, enum pipeline_part slot, const char *part, const char *stem,
          struct loader *l)
{
    char path[1100];
    struct json *config = NULL;

    (void)snprintf(path, sizeof path, "%s/%s", f->folder, part);
    if (config_read(path, "config.json", &config, &f->e) != ST_OK ||
        weight_store_open(path, stem, &f->p.stores[slot], &f->e) != ST_OK)
        stop(f, part);
    *l = (struct loader){.store = f->p.stores[slot], .arena = f->p.arena, .e = &f->e};
    return config;
}

static void
open_unet(struct fixture *f)
{
    struct unet_config config;
    struct loader l;
    struct json *json = open_part(f, PIPELINE_UNET, "unet", "diffusion_pytorch_model", &l);

    if (unet_config_read(json, &config, &f->e) != ST_OK)
        stop(f, "unet/config.json");
    f->p.unet = unet_load(&l, &config);
    if (l.rc != ST_OK)
        stop(f, "unet");
    json_free(json);
}

static void
open_text(struct fixture *f, enum pipeline_part slot, const char *part, const char *words,
          struct clip_text **text, struct tokenizer **tokenizer)
{
    struct loader l;
    struct json *json = open_part(f, slot, part, "model", &l);
    char path[1100];

    *text = clip_text_load(&l, json);
    (void)snprintf(path, sizeof path, "%s/%s", f->folder, words);
    if (l.rc != ST_OK || tokenizer_open(path, tokenizer, &f->e) != ST_OK)
        stop(f, part);
    json_free(json);
}

static void
fixture_open(struct fixture *f, const char *name, bool two)
{
    const char *source = getenv("GEMPIX_SRC");
    char path[1100];

    diag("%s", name);
    memset(f, 0, sizeof *f);
    (void)snprintf(f->folder, sizeof f->folder, "%s/t/data/%s", source != NULL ? source : ".",
                   name);
    (void)snprintf(path, sizeof path, "%s/expect.safetensors", f->folder);
    f->p.arena = arena_new(SIZE_MAX / 2);
    if (engine_open(2, &f->p.engine, &f->e) != ST_OK ||
        safetensors_open(path, &f->expected, &f->e) != ST_OK)
        stop(f, "the reference opens");
    open_unet(f);
    open_text(f, PIPELINE_TEXT, "text_encoder", "tokenizer", &f->p.text, &f->p.tokenizer);
    f->p.text_normed = true;
    f->p.prompts = prompt_cache_new(8, 1 << 20);
    if (!two)
        return;
    open_text(f, PIPELINE_TEXT2, "text_encoder_2", "tokenizer_2", &f->p.text2, &f->p.tokenizer2);
    f->p.text_skip = 1;
    f->p.text_normed = false;
    f->p.zero_negative = true;
}

static void
fixture_close(struct fixture *f)
{
    safetensors_close(f->expected);
    prompt_cache_free(f->p.prompts);
    tokenizer_free(f->p.tokenizer);
    tokenizer_free(f->p.tokenizer2);
    engine_release(&f->p.engine);
    for (size_t i = 0; i < PIPELINE_PARTS; i++)
        weight_store_close(f->p.stores[i]);
    arena_free(f->p.arena);
}

#define PLAIN "a red sun over a blue sea"
#define EIGHTH "the sea and a red sun over a blue sea in the evening sky "

static const struct {
    const char *name, *text;
    size_t skip, chunks;
} PROMPTS[] = {
    {"plain", PLAIN, 0, 1},
    {"weighted", "a (red:1.5) sun over [a blue] sea", 0, 1},
    {"long", EIGHTH EIGHTH EIGHTH EIGHTH EIGHTH EIGHTH EIGHTH EIGHTH "((boat))", 0, 2},
    {"cut", "a red sun BREAK a blue sea", 0, 2},
    {"skip", PLAIN, 1, 1},
    {"inverted", "a <sun> sea", 0, 1},
};

/* The textual inversion of that prompt, for each encoder. */
static void
set_embeddings(struct fixture *f, struct embedding list[2])
{
    const struct clip_text *const encoders[2] = {f->p.text, f->p.text2};

    for (size_t i = 0; i < 2 && encoders[i] != NULL; i++) {
        size_t count;
        char name[64];

        (void)snprintf(name, sizeof name, "vectors.%zu", encoders[i]->width);
        (void)snprintf(list[i].token, sizeof list[i].token, "<sun>");
        list[i].values = expected(f, name, &count, NULL);
        list[i].count = 2;
        list[i].width = encoders[i]->width;
        f->p.embedding_count = i + 1;
    }
    f->p.embeddings = list;
}

static void
test_prompt(struct fixture *f, size_t i)
{
    char name[64];
    size_t count, pooled_count = prompt_pooled(&f->p), chunks;
    float *want, *got, *pooled = malloc((pooled_count + 1) * sizeof *pooled);
    struct prompt_ask ask = {.text = PROMPTS[i].text, .clip_skip = PROMPTS[i].skip};
    int rc = 0;

    (void)snprintf(name, sizeof name, "text.%s", PROMPTS[i].name);
    if (safetensors_find(f->expected, name) == NULL) {
        free(pooled);
        return;
    }
    want = expected(f, name, &count, NULL);
    got = malloc(count * sizeof *got);
    is_int(prompt_chunks_of(&f->p, ask.text, &chunks, &f->e), ST_OK, name);
    is_int((int64_t)chunks, (int64_t)PROMPTS[i].chunks, "  chunks");
    ask.chunks = chunks;
    RUN(&f->p.engine, rc |= prompt_encode(&f->p, &ask, got, pooled, &f->e));
    is_int(rc, ST_OK, "  is encoded");
    near_floats(got, want, count, STAGE_LIMIT, "  like the reference");
    free(want);
    (void)snprintf(name, sizeof name, "pooled.%s", PROMPTS[i].name);
    if (safetensors_find(f->expected, name) != NULL) {
        want = expected(f, name, NULL, NULL);
        near_floats(pooled, want, pooled_count, STAGE_LIMIT, "  and its one vector");
        free(want);
    }
    free(got), free(pooled);
}

/* The first of several end tokens is the one that is pooled at, by either rule. */
static void
test_pooled(struct fixture *f)
{
    struct clip_text *text = f->p.text;
    size_t count;
    float *want = expected(f, "pooled.first", &count, NULL), *got = malloc(count * sizeof *got);
    int32_t ids[77];
    struct clip_input in = {.ids = ids, .count = 77};
    struct clip_output out = {.pooled = got};

    if (tokenizer_encode(f->p.tokenizer, PLAIN, 77, ids, NULL, &f->e) != ST_OK)
        stop(f, "tokens");
    RUN(&f->p.engine, clip_text_run(&f->p.engine, text, &in, &out));
    near_floats(got, want, count, STAGE_LIMIT, "the vector at the largest id");
    text->end = tokenizer_marks(f->p.tokenizer).end;
    RUN(&f->p.engine, clip_text_run(&f->p.engine, text, &in, &out));
    near_floats(got, want, count, STAGE_LIMIT, "  and at the end token");
    text->end = 2;
    free(want), free(got);
}

/* Padding, the cache, zeros, limits. */
static void
test_prompt_rules(struct fixture *f)
{
    size_t each = prompt_tokens(&f->p) * prompt_width(&f->p), bytes = each * sizeof(float);
    float *three = malloc(3 * bytes), *empty = malloc(bytes), *again = malloc(bytes);
    float *pooled = malloc((prompt_pooled(&f->p) + 1) * sizeof *pooled);
    struct prompt_ask ask = {.text = PLAIN, .chunks = 3}, none = {.text = "", .chunks = 1};
    int rc = 0;

    RUN(&f->p.engine, rc |= prompt_encode(&f->p, &ask, three, pooled, &f->e));
    RUN(&f->p.engine, rc |= prompt_encode(&f->p, &none, empty, pooled, &f->e));
    ok(rc == ST_OK && memcmp(three + each, empty, bytes) == 0 &&
           memcmp(three + 2 * each, empty, bytes) == 0,
       "a short prompt is filled up with empty chunks");
    ok(prompt_cache_find(f->p.prompts, PLAIN, 0) != NULL, "it is kept");
    ask.chunks = 1;
    RUN(&f->p.engine, rc |= prompt_encode(&f->p, &ask, again, pooled, &f->e));
    ok(memcmp(three, again, bytes) == 0, "  and found again");
    none.negative = true;
    RUN(&f->p.engine, rc |= prompt_encode(&f->p, &none, again, pooled, &f->e));
    memset(three, 0, bytes);
    ok(memcmp(again, f->p.zero_negative ? three : empty, bytes) == 0,
       f->p.zero_negative ? "an empty negative prompt is zeros"
                          : "an empty negative prompt is \"\"");
    ask.clip_skip = prompt_skip_most(&f->p) + 1;
    is_int(prompt_encode(&f->p, &ask, again, pooled, &f->e), ST_INVALID,
           "skipping all layers is refused");
    free(three), free(empty), free(again), free(pooled);
}

struct unet_case {
    struct tensor x, out;
    float *context, *want;
    size_t tokens, count;
    struct unet_input input;
    float *pooled, *ids, *guidance;
    double id_values[UNET_IDS], guidance_values[2];
};

static void
case_open(struct fixture *f, struct unet_case *c)
{
    size_t s[4], t[4], n;

    memset(c, 0, sizeof *c);
    c->x.data = expected(f, "unet.x", NULL, s);
    c->x = (struct tensor){c->x.data, s[0], s[1], s[2], s[3]};
    c->context = expected(f, "unet.context", NULL, t);
    c->tokens = t[1];
    c->want = expected(f, "unet.out", &c->count, s);
    c->out = (struct tensor){malloc(c->count * sizeof(float)), s[0], s[1], s[2], s[3]};
    c->input.time = 499.25;
    if (f->p.unet->config.pooled_width != 0) {
        c->input.pooled = c->pooled = expected(f, "unet.pooled", NULL, NULL);
        c->ids = expected(f, "unet.ids", &n, NULL);
        for (size_t i = 0; i < n && i < UNET_IDS; i++)
            c->id_values[i] = (double)c->ids[i];
        c->input.ids = c->id_values;
    }
    if (f->p.unet->config.guidance_width != 0) {
        c->guidance = expected(f, "unet.guidance", &n, NULL);
        for (size_t i = 0; i < n && i < 2; i++)
            c->guidance_values[i] = (double)c->guidance[i] - 1.0;
        c->input.guidance = c->guidance_values;
    }
}

static void
case_release(struct unet_case *c)
{
    free(c->x.data), free(c->out.data), free(c->context), free(c->want);
    free(c->pooled), free(c->ids), free(c->guidance);
}

static void
run_unet(struct fixture *f, const struct unet_case *c, const struct tensor *x,
         const struct unet_input *input, const float *context, struct tensor *out)
{
    unet_context(&f->p.engine, f->p.unet, context, x->n, c->tokens);
    unet_run(&f->p.engine, f->p.unet, x, input, out);
}

static void
test_unet(struct fixture *f)
{
    struct unet_case c;
    struct tensor x, out;
    struct unet_input second;
    size_t half;

    case_open(f, &c);
    RUN(&f->p.engine, run_unet(f, &c, &c.x, &c.input, c.context, &c.out));
    near_floats(c.out.data, c.want, c.count, WHOLE_LIMIT, "whole U-Net on odd sides");
    /* The second image alone: it must not know that there was another. */
    half = c.count / 2;
    x = c.x, out = c.out, second = c.input;
    x.n = out.n = 1;
    x.data += tensor_count(&x);
    out.data = malloc(half * sizeof *out.data);
    if (second.pooled != NULL)
        second.pooled += f->p.unet->config.pooled_width;
    if (second.guidance != NULL)
        second.guidance++;
    RUN(&f->p.engine,
        run_unet(f, &c, &x, &second, c.context + c.tokens * f->p.unet->config.context_width, &out));
    ok(memcmp(out.data, c.out.data + half, half * sizeof *out.data) == 0,
       "  an image alone has the same bytes");
    free(out.data);
    case_release(&c);
}

/* The embedding of time, guidance and text by itself: in the whole network it is one of many
 * inputs. */
static void
test_embedding(struct fixture *f)
{
    const struct unet *u = f->p.unet;
    size_t count, n;
    float *want, *got;
    struct unet_case c;

    if (safetensors_find(f->expected, "unet.temb") == NULL)
        return;
    case_open(f, &c);
    want = expected(f, "unet.temb", &count, NULL);
    n = count / u->time2.out;
    got = malloc(count * sizeof *got);
    for (size_t i = 0; i < n * u->time2.out; i++)
        want[i] = want[i] / (1.0f + expf(-want[i]));
    RUN(&f->p.engine, unet_embed(&f->p.engine, u, &c.input, n, got));
    near_floats(got, want, count, STAGE_LIMIT, "the embedding of time and what comes with it");
    free(want), free(got);
    case_release(&c);
}

static void
run_transformer(struct fixture *f, const struct transformer *t, const float *context, size_t n,
                size_t tokens, struct tensor *x)
{
    float *kv[8];

    transformer_context(&f->p.engine, t, context, n, tokens, kv);
    transformer_run(&f->p.engine, t, x, kv, n, tokens);
}

/* The first resnet and the first transformer, fed with expected values so that errors do not add
 * up. */
static void
test_blocks(struct fixture *f)
{
    struct engine *g = &f->p.engine;
    const struct unet *u = f->p.unet;
    size_t level = 0, count, s[4], t[4], n = 1;
    struct unet_case c;
    float *x, *want, *time, *got;
    struct tensor in, out;
    char name[64];

    case_open(f, &c);
    x = expected(f, "unet.conv_in", &count, s);
    want = expected(f, "unet.down_blocks.0.resnets.0", &count, t);
    in = (struct tensor){x, s[0], s[1], s[2], s[3]};
    out = (struct tensor){got = malloc(count * sizeof *got), t[0], t[1], t[2], t[3]};
    if (u->guidance.in != 0 || u->add1.in != 0)
        n = s[0];
    time = malloc(n * u->time2.out * sizeof *time);
    RUN(g, unet_embed(g, u, &c.input, n, time));
    RUN(g, resnet_run_each(g, &u->down[0].resnets[0], &in, time, n, 1, &out));
    near_floats(got, want, count, STAGE_LIMIT, "the first resnet");
    free(x), free(want), free(got), free(time);
    while (!u->down[level].has_attention)
        level++;
    (void)snprintf(name, sizeof name, "unet.down_blocks.%zu.resnets.0", level);
    x = expected(f, name, &count, s);
    got = expected(f, name, &count, s);
    (void)snprintf(name, sizeof name, "unet.down_blocks.%zu.attentions.0", level);
    want = expected(f, name, &count, s);
    out = (struct tensor){got, s[0], s[1], s[2], s[3]};
    engine_plan(g);
    run_transformer(f, &u->down[level].attentions[0], c.context, s[0], c.tokens, &out);
    engine_plan_end(g, 0, NULL);
    run_transformer(f, &u->down[level].attentions[0], c.context, s[0], c.tokens, &out);
    engine_rewind(g, 0);
    /* What it adds, so that the stream it adds to hides nothing. */
    for (size_t i = 0; i < count; i++) {
        got[i] -= x[i];
        want[i] -= x[i];
    }
    near_floats(got, want, count, STAGE_LIMIT, "the first transformer");
    free(x), free(want), free(got);
    case_release(&c);
}

static void
test_family(const char *name)
{
    struct embedding words[2];
    struct fixture f;

    fixture_open(&f, name, strcmp(name, "tiny-sdxl") == 0);
    set_embeddings(&f, words);
    for (size_t i = 0; i < sizeof PROMPTS / sizeof *PROMPTS; i++)
        test_prompt(&f, i);
    test_prompt_rules(&f);
    if (f.p.text2 != NULL)
        test_pooled(&f);
    test_embedding(&f);
    test_blocks(&f);
    test_unet(&f);
    for (size_t i = 0; i < f.p.embedding_count; i++)
        free((void *)(uintptr_t)words[i].values);
    fixture_close(&f);
}

/* Two pictures of different prompts in one batch: each has the bytes that it has alone. */
static void
test_together(struct pipeline *p, const struct generate_params *params, const struct image *alone)
{
    struct generate_params other = *params;
    const struct generate_params *both[2] = {&other, params};
    struct image images[2];
    struct err errors[2];
    int status[2];

    other.prompt = "a boat at night";
    other.seed = 8;
    is_int(generate_many(p, both, 2, NULL, images, status, errors), ST_OK, "two pictures together");
    ok(memcmp(images[1].pixels, alone->pixels, (size_t)3 * 24 * 24) == 0 &&
           memcmp(images[0].pixels, alone->pixels, (size_t)3 * 24 * 24) != 0,
       "  have the bytes they have alone");
    image_release(&images[0]);
    image_release(&images[1]);
}

/* SDXL as a whole, through the pipeline. */
static void
test_picture(void)
{
    struct generate_params params = {.prompt = "a (red:1.5) sun over [a blue] sea",
                                     .negative_prompt = "",
                                     .width = 24,
                                     .height = 24,
                                     .steps = 4,
                                     .guidance = 3.0,
                                     .seed = 7,
                                     .sampler = SAMPLER_EULER};
    struct pipeline *p = NULL;
    struct fixture f;
    struct image image;
    size_t count;
    float *want;
    double error = 0.0, psnr;

    fixture_open(&f, "tiny-sdxl", true);
    want = expected(&f, "picture.pixels", &count, NULL);
    if (pipeline_open(f.folder, 2, &p, &f.e) != ST_OK ||
        generate(p, &params, NULL, &image, &f.e) != ST_OK)
        stop(&f, "a picture");
    is_int(3 * (int64_t)image.width * image.height, (int64_t)count, "a picture of the right size");
    for (size_t i = 0; i < count; i++) {
        double d = (double)image.pixels[i] - floor((double)want[i] + 0.5);

        error += d * d / (double)count;
    }
    psnr = error > 0.0 ? 10.0 * log10(255.0 * 255.0 / error) : INFINITY;
    ok(psnr >= PSNR_LEAST, "  like the reference: %.1f dB", psnr);
    test_together(p, &params, &image);
    image_release(&image);
    pipeline_close(p);
    free(want);
    fixture_close(&f);
}

/* What a U-Net's configuration may say in vain, and the key that the refusal must name. */
static const struct {
    const char *key, *value;
} REFUSED[] = {
    {"addition_embed_type", "\"image\""},
    {"addition_embed_type", "\"text_image\""},
    {"addition_embed_type", "\"text_time\""}, /* without its widths */
    {"class_embed_type", "\"timestep\""},
    {"encoder_hid_dim_type", "\"image_proj\""},
    {"time_cond_proj_dim", "3"},
    {"time_cond_proj_dim", "-8"},
    {"mid_block_type", "null"},
    {"mid_block_type", "\"UNetMidBlock2D\""},
    {"transformer_layers_per_block", "[1, [1, 2]]"},
    {"transformer_layers_per_block", "[1, 2, 3]"},
    {"attention_head_dim", "[2, 3]"},
    {"down_block_types", "[\"DownBlock2D\", \"AttnDownBlock2D\"]"},
    {"dual_cross_attention", "true"},
    {"only_cross_attention", "[true, false]"},
    {"time_embedding_type", "\"fourier\""},
    {"resnet_time_scale_shift", "\"scale_shift\""},
    {"block_out_channels", "[7, 16]"},
    {"conv_in_kernel", "5"},
};

static void
test_refusals(void)
{
    for (size_t i = 0; i < sizeof REFUSED / sizeof *REFUSED; i++) {
        struct unet_config config;
        struct json *json = NULL;
        struct err e;
        char text[512];
        int rc;

        (void)snprintf(text, sizeof text, "{\"attention_head_dim\": 2, %s\"%s\": %s}",
                       strcmp(REFUSED[i].key, "block_out_channels") != 0
                           ? "\"block_out_channels\": [8, 16], "
                           : "",
                       REFUSED[i].key, REFUSED[i].value);
        if (strcmp(REFUSED[i].key, "attention_head_dim") == 0)
            (void)snprintf(text, sizeof text, "{\"block_out_channels\": [8, 16], \"%s\": %s}",
                           REFUSED[i].key, REFUSED[i].value);
        if (json_parse(text, strlen(text), 8, &json, &e) != ST_OK)
            exit(1);
        rc = unet_config_read(json, &config, &e);
        ok((rc == ST_INVALID || rc == ST_UNSUPPORTED) && strstr(e.message, REFUSED[i].key) != NULL,
           "%s: %s is refused: %s", REFUSED[i].key, REFUSED[i].value, e.message);
        json_free(json);
    }
}

int
main(void)
{
    test_family("tiny-sdxl");
    test_family("tiny-lcm");
    test_family("tiny-inpaint");
    test_family("tiny-edit");
    test_picture();
    test_refusals();
    return tap_done();
}

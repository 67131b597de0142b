/*
 * LoRAs in all their spellings against the weights that PyTorch makes of them; textual inversions;
 * what is refused, by name.
 */
#include <unistd.h>

#include "common/arena.h"
#include "common/err.h"
#include "render/pipeline/convert.h"
#include "render/pipeline/generate.h"
#include "render/pipeline/model_parts.h"
#include "render/weights/embedding.h"
#include "render/weights/lora.h"
#include "render/weights/quantize.h"
#include "render/weights/safetensors.h"
#include "render/weights/scratch.h"
#include "render/weights/weight_store.h"
#include "t/lib/tap.h"
#include "t/render/model_folder.h"
#include "t/render/safetensors_make.h"

static char folder[512], scratch[] = "/tmp/gempix-adapters-XXXXXX";
static struct model_parts *model;
static struct weight_store *stores[LORA_PARTS];

/* Sum of squares of a tensor's error, over that of the tensor. What is merged into halves is
 * rounded, so the expected values are, too. */
static double
error_of(const struct safetensors *file, const struct safetensor *t, const char *name, int part)
{
    size_t shape[8], count = 1, rank = weight_store_shape(stores[part], name, shape);
    double wrong = 0.0, all = 0.0;
    const float *mapped;
    float *got, *want;
    void *halves;
    struct err e;

    for (size_t i = 0; i < rank; i++)
        count *= shape[i];
    got = malloc(count * sizeof *got);
    want = malloc(count * sizeof *want);
    halves = malloc(2 * count);
    if (got == NULL || want == NULL || halves == NULL ||
        weight_store_look(stores[part], name, shape, rank, &mapped, &e) != ST_OK ||
        weight_store_read(stores[part], name, got, &e) != ST_OK)
        abort();
    dtype_convert(t->kind, safetensors_data(file, t, &e), want, count);
    dtype_to_halves(want, halves, count);
    dtype_convert(DTYPE_F16, halves, want, count);
    for (size_t i = 0; i < count; i++) {
        wrong += ((double)got[i] - (double)want[i]) * ((double)got[i] - (double)want[i]);
        all += (double)want[i] * (double)want[i];
    }
    free(got);
    free(want);
    free(halves);
    return wrong / all;
}

/* How far the stores are from what "LABEL/…" of the expected values says. */
static void
compare(const struct safetensors *expect, const char *label, double bound)
{
    size_t len = strlen(label), seen = 0;
    double worst = 0.0;

    for (size_t i = 0; i < safetensors_count(expect); i++) {
        const struct safetensor *t = safetensors_at(expect, i);
        const char *part = t->name + len + 1;
        double error;

        if (strncmp(t->name, label, len) != 0 || t->name[len] != '/')
            continue;
        error = error_of(expect, t, strchr(part, '/') + 1, part[0] == 'u' ? LORA_UNET : LORA_TEXT);
        worst = error > worst ? error : worst;
        seen++;
    }
    ok(seen == 9 && worst <= bound, "%s: %zu tensors, NMSE up to %.1e", label, seen, worst);
}

/* Every half is itself, and what lies between two goes to the nearer, or to the even one. */
static void
test_halves(void)
{
    size_t wrong = 0;

    for (uint32_t h = 0; h < 0x7bff; h++) {
        uint16_t pair[2] = {(uint16_t)h, (uint16_t)(h + 1)}, back[5];
        float v[5];

        dtype_convert(DTYPE_F16, pair, v, 2);
        v[2] = 0.5F * (v[0] + v[1]);
        v[3] = 0.50001F * v[1] + 0.49999F * v[0];
        v[4] = -v[1];
        dtype_to_halves(v, back, 5);
        wrong += back[0] != pair[0] || back[1] != pair[1] || back[2] != ((pair[0] + 1U) & ~1U) ||
                 (v[3] > v[2] && back[3] != pair[1]) || back[4] != (pair[1] | 0x8000);
    }
    is_int(wrong, 0, "all halves, and what lies between them");
}

/* Large tensors lie in a file that the system can drop and read again. */
static void
test_scratch(void)
{
    static unsigned char large[300000];
    struct scratch *s = scratch_new();
    size_t first, second, third;
    void *a, *b, *c;

    for (size_t i = 0; i < sizeof large; i++)
        large[i] = (unsigned char)(i * 2654435761U >> 13);
    a = scratch_keep(s, large, sizeof large, &first);
    b = scratch_keep(s, large + 1, sizeof large - 1, &second);
    c = scratch_keep(s, large, 100, &third);
    ok(first == sizeof large && second == first - 1 && third == 0, "large ones are mapped");
    scratch_drop(a, first);
    scratch_free(s);
    ok(memcmp(a, large, first) == 0 && memcmp(b, large + 1, second) == 0 &&
           memcmp(c, large, 100) == 0,
       "and keep their bytes when the pages are dropped and the file is closed");
    scratch_forget(a, first);
    scratch_forget(b, second);
    free(c);
    (void)setenv("TMPDIR", "/nowhere", 1);
    s = scratch_new();
    a = scratch_keep(s, large, sizeof large, &first);
    ok(s == NULL && first == 0 && memcmp(a, large, sizeof large) == 0,
       "without a place for a file it is memory");
    free(a);
    (void)unsetenv("TMPDIR");
}

static void
restore(void)
{
    for (int i = 0; i < LORA_PARTS; i++) {
        if (stores[i] != NULL)
            weight_store_restore(stores[i]);
    }
}

static void
merge(const char *name, double weight)
{
    char path[600];
    struct err e;

    err_clear(&e);
    (void)snprintf(path, sizeof path, "%s/lora-%s.safetensors", folder, name);
    ok(lora_merge(path, weight, stores, &e) == ST_OK, "%s is merged %s", name, e.message);
}

static void
test_spellings(void)
{
    static const char *const NAMES[] = {"kohya", "ldm", "diffusers", "older"};
    static const char TENSOR[] = "down_blocks.1.attentions.1.proj_in.weight";
    struct safetensors *expect;
    enum dtype before, after;
    const void *data, *same;
    char path[600];
    struct err e;

    (void)snprintf(path, sizeof path, "%s/lora-expect.safetensors", folder);
    if (safetensors_open(path, &expect, &e) != ST_OK ||
        weight_store_view(stores[LORA_UNET], TENSOR, (const size_t[]){32, 32}, 2, &data, &before,
                          &e) != ST_OK) {
        diag("%s", e.message);
        exit(1);
    }
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
        merge(NAMES[i], 0.8);
        compare(expect, NAMES[i], 4e-9);
        restore();
    }
    merge("kohya", 0.8);
    merge("older", -0.5);
    compare(expect, "both", 2e-7); /* rounded twice */
    is_int(weight_store_view(stores[LORA_UNET], TENSOR, (const size_t[]){32, 32}, 2, &same, &after,
                             &e),
           ST_OK, "what is merged");
    ok(same != data && after == DTYPE_F16, "  is halves again, as in the file");
    restore();
    is_int(weight_store_view(stores[LORA_UNET], TENSOR, (const size_t[]){32, 32}, 2, &same, &after,
                             &e),
           ST_OK, "restored");
    ok(same == data && after == before, "  to what the file says");
    safetensors_close(expect);
}

static void
refused(const char *json, size_t data, int status, const char *word)
{
    struct err e;

    err_clear(&e);
    put_safetensors(scratch, json, strlen(json), strlen(json), data);
    is_int(lora_merge(scratch, 1.0, stores, &e), status, "refused");
    ok(strstr(e.message, word) != NULL, "  by name: %s", e.message);
    restore();
}

#define Q "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q"

static void
test_refusals(void)
{
    refused("{\"lora_unet_x.hada_w1_a\":{\"dtype\":\"F16\",\"shape\":[1],\"data_offsets\":[0,2]}}",
            2, ST_UNSUPPORTED, "LoHa");
    refused("{\"lora_unet_x.lokr_w1\":{\"dtype\":\"F16\",\"shape\":[1],\"data_offsets\":[0,2]}}", 2,
            ST_UNSUPPORTED, "LoKr");
    refused("{\"" Q ".dora_scale\":{\"dtype\":\"F16\",\"shape\":[1],\"data_offsets\":[0,2]}}", 2,
            ST_UNSUPPORTED, "DoRA");
    refused("{\"" Q ".lora_mid.weight\":{\"dtype\":\"F16\",\"shape\":[1],\"data_offsets\":[0,2]}}",
            2, ST_UNSUPPORTED, "lora_mid");
    refused("{\"other.weight\":{\"dtype\":\"F16\",\"shape\":[1],\"data_offsets\":[0,2]}}", 2,
            ST_UNSUPPORTED, "other.weight");
    refused("{\"lora_unet_x.lora_up.weight\":{\"dtype\":\"F16\",\"shape\":[1],\"data_offsets\":[0,"
            "2]}}",
            2, ST_INVALID, "lora_unet_x");
    refused("{\"" Q ".lora_up.weight\":{\"dtype\":\"F16\",\"shape\":[16,1],\"data_offsets\":[0,32]}"
            "}",
            32, ST_INVALID, "only one");
    refused("{\"" Q ".lora_up.weight\":{\"dtype\":\"F16\",\"shape\":[16,1],\"data_offsets\":[0,32]}"
            ",\"" Q ".lora_down.weight\":{\"dtype\":\"F16\",\"shape\":[1,17],\"data_offsets\":[32,"
            "66]}}",
            66, ST_INVALID, "does not fit");
    refused("{\"" Q ".lora_up.weight\":{\"dtype\":\"F16\",\"shape\":[16,2],\"data_offsets\":[0,64]}"
            ",\"" Q ".lora_down.weight\":{\"dtype\":\"F16\",\"shape\":[1,16],\"data_offsets\":[64,"
            "96]}}",
            96, ST_INVALID, "lora_up");
    refused("{\"" Q ".lora_up.weight\":{\"dtype\":\"I8\",\"shape\":[16,1],\"data_offsets\":[0,16]}"
            ",\"" Q ".lora_down.weight\":{\"dtype\":\"F16\",\"shape\":[1,16],\"data_offsets\":[16,"
            "48]}}",
            48, ST_UNSUPPORTED, "I8");
    refused("{}", 0, ST_INVALID, "no tensors");
}

static void
test_embeddings(void)
{
    static const char ONE[] = "{\"emb_params\":{\"dtype\":\"F32\",\"shape\":[2,3],"
                              "\"data_offsets\":[0,24]}}";
    static const char WORD[] = "{\"<cat>\":{\"dtype\":\"F32\",\"shape\":[3],"
                               "\"data_offsets\":[0,12]}}";
    static const char TWO[] = "{\"clip_g\":{\"dtype\":\"F32\",\"shape\":[1,4],"
                              "\"data_offsets\":[0,16]},\"clip_l\":{\"dtype\":\"F32\","
                              "\"shape\":[1,2],\"data_offsets\":[16,24]}}";
    static const char DEEP[] = "{\"emb_params\":{\"dtype\":\"F32\",\"shape\":[1,1,3],"
                               "\"data_offsets\":[0,12]}}";
    static const char I64[] = "{\"emb_params\":{\"dtype\":\"I64\",\"shape\":[1,3],"
                              "\"data_offsets\":[0,24]}}";
    static const char EVIL[] = "{\"emb_params\":{\"dtype\":\"F32\",\"shape\":[0,3],"
                               "\"data_offsets\":[0,0]}}";
    struct arena *arena = arena_new(1 << 20);
    struct embedding got[EMBEDDING_FILE];
    size_t count;
    struct err e;

    put_safetensors(scratch, ONE, strlen(ONE), strlen(ONE), 24);
    is_int(embedding_read(scratch, arena, got, &count, &e), ST_OK, "emb_params");
    ok(count == 1 && got[0].count == 2 && got[0].width == 3, "  two vectors of three");
    is_str(got[0].token, strrchr(scratch, '/') + 1, "  under the name of the file");
    put_safetensors(scratch, WORD, strlen(WORD), strlen(WORD), 12);
    is_int(embedding_read(scratch, arena, got, &count, &e), ST_OK, "a tensor called like its word");
    ok(count == 1 && got[0].count == 1 && got[0].width == 3, "  one vector");
    is_str(got[0].token, "<cat>", "  under its name");
    put_safetensors(scratch, TWO, strlen(TWO), strlen(TWO), 24);
    is_int(embedding_read(scratch, arena, got, &count, &e), ST_OK, "one for each encoder of SDXL");
    ok(count == 2 && got[0].width + got[1].width == 6, "  both are there");
    put_safetensors(scratch, DEEP, strlen(DEEP), strlen(DEEP), 12);
    is_int(embedding_read(scratch, arena, got, &count, &e), ST_INVALID, "three axes");
    put_safetensors(scratch, EVIL, strlen(EVIL), strlen(EVIL), 0);
    is_int(embedding_read(scratch, arena, got, &count, &e), ST_INVALID, "no vectors");
    put_safetensors(scratch, I64, strlen(I64), strlen(I64), 24);
    is_int(embedding_read(scratch, arena, got, &count, &e), ST_UNSUPPORTED, "whole numbers");
    arena_free(arena);
}

static bool
draw_with(const char *path, const struct pipeline_extras *x, const char *prompt, struct image *out)
{
    struct generate_params params = {.prompt = prompt,
                                     .negative_prompt = "stars",
                                     .width = 64,
                                     .height = 64,
                                     .steps = 4,
                                     .guidance = 3.0,
                                     .seed = 5};
    struct pipeline *p = NULL;
    struct err e;
    int rc = pipeline_open_with(path, 1, x, &p, &e);

    memset(out, 0, sizeof *out);
    if (rc == ST_OK)
        rc = generate(p, &params, NULL, out, &e);
    if (rc != ST_OK)
        diag("%s", e.message);
    pipeline_close(p);
    return rc == ST_OK;
}

static bool
draw(const struct pipeline_extras *x, const char *prompt, struct image *out)
{
    return draw_with(folder, x, prompt, out);
}

/* Peak signal to noise of b against a, in dB. */
static double
likeness(const struct image *a, const struct image *b)
{
    size_t count = 3 * (size_t)a->width * (size_t)a->height;
    double sum = 0.0;

    for (size_t i = 0; i < count; i++)
        sum += ((double)a->pixels[i] - b->pixels[i]) * ((double)a->pixels[i] - b->pixels[i]);
    return sum > 0.0 ? 10.0 * log10(255.0 * 255.0 * (double)count / sum) : 200.0;
}

static void
test_pictures(void)
{
    static const char WORD[] = "{\"<thing>\":{\"dtype\":\"F32\",\"shape\":[1,24],"
                               "\"data_offsets\":[0,96]}}                            ";
    const char *const files[] = {scratch};
    struct pipeline_extras words = {.embeddings = files, .embedding_count = 1};
    struct pipeline_extras small = {.int8 = true};
    struct image plain, other;
    float vector[24];
    struct err e;
    FILE *f;

    for (size_t i = 0; i < 24; i++)
        vector[i] = 0.1F * (float)(i % 5) - 0.2F;
    put_safetensors(scratch, WORD, strlen(WORD), strlen(WORD), 96);
    f = fopen(scratch, "r+be");
    if (f == NULL || fseek(f, (long)(8 + strlen(WORD)), SEEK_SET) != 0 ||
        fwrite(vector, sizeof vector, 1, f) != 1 || fclose(f) != 0)
        abort();
    ok(draw(NULL, "a <thing>", &plain) && draw(&words, "a <thing>", &other) &&
           likeness(&plain, &other) < 60.0,
       "a textual inversion changes the picture of its word");
    image_release(&other);
    image_release(&plain);
    ok(draw(NULL, "a red sun", &plain) && draw(&words, "a red sun", &other) &&
           likeness(&plain, &other) == 200.0,
       "and no other");
    image_release(&other);
    ok(draw(&small, "a red sun", &other), "weights of 8 bits draw");
    ok(likeness(&plain, &other) > 35.0 && likeness(&plain, &other) < 200.0, "  %.1f dB from f16",
       likeness(&plain, &other));
    image_release(&other);
    image_release(&plain);
    put_safetensors(scratch, "{\"<x>\":{\"dtype\":\"F32\",\"shape\":[23],\"data_offsets\":[0,92]}}",
                    58, 58, 92);
    {
        struct pipeline *p;

        is_int(pipeline_open_with(folder, 1, &words, &p, &e), ST_INVALID,
               "vectors of another width are refused");
        ok(strstr(e.message, "<x>") != NULL, "  by name: %s", e.message);
    }
}

/* An I8 tensor needs its factors, and they must fit. */
static void
test_int8(void)
{
    static const char GOOD[] = "{\"a\":{\"dtype\":\"I8\",\"shape\":[2,3],\"data_offsets\":[8,14]},"
                               "\"a.scale\":{\"dtype\":\"F32\",\"shape\":[2],"
                               "\"data_offsets\":[0,8]}}";
    static const char LONE[] = "{\"a\":{\"dtype\":\"I8\",\"shape\":[2,3],"
                               "\"data_offsets\":[0,6]}}";
    static const char MISFIT[] =
        "{\"a\":{\"dtype\":\"I8\",\"shape\":[2,3],\"data_offsets\":[4,10]},"
        "\"a.scale\":{\"dtype\":\"F32\",\"shape\":[1],"
        "\"data_offsets\":[0,4]}}";
    const float w[6] = {0.5F, -1.0F, 0.25F, 0.0F, 0.0F, 0.0F};
    const size_t shape[2] = {2, 3};
    struct weight_store *s;
    const float *mapped;
    float scales[2];
    int8_t out[6];
    struct err e;

    quantize_rows(w, 2, 3, out, scales);
    ok(out[0] == 64 && out[1] == -127 && out[2] == 32 && out[3] == 0 && scales[1] == 0.0F,
       "rows are rounded to their largest");
    put_safetensors(scratch, GOOD, strlen(GOOD), strlen(GOOD), 14);
    is_int(weight_store_open_file(scratch, NULL, &s, &e), ST_OK, "I8 with factors");
    is_int(weight_store_look(s, "a", shape, 2, &mapped, &e), ST_OK, "  can be used");
    ok(mapped == NULL && weight_store_scales(s, "a") != NULL, "  with its factors");
    weight_store_close(s);
    put_safetensors(scratch, LONE, strlen(LONE), strlen(LONE), 6);
    is_int(weight_store_open_file(scratch, NULL, &s, &e), ST_OK, "I8 alone");
    ok(weight_store_look(s, "a", shape, 2, &mapped, &e) == ST_UNSUPPORTED &&
           strstr(e.message, "a.scale") != NULL,
       "  is refused when it is used: %s", e.message);
    weight_store_close(s);
    put_safetensors(scratch, MISFIT, strlen(MISFIT), strlen(MISFIT), 10);
    ok(weight_store_open_file(scratch, NULL, &s, &e) == ST_INVALID &&
           strstr(e.message, "a.scale") != NULL,
       "factors must fit: %s", e.message);
}

/* A copy in halves draws the same, a copy in 8 bits what rounding at load draws. */
static void
test_convert(void)
{
    struct pipeline_extras small = {.int8 = true};
    struct image want, got;
    char path[100];
    struct err e;

    (void)snprintf(path, sizeof path, "%s-copy", scratch);
    for (int int8 = 0; int8 < 2; int8++) {
        err_clear(&e);
        ok(convert_model(folder, path, int8 == 1, &e) == ST_OK, "a copy in %s %s",
           int8 == 1 ? "8 bits" : "halves", e.message);
        ok(draw(int8 == 1 ? &small : NULL, "a red sun", &want) &&
               draw_with(path, NULL, "a red sun", &got) && likeness(&want, &got) == 200.0,
           "  draws the same picture");
        image_release(&want);
        image_release(&got);
        is_int(convert_model(folder, path, false, &e), ST_CONFLICT, "  and is not written over");
        remove_model(path);
    }
}

int
main(void)
{
    const char *source = getenv("GEMPIX_SRC");
    struct err e;
    int fd = mkstemp(scratch);

    (void)snprintf(folder, sizeof folder, "%s/t/data/tiny-a", source != NULL ? source : ".");
    if (fd < 0 || close(fd) != 0 || model_parts_open(folder, &model, &e) != ST_OK)
        return 1;
    stores[LORA_TEXT] = model->stores[MODEL_TEXT];
    stores[LORA_UNET] = model->stores[MODEL_UNET];
    test_halves();
    test_scratch();
    test_spellings();
    test_refusals();
    test_embeddings();
    test_int8();
    test_pictures();
    test_convert();
    model_parts_close(model);
    (void)unlink(scratch);
    return tap_done();
}

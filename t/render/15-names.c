/*
 * Models in a single file: every tensor of SD 1.5, SD 2.1 and SDXL is found under its name, with
 * its shape and its values; the configurations that are worked out load the networks; strangers are
 * refused by name.
 */
#include <fcntl.h>
#include <sys/stat.h>

#include "common/arena.h"
#include "common/err.h"
#include "render/model/autoencoder.h"
#include "render/model/clip_text.h"
#include "render/model/tokenizer.h"
#include "render/model/unet.h"
#include "render/pipeline/convert.h"
#include "render/pipeline/generate.h"
#include "render/pipeline/model_parts.h"
#include "render/weights/ldm_names.h"
#include "render/weights/weight_store.h"
#include "t/lib/tap.h"
#include "t/render/ldm_fixture.h"
#include "t/render/model_folder.h"
#include "t/render/safetensors_make.h"

static char dir[64], single[128];

/* Element i of a tensor; says which tensor it is. */
static float
value(const struct fix_tensor *t, size_t i)
{
    uint32_t h = 2166136261U;

    for (const char *s = t->ours; *s != '\0'; s++)
        h = (h ^ (unsigned char)*s) * 16777619U;
    return (float)((h ^ (uint32_t)i * 2654435761U) >> 12) / 65536.0F;
}

static void
put_entry(FILE *f, const char *name, const char *kind, const size_t *shape, size_t rank,
          size_t bytes, size_t *at)
{
    fprintf(f, "%s\"%s\":{\"dtype\":\"%s\",\"shape\":[", *at > 0 ? "," : "{", name, kind);
    for (size_t i = 0; i < rank; i++)
        fprintf(f, "%s%zu", i > 0 ? "," : "", shape[i]);
    fprintf(f, "],\"data_offsets\":[%zu,%zu]}", *at, *at + bytes);
    *at += bytes;
}

/* What a single file has besides: averages, tables, ids, a text block that nobody uses. */
static void
put_extras(FILE *f, const struct fix_model *m, size_t *at)
{
    static const char *const NAMES[] = {"model_ema.diffusion_modelinput_blocks00weight",
                                        "alphas_cumprod",
                                        "sqrt_one_minus_alphas_cumprod",
                                        "cond_stage_model.logit_scale",
                                        "global_step",
                                        "cond_stage_model.transformer.text_model.embeddings."
                                        "position_ids"};
    const size_t one = 1;
    char name[100];

    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES - m->openclip; i++)
        put_entry(f, NAMES[i], "I64", &one, 1, 8, at);
    (void)snprintf(name, sizeof name,
                   "cond_stage_model.model.transformer.resblocks.%zu.ln_1.weight", m->text_layers);
    if (m->openclip) {
        put_entry(f, name, "I64", &one, 1, 8, at);
        put_entry(f, "cond_stage_model.model.text_projection", "I64", &one, 1, 8, at);
    }
}

/* A tensor's values at their place: of a folder, as they lie there, or our own as floats. */
static void
put_values(int fd, const struct fix_tensor *t, const struct model_parts *from, size_t place)
{
    size_t count = fix_size(t), rows = t->turned ? t->shape[0] : 1, columns = count / rows;
    float *values = malloc(count * sizeof *values);
    enum dtype kind;
    const void *data;
    struct err e;

    if (values == NULL)
        abort();
    for (size_t k = 0; k < count; k++)
        values[t->turned ? k % columns * rows + k / columns : k] = value(t, k);
    if (from == NULL) {
        data = values;
        count *= 4;
    } else {
        unsigned char *to = (unsigned char *)values;

        if (weight_store_view(from->stores[t->part], t->ours, t->shape, t->rank, &data, &kind,
                              &e) != ST_OK ||
            kind != DTYPE_F16) {
            diag("%s", e.message);
            exit(1);
        }
        for (size_t k = 0; k < count; k++)
            memcpy(to + 2 * (t->turned ? k % columns * rows + k / columns : k),
                   (const unsigned char *)data + 2 * k, 2);
        data = to;
        count *= 2;
    }
    if (pwrite(fd, data, count, (off_t)place) != (ssize_t)count)
        abort();
    free(values);
}

/* The file as the original code would write it. hollow: f16, from a folder, or without values on a
   sparse file. */
static void
write_single(const struct fix_model *m, const struct fix_list *l, bool hollow,
             const struct model_parts *from)
{
    size_t at = 0, unit = hollow ? 2 : 4, size, skip = 0;
    unsigned char length[8];
    char *header = NULL;
    FILE *f = open_memstream(&header, &size);
    int fd = open(single, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    if (f == NULL || fd < 0)
        abort();
    for (size_t i = 0; i < l->count; i++) {
        const struct fix_tensor *t = &l->at[i];
        size_t shape[4] = {t->shape[0], t->shape[1], t->shape[2], t->shape[3]}, rank = t->rank;

        if (t->third > 1)
            continue;
        if (t->third == 1)
            shape[0] *= 3;
        if (t->turned)
            shape[0] = t->shape[1], shape[1] = t->shape[0];
        if (t->flat)
            shape[2] = shape[3] = 1, rank = 4;
        put_entry(f, t->theirs, hollow ? "F16" : "F32", shape, rank,
                  fix_size(t) * unit * (t->third == 1 ? 3 : 1), &at);
    }
    put_extras(f, m, &at);
    fputc('}', f);
    if (fclose(f) != 0)
        abort();
    for (int i = 0; i < 8; i++)
        length[i] = (unsigned char)(size >> 8 * i);
    if (write(fd, length, 8) != 8 || write(fd, header, size) != (ssize_t)size ||
        ftruncate(fd, (off_t)(8 + size + at)) != 0)
        abort();
    free(header);
    skip = 8 + size;
    for (size_t i = 0; i < l->count && (!hollow || from != NULL); i++) {
        put_values(fd, &l->at[i], from, skip);
        skip += fix_size(&l->at[i]) * unit;
    }
    if (close(fd) != 0)
        abort();
}

static const struct fix_model FULL[] = {
    {.levels = 4,
     .widths = {320, 640, 1280, 1280},
     .depth = {1, 1, 1, 0},
     .layers = 2,
     .in = 4,
     .context = 768,
     .vae_levels = 4,
     .vae_widths = {128, 256, 512, 512},
     .vae_layers = 2,
     .text_width = 768,
     .text_layers = 12,
     .words = 49408},
    {.levels = 4,
     .widths = {320, 640, 1280, 1280},
     .depth = {1, 1, 1, 0},
     .layers = 2,
     .in = 9,
     .context = 1024,
     .vae_levels = 4,
     .vae_widths = {128, 256, 512, 512},
     .vae_layers = 2,
     .text_width = 1024,
     .text_layers = 23,
     .words = 49408,
     .openclip = true},
    {.levels = 3,
     .widths = {320, 640, 1280},
     .depth = {0, 2, 10},
     .layers = 2,
     .in = 4,
     .context = 2048,
     .added = 2816,
     .vae_levels = 4,
     .vae_widths = {128, 256, 512, 512},
     .vae_layers = 2,
     .text_width = 768,
     .text_layers = 12,
     .text2_width = 1280,
     .text2_layers = 32,
     .projection = 1280,
     .words = 49408},
};
static const struct fix_model SMALL[] = {
    {.levels = 3,
     .widths = {8, 12, 16},
     .depth = {1, 2, 0},
     .layers = 1,
     .in = 8,
     .context = 6,
     .guidance = 10,
     .vae_levels = 2,
     .vae_widths = {4, 8},
     .vae_layers = 1,
     .text_width = 6,
     .text_layers = 2,
     .words = 50},
    {.levels = 2,
     .widths = {8, 12},
     .depth = {1, 1},
     .layers = 3,
     .in = 4,
     .context = 6,
     .vae_levels = 3,
     .vae_widths = {4, 6, 8},
     .vae_layers = 2,
     .text_width = 6,
     .text_layers = 3,
     .words = 50,
     .openclip = true},
    {.levels = 3,
     .widths = {8, 12, 16},
     .depth = {0, 1, 3},
     .layers = 2,
     .in = 4,
     .context = 10,
     .added = 14,
     .vae_levels = 2,
     .vae_widths = {4, 8},
     .vae_layers = 1,
     .text_width = 4,
     .text_layers = 2,
     .text2_width = 6,
     .text2_layers = 2,
     .projection = 8,
     .words = 50},
};
static const char *const NAMES[] = {"SD1", "SD2", "SDXL"};

/* Every tensor under its name with its shape, and no other; with `values`, these too. */
static void
check_stores(const struct model_parts *m, const struct fix_list *l, bool values, const char *what)
{
    size_t missing = 0, wrong = 0, total = 0;
    struct err e;

    for (size_t i = 0; i < l->count; i++) {
        const struct fix_tensor *t = &l->at[i];
        const float *mapped;
        float *got;

        if (m->stores[t->part] == NULL || weight_store_look(m->stores[t->part], t->ours, t->shape,
                                                            t->rank, &mapped, &e) != ST_OK) {
            if (missing++ == 0)
                diag("%s from %s", t->ours, t->theirs);
            continue;
        }
        if (!values)
            continue;
        if ((got = malloc(fix_size(t) * sizeof *got)) == NULL ||
            weight_store_read(m->stores[t->part], t->ours, got, &e) != ST_OK)
            abort();
        for (size_t k = 0; k < fix_size(t); k++) {
            if (got[k] != value(t, k) && wrong++ == 0)
                diag("%s[%zu]", t->ours, k);
        }
        free(got);
    }
    for (int i = 0; i < MODEL_PARTS; i++)
        total += m->stores[i] != NULL ? weight_store_count(m->stores[i]) : 0;
    is_int((int64_t)missing, 0, what);
    is_int((int64_t)total, (int64_t)l->count, "  and nothing besides");
    if (values)
        is_int((int64_t)wrong, 0, "  with its values");
}

/* Do the networks find all they need, with the configuration that was worked out? */
static void
check_networks(const struct model_parts *m, const char *what)
{
    struct arena *arena = arena_new(SIZE_MAX / 2);
    struct autoencoder vae = {0};
    struct unet_config config;
    struct err e;
    struct loader l = {.arena = arena, .e = &e};

    err_clear(&e);
    for (int i = MODEL_TEXT; i <= MODEL_TEXT_2; i++) {
        l.store = m->stores[i];
        if (l.store != NULL)
            (void)clip_text_load(&l, m->configs[i]);
    }
    l.store = m->stores[MODEL_VAE];
    autoencoder_load(&l, m->configs[MODEL_VAE], &vae);
    l.store = m->stores[MODEL_UNET];
    if (l.rc == ST_OK && (l.rc = unet_config_read(m->configs[MODEL_UNET], &config, &e)) == ST_OK)
        (void)unet_load(&l, &config);
    ok(l.rc == ST_OK, "%s: the networks load: %s", what, e.message);
    is_int((int64_t)vae.factor, 8, "  the picture is eight times the latents");
    arena_free(arena);
}

static void
put_manifest(const char *text)
{
    char path[128];

    (void)snprintf(path, sizeof path, "%s/gempix-model.json", dir);
    put_file(path, text, strlen(text));
}

static void
test_layout(const struct fix_model *m, size_t kind, bool full)
{
    static const enum model_family FAMILIES[] = {FAMILY_SD1, FAMILY_SD2, FAMILY_SDXL};
    struct fix_list l = fix_all(m);
    struct model_parts *parts;
    struct err e;

    diag("%s, %zu tensors", NAMES[kind], l.count);
    write_single(m, &l, full, NULL);
    if (!ok(model_parts_open(single, &parts, &e) == ST_OK, "%s opens", NAMES[kind])) {
        diag("%s", e.message);
        exit(1);
    }
    is_int(parts->family, FAMILIES[kind], "  its family");
    ok(parts->inpaint == (m->in == 9) && parts->edit == (m->in == 8), "  its channels");
    ok(parts->lcm == (m->guidance > 0), "  its guidance");
    is_str(parts->pad[kind == 2], kind == 0 ? "<|endoftext|>" : "!", "  its padding");
    check_stores(parts, &l, !full, "  every tensor is there");
    if (full)
        check_networks(parts, NAMES[kind]);
    model_parts_close(parts);
    free(l.at);
}

/* For LoRAs the U-Net's names are translated back. */
static void
test_back(void)
{
    for (size_t k = 0; k < 3; k++) {
        const struct fix_model *m = &SMALL[k];
        struct fix_list l = fix_all(m);
        bool attention[FIX_LEVELS] = {false};
        size_t wrong = 0;

        for (size_t i = 0; i < m->levels; i++)
            attention[i] = m->depth[m->levels - 1 - i] > 0;
        for (size_t i = 0; i < l.count; i++) {
            char module[WEIGHT_NAME], got[WEIGHT_NAME], want[WEIGHT_NAME];
            size_t len = strlen(l.at[i].ours) - strlen(".weight");

            if (l.at[i].part != FIX_UNET || strstr(l.at[i].ours, ".weight") == NULL)
                continue;
            (void)snprintf(module, sizeof module, "%.*s", (int)len, l.at[i].ours);
            (void)snprintf(want, sizeof want, "%s", l.at[i].theirs + 22);
            want[strlen(want) - strlen(".weight")] = '\0';
            if (!ldm_unet_module(module, m->layers, attention, got) || strcmp(got, want) != 0) {
                if (wrong++ == 0)
                    diag("%s: %s", module, want);
            }
        }
        is_int((int64_t)wrong, 0, "every module has its old name back");
        free(l.at);
    }
}

static void
refused(const char *json, size_t data, int status, const char *word, const char *what)
{
    struct model_parts *parts;
    struct err e;

    put_safetensors(single, json, strlen(json), strlen(json), data);
    is_int(model_parts_open(single, &parts, &e), status, what);
    ok(parts == NULL && strstr(e.message, word) != NULL, "  by name: %s", e.message);
}

static void
test_strangers(void)
{
    static const char FLUX[] = "{\"model.diffusion_model.double_blocks.0.img_attn.qkv.weight\":"
                               "{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}";
    static const char SD3[] = "{\"model.diffusion_model.joint_blocks.0.x\":"
                              "{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}";
    static const char SVD[] = "{\"model.diffusion_model.input_blocks.1.0.time_stack.x\":"
                              "{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}";
    static const char LORA[] = "{\"lora_unet_mid_block.lora_up.weight\":"
                               "{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}";
    static const char OTHER[] = "{\"resnet.conv\":"
                                "{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}";

    refused(FLUX, 1, ST_UNSUPPORTED, "Flux", "Flux is refused");
    refused(SD3, 1, ST_UNSUPPORTED, "Stable Diffusion 3", "SD3 is refused");
    refused(SVD, 1, ST_UNSUPPORTED, "Video", "Stable Video Diffusion is refused");
    refused(LORA, 1, ST_UNSUPPORTED, "LoRA", "a LoRA is no model");
    refused(OTHER, 1, ST_UNSUPPORTED, "U-Net", "something else is no model");
}

/* What a manifest must say, and must not contradict. */
static void
test_manifest(void)
{
    struct fix_list l = fix_all(&SMALL[1]);
    struct model_parts *parts;
    struct err e;

    write_single(&SMALL[1], &l, false, NULL);
    put_manifest("{\"format\": 1, \"family\": \"sd2\"}");
    ok(model_parts_open(single, &parts, &e) == ST_INVALID &&
           strstr(e.message, "prediction") != NULL,
       "noise or velocity must be said: %s", e.message);
    put_manifest("{\"format\": 1, \"family\": \"sd1\", \"prediction\": \"epsilon\"}");
    ok(model_parts_open(single, &parts, &e) == ST_INVALID && strstr(e.message, "sd1") != NULL,
       "another family is an error: %s", e.message);
    put_manifest("{\"format\": 1, \"variant\": \"inpaint\", \"prediction\": \"epsilon\"}");
    ok(model_parts_open(single, &parts, &e) == ST_INVALID &&
           strstr(e.message, "4 channels") != NULL,
       "another variant too: %s", e.message);
    put_manifest("{\"format\": 1, \"prediction\": \"epsilon\", \"tokenizer\": \"none\"}");
    ok(model_parts_open(single, &parts, &e) == ST_INVALID && strstr(e.message, "vocab") != NULL,
       "no vocabulary: %s", e.message);
    put_manifest("{\"format\": 1, \"prediction\": \"epsilon\", \"name\": \"mine\", \"weights\": "
                 "\"m.safetensors\"}");
    if (ok(model_parts_open(dir, &parts, &e) == ST_OK, "a folder whose manifest names the file"))
        is_str(parts->name, "mine", "  and the model");
    model_parts_close(parts);
    put_manifest("{\"format\": 1, \"prediction\": \"epsilon\"}");
    free(l.at);
}

static void
test_padding(const char *folder)
{
    struct tokenizer *plain, *padded;
    char path[600];
    struct err e;

    (void)snprintf(path, sizeof path, "%s/tokenizer", folder);
    if (tokenizer_open(path, &plain, &e) != ST_OK ||
        tokenizer_open_padded(path, "!", &padded, &e) != ST_OK) {
        diag("%s", e.message);
        exit(1);
    }
    is_int(tokenizer_marks(padded).pad, 0, "a vocabulary with another padding");
    ok(tokenizer_marks(plain).pad == tokenizer_marks(plain).end &&
           tokenizer_marks(padded).end == tokenizer_marks(plain).end,
       "  and the same end");
    tokenizer_free(plain);
    tokenizer_free(padded);
}

static bool
draw(const char *path, struct image *out)
{
    struct generate_params params = {.prompt = "a red sun",
                                     .negative_prompt = "stars",
                                     .width = 32,
                                     .height = 32,
                                     .steps = 2,
                                     .guidance = 3.0,
                                     .seed = 5};
    struct pipeline *p = NULL;
    struct err e;
    int rc = pipeline_open(path, 1, &p, &e);

    if (rc == ST_OK)
        rc = generate(p, &params, NULL, out, &e);
    if (rc != ST_OK)
        diag("%s", e.message);
    pipeline_close(p);
    return rc == ST_OK;
}

/* Links to the folder's configurations beside the file, and to its vocabulary under another name;
   or takes them away. */
static void
link_parts(const char *folder, bool make)
{
    static const char *const PARTS[][2] = {
        {"unet", "unet"},           {"vae", "vae"},
        {"scheduler", "scheduler"}, {"text_encoder", "text_encoder"},
        {"tokenizer", "words"},     {"text_encoder_2", "text_encoder_2"}};
    char from[600], to[160];

    for (size_t i = 0; i < sizeof PARTS / sizeof *PARTS; i++) {
        (void)snprintf(from, sizeof from, "%s/%s", folder, PARTS[i][0]);
        (void)snprintf(to, sizeof to, "%s/%s", dir, PARTS[i][1]);
        if (make && access(from, F_OK) == 0 && symlink(from, to) != 0)
            abort();
        if (!make)
            (void)unlink(to);
    }
}

/* A folder, the same as a single file, and that as a folder again: one picture. */
static void
test_round_trip(const char *name, const struct fix_model *m)
{
    const char *source = getenv("GEMPIX_SRC");
    struct image a = {0}, b = {0}, c = {0};
    struct model_parts *parts = NULL;
    struct fix_list l = fix_all(m);
    char folder[512], copy[100];
    struct err e;

    (void)snprintf(folder, sizeof folder, "%s/t/data/%s", source != NULL ? source : ".", name);
    if (model_parts_open(folder, &parts, &e) != ST_OK)
        exit(1);
    write_single(m, &l, true, parts);
    model_parts_close(parts);
    link_parts(folder, true);
    put_manifest("{\"format\": 1, \"tokenizer\": \"words\"}");
    if (ok(draw(folder, &a) && draw(single, &b), "%s as a folder and as a file draws", name))
        ok(memcmp(a.pixels, b.pixels, (size_t)(3 * a.width * a.height)) == 0, "  the same picture");
    (void)snprintf(copy, sizeof copy, "%s/copy", dir);
    err_clear(&e);
    ok(convert_model(single, copy, false, &e) == ST_OK, "the file becomes a folder %s", e.message);
    if (ok(draw(copy, &c), "  that draws"))
        ok(memcmp(a.pixels, c.pixels, (size_t)(3 * a.width * a.height)) == 0, "  the same picture");
    remove_model(copy);
    test_padding(folder);
    link_parts(folder, false);
    image_release(&a);
    image_release(&b);
    image_release(&c);
    free(l.at);
}

static const struct fix_model TINY_A = {.levels = 3,
                                        .widths = {16, 32, 40},
                                        .depth = {1, 1, 0},
                                        .layers = 2,
                                        .in = 4,
                                        .context = 24,
                                        .vae_levels = 3,
                                        .vae_widths = {8, 16, 24},
                                        .vae_layers = 1,
                                        .text_width = 24,
                                        .text_hidden = 48,
                                        .text_layers = 2,
                                        .words = 625};
static const struct fix_model TINY_SDXL = {.levels = 3,
                                           .widths = {8, 8, 16},
                                           .depth = {0, 1, 2},
                                           .layers = 1,
                                           .in = 4,
                                           .context = 24,
                                           .added = 48,
                                           .vae_levels = 2,
                                           .vae_widths = {4, 8},
                                           .vae_layers = 1,
                                           .text_width = 8,
                                           .text_hidden = 16,
                                           .text_layers = 3,
                                           .text2_width = 16,
                                           .text2_hidden = 32,
                                           .text2_layers = 4,
                                           .projection = 12,
                                           .words = 625};

int
main(void)
{
    char path[160];

    /* In memory where the system has such a place: hollow files cost nothing there. */
    (void)snprintf(dir, sizeof dir, "%s/gempix-names-XXXXXX",
                   access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    if (mkdtemp(dir) == NULL)
        return 1;
    (void)snprintf(single, sizeof single, "%s/m.safetensors", dir);
    (void)snprintf(path, sizeof path, "%s/tokenizer", dir);
    if (mkdir(path, 0700) != 0)
        return 1;
    (void)snprintf(path, sizeof path, "%s/tokenizer/vocab.json", dir);
    put_file(path, "{}", 2);
    put_manifest("{\"format\": 1, \"prediction\": \"epsilon\"}");
    for (size_t i = 0; i < 3; i++)
        test_layout(&SMALL[i], i, false);
    for (size_t i = 0; i < 3; i++)
        test_layout(&FULL[i], i, true);
    test_back();
    test_strangers();
    test_manifest();
    test_round_trip("tiny-a", &TINY_A);
    test_round_trip("tiny-sdxl", &TINY_SDXL);
    (void)unlink(path);
    (void)unlink(single);
    (void)snprintf(path, sizeof path, "%s/tokenizer", dir);
    (void)rmdir(path);
    (void)snprintf(path, sizeof path, "%s/gempix-model.json", dir);
    (void)unlink(path);
    (void)rmdir(dir);
    return tap_done();
}

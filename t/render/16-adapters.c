/*
 * LoRAs in all their spellings against the weights that PyTorch makes of them; textual inversions;
 * what is refused, by name.
 */
#include <unistd.h>

#include "common/err.h"
#include "render/pipeline/model_parts.h"
#include "render/weights/lora.h"
#include "render/weights/safetensors.h"
#include "render/weights/weight_store.h"
#include "t/lib/tap.h"
#include "t/render/safetensors_make.h"

static char folder[512], scratch[] = "/tmp/gempix-adapters-XXXXXX";
static struct model_parts *model;
static struct weight_store *stores[LORA_PARTS];

/* Sum of squares of a tensor's error, over that of the tensor. */
static double
error_of(const struct safetensors *file, const struct safetensor *t, const char *name, int part)
{
    size_t shape[8], count = 1, rank = weight_store_shape(stores[part], name, shape);
    double wrong = 0.0, all = 0.0;
    const float *mapped;
    float *got, *want;
    struct err e;

    for (size_t i = 0; i < rank; i++)
        count *= shape[i];
    got = malloc(count * sizeof *got);
    want = malloc(count * sizeof *want);
    if (got == NULL || want == NULL ||
        weight_store_look(stores[part], name, shape, rank, &mapped, &e) != ST_OK ||
        weight_store_read(stores[part], name, got, &e) != ST_OK)
        abort();
    dtype_convert(t->kind, safetensors_data(file, t, &e), want, count);
    for (size_t i = 0; i < count; i++) {
        wrong += ((double)got[i] - (double)want[i]) * ((double)got[i] - (double)want[i]);
        all += (double)want[i] * (double)want[i];
    }
    free(got);
    free(want);
    return wrong / all;
}

/* How far the stores are from what "LABEL/…" of the expected values says. */
static void
compare(const struct safetensors *expect, const char *label)
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
    ok(seen == 9 && worst <= 1e-10, "%s: %zu tensors, NMSE up to %.1e", label, seen, worst);
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
        compare(expect, NAMES[i]);
        restore();
    }
    merge("kohya", 0.8);
    merge("older", -0.5);
    compare(expect, "both");
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
    test_spellings();
    test_refusals();
    model_parts_close(model);
    (void)unlink(scratch);
    return tap_done();
}

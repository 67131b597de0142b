/*
 * Families of diffusion models told apart by the width of the text vectors that the U-Net attends
 * to, and variants by the channels that go into it. See model_look.h.
 */
#include "app/ctl/model_look.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/ctl/model_disk.h"
#include "common/err.h"
#include "common/json.h"
#include "common/manifest.h"

#define CONFIG_MAX ((size_t)1 << 20)
#define HEADER_MAX ((uint64_t)100 << 20)
#define DEPTH 16

static void
set_text(char *out, size_t size, const char *value)
{
    if (out[0] == '\0' && strlen(value) < size)
        snprintf(out, size, "%s", value);
}

static void
set_family(struct manifest *m, int64_t context, int64_t channels, bool guidance_input)
{
    static const struct {
        int64_t context;
        const char *family;
        int64_t side;
    } FAMILIES[] = {{768, "sd1", 512}, {1024, "sd2", 512}, {2048, "sdxl", 1024}};
    const char *family = "sd";
    int64_t side = 0;

    for (size_t i = 0; i < sizeof FAMILIES / sizeof *FAMILIES; i++) {
        if (FAMILIES[i].context == context) {
            family = FAMILIES[i].family;
            side = FAMILIES[i].side;
        }
    }
    if (context == 1024 && strcmp(m->prediction, "v_prediction") == 0)
        side = 768; /* SD 2.x exists in two sizes, and only the larger one predicts v */
    set_text(m->family, sizeof m->family, family);
    if (channels == 9)
        set_text(m->variant, sizeof m->variant, "inpaint");
    else if (channels == 8)
        set_text(m->variant, sizeof m->variant, "edit");
    else if (guidance_input)
        set_text(m->variant, sizeof m->variant, "lcm");
    if (m->defaults.width == 0)
        m->defaults.width = m->defaults.height = side;
}

static int
read_config(const char *folder, const char *name, struct json **out, struct err *e)
{
    char path[DISK_PATH];
    int rc;

    *out = NULL;
    if ((rc = disk_join(path, folder, name, e)) != ST_OK)
        return rc;
    return json_parse_file(path, CONFIG_MAX, DEPTH, out, e);
}

static int
look_folder(const char *folder, struct manifest *m, struct err *e)
{
    struct json *unet = NULL, *vae = NULL, *scheduler = NULL;
    int64_t factor = 1, side;
    int rc;

    if ((rc = read_config(folder, "unet/config.json", &unet, e)) != ST_OK ||
        (rc = read_config(folder, "vae/config.json", &vae, e)) != ST_OK ||
        (rc = read_config(folder, "scheduler/scheduler_config.json", &scheduler, e)) != ST_OK)
        goto out;
    for (size_t i = 1; i < json_size(json_get(vae, "block_out_channels")) && i < 8; i++)
        factor *= 2;
    if (json_size(json_get(vae, "block_out_channels")) == 0)
        factor = 8;
    side = json_int(unet, "sample_size", 0) * factor;
    if (m->defaults.width == 0 && side >= 8 && side <= 4096)
        m->defaults.width = m->defaults.height = side;
    set_family(m, json_int(unet, "cross_attention_dim", 1280), json_int(unet, "in_channels", 4),
               json_kind(json_get(unet, "time_cond_proj_dim")) == JSON_KIND_INT);
    set_text(m->prediction, sizeof m->prediction,
             json_text(scheduler, "prediction_type", "epsilon"));
    set_text(m->scheduler, sizeof m->scheduler, json_text(scheduler, "_class_name", ""));
out:
    json_free(unet);
    json_free(vae);
    json_free(scheduler);
    return rc;
}

/* The JSON at the start of a safetensors file. */
static int
read_header(const char *path, struct json **out, struct err *e)
{
    FILE *f = fopen(path, "re");
    unsigned char size[8];
    uint64_t len = 0;
    char *data = NULL;
    int rc = ST_OK;

    *out = NULL;
    if (f == NULL)
        return err_setf(e, ST_IO, "%.150s cannot be read: %s.", path, strerror(errno));
    if (fread(size, 1, sizeof size, f) == sizeof size)
        for (int i = 7; i >= 0; i--)
            len = len << 8 | size[i];
    if (len < 2 || len > HEADER_MAX)
        rc = err_setf(e, ST_INVALID, "%.150s is no safetensors file.", path);
    else if ((data = malloc((size_t)len)) == NULL)
        rc = err_set(e, ST_NOMEM, "Out of memory.", "header");
    else if (fread(data, 1, (size_t)len, f) != len)
        rc = err_setf(e, ST_INVALID, "%.150s ends in its header.", path);
    else
        rc = json_parse(data, (size_t)len, DEPTH, out, e);
    free(data);
    fclose(f);
    return rc;
}

static int64_t
extent(const struct json *header, const char *tensor, size_t axis)
{
    return json_value_int(json_at(json_get(json_get(header, tensor), "shape"), axis), 0);
}

static enum network
network_of(const struct json *header)
{
    struct network_look look = {.tensors = 0};
    const struct json *tensor;
    void *cursor = NULL;
    const char *name;

    while (json_next(header, &cursor, &name, &tensor) == ST_OK) {
        if (strcmp(name, "__metadata__") != 0)
            network_see(&look, name, json_size(json_get(tensor, "shape")));
    }
    return network_judge(&look);
}

int
model_look_network(const char *path, enum network *out, struct err *e)
{
    struct json *header = NULL;
    int rc = read_header(path, &header, e);

    *out = rc == ST_OK ? network_of(header) : NETWORK_NONE;
    json_free(header);
    return rc;
}

static int
look_single(const char *folder, struct manifest *m, struct err *e)
{
    static const char INPUT[] = "model.diffusion_model.input_blocks.0.0.weight";
    static const char *const KEYS[] = {
        "model.diffusion_model.input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight",
        "model.diffusion_model.input_blocks.4.1.transformer_blocks.0.attn2.to_k.weight"};
    struct json *header = NULL;
    int64_t context = 0;
    char path[DISK_PATH];
    int rc;

    if ((rc = disk_join(path, folder, m->weights, e)) != ST_OK ||
        (rc = read_header(path, &header, e)) != ST_OK)
        return rc;
    if (network_of(header) != NETWORK_NONE) {
        set_text(m->family, sizeof m->family, network_name(network_of(header)));
        goto out;
    }
    for (size_t i = 0; context == 0 && i < sizeof KEYS / sizeof *KEYS; i++)
        context = extent(header, KEYS[i], 1);
    if (extent(header, INPUT, 1) == 0 || context == 0)
        rc = err_setf(e, ST_UNSUPPORTED,
                      "%.100s is no Stable Diffusion model in one file: it has no tensor %.60s.",
                      m->weights, extent(header, INPUT, 1) == 0 ? INPUT : KEYS[0]);
    else
        set_family(m, context, extent(header, INPUT, 1), false);
out:
    json_free(header);
    return rc;
}

int
model_look(const char *folder, struct manifest *m, struct err *e)
{
    return m->weights[0] != '\0' ? look_single(folder, m, e) : look_folder(folder, m, e);
}

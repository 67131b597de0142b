/*
 * Models in folders, and the choice between the forms a model has. Knows no network. Read next:
 * model_single.c, pipeline.c.
 */
#include "render/pipeline/model_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/err.h"
#include "common/json.h"
#include "render/model/model_config.h"
#include "render/pipeline/model_single.h"
#include "render/weights/weight_store.h"

#define ENDING ".safetensors"

/* Parts of a folder; `class` NULL = the part decides. */
static const struct {
    const char *name, *stem, *class;
    bool needed;
} PARTS[MODEL_PARTS] = {
    [MODEL_TEXT] = {"text_encoder", "model", "CLIPTextModel", true},
    [MODEL_TEXT_2] = {"text_encoder_2", "model", "CLIPTextModelWithProjection", false},
    [MODEL_UNET] = {"unet", "diffusion_pytorch_model", "UNet2DConditionModel", true},
    [MODEL_VAE] = {"vae", "diffusion_pytorch_model", NULL, true},
};

static const char *const FAMILIES[] = {"sd1", "sd2", "sdxl", "sd"};

const char *
model_family_name(enum model_family family)
{
    return FAMILIES[family];
}

static int
join(char out[MODEL_PATH], const char *folder, const char *name, struct err *e)
{
    int len = snprintf(out, MODEL_PATH, "%s/%s", folder, name);

    if (len < 0 || len >= MODEL_PATH)
        return err_setf(e, ST_INVALID, "The path of the model is too long.");
    return ST_OK;
}

/* The class model_index.json names for a part; NULL if the model has none. */
static const char *
class_of(const struct json *index, const char *part)
{
    return json_value_text(json_at(json_get(index, part), 1), NULL);
}

static int
unknown_part(const char *part, const char *class, struct err *e)
{
    return err_setf(e, ST_UNSUPPORTED,
                    "The model's %s is a \"%.60s\", which this engine cannot do.", part, class);
}

/* Looks whether model_index.json describes a pipeline of the kind that is implemented. */
static int
check_index(const struct json *index, struct err *e)
{
    static const char *const ABSENT[] = {"transformer", "unet_2",  "prior",  "text_encoder_3",
                                         "movq",        "decoder", "effnet", "low_res_scheduler",
                                         "controlnet"};
    static const char *const PRESENT[] = {"tokenizer", "scheduler"};
    const char *class = json_text(index, "_class_name", ""), *part;

    for (size_t i = 0; i < sizeof ABSENT / sizeof *ABSENT; i++) {
        if ((part = class_of(index, ABSENT[i])) != NULL)
            return err_setf(e, ST_UNSUPPORTED,
                            "The model is a \"%.60s\": it has a part \"%s\" (%.60s), which this "
                            "engine cannot do.",
                            class, ABSENT[i], part);
    }
    for (size_t i = 0; i < MODEL_PARTS; i++) {
        if ((part = class_of(index, PARTS[i].name)) == NULL && PARTS[i].needed)
            return err_setf(e, ST_INVALID, "The model's model_index.json names no \"%s\".",
                            PARTS[i].name);
        if (part != NULL && PARTS[i].class != NULL && strcmp(part, PARTS[i].class) != 0)
            return unknown_part(PARTS[i].name, part, e);
    }
    for (size_t i = 0; i < sizeof PRESENT / sizeof *PRESENT; i++) {
        if (class_of(index, PRESENT[i]) == NULL)
            return err_setf(e, ST_INVALID, "The model's model_index.json names no \"%s\".",
                            PRESENT[i]);
    }
    return ST_OK;
}

static enum model_family
family_of(const struct model_parts *m)
{
    int64_t context = json_int(m->configs[MODEL_UNET], "cross_attention_dim", 1280);

    if (m->stores[MODEL_TEXT_2] != NULL)
        return FAMILY_SDXL;
    return context == 768 ? FAMILY_SD1 : context == 1024 ? FAMILY_SD2 : FAMILY_OTHER;
}

static int
open_folder(struct model_parts *m, struct err *e)
{
    struct json *index = NULL;
    char folder[MODEL_PATH];
    int rc = config_read(m->folder, "model_index.json", &index, e);

    if (rc == ST_IO)
        return err_setf(e, ST_IO, "There is no model in %.160s: model_index.json cannot be read.",
                        m->folder);
    if (rc != ST_OK || (rc = check_index(index, e)) != ST_OK)
        goto out;
    for (size_t i = 0; i < MODEL_PARTS; i++) {
        if (class_of(index, PARTS[i].name) == NULL)
            continue;
        if ((rc = join(folder, m->folder, PARTS[i].name, e)) != ST_OK ||
            (rc = config_read(folder, "config.json", &m->configs[i], e)) != ST_OK ||
            (rc = weight_store_open(folder, PARTS[i].stem, &m->stores[i], e)) != ST_OK)
            goto out;
    }
    if ((rc = join(folder, m->folder, "scheduler", e)) != ST_OK ||
        (rc = config_read(folder, "scheduler_config.json", &m->scheduler, e)) != ST_OK)
        goto out;
    m->family = family_of(m);
    m->zeros_for_empty = json_bool(index, "force_zeros_for_empty_prompt", m->family == FAMILY_SDXL);
out:
    json_free(index);
    return rc;
}

/* What the manifest says goes before what was seen; it must not contradict the channels. */
static int
settle(struct model_parts *m, struct err *e)
{
    const char *family = m->manifest.family, *variant = m->manifest.variant;
    int64_t channels = json_int(m->configs[MODEL_UNET], "in_channels", 4);

    for (size_t i = 0; i < sizeof FAMILIES / sizeof *FAMILIES && family[0] != '\0'; i++) {
        if (strcmp(family, FAMILIES[i]) == 0 && i != FAMILY_OTHER && i != m->family &&
            m->family != FAMILY_OTHER)
            return err_setf(e, ST_INVALID,
                            MANIFEST_FILE " says that the model is of family %s, "
                                          "but its weights are of %s.",
                            family, FAMILIES[m->family]);
    }
    m->inpaint = channels == 9;
    m->edit = channels == 8;
    m->lcm = json_kind(json_get(m->configs[MODEL_UNET], "time_cond_proj_dim")) == JSON_KIND_INT ||
             strcmp(variant, "lcm") == 0;
    if ((strcmp(variant, "inpaint") == 0 && !m->inpaint) ||
        (strcmp(variant, "edit") == 0 && !m->edit))
        return err_setf(e, ST_INVALID,
                        MANIFEST_FILE " says \"variant\": \"%s\", but the unet has %lld channels.",
                        variant, (long long)channels);
    return ST_OK;
}

static bool
has_vocabulary(const char *folder)
{
    char path[MODEL_PATH + 16];

    (void)snprintf(path, sizeof path, "%s/vocab.json", folder);
    return access(path, R_OK) == 0;
}

/* tokenizer beside the parts, or where the manifest says; the second has the same name and "_2". */
static int
find_tokenizers(struct model_parts *m, struct err *e)
{
    const char *name = m->manifest.tokenizer[0] != '\0' ? m->manifest.tokenizer : "tokenizer";
    size_t len;
    int rc;

    if ((rc = join(m->tokenizer[0], m->folder, name, e)) != ST_OK)
        return rc;
    len = strlen(m->tokenizer[0]);
    if (m->single && !has_vocabulary(m->tokenizer[0]))
        return err_setf(e, ST_INVALID,
                        "A model in one file needs a folder \"tokenizer\" with vocab.json and "
                        "merges.txt beside it, or \"tokenizer\" in " MANIFEST_FILE
                        "; there is none in %.80s.",
                        m->folder);
    if (m->stores[MODEL_TEXT_2] == NULL || len + 3 > MODEL_PATH)
        return ST_OK;
    (void)snprintf(m->tokenizer[1], MODEL_PATH, "%.*s_2", MODEL_PATH - 3, m->tokenizer[0]);
    if (!has_vocabulary(m->tokenizer[1]))
        memcpy(m->tokenizer[1], m->tokenizer[0], len + 1);
    return ST_OK;
}

/* The last part of the path, without an ending. */
static void
name_by_path(struct model_parts *m, const char *path, bool file)
{
    size_t len = strlen(path), start;

    while (len > 1 && path[len - 1] == '/')
        len--;
    for (start = len; start > 0 && path[start - 1] != '/'; start--)
        ;
    len -= start;
    if (file && len > sizeof ENDING - 1)
        len -= sizeof ENDING - 1;
    if (len >= sizeof m->name)
        len = sizeof m->name - 1;
    memcpy(m->name, path + start, len);
}

/* Fills m->folder and `file`, which stays empty for a folder without a single file. */
static int
locate(struct model_parts *m, const char *path, char file[MODEL_PATH], struct err *e)
{
    size_t len = strlen(path);
    const char *slash = strrchr(path, '/');
    struct stat st;
    struct err why;
    int rc;

    file[0] = '\0';
    if (len + sizeof ENDING >= MODEL_PATH)
        return err_setf(e, ST_INVALID, "The path of the model is too long.");
    if (stat(path, &st) != 0)
        return err_setf(e, ST_IO, "There is no model in %.160s.", path);
    if (!S_ISDIR(st.st_mode)) {
        if (len < sizeof ENDING || strcmp(path + len - (sizeof ENDING - 1), ENDING) != 0)
            return err_setf(e, ST_UNSUPPORTED,
                            "%.140s is no folder and not named like a weight file: "
                            "NAME.safetensors.",
                            path);
        memcpy(file, path, len + 1);
        (void)snprintf(m->folder, MODEL_PATH, "%.*s",
                       slash == NULL   ? 1
                       : slash == path ? 1
                                       : (int)(slash - path),
                       slash == NULL ? "." : path);
    } else {
        memcpy(m->folder, path, len + 1);
    }
    if ((rc = manifest_read(m->folder, &m->manifest, &why)) != ST_OK && rc != ST_NOTFOUND) {
        *e = why;
        return rc;
    }
    if (m->manifest.weights[0] != '\0' && file[0] == '\0')
        return join(file, m->folder, m->manifest.weights, e);
    return ST_OK;
}

int
model_parts_open(const char *path, struct model_parts **out, struct err *e)
{
    struct model_parts *m = NULL;
    char file[MODEL_PATH];
    int rc;

    *out = NULL;
    if ((m = calloc(1, sizeof *m)) == NULL) {
        rc = err_set(e, ST_NOMEM, "Not enough memory for this model.", "model files");
        goto out;
    }
    if ((rc = locate(m, path, file, e)) != ST_OK ||
        (rc = file[0] != '\0' ? model_single_open(m, file, e) : open_folder(m, e)) != ST_OK ||
        (rc = settle(m, e)) != ST_OK || (rc = find_tokenizers(m, e)) != ST_OK)
        goto out;
    if (m->manifest.name[0] != '\0')
        memcpy(m->name, m->manifest.name, sizeof m->name);
    else
        name_by_path(m, path, strcmp(file, path) == 0);
    *out = m;
    m = NULL; /* ownership moved to the caller */
out:
    model_parts_close(m);
    return rc;
}

void
model_parts_close(struct model_parts *m)
{
    if (m == NULL)
        return;
    for (size_t i = 0; i < MODEL_PARTS; i++) {
        weight_store_close(m->stores[i]);
        json_free(m->configs[i]);
    }
    json_free(m->scheduler);
    manifest_release(&m->manifest);
    free(m);
}

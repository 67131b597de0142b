/*
 * Writing a model's folder. Knows no network. Read next: render/weights/weight_write.c.
 */
#include "render/pipeline/convert.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/err.h"
#include "common/json.h"
#include "common/text.h"
#include "render/pipeline/model_parts.h"
#include "render/weights/weight_write.h"

#define COPY_MOST ((size_t)64 << 20)

static const struct {
    const char *name, *stem, *library, *class;
} PARTS[MODEL_PARTS] = {
    [MODEL_TEXT] = {"text_encoder", "model", "transformers", "CLIPTextModel"},
    [MODEL_TEXT_2] = {"text_encoder_2", "model", "transformers", "CLIPTextModelWithProjection"},
    [MODEL_UNET] = {"unet", "diffusion_pytorch_model", "diffusers", "UNet2DConditionModel"},
    [MODEL_VAE] = {"vae", "diffusion_pytorch_model", "diffusers", "AutoencoderKL"},
};

static int
failed(const char *path, struct err *e)
{
    return err_setf(e, ST_IO, "%.180s cannot be written: %s.", path, strerror(errno));
}

/* folder/name, or folder/name/file */
static int
join(char out[MODEL_PATH], const char *folder, const char *name, const char *file, struct err *e)
{
    int len =
        snprintf(out, MODEL_PATH, "%s/%s%s%s", folder, name, file[0] != '\0' ? "/" : "", file);

    if (len < 0 || len >= MODEL_PATH)
        return err_setf(e, ST_INVALID, "The path of the model is too long.");
    return ST_OK;
}

static int
make_folder(const char *path, struct err *e)
{
    return mkdir(path, 0777) == 0 || errno == EEXIST ? ST_OK : failed(path, e);
}

static int
write_file(const char *path, const char *data, size_t size, struct err *e)
{
    FILE *f = fopen(path, "we");
    bool good = f != NULL && fwrite(data, 1, size, f) == size && fflush(f) == 0;

    if (!good)
        (void)failed(path, e);
    if (f != NULL && fclose(f) != 0 && good)
        return failed(path, e);
    return good ? ST_OK : ST_IO;
}

static int
write_json(const char *path, const struct json *j, struct err *e)
{
    struct text t;
    int rc;

    text_init(&t, COPY_MOST);
    json_put(&t, j);
    text_puts(&t, "\n");
    rc = t.failed ? err_set(e, ST_NOMEM, "Not enough memory for this model.", "configuration")
                  : write_file(path, t.data, t.len, e);
    text_release(&t);
    return rc;
}

/* Copies a small file; one that is not there is left out. */
static int
copy(const char *from, const char *to, struct err *e)
{
    FILE *f = fopen(from, "re");
    char *data = NULL;
    struct stat st;
    int rc = ST_OK;

    if (f == NULL)
        return errno == ENOENT ? ST_OK : err_setf(e, ST_IO, "%.180s cannot be read.", from);
    if (fstat(fileno(f), &st) != 0 || !S_ISREG(st.st_mode) || (uint64_t)st.st_size > COPY_MOST)
        rc = err_setf(e, ST_INVALID, "%.180s is no plain file of at most 64 MiB.", from);
    else if ((data = malloc((size_t)st.st_size + 1)) == NULL)
        rc = err_set(e, ST_NOMEM, "Not enough memory for this model.", "copy");
    else if (fread(data, 1, (size_t)st.st_size, f) != (size_t)st.st_size)
        rc = err_setf(e, ST_IO, "%.180s cannot be read.", from);
    else
        rc = write_file(to, data, (size_t)st.st_size, e);
    free(data);
    (void)fclose(f);
    return rc;
}

static int
copy_words(const char *from, const char *to, const char *name, const char *pad, struct err *e)
{
    static const char *const FILES[] = {"vocab.json", "merges.txt", "tokenizer_config.json",
                                        "special_tokens_map.json"};
    char a[MODEL_PATH], b[MODEL_PATH];
    int rc;

    if ((rc = join(b, to, name, "", e)) == ST_OK)
        rc = make_folder(b, e);
    for (size_t i = 0; i < sizeof FILES / sizeof *FILES && rc == ST_OK; i++) {
        if ((rc = join(a, from, FILES[i], "", e)) == ST_OK &&
            (rc = join(b, to, name, FILES[i], e)) == ST_OK)
            rc = copy(a, b, e);
    }
    if (rc == ST_OK && pad != NULL) { /* the last file of the list, which has the last word */
        char text[100];
        int len = snprintf(text, sizeof text, "{\"pad_token\": \"%s\"}\n", pad);

        rc = write_file(b, text, (size_t)len, e);
    }
    return rc;
}

static int
write_part(const struct model_parts *m, size_t part, const char *to, bool int8, struct err *e)
{
    char path[MODEL_PATH], file[64];
    int rc;

    (void)snprintf(file, sizeof file, "%s.safetensors", PARTS[part].stem);
    if ((rc = join(path, to, PARTS[part].name, "", e)) != ST_OK ||
        (rc = make_folder(path, e)) != ST_OK ||
        (rc = join(path, to, PARTS[part].name, "config.json", e)) != ST_OK ||
        (rc = write_json(path, m->configs[part], e)) != ST_OK ||
        (rc = join(path, to, PARTS[part].name, file, e)) != ST_OK)
        return rc;
    return weight_write(m->stores[part], int8 && part != MODEL_VAE, path, e);
}

static int
write_index(const struct model_parts *m, const char *to, struct err *e)
{
    char path[MODEL_PATH];
    struct text t;
    int rc;

    text_init(&t, 8192);
    text_printf(&t, "{\n  \"_class_name\": \"StableDiffusion%sPipeline\",\n",
                m->stores[MODEL_TEXT_2] != NULL ? "XL" : "");
    text_printf(&t, "  \"force_zeros_for_empty_prompt\": %s,\n",
                m->zeros_for_empty ? "true" : "false");
    for (size_t i = 0; i < MODEL_PARTS; i++) {
        if (m->stores[i] == NULL)
            continue;
        text_printf(&t, "  \"%s\": [\"%s\", ", PARTS[i].name, PARTS[i].library);
        json_put_string(&t, json_text(m->configs[i], "_class_name", PARTS[i].class));
        text_puts(&t, "],\n");
    }
    if (m->tokenizer[1][0] != '\0')
        text_puts(&t, "  \"tokenizer_2\": [\"transformers\", \"CLIPTokenizer\"],\n");
    text_puts(&t, "  \"tokenizer\": [\"transformers\", \"CLIPTokenizer\"],\n  \"scheduler\": "
                  "[\"diffusers\", ");
    json_put_string(&t, json_text(m->scheduler, "_class_name", "DDIMScheduler"));
    text_puts(&t, "]\n}\n");
    if (t.failed)
        rc = err_set(e, ST_NOMEM, "Not enough memory for this model.", "index");
    else if ((rc = join(path, to, "model_index.json", "", e)) == ST_OK)
        rc = write_file(path, t.data, t.len, e);
    text_release(&t);
    return rc;
}

/* What was told about the model is told about its copy; files are listed when it is installed. */
static int
write_manifest(const struct model_parts *m, const char *to, struct err *e)
{
    struct manifest mine = m->manifest;
    char a[MODEL_PATH], b[MODEL_PATH];
    int rc;

    if (mine.name[0] == '\0' && mine.licence.name[0] == '\0' && mine.prediction[0] == '\0')
        return ST_OK;
    mine.weights[0] = mine.tokenizer[0] = '\0';
    mine.files = NULL;
    mine.file_count = 0;
    if (mine.licence.file[0] != '\0' && strchr(mine.licence.file, '/') == NULL &&
        ((rc = join(a, m->folder, mine.licence.file, "", e)) != ST_OK ||
         (rc = join(b, to, mine.licence.file, "", e)) != ST_OK || (rc = copy(a, b, e)) != ST_OK))
        return rc;
    return manifest_write(to, &mine, e);
}

static int
write_all(const struct model_parts *m, const char *to, bool int8, struct err *e)
{
    char path[MODEL_PATH];
    int rc = make_folder(to, e);

    for (size_t i = 0; i < MODEL_PARTS && rc == ST_OK; i++) {
        if (m->stores[i] != NULL)
            rc = write_part(m, i, to, int8, e);
    }
    if (rc != ST_OK || (rc = join(path, to, "scheduler", "", e)) != ST_OK ||
        (rc = make_folder(path, e)) != ST_OK ||
        (rc = join(path, to, "scheduler", "scheduler_config.json", e)) != ST_OK ||
        (rc = write_json(path, m->scheduler, e)) != ST_OK ||
        (rc = copy_words(m->tokenizer[0], to, "tokenizer", m->pad[0], e)) != ST_OK)
        return rc;
    if (m->tokenizer[1][0] != '\0' &&
        (rc = copy_words(m->tokenizer[1], to, "tokenizer_2", m->pad[1], e)) != ST_OK)
        return rc;
    if ((rc = write_manifest(m, to, e)) != ST_OK)
        return rc;
    return write_index(m, to, e); /* last: without it the folder is no model */
}

int
convert_model(const char *from, const char *to, bool int8, struct err *e)
{
    struct model_parts *m = NULL;
    char part[MODEL_PATH];
    int len = snprintf(part, sizeof part, "%s.part", to), rc;

    if (len < 0 || len >= MODEL_PATH)
        return err_setf(e, ST_INVALID, "The path of the model is too long.");
    if (access(to, F_OK) == 0)
        return err_setf(e, ST_CONFLICT, "%.180s exists already.", to);
    if ((rc = model_parts_open(from, &m, e)) != ST_OK ||
        (rc = write_all(m, part, int8, e)) != ST_OK)
        goto out;
    if (rename(part, to) != 0)
        rc = failed(to, e);
out:
    model_parts_close(m);
    return rc;
}

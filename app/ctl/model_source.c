/*
 * Local sources, and the choice between all. See model_source.h.
 */
#include "app/ctl/model_source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/ctl/model_hub.h"
#include "common/err.h"
#include "common/manifest.h"
#include "common/text.h"

struct listing {
    struct model_source *source;
    struct err *e;
};

static int
add_local(void *ctx, const char *name, int64_t size)
{
    const struct listing *l = ctx;

    /* A folder of the operator's own may hold anything; what has a strange name is not needed. */
    return manifest_is_safe(name) ? model_files_add(&l->source->files, name, size, NULL, l->e)
                                  : ST_OK;
}

/* A model's name out of a file's or repository's: small letters, and "-" for what is not allowed.
 */
static void
suggest(struct model_source *s, const char *word)
{
    size_t n = 0;

    for (; *word != '\0' && n + 1 < sizeof s->suggestion; word++) {
        char c = *word >= 'A' && *word <= 'Z' ? (char)(*word - 'A' + 'a') : *word;
        bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (letter || (n > 0 && strchr("-_.", c) != NULL))
            s->suggestion[n++] = c;
        else if (n > 0)
            s->suggestion[n++] = '-';
    }
    s->suggestion[n] = '\0';
}

static int
open_local(struct model_source *s, const char *path, bool folder, struct err *e)
{
    struct listing l = {s, e};
    const char *name;
    struct stat st;
    int rc;

    snprintf(s->label, sizeof s->label, "%s", path);
    name = strrchr(path, '/') + 1;
    suggest(s, name);
    if (folder) {
        s->kind = SOURCE_FOLDER;
        snprintf(s->place, sizeof s->place, "%s", path);
        return disk_walk(path, add_local, &l, e);
    }
    s->kind = SOURCE_SINGLE;
    if (model_files_is_pickle(name))
        return err_setf(e, ST_UNSUPPORTED,
                        "%.120s is a pickle, which can run code when it is opened. Convert it to "
                        "safetensors first.",
                        name);
    if (strlen(name) < 13 || strcmp(name + strlen(name) - 12, ".safetensors") != 0)
        return err_setf(e, ST_INVALID,
                        "%.120s is no model: a folder or a .safetensors file is expected.", path);
    snprintf(s->place, sizeof s->place, "%.*s", (int)(name - 1 - path), path);
    if (strlen(s->suggestion) > 12)
        s->suggestion[strlen(s->suggestion) - 12] = '\0';
    if (stat(path, &st) != 0)
        return err_setf(e, ST_IO, "%.150s cannot be read: %s.", path, strerror(errno));
    if ((rc = model_files_add(&s->files, name, st.st_size, NULL, e)) == ST_OK &&
        s->files.count == 0)
        rc = err_setf(e, ST_INVALID, "A file of this name cannot be installed: %.100s", name);
    return rc;
}

int
model_source_open(const struct conf *conf, const char *word, struct model_source *out,
                  struct err *e)
{
    struct stat st;
    char *path;
    int rc;

    *out = (struct model_source){0};
    if (strstr(word, "://") == NULL && stat(word, &st) == 0) {
        if ((path = realpath(word, NULL)) == NULL || path[0] == '\0' || strlen(path) >= DISK_PATH) {
            free(path);
            return err_setf(e, ST_IO, "%.150s cannot be read: %s.", word, strerror(errno));
        }
        rc = open_local(out, path, S_ISDIR(st.st_mode), e);
        free(path);
        return rc;
    }
    if (word[0] == '/' || word[0] == '.' || word[0] == '~')
        return err_setf(e, ST_NOTFOUND, "%.150s: %s.", word, strerror(ENOENT));
    if ((rc = hub_parse(conf, word, out, e)) != ST_OK)
        return rc;
    suggest(out, strchr(out->repository, '/') + 1);
    return hub_list(conf, out, e);
}

void
model_source_close(struct model_source *s)
{
    model_files_release(&s->files);
    fetch_free(s->fetch);
    *s = (struct model_source){0};
}

int
model_source_text(struct model_source *s, const char *name, struct text *out, struct err *e)
{
    char path[DISK_PATH], buffer[4096];
    size_t n;
    FILE *f;
    int rc;

    if (s->kind == SOURCE_HUB)
        return hub_text(s, name, out, e);
    if ((rc = disk_join(path, s->place, name, e)) != ST_OK)
        return rc;
    if ((f = fopen(path, "re")) == NULL)
        return err_setf(e, errno == ENOENT ? ST_NOTFOUND : ST_IO, "%.150s cannot be read: %s.",
                        path, strerror(errno));
    while ((n = fread(buffer, 1, sizeof buffer, f)) > 0)
        text_put(out, buffer, n);
    fclose(f);
    return out->failed ? err_setf(e, ST_TOOBIG, "%.150s is too long.", path) : ST_OK;
}

int
model_source_get(struct model_source *s, const struct model_get *get, struct fetch_done *done,
                 struct err *e)
{
    char from[DISK_PATH];
    int rc;

    *done = (struct fetch_done){0};
    if (s->kind == SOURCE_HUB)
        return hub_get(s, get, done, e);
    if ((rc = disk_join(from, s->place, get->file->name, e)) != ST_OK)
        return rc;
    if (!get->link)
        return disk_copy(from, get->to, done->sha256, &done->size, e);
    if ((rc = disk_link(from, get->to, e)) != ST_OK)
        return rc;
    return fetch_digest(get->to, done->sha256, &done->size, e);
}

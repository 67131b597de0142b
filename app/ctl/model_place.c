/*
 * Finding models and a first look at them. See model_place.h.
 */
#include "app/ctl/model_place.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "app/ctl/model_look.h"
#include "common/conf.h"
#include "common/err.h"
#include "common/nearest.h"

#define MODELS_MAX 1000

const char *
model_state_name(enum model_state state)
{
    static const char *const NAMES[] = {"ok", "no manifest", "missing files", "damaged", "partial"};

    return NAMES[state];
}

static int
add_size(void *ctx, const char *name, int64_t size)
{
    (void)name;
    *(int64_t *)ctx += size;
    return ST_OK;
}

static void
found(struct model_place *p, enum model_state state, const char *name, const char *what)
{
    if (p->state == MODEL_OK)
        snprintf(p->problem, sizeof p->problem, "%.200s: %.60s", name, what);
    if (p->state == MODEL_OK || state == MODEL_MISSING)
        p->state = state;
}

/* A model that was made here or copied by hand may bring the output of sha256sum instead. */
static int
read_sums(struct model_place *p)
{
    char path[DISK_PATH], line[MANIFEST_PATH + 80];
    int rc = ST_OK;
    FILE *f;

    if (disk_join(path, p->folder, "SHA256SUMS", NULL) != ST_OK || (f = fopen(path, "re")) == NULL)
        return ST_NOTFOUND;
    while (rc == ST_OK && fgets(line, sizeof line, f) != NULL) {
        char file[DISK_PATH];
        struct stat st = {0};
        line[strcspn(line, "\n")] = '\0';
        if (strlen(line) < 67 || line[64] != ' ') {
            rc = ST_INVALID;
            break;
        }
        line[64] = '\0';
        if ((rc = disk_join(file, p->folder, line + 66, NULL)) != ST_OK)
            break;
        if (stat(file, &st) != 0)
            found(p, MODEL_MISSING, line + 66, "missing");
        rc = manifest_add(&p->manifest, line + 66, st.st_size, line, NULL);
        p->size += st.st_size;
    }
    fclose(f);
    if (rc == ST_OK && p->manifest.file_count > 0) {
        model_look(p->folder, &p->manifest, NULL);
        return ST_OK;
    }
    manifest_release(&p->manifest);
    p->size = 0;
    p->state = MODEL_OK;
    p->problem[0] = '\0';
    return ST_INVALID;
}

/* Compares what is there with what the manifest says. */
static void
look(struct model_place *p)
{
    struct err e;
    int rc;

    err_clear(&e);
    if (p->state == MODEL_PARTIAL) {
        disk_walk(p->folder, add_size, &p->size, &e);
        return;
    }
    rc = manifest_read(p->folder, &p->manifest, &e);
    if (rc == ST_NOTFOUND && read_sums(p) == ST_OK)
        return;
    if (rc != ST_OK) {
        disk_walk(p->folder, add_size, &p->size, NULL);
        p->state = rc == ST_NOTFOUND ? MODEL_UNKNOWN : MODEL_DAMAGED;
        if (rc != ST_NOTFOUND)
            snprintf(p->problem, sizeof p->problem, "%s", e.message);
        return;
    }
    for (size_t i = 0; i < p->manifest.file_count; i++) {
        const struct manifest_file *f = &p->manifest.files[i];
        char path[DISK_PATH];
        struct stat st;
        p->size += f->size;
        if (disk_join(path, p->folder, f->name, NULL) != ST_OK || stat(path, &st) != 0)
            found(p, MODEL_MISSING, f->name, "missing");
        else if (!S_ISREG(st.st_mode) || st.st_size != f->size)
            found(p, MODEL_DAMAGED, f->name, "has another size");
    }
}

static int
add(struct model_place **list, size_t *count, const char *name, const char *folder,
    enum model_state state, struct err *e)
{
    struct model_place *more = realloc(*list, (*count + 1) * sizeof *more);

    if (more == NULL || *count == MODELS_MAX)
        return err_set(e, ST_NOMEM, "Out of memory.", "list of models");
    *list = more;
    more += (*count)++;
    *more = (struct model_place){.state = state};
    snprintf(more->name, sizeof more->name, "%s", name);
    snprintf(more->folder, sizeof more->folder, "%s", folder);
    look(more);
    return ST_OK;
}

static int
by_name(const void *a, const void *b)
{
    return strcmp(((const struct model_place *)a)->name, ((const struct model_place *)b)->name);
}

/* ".NAME.part" is what an interrupted installation leaves; its name into out. */
static bool
is_part(const char *entry, char out[MANIFEST_NAME])
{
    size_t len = strlen(entry);

    if (len < 7 || len - 6 >= MANIFEST_NAME || entry[0] != '.' ||
        strcmp(entry + len - 5, ".part") != 0)
        return false;
    snprintf(out, MANIFEST_NAME, "%.*s", (int)(len - 6), entry + 1);
    return manifest_is_name(out);
}

static int
add_installed(const struct conf *conf, struct model_place **list, size_t *count, struct err *e)
{
    DIR *dir = opendir(conf->models.dir);
    struct dirent *entry;
    int rc = ST_OK;

    if (dir == NULL && errno == ENOENT)
        return ST_OK;
    if (dir == NULL)
        return err_setf(e, ST_IO, "%.150s cannot be read: %s.", conf->models.dir, strerror(errno));
    while (rc == ST_OK && (entry = readdir(dir)) != NULL) {
        char folder[DISK_PATH], name[MANIFEST_NAME];
        bool part = is_part(entry->d_name, name);
        struct stat st;
        if ((rc = disk_join(folder, conf->models.dir, entry->d_name, e)) != ST_OK)
            break;
        if ((!part && !manifest_is_name(entry->d_name)) || stat(folder, &st) != 0 ||
            !S_ISDIR(st.st_mode))
            continue;
        rc = add(list, count, part ? name : entry->d_name, folder, part ? MODEL_PARTIAL : MODEL_OK,
                 e);
    }
    closedir(dir);
    return rc;
}

/* The site's model is one of the list, or one more. */
static int
add_chosen(const struct conf *conf, struct model_place **list, size_t *count, struct err *e)
{
    struct stat chosen, st;
    int rc;

    if (stat(conf->model.path, &chosen) != 0)
        return ST_OK;
    for (size_t i = 0; i < *count; i++) {
        if (stat((*list)[i].folder, &st) == 0 && st.st_dev == chosen.st_dev &&
            st.st_ino == chosen.st_ino) {
            (*list)[i].chosen = true;
            return ST_OK;
        }
    }
    if ((rc = add(list, count, conf->model.name, conf->model.path, MODEL_OK, e)) == ST_OK)
        (*list)[*count - 1].chosen = true;
    return rc;
}

int
model_places(const struct conf *conf, struct model_place **out, size_t *count, struct err *e)
{
    int rc;

    *out = NULL;
    *count = 0;
    if ((rc = add_installed(conf, out, count, e)) == ST_OK)
        rc = add_chosen(conf, out, count, e);
    if (rc != ST_OK) {
        model_places_free(*out, *count);
        *out = NULL;
        *count = 0;
    } else if (*count > 0) {
        qsort(*out, *count, sizeof **out, by_name);
    }
    return rc;
}

void
model_places_free(struct model_place *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        model_place_release(&list[i]);
    free(list);
}

void
model_place_release(struct model_place *p)
{
    manifest_release(&p->manifest);
}

int
model_place_find(const struct conf *conf, const char *name, struct model_place *out, struct err *e)
{
    struct model_place *list;
    const char *best = NULL;
    size_t count, distance = 0;
    int rc;

    *out = (struct model_place){0};
    if ((rc = model_places(conf, &list, &count, e)) != ST_OK)
        return rc;
    rc = ST_NOTFOUND;
    for (size_t i = 0; i < count; i++) {
        nearest_offer(name, list[i].name, &best, &distance);
        if (strcmp(list[i].name, name) != 0 ||
            (rc == ST_OK && list[i].state == MODEL_PARTIAL)) /* the whole one counts */
            continue;
        model_place_release(out);
        *out = list[i];
        list[i].manifest = (struct manifest){0};
        rc = ST_OK;
    }
    if (rc != ST_OK)
        err_setf(e, rc, "There is no model %.64s.%s%.64s%s", name,
                 best != NULL ? " Did you mean " : " `gempixctl model list` shows all.",
                 best != NULL ? best : "", best != NULL ? "?" : "");
    model_places_free(list, count);
    return rc;
}

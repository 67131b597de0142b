/*
 * Reading and writing gempix-model.json by one table of keys. See manifest.h.
 */
#include "common/manifest.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/err.h"
#include "common/json.h"
#include "common/nearest.h"
#include "common/text.h"

#define BYTES_MAX ((size_t)4 << 20)
#define FILES_MAX 10000
#define FORMAT 1

enum kind { TEXT, WHOLE, REAL };

struct key {
    const char *section, *name; /* section "" = the top */
    enum kind kind;
    size_t offset, size;
};

#define T(section, name, member)                                                                   \
    {                                                                                              \
        section, name, TEXT, offsetof(struct manifest, member),                                    \
            sizeof(((struct manifest *)NULL)->member)                                              \
    }
#define N(section, name, member, kind)                                                             \
    {                                                                                              \
        section, name, kind, offsetof(struct manifest, member), 0                                  \
    }

static const struct key KEYS[] = {
    T("", "name", name),
    T("", "family", family),
    T("", "variant", variant),
    T("", "prediction", prediction),
    T("", "scheduler", scheduler),
    T("", "tokenizer", tokenizer),
    T("", "weights", weights),
    T("", "source", source),
    T("", "revision", revision),
    T("", "installed_at", installed_at),
    T("licence", "name", licence.name),
    T("licence", "file", licence.file),
    T("licence", "accepted", licence.accepted),
    N("defaults", "steps", defaults.steps, WHOLE),
    N("defaults", "width", defaults.width, WHOLE),
    N("defaults", "height", defaults.height, WHOLE),
    N("defaults", "guidance", defaults.guidance, REAL),
    T("defaults", "sampler", defaults.sampler),
};
#define KEY_COUNT (sizeof KEYS / sizeof KEYS[0])
/* Names at the top that are no plain values. */
static const char *const GROUPS[] = {"format", "licence", "defaults", "files"};

bool
manifest_is_safe(const char *name)
{
    size_t len = strlen(name), part;

    if (len == 0 || len >= MANIFEST_PATH)
        return false;
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)name[i] < 0x20 || name[i] == 0x7f || name[i] == '\\')
            return false;
    for (const char *at = name;; at += part + 1) {
        part = strcspn(at, "/");
        if (part == 0 || at[0] == '.')
            return false;
        if (at[part] == '\0')
            return true;
    }
}

bool
manifest_is_name(const char *name)
{
    static const char LETTERS[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    size_t len = strlen(name), plain = 0;

    while (name[plain] != '\0' &&
           (strchr(LETTERS, name[plain]) != NULL || strchr("-_.", name[plain]) != NULL))
        plain++;
    return len > 0 && len < MANIFEST_NAME && plain == len && strchr(LETTERS, name[0]) != NULL;
}

int
manifest_add(struct manifest *m, const char *name, int64_t size, const char *sha256, struct err *e)
{
    struct manifest_file *more;

    if (!manifest_is_safe(name) || strlen(sha256) != 64 || size < 0 ||
        strspn(sha256, "0123456789abcdef") != 64 || m->file_count == FILES_MAX)
        return err_setf(e, ST_INVALID, "%.100s: not a valid entry for a model's file.", name);
    if ((more = realloc(m->files, (m->file_count + 1) * sizeof *more)) == NULL)
        return err_set(e, ST_NOMEM, "Out of memory.", "manifest");
    m->files = more;
    more += m->file_count++;
    snprintf(more->name, sizeof more->name, "%s", name);
    snprintf(more->sha256, sizeof more->sha256, "%s", sha256);
    more->size = size;
    return ST_OK;
}

void
manifest_release(struct manifest *m)
{
    free(m->files);
    *m = (struct manifest){0};
}

static int
take_value(struct manifest *m, const struct key *k, const struct json *value, struct err *e)
{
    void *to = (char *)m + k->offset;
    const char *text = json_value_text(value, NULL);
    enum json_kind kind = json_kind(value);

    if (k->kind == TEXT && text != NULL && strlen(text) < k->size)
        snprintf(to, k->size, "%s", text);
    else if (k->kind == WHOLE && kind == JSON_KIND_INT && json_value_int(value, -1) >= 0)
        *(int64_t *)to = json_value_int(value, 0);
    else if (k->kind == REAL && (kind == JSON_KIND_INT || kind == JSON_KIND_REAL))
        *(double *)to = json_value_number(value, 0.0);
    else
        return err_setf(e, ST_INVALID, "\"%s%s%s\" must be %s.", k->section,
                        k->section[0] != '\0' ? "." : "", k->name,
                        k->kind == TEXT ? "a short text" : "a number that is not negative");
    return ST_OK;
}

static int
unknown_key(const char *section, const char *key, struct err *e)
{
    const char *best = NULL;
    size_t distance = 0;

    for (size_t i = 0; i < KEY_COUNT; i++)
        if (strcmp(KEYS[i].section, section) == 0)
            nearest_offer(key, KEYS[i].name, &best, &distance);
    return err_setf(e, ST_INVALID, "unknown key \"%.60s\".%s%s%s", key,
                    best != NULL ? " Did you mean \"" : "", best != NULL ? best : "",
                    best != NULL ? "\"?" : "");
}

/* The plain values of the top (section "") or of one group. */
static int
take_section(struct manifest *m, const char *section, const struct json *object, struct err *e)
{
    void *cursor = NULL;
    const char *key;
    const struct json *value;
    int rc = ST_OK;

    if (json_kind(object) != JSON_KIND_OBJECT)
        return object == NULL ? ST_OK
                              : err_setf(e, ST_INVALID, "\"%s\" must be an object.", section);
    while (rc == ST_OK && json_next(object, &cursor, &key, &value) == ST_OK) {
        size_t i = 0;
        bool group = false;
        for (size_t g = 0; section[0] == '\0' && g < sizeof GROUPS / sizeof *GROUPS; g++)
            group = group || strcmp(key, GROUPS[g]) == 0;
        if (group)
            continue;
        while (i < KEY_COUNT &&
               (strcmp(KEYS[i].section, section) != 0 || strcmp(KEYS[i].name, key) != 0))
            i++;
        rc = i < KEY_COUNT ? take_value(m, &KEYS[i], value, e) : unknown_key(section, key, e);
    }
    return rc;
}

static int
take_files(struct manifest *m, const struct json *files, struct err *e)
{
    int rc = ST_OK;

    if (files != NULL && json_kind(files) != JSON_KIND_ARRAY)
        return err_setf(e, ST_INVALID, "\"files\" must be a list.");
    for (size_t i = 0; rc == ST_OK && i < json_size(files); i++) {
        const struct json *f = json_at(files, i);
        rc = manifest_add(m, json_text(f, "name", ""), json_int(f, "size", -1),
                          json_text(f, "sha256", ""), e);
    }
    return rc;
}

/* Names that lead somewhere: they must stay inside the folder. */
static int
check(const struct manifest *m, struct err *e)
{
    const char *const paths[] = {m->tokenizer, m->weights, m->licence.file};

    if (m->name[0] != '\0' && !manifest_is_name(m->name))
        return err_setf(e, ST_INVALID, "\"name\": small letters, digits, -, _ and . are allowed.");
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        if (paths[i][0] != '\0' && !manifest_is_safe(paths[i]))
            return err_setf(e, ST_INVALID, "%.100s leads out of the model's folder.", paths[i]);
    return ST_OK;
}

int
manifest_read(const char *folder, struct manifest *out, struct err *e)
{
    struct json *j = NULL;
    struct err why;
    struct text path;
    int rc;

    *out = (struct manifest){0};
    err_clear(&why);
    text_init(&path, 8192);
    text_printf(&path, "%s/" MANIFEST_FILE, folder);
    if (access(text_cstr(&path), F_OK) != 0 && errno == ENOENT) {
        rc = err_setf(e, ST_NOTFOUND, "%.150s has no " MANIFEST_FILE ".", folder);
        goto out;
    }
    if ((rc = json_parse_file(text_cstr(&path), BYTES_MAX, 6, &j, e)) != ST_OK)
        goto out;
    if (json_int(j, "format", 0) != FORMAT)
        rc = err_setf(&why, ST_INVALID, "\"format\" must be %d.", FORMAT);
    else if ((rc = take_section(out, "", j, &why)) == ST_OK &&
             (rc = take_section(out, "licence", json_get(j, "licence"), &why)) == ST_OK &&
             (rc = take_section(out, "defaults", json_get(j, "defaults"), &why)) == ST_OK &&
             (rc = take_files(out, json_get(j, "files"), &why)) == ST_OK)
        rc = check(out, &why);
    if (rc != ST_OK)
        err_setf(e, rc, "%.90s/" MANIFEST_FILE ": %.120s", folder, why.message);
out:
    json_free(j);
    text_release(&path);
    if (rc != ST_OK)
        manifest_release(out);
    return rc;
}

/* The values of one section that say something, after "{" or inside it. */
static void
put_section(struct text *t, const struct manifest *m, const char *section, const char *indent)
{
    bool first = section[0] != '\0';

    for (size_t i = 0; i < KEY_COUNT; i++) {
        const struct key *k = &KEYS[i];
        const void *from = (const char *)m + k->offset;
        if (strcmp(k->section, section) != 0 ||
            (k->kind == TEXT && ((const char *)from)[0] == '\0') ||
            (k->kind == WHOLE && *(const int64_t *)from == 0) ||
            (k->kind == REAL && *(const double *)from == 0.0))
            continue;
        text_printf(t, "%s\n%s\"%s\": ", first ? "" : ",", indent, k->name);
        first = false;
        if (k->kind == TEXT)
            json_put_string(t, from);
        else if (k->kind == WHOLE)
            text_printf(t, "%lld", (long long)*(const int64_t *)from);
        else
            text_printf(t, "%.17g", *(const double *)from);
    }
}

static void
put_manifest(struct text *t, const struct manifest *m)
{
    text_printf(t, "{\n  \"format\": %d", FORMAT);
    put_section(t, m, "", "  ");
    for (size_t g = 1; g <= 2; g++) { /* licence, defaults */
        text_printf(t, ",\n  \"%s\": {", GROUPS[g]);
        put_section(t, m, GROUPS[g], "    ");
        text_puts(t, "\n  }");
    }
    text_puts(t, ",\n  \"files\": [");
    for (size_t i = 0; i < m->file_count; i++) {
        text_printf(t, "%s\n    {\"name\": ", i == 0 ? "" : ",");
        json_put_string(t, m->files[i].name);
        text_printf(t, ", \"size\": %lld, \"sha256\": \"%s\"}", (long long)m->files[i].size,
                    m->files[i].sha256);
    }
    text_puts(t, "\n  ]\n}\n");
}

int
manifest_write(const char *folder, const struct manifest *m, struct err *e)
{
    struct text path, part, body;
    FILE *f = NULL;
    int rc = ST_OK;

    text_init(&path, 8192);
    text_init(&part, 8192);
    text_init(&body, BYTES_MAX);
    text_printf(&path, "%s/" MANIFEST_FILE, folder);
    text_printf(&part, "%s/." MANIFEST_FILE ".part", folder);
    put_manifest(&body, m);
    if (path.failed || part.failed || body.failed) {
        rc = err_set(e, ST_NOMEM, "The model's manifest is too long.", NULL);
        goto out;
    }
    f = fopen(part.data, "we");
    if (f == NULL || fwrite(body.data, 1, body.len, f) != body.len || fflush(f) != 0 ||
        fsync(fileno(f)) != 0 || rename(part.data, path.data) != 0)
        rc = err_setf(e, ST_IO, "%.180s cannot be written: %s.", path.data, strerror(errno));
out:
    if (f != NULL)
        fclose(f);
    if (rc != ST_OK && part.data != NULL)
        unlink(part.data);
    text_release(&path);
    text_release(&part);
    text_release(&body);
    return rc;
}

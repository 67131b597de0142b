/*
 * Fills struct conf from a YAML file by the table of conf_keys.c. Sections of scalars and nothing
 * deeper; every complaint names file, line and key. Knows no YAML: yaml_tree.c does.
 */
#include "common/conf.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/arena.h"
#include "common/conf_key.h"
#include "common/crypto.h"
#include "common/err.h"
#include "common/nearest.h"
#include "common/yaml_tree.h"

#define TREE_MAX_BYTES ((size_t)4 * 1024 * 1024)
#define VALUE_MAX_BYTES 4096
#define NAME_MAX_BYTES 80
#define CREDENTIAL "credential:"
#define CREDSTORE "/etc/credstore" /* systemd.exec(5), LoadCredential= */

struct reader {
    const char *path;
    size_t folder_len; /* of `path`, with its slash; 0 when it has none */
    struct conf *conf;
    bool *seen; /* by key */
    struct err *e;
};

static char **
text_at(struct conf *c, const struct conf_key *k)
{
    return (char **)(void *)((char *)c + k->offset);
}

static bool
is_credential(const char *text)
{
    return strncmp(text, CREDENTIAL, strlen(CREDENTIAL)) == 0;
}

static bool
is_text(const struct conf_key *k)
{
    return k->type == CONF_TEXT || k->type == CONF_PATH || k->type == CONF_SECRET;
}

static int
complain(struct reader *r, size_t line, const char *key, const char *what)
{
    if (line == 0)
        return err_setf(r->e, ST_INVALID, "%s: %s: %s", r->path, key, what);
    return err_setf(r->e, ST_INVALID, "%s:%zu: %s: %s", r->path, line, key, what);
}

static int
no_memory(struct reader *r)
{
    return err_set(r->e, ST_NOMEM, "Out of memory.", "reading %s", r->path);
}

/* Whether a value names a file relative to the configuration's folder. */
static bool
is_relative(const struct conf_key *k, const char *text)
{
    return (k->type == CONF_PATH || (k->type == CONF_SECRET && !is_credential(text))) &&
           text[0] != '\0' && text[0] != '/';
}

/* Stores a text, or a path made absolute relative to the file's folder. */
static int
store_text(struct reader *r, const struct conf_key *k, const char *text)
{
    size_t folder = 0, len = strlen(text);
    char *copy;

    if (is_relative(k, text))
        folder = r->folder_len;
    if ((copy = malloc(folder + len + 1)) == NULL)
        return no_memory(r);
    memcpy(copy, r->path, folder);
    memcpy(copy + folder, text, len + 1);
    free(*text_at(r->conf, k));
    *text_at(r->conf, k) = copy;
    return ST_OK;
}

static bool
one_of(const char *text, const char *words)
{
    size_t len = strlen(text);

    for (const char *w = words; *w != '\0'; w += strcspn(w, " "), w += *w == ' ')
        if (strcspn(w, " ") == len && memcmp(w, text, len) == 0)
            return true;
    return false;
}

static int
take_text(struct reader *r, const struct conf_key *k, const struct yaml_node *s)
{
    char what[200];
    double len = (double)strlen(s->text);

    if (s->plain && (strcmp(s->text, "~") == 0 || strcmp(s->text, "null") == 0))
        return complain(r, s->line, k->name, "null is no value. Write \"\" for an empty one.");
    if (len < k->min)
        return complain(r, s->line, k->name, k->min > 1 ? "is too short." : "must not be empty.");
    if (len > k->max) {
        snprintf(what, sizeof what, "is longer than %.0f bytes.", k->max);
        return complain(r, s->line, k->name, what);
    }
    for (const char *c = s->text; *c != '\0'; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            return complain(r, s->line, k->name, "must be one line without control characters.");
    if (k->words != NULL && !one_of(s->text, k->words)) {
        snprintf(what, sizeof what, "must be one of: %s.", k->words);
        return complain(r, s->line, k->name, what);
    }
    return store_text(r, k, s->text);
}

static int
take_number(struct reader *r, const struct conf_key *k, const struct yaml_node *s)
{
    char what[200], *end = NULL;
    long long i = 0;
    double d = 0;

    snprintf(what, sizeof what, "must be a %snumber from %.10g to %.10g.",
             k->type == CONF_INT ? "whole " : "", k->min, k->max);
    errno = 0;
    if (!s->plain || (s->text[0] != '-' && (s->text[0] < '0' || s->text[0] > '9')))
        return complain(r, s->line, k->name, what);
    if (k->type == CONF_INT)
        i = strtoll(s->text, &end, 10), d = (double)i;
    else
        d = strtod(s->text, &end);
    if (*end != '\0' || errno != 0 || !isfinite(d) || d < k->min || d > k->max)
        return complain(r, s->line, k->name, what);
    if (k->type == CONF_INT)
        *(int64_t *)(void *)((char *)r->conf + k->offset) = i;
    else
        *(double *)(void *)((char *)r->conf + k->offset) = d;
    return ST_OK;
}

static int
take_bool(struct reader *r, const struct conf_key *k, const struct yaml_node *s)
{
    bool yes = strcmp(s->text, "true") == 0;

    if (!s->plain || (!yes && strcmp(s->text, "false") != 0))
        return complain(r, s->line, k->name, "must be true or false, without quotes.");
    *(bool *)((char *)r->conf + k->offset) = yes;
    return ST_OK;
}

static int
take(struct reader *r, const struct conf_key *k, const struct yaml_node *s)
{
    if (is_text(k))
        return take_text(r, k, s);
    return k->type == CONF_BOOL ? take_bool(r, k, s) : take_number(r, k, s);
}

static int
unknown_key(struct reader *r, const char *name, size_t line)
{
    const char *best = NULL;
    size_t distance = 0;
    char what[160];

    for (size_t i = 0; i < conf_key_count; i++)
        nearest_offer(name, conf_keys[i].name, &best, &distance);
    if (best != NULL)
        snprintf(what, sizeof what, "unknown key. Did you mean %s?", best);
    else
        snprintf(what, sizeof what, "unknown key. `gempixctl config keys` lists all.");
    return complain(r, line, name, what);
}

static bool
known_section(const char *section)
{
    size_t len = strlen(section);

    for (size_t i = 0; i < conf_key_count; i++)
        if (strncmp(conf_keys[i].name, section, len) == 0 && conf_keys[i].name[len] == '.')
            return true;
    return false;
}

static int
unknown_section(struct reader *r, const char *section, size_t line)
{
    char what[160], name[NAME_MAX_BYTES], found[NAME_MAX_BYTES] = "";
    const char *best = NULL;
    size_t distance = 0, best_distance = 0;

    for (size_t i = 0; i < conf_key_count; i++) {
        best = found[0] != '\0' ? found : NULL;
        distance = best_distance;
        snprintf(name, sizeof name, "%.*s", (int)strcspn(conf_keys[i].name, "."),
                 conf_keys[i].name);
        nearest_offer(section, name, &best, &distance);
        if (best == name) {
            snprintf(found, sizeof found, "%s", name);
            best_distance = distance;
        }
    }
    if (found[0] != '\0')
        snprintf(what, sizeof what, "unknown section. Did you mean %s?", found);
    else
        snprintf(what, sizeof what, "unknown section. `gempixctl config keys` lists all keys.");
    return complain(r, line, section, what);
}

/* One "key: value" of a section. */
static int
read_key(struct reader *r, const char *section, const struct yaml_node *value)
{
    char name[NAME_MAX_BYTES];
    size_t i;

    snprintf(name, sizeof name, "%.39s.%.39s", section, value->key);
    for (i = 0; i < conf_key_count && strcmp(conf_keys[i].name, name) != 0; i++)
        ;
    if (i == conf_key_count)
        return unknown_key(r, name, value->key_line);
    if (r->seen[i])
        return complain(r, value->key_line, name, "given twice. Remove one.");
    r->seen[i] = true;
    if (value->kind != YAML_TREE_SCALAR)
        return complain(r, value->line, name, "a single value is expected.");
    if (value->len >= VALUE_MAX_BYTES || strlen(value->text) != value->len)
        return complain(r, value->line, name, "a value that is too long.");
    return take(r, &conf_keys[i], value);
}

static int
read_section(struct reader *r, const struct yaml_node *section)
{
    int rc = ST_OK;

    if (section->kind == YAML_TREE_SCALAR && section->plain && section->len == 0)
        return ST_OK; /* "section:" with all its keys commented out */
    if (section->kind != YAML_TREE_MAP)
        return complain(r, section->line, section->key, "a section needs keys, indented below it.");
    for (const struct yaml_node *n = section->first; n != NULL && rc == ST_OK; n = n->next)
        rc = read_key(r, section->key, n);
    return rc;
}

static int
read_sections(struct reader *r, const struct yaml_node *root)
{
    int rc;

    if (root == NULL)
        return ST_OK; /* an empty file: missing keys are named later */
    if (root->kind != YAML_TREE_MAP)
        return complain(r, root->line, "the file", "one document of sections is expected.");
    for (const struct yaml_node *s = root->first; s != NULL; s = s->next) {
        if (strlen(s->key) >= NAME_MAX_BYTES / 2 || !known_section(s->key))
            return unknown_section(r, s->key, s->key_line);
        for (const struct yaml_node *n = root->first; n != s; n = n->next)
            if (strcmp(n->key, s->key) == 0)
                return complain(r, s->key_line, s->key, "this section is given twice. Join them.");
        if ((rc = read_section(r, s)) != ST_OK)
            return rc;
    }
    return ST_OK;
}

/* Fills keys that the file does not give; one without a default is an error. */
static int
apply_defaults(struct reader *r)
{
    struct yaml_node s = {.plain = true};
    char what[160];
    int rc;

    for (size_t i = 0; i < conf_key_count; i++) {
        const struct conf_key *k = &conf_keys[i];
        if (r->seen[i])
            continue;
        if (k->standard == NULL) {
            snprintf(what, sizeof what, "must be given: %s.", k->about);
            return complain(r, 0, k->name, what);
        }
        s.text = k->standard;
        if ((rc = take(r, k, &s)) != ST_OK)
            return rc;
    }
    return ST_OK;
}

int
conf_load(const char *path, struct conf **out, struct err *e)
{
    struct reader r = {.path = path, .e = e};
    const char *slash = strrchr(path, '/');
    struct arena *arena = arena_new(TREE_MAX_BYTES);
    struct yaml_node *root = NULL;
    struct err inner;
    int rc;

    *out = NULL;
    r.folder_len = slash != NULL ? (size_t)(slash - path) + 1 : 0;
    r.conf = calloc(1, sizeof *r.conf);
    r.seen = calloc(conf_key_count, sizeof *r.seen);
    if (arena == NULL || r.conf == NULL || r.seen == NULL) {
        rc = no_memory(&r);
        goto out;
    }
    if ((rc = yaml_tree_load(path, arena, &root, e)) != ST_OK ||
        (rc = read_sections(&r, root)) != ST_OK || (rc = apply_defaults(&r)) != ST_OK)
        goto out;
    if ((rc = conf_keys_check(r.conf, &inner)) != ST_OK) {
        rc = err_setf(e, rc, "%s: %s", path, inner.message);
        goto out;
    }
    *out = r.conf;
    r.conf = NULL; /* ownership moved to the caller */
out:
    conf_free(r.conf);
    free(r.seen);
    arena_free(arena);
    return rc;
}

void
conf_free(struct conf *c)
{
    if (c == NULL)
        return;
    for (size_t i = 0; i < conf_key_count; i++)
        if (is_text(&conf_keys[i]))
            free(*text_at(c, &conf_keys[i]));
    free(c);
}

int
conf_secret_place(const char *path, char out[CONF_SECRET_PLACE], struct err *e)
{
    const char *name = path + strlen(CREDENTIAL), *folder = getenv("CREDENTIALS_DIRECTORY");
    int len;

    if (!is_credential(path))
        len = snprintf(out, CONF_SECRET_PLACE, "%s", path);
    else if (name[0] == '\0' || name[0] == '.' || strchr(name, '/') != NULL)
        return err_setf(e, ST_INVALID, "%s: the name of a credential is needed, without '/'.",
                        path);
    else
        len = snprintf(out, CONF_SECRET_PLACE, "%s/%s", folder != NULL ? folder : CREDSTORE, name);
    if (len < 0 || len >= CONF_SECRET_PLACE)
        return err_setf(e, ST_INVALID, "%s: too long.", path);
    return ST_OK;
}

int
conf_secret(const char *path, char *out, size_t size, struct err *e)
{
    char extra, place[CONF_SECRET_PLACE];
    size_t got = 0;
    ssize_t n = 0;
    int fd, rc;

    memset(out, 0, size);
    if ((rc = conf_secret_place(path, place, e)) != ST_OK)
        return rc;
    if ((fd = open(place, O_RDONLY | O_CLOEXEC)) < 0)
        return err_setf(e, ST_IO, "%s cannot be read: %s.", place, strerror(errno));
    while (got < size - 1 && (n = read(fd, out + got, size - 1 - got)) > 0)
        got += (size_t)n;
    if (n >= 0 && got == size - 1)
        n = read(fd, &extra, 1);
    close(fd);
    if (n != 0) {
        crypto_wipe(out, size);
        if (n > 0)
            return err_setf(e, ST_TOOBIG, "%s is larger than %zu bytes.", path, size - 1);
        return err_setf(e, ST_IO, "%s cannot be read: %s.", path, strerror(errno));
    }
    if (got > 0 && out[got - 1] == '\n')
        out[got - 1] = '\0';
    return ST_OK;
}

/*
 * Reads the YAML file into struct conf by the table of conf_keys.c. Only the plain part of YAML is
 * taken: sections of scalars; no anchors, aliases, tags or lists. Every complaint names file, line
 * and key.
 */
#include "common/conf.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <yaml.h>

#include "common/conf_key.h"
#include "common/crypto.h"
#include "common/err.h"
#include "common/nearest.h"

#define FILE_MAX_BYTES (1024 * 1024)
#define NAME_MAX_BYTES 80

struct reader {
    yaml_parser_t yaml;
    const char *path;
    size_t folder_len; /* of `path`, with its slash; 0 when it has none */
    struct conf *conf;
    bool *seen; /* by key */
    struct err *e;
};

/* One scalar with its place. */
struct scalar {
    char text[4096];
    bool plain; /* not quoted */
    size_t line;
};

static char **
text_at(struct conf *c, const struct conf_key *k)
{
    return (char **)(void *)((char *)c + k->offset);
}

static bool
is_text(const struct conf_key *k)
{
    return k->type == CONF_TEXT || k->type == CONF_PATH;
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

/* Stores a text, or a path made absolute relative to the file's folder. */
static int
store_text(struct reader *r, const struct conf_key *k, const char *text)
{
    size_t folder = 0, len = strlen(text);
    char *copy;

    if (k->type == CONF_PATH && len > 0 && text[0] != '/')
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
take_text(struct reader *r, const struct conf_key *k, const struct scalar *s)
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
take_number(struct reader *r, const struct conf_key *k, const struct scalar *s)
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
take_bool(struct reader *r, const struct conf_key *k, const struct scalar *s)
{
    bool yes = strcmp(s->text, "true") == 0;

    if (!s->plain || (!yes && strcmp(s->text, "false") != 0))
        return complain(r, s->line, k->name, "must be true or false, without quotes.");
    *(bool *)((char *)r->conf + k->offset) = yes;
    return ST_OK;
}

static int
take(struct reader *r, const struct conf_key *k, const struct scalar *s)
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

static int
next(struct reader *r, yaml_event_t *event)
{
    if (yaml_parser_parse(&r->yaml, event))
        return ST_OK;
    return err_setf(r->e, ST_INVALID, "%s:%zu: not valid YAML: %s.", r->path,
                    r->yaml.problem_mark.line + 1,
                    r->yaml.problem != NULL ? r->yaml.problem : "cannot be read");
}

/* The next event: a scalar, the end of a mapping (*end) or the start of one (*start). */
static int
next_scalar(struct reader *r, const char *where, struct scalar *out, bool *end, bool *start)
{
    yaml_event_t event;
    int rc = next(r, &event);

    if (rc != ST_OK)
        return rc;
    out->line = event.start_mark.line + 1;
    out->text[0] = '\0';
    if (event.type == YAML_SCALAR_EVENT) {
        size_t len = event.data.scalar.length;
        const char *value = (const char *)event.data.scalar.value;
        out->plain = event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
        if (event.data.scalar.anchor != NULL || event.data.scalar.tag != NULL)
            rc = complain(r, out->line, where, "anchors and tags are not used here.");
        else if (len >= sizeof out->text || memchr(value, '\0', len) != NULL)
            rc = complain(r, out->line, where, "a value that is too long.");
        else
            snprintf(out->text, sizeof out->text, "%s", value);
    } else if (event.type == YAML_MAPPING_END_EVENT && end != NULL) {
        *end = true;
    } else if (event.type == YAML_MAPPING_START_EVENT && start != NULL &&
               event.data.mapping_start.anchor == NULL && event.data.mapping_start.tag == NULL) {
        *start = true;
    } else if (event.type == YAML_ALIAS_EVENT || event.type == YAML_MAPPING_START_EVENT) {
        rc = complain(r, out->line, where, "aliases, anchors and deeper levels are not used here.");
    } else {
        rc = complain(r, out->line, where, "a single value is expected.");
    }
    yaml_event_delete(&event);
    return rc;
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

/* One "key: value" of a section, after its key was read. */
static int
read_key(struct reader *r, const char *section, const struct scalar *key, struct scalar *value)
{
    char name[NAME_MAX_BYTES];
    size_t i;
    int rc;

    snprintf(name, sizeof name, "%.39s.%.39s", section, key->text);
    for (i = 0; i < conf_key_count && strcmp(conf_keys[i].name, name) != 0; i++)
        ;
    if (i == conf_key_count)
        return unknown_key(r, name, key->line);
    if (r->seen[i])
        return complain(r, key->line, name, "given twice. Remove one.");
    r->seen[i] = true;
    if ((rc = next_scalar(r, name, value, NULL, NULL)) != ST_OK)
        return rc;
    return take(r, &conf_keys[i], value);
}

static int
read_section(struct reader *r, const char *section, struct scalar *key, struct scalar *value)
{
    bool end = false, start = false;
    int rc;

    if ((rc = next_scalar(r, section, key, NULL, &start)) != ST_OK)
        return rc;
    if (!start) /* "section:" with all its keys commented out */
        return key->plain && key->text[0] == '\0'
                   ? ST_OK
                   : complain(r, key->line, section, "a section needs keys, indented below it.");
    for (;;) {
        if ((rc = next_scalar(r, section, key, &end, NULL)) != ST_OK || end)
            return rc;
        if ((rc = read_key(r, section, key, value)) != ST_OK)
            return rc;
    }
}

static int
read_sections(struct reader *r, struct scalar *key, struct scalar *value)
{
    char sections[16][NAME_MAX_BYTES / 2];
    size_t count = 0;
    bool end = false;
    int rc;

    for (;;) {
        if ((rc = next_scalar(r, "the file", key, &end, NULL)) != ST_OK || end)
            return rc;
        if (strlen(key->text) >= sizeof sections[0] || !known_section(key->text))
            return unknown_section(r, key->text, key->line);
        for (size_t i = 0; i < count; i++)
            if (strcmp(sections[i], key->text) == 0)
                return complain(r, key->line, key->text, "this section is given twice. Join them.");
        if (count == sizeof sections / sizeof sections[0])
            return complain(r, key->line, key->text, "too many sections.");
        snprintf(sections[count], sizeof sections[0], "%.39s", key->text);
        if ((rc = read_section(r, sections[count++], key, value)) != ST_OK)
            return rc;
    }
}

/* Stream start, one document that is a mapping, stream end. */
static int
read_document(struct reader *r, struct scalar *key, struct scalar *value)
{
    yaml_event_type_t expected[] = {YAML_STREAM_START_EVENT, YAML_DOCUMENT_START_EVENT,
                                    YAML_MAPPING_START_EVENT, YAML_DOCUMENT_END_EVENT,
                                    YAML_STREAM_END_EVENT};
    yaml_event_t event;
    int rc;

    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        yaml_event_type_t got;
        size_t line;
        if (i == 3 && (rc = read_sections(r, key, value)) != ST_OK)
            return rc;
        if ((rc = next(r, &event)) != ST_OK)
            return rc;
        got = event.type;
        line = event.start_mark.line + 1;
        yaml_event_delete(&event);
        if (got == YAML_STREAM_END_EVENT)
            return ST_OK; /* an empty file: missing keys are named later */
        if (got != expected[i])
            return complain(r, line, "the file", "one document of sections is expected.");
    }
    return ST_OK;
}

static int
read_stream(struct reader *r, FILE *file)
{
    struct scalar *scalars = calloc(2, sizeof *scalars);
    int rc;

    if (scalars == NULL || !yaml_parser_initialize(&r->yaml)) {
        free(scalars);
        return no_memory(r);
    }
    yaml_parser_set_input_file(&r->yaml, file);
    yaml_parser_set_encoding(&r->yaml, YAML_UTF8_ENCODING);
    rc = read_document(r, &scalars[0], &scalars[1]);
    yaml_parser_delete(&r->yaml);
    free(scalars);
    return rc;
}

/* Fills keys that the file does not give; one without a default is an error. */
static int
apply_defaults(struct reader *r)
{
    struct scalar s = {.plain = true};
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
        snprintf(s.text, sizeof s.text, "%s", k->standard);
        if ((rc = take(r, k, &s)) != ST_OK)
            return rc;
    }
    return ST_OK;
}

static int
open_file(struct reader *r, FILE **out)
{
    struct stat st;

    *out = fopen(r->path, "re");
    if (*out == NULL)
        return err_setf(r->e, ST_IO, "%s cannot be read: %s.", r->path, strerror(errno));
    if (fstat(fileno(*out), &st) != 0 || !S_ISREG(st.st_mode) || st.st_size > FILE_MAX_BYTES) {
        fclose(*out);
        *out = NULL;
        return err_setf(r->e, ST_IO, "%s is not a configuration file.", r->path);
    }
    return ST_OK;
}

int
conf_load(const char *path, struct conf **out, struct err *e)
{
    struct reader r = {.path = path, .e = e};
    const char *slash = strrchr(path, '/');
    FILE *file = NULL;
    struct err inner;
    int rc;

    *out = NULL;
    r.folder_len = slash != NULL ? (size_t)(slash - path) + 1 : 0;
    if ((rc = open_file(&r, &file)) != ST_OK)
        return rc;
    r.conf = calloc(1, sizeof *r.conf);
    r.seen = calloc(conf_key_count, sizeof *r.seen);
    if (r.conf == NULL || r.seen == NULL) {
        rc = no_memory(&r);
        goto out;
    }
    if ((rc = read_stream(&r, file)) != ST_OK || (rc = apply_defaults(&r)) != ST_OK)
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
    fclose(file);
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
conf_secret(const char *path, char *out, size_t size, struct err *e)
{
    char extra;
    size_t got = 0;
    ssize_t n = 0;
    int fd;

    memset(out, 0, size);
    if ((fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
        return err_setf(e, ST_IO, "%s cannot be read: %s.", path, strerror(errno));
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

/*
 * Builds the tree from libyaml's events, with a bound on depth and size. Knows no key. Read next:
 * conf.c, which walks a tree by a table.
 */
#include "common/yaml_tree.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <yaml.h>

#include "common/arena.h"
#include "common/err.h"

#define FILE_MAX_BYTES (1024 * 1024)
#define DEPTH_MAX 8

struct reader {
    yaml_parser_t yaml;
    const char *path;
    struct arena *arena;
    struct err *e;
};

static int
no_memory(struct reader *r)
{
    return err_set(r->e, ST_NOMEM, "Out of memory.", "reading %s", r->path);
}

static int
complain(struct reader *r, size_t line, const char *what)
{
    return err_setf(r->e, ST_INVALID, "%s:%zu: %s", r->path, line, what);
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

static bool
decorated(const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        return event->data.scalar.anchor != NULL || event->data.scalar.tag != NULL;
    case YAML_MAPPING_START_EVENT:
        return event->data.mapping_start.anchor != NULL || event->data.mapping_start.tag != NULL;
    case YAML_SEQUENCE_START_EVENT:
        return event->data.sequence_start.anchor != NULL || event->data.sequence_start.tag != NULL;
    default:
        return event->type == YAML_ALIAS_EVENT;
    }
}

static bool
ends(const yaml_event_t *event)
{
    return event->type == YAML_MAPPING_END_EVENT || event->type == YAML_SEQUENCE_END_EVENT;
}

/* A node without its children. */
static int
make_node(struct reader *r, const yaml_event_t *event, struct yaml_node **out)
{
    struct yaml_node *n;
    size_t line = event->start_mark.line + 1;

    *out = NULL;
    if (decorated(event))
        return complain(r, line, "anchors, aliases and tags are not used here.");
    if ((n = arena_alloc(r->arena, sizeof *n)) == NULL)
        return no_memory(r);
    n->line = line;
    if (event->type == YAML_SCALAR_EVENT) {
        n->kind = YAML_TREE_SCALAR;
        n->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
        n->len = event->data.scalar.length;
        n->text = arena_strndup(r->arena, (const char *)event->data.scalar.value, n->len);
        if (n->text == NULL)
            return no_memory(r);
    } else if (event->type == YAML_MAPPING_START_EVENT) {
        n->kind = YAML_TREE_MAP;
    } else if (event->type == YAML_SEQUENCE_START_EVENT) {
        n->kind = YAML_TREE_LIST;
    } else {
        return complain(r, line, "one document of sections is expected.");
    }
    *out = n;
    return ST_OK;
}

/* The next node of an open map or list without its children; NULL at its end. A member of a map
 * brings its key. */
static int
read_member(struct reader *r, const struct yaml_node *open, struct yaml_node **out)
{
    struct yaml_node *key = NULL;
    yaml_event_t event;
    int rc = ST_OK;

    *out = NULL;
    for (int part = open->kind == YAML_TREE_MAP ? 0 : 1; part < 2; part++) {
        if ((rc = next(r, &event)) != ST_OK)
            return rc;
        if (ends(&event)) {
            yaml_event_delete(&event);
            return ST_OK;
        }
        rc = make_node(r, &event, part == 0 ? &key : out);
        yaml_event_delete(&event);
        if (rc != ST_OK)
            return rc;
        if (part == 0 && (key->kind != YAML_TREE_SCALAR || strlen(key->text) != key->len))
            return complain(r, key->line, "a name is expected before the colon.");
    }
    if (key != NULL) {
        (*out)->key = key->text;
        (*out)->key_line = key->line;
        (*out)->key_plain = key->plain;
    }
    return ST_OK;
}

/* All that is below the root, without recursion. */
static int
read_below(struct reader *r, struct yaml_node *root)
{
    struct yaml_node *open[DEPTH_MAX], **tail[DEPTH_MAX], *n;
    int depth = 0, rc;

    open[0] = root;
    tail[0] = &root->first;
    while (depth >= 0) {
        if ((rc = read_member(r, open[depth], &n)) != ST_OK)
            return rc;
        if (n == NULL) {
            depth--;
            continue;
        }
        *tail[depth] = n;
        tail[depth] = &n->next;
        if (n->kind == YAML_TREE_SCALAR)
            continue;
        if (++depth == DEPTH_MAX)
            return complain(r, n->line, "too many levels.");
        open[depth] = n;
        tail[depth] = &n->first;
    }
    return ST_OK;
}

/* Stream start, at most one document, stream end. */
static int
read_stream(struct reader *r, struct yaml_node **root)
{
    static const yaml_event_type_t expected[] = {YAML_STREAM_START_EVENT, YAML_DOCUMENT_START_EVENT,
                                                 YAML_NO_EVENT, YAML_DOCUMENT_END_EVENT,
                                                 YAML_STREAM_END_EVENT};
    struct yaml_node *made = NULL;
    yaml_event_t event;
    int rc;

    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        yaml_event_type_t got;
        size_t line;

        if ((rc = next(r, &event)) != ST_OK)
            return rc;
        got = event.type;
        line = event.start_mark.line + 1;
        if (expected[i] == YAML_NO_EVENT)
            rc = make_node(r, &event, &made);
        yaml_event_delete(&event);
        if (rc != ST_OK)
            return rc;
        if (got == YAML_STREAM_END_EVENT && i == 1)
            return ST_OK; /* an empty file */
        if (expected[i] != YAML_NO_EVENT && got != expected[i])
            return complain(r, line, "one document of sections is expected.");
        if (made != NULL && made->kind != YAML_TREE_SCALAR && expected[i] == YAML_NO_EVENT &&
            (rc = read_below(r, made)) != ST_OK)
            return rc;
    }
    *root = made;
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
        return err_setf(r->e, ST_IO, "%s is no file of at most 1 MiB.", r->path);
    }
    return ST_OK;
}

int
yaml_tree_load(const char *path, struct arena *arena, struct yaml_node **root, struct err *e)
{
    struct reader r = {.path = path, .arena = arena, .e = e};
    FILE *file = NULL;
    int rc;

    *root = NULL;
    if ((rc = open_file(&r, &file)) != ST_OK)
        return rc;
    if (yaml_parser_initialize(&r.yaml)) {
        yaml_parser_set_input_file(&r.yaml, file);
        yaml_parser_set_encoding(&r.yaml, YAML_UTF8_ENCODING);
        rc = read_stream(&r, root);
        yaml_parser_delete(&r.yaml);
    } else {
        rc = no_memory(&r);
    }
    fclose(file);
    return rc;
}

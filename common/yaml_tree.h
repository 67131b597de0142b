/*
 * A YAML file as a tree, for configuration and for the data register. Only the plain part of YAML
 * is taken: one document of maps, lists and scalars; no anchors, aliases or tags. Whoever walks the
 * tree says what a node must be; complaints name file and line.
 */
#ifndef GEMPIX_COMMON_YAML_TREE_H
#define GEMPIX_COMMON_YAML_TREE_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct err;

enum yaml_kind { YAML_TREE_SCALAR, YAML_TREE_LIST, YAML_TREE_MAP };

struct yaml_node {
    enum yaml_kind kind;
    const char *text; /* of a scalar; NUL-terminated */
    size_t len;       /* of the text; more than strlen where it holds a NUL */
    bool plain;       /* a scalar without quotes */
    size_t line;      /* from 1 */
    const char *key;  /* of a member of a map, else NULL */
    size_t key_line;
    bool key_plain;
    struct yaml_node *first, *next; /* members or elements, in order */
};

/* Reads `path`; *root is NULL for an empty file. Nodes live in the arena. 0, ST_IO, ST_INVALID
 * ("file:line: what is wrong") or ST_NOMEM. */
int yaml_tree_load(const char *path, struct arena *arena, struct yaml_node **root, struct err *e);

#endif

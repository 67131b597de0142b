/*
 * A compiled template: a flat list of nodes, a section knows where it ends. Private to mustache.c,
 * which makes it, and mustache_render.c, which walks it.
 */
#ifndef GEMPIX_APP_VIEW_MUSTACHE_NODE_H
#define GEMPIX_APP_VIEW_MUSTACHE_NODE_H

#include <stddef.h>

enum node_kind {
    NODE_TEXT,     /* as it is */
    NODE_INDENT,   /* a line of the template begins: the indentation of the partial goes here */
    NODE_ESCAPED,  /* {{name}} */
    NODE_RAW,      /* {{{name}}} and {{&name}} */
    NODE_SECTION,  /* {{#name}} … up to node `end` */
    NODE_INVERTED, /* {{^name}} … up to node `end` */
    NODE_PARTIAL /* {{>name}}; its lines are indented by the blanks before it where it stands alone
                  */
};

struct node {
    enum node_kind kind;
    const char *s; /* text or name, inside the template's copy of the source */
    size_t len;
    size_t end;         /* of a section: index of the node behind it */
    const char *blanks; /* of a partial: its indentation */
    size_t blanks_len;
};

struct mustache {
    char *source;
    struct node *nodes;
    size_t count, cap;
};

#endif

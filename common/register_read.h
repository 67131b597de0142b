/*
 * What register_load.c and register_rule.c share while they read the file. Private to these two;
 * everybody else includes common/register.h.
 */
#ifndef GEMPIX_COMMON_REGISTER_READ_H
#define GEMPIX_COMMON_REGISTER_READ_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct err;
struct register_file;
struct register_keep;
struct yaml_node;

struct register_reader {
    const char *path;
    struct arena *arena;
    struct register_file *file;
    struct err *e;
    const char *where; /* the declaration that is being read */
    bool has_basis, has_keep, has_export, has_erase;
};

int register_complain(struct register_reader *r, size_t line, const char *what);
int register_no_memory(struct register_reader *r);
/* Small letters, digits and underscores: what may stand in SQL without quotes. */
bool register_is_name(const char *s);
int register_take_text(struct register_reader *r, const struct yaml_node *n, const char **out);
/* Words separated by blanks; *out is NULL-terminated. */
int register_take_words(struct register_reader *r, const struct yaml_node *n,
                        const char *const **out);
int register_take_choice(struct register_reader *r, const struct yaml_node *n,
                         const char *const *choices, int count, int *out);

/* One `keep:`. */
int register_read_keep(struct register_reader *r, const struct yaml_node *n,
                       struct register_keep *out);
/* What the rules say about other declarations: tables and columns that they name exist. */
int register_check_rules(struct register_reader *r);

#endif

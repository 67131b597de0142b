/*
 * The SQL of retention, made of the register's names. Private to purge.c.
 */
#ifndef GEMPIX_COMMON_PURGE_STORE_H
#define GEMPIX_COMMON_PURGE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct db;
struct err;
struct purge_rule;
struct register_file;

#define PURGE_CHILDREN 24

/* The statements of one rule; indexes into the set of the whole. */
struct purge_sql {
    int count, act;
    int list, lock; /* rows with others that belong to them, else -1 */
    int children[PURGE_CHILDREN];
    size_t child_count;
    bool timed; /* the condition has a time */
    int to;     /* how often the replacing text stands before the window, and in the condition */
    int to_condition;
};

struct purge_store;

/* Everything lives in the arena, which must outlive the connection. */
int purge_store_new(struct db *db, struct arena *arena, const struct register_file *r,
                    const struct purge_rule *rules, size_t count, struct purge_store **out,
                    struct err *e);

/* `before`: the time that a timed rule compares with. */
int purge_store_count(struct purge_store *s, size_t rule, int64_t before, int64_t *due,
                      struct err *e);
/* Removes at most `max` rows. */
int purge_store_delete(struct purge_store *s, size_t rule, int64_t before, int max,
                       int64_t *changed, struct err *e);
/* The same with what belongs to them; one transaction per row. */
int purge_store_delete_whole(struct purge_store *s, size_t rule, int64_t before, int max,
                             int64_t *changed, struct err *e);
/* Replaces columns in rows with ids above `after` up to `upto`. */
int purge_store_replace(struct purge_store *s, size_t rule, int64_t before, int64_t after,
                        int64_t upto, int64_t *changed, struct err *e);
/* The largest id of the rule's table. */
int purge_store_last(struct purge_store *s, size_t rule, int64_t *id, struct err *e);
/* Whether rows go with others. */
bool purge_store_is_whole(const struct purge_store *s, size_t rule);

/* Where the last run stopped, and what this one did. */
int purge_store_mark(struct purge_store *s, const char *name, int64_t *mark, struct err *e);
int purge_store_note(struct purge_store *s, const char *name, int64_t mark, int64_t changed,
                     struct err *e);

#endif

/*
 * What the clock demands: the duties of gempix-steward. Each is bounded and can be interrupted
 * anywhere; the next run completes it. For the files of this folder.
 */
#ifndef GEMPIX_APP_STEWARD_STEWARD_H
#define GEMPIX_APP_STEWARD_STEWARD_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct conf;
struct db;
struct erasure_plan;
struct err;
struct purge;
struct register_file;
struct store;
struct text;

struct steward {
    const struct conf *conf;
    struct db *db;
    struct store *store;        /* opened by the first duty that needs it */
    struct arena *arena;        /* of the data register */
    struct register_file *data; /* likewise */
    struct purge *purge;        /* likewise */
    struct erasure_plan *plan;  /* likewise */
    bool (*stopping)(void);     /* asked between batches */
};

struct steward_duty {
    const char *name; /* as on the command line */
    const char *about;
    /* Does the work and appends what was done, "3 moved on" (nothing when there was nothing to do).
       0 or an error; the text then holds what was done before it. */
    int (*run)(struct steward *s, struct text *done, struct err *e);
};

extern const struct steward_duty steward_duties[];
extern const size_t steward_duty_count;

#endif

/*
 * Older versions of the policy: plain texts in `policy.dir`/versions, a file per date.
 */
#ifndef GEMPIX_APP_PRIVACY_VERSIONS_H
#define GEMPIX_APP_PRIVACY_VERSIONS_H

#include <stddef.h>

struct arena;
struct err;

#define VERSIONS_MAX 100
#define VERSION_DATE 11 /* YYYY-MM-DD and the NUL */

struct versions {
    char dates[VERSIONS_MAX][VERSION_DATE]; /* newest first */
    size_t count;
};

/* 0 or ST_IO. */
int versions_list(const char *dir, struct versions *out, struct err *e);
/* Index of a date, or -1. */
int versions_find(const struct versions *v, const char *date);
/* The text of one of them, arena memory. 0, ST_IO, ST_NOMEM. */
int versions_read(const char *dir, const char *date, struct arena *arena, const char **out,
                  struct err *e);

enum difference_kind { DIFFERENCE_SAME, DIFFERENCE_REMOVED, DIFFERENCE_ADDED };

struct difference {
    enum difference_kind kind;
    const char *line;
    struct difference *next;
};

/* Line by line from an older text to a newer one, by the longest common sequence; empty lines are
 * left out. Arena memory. 0, ST_NOMEM or ST_TOOBIG (more than 2,000 lines). */
int versions_compare(const char *older, const char *newer, struct arena *arena,
                     struct difference **out, struct err *e);

#endif

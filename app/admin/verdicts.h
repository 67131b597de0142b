/*
 * Reports of published pictures, and what the staff decides: the picture is taken down, or the
 * reports are dismissed. A decision, its letter and its row in the audit log are one transaction.
 * Knows no HTTP.
 */
#ifndef GEMPIX_APP_ADMIN_VERDICTS_H
#define GEMPIX_APP_ADMIN_VERDICTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/ids.h"

struct conf;
struct db;
struct err;

/* A published picture with open reports. */
struct verdict_case {
    struct id id; /* of the publication */
    int64_t reports, oldest;
    char reasons[120]; /* words of the column, separated by commas */
};

struct verdict_picture {
    int64_t publication, account;
    struct id id, owner; /* public ids of publication and account */
    char email[255], display_name[81];
    int width, height;
    bool hidden;
    int64_t published_at, open; /* open reports */
};

struct verdict_report {
    char reason[16], note[500 * 4 + 1];
    bool open;
    int64_t created_at;
};

int verdicts_prepare(struct db *db, struct err *e);
/* Those that wait the longest first. */
int verdicts_list(struct db *db, struct verdict_case *out, size_t max, size_t *count,
                  struct err *e);
int verdicts_load(struct db *db, const struct id *id, struct verdict_picture *out, struct err *e);
int verdicts_reports(struct db *db, int64_t publication, struct verdict_report *out, size_t max,
                     size_t *count, struct err *e);
/* How many pictures wait, and since when the first does; 0 = none. */
int verdicts_waiting(struct db *db, int64_t *count, int64_t *oldest, struct err *e);

struct verdict {
    const struct conf *conf;
    int64_t staff;
    const struct id *id;
    const char *reason;
    bool hide; /* else the reports are dismissed */
};
/* Closes the reports; hides the picture for good where that is the verdict, and writes to its
 * owner, who reads the reason. ST_CONFLICT where it is hidden, or nothing is open, already. */
int verdicts_pass(struct db *db, const struct verdict *v, struct err *e);

#endif

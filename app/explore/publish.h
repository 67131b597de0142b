/*
 * The rules of publishing: only one's own pictures, only kept ones, and to be taken back at any
 * time. No HTTP, no SQL.
 */
#ifndef GEMPIX_APP_EXPLORE_PUBLISH_H
#define GEMPIX_APP_EXPLORE_PUBLISH_H

#include <stdbool.h>
#include <stdint.h>

#include "common/ids.h"

struct db;
struct err;
struct media;

struct publish_status {
    bool published;
    struct id public_id;         /* of its page for everybody */
    bool show_name, show_prompt; /* what is shown beside it */
    bool hidden;                 /* the operator has taken it off */
};

int publish_prepare(struct db *db, struct err *e);
/* Whether and how a picture is published. */
int publish_find(struct db *db, const struct media *m, struct publish_status *out, struct err *e);
/* Keeps the picture and publishes it, or changes what is shown beside it. 0, ST_NOTFOUND,
   ST_CONFLICT with a sentence for what cannot be published. */
int publish_picture(struct db *db, int64_t account, const struct id *picture, bool show_name,
                    bool show_prompt, struct err *e);
/* The same for one of many, with neither name nor words unless it is published so already; what
   cannot be published stays as it is. Inside the caller's transaction. */
int publish_if_possible(struct db *db, const struct media *m, struct err *e);
/* 0 also when it was not published. */
int publish_end(struct db *db, int64_t account, const struct id *picture, struct err *e);

#endif

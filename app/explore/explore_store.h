/*
 * All SQL of published pictures: showing, publishing, reporting. What may be shown is decided in
 * the statements, so that no page can forget it: the picture is stored and kept, the publication
 * not hidden, the account alive; names and prompts come only where their owner wants it.
 */
#ifndef GEMPIX_APP_EXPLORE_EXPLORE_STORE_H
#define GEMPIX_APP_EXPLORE_EXPLORE_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/ids.h"

struct db;
struct err;
struct media;

#define EXPLORE_NAME 321    /* bytes of a display name, with the NUL */
#define EXPLORE_PROMPT 1201 /* ... of a prompt: 300 characters */

struct explore_item {
    int64_t id; /* row, for paging */
    struct id public_id;
    int width, height;           /* of the picture */
    char name[EXPLORE_NAME];     /* "" = not shown */
    char prompt[EXPLORE_PROMPT]; /* "" = not shown */
    int64_t published_at;
    bool film;
};

int explore_store_prepare(struct db *db, struct err *e);

/* Published pictures, newest first, below the row `before` (0 = from the newest). */
int explore_store_list(struct db *db, int64_t before, struct explore_item *out, int max, int *count,
                       struct err *e);
int explore_store_place(struct db *db, const struct id *public_id, int64_t *row, struct err *e);
/* ST_NOTFOUND when it is not shown. */
int explore_store_load(struct db *db, const struct id *public_id, struct explore_item *out,
                       struct err *e);
/* A copy for everybody ("thumb", "view", of a film "shown"): its public id and extension into *out; never the file itself,
   which holds the prompt. ST_NOTFOUND. */
int explore_store_copy(struct db *db, const struct id *public_id, const char *kind,
                       struct media *out, struct err *e);

struct publication {
    struct id public_id;
    bool show_name, show_prompt;
    bool hidden; /* by the operator */
};
/* How a picture of the account, by its row, is published. ST_NOTFOUND when it is not. */
int explore_store_find(struct db *db, int64_t account, int64_t media, struct publication *out,
                       struct err *e);
/* Publishes a kept picture that has a copy for pages, or changes what is shown beside it. *done
   says whether there was one. */
int explore_store_publish(struct db *db, int64_t account, const struct id *picture,
                          const struct publication *how, int64_t now, bool *done, struct err *e);
/* Takes it back; one that the operator has hidden stays as it is. 0 also when it was not published.
 */
int explore_store_unpublish(struct db *db, int64_t account, const struct id *picture,
                            struct err *e);

/* Adds a report; when many are open for the picture already, it is enough. */
int explore_store_report(struct db *db, const struct id *public_id, const char *reason,
                         const char *note, int64_t account, int64_t now, struct err *e);

#endif

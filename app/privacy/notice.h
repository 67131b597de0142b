/*
 * The notice about a changed policy on a member's pages, until it is put away (P20). The steward
 * tells (app/steward/notices.c); this shows.
 */
#ifndef GEMPIX_APP_PRIVACY_NOTICE_H
#define GEMPIX_APP_PRIVACY_NOTICE_H

#include <stdbool.h>
#include <stdint.h>

struct db;
struct err;
struct request;

int notice_prepare(struct db *db, struct err *e);
/* Whether this account was told of this version and has not put the notice away. */
int notice_store_unseen(struct db *db, int64_t account, const char *version, bool *unseen,
                        struct err *e);
int notice_store_seen(struct db *db, int64_t account, const char *version, int64_t now,
                      struct err *e);

/* The version, or NULL; also NULL when that cannot be found out: a page does not fail for it. */
const char *notice_pending(struct request *rq);

#endif

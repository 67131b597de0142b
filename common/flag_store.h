/*
 * What a person should look at, in a table: prompts that rules point out, accounts that behave
 * unlike a person. Nothing happens to anybody by a flag. Read next: prompt_rules.h.
 */
#ifndef GEMPIX_COMMON_FLAG_STORE_H
#define GEMPIX_COMMON_FLAG_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/ids.h"

struct db;
struct err;

struct flag {
    int64_t id, created_at; /* µs UTC */
    int64_t written_at;     /* when the staff last wrote to the member since; 0 = not */
    struct id account;
    bool open;
    char kind[12];
    char subject[40]; /* public id of a job, "" = none */
    char about[481];
    char note[1201];
};

int flag_store_prepare(struct db *db, struct err *e);
/* A job whose prompt a rule of this category points out. Once per job, and not of an account whose
 * data are only stored. */
int flag_store_prompt(struct db *db, int64_t account, const struct id *job, const char *category,
                      struct err *e);
/* The oldest first where they are open, else the newest first; at most `max`. */
int flag_store_list(struct db *db, bool open, struct flag *out, size_t max, size_t *count,
                    struct err *e);
/* How many are open, and since when the oldest; 0 = none. */
int flag_store_waiting(struct db *db, int64_t *count, int64_t *oldest, struct err *e);
/* 0, ST_NOTFOUND or ST_DB. */
int flag_store_find(struct db *db, int64_t id, struct flag *out, struct err *e);
/* With what was decided. 0; ST_NOTFOUND when there is no such open flag. */
int flag_store_close(struct db *db, int64_t id, const char *note, struct err *e);

#endif

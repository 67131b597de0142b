/*
 * Telling account holders of a material change of the privacy policy (P20). For duties.c.
 */
#ifndef GEMPIX_APP_STEWARD_NOTICES_H
#define GEMPIX_APP_STEWARD_NOTICES_H

struct conf;
struct db;
struct err;

/* A letter and a record for each of at most `max` who were not told of this version; *told counts
 * them. Each is a transaction of its own. 0, ST_DB. */
int notices_tell(struct db *db, const struct conf *conf, const char *version, int max, int *told,
                 struct err *e);

#endif

/*
 * Accounts that behave unlike a person: very many jobs in an hour, sign-ins on two continents
 * within three hours. From what is kept anyway: times of jobs, countries of sessions. A flag does
 * nothing to anybody; a person decides (gempixctl flags).
 */
#ifndef GEMPIX_APP_STEWARD_ANOMALY_H
#define GEMPIX_APP_STEWARD_ANOMALY_H

#include <stdbool.h>
#include <stdint.h>

struct db;
struct err;

#define ANOMALY_JOBS 200    /* in an hour */
#define ANOMALY_ACCOUNTS 10 /* of one network, in a day */

/* Points out what is new; *flagged = how many. 0, ST_DB, ST_NOMEM. */
int anomaly_search(struct db *db, int64_t *flagged, struct err *e);
/* False for two countries of one continent, and where one is not known. */
bool anomaly_is_far(const char *a, const char *b);

#endif

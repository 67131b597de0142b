/*
 * The rules of anomalies; see anomaly.h. All SQL is anomaly_store.c's.
 */
#include "app/steward/anomaly.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/steward/anomaly_store.h"
#include "common/clock.h"
#include "common/err.h"

#define MAX 200
#define APART (3 * CLOCK_HOUR)
#define LOOK (2 * CLOCK_HOUR) /* back; the duty runs every hour */

/* Countries by continent. Those that lie on two stand in both, so that nobody is far from there. */
static const char *const continents[] = {
    " AD AL AT AX BA BE BG BY CH CY CZ DE DK EE ES FI FO FR GB GG GI GR HR HU IE IM IS IT JE LI LT "
    "LU LV MC MD ME MK MT NL NO PL PT RO RS RU SE SI SJ SK SM TR UA VA XK MA TN DZ EG ",
    " AE AF AM AZ BD BH BN BT CN CY GE HK ID IL IN IQ IR JO JP KG KH KP KR KW KZ LA LB LK MM MN MO "
    "MV MY NP OM PH PK PS QA RU SA SG SY TH TJ TL TM TR TW UZ VN YE EG ",
    " AO BF BI BJ BW CD CF CG CI CM CV DJ DZ EG EH ER ET GA GH GM GN GQ GW KE KM LR LS LY MA MG ML "
    "MR MU MW MZ NA NE NG RE RW SC SD SH SL SN SO SS ST SZ TD TG TN TZ UG YT ZA ZM ZW ",
    " AG AI AW BB BL BM BQ BS BZ CA CR CU CW DM DO GD GL GP GT HN HT JM KN KY LC MF MQ MS MX NI PA "
    "PM PR SV SX TC TT US VC VG VI CO VE ",
    " AR BO BR CL CO EC FK GF GY PA PE PY SR TT UY VE ",
    " AS AU CC CK CX FJ FM GU KI MH MP NC NF NR NU NZ PF PG PN PW SB TK TO TV VU WF WS ID ",
};

bool
anomaly_is_far(const char *a, const char *b)
{
    char first[5], second[5];
    bool known_a = false, known_b = false;

    snprintf(first, sizeof first, " %.2s ", a);
    snprintf(second, sizeof second, " %.2s ", b);
    for (size_t i = 0; i < sizeof continents / sizeof continents[0]; i++) {
        bool has_a = strstr(continents[i], first) != NULL;
        bool has_b = strstr(continents[i], second) != NULL;

        if (has_a && has_b)
            return false;
        known_a |= has_a;
        known_b |= has_b;
    }
    return known_a && known_b;
}

static int
flag_bursts(struct db *db, struct anomaly *list, int64_t now, int64_t *flagged, struct err *e)
{
    size_t count;
    int64_t fresh;
    int rc = anomaly_store_bursts(db, now - CLOCK_HOUR, ANOMALY_JOBS, list, MAX, &count, e);

    for (size_t i = 0; rc == ST_OK && i < count; i++, *flagged += fresh) {
        char about[60];

        snprintf(about, sizeof about, "%" PRId64 " jobs in an hour", list[i].count);
        rc = anomaly_store_flag(db, "burst", list[i].account, about, now, &fresh, e);
    }
    return rc;
}

static int
flag_crowds(struct db *db, struct anomaly *list, int64_t now, int64_t *flagged, struct err *e)
{
    size_t count;
    int64_t fresh;
    int rc = anomaly_store_crowds(db, now - CLOCK_DAY, ANOMALY_ACCOUNTS, list, MAX, &count, e);

    for (size_t i = 0; rc == ST_OK && i < count; i++, *flagged += fresh) {
        char about[60];

        snprintf(about, sizeof about, "%" PRId64 " accounts from one network in a day",
                 list[i].count);
        rc = anomaly_store_flag(db, "crowd", list[i].account, about, now, &fresh, e);
    }
    return rc;
}

static int
flag_travels(struct db *db, struct anomaly *list, int64_t now, int64_t *flagged, struct err *e)
{
    size_t count;
    int64_t fresh;
    int rc = anomaly_store_travels(db, now - LOOK, APART, list, MAX, &count, e);

    for (size_t i = 0; rc == ST_OK && i < count; i++, *flagged += fresh) {
        char about[60];

        fresh = 0;
        if (!anomaly_is_far(list[i].from, list[i].to))
            continue;
        snprintf(about, sizeof about, "signed in from %s, then from %s", list[i].from, list[i].to);
        rc = anomaly_store_flag(db, "travel", list[i].account, about, now, &fresh, e);
    }
    return rc;
}

int
anomaly_search(struct db *db, int64_t *flagged, struct err *e)
{
    struct anomaly *list = calloc(MAX, sizeof *list);
    int64_t now = clock_now();
    int rc;

    *flagged = 0;
    if (list == NULL)
        return err_set(e, ST_NOMEM, "Out of memory.", NULL);
    rc = anomaly_store_prepare(db, e);
    if (rc == ST_OK)
        rc = flag_bursts(db, list, now, flagged, e);
    if (rc == ST_OK)
        rc = flag_travels(db, list, now, flagged, e);
    if (rc == ST_OK)
        rc = flag_crowds(db, list, now, flagged, e);
    free(list);
    return rc;
}

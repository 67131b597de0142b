/*
 * Writes rows into the audit log as the application does, with the application's rights; run by
 * 10-audit.t, several at a time. audit_probe CONFIG STAFF COUNT
 */
#include <stdio.h>
#include <stdlib.h>

#include "common/audit.h"
#include "common/conf.h"
#include "common/crypto.h"
#include "common/db.h"
#include "common/err.h"

int
main(int argc, char **argv)
{
    struct conf *conf = NULL;
    struct db *db = NULL;
    struct err e = {0};
    int64_t staff, count;
    int rc;

    if (argc != 4)
        return 2;
    staff = strtoll(argv[2], NULL, 10);
    count = strtoll(argv[3], NULL, 10);
    if ((rc = crypto_start(&e)) != ST_OK || (rc = conf_load(argv[1], &conf, &e)) != ST_OK ||
        (rc = db_open(conf, &db, &e)) != ST_OK || (rc = audit_prepare(db, &e)) != ST_OK)
        goto out;
    for (int i = 0; i < count && rc == ST_OK; i++) {
        char reason[40];
        const struct audit_entry entry = {staff, AUDIT_ACCOUNT_LOOK, "00000000000000000000000001",
                                          reason};

        snprintf(reason, sizeof reason, "look %d, \xc3\xa9", i);
        rc = audit_write(db, &entry, &e);
    }
out:
    if (rc != ST_OK)
        printf("%s (%s)\n", e.message, e.detail);
    db_close(db);
    conf_free(conf);
    return rc == ST_OK ? 0 : 1;
}

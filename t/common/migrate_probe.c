/*
 * Runs migrate_run or migrate_check on a database and prints what it answers, for 32-migrate.t.
 */
#include <stdio.h>
#include <string.h>

#include "common/conf.h"
#include "common/db.h"
#include "common/err.h"
#include "common/migrate.h"

static void
say(const char *file)
{
    printf("applying %s\n", file);
}

int
main(int argc, char **argv)
{
    struct conf conf = {0};
    struct err e = {0};
    struct db *db;
    char empty[1] = "";
    int rc, applied = 0;

    if (argc != 6)
        return 2;
    conf.db.socket = argv[2];
    conf.db.name = argv[3];
    conf.db.user = argv[4];
    conf.db.password_file = empty;
    if (db_open(&conf, &db, &e) != ST_OK) {
        printf("%s (%s)\n", e.message, e.detail);
        return 1;
    }
    if (strcmp(argv[1], "check") == 0)
        rc = migrate_check(db, argv[5], &e);
    else
        rc = migrate_run(db, argv[5], &applied, say, &e);
    printf("applied %d: %s%s%s\n", applied, status_name(rc), rc != ST_OK ? ": " : "",
           rc != ST_OK ? e.message : "");
    db_close(db);
    return rc != ST_OK;
}

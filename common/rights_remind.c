/*
 * Reminds the operator of requests about personal data that are due: a week before, two days
 * before, and every week that one is late. See rights.h.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/conf.h"
#include "common/err.h"
#include "common/mail.h"
#include "common/rights_store.h"

#define LIST_MAX 1000
#define SOON (7 * CLOCK_DAY)
#define VERY_SOON (2 * CLOCK_DAY)

/* The letter's key says for what it stands, so that it goes once. */
static void
make_key(const struct rights *r, int64_t now, char *key, size_t size)
{
    int64_t left = r->due_at - now;

    if (left > 0)
        snprintf(key, size, "rights-due:%" PRId64 ":%s", r->id, left > VERY_SOON ? "week" : "days");
    else
        snprintf(key, size, "rights-late:%" PRId64 ":%" PRId64, r->id, -left / SOON);
}

/* Without a word of what was asked: it is personal, and a letter is no place for it. */
static int
remind(struct db *db, const struct conf *conf, const struct rights *r, const char *key, int64_t now,
       struct err *e)
{
    char subject[200], body[700], due[32], id[ID_TEXT];
    bool late = r->due_at <= now;

    clock_iso(r->due_at, due, sizeof due);
    id_format(&r->public_id, id);
    snprintf(subject, sizeof subject, "%.80s: a request about personal data is %s", conf->site.name,
             late ? "OVERDUE" : "due soon");
    snprintf(
        body, sizeof body,
        "Request %s (%s) %s due on %s.\n\n%s\n\nAnswer it at %s/admin/requests/%s\nor with: "
        "gempixctl rights show %s\n",
        id, rights_kinds[r->kind], late ? "was" : "is", due,
        late ? "The law's time is over. Answer at once, and say why it is late."
        : r->state == RIGHTS_OPEN
            ? "If that is not enough, take one or two months more before that day, and tell why."
            : "It was extended already; there is no more time.",
        conf->site.url, id, id);
    return mail_queue(db, key, 0, conf->site.contact, subject, body, e);
}

int
rights_remind(struct db *db, const struct conf *conf, int *due, struct err *e)
{
    struct rights *list;
    int64_t now = clock_now();
    size_t count = 0;
    int rc;

    *due = 0;
    if (conf->site.contact[0] == '\0')
        return ST_OK;
    if ((list = calloc(LIST_MAX, sizeof *list)) == NULL)
        return err_set(e, ST_NOMEM, "Out of memory.", NULL);
    if ((rc = rights_store_prepare_due(db, e)) == ST_OK && (rc = mail_prepare(db, e)) == ST_OK)
        rc = rights_store_due(db, now + SOON, list, LIST_MAX, &count, e);
    for (size_t i = 0; i < count && rc == ST_OK; i++) {
        char key[80];

        make_key(&list[i], now, key, sizeof key);
        rc = remind(db, conf, &list[i], key, now, e);
        *due += rc == ST_OK;
    }
    free(list);
    return rc;
}

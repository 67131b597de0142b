/*
 * The letter about a changed policy, once for each account. Who has not proven an address gets no
 * letter: for them, as for all, a notice stands on the pages. Knows no SQL.
 */
#include "app/steward/notices.h"

#include <inttypes.h>
#include <stdio.h>

#include "app/steward/notice_store.h"
#include "common/clock.h"
#include "common/conf.h"
#include "common/db.h"
#include "common/err.h"
#include "common/language.h"
#include "common/mail.h"
#include "common/text.h"

#define LETTER_MAX 4096

struct notice {
    const struct conf *conf;
    const char *version, *address, *language;
    int64_t account;
    bool proven;
};

static int
queue_letter(struct db *db, const struct notice *n, struct err *e)
{
    char key[64], subject[200];
    struct text body;
    int rc, before = language_for_reader(n->language);

    snprintf(key, sizeof key, "policy:%s:%" PRId64, n->version, n->account);
    snprintf(subject, sizeof subject, T("The privacy policy of %.120s has changed"),
             n->conf->site.name);
    text_init(&body, LETTER_MAX);
    text_printf(&body,
                T("Hello,\n\nthe privacy policy of %s has changed. The new version is of %s.\n\n"
                  "What changed, line by line:\n%s/privacy/version?date=%s\n\n"
                  "The whole policy:\n%s/privacy\n\n"
                  "If you do not agree, you can close your account at any time.\n"),
                n->conf->site.name, n->version, n->conf->site.url, n->version, n->conf->site.url);
    language_use(before);
    rc = body.failed ? err_set(e, ST_NOMEM, "Please try again later.", "letter about the policy")
                     : mail_queue(db, key, n->account, n->address, subject, text_cstr(&body), e);
    text_release(&body);
    return rc;
}

static int
tell_body(struct db *db, void *arg, struct err *e)
{
    const struct notice *n = arg;
    int rc = notice_store_told(db, n->account, n->version, clock_now(), e);

    if (rc != ST_OK || !n->proven)
        return rc;
    return queue_letter(db, n, e);
}

int
notices_tell(struct db *db, const struct conf *conf, const char *version, int max, int *told,
             struct err *e)
{
    struct notice n = {.conf = conf, .version = version};
    struct db_rows *rows;
    int rc;

    *told = 0;
    if ((rc = notice_store_prepare(db, e)) != ST_OK || (rc = mail_prepare(db, e)) != ST_OK ||
        (rc = notice_store_due(db, version, max, &rows, e)) != ST_OK)
        return rc;
    while (rc == ST_OK && db_next(rows)) {
        n.account = db_get_int(rows, 0);
        n.address = db_get_text(rows, 1, NULL);
        n.proven = db_get_int(rows, 2) != 0;
        n.language = db_get_text(rows, 3, NULL);
        rc = db_transaction(db, tell_body, &n, e);
        *told += rc == ST_OK;
        if (rc == ST_CONFLICT) { /* another steward was faster */
            err_clear(e);
            rc = ST_OK;
        }
    }
    db_rows_free(rows);
    return rc;
}

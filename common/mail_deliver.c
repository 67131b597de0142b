/*
 * Delivering what is due in the outbox. A letter is taken, with the time of its next try, before it
 * is sent: a steward that dies in between sends it again later, and two stewards never hold the
 * same letter. Knows no SQL (mail_store.c) and no SMTP (mail_send.c).
 */
#include <inttypes.h>

#include "common/clock.h"
#include "common/conf.h"
#include "common/db.h"
#include "common/err.h"
#include "common/log.h"
#include "common/mail.h"
#include "common/mail_message.h"
#include "common/mail_send.h"
#include "common/mail_store.h"
#include "common/text.h"

#define MESSAGE_MAX ((size_t)1 << 20)

/* How long after try n, counted from 1, the next one comes. */
static const int64_t PAUSES[] = {
    CLOCK_MINUTE,   5 * CLOCK_MINUTE, 30 * CLOCK_MINUTE,
    2 * CLOCK_HOUR, 6 * CLOCK_HOUR,   12 * CLOCK_HOUR,
};
#define TRIES ((int)(sizeof PAUSES / sizeof PAUSES[0]) + 1)

/* The letter's next try, should this one fail; the last one leaves time to report its end. */
static int
take_body(struct db *db, void *arg, struct err *e)
{
    struct mail_letter *l = arg;
    int64_t now = clock_now();
    int rc = mail_store_due(db, now, l, e);

    if (rc != ST_OK || l->id == 0)
        return rc;
    l->attempts++;
    return mail_store_take(db, l->id, l->attempts,
                           now + PAUSES[l->attempts < TRIES ? l->attempts - 1 : 0], e);
}

static int
send_letter(struct mail_link *link, const struct conf *conf, const struct mail_letter *l,
            struct err *e)
{
    struct mail_message m = {
        .from_name = conf->site.name,
        .from = conf->mail.from,
        .to = l->recipient,
        .subject = l->subject,
        .body = l->body,
        .reply_to = l->reply_to,
        .answers = l->answers,
        .number = l->id,
        .created_at = l->created_at,
        .now = clock_now(),
    };
    struct text message;
    int rc;

    text_init(&message, MESSAGE_MAX);
    if ((rc = mail_message_write(&m, &message, e)) == ST_OK)
        rc = mail_link_send(link, l->recipient, text_cstr(&message), message.len, e);
    text_release(&message);
    return rc;
}

/* One taken letter to its end or its next try. *away becomes true when there is no server. */
static int
deliver(struct db *db, struct mail_link *link, const struct conf *conf, const struct mail_letter *l,
        int *sent, int *failed, bool *away, struct err *e)
{
    int rc = ST_DENIED;

    if (l->attempts <= TRIES)
        rc = send_letter(link, conf, l, e);
    if (rc == ST_OK) {
        (*sent)++;
        return mail_store_sent(db, l->id, clock_now(), e);
    }
    (*failed)++;
    *away = rc == ST_IO;
    if (l->attempts <= TRIES)
        log_write(LOG_LEVEL_WARNING, "letter %" PRId64 ", try %d of %d: %s (%s)", l->id,
                  l->attempts, TRIES, e->message, e->detail);
    /* What breaks a rule today breaks it tomorrow. */
    if (l->attempts >= TRIES || rc == ST_INVALID)
        return mail_store_failed(db, l->id, e);
    return ST_OK;
}

int
mail_deliver(struct db *db, const struct conf *conf, int max, int *sent, int *failed, struct err *e)
{
    struct mail_link *link = NULL;
    struct mail_letter l = {0};
    bool away = false;
    int rc;

    *sent = *failed = 0;
    if (conf->mail.smtp[0] == '\0')
        return ST_OK;
    if ((rc = mail_store_prepare_work(db, e)) != ST_OK ||
        (rc = mail_link_new(conf, &link, e)) != ST_OK)
        return rc;
    for (int i = 0; i < max && !away; i++) {
        if ((rc = db_transaction(db, take_body, &l, e)) != ST_OK || l.id == 0)
            break;
        if ((rc = deliver(db, link, conf, &l, sent, failed, &away, e)) != ST_OK)
            break;
    }
    mail_letter_release(&l);
    mail_link_free(link);
    if (rc == ST_OK)
        err_clear(e);
    return rc;
}

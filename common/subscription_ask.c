/*
 * Asking the processor after monthly plans: where a message is late, lost or says too little. What
 * it answers is acted upon as on a message; see subscription.h.
 */
#include <stdio.h>
#include <stdlib.h>

#include "common/clock.h"
#include "common/err.h"
#include "common/json.h"
#include "common/log.h"
#include "common/processor.h"
#include "common/subscription.h"
#include "common/subscription_store.h"

/* The processor takes an hour from the end of a month to its invoice. */
#define PATIENCE (2 * CLOCK_HOUR)

bool
subscription_overdue(const struct subscription *s)
{
    return s->unsure || (s->state == SUBSCRIPTION_ACTIVE && s->period_end + PATIENCE < clock_now());
}

/* The subscription's processor id by its session, when its message has not come yet. */
static int
ask_session(struct db *db, const struct conf *conf, struct subscription *s, struct err *e)
{
    struct json *session = NULL;
    char path[300];
    int rc;

    snprintf(path, sizeof path, "/v1/checkout/sessions/%s", s->session);
    rc = processor_call(conf, path, NULL, NULL, &session, e);
    if (rc == ST_OK)
        rc = subscription_session(db, session, e);
    if (rc == ST_OK)
        snprintf(s->processor_id, sizeof s->processor_id, "%s",
                 json_text(session, "subscription", ""));
    json_free(session);
    return rc;
}

int
subscription_ask(struct db *db, const struct conf *conf, const struct subscription *s,
                 struct err *e)
{
    struct json *object = NULL;
    struct subscription now = *s;
    const struct json *invoice;
    char path[340];
    int rc = ST_OK;

    if (now.processor_id[0] == '\0' && now.session[0] != '\0')
        rc = ask_session(db, conf, &now, e);
    if (rc != ST_OK || now.processor_id[0] == '\0')
        return rc;
    snprintf(path, sizeof path, "/v1/subscriptions/%s?expand%%5B%%5D=latest_invoice",
             now.processor_id);
    if ((rc = processor_call(conf, path, NULL, NULL, &object, e)) != ST_OK)
        return rc;
    invoice = json_get(object, "latest_invoice");
    if (json_kind(invoice) == JSON_KIND_OBJECT)
        rc = subscription_invoice(db, invoice, e);
    if (rc == ST_OK)
        rc = subscription_answer(db, object, &now, e);
    json_free(object);
    return rc;
}

int
subscription_ask_due(struct db *db, const struct conf *conf, int max, int *asked, struct err *e)
{
    struct subscription *due = calloc((size_t)max, sizeof *due);
    int rc = subscription_prepare(db, e), count = 0;

    *asked = 0;
    if (due == NULL)
        return err_set(e, ST_NOMEM, "Out of memory.", "subscriptions");
    if (rc == ST_OK && processor_configured(conf))
        rc = subscription_store_silent(db, clock_now() - PATIENCE, due, max, &count, e);
    for (int i = 0; i < count && rc == ST_OK; i++) {
        struct err why;

        if (subscription_ask(db, conf, &due[i], &why) == ST_OK)
            (*asked)++;
        else
            log_err(LOG_LEVEL_WARNING, "asking after a monthly plan", &why);
        if (why.code == ST_IO)
            break; /* it is away for the others, too */
    }
    free(due);
    return rc;
}

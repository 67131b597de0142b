/*
 * Monthly plans at the processor; see membership.h. Nothing is granted here.
 */
#include "app/billing/membership.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "common/arena.h"
#include "common/conf.h"
#include "common/err.h"
#include "common/json.h"
#include "common/plans.h"
#include "common/processor.h"

static const char broken[] = "Something went wrong on our side. Please try again later.";

/* What the processor does not understand is our mistake, or the operator's in the plans. */
static int
ours(int rc, struct err *e)
{
    if (rc == ST_INVALID || rc == ST_NOTFOUND)
        e->code = rc = ST_INTERNAL;
    return rc;
}

/* "Create a Checkout Session" with mode=subscription. The metadata comes back with every message
 * about the subscription and its invoices. */
static int
make_session(const struct conf *conf, struct arena *arena, const struct subscription *s,
             const char *email, const struct plan *plan, struct json **session, struct err *e)
{
    char id[ID_TEXT];
    const char *back, *key, *prices;

    id_format(&s->public_id, id);
    back = arena_printf(arena, "%s/subscriptions/%s", conf->site.url, id);
    key = arena_printf(arena, "gempix-subscription-%s", id);
    prices = arena_printf(arena, "%s/pricing", conf->site.url);
    if (back == NULL || key == NULL || prices == NULL)
        return err_set(e, ST_NOMEM, "Please try again later.", "membership");
    const struct processor_field fields[] = {
        {"mode", "subscription"},
        {"line_items[0][price]", plan->price},
        {"line_items[0][quantity]", "1"},
        {"client_reference_id", id},
        {"customer_email", email},
        {"success_url", back},
        {"cancel_url", prices},
        {"metadata[subscription]", id},
        {"metadata[plan]", plan->id},
        {"subscription_data[metadata][subscription]", id},
        {NULL, NULL},
    };

    return ours(processor_call(conf, "/v1/checkout/sessions", fields, key, session, e), e);
}

int
membership_begin(struct db *db, const struct conf *conf, struct arena *arena, int64_t account,
                 const char *email, const struct plan *plan, const struct id *submit_key,
                 const char **url, struct err *e)
{
    struct json *session = NULL;
    struct subscription s;
    const char *id;
    bool live;
    int rc;

    *url = NULL;
    if ((rc = processor_is_live(conf, &live, e)) != ST_OK ||
        (rc = subscription_begin(db, account, plan, live, submit_key, &s, e)) != ST_OK ||
        (rc = make_session(conf, arena, &s, email, plan, &session, e)) != ST_OK)
        goto out;
    id = json_text(session, "id", "");
    *url = arena_strdup(arena, json_text(session, "url", ""));
    if (id[0] == '\0' || *url == NULL ||
        strncmp(*url, conf->billing.checkout, strlen(conf->billing.checkout)) != 0)
        rc = err_set(e, ST_INTERNAL, broken,
                     "membership: a session without id, or not at billing.checkout: %.200s",
                     *url != NULL ? *url : "");
    else
        rc = subscription_attach(db, &s, id, e);
out:
    json_free(session);
    return rc;
}

/* --- an open invoice --- */

/* The processor's page for it is on another host than its checkout; it is trusted as far as to be
 * reached safely. */
static bool
is_page(const struct conf *conf, const char *url)
{
    return strncmp(url, "https://", 8) == 0 ||
           strncmp(url, conf->billing.checkout, strlen(conf->billing.checkout)) == 0;
}

int
membership_invoice(const struct conf *conf, struct arena *arena, const struct subscription *s,
                   const char **url, struct err *e)
{
    struct json *object = NULL;
    const struct json *invoice;
    const char *page;
    char path[340];
    int rc;

    *url = NULL;
    if (s->processor_id[0] == '\0')
        return err_set(e, ST_NOTFOUND, "There is no open invoice.", NULL);
    snprintf(path, sizeof path, "/v1/subscriptions/%s?expand%%5B%%5D=latest_invoice",
             s->processor_id);
    if ((rc = ours(processor_call(conf, path, NULL, NULL, &object, e), e)) != ST_OK)
        return rc;
    invoice = json_get(object, "latest_invoice");
    page = json_text(invoice, "hosted_invoice_url", "");
    if (strcmp(json_text(invoice, "status", ""), "open") != 0 || !is_page(conf, page))
        rc = err_set(e, ST_NOTFOUND, "There is no open invoice.", NULL);
    else if ((*url = arena_strdup(arena, page)) == NULL)
        rc = err_set(e, ST_NOMEM, "Please try again later.", "invoice");
    json_free(object);
    return rc;
}

/* --- ending --- */

int
membership_end(struct db *db, const struct conf *conf, const struct subscription *s, bool ends,
               const struct id *key, struct err *e)
{
    const struct processor_field fields[] = {
        {"cancel_at_period_end", ends ? "true" : "false"},
        {NULL, NULL},
    };
    struct json *object = NULL;
    char path[300], form[ID_TEXT], once[100];
    int rc;

    if ((s->state != SUBSCRIPTION_ACTIVE && s->state != SUBSCRIPTION_PAST_DUE) ||
        s->processor_id[0] == '\0')
        return err_set(e, ST_CONFLICT, "This monthly plan does not go on any more.", NULL);
    id_format(key, form);
    snprintf(path, sizeof path, "/v1/subscriptions/%s", s->processor_id);
    snprintf(once, sizeof once, "gempix-%s-%s", ends ? "end" : "keep", form);
    rc = ours(processor_call(conf, path, fields, once, &object, e), e);
    if (rc == ST_OK)
        rc = subscription_answer(db, object, s, e);
    json_free(object);
    return rc;
}

/* --- another plan --- */

/* The processor's name of the only thing that is sold by it. */
static int
find_item(const struct conf *conf, const char *path, char item[256], struct err *e)
{
    struct json *object = NULL;
    const struct json *items;
    int rc = ours(processor_call(conf, path, NULL, NULL, &object, e), e);

    item[0] = '\0';
    if (rc != ST_OK)
        return rc;
    items = json_get(json_get(object, "items"), "data");
    snprintf(item, 256, "%s", json_text(json_at(items, 0), "id", ""));
    if (json_size(items) != 1 || item[0] == '\0')
        rc = err_set(e, ST_INTERNAL, broken, "membership: %zu items where one was sold",
                     json_size(items));
    json_free(object);
    return rc;
}

int
membership_change(struct db *db, const struct conf *conf, const struct subscription *s,
                  const struct plan *plan, const struct id *key, struct err *e)
{
    struct json *object = NULL;
    char path[300], form[ID_TEXT], once[100], item[256];
    int rc;

    if (s->state != SUBSCRIPTION_ACTIVE || s->ends || s->processor_id[0] == '\0')
        return err_set(e, ST_CONFLICT, "This monthly plan does not renew, so it cannot change.",
                       NULL);
    snprintf(path, sizeof path, "/v1/subscriptions/%s", s->processor_id);
    if ((rc = find_item(conf, path, item, e)) != ST_OK ||
        (strcmp(plan->price, s->price) != 0 && (rc = subscription_offer(db, s, plan, e)) != ST_OK))
        return rc;
    id_format(key, form);
    snprintf(once, sizeof once, "gempix-change-%s-%s", plan->id, form);
    const struct processor_field fields[] = {
        {"items[0][id]", item},
        {"items[0][price]", plan->price},
        {"proration_behavior", "none"},
        {NULL, NULL},
    };
    rc = ours(processor_call(conf, path, fields, once, &object, e), e);
    if (rc == ST_OK)
        rc = subscription_answer(db, object, s, e);
    json_free(object);
    return rc;
}

/*
 * Checkout; see checkout.h. Nothing is granted here: purchase.c does that, from what the processor
 * says.
 */
#include "app/billing/checkout.h"

#include <stdio.h>
#include <string.h>

#include "common/arena.h"
#include "common/conf.h"
#include "common/err.h"
#include "common/json.h"
#include "common/processor.h"

int
checkout_plans(const struct conf *conf, struct arena *arena, struct plans *out, struct err *e)
{
    int rc;

    if (!processor_configured(conf))
        return err_set(e, ST_NOTFOUND, "This site sells no credits.", NULL);
    if ((rc = plans_load(conf->billing.plans, arena, out, e)) == ST_OK) {
        for (size_t i = 0; i < out->count; i++)
            if (out->list[i].refund_days < 0)
                out->list[i].refund_days = conf->billing.refund_days;
        return ST_OK;
    }
    /* The sentence is for the operator. */
    return err_set(e, rc == ST_NOMEM ? rc : ST_INTERNAL,
                   "Something went wrong on our side. Please try again later.", "%s", e->message);
}

/* What the session is to be: https://docs of the processor, "Create a Checkout Session". */
static int
make_session(const struct conf *conf, struct arena *arena, const struct purchase *p,
             const char *email, const struct plan *plan, struct json **session, struct err *e)
{
    char id[ID_TEXT];
    const char *back, *key;

    id_format(&p->public_id, id);
    back = arena_printf(arena, "%s/purchases/%s", conf->site.url, id);
    key = arena_printf(arena, "gempix-purchase-%s", id);
    if (back == NULL || key == NULL)
        return err_set(e, ST_NOMEM, "Please try again later.", "checkout");
    const struct processor_field fields[] = {
        {"mode", "payment"},
        {"line_items[0][price]", plan->price},
        {"line_items[0][quantity]", "1"},
        {"client_reference_id", id},
        {"customer_email", email},
        {"success_url", back},
        {"cancel_url", arena_printf(arena, "%s/pricing", conf->site.url)},
        {"metadata[purchase]", id},
        {"metadata[plan]", plan->id},
        {"payment_intent_data[metadata][purchase]", id},
        {NULL, NULL},
    };

    int rc = processor_call(conf, "/v1/checkout/sessions", fields, key, session, e);

    /* What it does not understand is our mistake, or the operator's in the plans. */
    if (rc == ST_INVALID || rc == ST_NOTFOUND)
        e->code = rc = ST_INTERNAL;
    return rc;
}

int
checkout_begin(struct db *db, const struct conf *conf, struct arena *arena, int64_t account,
               const char *email, const struct plan *plan, const char *currency,
               const struct id *submit_key, const char **url, struct err *e)
{
    struct json *session = NULL;
    struct purchase p;
    const char *id;
    bool live;
    int rc;

    *url = NULL;
    if ((rc = processor_is_live(conf, &live, e)) != ST_OK ||
        (rc = purchase_begin(db, account, plan, currency, live, submit_key, &p, e)) != ST_OK ||
        (rc = make_session(conf, arena, &p, email, plan, &session, e)) != ST_OK)
        goto out;
    id = json_text(session, "id", "");
    *url = arena_strdup(arena, json_text(session, "url", ""));
    if (id[0] == '\0' || *url == NULL ||
        strncmp(*url, conf->billing.checkout, strlen(conf->billing.checkout)) != 0)
        rc = err_set(e, ST_INTERNAL, "Something went wrong on our side. Please try again later.",
                     "checkout: a session without id, or not at billing.checkout: %.200s",
                     *url != NULL ? *url : "");
    else
        rc = purchase_attach(db, &p, id, e);
out:
    json_free(session);
    return rc;
}

int
checkout_ask(struct db *db, const struct conf *conf, const struct purchase *p, struct err *e)
{
    struct json *session = NULL;
    char path[300];
    int rc;

    if (p->session[0] == '\0')
        return ST_OK;
    snprintf(path, sizeof path, "/v1/checkout/sessions/%s", p->session);
    rc = processor_call(conf, path, NULL, NULL, &session, e);
    if (rc == ST_OK)
        rc = purchase_session(db, session, false, e);
    json_free(session);
    return rc;
}

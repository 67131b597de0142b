/*
 * The account book: every movement of a member's credits with its cause, as a page and as CSV, and
 * the receipts. Read next: purchase_pages.c.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/billing/billing_store.h"
#include "app/billing/purchase_pages.h"
#include "app/billing/refund_pages.h"
#include "app/billing/subscription_pages.h"
#include "app/http/http.h"
#include "app/routes.h"
#include "app/view/view.h"
#include "common/arena.h"
#include "common/clock.h"
#include "common/conf.h"
#include "common/err.h"
#include "common/language.h"
#include "common/ledger.h"
#include "common/plans.h"
#include "common/processor.h"
#include "common/purchase.h"
#include "common/text.h"

#define PAGE 50
#define CSV_MAX 5000 /* rows */
#define RECEIPTS 24
#define WEBHOOK_MAX ((size_t)256 << 10)

enum { BEFORE };

static const struct field book_fields[] = {
    [BEFORE] = {"before", N_("Place"), FIELD_INT, 1, 9e15, false, NULL},
};
static const struct form book_form = {book_fields, sizeof book_fields / sizeof book_fields[0]};

static const char refund[] = N_("Refund"); /* the note of its movements: common/ledger.c */

/* What a cause is called. */
static const char *
label(const struct movement *m)
{
    static const struct {
        const char *cause, *words;
    } table[] = {
        {"grant", N_("Given to you")},
        {"hold", N_("Set aside for a picture")},
        {"capture", N_("Spent on a picture")},
        {"release", N_("Came back from a picture")},
        {"order", N_("Bought")},
        {"refund", N_("Paid back")},
        {"expire", N_("Expired")},
    };

    if (strcmp(m->note, refund) == 0 && strcmp(m->cause, "hold") == 0)
        return T("Set aside for a refund");
    if (strcmp(m->note, refund) == 0 && strcmp(m->cause, "release") == 0)
        return T("Came back: the refund did not work");
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (strcmp(table[i].cause, m->cause) == 0)
            return T(table[i].words);
    }
    return m->cause;
}

/* Notes that the site or the operator's command writes by itself are said in the visitor's
 * language; others are somebody's words. */
static const char *
note(const struct movement *m)
{
    static const char *const own[] = {N_("Welcome"), N_("from the operator"), refund};

    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
        if (strcmp(own[i], m->note) == 0)
            return T(own[i]);
    }
    return m->note;
}

static void
show_movement(struct request *rq, struct view *v, const struct movement *m)
{
    struct view *item = view_item(v, "movements");
    char number[NUMBER_TEXT], date[DATE_TEXT], iso[32];

    language_date(m->at, date);
    clock_iso(m->at, iso, sizeof iso);
    language_number(m->available, number);
    view_text(item, "date", date);
    view_text(item, "iso", iso);
    view_text(item, "label", label(m));
    view_text(item, "note", note(m));
    view_text(item, "change", m->available == 0 ? NULL : number);
    view_flag(item, "plus", m->available > 0);
    if (m->has_job)
        view_text(item, "job", url_for(rq, "job", &m->job, NULL));
}

static int
show_receipts(struct request *rq, struct view *v, struct err *e)
{
    struct purchase list[RECEIPTS];
    char money[MONEY_TEXT], date[DATE_TEXT];
    int count, rc = purchase_list(rq->db, rq->visitor.account, list, RECEIPTS, &count, e);

    for (int i = 0; rc == ST_OK && i < count; i++) {
        struct view *item = view_item(v, "receipts");

        language_date(list[i].paid_at, date);
        money_text(list[i].amount, list[i].currency, money);
        view_int(item, "number", list[i].receipt);
        view_text(item, "date", date);
        view_text(item, "money", money);
        view_text(item, "url", url_for(rq, "purchase", &list[i].public_id, NULL));
    }
    view_flag(v, "has_receipts", rc == ST_OK && count > 0);
    return rc;
}

static int
credits_show(struct request *rq, struct response *rs, struct err *e)
{
    struct view *v = view_new(rq->arena);
    struct movement list[PAGE + 1];
    struct ledger_balance have;
    char number[NUMBER_TEXT];
    int count, rc;

    if ((rc = subscription_items(rq, v, e)) != ST_OK) /* first: it may bring a month */
        return rc;
    rc = billing_store_movements(rq->db, rq->visitor.account,
                                 rq->values[BEFORE].error == NULL ? rq->values[BEFORE].i : 0, list,
                                 PAGE + 1, &count, e);
    if (rc != ST_OK || (rc = ledger_balance(rq->db, rq->visitor.account, &have, e)) != ST_OK ||
        (rc = show_receipts(rq, v, e)) != ST_OK)
        return rc;
    for (int i = 0; i < count && i < PAGE; i++)
        show_movement(rq, v, &list[i]);
    if (count > PAGE)
        view_text(v, "older",
                  url_for(rq, "credits", NULL,
                          arena_printf(rq->arena, "before=%" PRId64, list[PAGE - 1].id)));
    language_number(have.available, number);
    view_text(v, "available", number);
    language_number(have.held, number);
    view_text(v, "held", have.held > 0 ? number : NULL);
    view_text(v, "csv", url_for(rq, "credits_csv", NULL, NULL));
    if (processor_configured(rq->conf))
        view_text(v, "pricing", url_for(rq, "pricing", NULL, NULL));
    return page_render(rq, rs, "credits", N_("Credits"), v, e);
}

/* --- CSV (RFC 4180) --- */

/* A cell that a spreadsheet would take for a formula begins with a quote mark. */
static void
put_cell(struct text *t, const char *s)
{
    text_putc(t, '"');
    if (s[0] != '\0' && strchr("=+-@\t\r", s[0]) != NULL)
        text_putc(t, '\'');
    for (; *s != '\0'; s++) {
        if (*s == '"')
            text_putc(t, '"');
        text_putc(t, *s);
    }
    text_putc(t, '"');
}

static int
credits_csv(struct request *rq, struct response *rs, struct err *e)
{
    struct movement list[PAGE];
    int64_t before = 0;
    int count = PAGE, rows = 0, rc = ST_OK;

    text_puts(&rs->body, "time,cause,note,credits,job\r\n");
    while (count == PAGE && rows < CSV_MAX) {
        rc = billing_store_movements(rq->db, rq->visitor.account, before, list, PAGE, &count, e);
        if (rc != ST_OK)
            return rc;
        for (int i = 0; i < count; i++, rows++) {
            char iso[32], job[ID_TEXT] = "";

            clock_iso(list[i].at, iso, sizeof iso);
            if (list[i].has_job)
                id_format(&list[i].job, job);
            text_printf(&rs->body, "%s,%s,", iso, list[i].cause);
            put_cell(&rs->body, list[i].note);
            text_printf(&rs->body, ",%" PRId64 ",%s\r\n", list[i].available, job);
            before = list[i].id;
        }
    }
    rs->type = "text/csv; charset=utf-8";
    return response_header(rs, "Content-Disposition", "attachment; filename=\"credits.csv\"", e);
}

const struct route billing_routes[] = {
    {"pricing", METHOD_GET, "/pricing", pricing_show, ROUTE_SHARED, CSRF_NONE, RATE_PAGE, NULL, 0},
    {"purchase_buy", METHOD_POST, "/purchases", purchase_buy, ROUTE_SIGNED_IN | ROUTE_PROVEN,
     CSRF_TOKEN, RATE_SUBMIT, &purchase_buy_form, 4096},
    {"purchase", METHOD_GET, "/purchases/{id}", purchase_show, ROUTE_SIGNED_IN, CSRF_NONE,
     RATE_PAGE, NULL, 0},
    {"purchase_refund", METHOD_POST, "/purchases/{id}/refund", refund_send, ROUTE_SIGNED_IN,
     CSRF_TOKEN, RATE_SUBMIT, &refund_form, 1024},
    {"subscription", METHOD_GET, "/subscriptions/{id}", subscription_show, ROUTE_SIGNED_IN,
     CSRF_NONE, RATE_PAGE, NULL, 0},
    {"subscription_pay", METHOD_GET, "/subscriptions/{id}/invoice", subscription_pay,
     ROUTE_SIGNED_IN, CSRF_NONE, RATE_SUBMIT, NULL, 0},
    {"subscription_end", METHOD_POST, "/subscriptions/{id}/end", subscription_end, ROUTE_SIGNED_IN,
     CSRF_TOKEN, RATE_SUBMIT, &subscription_end_form, 1024},
    {"subscription_change", METHOD_POST, "/subscriptions/{id}/change", subscription_change,
     ROUTE_SIGNED_IN, CSRF_TOKEN, RATE_SUBMIT, &subscription_change_form, 1024},
    {"purchase_webhook", METHOD_POST, "/webhooks/payment", purchase_webhook, ROUTE_RAW, CSRF_NONE,
     RATE_POLL, NULL, WEBHOOK_MAX},
    {"credits", METHOD_GET, "/credits", credits_show, ROUTE_SIGNED_IN, CSRF_NONE, RATE_PAGE,
     &book_form, 0},
    {"credits_csv", METHOD_GET, "/credits.csv", credits_csv, ROUTE_SIGNED_IN, CSRF_NONE, RATE_PAGE,
     NULL, 0},
    {0},
};

/*
 * Comparing the processor's lists with our books; see reconcile.h. Lists come in pages and are
 * looked at once; what they do not mention is looked for at the end. Read next: reconcile_store.c.
 */
#include "common/reconcile.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/conf.h"
#include "common/db.h"
#include "common/err.h"
#include "common/json.h"
#include "common/language.h"
#include "common/mail.h"
#include "common/processor.h"
#include "common/reconcile_store.h"
#include "common/text.h"

#define PAGE "100"
#define DIFFERENCES_MAX 1000 /* more are counted no further: something is wrong as a whole */
#define PATIENCE CLOCK_HOUR
#define LETTER_MAX 20000
#define LETTER_LINES 50

struct comparison {
    struct db *db;
    const struct conf *conf;
    int64_t until; /* seconds: what is newer may still be on its way */
    struct reconcile_report *report;
    struct reconcile_purchase *ours;
    size_t count;
    struct reconcile_refund *refunds;
    size_t refund_count;
    struct difference *list;
};

int
reconcile_prepare(struct db *db, struct err *e)
{
    int rc = mail_prepare(db, e);

    return rc == ST_OK ? reconcile_store_prepare(db, e) : rc;
}

const char *
difference_words(enum difference_kind kind)
{
    static const char *const words[DIFFERENCE_KINDS] = {
        [DIFFERENCE_NOT_CREDITED] = N_("paid at the processor, not credited here"),
        [DIFFERENCE_NOT_PAID] = N_("credited here, no payment at the processor"),
        [DIFFERENCE_AMOUNT] = N_("another amount was paid"),
        [DIFFERENCE_REFUNDED] = N_("another amount was paid back"),
        [DIFFERENCE_DISPUTED] = N_("one side knows of a dispute, the other does not"),
        [DIFFERENCE_UNKNOWN] = N_("a payment that belongs to no purchase"),
        [DIFFERENCE_LEDGER] = N_("the ledger did not enter the credits that were sold"),
        [DIFFERENCE_REFUND] = N_("the two sides know different things of a refund"),
    };

    return words[kind];
}

static void
note(struct comparison *c, enum difference_kind kind, const char *object, int64_t purchase,
     int64_t ours, int64_t theirs)
{
    struct difference *d;

    if (c->report->differences == DIFFERENCES_MAX)
        return;
    d = &c->list[c->report->differences++];
    *d = (struct difference){.kind = kind, .purchase = purchase, .ours = ours, .theirs = theirs};
    snprintf(d->object, sizeof d->object, "%s", object);
}

/* --- what the processor lists --- */

/* Every object of a list that was made since then, page by page. */
static int
each(struct comparison *c, const char *path,
     int (*look)(struct comparison *, const struct json *, struct err *), int *seen, struct err *e)
{
    char url[500], last[256] = "";
    bool more = true;
    int rc = ST_OK;

    while (more && rc == ST_OK) {
        struct json *page = NULL;
        const struct json *data;
        size_t n;

        snprintf(url, sizeof url, "%s?limit=" PAGE "&created%%5Bgte%%5D=%" PRId64 "%s%s", path,
                 c->report->since / CLOCK_SECOND, last[0] != '\0' ? "&starting_after=" : "", last);
        if ((rc = processor_call(c->conf, url, NULL, NULL, &page, e)) != ST_OK)
            return rc;
        data = json_get(page, "data");
        n = json_size(data);
        for (size_t i = 0; i < n && rc == ST_OK; i++) {
            const struct json *object = json_at(data, i);

            snprintf(last, sizeof last, "%s", json_text(object, "id", ""));
            (*seen)++;
            rc = look(c, object, e);
        }
        more = json_bool(page, "has_more", false) && n > 0;
        json_free(page);
    }
    return rc;
}

static int
look_session(struct comparison *c, const struct json *session, struct err *e)
{
    const char *id = json_text(session, "id", ""),
               *payment = json_text(session, "payment_intent", "");
    struct reconcile_purchase p;
    int rc;

    if (strcmp(json_text(session, "payment_status", ""), "paid") != 0 ||
        strcmp(json_text(session, "mode", "payment"), "payment") != 0 ||
        json_int(session, "created", 0) > c->until)
        return ST_OK;
    if ((rc = reconcile_store_find(c->db, payment, id, &p, e)) == ST_OK && p.id == 0)
        note(c, DIFFERENCE_NOT_CREDITED, id, 0, 0, json_int(session, "amount_total", 0));
    return rc;
}

/* One of the purchases that were loaded: they are in the order of their payments. */
static struct reconcile_purchase *
loaded(struct comparison *c, const char *payment)
{
    size_t low = 0, high = c->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(c->ours[middle].payment, payment);

        if (order == 0)
            return &c->ours[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static int
look_charge(struct comparison *c, const struct json *charge, struct err *e)
{
    const char *id = json_text(charge, "id", ""),
               *payment = json_text(charge, "payment_intent", "");
    struct reconcile_purchase *p = loaded(c, payment), other;
    int64_t amount = json_int(charge, "amount", 0),
            refunded = json_int(charge, "amount_refunded", 0);
    bool disputed = json_bool(charge, "disputed", false);
    int rc = ST_OK;

    if (!json_bool(charge, "paid", false))
        return ST_OK;
    if (p != NULL)
        p->seen = true;
    if (json_int(charge, "created", 0) > c->until)
        return ST_OK;
    if (p == NULL && (rc = reconcile_store_find(c->db, payment, "", &other, e)) != ST_OK)
        return rc;
    if (p == NULL && other.id == 0) {
        note(c, DIFFERENCE_UNKNOWN, id, 0, 0, amount);
        return ST_OK;
    }
    p = p != NULL ? p : &other;
    if (p->amount != amount)
        note(c, DIFFERENCE_AMOUNT, id, p->id, p->amount, amount);
    if (p->refunded != refunded)
        note(c, DIFFERENCE_REFUNDED, id, p->id, p->refunded, refunded);
    if (p->disputed != disputed)
        note(c, DIFFERENCE_DISPUTED, id, p->id, p->disputed, disputed);
    return ST_OK;
}

/* Sums that went: what is on its way counts as nothing on both sides. One that we did not ask for
 * was made at the processor's own pages; its sum is compared with the charge. */
static int
look_refund(struct comparison *c, const struct json *refund, struct err *e)
{
    const char *id = json_text(refund, "id", "");
    bool went = strcmp(json_text(refund, "status", ""), "succeeded") == 0;
    int64_t amount = went ? json_int(refund, "amount", 0) : 0;
    struct reconcile_refund *r = NULL, other;
    int rc;

    for (size_t i = 0; i < c->refund_count && r == NULL; i++)
        r = strcmp(c->refunds[i].object, id) == 0 ? &c->refunds[i] : NULL;
    if (r != NULL)
        r->seen = true;
    if (json_int(refund, "created", 0) > c->until)
        return ST_OK;
    if (r == NULL) {
        if ((rc = reconcile_store_refund(c->db, id, &other, e)) != ST_OK || other.purchase == 0)
            return rc;
        r = &other;
    }
    if (r->amount != amount && r->moved_at / CLOCK_SECOND <= c->until)
        note(c, DIFFERENCE_REFUND, id, r->purchase, r->amount, amount);
    return ST_OK;
}

/* --- what it does not --- */

/* A refund that the processor's list should have had. */
static void
look_our_refunds(struct comparison *c)
{
    for (size_t i = 0; i < c->refund_count; i++) {
        const struct reconcile_refund *r = &c->refunds[i];

        if (!r->seen && r->amount != 0 && r->moved_at / CLOCK_SECOND <= c->until &&
            r->created_at >= c->report->since + CLOCK_DAY)
            note(c, DIFFERENCE_REFUND, r->object, r->purchase, r->amount, 0);
    }
}

static void
look_ours(struct comparison *c)
{
    for (size_t i = 0; i < c->count; i++) {
        const struct reconcile_purchase *p = &c->ours[i];

        c->report->purchases++;
        if (p->sold != p->credits)
            note(c, DIFFERENCE_LEDGER, p->payment, p->id, p->sold, p->credits);
        /* A charge is made before we hear of it: at the beginning it may be older than `since`. */
        if (!p->seen && p->payment[0] != '\0' && p->paid_at / CLOCK_SECOND <= c->until &&
            p->paid_at >= c->report->since + CLOCK_DAY)
            note(c, DIFFERENCE_NOT_PAID, p->payment, p->id, p->amount, 0);
    }
}

/* --- the letter --- */

static int
tell(const struct comparison *c, struct err *e)
{
    const struct reconcile_report *r = c->report;
    char key[60], subject[160], number[24];
    struct text body;
    int rc;

    if (r->differences == 0 || c->conf->site.contact[0] == '\0')
        return ST_OK;
    snprintf(key, sizeof key, "reconcile:%" PRId64, r->run);
    snprintf(subject, sizeof subject, "%.80s: books and payments differ", c->conf->site.name);
    text_init(&body, LETTER_MAX);
    text_printf(&body,
                "%d differences between our books and the payment processor's lists. Nothing was "
                "changed.\n\n",
                r->differences);
    for (int i = 0; i < r->differences && i < LETTER_LINES; i++) {
        const struct difference *d = &c->list[i];

        snprintf(number, sizeof number, "%" PRId64, d->purchase);
        text_printf(&body, "- %s: %s, purchase %s, ours %" PRId64 ", theirs %" PRId64 "\n",
                    difference_words(d->kind), d->object[0] != '\0' ? d->object : "no payment",
                    d->purchase != 0 ? number : "none", d->ours, d->theirs);
    }
    text_puts(&body, "\nAll of them: gempixctl reconcile --last\n");
    rc = body.failed
             ? err_set(e, ST_NOMEM, "Please try again later.", "letter")
             : mail_queue(c->db, key, 0, c->conf->site.contact, subject, text_cstr(&body), e);
    text_release(&body);
    return rc;
}

static int
write_body(struct db *db, void *arg, struct err *e)
{
    struct comparison *c = arg;
    int rc = reconcile_store_write(db, c->report, c->list, e);

    return rc == ST_OK ? tell(c, e) : rc;
}

int
reconcile_run(struct db *db, const struct conf *conf, int64_t since, struct reconcile_report *out,
              struct err *e)
{
    struct comparison c = {.db = db, .conf = conf, .report = out};
    int rc;

    *out = (struct reconcile_report){.since = since, .ran_at = clock_now()};
    c.until = (out->ran_at - PATIENCE) / CLOCK_SECOND;
    if ((rc = reconcile_prepare(db, e)) != ST_OK)
        return rc;
    if ((c.list = calloc(DIFFERENCES_MAX, sizeof *c.list)) == NULL)
        return err_set(e, ST_NOMEM, "Out of memory.", "reconcile");
    if ((rc = reconcile_store_purchases(db, since, &c.ours, &c.count, e)) == ST_OK &&
        (rc = each(&c, "/v1/checkout/sessions", look_session, &out->sessions, e)) == ST_OK &&
        (rc = reconcile_store_refunds(db, since, &c.refunds, &c.refund_count, e)) == ST_OK &&
        (rc = each(&c, "/v1/charges", look_charge, &out->charges, e)) == ST_OK &&
        (rc = each(&c, "/v1/refunds", look_refund, &out->refunds, e)) == ST_OK) {
        look_ours(&c);
        look_our_refunds(&c);
        rc = db_transaction(db, write_body, &c, e);
    }
    free(c.ours);
    free(c.refunds);
    free(c.list);
    return rc;
}

int
reconcile_newest(struct db *db, struct reconcile_report *out, struct err *e)
{
    int rc = reconcile_prepare(db, e);

    return rc == ST_OK ? reconcile_store_newest(db, out, e) : rc;
}

int
reconcile_list(struct db *db, int64_t run, struct difference *out, int max, int *count,
               struct err *e)
{
    int rc = reconcile_prepare(db, e);

    *count = 0;
    return rc == ST_OK ? reconcile_store_list(db, run, out, max, count, e) : rc;
}

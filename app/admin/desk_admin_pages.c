/*
 * The dashboard: what the site does now, the last two weeks as bars, and what waits for a person in
 * each section. Sums only, so looking at it is not written down.
 */
#include <stdio.h>

#include "app/admin/admin_pages.h"
#include "app/admin/desk_store.h"
#include "app/routes.h"
#include "app/view/view.h"
#include "common/clock.h"
#include "common/err.h"
#include "common/language.h"
#include "common/plans.h"

#define BAR_STEP 20 /* of the drawing: a bar and the gap behind it */
#define BAR_TOP 100 /* height of the highest */
#define MONEY_MAX 4

int
admin_desk_prepare(struct db *db, struct err *e)
{
    return desk_store_prepare(db, e);
}

static double
done(const struct desk_day *d)
{
    return (double)d->done;
}

static double
failed(const struct desk_day *d)
{
    return (double)d->failed;
}

static double
waited(const struct desk_day *d)
{
    return d->wait;
}

static double
rendered(const struct desk_day *d)
{
    return d->render;
}

static double
signed_up(const struct desk_day *d)
{
    return (double)d->sign_ups;
}

static double
bought(const struct desk_day *d)
{
    return (double)d->purchases;
}

/* What is drawn: one bar a day. */
static const struct chart {
    const char *id, *name, *unit; /* the unit may be NULL */
    int decimals;
    double (*value)(const struct desk_day *day);
    enum permission permission;
} charts[] = {
    {"done", N_("Jobs done"), NULL, 0, done, PERM_DESK},
    {"failed", N_("Jobs failed"), NULL, 0, failed, PERM_DESK},
    {"wait", N_("Waiting time on average"), N_("seconds"), 1, waited, PERM_DESK},
    {"render", N_("Render time on average"), N_("seconds"), 1, rendered, PERM_DESK},
    {"sign-ups", N_("Sign-ups"), NULL, 0, signed_up, PERM_DESK},
    {"sales", N_("Purchases"), NULL, 0, bought, PERM_PURCHASES},
};

static void
put_chart(struct view *v, const struct chart *c, const struct desk_day days[DESK_DAYS],
          int64_t first)
{
    struct view *out = view_item(v, "charts");
    char text[NUMBER_TEXT];
    double most = 0;

    for (size_t i = 0; i < DESK_DAYS; i++)
        most = c->value(&days[i]) > most ? c->value(&days[i]) : most;
    view_text(out, "id", c->id);
    view_text(out, "name", T(c->name));
    if (c->unit != NULL)
        view_text(out, "unit", T(c->unit));
    language_real(c->value(&days[DESK_DAYS - 1]), c->decimals, text);
    view_text(out, "today", text);
    language_real(most, c->decimals, text);
    view_text(out, "most", text);
    view_int(out, "width", DESK_DAYS * BAR_STEP);
    for (size_t i = 0; i < DESK_DAYS; i++) {
        struct view *bar = view_item(out, "days");
        double value = c->value(&days[i]);
        int height = most > 0 ? (int)(value / most * BAR_TOP + 0.5) : 0;
        char date[DATE_TEXT];

        if (value > 0 && height < 2)
            height = 2;
        language_date(first + (int64_t)i * CLOCK_DAY, date);
        language_real(value, c->decimals, text);
        view_text(bar, "date", date);
        view_text(bar, "value", text);
        view_int(bar, "x", (int64_t)i * BAR_STEP);
        view_int(bar, "y", BAR_TOP - height);
        view_int(bar, "height", height);
    }
}

static int
put_waiting(struct request *rq, struct view *v, struct err *e)
{
    for (size_t i = 0; i < admin_section_count; i++) {
        const struct admin_section *s = &admin_sections[i];
        struct admin_waiting w = {0};
        struct view *item;
        int rc;

        if (s->waiting == NULL || !admin_may(rq, s->permission))
            continue;
        if ((rc = s->waiting(rq->db, &w, e)) != ST_OK)
            return rc;
        item = view_item(v, "waiting");
        view_text(item, "label", T(s->label));
        view_text(item, "url", url_for(rq, s->route, NULL, NULL));
        view_int(item, "count", w.count);
        if (w.count > 0 && w.about != NULL)
            view_text(item, "about", T(w.about));
        admin_put_time(item, "due", w.count > 0 ? w.due : 0);
        view_flag(v, "has_waiting", true);
    }
    return ST_OK;
}

static int
put_money(struct request *rq, struct view *v, int64_t first, struct err *e)
{
    struct desk_money money[MONEY_MAX];
    size_t count = 0;
    int rc;

    if (!admin_may(rq, PERM_PURCHASES))
        return ST_OK;
    rc = desk_store_money(rq->db, first, money, MONEY_MAX, &count, e);
    view_flag(v, "has_money", count > 0);
    for (size_t i = 0; i < count; i++) {
        char text[MONEY_TEXT];

        money_text(money[i].amount, money[i].currency, text);
        view_text(view_item(v, "money"), "sum", text);
    }
    return rc;
}

static int
desk_show(struct request *rq, struct response *rs, struct err *e)
{
    int64_t now = clock_now(), first = now - now % CLOCK_DAY - (DESK_DAYS - 1) * CLOCK_DAY;
    struct view *v = admin_view(rq);
    struct desk_day days[DESK_DAYS];
    struct desk_now present;
    int rc;

    if ((rc = desk_store_now(rq->db, now, &present, e)) != ST_OK ||
        (rc = desk_store_days(rq->db, first, days, e)) != ST_OK ||
        (rc = put_waiting(rq, v, e)) != ST_OK || (rc = put_money(rq, v, first, e)) != ST_OK)
        return rc;
    view_int(v, "queued", present.queued);
    view_int(v, "running", present.running);
    view_int(v, "workers", present.workers);
    view_flag(v, "no_workers", present.workers == 0);
    if (present.oldest != 0)
        view_int(v, "oldest_minutes", (now - present.oldest) / CLOCK_MINUTE);
    for (size_t i = 0; i < sizeof charts / sizeof charts[0]; i++) {
        if (admin_may(rq, charts[i].permission))
            put_chart(v, &charts[i], days, first);
    }
    return page_render(rq, rs, "admin-desk", N_("Dashboard"), v, e);
}

const struct route admin_desk_routes[] = {
    {"admin", METHOD_GET, "/admin", desk_show, ROUTE_STAFF(PERM_DESK), CSRF_NONE, RATE_PAGE, NULL,
     0},
    {0},
};

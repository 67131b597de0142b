/*
 * The privacy centre: what is stored about the member who looks, line by line as the data register
 * has it, counted now. Next: holdings_store.c.
 */
#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "app/http/http.h"
#include "app/privacy/holdings.h"
#include "app/privacy/policy.h"
#include "app/privacy/policy_cache.h"
#include "app/routes.h"
#include "app/view/view.h"
#include "common/arena.h"
#include "common/clock.h"
#include "common/err.h"
#include "common/language.h"
#include "common/register_words.h"
#include "common/rights_store.h"
#include "common/text.h"

#define CELL_MAX ((size_t)8 * 1024)

/* Where a member can act on what a table holds; the last is for every other. */
static const struct {
    const char *table, *route, *label;
} acts[] = {
    {"media", "pictures", N_("See, keep, delete")},
    {"job", "pictures", N_("See the pictures")},
    {"publication", "pictures", N_("See, take back")},
    {"data_copy", "copy", N_("See the newest")},
    {"account", "account", N_("Correct or delete")},
    {"session", "account", N_("Sign out elsewhere")},
    {"account_second", "account", N_("Turn off")},
    {"account_recovery", "account", N_("Make new ones")},
    {"ledger_transfer", "credits", N_("See them")},
    {"balance", "credits", N_("See them")},
    {"purchase", "credits", N_("See them")},
    {"refund", "credits", N_("See them")},
    {"subscription", "credits", N_("Change or end")},
    {"ledger_entry", "credits", N_("See them")},
    {"ticket", "tickets", N_("See and answer")},
    {"ticket_message", "tickets", N_("See and answer")},
    {"ticket_file", "tickets", N_("See and answer")},
    {"consent", "choices", N_("Change it")},
    {NULL, "rights", N_("Ask or object")},
};

static const char *
finished(struct request *rq, struct text *t)
{
    const char *copy = t->failed ? NULL : arena_strndup(rq->arena, text_cstr(t), t->len);

    text_release(t);
    return copy;
}

/* "in 40 min", "in 5 h", or the day. */
static const char *
when(struct request *rq, int64_t at)
{
    int64_t left = at - clock_now();
    char day[DATE_TEXT];

    if (left <= 0)
        return T("within the hour");
    if (left < 2 * CLOCK_HOUR)
        return arena_printf(rq->arena, T("in %d min"), (int)(left / CLOCK_MINUTE) + 1);
    if (left < 2 * CLOCK_DAY)
        return arena_printf(rq->arena, T("in %d h"), (int)(left / CLOCK_HOUR));
    language_date(at, day);
    return arena_strdup(rq->arena, day);
}

static const char *
kept(struct request *rq, const struct holding *h)
{
    struct text t;

    text_init(&t, CELL_MAX);
    register_put_keep(&t, h->part != NULL ? &h->part->keep : &h->thing->keep, rq->conf);
    return finished(rq, &t);
}

static void
put_holding(struct request *rq, struct view *v, const struct holding *h)
{
    struct view *row = view_item(v, "rows");
    char number[NUMBER_TEXT], day[DATE_TEXT];
    size_t i = 0;

    language_number(h->count, number);
    view_text(row, "about", T(h->part != NULL ? h->part->about : h->thing->about));
    view_flag(row, "part", h->part != NULL);
    view_text(row, "count", number);
    view_flag(row, "none", h->count == 0);
    if (h->count > 0 && h->oldest > 0) {
        language_date(h->oldest, day);
        view_text(row, "oldest", day);
    }
    if (h->next > 0)
        view_text(row, "next", when(rq, h->next));
    view_text(row, "kept", kept(rq, h));
    if (h->part != NULL || h->count == 0)
        return;
    while (acts[i].table != NULL && strcmp(acts[i].table, h->thing->name) != 0)
        i++;
    view_text(row, "act", T(acts[i].label));
    view_text(row, "act_url", url_for(rq, acts[i].route, NULL, NULL));
}

/* What is kept of visitors as such: no table says whose it is, so it cannot be counted. */
static void
put_unowned(struct request *rq, struct view *v, const struct register_file *r)
{
    for (int kind = 0; kind < REGISTER_COOKIE; kind++) {
        for (const struct register_thing *t = r->things[kind]; t != NULL; t = t->next) {
            struct holding h = {.thing = t};
            struct view *item;

            if (t->whose != REGISTER_VISITOR)
                continue;
            item = view_item(v, "unowned");
            view_text(item, "about", T(t->about));
            view_text(item, "kept", kept(rq, &h));
        }
    }
}

static int
centre_show(struct request *rq, struct response *rs, struct err *e)
{
    const struct policy *p;
    struct view *v = view_new(rq->arena);
    struct holding *list;
    int64_t all = 0, since;
    char number[NUMBER_TEXT], day[DATE_TEXT];
    int rc;

    if ((rc = policy_cached(rq->conf, &p, e)) != ST_OK ||
        (rc = holdings_load(rq->db, p->data, rq->visitor.account, rq->arena, &list, e)) != ST_OK)
        return rc;
    for (const struct register_word *c = p->data->categories; c != NULL; c = c->next) {
        struct view *group = NULL;

        for (const struct holding *h = list; h != NULL; h = h->following) {
            if (strcmp(h->thing->category, c->id) != 0)
                continue;
            if (group == NULL) {
                group = view_item(v, "groups");
                view_text(group, "name", T(c->name));
            }
            put_holding(rq, group, h);
            all += h->part == NULL ? h->count : 0;
        }
    }
    if ((rc = rights_store_limited(rq->db, rq->visitor.account, &since, e)) != ST_OK)
        return rc;
    if (since != 0) {
        language_date(since, day);
        view_text(v, "limited", day);
    }
    put_unowned(rq, v, p->data);
    language_number(all, number);
    view_text(v, "all", number);
    return page_render(rq, rs, "centre", N_("What is stored about you"), v, e);
}

static const char *const limit_words[] = {"no", "yes", NULL};
static const struct field limit_fields[] = {
    {"limit", N_("Only store my data"), FIELD_CHOICE, 0, 0, true, limit_words},
};
static const struct form limit_form = {limit_fields, 1};

static int
limit_send(struct request *rq, struct response *rs, struct err *e)
{
    bool on = rq->values[0].i == 1;
    int rc;

    if (rq->errors > 0)
        return err_set(e, ST_INVALID, "Please choose one of the two.", NULL);
    if ((rc = rights_limit(rq->db, rq->visitor.account, on, e)) != ST_OK ||
        (rc = response_flash(rq, rs, on ? "limited" : "unlimited", e)) != ST_OK)
        return rc;
    return response_redirect(rq, rs, url_for(rq, "privacy_centre", NULL, NULL), e);
}

const struct route centre_routes[] = {
    {"privacy_centre", METHOD_GET, "/privacy/centre", centre_show, ROUTE_SIGNED_IN, CSRF_NONE,
     RATE_PAGE, NULL, 0},
    {"privacy_limit", METHOD_POST, "/privacy/centre/limit", limit_send, ROUTE_SIGNED_IN, CSRF_TOKEN,
     RATE_SUBMIT, &limit_form, 1024},
    {0},
};

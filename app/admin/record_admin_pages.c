/*
 * The record of processing, made from the data register: as a page and as a file for spreadsheets.
 */
#include <stddef.h>

#include "app/admin/admin_pages.h"
#include "app/privacy/policy_cache.h"
#include "app/privacy/record.h"
#include "app/routes.h"
#include "app/view/view.h"
#include "common/err.h"
#include "common/language.h"

#define CSV_MAX ((size_t)1024 * 1024)

int
admin_record_prepare(struct db *db, struct err *e)
{
    (void)db;
    (void)e;
    return ST_OK;
}

static int
record_show(struct request *rq, struct response *rs, struct err *e)
{
    struct view *v = admin_view(rq);
    const struct policy *p;
    int rc;

    if ((rc = policy_cached(rq->conf, &p, e)) != ST_OK ||
        (rc = admin_note(rq, AUDIT_RECORD_LOOK, NULL, "", e)) != ST_OK)
        return rc;
    view_text(v, "version", p->data->version);
    view_text(v, "csv", url_for(rq, "admin_record_csv", NULL, NULL));
    for (const struct register_thing *t = record_next(p, NULL); t != NULL; t = record_next(p, t)) {
        struct view *item = view_item(v, "things");
        struct record_line l;

        record_fill(&l, p, t);
        view_text(item, "name", text_cstr(&l.cells[1]));
        view_text(item, "about", text_cstr(&l.cells[2]));
        for (size_t i = 3; i < RECORD_CELLS; i++) {
            struct view *cell;

            if (l.cells[i].len == 0)
                continue;
            cell = view_item(item, "cells");
            view_text(cell, "head", T(record_heads[i]));
            view_text(cell, "words", text_cstr(&l.cells[i]));
        }
        record_release(&l);
    }
    return page_render(rq, rs, "admin-record", N_("Record of processing"), v, e);
}

static int
csv_send(struct request *rq, struct response *rs, struct err *e)
{
    const struct policy *p;
    struct text out;
    int rc;

    if ((rc = policy_cached(rq->conf, &p, e)) != ST_OK ||
        (rc = admin_note(rq, AUDIT_RECORD_LOOK, NULL, "CSV", e)) != ST_OK ||
        (rc = response_header(rs, "Content-Disposition",
                              "attachment; filename=\"record-of-processing.csv\"", e)) != ST_OK)
        return rc;
    text_init(&out, CSV_MAX);
    record_put_csv(&out, p);
    rs->type = "text/csv; charset=utf-8";
    rs->no_store = true;
    text_put(&rs->body, text_cstr(&out), out.len);
    if (out.failed)
        rc = err_set(e, ST_NOMEM, "Please try again later.", "record");
    text_release(&out);
    return rc;
}

const struct route admin_record_routes[] = {
    {"admin_record", METHOD_GET, "/admin/record", record_show, ROUTE_STAFF(PERM_RECORD), CSRF_NONE,
     RATE_PAGE, NULL, 0},
    {"admin_record_csv", METHOD_GET, "/admin/record.csv", csv_send, ROUTE_STAFF(PERM_RECORD),
     CSRF_NONE, RATE_PAGE, NULL, 0},
    {0},
};

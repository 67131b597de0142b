/*
 * The gate and the frame of the administration; see admin_pages.h. Knows no section's contents.
 */
#include "app/admin/admin_pages.h"

#include <stdio.h>
#include <string.h>

#include "app/account/second.h"
#include "app/admin/staff.h"
#include "app/view/view.h"
#include "common/clock.h"
#include "common/err.h"
#include "common/language.h"

#define ADMIN_SECTION(name, label, page, right) {#name, label, page, right, NULL},
#define ADMIN_QUEUE(name, label, page, right) {#name, label, page, right, admin_##name##_waiting},
const struct admin_section admin_sections[] = {
#include "app/admin/section_list.h"
};
const size_t admin_section_count = sizeof admin_sections / sizeof admin_sections[0];

int
admin_prepare(struct db *db, struct err *e)
{
    static int (*const parts[])(struct db *, struct err *) = {
        staff_prepare,
        audit_prepare,
#define ADMIN_SECTION(name, label, page, right) admin_##name##_prepare,
#include "app/admin/section_list.h"
    };

    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        int rc = parts[i](db, e);
        if (rc != ST_OK)
            return rc;
    }
    return ST_OK;
}

/* --- the gate --- */

/* As an address that does not exist: strangers cannot tell the difference. */
static int
nothing_here(struct request *rq, struct err *e)
{
    rq->route = NULL;
    return err_set(e, ST_NOTFOUND, "There is nothing at this address.", NULL);
}

static int
second_page(struct request *rq, struct response *rs, bool on, struct err *e)
{
    struct view *v = view_new(rq->arena);

    view_flag(v, "on", on);
    view_text(v, "csrf", rq->csrf);
    rs->status = 403;
    return page_render(rq, rs, "admin-second", N_("A code is needed"), v, e);
}

int
admin_admit(struct request *rq, struct response *rs, unsigned permission, bool *answered,
            struct err *e)
{
    struct second_state second;
    enum role role;
    int rc;

    *answered = false;
    if (rq->visitor.account == 0 || !rq->visitor.staff)
        return nothing_here(rq, e);
    rc = staff_role(rq->db, rq->visitor.account, &role, e);
    if (rc == ST_NOTFOUND)
        return nothing_here(rq, e);
    if (rc != ST_OK || (rc = second_look(rq->db, rq->visitor.account, &second, e)) != ST_OK)
        return rc;
    if (!second.on || !rq->visitor.second) {
        *answered = true;
        return second_page(rq, rs, second.on, e);
    }
    if (!role_may(role, (enum permission)permission))
        return err_set(e, ST_DENIED, "Your role does not include this.", NULL);
    rq->staff_role = (int)role;
    return ST_OK;
}

bool
admin_may(const struct request *rq, enum permission permission)
{
    return role_may((enum role)rq->staff_role, permission);
}

int
admin_note(struct request *rq, enum audit_action action, const struct id *subject,
           const char *reason, struct err *e)
{
    char text[ID_TEXT] = "";
    const struct audit_entry entry = {rq->visitor.account, action, text, reason};

    if (subject != NULL)
        id_format(subject, text);
    return audit_write(rq->db, &entry, e);
}

/* --- what pages share --- */

/* The dashboard's address begins all others. */
static bool
is_below(const char *path, const char *section)
{
    size_t len = strlen(section);

    if (strncmp(path, section, len) != 0)
        return false;
    return path[len] == '\0' || (path[len] == '/' && strchr(section + 1, '/') != NULL);
}

struct view *
admin_view(struct request *rq)
{
    struct view *v = view_new(rq->arena);

    view_text(v, "role", role_word((enum role)rq->staff_role));
    view_text(v, "csrf", rq->csrf);
    for (size_t i = 0; i < admin_section_count; i++) {
        const struct admin_section *s = &admin_sections[i];
        struct view *item;

        if (!admin_may(rq, s->permission))
            continue;
        item = view_item(v, "sections");
        view_text(item, "label", T(s->label));
        view_text(item, "url", url_for(rq, s->route, NULL, NULL));
        view_flag(item, "current", is_below(rq->path, url_for(rq, s->route, NULL, NULL)));
    }
    return v;
}

void
admin_time(int64_t at, char out[ADMIN_TIME])
{
    char date[DATE_TEXT], iso[32];

    out[0] = '\0';
    if (at == 0)
        return;
    language_date(at, date);
    clock_iso(at, iso, sizeof iso);
    snprintf(out, ADMIN_TIME, "%s, %.5s", date, iso + 11);
}

void
admin_put_time(struct view *v, const char *name, int64_t at)
{
    char text[ADMIN_TIME];

    admin_time(at, text);
    if (at != 0)
        view_text(v, name, text);
}

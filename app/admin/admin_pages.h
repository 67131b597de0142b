/*
 * What the pages of the administration share: who may enter, the menu, and the row in the audit log
 * that comes before every look at somebody's data. The sections are in section_list.h.
 */
#ifndef GEMPIX_APP_ADMIN_ADMIN_PAGES_H
#define GEMPIX_APP_ADMIN_ADMIN_PAGES_H

#include <stdbool.h>
#include <stdint.h>

#include "app/admin/roles.h"
#include "app/http/http.h"
#include "common/audit.h"

struct view;

#define ADMIN_REASON_MAX 500 /* bytes */
#define ADMIN_BODY 8192

/* Whoever has no role finds nothing here; whoever has one without a code shown in this session gets
 * a page that says what to do. The dispatcher asks for every route with ROUTE_STAFF. */
int admin_admit(struct request *rq, struct response *rs, unsigned permission, bool *answered,
                struct err *e);
int admin_prepare(struct db *db, struct err *e);

/* May this member of the staff do that as well? For parts of a page. */
bool admin_may(const struct request *rq, enum permission permission);

/* Writes the audit row of a look or an act; when it fails nothing may be shown. `subject` may be
 * NULL. In a transaction of the caller, call it last. */
int admin_note(struct request *rq, enum audit_action action, const struct id *subject,
               const char *reason, struct err *e);

/* A view with the menu for this person; admin-menu.mustache shows it. */
struct view *admin_view(struct request *rq);
/* "queued", "paid", "edit": a word of the database in the reader's language. */
const char *admin_word(const char *word);
/* "3 Nov 2026, 14:05" in the reader's language, UTC; "" for 0. */
#define ADMIN_TIME 64
void admin_time(int64_t at, char out[ADMIN_TIME]);
/* The same in a view under `name`; absent for 0. */
void admin_put_time(struct view *v, const char *name, int64_t at);

/* What waits for a person in a section. */
struct admin_waiting {
    int64_t count;
    int64_t due; /* µs UTC: when the first is due or how old the oldest is; 0 = nothing waits */
    const char *about; /* N_ sentence: "Open reports; the oldest is from" */
};
typedef int admin_waiting_look(struct db *db, struct admin_waiting *out, struct err *e);

/* What each section defines. */
#define ADMIN_SECTION(name, label, page, right)                                                    \
    int admin_##name##_prepare(struct db *db, struct err *e);
#define ADMIN_QUEUE(name, label, page, right)                                                      \
    int admin_##name##_prepare(struct db *db, struct err *e);                                      \
    admin_waiting_look admin_##name##_waiting;
#include "app/admin/section_list.h"

struct admin_section {
    const char *name, *label, *route;
    enum permission permission;
    admin_waiting_look *waiting;
};
extern const struct admin_section admin_sections[];
extern const size_t admin_section_count;

#endif

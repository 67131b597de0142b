/*
 * The sections of the administration, in the order of its menu. A new one is a row here and its
 * files: NAME_admin_pages.c defines `const struct route admin_NAME_routes[]` and
 * `int admin_NAME_prepare(struct db *, struct err *)`; of an ADMIN_QUEUE, where something waits for
 * a person, also `admin_waiting_look admin_NAME_waiting`, for the dashboard.
 *
 *   ADMIN_SECTION(NAME, label, route of its first page, permission that shows it in the menu)
 *
 * Included where the rows are needed, with ADMIN_SECTION defined; so there is no guard.
 */
#ifndef ADMIN_QUEUE
#define ADMIN_QUEUE ADMIN_SECTION
#endif
ADMIN_SECTION(desk, N_("Dashboard"), "admin", PERM_DESK)
ADMIN_SECTION(people, N_("Accounts"), "admin_people", PERM_ACCOUNTS)
ADMIN_SECTION(jobs, N_("Jobs"), "admin_jobs", PERM_JOBS)
ADMIN_QUEUE(reports, N_("Reports"), "admin_reports", PERM_REPORTS)
ADMIN_QUEUE(flags, N_("Flags"), "admin_flags", PERM_FLAGS)
ADMIN_QUEUE(tickets, N_("Questions"), "admin_tickets", PERM_TICKETS)
ADMIN_SECTION(purchases, N_("Purchases"), "admin_purchases", PERM_PURCHASES)
ADMIN_QUEUE(books, N_("Books"), "admin_books", PERM_PURCHASES)
ADMIN_QUEUE(rights, N_("Requests"), "admin_rights", PERM_RIGHTS)
ADMIN_QUEUE(erasures, N_("Deletions"), "admin_erasures", PERM_RIGHTS)
ADMIN_SECTION(record, N_("Record of processing"), "admin_record", PERM_RECORD)
ADMIN_SECTION(trail, N_("Audit log"), "admin_trail", PERM_AUDIT)
#undef ADMIN_SECTION
#undef ADMIN_QUEUE

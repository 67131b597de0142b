# app/admin/: the staff's pages.
app_SOURCES += \
	app/admin/admin_pages.c app/admin/admin_pages.h app/admin/books_admin_pages.c \
	app/admin/desk_admin_pages.c app/admin/desk_store.c app/admin/desk_store.h \
	app/admin/erasures_admin_pages.c app/admin/erasures_store.c app/admin/erasures_store.h \
	app/admin/flags_admin_pages.c \
	app/admin/people_admin_pages.c app/admin/people.c app/admin/people.h \
	app/admin/people_store.c app/admin/people_store.h \
	app/admin/jobs_admin_pages.c app/admin/purchases_admin_pages.c app/admin/record_admin_pages.c \
	app/admin/tickets_admin_pages.c app/admin/rights_admin_pages.c \
	app/admin/work_store.c app/admin/work_store.h \
	app/admin/reports_admin_pages.c app/admin/verdicts.c app/admin/verdicts.h \
	app/admin/verdicts_store.c app/admin/verdicts_store.h \
	app/admin/roles.c app/admin/roles.h \
	app/admin/section_list.h \
	app/admin/staff.c app/admin/staff.h app/admin/staff_store.c app/admin/staff_store.h \
	app/admin/trail_admin_pages.c

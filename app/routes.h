/*
 * The routes of every domain, as the router sees them. A domain adds its table here and in
 * routes.c.
 */
#ifndef GEMPIX_APP_ROUTES_H
#define GEMPIX_APP_ROUTES_H

#include "app/http/http.h"

extern const struct route home_routes[];
extern const struct route language_routes[];
extern const struct route theme_routes[];
extern const struct route machine_routes[];
extern const struct route account_routes[];
extern const struct route confirm_routes[];
extern const struct route profile_routes[];
extern const struct route second_routes[];
extern const struct route studio_routes[];
extern const struct route billing_routes[];
extern const struct route library_routes[];
extern const struct route privacy_routes[];
extern const struct route explore_routes[];
extern const struct route centre_routes[];
extern const struct route consent_routes[];
extern const struct route notice_routes[];
extern const struct route support_routes[];
extern const struct route ticket_routes[];
extern const struct route copy_routes[];
extern const struct route rights_routes[];
extern const struct route rights_state_routes[];
extern const struct route erasure_routes[];

#define ADMIN_SECTION(name, label, page, right) extern const struct route admin_##name##_routes[];
#include "app/admin/section_list.h"

struct db;
struct err;
struct request;
struct response;

/* Prepares the statements of every domain on the connection, so that a typo stops the boot. Once
 * after db_open. */
int routes_prepare(struct db *db, struct err *e);
/* The version of the policy that the member is to read, or NULL. */
const char *routes_notice(struct request *rq);
/* Is the visitor one of the staff who may be here? As app->admit of http/app.h. */
int routes_admit(struct request *rq, struct response *rs, unsigned permission, bool *answered,
                 struct err *e);
/* A page was made. */
int routes_visited(struct request *rq, struct err *e);

#endif

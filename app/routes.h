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

struct db;
struct err;
struct request;

/* Prepares the statements of every domain on the connection, so that a typo stops the boot. Once
 * after db_open. */
int routes_prepare(struct db *db, struct err *e);
/* The version of the policy that the member is to read, or NULL. */
const char *routes_notice(struct request *rq);
/* A page was made. */
int routes_visited(struct request *rq, struct err *e);

#endif

/*
 * Handlers of monthly plans, for the route table in credit_pages.c, and their part of the credits
 * page.
 */
#ifndef GEMPIX_APP_BILLING_SUBSCRIPTION_PAGES_H
#define GEMPIX_APP_BILLING_SUBSCRIPTION_PAGES_H

#include "app/http/http.h"

struct view;

extern const struct form subscription_end_form, subscription_change_form;

int subscription_show(struct request *rq, struct response *rs, struct err *e);
int subscription_end(struct request *rq, struct response *rs, struct err *e);
int subscription_change(struct request *rq, struct response *rs, struct err *e);
/* On to the processor's page of the invoice that is open. */
int subscription_pay(struct request *rq, struct response *rs, struct err *e);
/* The visitor's monthly plans as items "monthly" of the view. */
int subscription_items(struct request *rq, struct view *v, struct err *e);

#endif

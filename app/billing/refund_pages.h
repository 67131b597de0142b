/*
 * The part of a purchase's page that gives money back, and its form. Rules: common/refund.h.
 */
#ifndef GEMPIX_APP_BILLING_REFUND_PAGES_H
#define GEMPIX_APP_BILLING_REFUND_PAGES_H

#include "app/http/http.h"

struct purchase;
struct view;

extern const struct form refund_form;

/* What can go back, or how far it is. 0 or ST_DB. */
int refund_show(struct request *rq, struct view *v, const struct purchase *p, struct err *e);
int refund_send(struct request *rq, struct response *rs, struct err *e);

#endif

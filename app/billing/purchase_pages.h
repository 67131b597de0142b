/*
 * Handlers of one purchase, for the route table in credit_pages.c.
 */
#ifndef GEMPIX_APP_BILLING_PURCHASE_PAGES_H
#define GEMPIX_APP_BILLING_PURCHASE_PAGES_H

#include "app/http/http.h"

extern const struct form purchase_buy_form;

int pricing_show(struct request *rq, struct response *rs, struct err *e);
int purchase_buy(struct request *rq, struct response *rs, struct err *e);
int purchase_show(struct request *rq, struct response *rs, struct err *e);
/* After the processor was asked: how many credits the top of the page says the visitor has. */
int purchase_credits_now(struct request *rq, struct err *e);
int purchase_webhook(struct request *rq, struct response *rs, struct err *e);

#endif

/*
 * What the pages of published pictures share; their route table is in explore_pages.c.
 */
#ifndef GEMPIX_APP_EXPLORE_EXPLORE_PAGES_H
#define GEMPIX_APP_EXPLORE_EXPLORE_PAGES_H

#include "app/http/http.h"

struct explore_item;
struct view;

/* Its addresses, words and sizes, for a tile or a page. */
void explore_show(struct request *rq, struct view *out, const struct explore_item *item);
/* Lets caches keep the answer for so many seconds where nobody is signed in. */
int explore_cache(struct request *rq, struct response *rs, int seconds, struct err *e);

/* feed_pages.c */
int explore_feed(struct request *rq, struct response *rs, struct err *e);

/* report_pages.c */
extern const struct form report_form;
int report_ask(struct request *rq, struct response *rs, struct err *e);
int report_send(struct request *rq, struct response *rs, struct err *e);

/* publish_pages.c */
extern const struct form publish_form;
int publish_ask(struct request *rq, struct response *rs, struct err *e);
int publish_send(struct request *rq, struct response *rs, struct err *e);
int unpublish_send(struct request *rq, struct response *rs, struct err *e);

#endif

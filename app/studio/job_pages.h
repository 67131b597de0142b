/*
 * Handlers of a job's page, listed in the studio's route table (create_pages.c).
 */
#ifndef GEMPIX_APP_STUDIO_JOB_PAGES_H
#define GEMPIX_APP_STUDIO_JOB_PAGES_H

#include "app/http/http.h"

/* ?seen=STEP: the browser has the preview of that step already. */
extern const struct form job_status_form;

int job_show(struct request *rq, struct response *rs, struct err *e);
/* The same snapshot as JSON: {"state", "ended", "percent", "words", "label", "title", "step",
   "steps", "ahead", "seconds", "preview": null or {"url", "step"}, "page"}. */
int job_status(struct request *rq, struct response *rs, struct err *e);
/* The newest preview as JPEG, 404 while there is none. */
int job_preview(struct request *rq, struct response *rs, struct err *e);
int job_cancel_send(struct request *rq, struct response *rs, struct err *e);

#endif

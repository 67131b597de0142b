/*
 * Handlers of what is done with several pictures at once, listed in the library's route table
 * (library_pages.c).
 */
#ifndef GEMPIX_APP_LIBRARY_SELECTION_PAGES_H
#define GEMPIX_APP_LIBRARY_SELECTION_PAGES_H

#include "app/http/http.h"

#define SELECTION_MAX 100 /* pictures in one go */

/* do=keep, unkeep, delete, zip, publish or unpublish; id=… for each picture; here = filters to come
 * back to. */
extern const struct form selection_form;
/* deletion=… of one's own. */
extern const struct form restore_form;

int selection_send(struct request *rq, struct response *rs, struct err *e);
int selection_restore(struct request *rq, struct response *rs, struct err *e);

/* Back to the library with a notice that offers to take the deletion back. `filters` may be "". */
int selection_after_delete(struct request *rq, struct response *rs, const char *filters,
                           const struct id *deletion, struct err *e);

#endif

/*
 * One notice that is shown on the next page: a cookie holds the key of a sentence, never text.
 * response_flash is in http.h.
 */
#ifndef GEMPIX_APP_HTTP_FLASH_H
#define GEMPIX_APP_HTTP_FLASH_H

struct err;
struct request;
struct response;

struct flash {
    const char *key;
    const char *kind; /* "good" or "note": how it is shown */
    const char *text;
};

/* The notice that this visitor brought along, or NULL. */
const struct flash *flash_find(const struct request *rq);
/* The page shows it: the cookie goes. */
int flash_shown(struct request *rq, struct response *rs, struct err *e);

#endif

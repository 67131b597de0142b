/*
 * Handlers of a single picture, listed in the library's route table (library_pages.c).
 */
#ifndef GEMPIX_APP_LIBRARY_PICTURE_PAGES_H
#define GEMPIX_APP_LIBRARY_PICTURE_PAGES_H

#include "app/http/http.h"

/* keep=yes: until the account ends; keep=no: transient again. */
extern const struct form picture_keep_form;
/* as=png, jpeg or webp; the file as it is without. */
extern const struct form picture_download_form;

int picture_show(struct request *rq, struct response *rs, struct err *e);
/* The file itself, handed to nginx after the check; inline, as a small picture, and with a file
 * name. */
int picture_file(struct request *rq, struct response *rs, struct err *e);
int picture_view(struct request *rq, struct response *rs, struct err *e);
int picture_thumb(struct request *rq, struct response *rs, struct err *e);
int picture_download(struct request *rq, struct response *rs, struct err *e);
/* The picture it was made from: its file; keeping it longer than uploads are. */
int picture_source(struct request *rq, struct response *rs, struct err *e);
int picture_source_keep(struct request *rq, struct response *rs, struct err *e);
int picture_keep(struct request *rq, struct response *rs, struct err *e);
int picture_delete_ask(struct request *rq, struct response *rs, struct err *e);
int picture_delete_send(struct request *rq, struct response *rs, struct err *e);

struct view;
/* What the script's clocks are made of, in the visitor's language: clock_soon, clock_minutes … */
void clock_words(struct view *v);

#endif

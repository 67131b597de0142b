/*
 * The hub's side of model_source.h: its JSON list of files, and their addresses. Private to
 * model_source.c and its tests.
 */
#ifndef GEMPIX_APP_CTL_MODEL_HUB_H
#define GEMPIX_APP_CTL_MODEL_HUB_H

#include <stddef.h>

struct conf;
struct err;
struct model_get;
struct model_source;
struct text;
struct fetch_done;

/* Takes "owner/name[@revision]" or an address that ends so apart into s. 0 or ST_INVALID. */
int hub_parse(const struct conf *conf, const char *word, struct model_source *s, struct err *e);
/* Asks for the list of files; s->revision becomes the commit. */
int hub_list(const struct conf *conf, struct model_source *s, struct err *e);
/* Reads such a list; nothing in it is believed. 0, ST_INVALID, ST_TOOBIG or ST_NOMEM. */
int hub_take_list(struct model_source *s, const char *body, size_t len, struct err *e);
int hub_text(struct model_source *s, const char *name, struct text *out, struct err *e);
int hub_get(struct model_source *s, const struct model_get *get, struct fetch_done *done,
            struct err *e);

#endif

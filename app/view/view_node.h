/*
 * A view seen from the inside: how page.c gives it to the Mustache renderer. Pages see view.h
 * alone.
 */
#ifndef GEMPIX_APP_VIEW_VIEW_NODE_H
#define GEMPIX_APP_VIEW_VIEW_NODE_H

#include <stdbool.h>

#include "app/view/mustache.h"

struct view;

extern const struct mustache_data view_data;

/* A nested object whose members are those of `other`, which outlives the view and changes no more;
 * NULL fails the view. */
void view_share(struct view *v, const char *name, const struct view *other);
/* A text that is not copied: it outlives the view. NULL fails the view. */
void view_borrow(struct view *v, const char *name, const char *value);
/* Names that `v` lacks are looked up in `other` too; NULL = no more. */
void view_fall_back(struct view *v, struct view *other);
/* True when an allocation failed anywhere in the view. NULL has failed. */
bool view_failed(const struct view *v);

#endif

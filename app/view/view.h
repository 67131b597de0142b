/*
 * What a page shows: names and values for a Mustache template. A handler fills a view and writes no
 * markup. Everything lives in the request's arena; a failed allocation is remembered and reported
 * by page_render.
 */
#ifndef GEMPIX_APP_VIEW_VIEW_H
#define GEMPIX_APP_VIEW_VIEW_H

#include <stdbool.h>
#include <stdint.h>

struct arena;
struct err;
struct request;
struct response;
struct view;

/* Names are not copied: literals, or texts that live as long as the view. */
struct view *view_new(struct arena *arena);
void view_text(struct view *v, const char *name, const char *value); /* copied; NULL = absent */
void view_int(struct view *v, const char *name, int64_t value);
void view_real(struct view *v, const char *name, double value, int decimals);
void view_flag(struct view *v, const char *name, bool value);
/* A nested object ({{#name}}…{{/name}} or {{name.x}}). */
struct view *view_section(struct view *v, const char *name);
/* Appends an element to the list `name`. */
struct view *view_item(struct view *v, const char *name);
/* Adds for every field of the request's form an object NAME = {name, value, error, checked,
 * choices…}, so that a form shows again what was typed (never FIELD_SECRET). */
void view_form(struct view *v, struct request *rq);

/*
 * Names that every template may use beside its own view's (which win inside the page; the frame's
 * win inside the frame): site_name, contact, title, content (frame only: {{{content}}}), csrf, css,
 * icon, icons (static URLs of site.css, favicon.svg, icons.svg), language (tag of this
 * page), languages (list of {tag, name, current, choose}), theme ("light" or "dark" when the
 * visitor chose one), themes (list of {name, icon, current, choose}), signed_in {display_name,
 * email, credits, one_credit, unproven, staff,
 * restriction (why; absent where there is none)}, guest (flag), sells (flag), test_payments (flag: no money moves), flash {kind ("good" or "note"),
 * text}, url.NAME (every route without an id: url.create), at.NAME (the current route: at.create).
 * error.mustache: status, heading, message, retry (flag), again (URL to try again, GET only).
 */

/* Renders templates/NAME.mustache inside the frame (frame.mustache, partials by {{> name}}) with
   `title`. The frame knows: site name, visitor (name, credits, or none), csrf token, theme, flash
   notice, navigation, static URLs. 0, ST_INTERNAL (template missing or broken: name and line),
   ST_NOMEM. */
int page_render(struct request *rq, struct response *rs, const char *name, const char *title,
                struct view *v, struct err *e);

/* The error page of a status, in the site's look, also when the database is away. Never fails:
 * falls back to plain text. */
void page_error(struct request *rq, struct response *rs, int http_status, const struct err *e);

#endif

/*
 * What a picture costs, in credits. The same rule runs in the browser (static/create.js) as a
 * preview; this one decides.
 */
#ifndef GEMPIX_APP_STUDIO_PRICE_H
#define GEMPIX_APP_STUDIO_PRICE_H

#include <stdint.h>

struct conf;

/* credits.image for every image of up to credits.pixels × credits.steps pixel-steps; larger work in
   whole multiples. All arguments > 0. */
int64_t price_of(const struct conf *conf, int width, int height, int steps, int images);

#endif

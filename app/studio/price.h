/*
 * What a picture costs, in credits and in work for the queue. The same rule runs in the browser
 * (static/studio.js) as a preview; this one decides.
 */
#ifndef GEMPIX_APP_STUDIO_PRICE_H
#define GEMPIX_APP_STUDIO_PRICE_H

#include <stdbool.h>
#include <stdint.h>

struct conf;
struct rates;

/* How the time for a picture grows with its pixels and steps, where one of credits.pixels and
   credits.steps takes 1: fixed(px) + steps × step(px), each [0] + [1]·px + [2]·px². */
struct price_shape {
    bool known; /* else in proportion to pixels × steps */
    double fixed[3], step[3];
};

/* From what the workers measured; unknown where they did not, or where it makes no sense. */
void price_shape_of(const struct conf *conf, const struct rates *rates, struct price_shape *out);

/* credits.image for every image that takes as long as one of credits.pixels × credits.steps or
   less; larger work in whole multiples. A tenth of a multiple is given away where the shape was
   measured, for no two measurements are the same. All arguments > 0. */
int64_t price_of(const struct conf *conf, const struct price_shape *shape, int width, int height,
                 int steps, int images);
/* Pixel-steps of that unit that take as long: what a job costs its turn in the queue. */
int64_t price_work(const struct conf *conf, const struct price_shape *shape, int width, int height,
                   int steps, int images);

#endif

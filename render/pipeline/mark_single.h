/*
 * A single mark on a picture: a line of letters, or an emblem with a letter in it. For mark.c.
 */
#ifndef GEMPIX_RENDER_PIPELINE_MARK_SINGLE_H
#define GEMPIX_RENDER_PIPELINE_MARK_SINGLE_H

#include <stdint.h>

struct err;
struct level;

enum single_kind { SINGLE_LINE, SINGLE_EMBLEM };

/* What a candidate is judged by. */
enum {
    TRAIT_PARTS,    /* logarithm of their number */
    TRAIT_FLAT,     /* share of its pixels with as much ink */
    TRAIT_STRAIGHT, /* how well all differences point to one pure ink */
    TRAIT_INK,      /* how much that differs between its parts */
    TRAIT_STROKE,   /* how much the strokes' widths differ */
    TRAIT_WINDING,  /* mean length of outlines in those of boxes */
    TRAIT_THICK,    /* height of the line in those of its letters; of an emblem, how far off its
                       middle the letter is */
    TRAIT_CROWD,    /* share of the line's length under letters; of the emblem, under the letter */
    TRAIT_AMOUNT,   /* of ink */
    TRAIT_OPAQUE,   /* 1 - how much of the ground is seen through it, where that can be told */
    TRAIT_LOOSE,    /* colour that a tint does not explain, in parts of the contrast */
    TRAIT_CONTRAST, /* logarithm of grey values */
    TRAIT_SLIM,     /* stroke in parts of the height */
    TRAIT_ALIGNED,  /* share of letters that stand on the line; of an emblem, how far the middle of
                       its frame is off that of its box */
    TRAIT_HEIGHTS,  /* how much the letters' heights differ; of an emblem, how far it is from square
                     */
    TRAIT_BUSY,     /* logarithm of all parts of the picture that could be letters */
    TRAIT_ALONE,    /* share of such parts around it that belong to it */
    TRAITS
};

struct single {
    enum single_kind kind;
    double chance; /* that it is a mark, 0 to 1 */
    int sign;      /* 1 = brighter than the picture, -1 = darker */
    double trait[TRAITS];
};

/* Told of every candidate with its mask, for whoever fits the weights. */
struct single_watch {
    void (*see)(void *ctx, const struct single *one, const uint8_t *mask);
    void *ctx;
};

/* The likeliest mark on a picture; chance 0 if there is nothing like one. mask[h][w] gets 255 where
   it is, else 0. `watch` may be NULL. 0 or ST_NOMEM. */
int single_find(const struct level *base, const struct single_watch *watch, struct single *out,
                uint8_t *mask, struct err *e);

#endif

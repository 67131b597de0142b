/*
 * What a visitor is asking for: the studio's form from its beginning, or as it was sent, to an
 * order. Knows requests; the page is create_pages.c, the rules are studio.c's.
 */
#ifndef GEMPIX_APP_STUDIO_DRAFT_FORM_H
#define GEMPIX_APP_STUDIO_DRAFT_FORM_H

#include <stdbool.h>
#include <stdint.h>

#include "app/http/http.h"
#include "app/studio/mode.h"
#include "app/studio/price.h"
#include "common/ids.h"

struct err;
struct studio_order;

/* The fields of every mode's form; a mode reads those it asks for. */
enum draft_field {
    DRAFT_PROMPT,
    DRAFT_NEGATIVE,
    DRAFT_SIZE,
    DRAFT_WIDTH,
    DRAFT_HEIGHT,
    DRAFT_STEPS,
    DRAFT_GUIDANCE,
    DRAFT_SAMPLER,
    DRAFT_SEED,
    DRAFT_IMAGES,
    DRAFT_SUBMIT_KEY,
    DRAFT_PICTURE,
    DRAFT_PICTURE_ID,
    DRAFT_MASK,
    DRAFT_STRENGTH,
    DRAFT_IMAGE_GUIDANCE,
    DRAFT_FRAMES,
    DRAFT_FPS,
    DRAFT_RIGHTS,
    DRAFT_FACTOR,
    DRAFT_FIELDS
};
#define DRAFT_FRAMES_MAX 32

/* Forms that draw, forms that mend, and the query that a form may begin from. */
extern const struct form draft_drawing_form, draft_mending_form, draft_start_form;

/* What the form shows: as typed, or as it starts. Arena memory. */
struct draft {
    enum mode_name mode;
    const char *text[DRAFT_FIELDS];
    int width, height, steps, images; /* for the price; 0 where what was typed makes no sense */
    int frames, factor;
    double strength;
    int64_t size, sampler; /* choices, as indices */
    bool rights;
    bool refused; /* its words: by the rules about prompts */
    struct price_shape shape;
    struct id submit_key;
    bool given; /* a picture is there already: picture */
    struct id picture;
    bool masked;
    struct id mask;
};

/* How the form starts: the standard, an earlier job's parameters, a prompt or a picture from a link
 * (which need not be there: the job's or the picture's absence is no error). */
int draft_start(struct request *rq, enum mode_name mode, struct draft *d, struct err *e);
/* What came in, with every rule that the form's table cannot say: sentences in rq->values[].error,
 * counted in rq->errors. Files that came are stored as uploads, so that none has to be sent
 * twice. */
int draft_sent(struct request *rq, enum mode_name mode, struct draft *d, struct err *e);

/* Credits; 0 where something is missing. */
int64_t draft_price(const struct request *rq, const struct draft *d);
/* The order of a draft without errors. Borrowed from the draft. */
void draft_order(const struct request *rq, const struct draft *d, struct studio_order *out);

#endif

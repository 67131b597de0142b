/*
 * The modes of the studio: what can be made, what each asks for and what it becomes in the queue.
 * One table; pages, prices and rules follow it.
 */
#ifndef GEMPIX_APP_STUDIO_MODE_H
#define GEMPIX_APP_STUDIO_MODE_H

#include <stdbool.h>

#include "common/job.h"

enum mode_name {
    MODE_CREATE,  /* words become a picture */
    MODE_PICTURE, /* a picture becomes others like it */
    MODE_EDIT,    /* words change a picture, all of it or where it is painted over */
    MODE_CLEANUP, /* a mark is taken off a picture */
    MODE_ANIMATE, /* a picture begins to move */
    MODE_UPSCALE,
    MODES
};

/* What a mode asks for beside its picture. */
#define ASKS_WORDS 1u     /* a prompt, which it cannot do without */
#define ASKS_DRAWING 2u   /* size, steps, guidance, method, seed */
#define ASKS_IMAGES 4u    /* how many */
#define ASKS_PICTURE 8u   /* one to begin with */
#define ASKS_MASK 16u     /* may be painted over */
#define ASKS_STRENGTH 32u /* how far from the picture it may go */
#define ASKS_FILM 64u     /* frames and their rate */
#define ASKS_RIGHTS 128u  /* that the visitor may do this to the picture */
#define ASKS_FACTOR 256u

struct conf;

struct mode {
    const char *route;           /* "edit": /create/edit; its POST is "edit_send" */
    const char *send;            /* the route that takes the form */
    enum job_kind kind;          /* without a mask */
    enum job_kind masked;        /* with one */
    unsigned asks;               /* ASKS_… */
    const char *label, *title;   /* of the tab, of the page */
    const char *words, *example; /* asks for the prompt; a hint what to write */
    const char *none;            /* when there is no prompt */
    const char *button;
};

/* Sentences are marked for the catalogue, T translates them. */
extern const struct mode modes[MODES];

/* The mode that a kind of job comes from. */
enum mode_name mode_of_kind(enum job_kind kind);
/* Does the site have what it takes? */
bool mode_offered(const struct conf *conf, enum mode_name m);
/* Can it be done without a mask, where it takes one? */
bool mode_goes_without_mask(const struct conf *conf, enum mode_name m);

static inline bool
mode_asks(enum mode_name m, unsigned what)
{
    return (modes[m].asks & what) != 0;
}

#endif

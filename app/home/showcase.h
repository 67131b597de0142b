/*
 * The pictures on the landing page: what was asked for and which file shows what came. Made with
 * the bundled model by `make landing-pictures`, which reads the tables of showcase.c; so a better
 * model means running that again, and nothing by hand.
 */
#ifndef GEMPIX_APP_HOME_SHOWCASE_H
#define GEMPIX_APP_HOME_SHOWCASE_H

struct showcase {
    const char *file;   /* in app/static */
    const char *prompt; /* also the picture's description */
    int seed;
};

/* One picture on its way: what was there after `step` steps. */
struct showcase_frame {
    const char *file;
    int step;
};

/* The script reads the first and writes what came into the others. */
#define SHOWCASE_STEPS 30
#define SHOWCASE_SIDE 256 /* pixels, each way */
#define FRAME_SIDE 128     /* of an unfinished one */

extern const struct showcase showcase[]; /* the first is the one on its way; file NULL ends it */
extern const struct showcase_frame showcase_frames[]; /* file NULL ends it */

#endif

/*
 * A model's motion modules: a file beside the model, with the noise schedule that they were trained
 * with.
 */
#ifndef GEMPIX_RENDER_PIPELINE_PIPELINE_MOTION_H
#define GEMPIX_RENDER_PIPELINE_PIPELINE_MOTION_H

#include <stdint.h>

#include "render/model/motion.h"
#include "render/sampler/schedule.h"

struct pipeline;

struct pipeline_motion {
    struct arena *arena;
    struct weight_store *store;
    struct motion *modules;
    struct schedule schedule;
};

void pipeline_motion_free(struct pipeline_motion *m); /* NULL is legal */

/* Can this model make clips of `frames`? 0, ST_INVALID or ST_UNSUPPORTED. */
int pipeline_motion_check(const struct pipeline *p, int frames, struct err *e);
/* Lets the system take back the memory of the modules' files. */
void pipeline_motion_rest(const struct pipeline *p);
/* As weight_store_intact. */
int pipeline_motion_intact(const struct pipeline *p, struct err *e);
/* Size of the modules' files; 0 = none. */
uint64_t pipeline_motion_bytes(const struct pipeline *p);
/* Frames that the modules see at once; 1 without modules. */
size_t pipeline_motion_frames(const struct pipeline *p);
/* Do its clips begin with a given picture? */
bool pipeline_motion_continues(const struct pipeline *p);
/* Readies the U-Net and the schedule for clips of `frames`, or for single pictures when that is 1.
   0 or ST_INVALID. */
int pipeline_motion_use(struct pipeline *p, size_t frames, const struct schedule **schedule,
                        struct err *e);

#endif

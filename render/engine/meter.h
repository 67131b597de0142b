/*
 * What a run consists of, by kind of work: counted while planning, timed while running. Feeds the
 * cost model (render/pipeline/cost.h). Kernels open a meter around themselves; a kernel inside
 * another's meter counts as the outer one. Costs two looks at a clock per layer.
 */
#ifndef GEMPIX_RENDER_ENGINE_METER_H
#define GEMPIX_RENDER_ENGINE_METER_H

#include <stdbool.h>
#include <stdint.h>

#include "render/engine/engine.h"

struct meter {
    enum engine_work work;
    bool outer;    /* not inside another meter */
    double flops;  /* of the engine when it began */
    int64_t began; /* microseconds */
};

/* Empties the engine's counters and stopwatches. */
void meter_reset(struct engine *g);
struct meter meter_begin(struct engine *g, enum engine_work work);
/* Planning: adds the FLOPs since meter_begin to g->work; running: the seconds to g->spent. */
void meter_end(struct engine *g, const struct meter *m);

#endif

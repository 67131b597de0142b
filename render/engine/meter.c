/*
 * Counters and stopwatches by kind of work. Knows nothing of kernels. Read next:
 * render/pipeline/cost.c.
 */
#include "render/engine/meter.h"

#include <string.h>

#include "common/clock.h"

void
meter_reset(struct engine *g)
{
    memset(g->work, 0, sizeof g->work);
    memset(g->spent, 0, sizeof g->spent);
}

struct meter
meter_begin(struct engine *g, enum engine_work work)
{
    struct meter m = {.work = work, .outer = !g->metering, .flops = g->flops};

    g->metering = true;
    if (m.outer && !g->planning)
        m.began = clock_monotonic();
    return m;
}

void
meter_end(struct engine *g, const struct meter *m)
{
    if (!m->outer)
        return;
    g->metering = false;
    if (g->planning)
        g->work[m->work] += g->flops - m->flops;
    else
        g->spent[m->work] += (double)(clock_monotonic() - m->began) / (double)CLOCK_SECOND;
}

/*
 * Which model's queue comes next; see rota.h. Knows no models, only seconds. Read next: daemon.c.
 */
#include "render/daemon/rota.h"

/* The least served of the entries that wait, without `but`; false when there is none. */
static bool
least_served(const struct rota_entry *list, size_t count, size_t but, double *least)
{
    bool any = false;

    for (size_t i = 0; i < count; i++) {
        if (i == but || !list[i].waiting || (any && list[i].served >= *least))
            continue;
        *least = list[i].served;
        any = true;
    }
    return any;
}

void
rota_note(struct rota_entry *list, size_t count, size_t which, bool waiting)
{
    struct rota_entry *entry = &list[which];
    double least = 0.0;

    if (waiting && !entry->waiting && least_served(list, count, which, &least) &&
        entry->served < least)
        entry->served = least;
    entry->waiting = waiting;
}

size_t
rota_next(const struct rota_entry *list, size_t count)
{
    size_t best = count;
    double least = 0.0;

    for (size_t i = 0; i < count; i++) {
        double served = list[i].served - (list[i].resident ? ROTA_STAY : 0.0);

        if (!list[i].waiting || (best < count && served >= least))
            continue;
        best = i;
        least = served;
    }
    return best;
}

void
rota_served(struct rota_entry *entry, double seconds)
{
    entry->served += seconds;
}

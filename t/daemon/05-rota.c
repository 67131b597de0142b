/*
 * Sharing a worker's time among models: even shares over time, a little patience for the model in
 * memory, nobody waits for ever, and idleness earns nothing.
 */
#include "render/daemon/rota.h"
#include "t/lib/tap.h"

enum { A, B, C, MODELS };

static struct rota_entry list[MODELS];
static int changes;

static void
begin(void)
{
    memset(list, 0, sizeof list);
    changes = 0;
}

/* Serves whoever is next for so long; loading replaces what was in memory. */
static size_t
serve(double seconds)
{
    size_t next = rota_next(list, MODELS);

    if (next == MODELS)
        return next;
    changes += !list[next].resident;
    for (size_t i = 0; i < MODELS; i++)
        list[i].resident = i == next;
    rota_served(&list[next], seconds);
    return next;
}

static void
test_shares(void)
{
    double got[MODELS] = {0}, last[MODELS] = {0}, now = 0.0, longest = 0.0;

    begin();
    for (size_t i = 0; i < MODELS; i++)
        rota_note(list, MODELS, i, true);
    for (int i = 0; i < 3000; i++) {
        double seconds = 1.0 + (double)(i * 7 % 5); /* jobs of one to five seconds */
        size_t next = serve(seconds);

        if (now - last[next] > longest)
            longest = now - last[next];
        now += seconds;
        got[next] += seconds;
        last[next] = now;
    }
    for (size_t i = 0; i < MODELS; i++)
        ok(fabs(got[i] / now - 1.0 / MODELS) < 0.01, "an even share: %.3f", got[i] / now);
    ok(longest <= (MODELS - 1) * (2 * ROTA_STAY + 2 * 5.0), "nobody waits long: %.0f s", longest);
    ok(changes < 3000 / 4, "and models are not changed for every job: %d times", changes);
}

static void
test_idle(void)
{
    begin();
    is_int((int64_t)rota_next(list, MODELS), MODELS, "nobody waits");
    rota_note(list, MODELS, A, true);
    for (int i = 0; i < 1000; i++)
        serve(10.0);
    rota_note(list, MODELS, B, true);
    ok(list[B].served >= list[A].served, "who was idle is not owed what others had");
    for (int i = 0; i < 8 && serve(10.0) == A; i++)
        ;
    ok(list[B].resident, "but its turn comes");
    rota_note(list, MODELS, B, false);
    is_int((int64_t)rota_next(list, MODELS), A, "who has nothing to do is not served");
    rota_note(list, MODELS, B, true);
    ok(list[B].served >= list[A].served, "coming and going earns nothing");
}

int
main(void)
{
    test_shares();
    test_idle();
    return tap_done();
}

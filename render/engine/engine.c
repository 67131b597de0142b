/*
 * Workspace, planning and the check for NaN. Knows no kernel. Read next: gemm.c.
 *
 * Addresses are reserved once without memory behind them; the plan commits what a run needs. While
 * planning, pointers point into the reservation and nobody follows them: a kernel that forgot to
 * ask `planning` faults at once.
 */
#include "render/engine/engine.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "common/err.h"
#include "render/engine/gemm.h"
#include "render/engine/meter.h"
#include "render/engine/pool.h"

#define RESERVE_MAX ((size_t)1 << 38)
#define RESERVE_MIN ((size_t)1 << 28)
#define ALIGN 64
#define WORTH_WAKING 40000 /* ns: about what a wake-up of sleeping threads costs */
#define PAGE ((size_t)1 << 21)

int
engine_open(int threads, struct engine *g, struct err *e)
{
    size_t size;
    int rc;

    memset(g, 0, sizeof *g);
    if ((rc = pool_new(threads, &g->pool, e)) != ST_OK)
        return rc;
    gemm_start();
    for (size = RESERVE_MAX; size >= RESERVE_MIN; size /= 2) {
        void *base =
            mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

        if (base != MAP_FAILED) {
            /* Large pages, where the system gives them: fewer faults, fewer misses of the TLB. */
            (void)madvise(base, size, MADV_HUGEPAGE);
            g->base = base;
            g->reserved = size;
            return ST_OK;
        }
    }
    engine_release(g);
    return err_set(e, ST_NOMEM, "Out of memory.", "no addresses for the workspace");
}

void
engine_release(struct engine *g)
{
    if (g->base != NULL)
        munmap(g->base, g->reserved);
    pool_free(g->pool);
    memset(g, 0, sizeof *g);
}

void
engine_plan(struct engine *g)
{
    g->planning = true;
    g->used = 0;
    g->peak = 0;
    g->flops = 0.0;
    meter_reset(g);
}

/* Makes the first `size` bytes usable. */
static bool
commit(struct engine *g, size_t size)
{
    if (size <= g->committed)
        return true;
    size = (size + PAGE - 1) / PAGE * PAGE;
    if (size > g->reserved || mprotect(g->base, size, PROT_READ | PROT_WRITE) != 0)
        return false;
    g->committed = size;
    return true;
}

int
engine_plan_end(struct engine *g, size_t budget, struct err *e)
{
    g->planning = false;
    g->used = 0;
    if (budget != 0 && g->peak > budget)
        return err_setf(e, ST_NOMEM, "This picture needs %zu MiB of memory; %zu MiB are allowed.",
                        (g->peak >> 20) + 1, budget >> 20);
    if (!commit(g, g->peak))
        return err_setf(e, ST_NOMEM,
                        "This picture needs %zu MiB of memory, which the system refuses.",
                        (g->peak >> 20) + 1);
    return ST_OK;
}

float *
engine_floats(struct engine *g, size_t count)
{
    size_t at = g->used;

    if (count > (g->reserved - at) / sizeof(float) - ALIGN)
        abort();
    g->used = (at + count * sizeof(float) + ALIGN - 1) / ALIGN * ALIGN;
    if (g->used > g->peak)
        g->peak = g->used;
    if (g->planning)
        g->work[ENGINE_REST] += (double)count;
    else if (!commit(g, g->used))
        abort();
    return (float *)(void *)(g->base + at);
}

size_t
engine_mark(const struct engine *g)
{
    return g->used;
}

void
engine_rewind(struct engine *g, size_t mark)
{
    g->used = mark;
}

struct tensor
tensor_new(struct engine *g, size_t n, size_t h, size_t w, size_t c)
{
    struct tensor t = {engine_floats(g, n * h * w * c), n, h, w, c};

    return t;
}

size_t
tensor_count(const struct tensor *t)
{
    return t->n * t->h * t->w * t->c;
}

void
engine_run(struct engine *g, int count, size_t ns, void (*task)(void *arg, int index, int thread),
           void *arg)
{
    if (g->planning)
        return;
    if (ns >= WORTH_WAKING) {
        pool_run(g->pool, count, task, arg);
        return;
    }
    for (int i = 0; i < count; i++)
        task(arg, i, 0);
}

void
engine_relieve(struct engine *g)
{
    if (g->relieve != NULL && !g->planning)
        g->relieve(g->relieve_ctx);
}

bool
engine_finite(const float *x, size_t count)
{
    /* An exponent of all ones is Inf or NaN, whatever the sign. */
    uint32_t found = 0;

    for (size_t i = 0; i < count; i++) {
        uint32_t bits;

        memcpy(&bits, &x[i], sizeof bits);
        found |= (bits & 0x7f800000U) == 0x7f800000U;
    }
    return found == 0;
}

void
engine_check(struct engine *g, const char *layer, const struct tensor *x)
{
    size_t len;

    if (!g->checking || g->planning || g->bad[0] != '\0')
        return;
    if (engine_finite(x->data, tensor_count(x)))
        return;
    len = strnlen(layer, sizeof g->bad - 1);
    memcpy(g->bad, layer, len);
    g->bad[len] = '\0';
}

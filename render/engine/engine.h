/*
 * The engine's context: a thread pool and one workspace that all activations live in. Kernels
 * (gemm.h, conv.h, norm.h, attention.h, act.h) take it first.
 *
 * Planning: the same forward code runs once with `planning` set. Allocations then only count and
 * kernels return at once, so the peak of a run is known, and can be refused, before it starts.
 */
#ifndef GEMPIX_RENDER_ENGINE_ENGINE_H
#define GEMPIX_RENDER_ENGINE_ENGINE_H

#include <stdbool.h>
#include <stddef.h>

struct err;
struct pool;

/* Activations, channels last: [n, h, w, c], contiguous. Tokens are [n, 1, tokens, width]. Memory
   belongs to the workspace (or to the caller who filled in `data`). */
struct tensor {
    float *data;
    size_t n, h, w, c;
};

/* Kinds of work (meter.h); REST is everything that is no product. */
enum engine_work { ENGINE_PRODUCT, ENGINE_CONV, ENGINE_ATTENTION, ENGINE_REST, ENGINE_WORKS };

struct engine {
    struct pool *pool;
    unsigned char *base; /* reserved addresses; committed from the start up to `committed` bytes */
    size_t reserved, committed;
    size_t used, peak; /* bytes */
    bool planning;
    double flops;               /* of products, counted while planning */
    bool metering;              /* inside a meter */
    double work[ENGINE_WORKS];  /* planned: FLOPs; of REST floats of activations */
    double spent[ENGINE_WORKS]; /* seconds since meter_reset; REST is not timed */
    bool checking;              /* look for NaN and Inf after every layer */
    void (*relieve)(void *ctx); /* NULL, or lets go of weights that were used: engine_relieve */
    void *relieve_ctx;
    char bad[160]; /* the first layer that had one; "" = none */
};

/* 0, ST_INVALID or ST_NOMEM. Released with engine_release; engine_release of a zeroed struct is
 * legal. */
int engine_open(int threads, struct engine *g, struct err *e);
void engine_release(struct engine *g);

/* Begins a planning run from an empty workspace. engine_plan_end leaves planning and commits the
   peak, which must not exceed `budget` bytes (0 = any). 0 or ST_NOMEM with the need in MiB. */
void engine_plan(struct engine *g);
int engine_plan_end(struct engine *g, size_t budget, struct err *e);

/* `count` floats, aligned to 64 bytes, until the mark before it is released. Never NULL: running
   past the plan is a bug of ours, and ends the process when the system has no memory to cover for
   it. */
float *engine_floats(struct engine *g, size_t count);
size_t engine_mark(const struct engine *g);
void engine_rewind(struct engine *g, size_t mark);

/* A tensor in the workspace; its number of elements. */
struct tensor tensor_new(struct engine *g, size_t n, size_t h, size_t w, size_t c);
size_t tensor_count(const struct tensor *t);

/* Runs task(arg, i, thread) for i in [0, count), by the pool if the work of about `ns` nanoseconds
   is worth waking it, else in the caller. Nothing while planning. Results may not depend on which
   it was. */
void engine_run(struct engine *g, int count, size_t ns,
                void (*task)(void *arg, int index, int thread), void *arg);

/* To be called between blocks of layers: a network that must run in little memory lets go of the
   weights of the last one here. */
void engine_relieve(struct engine *g);

/* True when all values are finite. */
bool engine_finite(const float *x, size_t count);
/* When checking: remembers `layer` if it is the first with a NaN or Inf in x. */
void engine_check(struct engine *g, const char *layer, const struct tensor *x);

/* Kernels that the compiler vectorises are built three times on x86-64: for AVX-512, for AVX2 with
   FMA and for any processor. Whole levels and not single features: with avx512f alone the compiler
   has FMA for 16 lanes but not for 8, so the end of a row would be rounded otherwise than its
   middle, and a picture otherwise than in a batch. Sanitizers do not go with the indirect functions
   behind it, nor do compilers that do not know the levels. */
#if defined(__x86_64__) && defined(__GNUC__) && __GNUC__ >= 12 && !defined(__clang__) &&           \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && !defined(GEMPIX_NO_CLONES)
#define ENGINE_VECTOR __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define ENGINE_VECTOR
#endif

#endif

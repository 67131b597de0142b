/*
 * What the processor's multiply-adders can do: independent chains of fused multiply-adds in
 * registers, float, on all cores. Prints GFLOP/s of the best of several runs. The yardstick for
 * the engine's speed; knows nothing of the engine.
 *
 *     bench/peak_bench [THREADS]
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/clock.h"

#include <pthread.h>

#define CHAINS 12 /* more than latency times units need; fewer than there are registers */
#define ROUNDS 20000000
#define RUNS 5
#define THREADS_MAX 256

/* Chains of vectors of W floats: x = x · a + b, twelve of them, each a variable of its own so that
   it stays in a register; all start differently, or the compiler makes them one. */
#define EACH(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7) DO(8) DO(9) DO(10) DO(11)
#define START(i) x##i = b + (float)(i);
#define STEP(i) x##i = x##i * a + b;
#define ADD(i) sum += (double)x##i[0];
#define DEFINE_CHAINS(name, target_attribute, W)                                                   \
    typedef float name##_vector __attribute__((vector_size((W)*4)));                               \
    target_attribute static double name(void)                                                      \
    {                                                                                              \
        name##_vector x0, x1, x2, x3, x4, x5, x6, x7, x8, x9, x10, x11, a, b;                      \
        double sum = 0.0;                                                                          \
                                                                                                   \
        for (int i = 0; i < (W); i++)                                                              \
            a[i] = 0.37f, b[i] = 1.0f;                                                             \
        EACH(START)                                                                                \
        for (int r = 0; r < ROUNDS; r++) {                                                         \
            EACH(STEP)                                                                             \
        }                                                                                          \
        EACH(ADD)                                                                                  \
        return sum;                                                                                \
    }

#if defined(__x86_64__)
DEFINE_CHAINS(chains_512, __attribute__((target("avx512f"), optimize("fp-contract=fast"))), 16)
DEFINE_CHAINS(chains_256, __attribute__((target("avx2,fma"), optimize("fp-contract=fast"))), 8)
#endif
DEFINE_CHAINS(chains_128, __attribute__((optimize("fp-contract=fast"))), 4)

static double (*chains)(void);
static double width, sink[THREADS_MAX];

static void *
run(void *slot)
{
    *(double *)slot = chains();
    return NULL;
}

static void
choose(void)
{
    chains = chains_128;
    width = 4;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f")) {
        chains = chains_512;
        width = 16;
    } else if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        chains = chains_256;
        width = 8;
    }
#endif
}

int
main(int argc, char **argv)
{
    long threads = argc > 1 ? strtol(argv[1], NULL, 10) : sysconf(_SC_NPROCESSORS_ONLN);
    pthread_t id[THREADS_MAX];
    double best = 0.0;

    if (threads < 1 || threads > THREADS_MAX) {
        fprintf(stderr, "usage: peak_bench [THREADS]\n");
        return 2;
    }
    choose();
    for (int i = 0; i < RUNS; i++) {
        int64_t began = clock_monotonic();
        double rate;

        for (long t = 0; t < threads; t++) {
            if (pthread_create(&id[t], NULL, run, &sink[t]) != 0)
                return 1;
        }
        for (long t = 0; t < threads; t++)
            (void)pthread_join(id[t], NULL);
        rate = 2.0 * width * CHAINS * ROUNDS * (double)threads /
               ((double)(clock_monotonic() - began) * 1000.0);
        best = rate > best ? rate : best;
    }
    printf("peak\t%.1f\n", best);
    return 0;
}

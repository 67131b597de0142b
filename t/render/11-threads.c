/*
 * The pool does every task once, whatever happens around it; the noise is the published generator.
 */
#include <stdatomic.h>

#include "common/err.h"
#include "render/engine/pool.h"
#include "t/render/kernel_check.h"

#define TASKS 1000

struct tally {
    atomic_int done[TASKS];
    atomic_int total;
    int threads;
    atomic_bool bad_thread;
};

static void
count_task(void *arg, int index, int thread)
{
    struct tally *t = arg;

    if (index < TASKS)
        atomic_fetch_add(&t->done[index], 1);
    atomic_fetch_add(&t->total, 1);
    if (thread < 0 || thread >= t->threads)
        atomic_store(&t->bad_thread, true);
}

static void
test_pool(int threads)
{
    static struct tally t;
    struct pool *p;
    struct err e;
    bool once = true;

    memset(&t, 0, sizeof t);
    is_int(pool_new(threads, &p, &e), ST_OK, "a pool");
    t.threads = pool_threads(p);
    is_int(t.threads, threads, "  has the threads asked for");
    for (int round = 0; round < 300; round++)
        pool_run(p, round % 3 == 0 ? TASKS : round % 3, count_task, &t);
    for (int i = 2; i < TASKS; i++)
        once = once && atomic_load(&t.done[i]) == 100;
    ok(once, "  does each task once per batch");
    is_int(atomic_load(&t.total), 100 * TASKS + 100 + 200, "  and no others");
    ok(!atomic_load(&t.bad_thread), "  with thread numbers in range");
    atomic_store(&t.total, 0);
    pool_run(p, 600000, count_task, &t);
    is_int(atomic_load(&t.total), 600000, "  also more than fit into one batch");
    pool_free(p);
}

static void
test_philox(void)
{
    static const uint32_t ZERO[4], ONES[4] = {0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff};
    static const uint32_t PI[4] = {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
                          KEY[2] = {0xa4093822, 0x299f31d0};
    static const uint32_t WANT[3][4] = {
        {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8},
        {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd},
        {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1},
    };
    uint32_t out[4];

    noise_philox(ZERO, ZERO, out);
    ok(memcmp(out, WANT[0], sizeof out) == 0, "Philox: published answer for zeros");
    noise_philox(ONES, ONES, out);
    ok(memcmp(out, WANT[1], sizeof out) == 0, "Philox: published answer for ones");
    noise_philox(PI, KEY, out);
    ok(memcmp(out, WANT[2], sizeof out) == 0, "Philox: published answer for digits of pi");
}

static void
test_noise(void)
{
    enum { COUNT = 400000 };
    float *x = random_floats(5, COUNT), part[100], other[100];
    double mean = 0.0, square = 0.0, fourth = 0.0, neighbours = 0.0;

    for (size_t i = 0; i < COUNT; i++) {
        double v = (double)x[i];

        mean += v / COUNT;
        square += v * v / COUNT;
        fourth += v * v * v * v / COUNT;
        neighbours += i > 0 ? v * (double)x[i - 1] / COUNT : 0.0;
    }
    is_real(mean, 0.0, 0.008, "noise: mean 0");
    is_real(square, 1.0, 0.012, "noise: variance 1");
    is_real(fourth, 3.0, 0.08, "noise: fourth moment 3");
    is_real(neighbours, 0.0, 0.008, "noise: neighbours know nothing of each other");
    noise_normal(5, 0, 1237, 100, part);
    ok(memcmp(part, x + 1237, sizeof part) == 0, "noise: any range gives the same numbers");
    noise_normal(5, 1, 1237, 100, other);
    ok(memcmp(part, other, sizeof part) != 0, "noise: another stream gives others");
    noise_normal(6, 0, 1237, 100, other);
    ok(memcmp(part, other, sizeof part) != 0, "noise: another seed gives others");
    free(x);
}

int
main(void)
{
    struct pool *p;
    struct err e;

    test_pool(1);
    test_pool(2);
    test_pool(7);
    is_int(pool_new(-1, &p, &e), ST_INVALID, "a negative number of threads is refused");
    test_philox();
    test_noise();
    return tap_done();
}

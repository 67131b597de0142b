/*
 * The thread pool of the engine. Knows nothing of tensors. Read next: gemm.c, its first user.
 *
 * One 64-bit word holds the batch number, the task count and the next free task, so that a thread
 * claims a task by one compare-and-swap and a thread that overslept a batch can never claim from
 * it. Idle threads spin for some microseconds (kernels follow each other closely), then sleep,
 * because spinning on a busy host is ruinous.
 */
#include "render/engine/pool.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/err.h"

#define FIELD_BITS 18
#define FIELD_MAX ((1 << FIELD_BITS) - 1)
#define SPINS 2000
#define THREADS_MAX 256

struct worker {
    struct pool *pool;
    pthread_t id;
    int number;
};

struct pool {
    _Atomic uint64_t word; /* batch number << 36 | count << 18 | next */
    atomic_int finished;   /* tasks of this batch that are done */
    atomic_int sleepers;   /* workers in pthread_cond_wait */
    atomic_bool waiting;   /* the caller is in pthread_cond_wait */
    atomic_bool stop;
    void (*task)(void *arg, int index, int thread);
    void *arg;
    int threads;
    int started; /* workers that were created */
    pthread_mutex_t lock;
    pthread_cond_t wake;
    pthread_cond_t done;
    struct worker *workers; /* [threads - 1] */
};

static inline void
relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

static bool
has_work(uint64_t word)
{
    return (word & FIELD_MAX) < ((word >> FIELD_BITS) & FIELD_MAX);
}

/* Runs tasks of the current batch until none is left to claim. */
static void
drain(struct pool *p, int thread)
{
    uint64_t word = atomic_load(&p->word);

    while (has_work(word)) {
        if (!atomic_compare_exchange_weak(&p->word, &word, word + 1))
            continue;
        /* The batch cannot end before this task does, so task and arg stand still. */
        int count = (int)((word >> FIELD_BITS) & FIELD_MAX);
        p->task(p->arg, (int)(word & FIELD_MAX), thread);
        if (atomic_fetch_add(&p->finished, 1) + 1 == count && atomic_load(&p->waiting)) {
            pthread_mutex_lock(&p->lock);
            pthread_cond_signal(&p->done);
            pthread_mutex_unlock(&p->lock);
        }
        word = atomic_load(&p->word);
    }
}

static void *
worker_main(void *arg)
{
    struct worker *w = arg;
    struct pool *p = w->pool;

    while (!atomic_load(&p->stop)) {
        int spins = 0;

        while (spins < SPINS && !has_work(atomic_load(&p->word)) && !atomic_load(&p->stop)) {
            relax();
            spins++;
        }
        if (spins == SPINS) {
            pthread_mutex_lock(&p->lock);
            atomic_fetch_add(&p->sleepers, 1);
            while (!has_work(atomic_load(&p->word)) && !atomic_load(&p->stop))
                pthread_cond_wait(&p->wake, &p->lock);
            atomic_fetch_sub(&p->sleepers, 1);
            pthread_mutex_unlock(&p->lock);
        }
        drain(p, w->number);
    }
    return NULL;
}

int
pool_new(int threads, struct pool **out, struct err *e)
{
    struct pool *p;

    *out = NULL;
    if (threads == 0)
        threads = (int)sysconf(_SC_NPROCESSORS_ONLN);
    if (threads < 0)
        return err_setf(e, ST_INVALID, "The number of threads must not be negative.");
    if (threads < 1)
        threads = 1;
    if (threads > THREADS_MAX)
        threads = THREADS_MAX;
    if ((p = calloc(1, sizeof *p)) == NULL ||
        (p->workers = calloc((size_t)threads, sizeof *p->workers)) == NULL) {
        free(p);
        return err_set(e, ST_NOMEM, "Out of memory.", "thread pool");
    }
    p->threads = threads;
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->wake, NULL);
    pthread_cond_init(&p->done, NULL);
    for (int i = 0; i < threads - 1; i++) {
        struct worker *w = &p->workers[i];

        w->pool = p;
        w->number = i + 1;
        if (pthread_create(&w->id, NULL, worker_main, w) != 0) {
            pool_free(p);
            return err_set(e, ST_NOMEM, "The system refuses more threads.", "thread %d", i + 1);
        }
        p->started++;
    }
    *out = p;
    return ST_OK;
}

void
pool_free(struct pool *p)
{
    if (p == NULL)
        return;
    atomic_store(&p->stop, true);
    pthread_mutex_lock(&p->lock);
    pthread_cond_broadcast(&p->wake);
    pthread_mutex_unlock(&p->lock);
    for (int i = 0; i < p->started; i++)
        pthread_join(p->workers[i].id, NULL);
    pthread_cond_destroy(&p->done);
    pthread_cond_destroy(&p->wake);
    pthread_mutex_destroy(&p->lock);
    free(p->workers);
    free(p);
}

int
pool_threads(const struct pool *p)
{
    return p != NULL ? p->threads : POOL_NOMINAL;
}

/* Sleeps until all `count` tasks are finished, after a short spin. */
static void
wait_finished(struct pool *p, int count)
{
    for (int i = 0; i < SPINS; i++) {
        if (atomic_load(&p->finished) == count)
            return;
        relax();
    }
    pthread_mutex_lock(&p->lock);
    atomic_store(&p->waiting, true);
    while (atomic_load(&p->finished) != count)
        pthread_cond_wait(&p->done, &p->lock);
    atomic_store(&p->waiting, false);
    pthread_mutex_unlock(&p->lock);
}

/* One batch of at most FIELD_MAX tasks, without an index offset. */
static void
run_batch(struct pool *p, int count, void (*task)(void *arg, int index, int thread), void *arg)
{
    uint64_t batch = (atomic_load(&p->word) >> (2 * FIELD_BITS)) + 1;

    p->task = task;
    p->arg = arg;
    atomic_store(&p->finished, 0);
    atomic_store(&p->word, batch << (2 * FIELD_BITS) | (uint64_t)count << FIELD_BITS);
    if (atomic_load(&p->sleepers) > 0) {
        pthread_mutex_lock(&p->lock);
        /* No more than there is work for: a host may have many cores and a batch few tasks. */
        for (int i = 1; i < count && i < p->threads; i++)
            pthread_cond_signal(&p->wake);
        pthread_mutex_unlock(&p->lock);
    }
    drain(p, 0);
    wait_finished(p, count);
}

struct shifted {
    void (*task)(void *arg, int index, int thread);
    void *arg;
    int first;
};

static void
run_shifted(void *arg, int index, int thread)
{
    const struct shifted *s = arg;

    s->task(s->arg, s->first + index, thread);
}

void
pool_run(struct pool *p, int count, void (*task)(void *arg, int index, int thread), void *arg)
{
    if (count == 1 || p->threads == 1) {
        for (int i = 0; i < count; i++)
            task(arg, i, 0);
        return;
    }
    for (int first = 0; first < count; first += FIELD_MAX) {
        struct shifted s = {task, arg, first};
        int part = count - first < FIELD_MAX ? count - first : FIELD_MAX;

        if (first == 0)
            run_batch(p, part, task, arg);
        else
            run_batch(p, part, run_shifted, &s);
    }
}

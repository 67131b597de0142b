/*
 * A pool of threads that runs one batch of numbered tasks at a time. The caller takes part. How
 * work is cut into tasks must depend on sizes alone, never on the number of threads: then results
 * do not depend on it either.
 */
#ifndef GEMPIX_RENDER_ENGINE_POOL_H
#define GEMPIX_RENDER_ENGINE_POOL_H

struct err;
struct pool;

/* `threads` >= 1, the calling thread included; 0 = one per online core. 0, ST_INVALID or ST_NOMEM.
   pool_free(*out). */
int pool_new(int threads, struct pool **out, struct err *e);
void pool_free(struct pool *p); /* NULL is legal */
/* NULL: POOL_NOMINAL, for plans that decide how something is computed. Those must not know the real
   number: the scratch memory of more threads would change the decision, and so the result. */
int pool_threads(const struct pool *p);
#define POOL_NOMINAL 4

/* Calls task(arg, i, t) once for every i in [0, count) and returns when all are done. `t` in [0,
   threads) is the thread's own number, for scratch memory. Tasks may not call pool_run. One caller
   at a time. */
void pool_run(struct pool *p, int count, void (*task)(void *arg, int index, int thread), void *arg);

#endif

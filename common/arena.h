/*
 * An arena: one owner for everything that lives as long as a request or a job. Nothing is freed
 * singly; reset frees all and runs the cleanups that were deferred, newest first.
 */
#ifndef GEMPIX_COMMON_ARENA_H
#define GEMPIX_COMMON_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct arena;

/* A new arena that refuses to hold more than `max` bytes. NULL when out of memory. */
struct arena *arena_new(size_t max);
void arena_free(struct arena *a); /* NULL is legal */
/* Runs cleanups, forgets every allocation, keeps one block for reuse. */
void arena_reset(struct arena *a);

/* Zeroed memory, aligned for any type; NULL when the ceiling or memory is reached. */
void *arena_alloc(struct arena *a, size_t size);
/* count × size with an overflow check. */
void *arena_calloc(struct arena *a, size_t count, size_t size);
char *arena_strdup(struct arena *a, const char *s);
char *arena_strndup(struct arena *a, const char *s, size_t len);
char *arena_printf(struct arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Calls cleanup(ptr) at reset or free. 0 or ST_NOMEM (then cleanup has already been called, so
 * nothing leaks). */
int arena_defer(struct arena *a, void (*cleanup)(void *), void *ptr);

#endif

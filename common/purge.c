/*
 * Retention, rule by rule and batch by batch. Knows no SQL (purge_store.c) and no rule by name: the
 * register has them.
 */
#include "common/purge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/arena.h"
#include "common/clock.h"
#include "common/err.h"
#include "common/purge_store.h"

#define RULES_MAX 128
#define ARENA_MAX ((size_t)1024 * 1024)
#define BATCH 200
#define WINDOW 1000 /* ids that one replacement looks at */
#define PAUSE_MAX (CLOCK_SECOND / 5)

struct purge {
    struct arena *arena;
    struct purge_store *store;
    struct purge_rule *rules;
    size_t count;
};

/* The database carries out what ends by a time or with a job; the rest is the work of others. */
static bool
is_ours(const struct register_keep *k)
{
    return k->rule == REGISTER_AFTER || k->rule == REGISTER_JOB || k->rule == REGISTER_NEWEST;
}

static int
add_rules(struct purge *p, const struct register_thing *t, const struct register_part *part,
          const struct register_keep *first, bool all, struct err *e)
{
    int number = 1;

    for (const struct register_keep *k = first; k != NULL; k = k->next, number++) {
        struct purge_rule *rule = &p->rules[p->count];

        if (!is_ours(k) || (k->by == REGISTER_OPERATOR && !all))
            continue;
        if (p->count == RULES_MAX)
            return err_set(e, ST_TOOBIG, "The data register has too many rules.", NULL);
        *rule = (struct purge_rule){.thing = t, .part = part, .keep = k};
        snprintf(rule->name, sizeof rule->name, "%.38s%s%.38s", t->name, part != NULL ? "." : "",
                 part != NULL ? part->names[0] : "");
        if (number > 1)
            snprintf(rule->name + strlen(rule->name), sizeof rule->name - strlen(rule->name), "/%d",
                     number % 10);
        p->count++;
    }
    return ST_OK;
}

int
purge_open(struct db *db, const struct register_file *r, bool all, struct purge **out,
           struct err *e)
{
    struct purge *p = calloc(1, sizeof *p);
    int rc = ST_OK;

    *out = NULL;
    if (p != NULL && (p->arena = arena_new(ARENA_MAX)) != NULL)
        p->rules = arena_calloc(p->arena, RULES_MAX, sizeof *p->rules);
    if (p == NULL || p->rules == NULL) {
        rc = err_set(e, ST_NOMEM, "Out of memory.", "retention");
        goto out;
    }
    for (const struct register_thing *t = r->things[REGISTER_TABLE]; t != NULL && rc == ST_OK;
         t = t->next) {
        rc = add_rules(p, t, NULL, &t->keep, all, e);
        for (const struct register_part *part = t->parts; part != NULL && rc == ST_OK;
             part = part->next)
            if (part->keeps)
                rc = add_rules(p, t, part, &part->keep, all, e);
    }
    if (rc != ST_OK ||
        (rc = purge_store_new(db, p->arena, r, p->rules, p->count, &p->store, e)) != ST_OK)
        goto out;
    *out = p;
    p = NULL; /* ownership moved to the caller */
out:
    purge_free(p);
    return rc;
}

void
purge_free(struct purge *p)
{
    if (p == NULL)
        return;
    arena_free(p->arena);
    free(p);
}

size_t
purge_count(const struct purge *p)
{
    return p->count;
}

const struct purge_rule *
purge_rule_at(const struct purge *p, size_t index)
{
    return &p->rules[index];
}

static int64_t
before(const struct purge_rule *rule)
{
    return clock_now() - rule->keep->seconds * CLOCK_SECOND;
}

int
purge_due(struct purge *p, size_t index, int64_t *due, struct err *e)
{
    return purge_store_count(p->store, index, before(&p->rules[index]), due, e);
}

/* Visitors come first: as much rest as work. */
static void
rest(int64_t worked)
{
    int64_t pause = worked < PAUSE_MAX ? worked : PAUSE_MAX;

    nanosleep(&(struct timespec){.tv_nsec = pause * 1000}, NULL);
}

/* Rows: until a batch is not full. */
static int
run_rows(struct purge *p, size_t index, int64_t *changed, bool *more, struct err *e)
{
    int64_t moment = before(&p->rules[index]);
    int rc;

    *more = false;
    if (purge_store_is_whole(p->store, index)) {
        rc = purge_store_delete_whole(p->store, index, moment, BATCH, changed, e);
        *more = *changed >= BATCH;
    } else {
        rc = purge_store_delete(p->store, index, moment, BATCH, changed, e);
        *more = *changed == BATCH;
    }
    return rc;
}

int
purge_run(struct purge *p, size_t index, int batches, bool (*stopping)(void), int64_t *changed,
          struct err *e)
{
    const struct purge_rule *rule = &p->rules[index];
    int64_t mark = 0, last = 0, started, one;
    bool more = true;
    int rc = ST_OK;

    *changed = 0;
    if (rule->part != NULL && ((rc = purge_store_mark(p->store, rule->name, &mark, e)) != ST_OK ||
                               (rc = purge_store_last(p->store, index, &last, e)) != ST_OK))
        return rc;
    if (mark >= last)
        mark = 0; /* round again: what was not due then may be now */
    for (int i = 0; i < batches && more && rc == ST_OK && (stopping == NULL || !stopping()); i++) {
        started = clock_monotonic();
        one = 0;
        if (rule->part == NULL) {
            rc = run_rows(p, index, &one, &more, e);
        } else {
            rc = purge_store_replace(p->store, index, before(rule), mark, mark + WINDOW, &one, e);
            mark += rc == ST_OK ? WINDOW : 0;
            more = mark < last;
        }
        *changed += one;
        if (more && rc == ST_OK)
            rest(clock_monotonic() - started);
    }
    if (rc == ST_OK)
        rc = purge_store_note(p->store, rule->name, mark, *changed, e);
    return rc;
}

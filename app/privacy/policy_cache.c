/*
 * Keeps the policy for one worker. Read next: policy.c.
 */
#include "app/privacy/policy_cache.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "app/privacy/policy.h"
#include "common/arena.h"
#include "common/conf.h"
#include "common/err.h"

#define POLICY_DATE 32
#define POLICY_MAX ((size_t)8 * 1024 * 1024)

static int
load(const struct conf *conf, struct arena **arena, struct policy **out, struct err *e)
{
    if ((*arena = arena_new(POLICY_MAX)) == NULL)
        return err_set(e, ST_NOMEM, "Please try again later.", "privacy policy");
    if (policy_load(conf->policy.dir, conf, *arena, out, e) == ST_OK)
        return ST_OK;
    arena_free(*arena);
    *arena = NULL;
    /* The reason names files of ours: it is for the log. */
    return err_set(e, ST_INTERNAL, "Something went wrong on our side. Please try again later.",
                   "%s", e != NULL ? e->message : "");
}

int
policy_cached(const struct conf *conf, const struct policy **out, struct err *e)
{
    static struct policy *kept;
    struct arena *arena; /* lives as long as the worker */
    int rc = ST_OK;

    if (kept == NULL)
        rc = load(conf, &arena, &kept, e);
    *out = kept;
    return rc;
}

int
policy_material(const struct conf *conf, const char **out, struct err *e)
{
    static char kept[POLICY_DATE];
    static bool known;
    struct policy *p;
    struct arena *arena;
    int rc;

    *out = NULL;
    if (!known) {
        if ((rc = load(conf, &arena, &p, e)) != ST_OK)
            return rc;
        snprintf(kept, sizeof kept, "%s", p->data->material != NULL ? p->data->material : "");
        arena_free(arena);
        known = true;
    }
    if (kept[0] != '\0')
        *out = kept;
    return ST_OK;
}

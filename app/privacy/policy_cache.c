/*
 * Keeps the policy for one worker. Read next: policy.c.
 */
#include "app/privacy/policy_cache.h"

#include <stddef.h>

#include "app/privacy/policy.h"
#include "common/arena.h"
#include "common/conf.h"
#include "common/err.h"

#define POLICY_MAX ((size_t)8 * 1024 * 1024)

int
policy_cached(const struct conf *conf, const struct policy **out, struct err *e)
{
    static struct policy *kept;
    struct arena *arena;
    int rc;

    *out = kept;
    if (kept != NULL)
        return ST_OK;
    if ((arena = arena_new(POLICY_MAX)) == NULL)
        return err_set(e, ST_NOMEM, "Please try again later.", "privacy policy");
    if ((rc = policy_load(conf->policy.dir, conf, arena, &kept, e)) != ST_OK) {
        arena_free(arena);
        /* The reason names files of ours: it is for the log. */
        return err_set(e, ST_INTERNAL, "Something went wrong on our side. Please try again later.",
                       "%s", e != NULL ? e->message : "");
    }
    *out = kept;
    return ST_OK;
}

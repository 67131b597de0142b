/*
 * Routes; see route.h. There are a few dozen, so they are walked in order.
 */
#include "app/http/route.h"

#include <stdint.h>
#include <string.h>

#include "common/err.h"

/* The segment's length; *next is where the one after it starts, NULL at the end. */
static size_t
segment(const char *s, const char **next)
{
    size_t len = strcspn(s, "/");

    *next = s[len] == '/' ? s + len + 1 : NULL;
    return len;
}

bool
route_fits(const char *pattern, const char *path, struct id ids[ROUTE_IDS])
{
    size_t count = 0;

    if (*pattern != '/' || *path != '/')
        return false;
    pattern++;
    path++;
    while (pattern != NULL && path != NULL) {
        const char *p = pattern, *s = path;
        size_t p_len = segment(p, &pattern), s_len = segment(s, &path);
        if (p_len == sizeof ROUTE_ID - 1 && memcmp(p, ROUTE_ID, p_len) == 0) {
            char text[ID_TEXT];
            if (count == ROUTE_IDS || s_len != ID_TEXT - 1)
                return false;
            memcpy(text, s, s_len);
            text[s_len] = '\0';
            if (id_parse(text, &ids[count++]) != ST_OK)
                return false;
        } else if (p_len != s_len || memcmp(p, s, p_len) != 0) {
            return false;
        }
    }
    return pattern == NULL && path == NULL;
}

const struct route *
route_find(const struct route *const *tables, const char *path, unsigned method,
           struct id ids[ROUTE_IDS], unsigned *allowed)
{
    *allowed = 0;
    if (path[0] != '/')
        return NULL;
    for (; *tables != NULL; tables++) {
        for (const struct route *r = *tables; r->name != NULL; r++) {
            /* Most differ in their first letter; no pattern begins with an id. */
            if (r->pattern[1] != path[1] || !route_fits(r->pattern, path, ids))
                continue;
            if ((unsigned)r->method == method)
                return r;
            *allowed |= (unsigned)r->method;
        }
    }
    return NULL;
}

/* --- by name: every page asks for a hundred addresses --- */

#define PLACES 1024 /* several times as many as there are routes; a power of two */

static const struct route *named[PLACES];

static size_t
place_of(const char *name)
{
    uint32_t hash = 2166136261u; /* FNV-1a */

    for (; *name != '\0'; name++)
        hash = (hash ^ (unsigned char)*name) * 16777619u;
    return hash % PLACES;
}

/* The first of a name counts. */
static void
note_names(void)
{
    size_t count = 0;

    for (const struct route *const *table = route_tables; *table != NULL; table++) {
        for (const struct route *r = *table; r->name != NULL && count < PLACES / 2; r++) {
            size_t i = place_of(r->name);

            while (named[i] != NULL && strcmp(named[i]->name, r->name) != 0)
                i = (i + 1) % PLACES;
            count += named[i] == NULL;
            if (named[i] == NULL)
                named[i] = r;
        }
    }
}

const struct route *
route_named(const char *name)
{
    static bool noted;

    if (!noted)
        note_names();
    noted = true;
    for (size_t i = place_of(name); named[i] != NULL; i = (i + 1) % PLACES) {
        if (strcmp(named[i]->name, name) == 0)
            return named[i];
    }
    return NULL;
}

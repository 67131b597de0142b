/*
 * Where to go after signing in; see next_path.h. Knows no requests.
 */
#include "app/account/next_path.h"

#include <stddef.h>
#include <string.h>

#include "app/http/url.h"
#include "common/arena.h"
#include "common/text.h"

/* `page` itself or with a query behind it. */
static bool
is_page(const char *path, const char *page)
{
    size_t len = strlen(page);

    return strncmp(path, page, len) == 0 && (path[len] == '\0' || path[len] == '?');
}

bool
next_path_ok(const char *path)
{
    size_t len = path != NULL ? strlen(path) : 0;

    /* Browsers read "//host" and "/\host" as another site. */
    if (len == 0 || len > NEXT_PATH_MAX || path[0] != '/' || path[1] == '/')
        return false;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)path[i];
        if (c <= ' ' || c >= 0x7f || c == '\\')
            return false;
    }
    return !is_page(path, "/signin") && !is_page(path, "/signup") && !is_page(path, "/signout");
}

const char *
next_path_query(struct arena *arena, const char *path)
{
    struct text t;
    const char *out = NULL;

    if (!next_path_ok(path))
        return NULL;
    text_init(&t, sizeof "next=" + 3 * NEXT_PATH_MAX);
    text_puts(&t, "next=");
    url_encode(&t, path);
    if (!t.failed)
        out = arena_strndup(arena, text_cstr(&t), t.len);
    text_release(&t);
    return out;
}

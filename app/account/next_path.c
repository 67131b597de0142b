/*
 * Where to go after signing in; see next_path.h. Knows no requests.
 */
#include "app/account/next_path.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "common/arena.h"

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
    static const char hex[] = "0123456789ABCDEF";
    static const char name[] = "next=";
    size_t used = sizeof name - 1;
    char *out;

    if (!next_path_ok(path) || (out = arena_alloc(arena, sizeof name + 3 * strlen(path))) == NULL)
        return NULL;
    memcpy(out, name, used);
    for (; *path != '\0'; path++) {
        char c = *path;
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     c == '-' || c == '_' || c == '.' || c == '~';
        if (plain) {
            out[used++] = c;
        } else {
            out[used++] = '%';
            out[used++] = hex[(uint8_t)c >> 4];
            out[used++] = hex[(uint8_t)c & 15];
        }
    }
    out[used] = '\0';
    return out;
}

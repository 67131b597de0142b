/*
 * arena.h: alignment, zeroing, the ceiling, overflow, cleanups in reverse order.
 */
#include <stdalign.h>
#include <string.h>

#include "common/arena.h"
#include "common/err.h"
#include "t/lib/tap.h"

static char order[16];

static void
note(void *letter)
{
    size_t n = strlen(order);

    order[n] = *(const char *)letter;
    order[n + 1] = '\0';
}

int
main(void)
{
    struct arena *a = arena_new(200000);
    bool aligned = true, zero = true;
    char letters[] = "abc";
    char *s, *big;

    for (size_t size = 0; size < 300; size++) {
        unsigned char *p = arena_alloc(a, size);
        aligned = aligned && (uintptr_t)p % alignof(max_align_t) == 0;
        for (size_t i = 0; i < size; i++)
            zero = zero && p[i] == 0;
        memset(p, 0xAA, size);
    }
    ok(aligned, "aligned for any type");
    ok(zero, "zeroed");
    is_str(arena_strdup(a, "käse"), "käse", "strdup");
    is_str(arena_strndup(a, "abcdef", 3), "abc", "strndup");
    is_str(arena_strndup(a, "ab", 30), "ab", "strndup stops at the NUL");
    is_str(arena_printf(a, "%d-%s", 5, "x"), "5-x", "printf");
    s = arena_strdup(a, "stays");
    big = arena_alloc(a, 50000);
    ok(big != NULL && arena_alloc(a, 10) != NULL, "a large block");
    is_str(s, "stays", "does not disturb others");
    ok(arena_alloc(a, 200000) == NULL, "the ceiling holds");
    ok(arena_calloc(a, SIZE_MAX / 2, 3) == NULL, "count × size overflow");
    ok(arena_alloc(a, SIZE_MAX) == NULL, "SIZE_MAX");
    ok(arena_calloc(a, 0, 8) != NULL, "nothing has an address");
    for (int i = 0; i < 3; i++)
        arena_defer(a, note, &letters[i]);
    arena_reset(a);
    is_str(order, "cba", "cleanups run newest first");
    arena_reset(a);
    is_str(order, "cba", "once");
    ok(arena_alloc(a, 150000) != NULL, "reset gives the room back");
    s = arena_alloc(a, 100);
    ok(s != NULL && s[0] == 0 && s[99] == 0, "reused memory is zeroed");
    arena_free(a);
    arena_free(NULL);

    order[0] = '\0';
    a = arena_new(40);
    ok(arena_alloc(a, 32) != NULL, "a small ceiling");
    is_int(arena_defer(a, note, letters), ST_NOMEM, "no room to remember the cleanup");
    is_str(order, "a", "so it ran at once");
    arena_free(a);
    is_str(order, "a", "and not again");

    a = arena_new(1000000);
    arena_defer(a, note, letters + 1);
    arena_free(a);
    is_str(order, "ab", "free runs cleanups");
    return tap_done();
}

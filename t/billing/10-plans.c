/*
 * What a file of plans may say: packs, monthly plans, currencies; everything else is a mistake that
 * names its line.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/arena.h"
#include "common/err.h"
#include "common/plans.h"
#include "t/lib/tap.h"

#define HEAD "currency: eur\nplans:\n"
#define CLUB "  club:\n    name: Club\n    credits: 300\n    amount: 900\n    price: price_club\n"

static const struct {
    const char *what, *text, *says; /* a part of the sentence; NULL = good */
} files[] = {
    {"a pack", HEAD CLUB, NULL},
    {"a pack that says so", HEAD CLUB "    kind: pack\n", NULL},
    {"a monthly plan", HEAD CLUB "    kind: monthly\n", NULL},
    {"credits that expire", HEAD CLUB "    expires: month\n    kind: monthly\n", NULL},
    {"credits that stay", HEAD CLUB "    kind: monthly\n    expires: never\n", NULL},
    {"another currency", HEAD CLUB "    currency: usd\n", NULL},
    {"days for its money", HEAD CLUB "    refund_days: 30\n", NULL},
    {"no money back", HEAD CLUB "    refund_days: 0\n", NULL},
    {"days below none", HEAD CLUB "    refund_days: -1\n",
     ":8: refund_days is a whole number from 0 to 3650"},
    {"another kind", HEAD CLUB "    kind: weekly\n", ":8: kind is pack or monthly"},
    {"another rule", HEAD CLUB "    kind: monthly\n    expires: year\n",
     ":9: expires is never or month"},
    {"a pack that expires", HEAD CLUB "    expires: month\n", "only a monthly plan"},
    {"a currency of two letters", HEAD CLUB "    currency: eu\n", ":8: currency is three"},
    {"an unknown member", HEAD CLUB "    colour: red\n", ":8: a plan has"},
    {"no price", HEAD "  club:\n    name: Club\n    credits: 300\n    amount: 900\n",
     "a plan needs"},
    {"nothing for sale", "currency: eur\n", "are needed"},
};

static int
load(const char *path, const char *text, struct arena *arena, struct plans *out, struct err *e)
{
    FILE *f = fopen(path, "w");

    if (f == NULL || fputs(text, f) == EOF || fclose(f) != 0)
        return ST_IO;
    return plans_load(path, arena, out, e);
}

int
main(void)
{
    char path[] = "/tmp/gempix-plans-XXXXXX";
    struct arena *arena = arena_new(1 << 20);
    const struct plan *club;
    struct plans plans;
    struct err e;
    int fd = mkstemp(path), rc;

    if (fd < 0 || arena == NULL)
        return 1;
    close(fd);
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        rc = load(path, files[i].text, arena, &plans, &e);
        if (files[i].says == NULL)
            ok(rc == ST_OK, "%s is good", files[i].what);
        else
            ok(rc == ST_INVALID && strstr(e.message, files[i].says) != NULL, "%s is refused",
               files[i].what);
    }
    rc = load(path, HEAD CLUB "    kind: monthly\n    expires: month\n    currency: usd\n", arena,
              &plans, &e);
    club = plans_find(&plans, "club");
    ok(rc == ST_OK && club != NULL && club->monthly && club->expires && club->credits == 300 &&
           strcmp(club->currency, "usd") == 0 && club->refund_days == -1,
       "a monthly plan is what it says");
    rc = load(path, HEAD CLUB, arena, &plans, &e);
    club = plans_find(&plans, "club");
    ok(rc == ST_OK && club != NULL && !club->monthly && !club->expires &&
           strcmp(club->currency, "eur") == 0,
       "without those lines it is a pack in the file's currency");
    unlink(path);
    arena_free(arena);
    return tap_done();
}

/*
 * What tells a person's form from a program's; see stamp.h. Keeps nothing: the stamp is signed.
 */
#include "app/http/stamp.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "app/http/session.h"
#include "common/arena.h"
#include "common/clock.h"
#include "common/crypto.h"
#include "common/language.h"

#define SOONEST (2 * CLOCK_SECOND) /* nobody reads the page and writes in less */
#define LATEST CLOCK_DAY
#define LINKS_MAX 3
#define SIGNATURE_HEX 32

static void
sign(const struct request *rq, const char *time, char out[2 * CRYPTO_SHA256 + 1])
{
    uint8_t key[CRYPTO_SHA256], mark[CRYPTO_SHA256];

    session_derive(rq, "form stamp", key);
    crypto_hmac_sha256(key, sizeof key, time, strlen(time), mark);
    crypto_hex(mark, SIGNATURE_HEX / 2, out);
}

const char *
stamp_make(struct request *rq)
{
    const char *time = arena_printf(rq->arena, "%" PRId64, clock_now());
    char mark[2 * CRYPTO_SHA256 + 1];

    if (time == NULL)
        return NULL;
    sign(rq, time, mark);
    return arena_printf(rq->arena, "%s.%s", time, mark);
}

/* When the stamp was made; 0 when it is none of ours. */
static int64_t
stamp_time(struct request *rq, const char *stamp)
{
    char mark[2 * CRYPTO_SHA256 + 1];
    size_t digits = strspn(stamp, "0123456789");
    char *time = arena_strndup(rq->arena, stamp, digits);

    if (time == NULL || digits == 0 || digits > 18 || stamp[digits] != '.' ||
        strlen(stamp + digits + 1) != SIGNATURE_HEX)
        return 0;
    sign(rq, time, mark);
    return crypto_equal(mark, stamp + digits + 1, SIGNATURE_HEX) ? strtoll(time, NULL, 10) : 0;
}

static int
count_links(const char *s)
{
    int n = 0;

    while ((s = strstr(s, "://")) != NULL) {
        s += 3;
        n++;
    }
    return n;
}

const char *
stamp_suspect(struct request *rq, const char *stamp, const char *trap, const char *words,
              bool *again)
{
    int64_t made = stamp_time(rq, stamp), age = clock_now() - made;

    *again = made != 0 && age < LATEST;
    if (made == 0 || age >= LATEST)
        return T("This page was open for very long. Your words are still here: please look over "
                 "them and send them again.");
    if (age < SOONEST)
        return T("That was faster than anybody writes. Your words are still here: please send "
                 "them again.");
    if (trap[0] != '\0')
        return T("A field that nobody can see was filled in. Your words are still here: please "
                 "send them again, if you are not a program.");
    if (count_links(words) > LINKS_MAX)
        return T("There are more than three links in your words. Please take some out: messages "
                 "with many links are mostly advertising.");
    return NULL;
}

/*
 * Delays and the gate against a real server: who has to wait how long, that an owner never waits
 * for somebody else's guesses, and that one password at a time is looked at. Run by 22-throttle.t.
 */
#include "app/account/account.h"
#include "app/account/device.h"
#include "app/account/throttle.h"
#include "common/clock.h"
#include "common/conf.h"
#include "common/crypto.h"
#include "common/db.h"
#include "common/err.h"
#include "t/lib/tap.h"

static struct conf conf;
static struct db *db, *other, *third;
static struct err e;
static const uint8_t key[32] = "a key of the site";
static struct throttle_place place;

/* How long one has to wait: 0 = the password is looked at. */
static int
wait_of(const char *email, const char *client, const char *device)
{
    const struct throttle_who who = {email, (const uint8_t *)client, strlen(client), device, key};
    int seconds, rc = throttle_try(db, &who, &place, &seconds, &e);

    return rc == ST_OK ? 0 : rc == ST_LIMIT ? seconds : -1;
}

static void
test_delays(const char *device)
{
    int64_t moved = 0;
    int wait = 0, longest = 0;

    for (int i = 0; i < THROTTLE_FREE; i++)
        is_int(wait_of("ada@example.org", "evil", ""), 0, "a few tries are free");
    for (int i = 0; i < 14; i++) {
        wait = wait_of(" ADA@example.org", "evil", "");
        ok(wait == 0 || wait >= longest, "the wait only grows: %d s", wait);
        longest = wait > longest ? wait : longest;
        clock_shift((wait + 1) * CLOCK_SECOND);
        moved += (wait + 1) * CLOCK_SECOND;
        is_int(wait_of("ada@example.org", "evil", ""), 0, "... and ends");
    }
    ok(longest >= THROTTLE_MAX && longest <= THROTTLE_MAX + 1,
       "it grows to a quarter of an hour, and no more");
    ok(wait_of("ada@example.org", "evil", "") > 0, "the guesser waits");
    is_int(wait_of("ada@example.org", "home", ""), 0, "the owner comes from elsewhere: no wait");
    is_int(wait_of("bob@example.org", "evil", ""), 0, "another address: no wait");
    is_int(wait_of("ada@example.org", "evil", device), 0,
           "the owner's browser behind the guesser's address: no wait");
    ok(place.known, "... for the account knows it");
    is_int(wait_of("bob@example.org", "evil", device), 0, "for Bob it is one like any other");
    ok(!place.known, "... not known");
    for (int i = 0; i < THROTTLE_FREE; i++)
        wait_of("ada@example.org", "evil", device);
    ok(wait_of("ada@example.org", "mars", device) > 0, "a stolen cookie does not guess either");
    for (int i = 0; i < THROTTLE_FREE; i++)
        wait_of("nobody@example.org", "evil", "");
    ok(wait_of("nobody@example.org", "evil", "") > 0, "an unknown address is counted alike");
    for (int i = 0; i < THROTTLE_FREE; i++)
        is_int(wait_of("carl@example.org", "home", ""), 0, "wrong, wrong …");
    is_int(throttle_right(db, &place, &e), ST_OK, "... and right");
    is_int(wait_of("carl@example.org", "home", ""), 0, "the count begins anew");
    clock_shift(2 * CLOCK_HOUR);
    is_int(wait_of("ada@example.org", "evil", ""), 0, "after an hour all is forgotten");
    clock_shift(-2 * CLOCK_HOUR - moved);
}

static void
test_gate(void)
{
    int64_t start = clock_monotonic();

    is_int(gate_enter(db, false, &e), ST_OK, "the first goes in");
    is_int(gate_enter(other, false, &e), ST_TIMEOUT, "the second waits, but not long");
    ok(clock_monotonic() - start < 3 * CLOCK_SECOND, "... a second");
    is_int(gate_enter(third, true, &e), ST_TIMEOUT, "a known browser too");
    gate_leave(db);
    is_int(gate_enter(other, false, &e), ST_OK, "left, it is free again");
    db_close(other);
    other = NULL;
    is_int(gate_enter(third, false, &e), ST_OK, "a worker that dies leaves it free");
    gate_leave(third);
}

int
main(int argc, char **argv)
{
    static const struct account_new ada = {.email = "ada@example.org",
                                           .display_name = "Ada",
                                           .password = "seven quiet boats",
                                           .of_age = true,
                                           .verified = true};
    const struct device d = {"", "Firefox on Linux", ""};
    char empty[] = "", name[] = "Probe", url[] = "https://probe.example", token[DEVICE_TOKEN];
    int64_t id;

    if (argc != 4)
        return 2;
    conf.db.socket = argv[1];
    conf.db.name = argv[2];
    conf.db.user = argv[3];
    conf.db.password_file = empty;
    conf.site.name = name;
    conf.site.url = url;
    if (crypto_start(&e) != ST_OK || db_open(&conf, &db, &e) != ST_OK ||
        account_prepare(db, &e) != ST_OK || db_open(&conf, &other, &e) != ST_OK ||
        account_prepare(other, &e) != ST_OK || db_open(&conf, &third, &e) != ST_OK ||
        account_prepare(third, &e) != ST_OK || account_create(db, &conf, &ada, &id, &e) != ST_OK ||
        device_note(db, &conf, id, &d, token, &e) != ST_OK) {
        printf("Bail out! %s (%s)\n", e.message, e.detail);
        return 1;
    }
    test_delays(token);
    test_gate();
    db_close(db);
    db_close(other);
    db_close(third);
    return tap_done();
}

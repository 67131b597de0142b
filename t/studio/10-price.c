/*
 * What a picture costs: whole multiples of the unit, per picture.
 */
#include "app/studio/price.h"
#include "app/studio/studio.h"
#include "common/conf.h"
#include "common/err.h"
#include "t/lib/tap.h"

int
main(void)
{
    struct conf conf = {.credits = {.image = 1, .pixels = 65536, .steps = 25},
                        .model = {.steps_max = 50}};
    struct err e;

    is_int(price_of(&conf, 128, 128, 25, 1), 1, "a small picture costs one unit");
    is_int(price_of(&conf, 256, 256, 25, 1), 1, "exactly one unit of work is one unit");
    is_int(price_of(&conf, 256, 264, 25, 1), 2, "a little more is two");
    is_int(price_of(&conf, 256, 256, 26, 1), 2, "also by one step");
    is_int(price_of(&conf, 256, 256, 50, 1), 2, "twice the steps, twice the price");
    is_int(price_of(&conf, 512, 512, 50, 1), 8, "pixels and steps multiply");
    is_int(price_of(&conf, 128, 128, 25, 4), 4, "each picture is paid for");
    is_int(price_of(&conf, 256, 256, 50, 4), 8, "multiples times pictures");
    is_int(price_of(&conf, 64, 64, 1, 1), 1, "the least is one unit");
    conf.credits.image = 5;
    is_int(price_of(&conf, 256, 256, 50, 2), 20, "the unit's price is configured");
    conf.credits.image = 100000;
    conf.credits.pixels = 1;
    conf.credits.steps = 1;
    is_int(price_of(&conf, 4096, 4096, 1000, 4), INT64_C(6710886400000000),
           "the largest job at the highest price does not overflow");

    is_int(studio_funds_check(3, 3, &e), ST_OK, "just enough credits are enough");
    is_int(studio_funds_check(4, 3, &e), ST_FUNDS, "one credit short is refused");
    ok(strstr(e.message, "costs 4 credits") != NULL && strstr(e.message, "have 3") != NULL,
       "... naming what is needed and what is there");
    studio_funds_check(1, 0, &e);
    ok(strstr(e.message, "costs 1 credit and") != NULL, "one credit is not written as many");
    is_int(studio_steps_check(&conf, 50, &e), ST_OK, "the most steps");
    is_int(studio_steps_check(&conf, 51, &e), ST_INVALID, "one more is refused");
    is_int(studio_steps_check(&conf, 0, &e), ST_INVALID, "and none at all");
    return tap_done();
}

/*
 * What a picture costs: whole multiples of the unit, per picture.
 */
#include "app/studio/price.h"
#include "app/studio/studio.h"
#include "common/conf.h"
#include "common/err.h"
#include "common/rates.h"
#include "t/lib/tap.h"

/* Prices and work by what workers measured. */
static void
test_measured(void)
{
    struct conf conf = {.credits = {.image = 3, .pixels = 65536, .steps = 25}};
    struct rates rates = {.workers = 1, .measured = true};
    struct rates_curves *k = &rates.curves;
    struct price_shape s;

    k->step.b = 1e-6;
    price_shape_of(&conf, &rates, &s);
    ok(s.known, "a shape is known");
    is_int(price_of(&conf, &s, 256, 256, 25, 1), 3, "in proportion: the unit");
    is_int(price_of(&conf, &s, 512, 256, 25, 2), 12, "... twice, two pictures");
    is_int(price_work(&conf, &s, 256, 512, 10, 2), 2 * 256 * 512 * 10, "... and its work");
    is_int(price_of(&conf, &s, 256, 264, 25, 1), 3, "a little more is forgiven");
    is_int(price_of(&conf, &s, 256, 288, 25, 1), 6, "much is not");

    k->step.c = 1e-6 / 65536; /* attention: half the time at the unit's size */
    price_shape_of(&conf, &rates, &s);
    is_int(price_of(&conf, &s, 256, 256, 25, 1), 3, "the unit is the unit, however it is made up");
    is_int(price_of(&conf, &s, 512, 512, 25, 1), 30, "large pictures cost more than in proportion");
    is_int(price_work(&conf, &s, 512, 512, 25, 1), 10 * 65536 * 25, "... and take as long");
    is_int(price_of(&conf, &s, 128, 128, 25, 1), 3, "the least is one unit");

    *k = (struct rates_curves){.prompt = {1.0, 0.0, 0.0}, .step = {0.04, 0.0, 0.0}};
    price_shape_of(&conf, &rates, &s);
    is_int(price_of(&conf, &s, 256, 256, 75, 1), 6, "what is done once is paid once");

    for (int i = 0; i < 3; i++) {
        *k = (struct rates_curves){.step = {i == 0 ? -1.0 : 0.0, i == 1 ? 1e308 : 0.0, 0.0}};
        price_shape_of(&conf, &rates, &s);
        ok(price_of(&conf, &s, 256, 256, 25, 1) == 3, "nonsense changes no price");
    }
    *k = (struct rates_curves){.step = {1.0, 0.0, 1e-3}};
    price_shape_of(&conf, &rates, &s);
    ok(price_of(&conf, &s, 2048, 2048, 25, 1) <= 3 * 64 * 64, "a strange shape is no trap");
    ok(price_of(&conf, &s, 8, 8, 1, 1) == 3, "... for either side");
}

int
main(void)
{
    struct conf conf = {.credits = {.image = 1, .pixels = 65536, .steps = 25},
                        .model = {.steps_max = 50}};
    struct price_shape plain = {.known = false};
    struct err e;

    is_int(price_of(&conf, &plain, 128, 128, 25, 1), 1, "a small picture costs one unit");
    is_int(price_of(&conf, &plain, 256, 256, 25, 1), 1, "exactly one unit of work is one unit");
    is_int(price_of(&conf, &plain, 256, 264, 25, 1), 2, "a little more is two");
    is_int(price_of(&conf, &plain, 256, 256, 26, 1), 2, "also by one step");
    is_int(price_of(&conf, &plain, 256, 256, 50, 1), 2, "twice the steps, twice the price");
    is_int(price_of(&conf, &plain, 512, 512, 50, 1), 8, "pixels and steps multiply");
    is_int(price_of(&conf, &plain, 128, 128, 25, 4), 4, "each picture is paid for");
    is_int(price_of(&conf, &plain, 256, 256, 50, 4), 8, "multiples times pictures");
    is_int(price_of(&conf, &plain, 64, 64, 1, 1), 1, "the least is one unit");
    conf.credits.image = 5;
    is_int(price_of(&conf, &plain, 256, 256, 50, 2), 20, "the unit's price is configured");
    conf.credits.image = 100000;
    conf.credits.pixels = 1;
    conf.credits.steps = 1;
    is_int(price_of(&conf, &plain, 4096, 4096, 1000, 4), INT64_C(6710886400000000),
           "the largest job at the highest price does not overflow");

    test_measured();

    is_int(studio_funds_check(3, 3, &e), ST_OK, "just enough credits are enough");
    is_int(studio_funds_check(4, 3, &e), ST_FUNDS, "one credit short is refused");
    ok(strstr(e.message, "have 3 credits") != NULL && strstr(e.message, "costs 4.") != NULL,
       "... naming what is needed and what is there");
    is_int(studio_steps_check(&conf, 50, &e), ST_OK, "the most steps");
    is_int(studio_steps_check(&conf, 51, &e), ST_INVALID, "one more is refused");
    is_int(studio_steps_check(&conf, 0, &e), ST_INVALID, "and none at all");
    return tap_done();
}

/*
 * What a picture costs; see price.h. Knows no accounts: the ledger holds and captures.
 */
#include "app/studio/price.h"

#include "common/conf.h"

int64_t
price_of(const struct conf *conf, int width, int height, int steps, int images)
{
    int64_t unit = conf->credits.pixels * conf->credits.steps;
    int64_t work = (int64_t)width * height * steps;
    int64_t multiples = (work + unit - 1) / unit;

    return conf->credits.image * multiples * images;
}

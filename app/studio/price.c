/*
 * What a picture costs; see price.h. Knows no accounts: the ledger holds and captures.
 */
#include "app/studio/price.h"

#include <math.h>
#include <string.h>

#include "common/conf.h"
#include "common/rates.h"

#define FORGIVEN 0.1 /* of a multiple */
#define EXTREME 64.0 /* a shape does not change the price more than this */

void
price_shape_of(const struct conf *conf, const struct rates *rates, struct price_shape *out)
{
    const struct rates_curves *k = &rates->curves;
    double unit;

    memset(out, 0, sizeof *out);
    if (!rates->measured)
        return;
    unit = rates_seconds(k, (double)conf->credits.pixels, (int)conf->credits.steps);
    if (!(unit > 0.0 && isfinite(unit)))
        return;
    out->known = true;
    out->fixed[0] = (k->prompt.a + k->decode.a) / unit;
    out->fixed[1] = (k->prompt.b + k->decode.b) / unit;
    out->fixed[2] = (k->prompt.c + k->decode.c) / unit;
    out->step[0] = k->step.a / unit;
    out->step[1] = k->step.b / unit;
    out->step[2] = k->step.c / unit;
}

static double
at(const double k[3], double pixels)
{
    return fmax(k[0] + k[1] * pixels + k[2] * pixels * pixels, 0.0);
}

/* Multiples of the unit that one picture takes. */
static double
measured_multiples(const struct conf *conf, const struct price_shape *shape, int width, int height,
                   int steps)
{
    double pixels = (double)width * height;
    double plain = pixels * steps / ((double)conf->credits.pixels * (double)conf->credits.steps);
    double multiples = at(shape->fixed, pixels) + steps * at(shape->step, pixels);

    return fmin(fmax(multiples, plain / EXTREME), plain * EXTREME);
}

int64_t
price_of(const struct conf *conf, const struct price_shape *shape, int width, int height, int steps,
         int images)
{
    int64_t unit = conf->credits.pixels * conf->credits.steps;
    int64_t work = (int64_t)width * height * steps;
    int64_t multiples = (work + unit - 1) / unit;

    if (shape->known)
        multiples = (int64_t)ceil(measured_multiples(conf, shape, width, height, steps) - FORGIVEN);
    return conf->credits.image * (multiples > 1 ? multiples : 1) * images;
}

int64_t
price_work(const struct conf *conf, const struct price_shape *shape, int width, int height,
           int steps, int images)
{
    int64_t work = (int64_t)width * height * steps;

    if (shape->known)
        work = (int64_t)(measured_multiples(conf, shape, width, height, steps) *
                         (double)(conf->credits.pixels * conf->credits.steps));
    return (work > 1 ? work : 1) * images;
}

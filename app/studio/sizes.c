/*
 * Picture sizes; see sizes.h. Follows the configuration of the model, not the model itself.
 */
#include "app/studio/sizes.h"

#include <inttypes.h>
#include <stddef.h>

#include "common/conf.h"
#include "common/err.h"
#include "common/language.h"

const char *const size_words[] = {"square", "portrait", "landscape", "large", "exact", NULL};

static const char *const labels[] = {N_("Square"), N_("Portrait"), N_("Landscape"), N_("Large"),
                                     N_("Exact size")};

const char *
size_label(enum size_name name)
{
    return T(labels[name]);
}

void
size_pixels(const struct conf *conf, enum size_name name, int *width, int *height)
{
    int side = (int)conf->model.size, largest = (int)conf->model.size_max;
    int shorter = side * 3 / 4 / SIZE_UNIT * SIZE_UNIT;

    *width = *height = 0;
    if (shorter < SIZE_MIN)
        shorter = side;
    switch (name) {
    case SIZE_SQUARE:
        *width = *height = side;
        break;
    case SIZE_PORTRAIT:
        *width = shorter;
        *height = side;
        break;
    case SIZE_LANDSCAPE:
        *width = side;
        *height = shorter;
        break;
    case SIZE_LARGE:
        if (largest > side)
            *width = *height = largest;
        break;
    case SIZE_EXACT:
    case SIZE_COUNT:
        break;
    }
}

enum size_name
size_find(const struct conf *conf, int width, int height)
{
    for (int name = 0; name < SIZE_EXACT; name++) {
        int w, h;
        size_pixels(conf, (enum size_name)name, &w, &h);
        if (w == width && h == height)
            return (enum size_name)name;
    }
    return SIZE_EXACT;
}

int
size_check(const struct conf *conf, int64_t width, int64_t height, struct err *e)
{
    int64_t largest = conf->model.size_max;

    if (width < SIZE_MIN || height < SIZE_MIN || width > largest || height > largest)
        return err_setf(e, ST_INVALID,
                        "Choose a width and a height between %d and %" PRId64 " pixels.", SIZE_MIN,
                        largest);
    if (width % SIZE_UNIT != 0 || height % SIZE_UNIT != 0)
        return err_setf(e, ST_INVALID, "Width and height must be multiples of %d, for example %d.",
                        SIZE_UNIT, SIZE_MIN);
    return ST_OK;
}

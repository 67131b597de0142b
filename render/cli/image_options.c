/*
 * Values of options. Knows no program. Read next: gempix_image.c, image_animate.c.
 */
#include "render/cli/image_options.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/text.h"

void
image_complain(const char *program, const char *message)
{
    fprintf(stderr, "%s: %s\nTry '%s --help'.\n", program, message, program);
}

bool
image_whole(const char *program, const char *name, const char *text, int64_t min, int64_t max,
            int64_t *out)
{
    char *end, message[200];
    long long v;

    errno = 0;
    v = strtoll(text, &end, 10);
    if (errno == 0 && end != text && *end == '\0' && v >= min && v <= max) {
        *out = v;
        return true;
    }
    (void)snprintf(message, sizeof message,
                   "%s needs a whole number from %" PRId64 " to %" PRId64 ", not \"%.60s\".", name,
                   min, max, text);
    image_complain(program, message);
    return false;
}

bool
image_number(const char *program, const char *name, const char *text, double min, double max,
             double *out)
{
    char *end, message[160];

    errno = 0;
    *out = strtod(text, &end);
    if (errno == 0 && end != text && *end == '\0' && *out >= min && *out <= max)
        return true;
    (void)snprintf(message, sizeof message, "%s needs a number from %g to %g, not \"%.60s\".", name,
                   min, max, text);
    image_complain(program, message);
    return false;
}

bool
image_sampler(const char *program, const char *text, enum generate_sampler *out)
{
    struct text message;

    if (generate_sampler_find(text, out))
        return true;
    text_init(&message, 500);
    text_puts(&message, "--sampler is");
    for (int i = 0; i < GENERATE_SAMPLERS; i++)
        text_printf(&message, "%s %s",
                    i == 0                      ? ""
                    : i + 1 < GENERATE_SAMPLERS ? ","
                                                : " or",
                    generate_sampler_name((enum generate_sampler)i));
    text_printf(&message, ", not \"%.60s\".", text);
    image_complain(program, text_cstr(&message));
    text_release(&message);
    return false;
}

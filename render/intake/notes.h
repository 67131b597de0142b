/*
 * What one of our own pictures says about itself, taken out of its file to be put into another
 * format: the parameters, and the code of how it came to be. Made for our files, safe for any.
 */
#ifndef GEMPIX_RENDER_INTAKE_NOTES_H
#define GEMPIX_RENDER_INTAKE_NOTES_H

#include <stddef.h>

#define NOTES_PARAMETERS 16384
#define NOTES_SOURCE 48

struct notes {
    char parameters[NOTES_PARAMETERS]; /* "" = none; of PNG files alone */
    char digital_source[NOTES_SOURCE]; /* last part of the IPTC code; "" = none */
};

void notes_read(const void *data, size_t size, struct notes *out);

#endif

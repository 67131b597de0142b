/*
 * What gempix-decode answers, to a parent that was built with it: this struct, then for status 0
 * width · height · 3 bytes of RGB.
 */
#ifndef GEMPIX_RENDER_INTAKE_INTAKE_WIRE_H
#define GEMPIX_RENDER_INTAKE_INTAKE_WIRE_H

#include <stdint.h>

#include "common/err.h"

#define INTAKE_MAGIC 0x31785047U /* "GPx1" */

struct intake_answer {
    uint32_t magic;
    int32_t status; /* enum status */
    uint32_t width, height;
    char message[sizeof((struct err *)0)->message];
    char detail[sizeof((struct err *)0)->detail];
};

#endif

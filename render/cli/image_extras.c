/*
 * Options for LoRAs and textual inversions. Knows no files. Read next: gempix_image.c.
 */
#include "render/cli/image_extras.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WEIGHT_MOST 100.0

bool
image_extras_lora(struct image_extras *x, char *argument, char why[160])
{
    struct pipeline_lora *to = &x->loras[x->all.lora_count];
    char *colon = strrchr(argument, ':'), *end;

    if (x->all.lora_count == EXTRAS_MOST) {
        (void)snprintf(why, 160, "--lora can be given %d times.", EXTRAS_MOST);
        return false;
    }
    *to = (struct pipeline_lora){.path = argument, .weight = 1.0};
    /* A colon inside the path is part of it. */
    if (colon != NULL && strchr(colon, '/') == NULL && strstr(colon, ".safetensors") == NULL) {
        errno = 0;
        to->weight = strtod(colon + 1, &end);
        if (errno != 0 || end == colon + 1 || *end != '\0' || !(fabs(to->weight) <= WEIGHT_MOST)) {
            (void)snprintf(why, 160,
                           "--lora FILE:WEIGHT needs a number from -100 to 100, not "
                           "\"%.60s\".",
                           colon + 1);
            return false;
        }
        *colon = '\0';
    }
    x->all.lora_count++;
    return true;
}

bool
image_extras_embedding(struct image_extras *x, const char *argument, char why[160])
{
    if (x->all.embedding_count == EXTRAS_MOST) {
        (void)snprintf(why, 160, "--embedding can be given %d times.", EXTRAS_MOST);
        return false;
    }
    x->embeddings[x->all.embedding_count++] = argument;
    return true;
}

const struct pipeline_extras *
image_extras_get(struct image_extras *x)
{
    x->all.loras = x->loras;
    x->all.embeddings = x->embeddings;
    return &x->all;
}

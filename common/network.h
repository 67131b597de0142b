/*
 * Networks that are one weight file and stand beside a model: upscalers, LaMa, the safety checker,
 * motion modules, LoRAs, textual inversions. Which of them a file holds is seen by the names of its
 * tensors. The engine decides in the end whether it can use the file; this is for lists, manifests
 * and the choice of a test. Knows no files.
 */
#ifndef GEMPIX_COMMON_NETWORK_H
#define GEMPIX_COMMON_NETWORK_H

#include <stddef.h>

enum network {
    NETWORK_NONE, /* a whole model, or nothing that is known */
    NETWORK_COMPACT,
    NETWORK_RRDB,
    NETWORK_LAMA,
    NETWORK_SAFETY,
    NETWORK_MOTION,
    NETWORK_LORA,
    NETWORK_EMBEDDING,
};
#define NETWORKS 8

/* As a manifest calls it in "family": "compact", "rrdb", "lama", "safety", "motion", "lora",
 * "embedding"; "" for NONE. */
const char *network_name(enum network n);
/* NONE when there is no network of this name. */
enum network network_find(const char *name);
/* "an upscaler (compact)" */
const char *network_what(enum network n);

/* What was seen so far; zeroed at first. */
struct network_look {
    unsigned marks[NETWORKS];
    size_t tensors, flat; /* flat: of one or two axes */
    int whole;            /* parts of a whole model are among them */
};
void network_see(struct network_look *l, const char *tensor, size_t rank);
enum network network_judge(const struct network_look *l);

#endif

/*
 * Self-tests of networks that stand beside a model: an upscaler enlarges a small picture, LaMa
 * fills a hole, the safety checker looks at a picture, motion modules run on noise; LoRAs and
 * textual inversions are read.
 */
#ifndef GEMPIX_RENDER_CLI_SELFTEST_BESIDE_H
#define GEMPIX_RENDER_CLI_SELFTEST_BESIDE_H

#include "common/network.h"

struct err;

/* Prints a report in JSON. `path`: the file, or its folder with a manifest. 0, or what is wrong. */
int selftest_beside(const char *path, enum network kind, struct err *e);

#endif

/*
 * Licences of models: which are free for every use, and which bind the operator to terms that have
 * to be accepted first. Not legal advice, a reminder to read.
 */
#ifndef GEMPIX_APP_CTL_MODEL_LICENCE_H
#define GEMPIX_APP_CTL_MODEL_LICENCE_H

#include <stdbool.h>
#include <stddef.h>

struct model_licence {
    const char *id;    /* as model cards write it */
    const char *title; /* for people */
    bool free;         /* for every use, at most naming the authors */
    const char *terms; /* one sentence, where it is not */
};

/* What is known of a licence; never NULL: an unknown one has to be accepted. */
const struct model_licence *model_licence_find(const char *id);
/* The "license:" of a model card's head (README.md), or "" in out. */
void model_licence_of_card(const char *card, char *out, size_t size);

#endif

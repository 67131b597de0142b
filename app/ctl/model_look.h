/*
 * What kind of model lies in a folder: its family by shapes and configurations. The engine decides
 * in the end; this is for the manifest and for lists.
 */
#ifndef GEMPIX_APP_CTL_MODEL_LOOK_H
#define GEMPIX_APP_CTL_MODEL_LOOK_H

#include "common/network.h"

struct err;
struct manifest;

/* What stands beside a model, of a weight file at `path`; NETWORK_NONE for a model and for what
 * nobody knows. 0, ST_INVALID, ST_IO or ST_NOMEM. */
int model_look_network(const char *path, enum network *out, struct err *e);

/* Fills family, variant, prediction, scheduler and the default size of *m. m->weights names the
 * file of a single-file model; what is set already stays. 0, ST_INVALID, ST_IO or ST_NOMEM. */
int model_look(const char *folder, struct manifest *m, struct err *e);

#endif

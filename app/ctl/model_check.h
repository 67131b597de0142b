/*
 * Is a model what it should be? Digests of all its files against the manifest, and a test run by
 * the engine as a program of its own, because a model that is broken must not take us along.
 */
#ifndef GEMPIX_APP_CTL_MODEL_CHECK_H
#define GEMPIX_APP_CTL_MODEL_CHECK_H

#include <stddef.h>

struct conf;
struct err;
struct model_place;
struct text;

/* Digests every file; p->state and p->problem tell the result, each(ctx, name, problem) every file
 * (problem NULL = good). 0 whatever was found, or ST_NOMEM. */
int model_check_files(struct model_place *p,
                      void (*each)(void *ctx, const char *name, const char *problem), void *ctx,
                      struct err *e);

/* Runs `models.engine --self-test FOLDER`; its JSON report into *report. 0; ST_UNSUPPORTED with the
 * engine's words (it cannot use the model); ST_IO (it cannot be started), ST_TIMEOUT, ST_INTERNAL
 * (it crashed), ST_NOMEM. */
int model_check_engine(const struct conf *conf, const char *folder, struct text *report,
                       struct err *e);

#endif

/*
 * The models of this installation: those in the folder models.dir, and the one that the site uses
 * (model.name and model.path), wherever that lies.
 */
#ifndef GEMPIX_APP_CTL_MODEL_PLACE_H
#define GEMPIX_APP_CTL_MODEL_PLACE_H

#include <stdbool.h>
#include <stdint.h>

#include "app/ctl/model_disk.h"
#include "common/manifest.h"

struct conf;
struct err;

enum model_state {
    MODEL_OK,
    MODEL_UNKNOWN, /* no manifest: nothing to compare with */
    MODEL_MISSING, /* files are gone */
    MODEL_DAMAGED, /* another size or digest, or a manifest that cannot be read */
    MODEL_PARTIAL, /* an installation that was interrupted */
};

struct model_place {
    char name[MANIFEST_NAME];
    char folder[DISK_PATH];
    bool chosen; /* the site's model */
    enum model_state state;
    int64_t size; /* bytes of all files */
    struct manifest manifest;
    char problem[300]; /* what is wrong; "" = nothing */
};

/* "ok", "no manifest", "missing files", "damaged", "partial". */
const char *model_state_name(enum model_state state);

/* All models, sorted by name, with sizes compared but not digests. 0, ST_IO or ST_NOMEM.
 * model_places_free(*out, *count). */
int model_places(const struct conf *conf, struct model_place **out, size_t *count, struct err *e);
void model_places_free(struct model_place *list, size_t count);
/* One by name. 0; ST_NOTFOUND (with the nearest name); else as above. model_place_release(out). */
int model_place_find(const struct conf *conf, const char *name, struct model_place *out,
                     struct err *e);
void model_place_release(struct model_place *p);

#endif

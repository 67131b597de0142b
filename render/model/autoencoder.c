/*
 * Which autoencoder a model has. Read next: autoencoder_kl.c, autoencoder_tiny.c.
 */
#include "render/model/autoencoder.h"

#include <string.h>

#include "common/err.h"
#include "common/json.h"
#include "render/model/autoencoder_kl.h"
#include "render/model/autoencoder_tiny.h"

void
autoencoder_load(struct loader *l, const struct json *config, struct autoencoder *out)
{
    const char *name = json_text(config, "_class_name", "AutoencoderKL");

    memset(out, 0, sizeof *out);
    if (strcmp(name, "AutoencoderKL") == 0)
        out->kl = autoencoder_kl_load(l, config, &out->channels, &out->factor);
    else if (strcmp(name, "AutoencoderTiny") == 0)
        out->tiny = autoencoder_tiny_load(l, config, &out->channels, &out->factor);
    else if (l->rc == ST_OK)
        l->rc = err_setf(l->e, ST_UNSUPPORTED,
                         "The model's vae is a \"%.60s\", which this engine cannot do.", name);
    out->scaling = json_number(config, "scaling_factor", out->kl != NULL ? 0.18215 : 1.0);
}

static void
decode(struct engine *g, const struct autoencoder *a, size_t limit, const struct tensor *latent,
       struct tensor *image)
{
    if (a->kl != NULL)
        autoencoder_kl_decode(g, a->kl, limit, latent, image);
    else
        autoencoder_tiny_decode(g, a->tiny, limit, latent, image);
}

static void
encode(struct engine *g, const struct autoencoder *a, size_t limit, const struct tensor *image,
       struct tensor *latent)
{
    if (a->kl != NULL)
        autoencoder_kl_encode(g, a->kl, limit, image, latent);
    else
        autoencoder_tiny_encode(g, a->tiny, limit, image, latent);
}

/* One direction for a batch, or picture by picture where all at once need too much. */
static void
run(struct engine *g, const struct autoencoder *a,
    void (*way)(struct engine *g, const struct autoencoder *a, size_t limit,
                const struct tensor *from, struct tensor *to),
    const struct tensor *from, struct tensor *to)
{
    struct engine plan = *g;

    plan.planning = true;
    plan.pool = NULL; /* for any number of threads the same way */
    plan.peak = plan.used;
    if (a->limit != 0)
        way(&plan, a, 0, from, to);
    if (a->limit == 0 || plan.peak - plan.used <= a->limit) {
        way(g, a, 0, from, to);
        return;
    }
    for (size_t i = 0; i < from->n; i++) {
        struct tensor x = *from, y = *to;

        x.n = y.n = 1;
        x.data += i * x.h * x.w * x.c;
        y.data += i * y.h * y.w * y.c;
        way(g, a, a->limit, &x, &y);
    }
}

void
autoencoder_decode(struct engine *g, const struct autoencoder *a, const struct tensor *latent,
                   struct tensor *image)
{
    run(g, a, decode, latent, image);
}

bool
autoencoder_can_encode(const struct autoencoder *a)
{
    return a->kl != NULL ? autoencoder_kl_can_encode(a->kl) : autoencoder_tiny_can_encode(a->tiny);
}

void
autoencoder_encode(struct engine *g, const struct autoencoder *a, const struct tensor *image,
                   struct tensor *latent)
{
    run(g, a, encode, image, latent);
}

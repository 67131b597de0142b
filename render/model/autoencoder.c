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

/* A batch that is too large is decoded one by one. */
static bool
fits(const struct engine *g, const struct autoencoder *a, const struct tensor *latent,
     struct tensor *image)
{
    struct engine plan = *g;

    plan.planning = true;
    plan.pool = NULL; /* for any number of threads the same way */
    plan.peak = plan.used;
    decode(&plan, a, 0, latent, image);
    return plan.peak - plan.used <= a->decode_limit;
}

void
autoencoder_decode(struct engine *g, const struct autoencoder *a, const struct tensor *latent,
                   struct tensor *image)
{
    if (a->decode_limit == 0 || fits(g, a, latent, image)) {
        decode(g, a, 0, latent, image);
        return;
    }
    for (size_t i = 0; i < latent->n; i++) {
        struct tensor z = *latent, one = *image;

        z.n = one.n = 1;
        z.data += i * z.h * z.w * z.c;
        one.data += i * one.h * one.w * one.c;
        decode(g, a, a->decode_limit, &z, &one);
    }
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
    if (a->kl != NULL)
        autoencoder_kl_encode(g, a->kl, image, latent);
    else
        autoencoder_tiny_encode(g, a->tiny, image, latent);
}

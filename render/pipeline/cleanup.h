/*
 * Things taken out of a picture: what a mask marks is filled by LaMa (render/model/lama.h) from
 * what is around it. Only marked pixels change.
 *
 * Work is done on parts of the picture, so memory does not grow with it: a hole that is thick is
 * taken whole and reduced, because the networks are trained on small ones; the rest piece by piece
 * at full size.
 */
#ifndef GEMPIX_RENDER_PIPELINE_CLEANUP_H
#define GEMPIX_RENDER_PIPELINE_CLEANUP_H

struct cleanup;
struct err;
struct image;

struct cleanup_params {
    int grow;     /* pixels by which the mask is widened first */
    int feather;  /* pixels inside the mask over which old goes over into new */
    int around;   /* pixels around a hole that the network sees */
    int thickest; /* holes thicker than so many pixels are solved at a reduced size */
};

#define CLEANUP_PARAMS                                                                             \
    {                                                                                              \
        .grow = 0, .feather = 2, .around = 128, .thickest = 256                                    \
    }

/* The weights of a LaMa, a file or a folder with model.safetensors. `threads` 0 = one per core. 0,
   ST_IO, ST_INVALID, ST_UNSUPPORTED, ST_NOMEM. cleanup_close(*out). */
int cleanup_open(const char *path, int threads, struct cleanup **out, struct err *e);
void cleanup_close(struct cleanup *c); /* NULL is legal */

/* `mask` has the picture's size; where it is brighter than half the picture is filled.
   progress(ctx, done, 100) after every piece; nonzero asks to stop; NULL is legal. *out belongs to
   the caller (image_release); its unmarked pixels are those of `in`. 0, ST_INVALID, ST_CANCELLED,
   ST_NOMEM, ST_INTERNAL. */
int cleanup(struct cleanup *c, const struct cleanup_params *params, const struct image *in,
            const struct image *mask, int (*progress)(void *ctx, int done, int all), void *ctx,
            struct image *out, struct err *e);

#endif

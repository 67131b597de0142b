/*
 * For tests: all tensors of a Stable Diffusion model, in the names of a diffusers folder and of a
 * single file, with shapes. Written from the descriptions of both layouts by walking the networks,
 * not from the engine's table.
 */
#ifndef GEMPIX_T_RENDER_LDM_FIXTURE_H
#define GEMPIX_T_RENDER_LDM_FIXTURE_H

#include <stdbool.h>
#include <stddef.h>

#define FIX_NAMES 4000
#define FIX_LEVELS 4

enum { FIX_TEXT, FIX_TEXT2, FIX_UNET, FIX_VAE };

struct fix_tensor {
    int part;
    char ours[160], theirs[160];
    size_t shape[4], rank; /* as ours */
    bool flat;             /* theirs has [c, d, 1, 1] */
    bool turned;           /* theirs is transposed */
    int third;             /* 1..3: rows of a tensor that holds three; 0 = whole */
};

/* Sizes of a model. depth 0 = no attention at that level. */
struct fix_model {
    size_t levels, widths[FIX_LEVELS], depth[FIX_LEVELS], layers, in, context, added, guidance;
    size_t vae_levels, vae_widths[FIX_LEVELS], vae_layers;
    size_t text_width, text_hidden /* 0 = 4 times */, text_layers, text2_width, text2_hidden,
        text2_layers, projection, words;
    bool openclip; /* SD2 */
};

struct fix_list {
    struct fix_tensor *at;
    size_t count;
    int part;
    const char *prefix; /* of theirs */
};

/* All tensors of a model; free(list.at). */
struct fix_list fix_all(const struct fix_model *m);
/* Elements. */
size_t fix_size(const struct fix_tensor *t);

#endif

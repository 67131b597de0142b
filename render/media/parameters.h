/*
 * The parameters of a picture as text, in the form that other programs read from picture files.
 * Knows no file format.
 */
#ifndef GEMPIX_RENDER_MEDIA_PARAMETERS_H
#define GEMPIX_RENDER_MEDIA_PARAMETERS_H

struct generate_params;
struct text;

/* Prompt; negative prompt, where there is one; then one line with steps, sampler, guidance, seed,
 * size and model. */
void parameters_write(const struct generate_params *p, const char *model, struct text *out);

#endif

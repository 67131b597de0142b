/*
 * Pictures as files: PNG and JPEG bytes with the generation parameters and the IPTC digital source
 * type inside. png.h appears in png.c alone, turbojpeg.h in jpeg.c alone,
 * webp/decode.h in webp.c.
 *
 * Provenance: XMP packet with Iptc4xmpExt:DigitalSourceType =
 * http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia (PNG iTXt
 * "XML:com.adobe.xmp", JPEG APP1), and the parameters as text in the form that existing tools read
 * (PNG tEXt/iTXt "parameters", JPEG EXIF UserComment or COM).
 */
#ifndef GEMPIX_RENDER_MEDIA_PICTURE_H
#define GEMPIX_RENDER_MEDIA_PICTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct image; /* render/pipeline/generate.h: RGB8 */

struct picture_note {
    const char *parameters; /* UTF-8: prompt, negative prompt, steps, sampler, guidance, seed, size,
                               model; NULL = none */
    const char
        *digital_source;  /* last part of the IPTC code: "trainedAlgorithmicMedia"; NULL = none */
    const char *software; /* "Gempix 2" */
};

enum picture_format { PICTURE_PNG, PICTURE_JPEG, PICTURE_WEBP };

/* The format that a file's name asks for: .png, .jpg, .jpeg or .webp. False if none of them. */
bool picture_format_of(const char *path, enum picture_format *out);

/* Encodes into heap memory (free()). quality 1-100 for JPEG and WebP. `note` may be NULL. 0,
 * ST_NOMEM, ST_INTERNAL. */
int picture_encode(const struct image *image, enum picture_format format, int quality,
                   const struct picture_note *note, void **data, size_t *size, struct err *e);
/* Box-filtered copy that fits into side × side pixels; belongs to the caller (image_release). 0 or
 * ST_NOMEM. */
int picture_shrink(const struct image *image, int side, struct image *out, struct err *e);
/* Reads PNG, JPEG or WebP of at most max_pixels to RGB8, upright as its EXIF says, alpha over
 * white. The bytes decide, not a name. 0, ST_INVALID (what is wrong, and for other formats which),
 * ST_TOOBIG, ST_NOMEM. Files of strangers go through render/intake/ instead. */
int picture_decode(const void *data, size_t size, size_t max_pixels, struct image *out,
                   struct err *e);

#endif

/*
 * The parameters of a picture as an EXIF block; see exif.c.
 */
#ifndef GEMPIX_RENDER_MEDIA_EXIF_H
#define GEMPIX_RENDER_MEDIA_EXIF_H

struct picture_note;
struct text;

/* Appends the TIFF structure (what follows "Exif\0\0" in a JPEG) for a note that has parameters.
   Failure is the text's sticky flag. */
void exif_write(const struct picture_note *note, struct text *out);

#endif

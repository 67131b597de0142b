/*
 * The XMP packet that says how a picture came to be. Knows no picture format; png.c and jpeg.c
 * carry it.
 */
#ifndef GEMPIX_RENDER_MEDIA_XMP_H
#define GEMPIX_RENDER_MEDIA_XMP_H

struct text;
struct picture_note;

/* Appends the packet for the note's digital source and software, as UTF-8. An empty text stays
   empty when the note names neither. Failure is the text's sticky flag. */
void xmp_write(const struct picture_note *note, struct text *out);

#endif

/*
 * JPEG by the TurboJPEG calls, which return their errors. Provenance and parameters go into APP1
 * segments that this file puts behind JFIF's own: Exif (UserComment) and XMP. Knows no databases
 * and no jobs. Read next: picture.c.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <turbojpeg.h>

#include "common/err.h"
#include "common/text.h"
#include "render/media/exif.h"
#include "render/media/picture.h"
#include "render/media/picture_format.h"
#include "render/media/xmp.h"
#include "render/pipeline/generate.h"

#define SEGMENT_MAX 65533 /* bytes of data in one segment */
#define FINE 90           /* from this quality on, colours keep every pixel */
#define XMP_NAME "http://ns.adobe.com/xap/1.0/"

static void
put_be16(struct text *t, unsigned v)
{
    text_putc(t, (char)(v >> 8));
    text_putc(t, (char)v);
}

static void
put_segment(struct text *t, unsigned char marker, const struct text *data)
{
    if (data->failed || data->len > SEGMENT_MAX) {
        t->failed = true;
        return;
    }
    text_putc(t, (char)0xFF);
    text_putc(t, (char)marker);
    put_be16(t, (unsigned)data->len + 2);
    text_put(t, text_cstr(data), data->len);
}

static void
put_exif(struct text *t, const struct picture_note *note)
{
    struct text data;

    text_init(&data, SEGMENT_MAX);
    text_put(&data, "Exif\0", 6);
    exif_write(note, &data);
    put_segment(t, 0xE1, &data);
    text_release(&data);
}

static void
put_xmp(struct text *t, const struct picture_note *note)
{
    struct text data;

    text_init(&data, SEGMENT_MAX);
    text_put(&data, XMP_NAME, sizeof XMP_NAME);
    xmp_write(note, &data);
    if (data.failed || data.len > sizeof XMP_NAME)
        put_segment(t, 0xE1, &data);
    text_release(&data);
}

/* Where the segments go: behind SOI and JFIF's APP0, which must come first. 0 = these bytes are no
 * JPEG. */
static size_t
place(const unsigned char *jpeg, size_t size)
{
    size_t at = 2;

    if (size < 4 || jpeg[0] != 0xFF || jpeg[1] != 0xD8)
        return 0;
    if (size >= 6 && jpeg[2] == 0xFF && jpeg[3] == 0xE0)
        at += 2 + ((size_t)jpeg[4] << 8 | jpeg[5]);
    return at <= size ? at : 0;
}

static int
join(const unsigned char *jpeg, size_t jpeg_size, const struct text *segments, void **data,
     size_t *size, struct err *e)
{
    size_t at = place(jpeg, jpeg_size);
    unsigned char *out;

    if (at == 0)
        return err_set(e, ST_INTERNAL, "The picture could not be written.", "%zu bytes of JPEG",
                       jpeg_size);
    if (segments->failed || (out = malloc(jpeg_size + segments->len)) == NULL)
        return err_set(e, ST_NOMEM, "Please try again later.", "picture file");
    memcpy(out, jpeg, at);
    if (segments->len > 0)
        memcpy(out + at, segments->data, segments->len);
    memcpy(out + at + segments->len, jpeg + at, jpeg_size - at);
    *data = out;
    *size = jpeg_size + segments->len;
    return ST_OK;
}

int
jpeg_encode(const struct image *image, int quality, const struct picture_note *note, void **data,
            size_t *size, struct err *e)
{
    tjhandle tj = tjInitCompress();
    unsigned char *jpeg = NULL;
    unsigned long jpeg_size = 0;
    struct text segments;
    int rc;

    text_init(&segments, 3 * (size_t)SEGMENT_MAX);
    if (tj == NULL) {
        rc = err_set(e, ST_NOMEM, "Please try again later.", "TurboJPEG: %s", tjGetErrorStr2(NULL));
        goto out;
    }
    if (tjCompress2(tj, image->pixels, image->width, 0, image->height, TJPF_RGB, &jpeg, &jpeg_size,
                    quality >= FINE ? TJSAMP_444 : TJSAMP_420, quality, 0) != 0) {
        rc = err_set(e, ST_INTERNAL, "The picture could not be written.", "TurboJPEG: %s",
                     tjGetErrorStr2(tj));
        goto out;
    }
    if (note->parameters != NULL)
        put_exif(&segments, note);
    put_xmp(&segments, note);
    rc = join(jpeg, jpeg_size, &segments, data, size, e);
out:
    text_release(&segments);
    tjFree(jpeg);
    if (tj != NULL)
        tjDestroy(tj);
    return rc;
}

int
jpeg_decode(const void *data, size_t size, size_t max_pixels, struct image *out, struct err *e)
{
    tjhandle tj = tjInitDecompress();
    /* Cleared: where a stream ends before its first frame, the call succeeds and writes nothing. */
    int width = 0, height = 0, sampling = 0, space = 0, rc;

    if (tj == NULL)
        return err_set(e, ST_NOMEM, "Please try again later.", "TurboJPEG: %s",
                       tjGetErrorStr2(NULL));
    if (tjDecompressHeader3(tj, data, size, &width, &height, &sampling, &space) != 0 || width < 1 ||
        height < 1) {
        rc = err_set(e, ST_INVALID, "This JPEG picture is damaged.", "TurboJPEG: %s",
                     tjGetErrorStr2(tj));
        goto out;
    }
    if (space == TJCS_CMYK || space == TJCS_YCCK) {
        rc = err_set(e, ST_INVALID,
                     "This JPEG picture has printing colours (CMYK); save it as RGB first.", NULL);
        goto out;
    }
    if ((rc = picture_allocate((size_t)width, (size_t)height, max_pixels, out, e)) != ST_OK)
        goto out;
    /* Stopping at a warning refuses truncated files; a limit of scans, those that cost hours. */
    if (tjDecompress2(tj, data, size, out->pixels, width, 0, height, TJPF_RGB,
                      TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS) != 0) {
        rc = err_set(e, ST_INVALID, "This JPEG picture is damaged.", "TurboJPEG: %s",
                     tjGetErrorStr2(tj));
        free(out->pixels);
        memset(out, 0, sizeof *out);
    }
out:
    tjDestroy(tj);
    return rc;
}

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
#include "render/media/picture.h"
#include "render/media/picture_format.h"
#include "render/media/xmp.h"
#include "render/pipeline/generate.h"

#define SEGMENT_MAX 65533 /* bytes of data in one segment */
#define COMMENT_MAX 60000 /* bytes of UTF-16; longer parameters are cut */
#define FINE 90           /* from this quality on, colours keep every pixel */
#define XMP_NAME "http://ns.adobe.com/xap/1.0/"

/* Tags and types of Exif that are used here. */
enum { TAG_SOFTWARE = 0x0131, TAG_EXIF = 0x8769, TAG_USER_COMMENT = 0x9286 };
enum { TYPE_ASCII = 2, TYPE_LONG = 4, TYPE_UNDEFINED = 7 };

static void
put_be16(struct text *t, unsigned v)
{
    text_putc(t, (char)(v >> 8));
    text_putc(t, (char)v);
}

static void
put_be32(struct text *t, uint32_t v)
{
    put_be16(t, v >> 16);
    put_be16(t, v & 0xFFFF);
}

static void
put_entry(struct text *t, unsigned tag, unsigned type, uint32_t count, uint32_t value)
{
    put_be16(t, tag);
    put_be16(t, type);
    put_be32(t, count);
    put_be32(t, value);
}

/* The next character of UTF-8; U+FFFD for bytes that are none. */
static uint32_t
next_character(const char **s)
{
    const unsigned char *p = (const unsigned char *)*s;
    int more = p[0] < 0x80             ? 0
               : (p[0] & 0xE0) == 0xC0 ? 1
               : (p[0] & 0xF0) == 0xE0 ? 2
               : (p[0] & 0xF8) == 0xF0 ? 3
                                       : -1;
    uint32_t c = more == 0 ? p[0] : more < 0 ? 0xFFFD : (uint32_t)p[0] & (0x3Fu >> more);

    for (int i = 1; i <= more; i++) {
        if ((p[i] & 0xC0) != 0x80) {
            *s += i;
            return 0xFFFD;
        }
        c = c << 6 | (p[i] & 0x3F);
    }
    *s += more < 0 ? 1 : more + 1;
    return c > 0x10FFFF || (c >= 0xD800 && c < 0xE000) ? 0xFFFD : c;
}

static void
put_utf16(struct text *t, const char *s)
{
    size_t start = t->len;

    while (*s != '\0' && t->len - start < COMMENT_MAX) {
        uint32_t c = next_character(&s);

        if (c >= 0x10000) {
            put_be16(t, 0xD800 + ((c - 0x10000) >> 10));
            put_be16(t, 0xDC00 + ((c - 0x10000) & 0x3FF));
        } else {
            put_be16(t, c);
        }
    }
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

/* A TIFF of two directories: software in the first, which points to the second with the comment. */
static void
put_exif(struct text *t, const struct picture_note *note)
{
    const char *software = note->software != NULL ? note->software : "";
    uint32_t software_len = (uint32_t)strlen(software) + 1, software_at = 8 + 2 + 2 * 12 + 4;
    uint32_t exif_at = software_at + software_len + (software_len & 1);
    struct text comment, data;

    text_init(&comment, SEGMENT_MAX);
    text_put(&comment, "UNICODE", 8);
    put_utf16(&comment, note->parameters);
    text_init(&data, SEGMENT_MAX);
    text_put(&data, "Exif\0", 6);
    text_put(&data, "MM\0*", 4);
    put_be32(&data, 8);
    put_be16(&data, 2);
    put_entry(&data, TAG_SOFTWARE, TYPE_ASCII, software_len, software_at);
    put_entry(&data, TAG_EXIF, TYPE_LONG, 1, exif_at);
    put_be32(&data, 0);
    text_put(&data, software, software_len);
    text_put(&data, "", software_len & 1);
    put_be16(&data, 1);
    put_entry(&data, TAG_USER_COMMENT, TYPE_UNDEFINED, (uint32_t)comment.len, exif_at + 2 + 12 + 4);
    put_be32(&data, 0);
    text_put(&data, text_cstr(&comment), comment.len);
    data.failed = data.failed || comment.failed;
    put_segment(t, 0xE1, &data);
    text_release(&comment);
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

/*
 * PNG by libpng's simplified interface, which returns from every error instead of long-jumping
 * over our frames. That interface carries no text, so the text chunks are put behind the header by
 * this file itself. Knows no databases and no jobs. Read next: picture.c.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <png.h>
#include <zlib.h>

#include "common/err.h"
#include "common/text.h"
#include "render/media/picture.h"
#include "render/media/picture_format.h"
#include "render/media/xmp.h"
#include "render/pipeline/generate.h"

#define HEAD 33 /* signature and IHDR, which always come first */
#define CHUNKS_MAX ((size_t)1 << 20)

static void
put_be32(struct text *t, uint32_t v)
{
    char bytes[4] = {(char)(v >> 24), (char)(v >> 16), (char)(v >> 8), (char)v};

    text_put(t, bytes, sizeof bytes);
}

/* Length, type, data, and the check over type and data. */
static void
put_chunk(struct text *t, const char *type, const struct text *data)
{
    uLong crc = crc32(0, (const Bytef *)type, 4);

    if (data->failed) {
        t->failed = true;
        return;
    }
    crc = crc32(crc, (const Bytef *)text_cstr(data), (uInt)data->len);
    put_be32(t, (uint32_t)data->len);
    text_put(t, type, 4);
    text_put(t, text_cstr(data), data->len);
    put_be32(t, (uint32_t)crc);
}

static bool
is_ascii(const char *s)
{
    while (*s != '\0')
        if ((unsigned char)*s++ > 126)
            return false;
    return true;
}

/* tEXt is Latin-1, so whatever is not plain ASCII goes into iTXt, which is UTF-8. */
static void
put_text(struct text *t, const char *keyword, const char *value, bool international)
{
    struct text data;

    text_init(&data, CHUNKS_MAX);
    text_put(&data, keyword, strlen(keyword) + 1);
    if (international || !is_ascii(value))
        text_put(&data, "\0\0\0\0", 4); /* not compressed; no language; no translated keyword */
    text_puts(&data, value);
    put_chunk(t, international || !is_ascii(value) ? "iTXt" : "tEXt", &data);
    text_release(&data);
}

static void
put_note(struct text *t, const struct picture_note *note)
{
    struct text xmp;

    text_init(&xmp, CHUNKS_MAX);
    xmp_write(note, &xmp);
    if (xmp.failed)
        t->failed = true;
    else if (xmp.len > 0)
        put_text(t, "XML:com.adobe.xmp", text_cstr(&xmp), true);
    text_release(&xmp);
    if (note->parameters != NULL)
        put_text(t, "parameters", note->parameters, false);
    if (note->software != NULL)
        put_text(t, "Software", note->software, false);
}

/* Puts the chunks between the header and the rest; `data` becomes longer. */
static int
insert(void **data, size_t *size, const struct text *chunks, struct err *e)
{
    uint8_t *longer;

    if (chunks->failed)
        return err_set(e, ST_NOMEM, "Please try again later.", "text chunks of a picture");
    if (*size < HEAD)
        return err_set(e, ST_INTERNAL, "The picture could not be written.", "%zu bytes of PNG",
                       *size);
    if ((longer = realloc(*data, *size + chunks->len)) == NULL)
        return err_set(e, ST_NOMEM, "Please try again later.", "picture file");
    memmove(longer + HEAD + chunks->len, longer + HEAD, *size - HEAD);
    if (chunks->len > 0)
        memcpy(longer + HEAD, chunks->data, chunks->len);
    *data = longer;
    *size += chunks->len;
    return ST_OK;
}

int
png_encode(const struct image *image, int quality, const struct picture_note *note, void **data,
           size_t *size, struct err *e)
{
    png_image png = {.version = PNG_IMAGE_VERSION,
                     .width = (png_uint_32)image->width,
                     .height = (png_uint_32)image->height,
                     .format = PNG_FORMAT_RGB};
    png_alloc_size_t length = PNG_IMAGE_PNG_SIZE_MAX(png);
    struct text chunks;
    void *bytes = NULL;
    int rc;

    (void)quality;
    text_init(&chunks, CHUNKS_MAX);
    if ((bytes = malloc(length)) == NULL) {
        rc = err_set(e, ST_NOMEM, "Please try again later.", "picture file of %zu bytes",
                     (size_t)length);
        goto out;
    }
    if (!png_image_write_to_memory(&png, bytes, &length, 0, image->pixels, 0, NULL)) {
        rc =
            err_set(e, ST_INTERNAL, "The picture could not be written.", "libpng: %s", png.message);
        goto out;
    }
    *size = length;
    put_note(&chunks, note);
    if ((rc = insert(&bytes, size, &chunks, e)) != ST_OK)
        goto out;
    *data = bytes;
    bytes = NULL; /* ownership moved to the caller */
out:
    if (rc != ST_OK)
        *size = 0;
    png_image_free(&png);
    text_release(&chunks);
    free(bytes);
    return rc;
}

int
png_decode(const void *data, size_t size, size_t max_pixels, struct image *out, struct err *e)
{
    static const png_color WHITE = {255, 255, 255};
    png_image png = {.version = PNG_IMAGE_VERSION};
    int rc;

    if (!png_image_begin_read_from_memory(&png, data, size)) {
        rc = err_set(e, ST_INVALID, "This PNG picture is damaged.", "libpng: %s", png.message);
        goto out;
    }
    png.format = PNG_FORMAT_RGB;
    if ((rc = picture_allocate(png.width, png.height, max_pixels, out, e)) != ST_OK)
        goto out;
    /* Warnings are left alone: half of the world's files have a colour profile that earns one. */
    if (!png_image_finish_read(&png, &WHITE, out->pixels, 0, NULL)) {
        rc = err_set(e, ST_INVALID, "This PNG picture is damaged.", "libpng: %s", png.message);
        free(out->pixels);
        memset(out, 0, sizeof *out);
    }
out:
    png_image_free(&png);
    return rc;
}

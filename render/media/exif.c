/*
 * The EXIF block with the parameters of a picture, as existing tools read them (UserComment in
 * UTF-16). Knows no picture format; jpeg.c and webp.c carry it. Format: CIPA DC-008 (Exif 2.32).
 */
#include "render/media/exif.h"

#include <stdint.h>
#include <string.h>

#include "common/text.h"
#include "render/media/picture.h"

#define COMMENT_MAX 60000 /* bytes of UTF-16; longer parameters are cut */

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

/* A TIFF of two directories: software in the first, which points to the second with the comment. */
void
exif_write(const struct picture_note *note, struct text *data)
{
    const char *software = note->software != NULL ? note->software : "";
    uint32_t software_len = (uint32_t)strlen(software) + 1, software_at = 8 + 2 + 2 * 12 + 4;
    uint32_t exif_at = software_at + software_len + (software_len & 1);
    struct text comment;

    text_init(&comment, COMMENT_MAX + 16);
    text_put(&comment, "UNICODE", 8);
    put_utf16(&comment, note->parameters);
    text_put(data, "MM\0*", 4);
    put_be32(data, 8);
    put_be16(data, 2);
    put_entry(data, TAG_SOFTWARE, TYPE_ASCII, software_len, software_at);
    put_entry(data, TAG_EXIF, TYPE_LONG, 1, exif_at);
    put_be32(data, 0);
    text_put(data, software, software_len);
    text_put(data, "", software_len & 1);
    put_be16(data, 1);
    put_entry(data, TAG_USER_COMMENT, TYPE_UNDEFINED, (uint32_t)comment.len, exif_at + 2 + 12 + 4);
    put_be32(data, 0);
    text_put(data, text_cstr(&comment), comment.len);
    data->failed = data->failed || comment.failed;
    text_release(&comment);
}

/*
 * What a picture file says about itself; see notes.h. Knows of PNG where text chunks lie, of the
 * other formats only that XMP is plain text in all of them.
 */
#include "render/intake/notes.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define SIGNATURE 8
#define CHUNK_FRAME 12 /* length, type, check */

static const char KEYWORD[] = "parameters";
static const char SOURCE[] = "digitalsourcetype/";

static uint32_t
be32(const unsigned char *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void
copy(char *out, size_t room, const unsigned char *from, size_t len)
{
    if (len < room && memchr(from, '\0', len) == NULL) {
        memcpy(out, from, len);
        out[len] = '\0';
    }
}

/* Latin-1 stays what it is only while it is ASCII, which is how png.c writes it. */
static void
read_chunk(const unsigned char *type, const unsigned char *data, size_t len, struct notes *out)
{
    static const unsigned char plain[4] = {0};
    bool international = memcmp(type, "iTXt", 4) == 0;
    size_t skip = sizeof KEYWORD + (international ? sizeof plain : 0);

    if ((!international && memcmp(type, "tEXt", 4) != 0) || len < skip ||
        memcmp(data, KEYWORD, sizeof KEYWORD) != 0)
        return;
    if (international && memcmp(data + sizeof KEYWORD, plain, sizeof plain) != 0)
        return; /* compressed, or with a language: not ours */
    copy(out->parameters, sizeof out->parameters, data + skip, len - skip);
}

static void
read_png(const unsigned char *data, size_t size, struct notes *out)
{
    size_t at = SIGNATURE;

    if (size < SIGNATURE || memcmp(data, "\x89PNG\r\n\x1a\n", SIGNATURE) != 0)
        return;
    while (size - at >= CHUNK_FRAME) {
        size_t len = be32(data + at);
        if (len > size - at - CHUNK_FRAME || memcmp(data + at + 4, "IDAT", 4) == 0)
            return; /* ours come before the pixels */
        read_chunk(data + at + 4, data + at + 8, len, out);
        at += CHUNK_FRAME + len;
    }
}

/* The letters after the last slash of the code's address, wherever the packet lies. */
static void
read_source(const unsigned char *data, size_t size, struct notes *out)
{
    const size_t len = sizeof SOURCE - 1;
    const unsigned char *p = data, *end = data + size;

    while ((size_t)(end - p) > len && (p = memchr(p, SOURCE[0], (size_t)(end - p) - len)) != NULL) {
        size_t letters = 0;
        if (memcmp(p, SOURCE, len) != 0) {
            p++;
            continue;
        }
        p += len;
        while (
            p + letters < end && letters < NOTES_SOURCE &&
            ((p[letters] >= 'a' && p[letters] <= 'z') || (p[letters] >= 'A' && p[letters] <= 'Z')))
            letters++;
        copy(out->digital_source, sizeof out->digital_source, p, letters);
        return;
    }
}

void
notes_read(const void *data, size_t size, struct notes *out)
{
    out->parameters[0] = out->digital_source[0] = '\0';
    read_png(data, size, out);
    read_source(data, size, out);
}

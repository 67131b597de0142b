/*
 * Pictures as files: what is written can be read again, says what made it, and bytes that mean harm
 * are refused. Mutations come from a fixed seed, so a failure can be repeated.
 */
#include "common/err.h"
#include "render/media/picture.h"
#include "render/pipeline/generate.h"
#include "t/lib/tap.h"

#define LIMIT ((size_t)1 << 16)
#define MUTATIONS 1500

static struct err e;

static const char PROMPT[] = "a red sun <over> a blue sea & more, \xC3\xA9t\xC3\xA9 \xE2\x98\x80 "
                             "\xF0\x9F\x8C\x8A\nSteps: 25, Sampler: DDIM, Seed: 7";

/* Red grows to the right, green downwards, blue is a checkerboard of 8 pixels. */
static struct image
make(int width, int height)
{
    struct image image = {width, height, malloc((size_t)width * (size_t)height * 3)};

    for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
            uint8_t *p = image.pixels + ((size_t)y * (size_t)width + (size_t)x) * 3;
            p[0] = (uint8_t)(x * 255 / width);
            p[1] = (uint8_t)(y * 255 / height);
            p[2] = (x / 8 + y / 8) % 2 == 0 ? 40 : 200;
        }
    }
    return image;
}

static void
drop(struct image *image)
{
    free(image->pixels);
    memset(image, 0, sizeof *image);
}

static const uint8_t *
find(const void *data, size_t size, const void *part, size_t len)
{
    const uint8_t *p = data;

    for (size_t i = 0; i + len <= size; i++)
        if (memcmp(p + i, part, len) == 0)
            return p + i;
    return NULL;
}

static bool
has(const void *data, size_t size, const char *words)
{
    return find(data, size, words, strlen(words)) != NULL;
}

static uint32_t
be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* The check of a chunk, bit by bit: slow and plain. */
static uint32_t
plain_crc(const uint8_t *p, size_t len)
{
    uint32_t crc = 0xFFFFFFFF;

    for (size_t i = 0; i < len; i++) {
        crc ^= p[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 1 ? crc >> 1 ^ 0xEDB88320 : crc >> 1;
    }
    return ~crc;
}

/* True when the file is chunks with right checks up to IEND and nothing behind. */
static bool
chunks_are_right(const uint8_t *png, size_t size, int *texts)
{
    size_t at = 8;

    *texts = 0;
    while (at + 12 <= size) {
        uint32_t len = be32(png + at);

        if (len > size - at - 12 || plain_crc(png + at + 4, len + 4) != be32(png + at + 8 + len))
            return false;
        *texts += memcmp(png + at + 4, "tEXt", 4) == 0 || memcmp(png + at + 4, "iTXt", 4) == 0;
        at += 12 + len;
        if (memcmp(png + at - len - 8, "IEND", 4) == 0)
            return at == size;
    }
    return false;
}

static const struct picture_note NOTE = {PROMPT, "trainedAlgorithmicMedia", "Gempix 2"};

static void
test_png(void)
{
    struct image image = make(123, 77), back = {0};
    void *data = NULL;
    size_t size = 0, plain;
    int texts;

    ok(picture_encode(&image, PICTURE_PNG, 0, &NOTE, &data, &size, &e) == ST_OK, "PNG: written");
    ok(size > 8 && memcmp(data, "\x89PNG\r\n\x1a\n", 8) == 0, "PNG: signature");
    ok(chunks_are_right(data, size, &texts), "PNG: every chunk's check is right");
    is_int(texts, 3, "PNG: XMP, parameters, software");
    ok(has(data, size, "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"),
       "PNG: says that a machine made it");
    ok(find(data, size, "XML:com.adobe.xmp\0\0\0\0\0<?xpacket", 30) != NULL, "PNG: XMP in iTXt");
    ok(has(data, size, PROMPT), "PNG: parameters as they were given");
    ok(picture_decode(data, size, LIMIT, &back, &e) == ST_OK, "PNG: read again");
    ok(back.width == 123 && back.height == 77 &&
           memcmp(back.pixels, image.pixels, 123 * 77 * 3) == 0,
       "PNG: the same pixels");
    drop(&back);
    free(data);
    ok(picture_encode(&image, PICTURE_PNG, 0, NULL, &data, &plain, &e) == ST_OK && plain < size &&
           chunks_are_right(data, plain, &texts) && texts == 0,
       "PNG: without a note there are no texts");
    free(data);
    drop(&image);
}

static double
difference(const struct image *a, const struct image *b)
{
    size_t count = (size_t)a->width * (size_t)a->height * 3;
    double sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += abs(a->pixels[i] - b->pixels[i]);
    return sum / (double)count;
}

/* Where the marker of the first scan is, walking segment by segment. 0 = the walk failed. */
static size_t
first_scan(const uint8_t *p, size_t size)
{
    size_t at = 2;

    while (at + 4 <= size && p[at] == 0xFF) {
        if (p[at + 1] == 0xDA)
            return at;
        at += 2 + ((size_t)p[at + 2] << 8 | p[at + 3]);
    }
    return 0;
}

static void
test_jpeg(void)
{
    static const uint8_t SUN[] = {0x26, 0x00, 0x00, 0x20, 0xD8, 0x3C, 0xDF, 0x0A};
    struct image image = make(123, 77), back = {0};
    void *data = NULL;
    size_t size = 0;

    ok(picture_encode(&image, PICTURE_JPEG, 92, &NOTE, &data, &size, &e) == ST_OK, "JPEG: written");
    ok(size > 4 && memcmp(data, "\xFF\xD8\xFF\xE0", 4) == 0, "JPEG: begins with SOI and JFIF");
    ok(first_scan(data, size) > 0, "JPEG: its segments follow each other");
    ok(has(data, size, "trainedAlgorithmicMedia</Iptc4xmpExt:DigitalSourceType>"),
       "JPEG: says that a machine made it");
    ok(find(data, size, "UNICODE\0\0a\0 \0r\0e\0d", 18) != NULL, "JPEG: parameters in UserComment");
    ok(find(data, size, SUN, sizeof SUN) != NULL, "JPEG: also beyond the first 65536 characters");
    ok(has(data, size, "Exif"), "JPEG: Exif is there");
    ok(picture_decode(data, size, LIMIT, &back, &e) == ST_OK, "JPEG: read again");
    ok(back.width == 123 && back.height == 77 && difference(&image, &back) < 6.0,
       "JPEG: nearly the same pixels");
    drop(&back);
    free(data);
    ok(picture_encode(&image, PICTURE_JPEG, 80, NULL, &data, &size, &e) == ST_OK &&
           !has(data, size, "Exif") && !has(data, size, "xpacket"),
       "JPEG: without a note there is none");
    free(data);
    drop(&image);
}

static void
test_webp(void)
{
    struct picture_note note = {PROMPT, "trainedAlgorithmicMedia", "Gempix 2"};
    struct image image = make(61, 47), back;
    void *data = NULL, *plain = NULL, *other = NULL;
    size_t size = 0, plain_size = 0;
    double error = 0;

    is_int(picture_encode(&image, PICTURE_WEBP, 95, &note, &data, &size, &e), ST_OK,
           "WebP is written");
    ok(has(data, size, "trainedAlgorithmicMedia</Iptc4xmpExt:DigitalSourceType>"),
       "WebP: says that a machine made it");
    ok(find(data, size, "UNICODE\0\0a\0 \0r\0e\0d", 18) != NULL, "WebP: parameters in UserComment");
    is_int(picture_decode(data, size, LIMIT, &back, &e), ST_OK, "WebP is read again");
    if (back.pixels != NULL && back.width == 61 && back.height == 47) {
        for (int i = 0; i < 61 * 47 * 3; i++)
            error += fabs((double)image.pixels[i] - back.pixels[i]);
    }
    ok(error > 0 && error / (61 * 47 * 3) < 25, "WebP: the picture comes back");
    drop(&back);
    is_int(picture_encode(&image, PICTURE_WEBP, 95, NULL, &plain, &plain_size, &e), ST_OK,
           "WebP without a note");
    ok(plain_size < size && !has(plain, plain_size, "xpacket"), "… has none");
    drop(&image);
    image = (struct image){16384, 1, calloc(16384, 3)};
    is_int(picture_encode(&image, PICTURE_WEBP, 95, NULL, &other, &plain_size, &e), ST_TOOBIG,
           "WebP: a side too long for the format is refused");
    drop(&image);
    free(data);
    free(plain);
}

static void
test_long_parameters(void)
{
    struct image image = make(16, 16), back = {0};
    char *words = malloc(200001);
    struct picture_note note = {words, "trainedAlgorithmicMedia", "Gempix 2"};
    void *data;
    size_t size;

    memset(words, 'w', 200000);
    words[200000] = '\0';
    ok(picture_encode(&image, PICTURE_JPEG, 80, &note, &data, &size, &e) == ST_OK &&
           picture_decode(data, size, LIMIT, &back, &e) == ST_OK,
       "JPEG: parameters longer than a segment are cut");
    drop(&back);
    free(data);
    ok(picture_encode(&image, PICTURE_PNG, 0, &note, &data, &size, &e) == ST_OK &&
           has(data, size, words),
       "PNG: and kept whole");
    free(data);
    note = (struct picture_note){"broken \xC3( \xF0\x9F end \xE2", NULL, "a <b> & c"};
    ok(picture_encode(&image, PICTURE_JPEG, 80, &note, &data, &size, &e) == ST_OK &&
           has(data, size, "a &lt;b&gt; &amp; c") && !has(data, size, "DigitalSourceType"),
       "JPEG: bytes that are no UTF-8 do no harm; XML is escaped");
    free(data);
    free(words);
    drop(&image);
}

static void
test_shrink(void)
{
    struct image image = make(200, 100), small, back;

    ok(picture_shrink(&image, 50, &small, &e) == ST_OK && small.width == 50 && small.height == 25,
       "shrink: keeps the proportions");
    is_int(small.pixels[3 * (12 * 50 + 25)] / 8, 128 / 8, "shrink: the middle is in the middle");
    drop(&small);
    ok(picture_shrink(&image, 3, &small, &e) == ST_OK && small.width == 3 && small.height == 2,
       "shrink: to almost nothing");
    drop(&small);
    ok(picture_shrink(&image, 500, &back, &e) == ST_OK && back.width == 200 &&
           memcmp(back.pixels, image.pixels, 200 * 100 * 3) == 0,
       "shrink: never grows");
    drop(&back);
    drop(&image);
    image = make(1, 300);
    ok(picture_shrink(&image, 10, &small, &e) == ST_OK && small.width == 1 && small.height == 10,
       "shrink: a line stays a line");
    drop(&small);
    memset(image.pixels, 77, 300 * 3);
    ok(picture_shrink(&image, 7, &small, &e) == ST_OK && small.pixels[0] == 77 &&
           small.pixels[20] == 77,
       "shrink: one colour stays that colour");
    drop(&small);
    drop(&image);
}

/* A hostile size in the header, with a right check. */
static void
set_png_size(uint8_t *png, uint32_t width, uint32_t height)
{
    uint32_t words[3] = {width, height, 0};
    uint8_t *at[3] = {png + 16, png + 20, png + 29};

    for (int i = 0; i < 3; i++) {
        if (i == 2)
            words[2] = plain_crc(png + 12, 17);
        for (int b = 0; b < 4; b++)
            at[i][b] = (uint8_t)(words[i] >> (24 - 8 * b));
    }
}

static void
test_refused(void)
{
    struct image image = make(64, 64), back;
    void *data;
    size_t size;

    is_int(picture_decode("GIF89a....", 10, LIMIT, &back, &e), ST_INVALID, "a GIF is refused");
    is_int(picture_decode("", 0, LIMIT, &back, &e), ST_INVALID, "nothing is refused");
    is_int(picture_decode("\x89PNG\r\n\x1a\n", 8, LIMIT, &back, &e), ST_INVALID,
           "a signature alone is refused");
    is_int(picture_decode("\xFF\xD8\xFF\xE0", 4, LIMIT, &back, &e), ST_INVALID,
           "the begin of a JPEG is refused");
    is_int(picture_decode("\xFF\xD8\xFF\xD9", 4, LIMIT, &back, &e), ST_INVALID,
           "a JPEG of no picture is refused");
    for (int f = PICTURE_PNG; f <= PICTURE_JPEG; f++) {
        const char *name = f == PICTURE_PNG ? "PNG" : "JPEG";
        if (picture_encode(&image, (enum picture_format)f, 85, &NOTE, &data, &size, &e) != ST_OK)
            return;
        ok(picture_decode(data, size, 64 * 64 - 1, &back, &e) == ST_TOOBIG && back.pixels == NULL,
           "%s: one pixel too many is refused", name);
        ok(picture_decode(data, size, 64 * 64, &back, &e) == ST_OK, "%s: the limit is not", name);
        drop(&back);
        ok(picture_decode(data, size / 2, LIMIT, &back, &e) == ST_INVALID && back.pixels == NULL,
           "%s: half a file is refused", name);
        if (f == PICTURE_PNG) {
            set_png_size(data, 60000, 60000);
            is_int(picture_decode(data, size, LIMIT, &back, &e), ST_TOOBIG,
                   "PNG: a flood of pixels");
            set_png_size(data, 0x7FFFFFFF, 0x7FFFFFFF);
            ok(picture_decode(data, size, LIMIT, &back, &e) != ST_OK && back.pixels == NULL,
               "PNG: sizes that would overflow");
            set_png_size(data, 65, 64);
            is_int(picture_decode(data, size, LIMIT, &back, &e), ST_INVALID,
                   "PNG: rows shorter than announced");
        }
        free(data);
    }
    drop(&image);
    image.width = 0;
    is_int(picture_encode(&image, PICTURE_PNG, 0, NULL, &data, &size, &e), ST_INTERNAL,
           "an empty picture cannot be written");
}

static uint64_t seed = 20;

static uint32_t
draw(uint32_t below)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(seed >> 33) % below;
}

/* Changed, cut and doubled bytes: whatever comes out, it is a picture within bounds or an error. */
static void
test_mutations(enum picture_format format)
{
    struct image image = make(40, 30), back;
    uint8_t *copy;
    void *data;
    size_t size;
    int good = 0, wrong = 0;

    if (picture_encode(&image, format, 85, &NOTE, &data, &size, &e) != ST_OK)
        return;
    copy = malloc(size);
    for (int i = 0; i < MUTATIONS; i++) {
        size_t len = draw(4) == 0 ? 1 + draw((uint32_t)size) : size;

        memcpy(copy, data, size);
        for (uint32_t n = draw(6); n > 0; n--)
            copy[draw((uint32_t)size)] = (uint8_t)draw(256);
        if (draw(3) == 0) {
            uint32_t from = draw((uint32_t)size), to = draw((uint32_t)size);
            uint32_t many = draw(64), room = (uint32_t)size - (from > to ? from : to);
            memmove(copy + to, copy + from, many < room ? many : room);
        }
        if (format == PICTURE_PNG && len > 33 && draw(2) == 0)
            set_png_size(copy, 1 + draw(300), 1 + draw(300));
        int rc = picture_decode(copy, len, LIMIT, &back, &e);
        good += rc == ST_OK;
        wrong += (rc == ST_OK) != (back.pixels != NULL) ||
                 (rc == ST_OK && (size_t)back.width * (size_t)back.height > LIMIT);
        drop(&back);
    }
    is_int(wrong, 0,
           format == PICTURE_PNG ? "PNG: mutations stay within bounds"
                                 : "JPEG: mutations stay within bounds");
    ok(good < MUTATIONS, "... and some of them are refused (%d were readable)", good);
    free(copy);
    free(data);
    drop(&image);
}

int
main(void)
{
    test_png();
    test_jpeg();
    test_webp();
    test_long_parameters();
    test_shrink();
    test_refused();
    test_mutations(PICTURE_PNG);
    test_mutations(PICTURE_JPEG);
    return tap_done();
}

/*
 * Films as files: the boxes fit together, the index comes before the frames, the file says what
 * made it, and another program (ffmpeg) sees the frames that went in.
 */
#include "common/err.h"
#include "render/media/mp4.h"
#include "render/media/picture.h"
#include "render/pipeline/generate.h"
#include "t/lib/tap.h"

#include <unistd.h>

#define FRAMES 16
#define RATE 8
#define PSNR_LEAST 35.0

static struct err e;
static char path[] = "/tmp/gempix-film-XXXXXX";

static const char PROMPT[] = "a boat <sailing> left & \xC3\xA9t\xC3\xA9\nSteps: 4, Seed: 7";
static const struct picture_note NOTE = {PROMPT, "trainedAlgorithmicMedia", "Gempix 2"};

struct file {
    uint8_t *data;
    size_t size;
};

/* A sky that changes slowly and a red disc that moves to the left. */
static void
draw(struct image *image, int frame)
{
    double x0 = image->width * (0.8 - 0.6 * frame / FRAMES), y0 = image->height * 0.5;

    for (int y = 0; y < image->height; y++) {
        for (int x = 0; x < image->width; x++) {
            uint8_t *p = image->pixels + 3 * ((size_t)y * (size_t)image->width + (size_t)x);
            double near = image->height * 0.2 + 0.5 - hypot(x - x0, y - y0);
            double disc = near < 0.0 ? 0.0 : near > 1.0 ? 1.0 : near;

            p[0] = (uint8_t)((1.0 - disc) * 60 + disc * 220);
            p[1] = (uint8_t)((1.0 - disc) * (90 + 100 * y / image->height) + disc * 60);
            p[2] = (uint8_t)((1.0 - disc) * (200 - 3 * frame) + disc * 40);
        }
    }
}

static struct image
picture(int width, int height)
{
    return (struct image){width, height, malloc((size_t)width * (size_t)height * 3)};
}

static struct file
film(int width, int height, int frames, int rate, const struct picture_note *note)
{
    struct mp4_options options = {width, height, rate, 90, note};
    struct image image = picture(width, height);
    struct mp4 *m = NULL;
    struct file out = {NULL, 0};
    int rc = mp4_open(&options, &m, &e);

    for (int i = 0; i < frames && rc == ST_OK; i++) {
        draw(&image, i);
        rc = mp4_add(m, &image, &e);
    }
    if (rc == ST_OK)
        rc = mp4_finish(m, (void **)&out.data, &out.size, &e);
    ok(rc == ST_OK, "%d x %d pixels, %d frames%s%s", width, height, frames, rc == ST_OK ? "" : ": ",
       rc == ST_OK ? "" : e.detail);
    mp4_free(m);
    free(image.pixels);
    return out;
}

static void
save(const struct file *file)
{
    FILE *f = fopen(path, "wb");

    if (f == NULL || fwrite(file->data, 1, file->size, f) != file->size || fclose(f) != 0)
        diag("%s cannot be written", path);
}

/* --- boxes --- */

static uint32_t
be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* The box of that type among those in [p, end); NULL if there is none or the sizes are wrong. */
static const uint8_t *
box(const uint8_t *p, const uint8_t *end, const char *type)
{
    while (end - p >= 8 && be32(p) >= 8 && be32(p) <= (size_t)(end - p)) {
        if (memcmp(p + 4, type, 4) == 0)
            return p;
        p += be32(p);
    }
    return NULL;
}

/* Follows types of four letters, each inside the one before. */
static const uint8_t *
find(const struct file *f, const char *types)
{
    const uint8_t *at = f->data, *end = f->data + f->size;

    for (; at != NULL && *types != '\0'; types += 4) {
        if ((at = box(at, end, types)) == NULL)
            return NULL;
        end = at + be32(at);
        if (types[4] != '\0')
            at += 8;
    }
    return at;
}

static bool
has(const struct file *f, const char *words)
{
    size_t length = strlen(words);

    for (size_t i = 0; i + length <= f->size; i++) {
        if (memcmp(f->data + i, words, length) == 0)
            return true;
    }
    return false;
}

static void
test_boxes(const struct file *f)
{
    static const char *const ORDER[] = {"ftyp", "moov", "uuid", "mdat"};
    const uint8_t *at = f->data, *end = f->data + f->size, *sizes, *offset, *data;
    uint64_t sum = 0;
    size_t i = 0;

    for (; i < 4 && at < end && memcmp(at + 4, ORDER[i], 4) == 0; i++)
        at += be32(at);
    ok(i == 4 && at == end, "the boxes fill the file, and the index comes before the frames");
    sizes = find(f, "moovtrakmdiaminfstblstsz");
    offset = find(f, "moovtrakmdiaminfstblstco");
    data = find(f, "mdat");
    if (!ok(sizes != NULL && offset != NULL && data != NULL, "there are sizes and an offset"))
        return;
    is_int(be32(sizes + 16), FRAMES, "as many sizes as frames");
    for (i = 0; i < FRAMES; i++)
        sum += be32(sizes + 20 + 4 * i);
    is_int((int64_t)sum, (int64_t)be32(data) - 8, "the sizes add up to the data");
    is_int(be32(offset + 16), data + 8 - f->data, "the offset is where the data begin");
    sizes = find(f, "moovtrakmdiaminfstblstss");
    ok(sizes != NULL && be32(sizes + 12) >= 1 && be32(sizes + 16) == 1,
       "decoding can begin at the first frame");
}

static void
test_notes(const struct file *f)
{
    struct file plain = film(64, 64, 2, 5, NULL);
    const uint8_t *xmp = find(f, "uuid");

    ok(xmp != NULL && memcmp(xmp + 8, "\xBE\x7A\xCF\xCB", 4) == 0, "XMP in its box");
    ok(has(f, "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"),
       "it says that a machine made it");
    ok(has(f, PROMPT), "parameters as they were given");
    ok(find(&plain, "uuid") == NULL && find(&plain, "moovudta") == NULL, "without a note, none");
    free(plain.data);
}

/* --- what another program sees --- */

/* The output of a command; NULL when it fails. */
static uint8_t *
output(const char *command, size_t most, size_t *size)
{
    uint8_t *data = malloc(most + 1);
    FILE *f = popen(command, "r");

    if (f == NULL)
        return NULL;
    *size = fread(data, 1, most, f);
    data[*size] = 0;
    if (pclose(f) == 0)
        return data;
    free(data);
    return NULL;
}

static void
test_probe(void)
{
    char command[300];
    size_t size;
    char *words;

    (void)snprintf(command, sizeof command,
                   "ffprobe -v error -count_frames -show_streams -show_format %s", path);
    if ((words = (char *)output(command, 16384, &size)) == NULL) {
        ok(false, "ffprobe reads it");
        return;
    }
    ok(strstr(words, "profile=Constrained Baseline\n") != NULL, "ffprobe: the profile");
    ok(strstr(words, "codec_name=h264") != NULL && strstr(words, "pix_fmt=yuv420p\n") != NULL,
       "ffprobe: H.264, 4:2:0");
    ok(strstr(words, "color_space=bt709") != NULL && strstr(words, "color_range=tv") != NULL,
       "ffprobe: BT.709, narrow range");
    ok(strstr(words, "nb_read_frames=16\n") != NULL, "ffprobe: 16 frames can be decoded");
    ok(strstr(words, "r_frame_rate=8/1\n") != NULL, "ffprobe: 8 frames a second");
    ok(strstr(words, "duration=2.000000\n") != NULL, "ffprobe: two seconds");
    ok(strstr(words, "TAG:comment=a boat <sailing> left") != NULL, "ffprobe: parameters");
    ok(strstr(words, "TAG:encoder=Gempix 2\n") != NULL, "ffprobe: tool");
    free(words);
}

/* The worst frame of the file at `path` against what was drawn, in dB; decoded frames have `w` x
 * `h` pixels. */
static double
worst(int width, int height, int w, int h, int frames)
{
    size_t each = 3 * (size_t)w * (size_t)h, size = 0;
    struct image image = picture(width, height);
    double least = INFINITY;
    char command[300];
    uint8_t *data;

    (void)snprintf(command, sizeof command,
                   "ffmpeg -v error -i %s -f rawvideo -pix_fmt rgb24 -sws_flags "
                   "bicubic+accurate_rnd+full_chroma_int -",
                   path);
    data = output(command, each * (size_t)frames + 1, &size);
    if (!ok(data != NULL && size == each * (size_t)frames, "ffmpeg decodes %d frames", frames))
        return 0.0;
    for (int i = 0; i < frames; i++) {
        double error = 0.0, psnr;

        draw(&image, i);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < 3 * width; x++) {
                double d = (double)image.pixels[y * 3 * width + x] -
                           (double)data[(size_t)i * each + (size_t)(y * 3 * w + x)];

                error += d * d / (3.0 * width * height);
            }
        }
        psnr = 10.0 * log10(255.0 * 255.0 / error);
        least = psnr < least ? psnr : least;
    }
    free(data);
    free(image.pixels);
    return least;
}

static void
test_other_sizes(void)
{
    struct file f = film(101, 67, 3, 30, NULL);
    double psnr;

    save(&f);
    psnr = worst(101, 67, 102, 68, 3);
    /* An edge of the disc is more of a small picture, and colours are kept for four pixels. */
    ok(psnr >= 34.0, "odd sides become even: %.1f dB", psnr);
    free(f.data);
    f = film(24, 16, 3, 120, NULL);
    save(&f);
    psnr = worst(24, 16, 24, 16, 3);
    ok(psnr >= 27.0, "a tiny film: %.1f dB", psnr);
    free(f.data);
    f = film(64, 64, 70, 24, NULL);
    ok(find(&f, "moovtrakmdiaminfstblstss") != NULL &&
           be32(find(&f, "moovtrakmdiaminfstblstss") + 12) == 2,
       "a longer film has a second frame to begin with");
    free(f.data);
}

/* More than the encoder's buffer holds at the quality that was asked for. */
static void
test_noise(void)
{
    struct mp4_options options = {96, 96, RATE, 100, NULL};
    struct image image = picture(96, 96);
    struct mp4 *m = NULL;
    struct file f = {NULL, 0};
    int rc = mp4_open(&options, &m, &e);
    uint32_t x = 1;

    for (int i = 0; i < 6 && rc == ST_OK; i++) {
        draw(&image, i);
        for (size_t k = 0; k < 3 * 96 * 96 && i % 3 == 2; k++) {
            x = x * UINT32_C(1664525) + UINT32_C(1013904223);
            image.pixels[k] = x >> 31 != 0 ? 255 : 0;
        }
        rc = mp4_add(m, &image, &e);
    }
    if (rc == ST_OK)
        rc = mp4_finish(m, (void **)&f.data, &f.size, &e);
    if (ok(rc == ST_OK, "a film with frames of noise%s%s", rc == ST_OK ? "" : ": ",
           rc == ST_OK ? "" : e.detail)) {
        save(&f);
        (void)worst(96, 96, 96, 96, 6);
    }
    mp4_free(m);
    free(f.data);
    free(image.pixels);
}

static void
test_refused(void)
{
    struct mp4_options options = {64, 64, 0, 90, NULL};
    struct image image = picture(64, 63);
    struct mp4 *m;
    void *data;
    size_t size;

    is_int(mp4_open(&options, &m, &e), ST_INVALID, "no frames a second");
    ok(m == NULL, "  leave nothing behind");
    options.rate = RATE;
    options.width = 8;
    is_int(mp4_open(&options, &m, &e), ST_INVALID, "a film of 8 pixels");
    options.width = 64;
    options.quality = 0;
    is_int(mp4_open(&options, &m, &e), ST_INVALID, "quality 0");
    options.quality = 50;
    is_int(mp4_open(&options, &m, &e), ST_OK, "a right one");
    is_int(mp4_finish(m, &data, &size, &e), ST_INVALID, "a film without a frame");
    ok(data == NULL && size == 0, "  leaves nothing behind");
    draw(&image, 0);
    is_int(mp4_add(m, &image, &e), ST_INVALID, "a frame of another size");
    mp4_free(m);
    free(image.pixels);
}

int
main(void)
{
    struct file f = film(256, 192, FRAMES, RATE, &NOTE),
                again = film(256, 192, FRAMES, RATE, &NOTE);
    int fd = mkstemp(path);
    double psnr;

    ok(f.size == again.size && memcmp(f.data, again.data, f.size) == 0, "the same bytes again");
    test_boxes(&f);
    test_notes(&f);
    save(&f);
    test_probe();
    psnr = worst(256, 192, 256, 192, FRAMES);
    ok(psnr >= PSNR_LEAST, "the worst frame is like what was drawn: %.1f dB, %zu bytes in all",
       psnr, f.size);
    test_other_sizes();
    test_noise();
    test_refused();
    free(f.data);
    free(again.data);
    close(fd);
    (void)remove(path);
    return tap_done();
}

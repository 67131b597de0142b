/*
 * Foreign pictures: every format and every way of holding a camera arrives upright and without its
 * notes, what is damaged or lies gets a sentence, and the decoder's process can do nothing else.
 * Mutations come from a fixed seed, so a failure can be repeated.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <webp/encode.h>

#include "common/clock.h"
#include "common/err.h"
#include "render/intake/intake.h"
#include "render/intake/sandbox.h"
#include "render/media/picture.h"
#include "render/pipeline/generate.h"
#include "t/lib/tap.h"

#define WIDE 48
#define TALL 32
#define MUTATIONS 60

static struct err e;
static char program[4096], folder[] = "/tmp/gempix-intake-XXXXXX";
static struct intake in = {program, (size_t)1 << 20, (size_t)1 << 16, 20 * CLOCK_SECOND};

/* Quarters: red, green; blue, white. */
static struct image
quarters(void)
{
    static const uint8_t colours[4][3] = {
        {220, 20, 20}, {20, 200, 20}, {20, 20, 220}, {250, 250, 250}};
    struct image image = {WIDE, TALL, malloc((size_t)WIDE * TALL * 3)};

    for (int y = 0; y < TALL; y++)
        for (int x = 0; x < WIDE; x++)
            memcpy(image.pixels + (y * WIDE + x) * 3,
                   colours[(y >= TALL / 2) * 2 + (x >= WIDE / 2)], 3);
    return image;
}

/* The letters of the quarters' colours, row by row: "rgbw" for the picture as it was made. */
static const char *
corners(const struct image *image)
{
    static char word[5];

    for (int i = 0; i < 4; i++) {
        int x = image->width * (1 + 2 * (i % 2)) / 4, y = image->height * (1 + 2 * (i / 2)) / 4;
        const uint8_t *p = image->pixels + (y * image->width + x) * 3;

        word[i] = p[0] > 150 && p[1] > 150     ? 'w'
                  : p[0] > p[1] && p[0] > p[2] ? 'r'
                  : p[1] > p[2]                ? 'g'
                                               : 'b';
    }
    return word;
}

static unsigned char *
encoded(enum picture_format format, size_t *size)
{
    struct image image = quarters();
    void *data = NULL;

    picture_encode(&image, format, 95, NULL, &data, size, &e);
    free(image.pixels);
    return data;
}

/* --- which way up --- */

/* A JPEG with an EXIF segment that says `orientation`, in either order of bytes. */
static unsigned char *
held(int orientation, bool little, size_t *size)
{
    unsigned char head[] = "\xFF\xE1\x00\x22"
                           "Exif\0\0"
                           "MM\0*\0\0\0\x08"
                           "\0\x01"
                           "\x01\x12\0\x03\0\0\0\x01\0\0\0\0"
                           "\0\0\0";
    static const unsigned char LITTLE[] = "II*\0\x08\0\0\0"
                                          "\x01\0"
                                          "\x12\x01\x03\0\x01\0\0\0";
    size_t plain, length = 36;
    unsigned char *jpeg = encoded(PICTURE_JPEG, &plain), *out = malloc(plain + length);

    if (little)
        memcpy(head + 10, LITTLE, sizeof LITTLE - 1);
    head[little ? 28 : 29] = (unsigned char)orientation;
    memcpy(out, jpeg, 2);
    memcpy(out + 2, head, length);
    memcpy(out + 2 + length, jpeg + 2, plain - 2);
    *size = plain + length;
    free(jpeg);
    return out;
}

static void
test_orientations(void)
{
    static const char *const upright[9] = {"rgbw", "rgbw", "grwb", "wbgr", "bwrg",
                                           "rbgw", "brwg", "wgbr", "gwrb"};

    for (int i = 0; i <= 8; i++) {
        size_t size;
        unsigned char *data = held(i, i % 2 == 0, &size);
        struct image image;
        int rc = intake_decode(&in, data, size, &image, &e);

        is_int(rc, ST_OK, "a JPEG held another way is read");
        if (rc == ST_OK) {
            is_str(corners(&image), upright[i], "… upright");
            is_int(image.width, i >= 5 ? TALL : WIDE, "… its sides changed where it was turned");
        }
        image_release(&image);
        free(data);
    }
}

/* --- formats --- */

static void
test_formats(void)
{
    struct image image, source = quarters();
    uint8_t *webp = NULL;
    size_t size = WebPEncodeLosslessRGB(source.pixels, WIDE, TALL, WIDE * 3, &webp);
    unsigned char *png;

    is_int(intake_decode(&in, webp, size, &image, &e), ST_OK, "WebP is read");
    ok(image.pixels != NULL && memcmp(image.pixels, source.pixels, (size_t)WIDE * TALL * 3) == 0,
       "… exactly where it is lossless");
    image_release(&image);
    WebPFree(webp);
    png = encoded(PICTURE_PNG, &size);
    is_int(intake_decode(&in, png, size, &image, &e), ST_OK, "PNG is read");
    ok(image.pixels != NULL && memcmp(image.pixels, source.pixels, (size_t)WIDE * TALL * 3) == 0,
       "… exactly");
    image_release(&image);
    free(png);
    free(source.pixels);
}

static void
test_alpha(void)
{
    uint8_t rgba[16 * 16 * 4], *webp = NULL;
    struct image image;
    size_t size;

    for (int i = 0; i < 16 * 16; i++)
        memcpy(rgba + 4 * i, (uint8_t[]){200, 0, 0, i < 128 ? 0 : 255}, 4);
    size = WebPEncodeLosslessRGBA(rgba, 16, 16, 64, &webp);
    is_int(intake_decode(&in, webp, size, &image, &e), ST_OK, "WebP with holes is read");
    ok(image.pixels != NULL && image.pixels[1] == 255, "… what is transparent is white");
    ok(image.pixels != NULL && image.pixels[255 * 3] == 200 && image.pixels[255 * 3 + 1] == 0,
       "… what is not keeps its colour");
    image_release(&image);
    WebPFree(webp);
}

static void
test_refused(void)
{
    static const struct {
        const char *bytes;
        size_t size;
        const char *says, *what;
    } files[] = {
        {"GIF89a..........", 16, "GIF", "a GIF is called by its name"},
        {"\0\0\0\x18"
         "ftypheic........",
         20, "HEIC", "a HEIC, too"},
        {"%PDF-1.7 ........", 16, "PDF", "a PDF, too"},
        {"MZ..............", 16, "PNG, JPEG or WebP", "for anything else it says what to send"},
        {"", 0, "PNG, JPEG or WebP", "for nothing at all, too"},
    };
    struct image image;

    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        int rc = intake_decode(&in, files[i].bytes, files[i].size, &image, &e);

        ok(rc == ST_INVALID && strstr(e.message, files[i].says) != NULL, "%s", files[i].what);
    }
}

/* --- lies and damage --- */

static void
test_too_large(void)
{
    size_t size;
    unsigned char *png = encoded(PICTURE_PNG, &size);
    struct intake small = in;
    struct image image;

    small.pixels_max = WIDE * TALL - 1;
    is_int(intake_decode(&small, png, size, &image, &e), ST_TOOBIG, "a pixel too many is refused");
    ok(strstr(e.message, "48 x 32") != NULL, "… with the size in the sentence");
    /* The header says 2^30 pixels on a side; nothing of that is allocated. */
    memcpy(png + 16, "\x40\0\0\0\x40\0\0\0", 8);
    ok(intake_decode(&in, png, size, &image, &e) != ST_OK, "a header that lies is refused");
    small = in;
    small.bytes_max = size - 1;
    is_int(intake_decode(&small, png, size, &image, &e), ST_TOOBIG, "a byte too many is refused");
    free(png);
}

static void
test_truncated(enum picture_format format, const char *name)
{
    size_t size;
    unsigned char *data = encoded(format, &size);
    bool refused = true;
    struct image image;

    for (size_t i = 1; i < 12; i++) {
        int rc = intake_decode(&in, data, size * i / 12, &image, &e);

        refused = refused && rc == ST_INVALID && e.message[0] != '\0';
        image_release(&image);
    }
    ok(refused, "%s: every truncated file is refused with a sentence", name);
    free(data);
}

static void
test_mutated(enum picture_format format, const char *name)
{
    size_t size;
    unsigned char *data = encoded(format, &size);
    uint32_t state = 12345;
    int strange = 0;

    for (int i = 0; i < MUTATIONS; i++) {
        unsigned char *copy = malloc(size);
        struct image image;
        int rc;

        memcpy(copy, data, size);
        for (int k = 0; k < 6; k++) {
            state = state * 1664525 + 1013904223;
            copy[(state >> 8) % size] ^= (unsigned char)(state >> 24 | 1);
        }
        rc = intake_decode(&in, copy, size, &image, &e);
        strange += rc != ST_OK && rc != ST_INVALID && rc != ST_TOOBIG;
        image_release(&image);
        free(copy);
    }
    is_int(strange, 0, name);
    free(data);
}

/* --- the decoder itself --- */

static void
script(const char *name, const char *text)
{
    int fd;

    snprintf(program, sizeof program, "%s/%s", folder, name);
    fd = open(program, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0700);
    if (write(fd, text, strlen(text)) < 0)
        ok(false, "a script is written");
    close(fd);
}

static void
test_strange_programs(const char *own)
{
    struct intake quick = in;
    int64_t begin = clock_monotonic();
    struct image image;

    script("sleeps", "#!/bin/sh\nexec /bin/sleep 30\n");
    quick.patience_us = CLOCK_SECOND / 2;
    is_int(intake_decode(&quick, "x", 1, &image, &e), ST_TIMEOUT,
           "one that hangs is not waited for");
    ok(clock_monotonic() - begin < 10 * CLOCK_SECOND, "… and is ended");
    unlink(program);
    script("lies", "#!/bin/sh\nexec /usr/bin/head -c 4096 /dev/zero\n");
    is_int(intake_decode(&in, "x", 1, &image, &e), ST_INTERNAL,
           "an answer that is none is an error");
    unlink(program);
    script("dies", "#!/bin/sh\nkill -9 $$\n");
    is_int(intake_decode(&in, "x", 1, &image, &e), ST_INVALID,
           "one that dies: the file is to blame");
    unlink(program);
    snprintf(program, sizeof program, "%s/missing", folder);
    is_int(intake_decode(&in, "x", 1, &image, &e), ST_INTERNAL,
           "one that is not there is an error");
    snprintf(program, sizeof program, "%s", own);
}

#ifndef __SANITIZE_ADDRESS__
enum deed { DEED_NOTHING, DEED_OPEN, DEED_SOCKET, DEED_FORK, DEED_CODE, DEED_MEMORY, DEEDS };

/* What the process tries once it is shut in; how it ended: 0, or the signal. */
static int
attempt(enum deed deed)
{
    pid_t pid = fork();
    int status;

    if (pid == 0) {
        void *volatile much;

        if (sandbox_enter((size_t)256 << 20, 5) != 0)
            _exit(9);
        switch (deed) {
        case DEED_OPEN:
            open("/etc/passwd", O_RDONLY | O_CLOEXEC);
            break;
        case DEED_SOCKET:
            socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
            break;
        case DEED_FORK:
            fork();
            break;
        case DEED_CODE:
            mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                 0);
            break;
        case DEED_MEMORY:
            much = malloc((size_t)512 << 20);
            _exit(much == NULL ? 0 : 8);
        default:
            break;
        }
        _exit(0);
    }
    waitpid(pid, &status, 0);
    return WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
}
#endif

static void
test_sandbox(void)
{
#ifdef __SANITIZE_ADDRESS__
    ok(true,
       "the sandbox is tested without the address sanitizer # SKIP it needs more system calls");
#else
    is_int(attempt(DEED_NOTHING), 0, "shut in, a process can end in order");
    is_int(attempt(DEED_OPEN), SIGSYS, "… opening a file ends it");
    is_int(attempt(DEED_SOCKET), SIGSYS, "… a socket ends it");
    is_int(attempt(DEED_FORK), SIGSYS, "… another process ends it");
    is_int(attempt(DEED_CODE), SIGSYS, "… memory that can be executed ends it");
    is_int(attempt(DEED_MEMORY), 0, "… more memory than it may have is not to be had");
#endif
}

int
main(void)
{
    const char *build = getenv("GEMPIX_BUILD");
    char own[4096];

    signal(SIGPIPE, SIG_IGN);
    snprintf(own, sizeof own, "%s/gempix-decode", build != NULL ? build : ".");
    snprintf(program, sizeof program, "%s", own);
    if (mkdtemp(folder) == NULL)
        return 1;
    test_formats();
    test_alpha();
    test_orientations();
    test_refused();
    test_too_large();
    test_truncated(PICTURE_PNG, "PNG");
    test_truncated(PICTURE_JPEG, "JPEG");
    test_mutated(PICTURE_PNG, "PNG: what is damaged is a picture or a sentence");
    test_mutated(PICTURE_JPEG, "JPEG: what is damaged is a picture or a sentence");
    test_strange_programs(own);
    test_sandbox();
    rmdir(folder);
    return tap_done();
}

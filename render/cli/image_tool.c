/*
 * Options, files and progress of the subcommands. Knows no network. Read next: image_upscale.c.
 */
#include "render/cli/image_tool.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/err.h"
#include "render/media/picture.h"
#include "render/pipeline/generate.h"

#define BAR 30
#define JPEG_QUALITY 92
#define FILE_MAX ((size_t)512 << 20)
#define PIXELS_MAX ((size_t)1 << 28)
#define NUMBER_MAX 65536

static volatile sig_atomic_t interrupted;

static void
on_signal(int number_of_signal)
{
    (void)number_of_signal;
    interrupted = 1;
}

static int
complain(const struct tool *t, const char *message)
{
    fprintf(stderr, "%s: %s\nTry '%s --help'.\n", t->program, message, t->program);
    return TOOL_USAGE;
}

static bool
whole(const char *text, long max, int *out)
{
    char *end;
    long v;

    errno = 0;
    v = strtol(text, &end, 10);
    *out = (int)v;
    return errno == 0 && end != text && *end == '\0' && v >= 0 && v <= max;
}

/* One option. False when its value is wrong. */
static bool
take(struct tool *t, int option)
{
    switch (option) {
    case 'm':
        t->model = optarg;
        break;
    case 'i':
        t->input = optarg;
        break;
    case 'o':
        t->output = optarg;
        break;
    case 'k':
        t->mask = optarg;
        break;
    case 'q':
        t->quiet = true;
        break;
    case 'f':
        t->flag = true;
        break;
    case 'F':
        t->find = true;
        break;
    case 's':
        t->shown = optarg;
        break;
    case 't':
        return whole(optarg, 256, &t->threads);
    default:
        return whole(optarg, NUMBER_MAX, &t->number);
    }
    return true;
}

/* What was given must fit together: 0, or the exit status after a complaint. */
static int
check(const struct tool *t, int argc)
{
    enum picture_format format;
    bool looks_only = t->find && t->output == NULL && t->shown != NULL;

    if (optind < argc - 1)
        return complain(t, "There is a word too many.");
    if (t->model == NULL && !t->model_optional)
        return complain(t, "Which model? Name its file with -m.");
    if (t->input == NULL)
        return complain(t, "Which picture? Name a PNG or JPEG file with -i.");
    if (t->find && t->mask != NULL)
        return complain(t, "Either --find or --mask: with a mask there is nothing to look for.");
    if (t->shown != NULL && (!t->find || !picture_format_of(t->shown, &format)))
        return complain(t, "--show-mask goes with --find and names a .png, .jpg or .webp.");
    if (t->has_mask && !t->find && t->mask == NULL)
        return complain(t, "What shall be filled? Name a picture that is white there with --mask.");
    if (!looks_only && (t->output == NULL || !picture_format_of(t->output, &format)))
        return complain(t, "Where shall the picture go? Name a .png, .jpg or .webp with -o.");
    return 0;
}

int
tool_options(struct tool *t, int argc, char **argv)
{
    const struct option names[] = {
        {"model", required_argument, NULL, 'm'},
        {"input", required_argument, NULL, 'i'},
        {"output", required_argument, NULL, 'o'},
        {"mask", required_argument, NULL, 'k'},
        {t->number_name, required_argument, NULL, 'x'},
        {"threads", required_argument, NULL, 't'},
        {"quiet", no_argument, NULL, 'q'},
        {"help", no_argument, NULL, 'h'},
        {"find", no_argument, NULL, 'F'},
        {"show-mask", required_argument, NULL, 's'},
        {t->flag_name, no_argument, NULL, 'f'},
        {NULL, 0, NULL, 0},
    };
    struct sigaction action = {.sa_handler = on_signal};
    int c;

    optind = 1;
    while ((c = getopt_long(argc - 1, argv + 1, "m:i:o:k:x:t:q", names, NULL)) != -1) {
        if (c == 'h') {
            fputs(t->help, stdout);
            return 0;
        }
        if (c == '?' || (c == 'k' && !t->has_mask) || (strchr("Fs", c) != NULL && !t->can_find)) {
            fprintf(stderr, "Try '%s --help'.\n", t->program);
            return TOOL_USAGE;
        }
        if (!take(t, c))
            return complain(t, "An option needs a whole number, and has another value.");
    }
    if ((c = check(t, argc)) != 0)
        return c;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    t->began = clock_monotonic();
    return -1;
}

int
tool_read(const char *path, struct image *out, struct err *e)
{
    size_t room = (size_t)1 << 20, size = 0, got;
    unsigned char *data = NULL, *more;
    FILE *f = fopen(path, "rbe");
    int rc = ST_OK;

    memset(out, 0, sizeof *out);
    if (f == NULL)
        return err_setf(e, ST_IO, "%.150s cannot be read: %s.", path, strerror(errno));
    do {
        if (data == NULL || size == room) {
            room = data == NULL ? room : 2 * room;
            if (room > FILE_MAX || (more = realloc(data, room)) == NULL) {
                rc = err_setf(e, ST_TOOBIG, "%.150s is too large.", path);
                goto out;
            }
            data = more;
        }
        got = fread(data + size, 1, room - size, f);
        size += got;
    } while (got != 0);
    if (ferror(f) != 0)
        rc = err_setf(e, ST_IO, "%.150s could not be read whole.", path);
    else
        rc = picture_decode(data, size, PIXELS_MAX, out, e);
out:
    (void)fclose(f);
    free(data);
    return rc;
}

static int
write_picture(const char *path, const struct image *image, const struct picture_note *note,
              struct err *e)
{
    enum picture_format format = PICTURE_PNG;
    void *data = NULL;
    FILE *f = NULL;
    size_t size;
    bool good;
    int rc;

    (void)picture_format_of(path, &format);
    if ((rc = picture_encode(image, format, JPEG_QUALITY, note, &data, &size, e)) != ST_OK)
        goto out;
    if ((f = fopen(path, "wbe")) == NULL) {
        rc = err_setf(e, ST_IO, "%.150s cannot be written: %s.", path, strerror(errno));
        goto out;
    }
    good = fwrite(data, 1, size, f) == size;
    if (fclose(f) != 0 || !good)
        rc = err_setf(e, ST_IO, "%.150s could not be written whole: %s.", path, strerror(errno));
out:
    free(data);
    return rc;
}

int
tool_write(const struct tool *t, const struct image *image, struct err *e)
{
    struct picture_note note = {.digital_source = "compositeWithTrainedAlgorithmicMedia",
                                .software = "Gempix 2"};

    return write_picture(t->output, image, &note, e);
}

int
tool_write_mask(const char *path, const struct image *mask, struct err *e)
{
    struct picture_note note = {.software = "Gempix 2"};

    return write_picture(path, mask, &note, e);
}

int
tool_progress(void *ctx, int step, int steps)
{
    const struct tool *t = ctx;
    int filled = step * BAR / steps;

    if (!t->quiet && isatty(STDERR_FILENO) != 0) {
        fprintf(stderr, "\r[%.*s%*s] %d/%d%s", filled,
                "==============================", BAR - filled, "", step, steps,
                step == steps ? "\n" : "");
        fflush(stderr);
    }
    return interrupted;
}

int
tool_end(const struct tool *t, int rc, const struct image *image, const struct err *e)
{
    if (rc == ST_CANCELLED)
        return TOOL_INTERRUPTED;
    if (rc != ST_OK) {
        fprintf(stderr, "%s: %s\n", t->program, e->message);
        if (e->detail[0] != '\0')
            fprintf(stderr, "(%s)\n", e->detail);
        return TOOL_FAILED;
    }
    if (!t->quiet)
        printf("%s: %dx%d, %.2f s\n", t->output, image->width, image->height,
               (double)(clock_monotonic() - t->began) / (double)CLOCK_SECOND);
    return 0;
}

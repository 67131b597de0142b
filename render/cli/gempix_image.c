/*
 * gempix-image: the engine alone, from a prompt on the command line to a picture file. Knows no
 * database and no web. Read next: render/pipeline/generate.h.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/err.h"
#include "common/text.h"
#include "render/cli/image_extras.h"
#include "render/cli/image_selftest.h"
#include "render/cli/image_tool.h"
#include "render/media/parameters.h"
#include "render/media/picture.h"
#include "render/pipeline/generate.h"

#define USAGE_STATUS 2
#define COUNT_MAX 1000
#define BAR 30
#define JPEG_QUALITY 92

static volatile sig_atomic_t interrupted;

struct options {
    struct generate_params params;
    struct image_extras extras;
    const char *model, *output;
    bool has_seed, quiet, low_memory;
    int threads, count;
};

static const char HELP[] =
    "Usage: gempix-image -m MODEL -p PROMPT -o FILE [OPTION]...\n"
    "Makes a picture from a text.\n"
    "\n"
    "  -m, --model PATH       the model: a folder, or a single file NAME.safetensors\n"
    "  -p, --prompt TEXT      what the picture shows\n"
    "  -n, --negative TEXT    what it does not show\n"
    "  -o, --output FILE      where it goes: NAME.png or NAME.jpg\n"
    "  -W, --width N          pixels; the model's own size if not given\n"
    "  -H, --height N\n"
    "  -s, --steps N          denoising steps (25)\n"
    "  -g, --guidance X       how strictly to follow the prompt (5); 1 or less: none, twice as "
    "fast\n"
    "  -S, --seed N           the same number gives the same picture; random if not given\n"
    "      --sampler NAME     ddim or euler (ddim)\n"
    "  -c, --count N          so many pictures, with seeds that follow each other\n"
    "  -t, --threads N        0 = one per core (0)\n"
    "      --lora FILE[:X]    a LoRA, with strength X (1); can be repeated\n"
    "      --embedding FILE   a textual inversion: its word can be used in prompts\n"
    "      --int8             weights of 8 bits: half the memory of f16, slightly other pictures\n"
    "      --low-memory       needs less memory, may take longer\n"
    "  -q, --quiet            print errors only\n"
    "      --self-test DIR    nothing but a test whether the model can be used; prints JSON\n"
    "      --help             this text\n"
    "\n"
    "With --count above 1 the files are called NAME-1.png, NAME-2.png and so on.\n"
    "Exit status: 0 done, 1 failed, 2 wrong usage, 130 interrupted.\n";

static void
complain(const char *program, const char *message)
{
    fprintf(stderr, "%s: %s\nTry '%s --help'.\n", program, message, program);
}

/* A whole number in [min, max] for option `name`. */
static bool
whole(const char *program, const char *name, const char *text, int64_t min, int64_t max,
      int64_t *out)
{
    char *end, message[200];
    long long v;

    errno = 0;
    v = strtoll(text, &end, 10);
    if (errno == 0 && end != text && *end == '\0' && v >= min && v <= max) {
        *out = v;
        return true;
    }
    (void)snprintf(message, sizeof message,
                   "%s needs a whole number from %" PRId64 " to %" PRId64 ", not \"%.60s\".", name,
                   min, max, text);
    complain(program, message);
    return false;
}

static bool
number(const char *program, const char *name, const char *text, double *out)
{
    char *end, message[160];

    errno = 0;
    *out = strtod(text, &end);
    if (errno == 0 && end != text && *end == '\0' && isfinite(*out))
        return true;
    (void)snprintf(message, sizeof message, "%s needs a number, not \"%.60s\".", name, text);
    complain(program, message);
    return false;
}

static bool
choose_sampler(const char *program, const char *text, enum generate_sampler *out)
{
    char message[160];

    if (strcmp(text, "ddim") == 0)
        *out = SAMPLER_DDIM;
    else if (strcmp(text, "euler") == 0)
        *out = SAMPLER_EULER;
    else {
        (void)snprintf(message, sizeof message, "--sampler is ddim or euler, not \"%.60s\".", text);
        complain(program, message);
        return false;
    }
    return true;
}

enum {
    OPTION_HELP = 256,
    OPTION_SAMPLER,
    OPTION_LOW_MEMORY,
    OPTION_LORA,
    OPTION_EMBEDDING,
    OPTION_INT8
};

/* One option. False after a complaint. */
static bool
take(const char *program, int option, struct options *o)
{
    int64_t v = 0;
    bool good = true;
    char why[160] = "";

    switch (option) {
    case 'm':
        o->model = optarg;
        break;
    case 'p':
        o->params.prompt = optarg;
        break;
    case 'n':
        o->params.negative_prompt = optarg;
        break;
    case 'o':
        o->output = optarg;
        break;
    case 'W':
        good = whole(program, "--width", optarg, 1, INT_MAX, &v);
        o->params.width = (int)v;
        break;
    case 'H':
        good = whole(program, "--height", optarg, 1, INT_MAX, &v);
        o->params.height = (int)v;
        break;
    case 's':
        good = whole(program, "--steps", optarg, 1, INT_MAX, &v);
        o->params.steps = (int)v;
        break;
    case 'S':
        good = whole(program, "--seed", optarg, 0, UINT32_MAX, &v);
        o->params.seed = (uint32_t)v;
        o->has_seed = true;
        break;
    case 'c':
        good = whole(program, "--count", optarg, 1, COUNT_MAX, &v);
        o->count = (int)v;
        break;
    case 't':
        good = whole(program, "--threads", optarg, 0, 256, &v);
        o->threads = (int)v;
        break;
    case 'g':
        return number(program, "--guidance", optarg, &o->params.guidance);
    case OPTION_SAMPLER:
        return choose_sampler(program, optarg, &o->params.sampler);
    case OPTION_LORA:
        good = image_extras_lora(&o->extras, optarg, why);
        break;
    case OPTION_EMBEDDING:
        good = image_extras_embedding(&o->extras, optarg, why);
        break;
    case OPTION_INT8:
        o->extras.all.int8 = true;
        break;
    case OPTION_LOW_MEMORY:
        o->low_memory = true;
        break;
    case 'q':
        o->quiet = true;
        break;
    }
    if (why[0] != '\0')
        complain(program, why);
    return good;
}

/* Reads the command line. -1 = go on, else the exit status. */
static int
read_options(int argc, char **argv, struct options *o)
{
    static const struct option LONG[] = {
        {"model", required_argument, NULL, 'm'},
        {"prompt", required_argument, NULL, 'p'},
        {"negative", required_argument, NULL, 'n'},
        {"output", required_argument, NULL, 'o'},
        {"width", required_argument, NULL, 'W'},
        {"height", required_argument, NULL, 'H'},
        {"steps", required_argument, NULL, 's'},
        {"guidance", required_argument, NULL, 'g'},
        {"seed", required_argument, NULL, 'S'},
        {"sampler", required_argument, NULL, OPTION_SAMPLER},
        {"count", required_argument, NULL, 'c'},
        {"threads", required_argument, NULL, 't'},
        {"lora", required_argument, NULL, OPTION_LORA},
        {"embedding", required_argument, NULL, OPTION_EMBEDDING},
        {"int8", no_argument, NULL, OPTION_INT8},
        {"low-memory", no_argument, NULL, OPTION_LOW_MEMORY},
        {"quiet", no_argument, NULL, 'q'},
        {"help", no_argument, NULL, OPTION_HELP},
        {NULL, 0, NULL, 0},
    };
    int c;

    while ((c = getopt_long(argc, argv, "m:p:n:o:W:H:s:g:S:c:t:q", LONG, NULL)) != -1) {
        if (c == OPTION_HELP) {
            fputs(HELP, stdout);
            return 0;
        }
        if (c == '?') {
            fprintf(stderr, "Try '%s --help'.\n", argv[0]);
            return USAGE_STATUS;
        }
        if (!take(argv[0], c, o))
            return USAGE_STATUS;
    }
    if (optind < argc)
        complain(argv[0], "There is a word too many; put the prompt in quotation marks after -p.");
    else if (o->model == NULL)
        complain(argv[0], "Which model? Name its folder with -m.");
    else if (o->params.prompt == NULL)
        complain(argv[0], "What shall the picture show? Say it with -p.");
    else if (o->output == NULL)
        complain(argv[0], "Where shall the picture go? Name a file with -o.");
    else
        return -1;
    return USAGE_STATUS;
}

/* The format by the file's ending; false if it is neither. */
static bool
format_of(const char *path, enum picture_format *out)
{
    const char *dot = strrchr(path, '.');

    if (dot == NULL)
        return false;
    *out = strcmp(dot, ".png") == 0 ? PICTURE_PNG : PICTURE_JPEG;
    return *out == PICTURE_PNG || strcmp(dot, ".jpg") == 0 || strcmp(dot, ".jpeg") == 0;
}

struct view {
    bool bar;
    int64_t began;
};

/* The progress bar; also the place where Ctrl-C is noticed. */
static int
show_progress(void *ctx, int member, int step, int steps)
{
    const struct view *v = ctx;
    int filled = step * BAR / steps;
    double seconds = (double)(clock_monotonic() - v->began) / (double)CLOCK_SECOND;

    (void)member;
    if (v->bar) {
        fprintf(stderr, "\r[%.*s%*s] %d/%d  %.1f s", filled,
                "==============================", BAR - filled, "", step, steps, seconds);
        if (step > 0 && step < steps)
            fprintf(stderr, ", %.1f s to go ", seconds / step * (steps - step));
        else
            fputs("                ", stderr);
        fflush(stderr);
    }
    return interrupted;
}

static int
write_file(const char *path, const void *data, size_t size, struct err *e)
{
    FILE *f = fopen(path, "wbe");
    bool good;

    if (f == NULL)
        return err_setf(e, ST_IO, "%.150s cannot be written: %s.", path, strerror(errno));
    good = fwrite(data, 1, size, f) == size;
    if (fclose(f) != 0 || !good)
        return err_setf(e, ST_IO, "%.150s could not be written whole: %s.", path, strerror(errno));
    return ST_OK;
}

static int
save(const struct options *o, const struct image *image, const char *model, const char *path,
     struct err *e)
{
    struct picture_note note = {.digital_source = "trainedAlgorithmicMedia",
                                .software = "Gempix 2"};
    enum picture_format format = PICTURE_PNG;
    struct text words;
    void *data = NULL;
    size_t size;
    int rc;

    text_init(&words, 65536);
    parameters_write(&o->params, model, &words);
    note.parameters = text_cstr(&words);
    (void)format_of(path, &format);
    if ((rc = picture_encode(image, format, JPEG_QUALITY, &note, &data, &size, e)) == ST_OK)
        rc = write_file(path, data, size, e);
    free(data);
    text_release(&words);
    return rc;
}

/* NAME.png, or NAME-3.png when there are several. */
static void
file_name(const struct options *o, int index, struct text *out)
{
    const char *dot = strrchr(o->output, '.');

    if (o->count == 1)
        text_puts(out, o->output);
    else
        text_printf(out, "%.*s-%d%s", (int)(dot - o->output), o->output, index + 1, dot);
}

static int
make_one(struct pipeline *p, const struct options *o, int index, struct err *e)
{
    struct view view = {.bar = !o->quiet && isatty(STDERR_FILENO) != 0, .began = clock_monotonic()};
    struct generate_hooks hooks = {.ctx = &view, .progress = show_progress};
    struct options mine = *o;
    struct pipeline_info info;
    struct image image;
    struct text path;
    int rc;

    mine.params.seed += (uint32_t)index;
    pipeline_describe(p, &info);
    text_init(&path, 8192);
    file_name(o, index, &path);
    rc = generate(p, &mine.params, &hooks, &image, e);
    if (view.bar)
        fputc('\n', stderr);
    if (rc == ST_OK)
        rc = save(&mine, &image, info.name, text_cstr(&path), e);
    if (rc == ST_OK && !o->quiet)
        printf("%s: %dx%d, seed %" PRIu32 ", %.2f s\n", text_cstr(&path), image.width, image.height,
               mine.params.seed, (double)(clock_monotonic() - view.began) / (double)CLOCK_SECOND);
    image_release(&image);
    text_release(&path);
    return rc;
}

static void
on_signal(int number_of_signal)
{
    (void)number_of_signal;
    interrupted = 1;
}

static int
run(struct options *o, struct err *e)
{
    struct pipeline *p = NULL;
    struct pipeline_info info;
    int rc;

    if ((rc = pipeline_open_with(o->model, o->threads, image_extras_get(&o->extras), &p, e)) !=
        ST_OK)
        return rc;
    pipeline_low_memory(p, o->low_memory);
    pipeline_describe(p, &info);
    if (o->params.width == 0)
        o->params.width = info.native_size;
    if (o->params.height == 0)
        o->params.height = info.native_size;
    for (int i = 0; i < o->count && rc == ST_OK; i++)
        rc = make_one(p, o, i, e);
    pipeline_close(p);
    return rc;
}

int
main(int argc, char **argv)
{
    struct options o = {.params = {.negative_prompt = "", .steps = 25, .guidance = 5.0},
                        .count = 1};
    struct sigaction action = {.sa_handler = on_signal};
    enum picture_format format;
    struct err e;
    int rc;

    if (argc > 1 && strcmp(argv[1], "upscale") == 0)
        return image_upscale(argc, argv);
    if (argc > 1 && strcmp(argv[1], "cleanup") == 0)
        return image_cleanup(argc, argv);
    if (argc == 3 && strcmp(argv[1], "--self-test") == 0)
        return image_selftest(argv[2], argv[0]);
    if (argc > 1 && strcmp(argv[1], "convert") == 0)
        return image_convert(argc, argv);
    if (argc > 1 && strcmp(argv[1], "bench") == 0)
        return image_bench(argc, argv);
    if ((rc = read_options(argc, argv, &o)) != -1)
        return rc;
    if (!format_of(o.output, &format)) {
        complain(argv[0], "The output's name must end in .png, .jpg or .jpeg.");
        return USAGE_STATUS;
    }
    if (!o.has_seed)
        o.params.seed = (uint32_t)clock_now() * UINT32_C(2654435761);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    err_clear(&e);
    rc = run(&o, &e);
    if (rc == ST_CANCELLED)
        return 130;
    if (rc != ST_OK) {
        fprintf(stderr, "%s: %s\n", argv[0], e.message);
        if (e.detail[0] != '\0')
            fprintf(stderr, "(%s)\n", e.detail);
        return 1;
    }
    return 0;
}

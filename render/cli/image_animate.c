/*
 * gempix-image animate: a film from words, or from a still and words. Knows no frame's inside. Read
 * next: render/pipeline/animate.h, render/media/mp4.h.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/err.h"
#include "common/text.h"
#include "render/cli/image_extras.h"
#include "render/cli/image_options.h"
#include "render/cli/image_source.h"
#include "render/cli/image_tool.h"
#include "render/media/mp4.h"
#include "render/media/parameters.h"
#include "render/media/picture.h"
#include "render/pipeline/advice.h"
#include "render/pipeline/animate.h"

#define BAR 30
#define FRAMES 16
#define RATE 8
#define QUALITY 90

static const char HELP[] =
    "Usage: gempix-image animate -m MODEL --motion PATH -p PROMPT -o FILE [OPTION]...\n"
    "Makes a film from a text, or from a still and a text that says what happens.\n"
    "\n"
    "  -m, --model PATH       the model: a folder, or a single file NAME.safetensors\n"
    "      --motion PATH      motion modules that fit it: a folder or a file\n"
    "  -p, --prompt TEXT      what the film shows\n"
    "  -n, --negative TEXT    what it does not show\n"
    "  -f, --from FILE        the first frame, PNG or JPEG, for modules that go on from a "
    "picture;\n"
    "                         without it they go on from one that the model draws\n"
    "      --strength X       how far to go from it, 0 to 1 (0.5)\n"
    "  -o, --output FILE      where the film goes: NAME.mp4\n"
    "      --frames N         2 to 1024 (16)\n"
    "      --fps N            frames a second, 1 to 120 (8)\n"
    "  -W, --width N          pixels; the still's if not given, or the model's own size\n"
    "  -H, --height N\n"
    "  -s, --steps N          denoising steps; as suits the model if not given\n"
    "  -g, --guidance X       how strictly to follow the prompt\n"
    "  -S, --seed N           the same number gives the same film; random if not given\n"
    "      --sampler NAME     ddim, euler, euler-a, dpm, dpm-karras or lcm\n"
    "  -t, --threads N        0 = one per core (0)\n"
    "      --lora FILE[:X]    a LoRA, with strength X (1); can be repeated\n"
    "      --embedding FILE   a textual inversion: its word can be used in prompts\n"
    "      --int8             weights of 8 bits: half the memory of f16, slightly other frames\n"
    "      --low-memory       needs less memory, may take longer\n"
    "  -q, --quiet            print errors only\n"
    "      --help             this text\n"
    "\n"
    "Exit status: 0 done, 1 failed, 2 wrong usage, 130 interrupted.\n";

static const char PROGRAM[] = "gempix-image animate";

static volatile sig_atomic_t interrupted;

struct order {
    struct generate_params params;
    struct image_extras extras;
    const char *model, *from, *output;
    int rate, threads;
    bool low_memory, quiet, has_seed, has_guidance, has_sampler;
};

/* A film that is being made. */
struct show {
    const struct order *order;
    struct mp4 *film;
    bool bar;
    int64_t began;
    int step, steps, frame;
    struct err failed; /* of the film's file; code 0 = nothing yet */
};

/* --- options --- */

enum {
    OPTION_HELP = 256,
    OPTION_MOTION,
    OPTION_STRENGTH,
    OPTION_FRAMES,
    OPTION_FPS,
    OPTION_SAMPLER,
    OPTION_LORA,
    OPTION_EMBEDDING,
    OPTION_INT8,
    OPTION_LOW_MEMORY
};

/* Options whose value is a whole number. False after a complaint. */
static bool
take_number(int option, struct order *o)
{
    static const struct {
        int option;
        const char *name;
        int64_t min, max;
    } NUMBERS[] = {
        {'W', "--width", 1, INT_MAX},
        {'H', "--height", 1, INT_MAX},
        {'s', "--steps", 1, INT_MAX},
        {'S', "--seed", 0, UINT32_MAX},
        {'t', "--threads", 0, 256},
        {OPTION_FRAMES, "--frames", 2, GENERATE_FRAMES},
        {OPTION_FPS, "--fps", 1, MP4_RATE_MOST},
    };
    struct generate_params *params = &o->params;
    int *const to[] = {&params->width, &params->height, &params->steps, NULL,
                       &o->threads,    &params->frames, &o->rate};
    int64_t v;

    for (size_t i = 0; i < sizeof NUMBERS / sizeof *NUMBERS; i++) {
        if (NUMBERS[i].option != option)
            continue;
        if (!image_whole(PROGRAM, NUMBERS[i].name, optarg, NUMBERS[i].min, NUMBERS[i].max, &v))
            return false;
        if (to[i] != NULL) {
            *to[i] = (int)v;
        } else {
            params->seed = (uint32_t)v;
            o->has_seed = true;
        }
    }
    return true;
}

/* One option. False after a complaint. */
static bool
take(int option, struct order *o)
{
    char why[160] = "";
    bool good = true;

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
    case 'f':
        o->from = optarg;
        break;
    case 'o':
        o->output = optarg;
        break;
    case 'q':
        o->quiet = true;
        break;
    case 'g':
        o->has_guidance = true;
        return image_number(PROGRAM, "--guidance", optarg, 0.0, 100.0, &o->params.guidance);
    case OPTION_STRENGTH:
        return image_number(PROGRAM, "--strength", optarg, 0.001, 1.0, &o->params.strength);
    case OPTION_SAMPLER:
        o->has_sampler = true;
        return image_sampler(PROGRAM, optarg, &o->params.sampler);
    case OPTION_MOTION:
        o->extras.all.motion = optarg;
        break;
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
    default:
        return take_number(option, o);
    }
    if (why[0] != '\0')
        image_complain(PROGRAM, why);
    return good;
}

static bool
is_film(const char *path)
{
    const char *dot = strrchr(path, '.');

    return dot != NULL && dot != path && strcmp(dot, ".mp4") == 0;
}

/* Reads the command line behind the subcommand. -1 = go on, else the exit status. */
static int
read_options(int argc, char **argv, struct order *o)
{
    static const struct option LONG[] = {
        {"model", required_argument, NULL, 'm'},
        {"motion", required_argument, NULL, OPTION_MOTION},
        {"prompt", required_argument, NULL, 'p'},
        {"negative", required_argument, NULL, 'n'},
        {"from", required_argument, NULL, 'f'},
        {"strength", required_argument, NULL, OPTION_STRENGTH},
        {"output", required_argument, NULL, 'o'},
        {"frames", required_argument, NULL, OPTION_FRAMES},
        {"fps", required_argument, NULL, OPTION_FPS},
        {"width", required_argument, NULL, 'W'},
        {"height", required_argument, NULL, 'H'},
        {"steps", required_argument, NULL, 's'},
        {"guidance", required_argument, NULL, 'g'},
        {"seed", required_argument, NULL, 'S'},
        {"sampler", required_argument, NULL, OPTION_SAMPLER},
        {"threads", required_argument, NULL, 't'},
        {"lora", required_argument, NULL, OPTION_LORA},
        {"embedding", required_argument, NULL, OPTION_EMBEDDING},
        {"int8", no_argument, NULL, OPTION_INT8},
        {"low-memory", no_argument, NULL, OPTION_LOW_MEMORY},
        {"quiet", no_argument, NULL, 'q'},
        {"help", no_argument, NULL, OPTION_HELP},
        {NULL, 0, NULL, 0},
    };
    const char *wrong = NULL;
    int c;

    optind = 1;
    while ((c = getopt_long(argc - 1, argv + 1, "m:p:n:f:o:W:H:s:g:S:t:q", LONG, NULL)) != -1) {
        if (c == OPTION_HELP) {
            fputs(HELP, stdout);
            return 0;
        }
        if (c == '?') {
            fprintf(stderr, "Try '%s --help'.\n", PROGRAM);
            return TOOL_USAGE;
        }
        if (!take(c, o))
            return TOOL_USAGE;
    }
    if (optind < argc - 1)
        wrong = "There is a word too many; put the prompt in quotation marks after -p.";
    else if (o->model == NULL)
        wrong = "Which model? Name its folder with -m.";
    else if (o->extras.all.motion == NULL)
        wrong = "What moves it? Name a folder or file of motion modules with --motion.";
    else if (o->params.prompt == NULL)
        wrong = "What shall the film show? Say it with -p.";
    else if (o->output == NULL || !is_film(o->output))
        wrong = "Where shall the film go? Name a file that ends in .mp4 with -o.";
    if (wrong != NULL)
        image_complain(PROGRAM, wrong);
    return wrong != NULL ? TOOL_USAGE : -1;
}

/* --- the file --- */

/* Said before the work and not after it. */
static int
check_place(const char *path, struct err *e)
{
    const char *slash = strrchr(path, '/');
    struct text folder;
    struct stat st;
    int rc = ST_OK;

    errno = 0;
    text_init(&folder, 8192);
    if (slash == NULL)
        text_puts(&folder, ".");
    else
        text_put(&folder, path, slash == path ? 1 : (size_t)(slash - path));
    if (stat(path, &st) == 0 ? S_ISDIR(st.st_mode) || access(path, W_OK) != 0
                             : access(text_cstr(&folder), W_OK | X_OK) != 0)
        rc = err_setf(e, ST_IO, "%.150s cannot be written: %s.", path,
                      errno != 0 ? strerror(errno) : "it is a folder");
    text_release(&folder);
    return rc;
}

/* Half a film is of no use, so nothing is left of it. */
static int
write_film(const char *path, const void *data, size_t size, struct err *e)
{
    FILE *f = fopen(path, "wbe");
    struct stat st;
    bool good, plain;
    int why;

    if (f == NULL)
        return err_setf(e, ST_IO, "%.150s cannot be written: %s.", path, strerror(errno));
    plain = fstat(fileno(f), &st) == 0 && S_ISREG(st.st_mode);
    good = fwrite(data, 1, size, f) == size;
    why = errno;
    if (fclose(f) != 0) {
        why = good ? errno : why;
        good = false;
    }
    if (good)
        return ST_OK;
    if (plain)
        (void)remove(path);
    return err_setf(e, ST_IO, "%.150s could not be written whole: %s.", path, strerror(why));
}

static int
open_film(const struct order *o, const char *model, struct mp4 **out, struct err *e)
{
    /* The first frame of a given still is a picture that no model made. */
    struct picture_note note = {.digital_source = o->from != NULL
                                                      ? "compositeWithTrainedAlgorithmicMedia"
                                                      : "trainedAlgorithmicMedia",
                                .software = "Gempix 2"};
    struct mp4_options options = {o->params.width, o->params.height, o->rate, QUALITY, &note};
    struct text words;
    int rc;

    text_init(&words, 65536);
    parameters_write(&o->params, model, &words);
    note.parameters = text_cstr(&words);
    rc = mp4_open(&options, out, e);
    text_release(&words);
    return rc;
}

/* --- the film --- */

static double
seconds_of(const struct show *s)
{
    return (double)(clock_monotonic() - s->began) / (double)CLOCK_SECOND;
}

static void
show_bar(const struct show *s)
{
    int filled = s->step * BAR / s->steps;
    double seconds = seconds_of(s);

    if (!s->bar)
        return;
    fprintf(stderr, "\r[%.*s%*s] step %d/%d, frame %d/%d  %.1f s", filled,
            "==============================", BAR - filled, "", s->step, s->steps, s->frame,
            s->order->params.frames, seconds);
    if (s->step > 0 && s->step < s->steps)
        fprintf(stderr, ", %.1f s to go ", seconds / s->step * (s->steps - s->step));
    else
        fputs("                ", stderr);
    fflush(stderr);
}

static int
show_progress(void *ctx, int step, int steps)
{
    struct show *s = ctx;

    s->step = step;
    s->steps = steps;
    show_bar(s);
    return interrupted;
}

static int
take_frame(void *ctx, int frame, const struct image *image)
{
    struct show *s = ctx;

    if (mp4_add(s->film, image, &s->failed) != ST_OK)
        return 1;
    s->frame = frame + 1;
    show_bar(s);
    return interrupted;
}

static int
make_film(struct pipeline *p, const struct order *o, const char *model, struct err *e)
{
    struct show s = {
        .order = o, .bar = !o->quiet && isatty(STDERR_FILENO) != 0, .began = clock_monotonic()};
    struct animate_hooks hooks = {&s, show_progress, take_frame};
    void *data = NULL;
    size_t size;
    int rc;

    err_clear(&s.failed);
    if ((rc = open_film(o, model, &s.film, e)) != ST_OK)
        return rc;
    rc = animate(p, &o->params, &hooks, e);
    if (s.bar)
        fputc('\n', stderr);
    if (s.failed.code != ST_OK) {
        *e = s.failed;
        rc = s.failed.code;
    }
    if (rc == ST_OK && (rc = mp4_finish(s.film, &data, &size, e)) == ST_OK)
        rc = write_film(o->output, data, size, e);
    if (rc == ST_OK && !o->quiet)
        printf("%s: %dx%d, %d frames, %.2g s long, seed %" PRIu32 ", %.2f s\n", o->output,
               o->params.width, o->params.height, o->params.frames,
               (double)o->params.frames / o->rate, o->params.seed, seconds_of(&s));
    free(data);
    mp4_free(s.film);
    return rc;
}

/* What was not said is as it suits the model. */
static void
fill_in(struct order *o, const struct advice *a)
{
    struct generate_params *params = &o->params;

    if (params->width == 0)
        params->width = a->width;
    if (params->height == 0)
        params->height = a->height;
    if (params->steps == 0)
        params->steps = a->steps;
    if (!o->has_guidance)
        params->guidance = a->guidance;
    params->sampler = a->sampler;
    if (!o->has_seed)
        params->seed = (uint32_t)clock_now() * UINT32_C(2654435761);
}

static int
run(struct order *o, struct err *e)
{
    struct image_sources still = {.marks = NULL};
    struct pipeline *p = NULL;
    struct pipeline_info info;
    struct advice advice;
    int rc;

    if ((rc = check_place(o->output, e)) != ST_OK ||
        (rc = pipeline_open_with(o->model, o->threads, image_extras_get(&o->extras), &p, e)) !=
            ST_OK)
        return rc;
    pipeline_low_memory(p, o->low_memory);
    pipeline_describe(p, &info);
    rc = advice_get(p, o->has_sampler ? &o->params.sampler : NULL, &advice, e);
    if (rc == ST_OK && o->from != NULL) {
        rc = image_sources_read(o->from, NULL, info.multiple, &o->params.width, &o->params.height,
                                &still, e);
        o->params.source = &still.picture;
    }
    if (rc == ST_OK) {
        fill_in(o, &advice);
        rc = make_film(p, o, info.name, e);
    }
    image_sources_release(&still);
    pipeline_close(p);
    return rc;
}

static void
on_signal(int number_of_signal)
{
    (void)number_of_signal;
    interrupted = 1;
}

int
image_animate(int argc, char **argv)
{
    struct order o = {.params = {.kind = GENERATE_ANIMATE, .negative_prompt = "", .frames = FRAMES},
                      .rate = RATE};
    const struct tool t = {.program = PROGRAM, .quiet = true};
    struct sigaction action = {.sa_handler = on_signal};
    struct err e;
    int status;

    if ((status = read_options(argc, argv, &o)) != -1)
        return status;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    err_clear(&e);
    return tool_end(&t, run(&o, &e), NULL, &e);
}

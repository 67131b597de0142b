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
#include "render/cli/image_make.h"
#include "render/cli/image_options.h"
#include "render/cli/image_selftest.h"
#include "render/cli/image_source.h"
#include "render/cli/image_tool.h"
#include "render/pipeline/advice.h"
#include "render/pipeline/generate.h"

#define USAGE_STATUS 2
#define COUNT_MAX 1000
#define CLOSE_UP_PADDING 32 /* pixels around what is repainted, at least */

static volatile sig_atomic_t interrupted;

struct options {
    struct image_order order;
    struct image_extras extras;
    const char *model, *picture, *mask;
    bool has_seed, has_steps, has_guidance, has_sampler, verbose, low_memory, edit, close_up;
    int threads;
};

static const char HELP[] =
    "Usage: gempix-image -m MODEL -p PROMPT -o FILE [OPTION]...\n"
    "Makes a picture from a text.\n"
    "\n"
    "  -m, --model PATH       the model: a folder, or a single file NAME.safetensors\n"
    "  -p, --prompt TEXT      what the picture shows\n"
    "  -n, --negative TEXT    what it does not show\n"
    "  -o, --output FILE      where it goes: NAME.png, NAME.jpg or NAME.webp\n"
    "  -W, --width N          pixels; the model's own size if not given\n"
    "  -H, --height N\n"
    "  -s, --steps N          denoising steps; what suits the model if not given\n"
    "  -g, --guidance X       how strictly to follow the prompt; 1 or less: none, twice as fast\n"
    "  -S, --seed N           the same number gives the same picture; random if not given\n"
    "      --sampler NAME     ddim, euler, euler-a, dpm, dpm-karras or lcm\n"
    "  -c, --count N          so many pictures, with seeds that follow each other\n"
    "      --batch N          so many of them at once: faster, needs more memory (1)\n"
    "      --clip-skip N      leave out N layers of the text encoder (0)\n"
    "      --rescale X        share of guidance rescale, 0 to 1 (0)\n"
    "  -i, --image FILE       begin with this picture\n"
    "      --strength X       how far to go from it, 0 to 1 (0.75; with a mask 1)\n"
    "  -k, --mask FILE        repaint it only where this picture is white\n"
    "      --close-up         with a mask: work on its surroundings alone, at the model's size\n"
    "      --edit             the prompt is an instruction for it\n"
    "      --image-guidance X with --edit: how closely to keep to it (1.5)\n"
    "      --motion PATH      motion modules, for a clip: a folder or a file\n"
    "      --frames N         so many pictures that follow each other, NAME-1.png and so on\n"
    "      --checkpoint FILE  keep the state here after each step, until the picture is done\n"
    "      --resume FILE      go on from such a state, with the same options\n"
    "  -t, --threads N        0 = one per core (0)\n"
    "      --lora FILE[:X]    a LoRA, with strength X (1); can be repeated\n"
    "      --embedding FILE   a textual inversion: its word can be used in prompts\n"
    "      --int8             weights of 8 bits: half the memory of f16, slightly other pictures\n"
    "      --low-memory       needs less memory, may take longer\n"
    "  -q, --quiet            print errors only\n"
    "  -v, --verbose          say what was taken where nothing was given\n"
    "      --self-test DIR    nothing but a test whether the model can be used; prints JSON\n"
    "      --help             this text\n"
    "\n"
    "With --count above 1 the files are called NAME-1.png, NAME-2.png and so on.\n"
    "\"gempix-image animate --help\" tells about films.\n"
    "Exit status: 0 done, 1 failed, 2 wrong usage, 130 interrupted.\n";

enum {
    OPTION_HELP = 256,
    OPTION_SAMPLER,
    OPTION_LOW_MEMORY,
    OPTION_LORA,
    OPTION_EMBEDDING,
    OPTION_INT8,
    OPTION_BATCH,
    OPTION_CLIP_SKIP,
    OPTION_RESCALE,
    OPTION_STRENGTH,
    OPTION_EDIT,
    OPTION_IMAGE_GUIDANCE,
    OPTION_CHECKPOINT,
    OPTION_RESUME,
    OPTION_MOTION,
    OPTION_FRAMES,
    OPTION_CLOSE_UP
};

/* The options of pictures that begin with one. */
static bool
take_source(const char *program, int option, struct options *o)
{
    struct generate_params *params = &o->order.params;
    bool good = true;
    int64_t v = 0;

    switch (option) {
    case 'i':
        o->picture = optarg;
        break;
    case 'k':
        o->mask = optarg;
        break;
    case OPTION_CLOSE_UP:
        o->close_up = true;
        break;
    case OPTION_EDIT:
        o->edit = true;
        break;
    case OPTION_STRENGTH:
        return image_number(program, "--strength", optarg, 0.001, 1.0, &params->strength);
    case OPTION_IMAGE_GUIDANCE:
        return image_number(program, "--image-guidance", optarg, 0.001, 100.0,
                            &params->image_guidance);
    case OPTION_MOTION:
        o->extras.all.motion = optarg;
        break;
    case OPTION_FRAMES:
        good = image_whole(program, "--frames", optarg, 2, GENERATE_FRAMES, &v);
        params->frames = (int)v;
        break;
    case OPTION_CHECKPOINT:
        o->order.checkpoint = optarg;
        break;
    case OPTION_RESUME:
        o->order.resume = optarg;
        break;
    }
    return good;
}

/* The options of how a picture is drawn. */
static bool
take_manner(const char *program, int option, struct options *o)
{
    struct generate_params *params = &o->order.params;
    bool good = true;
    int64_t v = 0;

    switch (option) {
    case 's':
        good = image_whole(program, "--steps", optarg, 1, INT_MAX, &v);
        params->steps = (int)v;
        o->has_steps = true;
        break;
    case 'g':
        o->has_guidance = true;
        return image_number(program, "--guidance", optarg, 0.0, 100.0, &params->guidance);
    case OPTION_RESCALE:
        return image_number(program, "--rescale", optarg, 0.0, 1.0, &params->rescale);
    case OPTION_CLIP_SKIP:
        good = image_whole(program, "--clip-skip", optarg, 0, 100, &v);
        params->clip_skip = (int)v;
        break;
    case OPTION_SAMPLER:
        o->has_sampler = true;
        return image_sampler(program, optarg, &params->sampler);
    default:
        return take_source(program, option, o);
    }
    return good;
}

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
        o->order.params.prompt = optarg;
        break;
    case 'n':
        o->order.params.negative_prompt = optarg;
        break;
    case 'o':
        o->order.output = optarg;
        break;
    case 'W':
        good = image_whole(program, "--width", optarg, 1, INT_MAX, &v);
        o->order.params.width = (int)v;
        break;
    case 'H':
        good = image_whole(program, "--height", optarg, 1, INT_MAX, &v);
        o->order.params.height = (int)v;
        break;
    case 'S':
        good = image_whole(program, "--seed", optarg, 0, UINT32_MAX, &v);
        o->order.params.seed = (uint32_t)v;
        o->has_seed = true;
        break;
    case 'c':
        good = image_whole(program, "--count", optarg, 1, COUNT_MAX, &v);
        o->order.count = (int)v;
        break;
    case 't':
        good = image_whole(program, "--threads", optarg, 0, 256, &v);
        o->threads = (int)v;
        break;
    case OPTION_BATCH:
        good = image_whole(program, "--batch", optarg, 1, GENERATE_MOST, &v);
        o->order.batch = (int)v;
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
    case 'q':
        o->order.quiet = true;
        break;
    case 'v':
        o->verbose = true;
        break;
    default:
        return take_manner(program, option, o);
    }
    if (why[0] != '\0')
        image_complain(program, why);
    return good;
}

/* Do the options go with each other? Decides the kind of picture. */
static bool
check_options(const char *program, struct options *o)
{
    struct generate_params *params = &o->order.params;
    enum picture_format format;
    const char *wrong = NULL;

    params->kind = params->frames != 0  ? GENERATE_ANIMATE
                   : o->edit            ? GENERATE_EDIT
                   : o->mask != NULL    ? GENERATE_INPAINT
                   : o->picture != NULL ? GENERATE_IMAGE
                                        : GENERATE_TEXT;
    if (!picture_format_of(o->order.output, &format))
        wrong = "The output's name must end in .png, .jpg, .jpeg or .webp.";
    else if ((o->extras.all.motion != NULL) != (params->frames != 0))
        wrong = "A clip needs both: --motion with its modules, and --frames.";
    else if (params->frames != 0 && (o->edit || o->mask != NULL))
        wrong = "--frames goes without --edit and --mask.";
    else if (o->picture == NULL && (o->edit || o->mask != NULL || params->strength != 0.0))
        wrong = "--edit, --mask and --strength need a picture: name it with --image.";
    else if (o->edit && (o->mask != NULL || params->strength != 0.0))
        wrong = "--edit goes without --mask and --strength.";
    else if (o->close_up && o->mask == NULL)
        wrong = "--close-up goes with --mask alone.";
    else if (!o->edit && params->image_guidance != 0.0)
        wrong = "--image-guidance goes with --edit alone.";
    else if ((o->order.checkpoint != NULL || o->order.resume != NULL) && o->order.count > 1)
        wrong = "--checkpoint and --resume are for one picture.";
    else if ((o->order.checkpoint != NULL || o->order.resume != NULL) && !o->has_seed)
        wrong = "To go on with the same picture, name its seed with -S.";
    if (wrong != NULL)
        image_complain(program, wrong);
    return wrong == NULL;
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
        {"batch", required_argument, NULL, OPTION_BATCH},
        {"clip-skip", required_argument, NULL, OPTION_CLIP_SKIP},
        {"rescale", required_argument, NULL, OPTION_RESCALE},
        {"image", required_argument, NULL, 'i'},
        {"strength", required_argument, NULL, OPTION_STRENGTH},
        {"mask", required_argument, NULL, 'k'},
        {"close-up", no_argument, NULL, OPTION_CLOSE_UP},
        {"edit", no_argument, NULL, OPTION_EDIT},
        {"image-guidance", required_argument, NULL, OPTION_IMAGE_GUIDANCE},
        {"motion", required_argument, NULL, OPTION_MOTION},
        {"frames", required_argument, NULL, OPTION_FRAMES},
        {"checkpoint", required_argument, NULL, OPTION_CHECKPOINT},
        {"resume", required_argument, NULL, OPTION_RESUME},
        {"lora", required_argument, NULL, OPTION_LORA},
        {"embedding", required_argument, NULL, OPTION_EMBEDDING},
        {"int8", no_argument, NULL, OPTION_INT8},
        {"low-memory", no_argument, NULL, OPTION_LOW_MEMORY},
        {"quiet", no_argument, NULL, 'q'},
        {"verbose", no_argument, NULL, 'v'},
        {"help", no_argument, NULL, OPTION_HELP},
        {NULL, 0, NULL, 0},
    };
    int c;

    while ((c = getopt_long(argc, argv, "m:p:n:o:W:H:s:g:S:c:t:qvi:k:", LONG, NULL)) != -1) {
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
        image_complain(argv[0],
                       "There is a word too many; put the prompt in quotation marks after -p.");
    else if (o->model == NULL)
        image_complain(argv[0], "Which model? Name its folder with -m.");
    else if (o->order.params.prompt == NULL)
        image_complain(argv[0], "What shall the picture show? Say it with -p.");
    else if (o->order.output == NULL)
        image_complain(argv[0], "Where shall the picture go? Name a file with -o.");
    else
        return check_options(argv[0], o) ? -1 : USAGE_STATUS;
    return USAGE_STATUS;
}

static void
on_signal(int number_of_signal)
{
    (void)number_of_signal;
    interrupted = 1;
}

/* The surroundings of the mask, at the size that was asked for or the model's own. */
static int
take_close_up(struct options *o, const struct advice *advice, struct image_sources *sources,
              struct closeup *c, struct err *e)
{
    struct generate_params *params = &o->order.params;
    int width = 0, height = 0, rc;

    params->width = params->width != 0 ? params->width : advice->width;
    params->height = params->height != 0 ? params->height : advice->height;
    if ((rc = image_sources_read(o->picture, o->mask, 1, &width, &height, sources, e)) != ST_OK ||
        (rc = closeup_cut(&sources->picture, &sources->mask, CLOSE_UP_PADDING, params->width,
                          params->height, c, e)) != ST_OK)
        return rc;
    params->source = &c->picture;
    params->mask = &c->mask;
    o->order.closeup = c;
    o->order.whole = &sources->picture;
    o->order.whole_mask = &sources->mask;
    return ST_OK;
}

static int
take_sources(struct options *o, int multiple, struct image_sources *sources, struct err *e)
{
    struct generate_params *params = &o->order.params;

    params->source = &sources->picture;
    params->mask = &sources->mask;
    return image_sources_read(o->picture, o->mask, multiple, &params->width, &params->height,
                              sources, e);
}

/* What was not given, as it suits the model; the size too, where no picture has one. */
static void
take_advice(struct options *o, const struct advice *a)
{
    struct generate_params *params = &o->order.params;
    bool sized = params->width != 0 && params->height != 0;

    params->sampler = a->sampler;
    if (!o->has_steps)
        params->steps = a->steps;
    if (!o->has_guidance)
        params->guidance = a->guidance;
    if (params->width == 0)
        params->width = a->width;
    if (params->height == 0)
        params->height = a->height;
    if (!o->verbose)
        return;
    fprintf(stderr, "%d steps (%s), guidance %g (%s), sampler %s (%s), %dx%d pixels (%s)\n",
            params->steps, o->has_steps ? "given" : a->steps_from, params->guidance,
            o->has_guidance ? "given" : a->guidance_from, generate_sampler_name(params->sampler),
            o->has_sampler ? "given" : a->sampler_from, params->width, params->height,
            sized ? "given" : a->size_from);
}

static int
run(struct options *o, struct err *e)
{
    struct generate_params *params = &o->order.params;
    struct image_sources sources = {.marks = NULL};
    struct closeup closeup = {.marks = NULL};
    struct pipeline *p = NULL;
    struct pipeline_info info;
    struct advice advice;
    int rc;

    if ((rc = pipeline_open_with(o->model, o->threads, image_extras_get(&o->extras), &p, e)) !=
        ST_OK)
        return rc;
    pipeline_low_memory(p, o->low_memory);
    pipeline_describe(p, &info);
    rc = advice_get(p, o->has_sampler ? &params->sampler : NULL, &advice, e);
    if (rc == ST_OK && o->close_up)
        rc = take_close_up(o, &advice, &sources, &closeup, e);
    else if (rc == ST_OK && o->picture != NULL)
        rc = take_sources(o, info.multiple, &sources, e);
    if (rc == ST_OK) {
        take_advice(o, &advice);
        rc = image_make(p, &o->order, e);
    }
    closeup_release(&closeup);
    image_sources_release(&sources);
    pipeline_close(p);
    return rc;
}

int
main(int argc, char **argv)
{
    struct options o = {.order = {.params = {.negative_prompt = ""},
                                  .count = 1,
                                  .batch = 1,
                                  .interrupted = &interrupted}};
    struct sigaction action = {.sa_handler = on_signal};
    struct err e;
    int rc;

    if (argc > 1 && strcmp(argv[1], "animate") == 0)
        return image_animate(argc, argv);
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
    if (!o.has_seed)
        o.order.params.seed = (uint32_t)clock_now() * UINT32_C(2654435761);
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

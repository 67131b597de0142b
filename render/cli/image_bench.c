/*
 * gempix-image bench: how fast this host is with a model, for predicting prices and waiting times.
 * Knows nothing of either. Read next: render/pipeline/cost.h.
 */
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/err.h"
#include "common/text.h"
#include "render/cli/image_tool.h"
#include "render/pipeline/cost.h"
#include "render/pipeline/generate.h"

#define SECONDS 18.0
#define THREADS_MAX 256
#define TEXT_MAX 65536
#define CHECK_STEPS 2
#define CHECK_RUNS 3

static const char HELP[] =
    "Usage: gempix-image bench -m MODEL [OPTION]...\n"
    "Measures how fast this computer is with a model, in less than 20 seconds.\n"
    "\n"
    "  -m, --model DIR        the model's folder\n"
    "  -o, --output FILE      where the figures go, as JSON; standard output if not given\n"
    "  -t, --threads N        0 = one per core (0)\n"
    "      --check            make pictures of several sizes, and compare their times with the\n"
    "                         predicted ones\n"
    "      --help             this text\n"
    "\n"
    "Exit status: 0 done, 1 failed, 2 wrong usage.\n";

struct options {
    const char *model, *output;
    int threads;
    bool check;
};

/* -1 = go on, else the exit status. */
static int
read_options(int argc, char **argv, struct options *o)
{
    static const struct option LONG[] = {
        {"model", required_argument, NULL, 'm'},   {"output", required_argument, NULL, 'o'},
        {"threads", required_argument, NULL, 't'}, {"check", no_argument, NULL, 'c'},
        {"help", no_argument, NULL, 'h'},          {NULL, 0, NULL, 0},
    };
    char *end;
    int c;

    optind = 1;
    while ((c = getopt_long(argc - 1, argv + 1, "m:o:t:", LONG, NULL)) != -1) {
        switch (c) {
        case 'm':
            o->model = optarg;
            break;
        case 'o':
            o->output = optarg;
            break;
        case 't':
            o->threads = (int)strtol(optarg, &end, 10);
            if (end != optarg && *end == '\0' && o->threads >= 0 && o->threads <= THREADS_MAX)
                break;
            fprintf(stderr, "%s: --threads needs a whole number from 0 to %d.\n", argv[0],
                    THREADS_MAX);
            return TOOL_USAGE;
        case 'c':
            o->check = true;
            break;
        case 'h':
            fputs(HELP, stdout);
            return 0;
        default:
            fprintf(stderr, "Try '%s bench --help'.\n", argv[0]);
            return TOOL_USAGE;
        }
    }
    if (o->model != NULL && optind == argc - 1)
        return -1;
    fprintf(stderr, "%s: %s\nTry '%s bench --help'.\n", argv[0],
            o->model == NULL ? "Which model? Name its folder with -m."
                             : "There is a word too many.",
            argv[0]);
    return TOOL_USAGE;
}

struct watch {
    int64_t began, first, steps; /* first: after the first step */
};

static int
look(void *ctx, int member, int step, int steps)
{
    struct watch *w = ctx;

    (void)member;
    if (step == 1)
        w->first = clock_monotonic();
    if (step == steps)
        w->steps = clock_monotonic();
    return 0;
}

static double
between(int64_t from, int64_t to)
{
    return (double)(to - from) / (double)CLOCK_SECOND;
}

/* Makes one picture and prints one line: predicted and real seconds. */
static int
check_one(struct pipeline *p, const struct cost *cost, int width, int height, bool guided,
          struct err *e)
{
    static const char *const NAMES[3] = {"step", "decode", "all"};
    struct generate_params params = {.prompt = "a red sun over a blue sea",
                                     .negative_prompt = "",
                                     .width = width,
                                     .height = height,
                                     .steps = CHECK_STEPS,
                                     .guidance = guided ? 5.0 : 1.0,
                                     .sampler = SAMPLER_DDIM};
    struct cost_job job = {width, height, 1, CHECK_STEPS, guided ? 2 : 1};
    struct watch w = {0};
    struct generate_hooks hooks = {.ctx = &w, .progress = look};
    struct cost_time t;
    struct image image;
    double real[3] = {INFINITY, INFINITY, INFINITY}, guess[3];
    int rc;

    cost_predict(p, cost, &job, &t);
    guess[0] = t.step;
    guess[1] = t.decode;
    guess[2] = t.total;
    /* The first picture of a size pays for fresh memory. */
    for (int i = 0; i < CHECK_RUNS; i++) {
        int64_t end;

        w.began = clock_monotonic();
        if ((rc = generate(p, &params, &hooks, &image, e)) != ST_OK)
            return rc;
        end = clock_monotonic();
        image_release(&image);
        real[0] = fmin(real[0], between(w.first, w.steps) / (CHECK_STEPS - 1));
        real[1] = fmin(real[1], between(w.steps, end));
        real[2] = fmin(real[2], between(w.began, end));
    }
    printf("%4dx%-4d %d", width, height, job.passes);
    for (int i = 0; i < 3; i++)
        printf("  %s %8.4f %8.4f %+4.0f %%", NAMES[i], guess[i], real[i],
               100.0 * (guess[i] / real[i] - 1.0));
    putchar('\n');
    return ST_OK;
}

static int
check(struct pipeline *p, const struct cost *cost, struct err *e)
{
    static const int SIZES[][3] = {{128, 128, 0}, {256, 256, 1}, {384, 256, 0},
                                   {512, 512, 0}, {512, 512, 1}, {768, 768, 0}};
    int rc = ST_OK;

    printf("size  images  seconds predicted, real, difference\n");
    for (size_t i = 0; i < sizeof SIZES / sizeof *SIZES && rc == ST_OK; i++)
        rc = check_one(p, cost, SIZES[i][0], SIZES[i][1], SIZES[i][2] != 0, e);
    return rc;
}

static int
write_figures(const char *path, const struct text *t, struct err *e)
{
    const char *text = text_cstr(t);
    FILE *f;
    bool good;

    if (path == NULL)
        return fputs(text, stdout) >= 0 ? ST_OK : err_setf(e, ST_IO, "The figures are lost.");
    if ((f = fopen(path, "we")) == NULL)
        return err_setf(e, ST_IO, "%.150s cannot be written: %s.", path, strerror(errno));
    good = fputs(text, f) >= 0;
    if (fclose(f) != 0 || !good)
        return err_setf(e, ST_IO, "%.150s could not be written whole: %s.", path, strerror(errno));
    return ST_OK;
}

static int
measure(const struct options *o, struct err *e)
{
    struct cost_curve curves[COST_PHASES];
    struct pipeline *p = NULL;
    struct cost cost;
    struct text t;
    int rc;

    text_init(&t, TEXT_MAX);
    if ((rc = pipeline_open(o->model, o->threads, &p, e)) != ST_OK ||
        (rc = cost_calibrate(p, SECONDS, &cost, e)) != ST_OK)
        goto out;
    for (enum cost_phase i = 0; i < COST_PHASES; i++)
        cost_fit(p, &cost, i, 1, &curves[i]);
    cost_write(&cost, curves, &t);
    if (o->check)
        rc = check(p, &cost, e);
    if (rc == ST_OK && (!o->check || o->output != NULL))
        rc = write_figures(o->output, &t, e);
out:
    text_release(&t);
    pipeline_close(p);
    return rc;
}

int
image_bench(int argc, char **argv)
{
    struct options o = {0};
    struct err e;
    int rc;

    if ((rc = read_options(argc, argv, &o)) != -1)
        return rc;
    err_clear(&e);
    if (measure(&o, &e) == ST_OK)
        return 0;
    fprintf(stderr, "%s bench: %s\n", argv[0], e.message);
    return TOOL_FAILED;
}

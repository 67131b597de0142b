/*
 * Films: windows over long clips against the values of t/reference/dump_families.py, links that go
 * on from each other, stills, cancelling, memory.
 */
#include <unistd.h>

#include "common/err.h"
#include "render/engine/dtype.h"
#include "render/pipeline/animate.h"
#include "render/pipeline/carry.h"
#include "render/pipeline/windows.h"
#include "render/weights/safetensors.h"
#include "t/lib/tap.h"

#define SIDE 24
#define BYTES ((size_t)SIDE * SIDE * 3)
#define MOST 8          /* frames of these films */
#define PSNR_LEAST 75.0 /* dB; windows that all weigh as much have 66 */

static char data[1024], narrow[64];
static struct err e;

/* --- windows --- */

static void
test_windows(void)
{
    int wrong = 0;

    for (size_t most = 2; most <= 40; most++) {
        for (size_t frames = 2; frames <= 100; frames++) {
            float ones[100], sum[100] = {0.0f};
            struct windows w;
            size_t reach = 0;

            windows_init(&w, frames, most);
            wrong += w.length > most || (frames <= most) != (w.count == 1);
            for (size_t i = 0; i < 100; i++)
                ones[i] = 1.0f;
            for (size_t i = 0; i < w.count; i++) {
                wrong += i > 0 && w.length > 2 && windows_first(&w, i) >= reach;
                reach = windows_first(&w, i) + w.length;
                windows_add(&w, i, ones, 1, sum);
            }
            wrong += windows_first(&w, 0) != 0 || reach != frames;
            windows_mean(&w, sum, 1);
            for (size_t i = 0; i < frames; i++)
                wrong += sum[i] != 1.0f;
        }
    }
    is_int(wrong, 0, "windows overlap, reach from end to end, and weigh every frame as much");
}

/* --- fixtures --- */

static void
stop(const char *what)
{
    ok(false, "%s", what);
    diag("%s %s", e.message, e.detail);
    exit(1);
}

/* The modules that continue a picture in a folder that lets them see three frames at once. */
static void
make_narrow(void)
{
    char command[4500];

    (void)snprintf(narrow, sizeof narrow, "/tmp/gempix-animate-XXXXXX");
    if (mkdtemp(narrow) == NULL)
        stop("a folder");
    (void)snprintf(command, sizeof command,
                   "cp %s/motion/continue/*.safetensors %s/ && sed 's/: 32/: 3/' "
                   "%s/motion/continue/config.json > %s/config.json",
                   data, narrow, data, narrow);
    if (system(command) != 0)
        stop("modules for three frames");
}

static struct pipeline *
open_model(int threads, const char *motion)
{
    struct pipeline *p = NULL;
    char path[1100];

    (void)snprintf(path, sizeof path, "%s/tiny-lcm", data);
    if (pipeline_open(path, threads, &p, &e) != ST_OK ||
        (motion != NULL && pipeline_set_motion(p, motion, &e) != ST_OK))
        stop("tiny-lcm with modules");
    return p;
}

static struct generate_params
params_of(int frames, const struct image *still)
{
    return (struct generate_params){.kind = GENERATE_ANIMATE,
                                    .prompt = "a red sun over a blue sea",
                                    .width = SIDE,
                                    .height = SIDE,
                                    .steps = 3,
                                    .guidance = 3.0,
                                    .seed = 7,
                                    .source = still,
                                    .frames = frames};
}

/* What the hooks saw. */
struct seen {
    uint8_t frames[MOST][BYTES];
    int count, stop_at_frame, stop_at_step, last_step, steps;
    bool in_order;
};

static int
on_frame(void *ctx, int frame, const struct image *image)
{
    struct seen *s = ctx;

    if (frame == s->stop_at_frame)
        return 1;
    s->in_order = s->in_order && frame == s->count && frame < MOST && image->width == SIDE;
    if (s->in_order)
        memcpy(s->frames[s->count++], image->pixels, BYTES);
    return 0;
}

static int
on_progress(void *ctx, int step, int steps)
{
    struct seen *s = ctx;

    s->in_order = s->in_order && step >= s->last_step && step <= steps;
    s->last_step = step;
    s->steps = steps;
    return step == s->stop_at_step;
}

static int
run(struct pipeline *p, const struct generate_params *params, struct seen *s)
{
    struct animate_hooks hooks = {s, on_progress, on_frame};

    s->count = s->last_step = s->steps = 0;
    s->in_order = true;
    return animate(p, params, &hooks, &e);
}

static struct seen *
seen_new(void)
{
    struct seen *s = calloc(1, sizeof *s);

    s->stop_at_frame = s->stop_at_step = -1;
    return s;
}

/* --- tests --- */

static void
test_reference(struct pipeline *p, const struct image *still, const char *set, const char *what)
{
    struct generate_params params = params_of(6, still);
    struct safetensors *expected = NULL;
    const struct safetensor *t = NULL;
    double error = 0.0, psnr;
    float *want = malloc(6 * BYTES * sizeof *want);
    struct image image;
    char path[1100];

    (void)snprintf(path, sizeof path, "%s/motion/expect.safetensors", data);
    if (safetensors_open(path, &expected, &e) != ST_OK ||
        (t = safetensors_find(expected, set)) == NULL)
        stop("the reference");
    dtype_convert(t->kind, safetensors_data(expected, t, &e), want, 6 * BYTES);
    if (generate(p, &params, NULL, &image, &e) != ST_OK)
        stop("a long clip");
    for (size_t i = 0; i < 6 * BYTES; i++) {
        double d = (double)image.pixels[i] - floor((double)want[i] + 0.5);

        error += d * d / (double)(6 * BYTES);
    }
    psnr = error > 0.0 ? 10.0 * log10(255.0 * 255.0 / error) : INFINITY;
    ok(psnr >= PSNR_LEAST, "six frames in windows of three, %s: like the reference, %.1f dB", what,
       psnr);
    image_release(&image);
    safetensors_close(expected);
    free(want);
}

/* tiny-lcm as if it were not distilled: each frame is predicted without the words, too. */
static void
test_guided(const struct image *still)
{
    char command[1300], plain[100];
    struct pipeline *p = NULL;

    (void)snprintf(plain, sizeof plain, "%s/plain", narrow);
    (void)snprintf(command, sizeof command,
                   "cp -rL %s/tiny-lcm %s && sed -i '/time_cond_proj_dim/d' %s/unet/config.json",
                   data, plain, plain);
    if (system(command) != 0 || pipeline_open(plain, 2, &p, &e) != ST_OK ||
        pipeline_set_motion(p, narrow, &e) != ST_OK)
        stop("a model that is not told the guidance");
    test_reference(p, still, "guided.pixels", "two passes");
    pipeline_close(p);
}

/* A film by hand: each link begins with the last frame of the one before. */
static void
test_links(struct pipeline *p, const struct image *still)
{
    struct generate_params film = params_of(6, still), link = params_of(3, still);
    struct seen *s = seen_new();
    uint8_t last[BYTES];
    const struct image from = {SIDE, SIDE, last};
    int wrong = 0;

    is_int(run(p, &film, s), ST_OK, "a film of six frames with modules for three");
    ok(s->in_order && s->count == 6, "  has six frames");
    is_int(s->steps, 9, "  in three links of three steps");
    is_int(s->last_step, 9, "  all of which are told");
    ok(memcmp(s->frames[0], still->pixels, BYTES) == 0, "  and begins with the still");
    memcpy(last, still->pixels, BYTES);
    link.source = &from;
    for (int i = 0; i < 3; i++) {
        struct image image;

        if (generate(p, &link, NULL, &image, &e) != ST_OK)
            stop("a link");
        for (int k = 1; k < 3; k++) {
            struct image first = {SIDE, SIDE, image.pixels};
            struct image frame = {SIDE, SIDE, image.pixels + (size_t)k * BYTES};

            carry_detail(&from, &first, &frame, &e);
            wrong += 2 * i + k < 6 && memcmp(s->frames[2 * i + k], frame.pixels, BYTES) != 0;
        }
        memcpy(last, image.pixels + 2 * BYTES, BYTES);
        image_release(&image);
        link.seed++;
    }
    is_int(wrong, 0, "  each link goes on from the one before");
    film.frames = 5;
    ok(run(p, &film, s) == ST_OK && s->count == 5 && s->steps == 6,
       "five frames take two links to the end");
    free(s);
}

/* A fine pattern that the model lost, before which something passes. */
static void
test_carry(void)
{
    uint8_t fine[40][60][3], soft[40][60][3], later[40][60][3];
    const struct image still = {60, 40, &fine[0][0][0]}, first = {60, 40, &soft[0][0][0]};
    struct image frame = {60, 40, &later[0][0][0]};
    int rest = 0, object = 0, outside = 0;

    for (int y = 0; y < 40; y++) {
        for (int x = 0; x < 60; x++) {
            for (int k = 0; k < 3; k++) {
                fine[y][x][k] = (uint8_t)(100 + (x + y) % 2 * 40 + 10 * k);
                soft[y][x][k] = (uint8_t)(115 + 10 * k);
                /* A little brighter, and a grey box. */
                later[y][x][k] = x >= 40 && y >= 20 ? 20 : (uint8_t)(117 + 10 * k);
            }
        }
    }
    is_int(carry_detail(&still, &first, &frame, &e), ST_OK, "detail is carried");
    for (int y = 0; y < 40; y++) {
        for (int x = 0; x < 60; x++) {
            for (int k = 0; k < 3; k++) {
                if (x >= 40 && y >= 20)
                    object += later[y][x][k] != 20;
                else if (x < 36 || y < 16)
                    rest += later[y][x][k] != fine[y][x][k] + 2;
                else
                    outside +=
                        later[y][x][k] > fine[y][x][k] + 17 || later[y][x][k] < fine[y][x][k] - 23;
            }
        }
    }
    is_int(rest, 0, "  to what rests, which may become brighter");
    is_int(object, 0, "  not to what comes");
    is_int(outside, 0, "  and between them in part");
}

static void
test_drawn(struct pipeline *p)
{
    struct generate_params film = params_of(3, NULL), text = film;
    struct seen *s = seen_new();
    struct image image;

    text.kind = GENERATE_TEXT;
    if (generate(p, &text, NULL, &image, &e) != ST_OK)
        stop("a picture");
    is_int(run(p, &film, s), ST_OK, "without a still");
    ok(s->in_order && s->count == 3 && memcmp(s->frames[0], image.pixels, BYTES) == 0,
       "  the film begins with what the model draws");
    is_int(s->steps, 6, "  whose steps count");
    image_release(&image);
    free(s);
}

static void
test_stops(struct pipeline *p, const struct image *still)
{
    struct generate_params film = params_of(6, still);
    struct seen *s = seen_new();

    s->stop_at_frame = 3;
    is_int(run(p, &film, s), ST_CANCELLED, "stopped at a frame");
    is_int(s->count, 3, "  after three");
    s->stop_at_frame = -1;
    s->stop_at_step = 4;
    is_int(run(p, &film, s), ST_CANCELLED, "stopped at a step of the second link");
    is_int(s->count, 3, "  after the first");
    s->stop_at_step = -1;
    film.steps = 0;
    is_int(run(p, &film, s), ST_INVALID, "no steps");
    film = params_of(GENERATE_FRAMES + 1, still);
    is_int(run(p, &film, s), ST_INVALID, "too many frames");
    is_int(s->count, 0, "  show nothing");
    film = params_of(6, still);
    film.kind = GENERATE_TEXT;
    is_int(run(p, &film, s), ST_INVALID, "another kind");
    free(s);
}

static void
test_memory(struct pipeline *p, const struct image *still)
{
    struct generate_params three = params_of(3, still), six = params_of(6, still);
    struct generate_need a, b;
    struct seen *s = seen_new();

    ok(animate_need(p, &three, &a, &e) == ST_OK && animate_need(p, &six, &b, &e) == ST_OK,
       "what films need");
    ok(b.peak_bytes == a.peak_bytes && b.flops > 2.9 * a.flops && b.flops < 3.1 * a.flops,
       "  is more work and no more memory for longer ones");
    pipeline_limit(p, a.peak_bytes / 2);
    is_int(run(p, &six, s), ST_NOMEM, "a film over the limit is refused");
    is_int(s->count, 0, "  before it begins");
    pipeline_limit(p, 0);
    is_int(run(p, &six, s), ST_OK, "  and not without a limit");
    free(s);
}

static void
test_threads(const struct image *still)
{
    struct seen *s[2];

    for (int i = 0; i < 2; i++) {
        struct generate_params film = params_of(MOST, still);
        struct pipeline *p = open_model(i == 0 ? 1 : 3, narrow);

        s[i] = seen_new();
        if (run(p, &film, s[i]) != ST_OK)
            stop("a film");
        pipeline_close(p);
    }
    ok(memcmp(s[0]->frames, s[1]->frames, sizeof s[0]->frames) == 0,
       "one thread and three make the same bytes");
    free(s[0]), free(s[1]);
}

/* Modules for words alone; all samplers. */
static void
test_words(const struct image *still)
{
    struct generate_params film = params_of(4, still);
    char motion[1100];
    struct pipeline *p;
    struct seen *s = seen_new();

    (void)snprintf(motion, sizeof motion, "%s/motion", data);
    p = open_model(2, motion);
    ok(!animate_takes_still(p), "modules for words alone");
    is_int(run(p, &film, s), ST_INVALID, "  cannot begin with a still");
    ok(strstr(e.message, "words alone") != NULL, "  and say so: %s", e.message);
    film.source = NULL;
    for (int i = 0; i < GENERATE_SAMPLERS; i++) {
        film.sampler = (enum generate_sampler)i;
        ok(run(p, &film, s) == ST_OK && s->count == 4 &&
               memcmp(s->frames[0], s->frames[3], BYTES) != 0,
           "  %s: four frames, not all alike", generate_sampler_name(film.sampler));
    }
    pipeline_set_motion(p, NULL, &e);
    is_int(run(p, &film, s), ST_UNSUPPORTED, "no film without modules");
    pipeline_close(p);
    free(s);
}

int
main(void)
{
    const char *source = getenv("GEMPIX_SRC");
    uint8_t pixels[BYTES];
    const struct image still = {SIDE, SIDE, pixels};
    char command[1300];
    struct pipeline *p;

    (void)snprintf(data, sizeof data, "%s/t/data", source != NULL ? source : ".");
    for (size_t i = 0; i < BYTES; i++)
        pixels[i] = (uint8_t)(i * 37 % 256);
    test_windows();
    test_carry();
    make_narrow();
    p = open_model(2, narrow);
    ok(animate_takes_still(p), "modules that continue a picture");
    test_reference(p, &still, "long.pixels", "a model that is told the guidance");
    test_guided(&still);
    test_links(p, &still);
    test_drawn(p);
    test_stops(p, &still);
    test_memory(p, &still);
    pipeline_close(p);
    test_threads(&still);
    test_words(&still);
    (void)snprintf(command, sizeof command, "rm -r %s", narrow);
    is_int(system(command), 0, "cleaned up");
    return tap_done();
}

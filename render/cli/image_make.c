/*
 * From an order to files. Knows no options. Read next: render/pipeline/generate.h.
 */
#include "render/cli/image_make.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/err.h"
#include "common/text.h"
#include "render/media/parameters.h"

#define BAR 30
#define JPEG_QUALITY 92
#define STATE_MAX ((size_t)256 << 20)

struct view {
    const struct image_order *order;
    bool bar;
    int64_t began;
    struct err *state; /* why a state could not be kept; code 0 = all were */
};

/* The progress bar, by the first member; also the place where Ctrl-C is noticed. */
static int
show_progress(void *ctx, int member, int step, int steps)
{
    const struct view *v = ctx;
    int filled = step * BAR / steps;
    double seconds = (double)(clock_monotonic() - v->began) / (double)CLOCK_SECOND;

    if (v->bar && member == 0) {
        fprintf(stderr, "\r[%.*s%*s] %d/%d  %.1f s", filled,
                "==============================", BAR - filled, "", step, steps, seconds);
        if (step > 0 && step < steps)
            fprintf(stderr, ", %.1f s to go ", seconds / step * (steps - step));
        else
            fputs("                ", stderr);
        fflush(stderr);
    }
    return *v->order->interrupted || v->state->code != ST_OK;
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

/* --- states --- */

/* Under another name first: a crash leaves the old state or the new one, and nothing between. */
static void
keep_state(void *ctx, int member, int step, const void *data, size_t size)
{
    struct view *v = ctx;
    struct text fresh;

    (void)member;
    (void)step;
    text_init(&fresh, 8192);
    text_printf(&fresh, "%s.new", v->order->checkpoint);
    if (write_file(text_cstr(&fresh), data, size, v->state) == ST_OK &&
        rename(text_cstr(&fresh), v->order->checkpoint) != 0)
        (void)err_setf(v->state, ST_IO, "%.150s cannot be written: %s.", v->order->checkpoint,
                       strerror(errno));
    text_release(&fresh);
}

static int
read_state(const char *path, void **data, size_t *size, struct err *e)
{
    FILE *f = fopen(path, "rbe");
    int rc = ST_OK;
    long end;

    *data = NULL;
    if (f == NULL)
        return err_setf(e, ST_IO, "%.150s cannot be read: %s.", path, strerror(errno));
    if (fseek(f, 0, SEEK_END) != 0 || (end = ftell(f)) < 0 || (size_t)end > STATE_MAX ||
        fseek(f, 0, SEEK_SET) != 0)
        rc = err_setf(e, ST_INVALID, "%.150s is not a state to go on from.", path);
    else if ((*data = malloc((size_t)end + 1)) == NULL)
        rc = err_set(e, ST_NOMEM, "Out of memory.", "state");
    else
        *size = fread(*data, 1, (size_t)end, f);
    fclose(f);
    return rc;
}

/* --- pictures --- */

static int
save(const struct generate_params *params, const struct image *image, const char *model,
     const char *path, struct err *e)
{
    struct picture_note note = {.digital_source = "trainedAlgorithmicMedia",
                                .software = "Gempix 2"};
    enum picture_format format = PICTURE_PNG;
    struct text words;
    void *data = NULL;
    size_t size;
    int rc;

    text_init(&words, 65536);
    parameters_write(params, model, &words);
    note.parameters = text_cstr(&words);
    (void)picture_format_of(path, &format);
    if ((rc = picture_encode(image, format, JPEG_QUALITY, &note, &data, &size, e)) == ST_OK)
        rc = write_file(path, data, size, e);
    free(data);
    text_release(&words);
    return rc;
}

/* NAME.png, or NAME-3.png when there are several; frames count on. */
static void
file_name(const struct image_order *o, int number, bool several, struct text *out)
{
    const char *dot = strrchr(o->output, '.');

    if (!several)
        text_puts(out, o->output);
    else
        text_printf(out, "%.*s-%d%s", (int)(dot - o->output), o->output, number + 1, dot);
}

/* One picture, or each frame of one. */
static int
save_frames(const struct image_order *o, const struct generate_params *params, int index,
            const struct image *image, const char *model, double seconds, struct err *e)
{
    int frames = params->kind == GENERATE_ANIMATE ? params->frames : 1, rc = ST_OK;
    struct image one = {image->width, image->height / frames, image->pixels};
    struct text path;

    for (int i = 0; i < frames && rc == ST_OK; i++) {
        text_init(&path, 8192);
        file_name(o, index * frames + i, o->count * frames > 1, &path);
        rc = save(params, &one, model, text_cstr(&path), e);
        if (rc == ST_OK && !o->quiet)
            printf("%s: %dx%d, seed %" PRIu32 ", %.2f s\n", text_cstr(&path), one.width, one.height,
                   params->seed, seconds);
        one.pixels += 3 * (size_t)one.width * (size_t)one.height;
        text_release(&path);
    }
    return rc;
}

static int
put_into_whole(const struct image_order *o, struct image *image, struct err *e)
{
    struct image all;
    int rc = closeup_join(o->closeup, o->whole, o->whole_mask, image, &all, e);

    if (rc == ST_OK) {
        image_release(image);
        *image = all;
    }
    return rc;
}

/* Pictures [first, first + count) in one pass. */
static int
make_batch(struct pipeline *p, const struct image_order *o, int first, int count, struct err *e)
{
    struct generate_params params[GENERATE_MOST];
    const struct generate_params *list[GENERATE_MOST];
    struct image images[GENERATE_MOST];
    struct err errors[GENERATE_MOST], state;
    int status[GENERATE_MOST], rc;
    struct view view = {.order = o,
                        .bar = !o->quiet && isatty(STDERR_FILENO) != 0,
                        .began = clock_monotonic(),
                        .state = &state};
    struct generate_hooks hooks = {.ctx = &view, .progress = show_progress};
    struct pipeline_info info;
    double seconds;

    err_clear(&state);
    if (o->checkpoint != NULL) {
        hooks.state = keep_state;
        hooks.state_every = 1;
    }
    pipeline_describe(p, &info);
    for (int i = 0; i < count; i++) {
        params[i] = o->params;
        params[i].seed += (uint32_t)(first + i);
        list[i] = &params[i];
    }
    rc = generate_many(p, list, (size_t)count, &hooks, images, status, errors);
    if (view.bar)
        fputc('\n', stderr);
    seconds = (double)(clock_monotonic() - view.began) / (double)CLOCK_SECOND;
    for (int i = count - 1; i >= 0 && rc != ST_OK; i--) {
        if (status[i] == rc)
            *e = state.code != ST_OK ? state : errors[i];
    }
    for (int i = 0; i < count; i++) {
        if (rc == ST_OK && o->closeup != NULL)
            rc = put_into_whole(o, &images[i], e);
        if (rc == ST_OK)
            rc = save_frames(o, &params[i], first + i, &images[i], info.name, seconds, e);
        image_release(&images[i]);
    }
    return state.code != ST_OK ? state.code : rc;
}

int
image_make(struct pipeline *p, const struct image_order *o, struct err *e)
{
    struct image_order mine = *o;
    void *data = NULL;
    int rc = ST_OK;

    if (o->resume != NULL) {
        if ((rc = read_state(o->resume, &data, &mine.params.resume_size, e)) != ST_OK)
            return rc;
        mine.params.resume = data;
    }
    for (int i = 0; i < o->count && rc == ST_OK; i += o->batch)
        rc = make_batch(p, &mine, i, o->count - i < o->batch ? o->count - i : o->batch, e);
    if (rc == ST_OK && o->checkpoint != NULL)
        (void)remove(o->checkpoint);
    free(data);
    return rc;
}

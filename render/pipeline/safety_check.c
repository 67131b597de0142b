/*
 * From a picture to a verdict. Knows no jobs. Read next: render/model/safety.c.
 */
#include "render/pipeline/safety_check.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/err.h"
#include "common/json.h"
#include "render/model/clip_vision.h"
#include "render/model/model_config.h"
#include "render/pipeline/bicubic.h"
#include "render/pipeline/generate.h"
#include "render/pipeline/solo.h"

#define RATIO_MAX 4096 /* of a picture's sides */

struct safety_check {
    struct solo solo;
    struct safety *net;
};

/* One picture on its way. */
struct work {
    const struct safety_check *s;
    const struct image *image; /* already of the network's shortest side */
    struct safety_verdict *out;
};

int
safety_check_open(const char *path, int threads, struct safety_check **out, struct err *e)
{
    struct safety_check *s = calloc(1, sizeof *s);
    struct json *config = NULL;
    struct loader l;
    struct stat st;
    int rc;

    *out = NULL;
    if (s == NULL)
        return err_set(e, ST_NOMEM, "Not enough memory for this model.", "safety check");
    if ((rc = solo_open(path, "model", threads, &s->solo, &l, e)) != ST_OK)
        goto out;
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode) &&
        (rc = config_read(path, "config.json", &config, e)) != ST_OK && rc != ST_IO)
        goto out; /* ST_IO: an installed file has none, and is as published */
    s->net = safety_load(&l, config);
    if ((rc = l.rc) != ST_OK)
        goto out;
    *out = s;
    s = NULL; /* ownership moved to the caller */
out:
    json_free(config);
    safety_check_close(s);
    return rc;
}

void
safety_check_close(struct safety_check *s)
{
    if (s == NULL)
        return;
    solo_release(&s->solo);
    free(s);
}

static void
run(void *ctx, struct engine *g)
{
    static const double MEAN[] = {0.48145466, 0.4578275, 0.40821073};
    static const double DEVIATION[] = {0.26862954, 0.26130258, 0.27577711};
    const struct work *w = ctx;
    size_t mark = engine_mark(g), side = clip_vision_side(safety_vision(w->s->net));
    size_t left = ((size_t)w->image->width - side) / 2, top = ((size_t)w->image->height - side) / 2;
    struct tensor x = tensor_new(g, 1, side, side, 3);
    float *vector = engine_floats(g, safety_width(w->s->net));

    for (size_t i = 0; i < side * side * 3 && !g->planning; i++) {
        size_t row = top + i / 3 / side, column = left + i / 3 % side;
        uint8_t v = w->image->pixels[3 * (row * (size_t)w->image->width + column) + i % 3];

        x.data[i] = (float)(((double)v / 255.0 - MEAN[i % 3]) / DEVIATION[i % 3]);
    }
    safety_run(g, w->s->net, &x, vector);
    if (!g->planning)
        safety_judge(w->s->net, vector, w->out);
    engine_rewind(g, mark);
}

int
safety_check(struct safety_check *s, const struct image *image, struct safety_verdict *out,
             struct err *e)
{
    struct work w = {.s = s, .out = out};
    int side = (int)clip_vision_side(safety_vision(s->net)), width, height, rc;
    struct image small;

    memset(out, 0, sizeof *out);
    width = height = side;
    if (image->width < 1 || image->height < 1 || image->width / image->height >= RATIO_MAX ||
        image->height / image->width >= RATIO_MAX)
        return err_setf(e, ST_INVALID, "A picture of %d x %d pixels cannot be checked.",
                        image->width, image->height);
    if (image->width > image->height)
        width = (int)((double)side * image->width / image->height);
    else
        height = (int)((double)side * image->height / image->width);
    if ((rc = bicubic_resize(image, width, height, &small, e)) != ST_OK)
        return rc;
    w.image = &small;
    rc = solo_run(&s->solo, run, &w, e);
    image_release(&small);
    if (rc != ST_OK)
        memset(out, 0, sizeof *out);
    return rc;
}

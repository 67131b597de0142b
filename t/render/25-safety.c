/*
 * The safety checker against the values that t/reference/dump_nets.py wrote: resizing, the vector,
 * the scores, the verdict.
 */
#include "common/json.h"
#include "render/model/clip_vision.h"
#include "render/model/model_config.h"
#include "render/model/safety.h"
#include "render/pipeline/bicubic.h"
#include "render/pipeline/generate.h"
#include "render/pipeline/safety_check.h"
#include "t/render/net_fixture.h"

#define LIMIT 1e-7

static struct image
picture_of(struct net *f, const char *name)
{
    uint64_t s[4];
    size_t count;
    float *values = net_floats(f, name, &count, s);
    struct image image = {(int)s[1], (int)s[0], malloc(count)};

    for (size_t i = 0; i < count; i++)
        image.pixels[i] = (uint8_t)values[i];
    free(values);
    return image;
}

/* Two pictures at once: none has an influence on the other. */
static void
test_vector(struct net *f)
{
    struct safety *s;
    double *want;
    float *in, *got;
    size_t count, width;
    uint64_t side[4];
    struct tensor x;
    struct json *config = NULL;
    char path[1100];

    net_path(path, "safety", "");
    path[strlen(path) - strlen(".safetensors")] = '\0';
    if (config_read(path, "config.json", &config, &f->e) != ST_OK)
        exit(1);
    s = safety_load(&f->loader, config);
    if (!is_int(f->loader.rc, ST_OK, "it loads")) {
        diag("%s", f->e.message);
        exit(1);
    }
    is_int((int64_t)clip_vision_side(safety_vision(s)), 24, "its pictures' side");
    in = net_floats(f, "input0", &count, side);
    want = net_doubles(f, "vector0", &width, NULL);
    is_int((int64_t)safety_width(s), (int64_t)width, "its vectors' width");
    x.n = 2;
    x.h = x.w = 24;
    x.c = 3;
    x.data = malloc(2 * count * sizeof *in);
    memset(x.data, 0, count * sizeof *in);
    memcpy(x.data + count, in, count * sizeof *in);
    got = malloc(2 * width * sizeof *got);
    NET_RUN(f, safety_run(&f->solo.engine, s, &x, got));
    near(got + width, want, width, LIMIT, "the vector of the second of two pictures");
    free(in), free(want), free(got), free(x.data);
    json_free(config);
}

static void
test_verdicts(struct net *f, struct safety_check *s)
{
    static const bool FLAGGED[] = {true, false, true, true};
    struct safety_verdict v;
    char name[20];

    for (unsigned i = 0; i < 4; i++) {
        struct image image;
        double worst = 0.0, *want;
        size_t count;

        (void)snprintf(name, sizeof name, "picture%u", i);
        image = picture_of(f, name);
        (void)snprintf(name, sizeof name, "scores%u", i);
        want = net_doubles(f, name, &count, NULL);
        ok(safety_check(s, &image, &v, &f->e) == ST_OK, "picture %u", i);
        is_int((int64_t)(v.specials + v.concepts), (int64_t)count, "  all concepts");
        for (size_t k = 0; k < count; k++) {
            double got = k < v.specials ? v.special[k] : v.score[k - v.specials];

            worst = fmax(worst, fabs(got - want[k]));
        }
        ok(worst < 1e-6, "  the reference's scores: %g", worst);
        is_int(v.flagged, FLAGGED[i], "  the verdict");
        image_release(&image);
        free(want);
    }
}

/* Picture 0 is over a limit only by what a special concept adds. */
static void
test_care(struct net *f, struct safety_check *s)
{
    struct image image = picture_of(f, "picture0");
    struct safety_verdict v;
    int above = 0;

    is_int(safety_check(s, &image, &v, &f->e), ST_OK, "a picture with a special concept");
    for (size_t i = 0; i < v.concepts; i++)
        above += v.score[i] > 0.0;
    ok(v.special[0] < 0.0 && v.special[1] > 0.0 && v.special[2] > 0.0, "two special ones");
    ok(above == 1 && v.score[5] > 0.0 && v.score[5] < 0.01, "one usual one, by %g", v.score[5]);
    image.height = 0;
    is_int(safety_check(s, &image, &v, &f->e), ST_INVALID, "no picture");
    image_release(&image);
}

/* A flat picture stays flat in any size, and one as large as the result stays as it is. */
static void
test_resize(struct net *f)
{
    struct image image = picture_of(f, "picture0"), out;
    bool flat = true;

    is_int(bicubic_resize(&image, image.width, image.height, &out, &f->e), ST_OK, "same size");
    ok(memcmp(image.pixels, out.pixels, (size_t)(3 * image.width * image.height)) == 0, "  same");
    image_release(&out);
    memset(image.pixels, 77, (size_t)(3 * image.width * image.height));
    is_int(bicubic_resize(&image, 5, 90, &out, &f->e), ST_OK, "narrower and higher");
    for (int i = 0; i < 3 * 5 * 90; i++)
        flat = flat && out.pixels[i] == 77;
    ok(flat && out.width == 5 && out.height == 90, "  and flat");
    image_release(&out), image_release(&image);
}

static int
open_check(const char *path, struct err *e)
{
    struct safety_check *s = NULL;
    int rc = safety_check_open(path, 1, &s, e);

    safety_check_close(s);
    return rc;
}

int
main(void)
{
    struct safety_check *s = NULL;
    char path[1100];
    struct net f;

    net_open(&f, "safety");
    net_path(path, "safety", "/config.json");
    *strrchr(path, '/') = '\0';
    test_vector(&f);
    is_int(safety_check_open(path, 2, &s, &f.e), ST_OK, "a folder opens");
    if (s == NULL)
        exit(1);
    test_verdicts(&f, s);
    test_care(&f, s);
    test_resize(&f);
    safety_check_close(s);
    net_close(&f);
    net_broken("safety/model", "special_care_embeds_weights", "special_care_embeds_weighXX",
               open_check);
    net_broken("safety/model", "\"concept_embeds\"", "\"concept_embedX\"", open_check);
    net_broken("safety/model", "vision_model.vision_model.pre_layrnorm.bias",
               "vision_model.vision_model.pre_layrnorm.biaX", open_check);
    net_broken("safety/model", "vision_model.vision_model.encoder.layers.1.mlp.fc2.weight",
               "vision_model.vision_model.encoder.layers.1.mlp.fc2.weighX", open_check);
    net_broken("safety/model", "embeddings.patch_embedding.weight",
               "embeddings.patch_embedding.weighX", open_check);
    net_broken("safety/model", "visual_projection.weight", "visual_projection.weighX", open_check);
    return tap_done();
}

/*
 * The self-test of a model. Knows nothing of manifests or digests: gempixctl compares those.
 */
#include "render/cli/image_selftest.h"

#include <stdio.h>
#include <sys/resource.h>

#include "common/clock.h"
#include "common/err.h"
#include "common/json.h"
#include "common/text.h"
#include "render/cli/selftest_beside.h"
#include "render/pipeline/beside.h"
#include "render/pipeline/generate.h"

#define LATENT 8 /* side of the smallest picture in latent pixels; U-Nets halve it three times */
#define STEPS 2

/* Are there at least two colours? A picture of one colour is what broken weights often give. */
static int
check_picture(const struct image *image, struct err *e)
{
    size_t bytes = (size_t)image->width * (size_t)image->height * 3;

    for (size_t i = 3; i < bytes; i++)
        if (image->pixels[i] != image->pixels[i - 3])
            return ST_OK;
    return err_setf(e, ST_INVALID, "The model draws a picture of one colour.");
}

static int
report(const struct pipeline_info *info, size_t need, int side, double seconds, struct err *e)
{
    struct rusage usage = {0};
    struct text t;
    int rc = ST_OK;

    getrusage(RUSAGE_SELF, &usage);
    text_init(&t, 8192);
    text_puts(&t, "{\"name\": ");
    json_put_string(&t, info->name);
    text_printf(&t,
                ", \"family\": \"%s\", \"native_size\": %d, \"multiple\": %d, \"max_tokens\": %d, "
                "\"weight_bytes\": %llu"
                ", \"work_bytes\": %zu, \"test\": {\"side\": %d, \"steps\": %d, \"seconds\": %.3f, "
                "\"memory_bytes\": %lld}}",
                info->family, info->native_size, info->multiple, info->max_tokens,
                (unsigned long long)info->weight_bytes, need, side, STEPS, seconds,
                (long long)usage.ru_maxrss * 1024);
    if (t.failed)
        rc = err_set(e, ST_NOMEM, "Out of memory.", "report");
    else
        puts(text_cstr(&t));
    text_release(&t);
    return rc;
}

static int
run(const char *model, struct err *e)
{
    struct generate_params params = {.prompt = "a red square",
                                     .negative_prompt = "",
                                     .steps = STEPS,
                                     .guidance = 5.0,
                                     .seed = 1};
    struct image image = {0};
    struct pipeline *p = NULL;
    struct pipeline_info info;
    int64_t began = clock_monotonic();
    const struct generate_params *all = &params;
    struct generate_need need;
    int rc;

    if ((rc = pipeline_open(model, 0, &p, e)) != ST_OK)
        return rc;
    pipeline_describe(p, &info);
    params.width = params.height = info.native_size;
    if ((rc = generate_need(p, &all, 1, &need, e)) != ST_OK)
        goto out;
    if (info.multiple * LATENT < info.native_size)
        params.width = params.height = info.multiple * LATENT;
    if ((rc = generate(p, &params, NULL, &image, e)) != ST_OK ||
        (rc = check_picture(&image, e)) != ST_OK)
        goto out;
    rc = report(&info, need.peak_bytes, params.width,
                (double)(clock_monotonic() - began) / (double)CLOCK_SECOND, e);
out:
    image_release(&image);
    pipeline_close(p);
    return rc;
}

int
image_selftest(const char *model, const char *program)
{
    enum network kind;
    struct err e;
    int rc;

    err_clear(&e);
    if ((rc = beside_kind(model, &kind, &e)) == ST_OK)
        rc = kind == NETWORK_NONE ? run(model, &e) : selftest_beside(model, kind, &e);
    if (rc == ST_OK && fflush(stdout) == 0)
        return 0;
    fprintf(stderr, "%s: %s\n", program, e.message[0] != '\0' ? e.message : "cannot write");
    return 1;
}

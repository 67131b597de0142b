/*
 * Self-tests beside the model's. Knows no network's inside. Read next: render/pipeline/beside.h.
 */
#include "render/cli/selftest_beside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "common/clock.h"
#include "common/err.h"
#include "common/json.h"
#include "common/text.h"
#include "render/pipeline/beside.h"
#include "render/pipeline/cleanup.h"
#include "render/pipeline/generate.h"
#include "render/pipeline/safety_check.h"
#include "render/pipeline/upscale.h"

#define SIDE 64
#define HOLE 24 /* from so far to so far from the other side */

/* Slopes of three colours and a disc: something that a network has a reason to change. */
static int
test_picture(struct image *out, struct err *e)
{
    *out = (struct image){.width = SIDE, .height = SIDE};
    if ((out->pixels = malloc((size_t)3 * SIDE * SIDE)) == NULL)
        return err_set(e, ST_NOMEM, "Out of memory.", "self-test");
    for (int i = 0; i < SIDE * SIDE; i++) {
        int x = i % SIDE - SIDE / 2, y = i / SIDE - SIDE / 2;
        bool inside = x * x + y * y < SIDE * SIDE / 9;

        out->pixels[3 * i] = (uint8_t)(inside ? 220 : 4 * (i % SIDE));
        out->pixels[3 * i + 1] = (uint8_t)(inside ? 60 : 3 * (i / SIDE));
        out->pixels[3 * i + 2] = (uint8_t)(inside ? 40 : 128);
    }
    return ST_OK;
}

/* Is there more than one colour? */
static int
check_colours(const struct image *image, const char *what, struct err *e)
{
    size_t bytes = (size_t)image->width * (size_t)image->height * 3;

    for (size_t i = 3; i < bytes; i++) {
        if (image->pixels[i] != image->pixels[i - 3])
            return ST_OK;
    }
    return err_setf(e, ST_INVALID, "%s a picture of one colour.", what);
}

static int
try_upscale(const char *path, struct beside_report *out, struct err *e)
{
    struct image in = {0}, large = {0};
    struct upscale *u = NULL;
    int rc;

    if ((rc = test_picture(&in, e)) != ST_OK || (rc = upscale_open(path, 0, &u, e)) != ST_OK ||
        (rc = upscale(u, &in, 0, NULL, NULL, &large, e)) != ST_OK ||
        (rc = check_colours(&large, "The upscaler makes", e)) != ST_OK)
        goto out;
    (void)snprintf(out->says, sizeof out->says, "pictures %d times as wide and high",
                   upscale_factor(u));
out:
    upscale_close(u);
    image_release(&in);
    image_release(&large);
    return rc;
}

static int
try_cleanup(const char *path, struct beside_report *out, struct err *e)
{
    struct cleanup_params params = CLEANUP_PARAMS;
    struct image in = {0}, mask = {0}, filled = {0};
    struct cleanup *c = NULL;
    int rc;

    if ((rc = test_picture(&in, e)) != ST_OK || (rc = test_picture(&mask, e)) != ST_OK)
        goto out;
    for (int i = 0; i < SIDE * SIDE; i++) {
        int x = i % SIDE, y = i / SIDE;
        bool hole = x >= HOLE && x < SIDE - HOLE && y >= HOLE && y < SIDE - HOLE;

        memset(mask.pixels + 3 * i, hole ? 255 : 0, 3);
    }
    if ((rc = cleanup_open(path, 0, &c, e)) != ST_OK ||
        (rc = cleanup(c, &params, &in, &mask, NULL, NULL, &filled, e)) != ST_OK)
        goto out;
    (void)snprintf(out->says, sizeof out->says, "fills holes");
    if (memcmp(in.pixels, filled.pixels, (size_t)3 * SIDE * SIDE) == 0)
        rc = err_setf(e, ST_INVALID, "The network leaves the hole as it was.");
out:
    cleanup_close(c);
    image_release(&in);
    image_release(&mask);
    image_release(&filled);
    return rc;
}

static int
try_safety(const char *path, struct beside_report *out, struct err *e)
{
    struct safety_check *s = NULL;
    struct safety_verdict verdict;
    struct image in = {0};
    int rc;

    if ((rc = test_picture(&in, e)) != ST_OK || (rc = safety_check_open(path, 0, &s, e)) != ST_OK ||
        (rc = safety_check(s, &in, &verdict, e)) != ST_OK)
        goto out;
    (void)snprintf(out->says, sizeof out->says, "%zu concepts and %zu special ones",
                   verdict.concepts, verdict.specials);
out:
    safety_check_close(s);
    image_release(&in);
    return rc;
}

static int (*const TESTS[NETWORKS])(const char *path, struct beside_report *out, struct err *e) = {
    [NETWORK_COMPACT] = try_upscale,
    [NETWORK_RRDB] = try_upscale,
    [NETWORK_LAMA] = try_cleanup,
    [NETWORK_SAFETY] = try_safety,
    [NETWORK_MOTION] = beside_try_motion,
    [NETWORK_LORA] = beside_try_lora,
    [NETWORK_EMBEDDING] = beside_try_embedding,
};

int
selftest_beside(const char *path, enum network kind, struct err *e)
{
    struct beside_report report = {.weight_bytes = 0};
    int64_t began = clock_monotonic();
    struct rusage usage = {0};
    char file[BESIDE_PATH];
    struct stat st = {0};
    struct text t;
    int rc;

    if ((rc = TESTS[kind](path, &report, e)) != ST_OK || (rc = beside_file(path, file, e)) != ST_OK)
        return rc;
    if (report.weight_bytes == 0 && stat(file, &st) == 0)
        report.weight_bytes = (uint64_t)st.st_size;
    getrusage(RUSAGE_SELF, &usage);
    text_init(&t, 8192);
    text_printf(&t, "{\"family\": \"%s\", \"what\": \"%s\", \"says\": ", network_name(kind),
                network_what(kind));
    json_put_string(&t, report.says);
    text_printf(&t,
                ", \"weight_bytes\": %llu, \"test\": {\"seconds\": %.3f, \"memory_bytes\": %lld}}",
                (unsigned long long)report.weight_bytes,
                (double)(clock_monotonic() - began) / (double)CLOCK_SECOND,
                (long long)usage.ru_maxrss * 1024);
    if (t.failed)
        rc = err_set(e, ST_NOMEM, "Out of memory.", "report");
    else
        puts(text_cstr(&t));
    text_release(&t);
    return rc;
}

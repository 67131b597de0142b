/*
 * For tests of networks that are one file: a checkpoint of t/data/nets with its expected values,
 * and copies of it that are broken.
 */
#ifndef GEMPIX_T_RENDER_NET_FIXTURE_H
#define GEMPIX_T_RENDER_NET_FIXTURE_H

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/err.h"
#include "render/pipeline/solo.h"
#include "render/weights/safetensors.h"
#include "t/render/kernel_check.h"

struct net {
    struct solo solo;
    struct loader loader;
    struct safetensors *expected;
    struct err e;
};

/* t/data/nets/NAME with `more` behind it; "" stands for the ending of a checkpoint. */
static void
net_path(char out[1100], const char *name, const char *more)
{
    const char *source = getenv("GEMPIX_SRC");

    more = more[0] != '\0' ? more : ".safetensors";
    (void)snprintf(out, 1100, "%s/t/data/nets/%s%s", source != NULL ? source : ".", name, more);
}

__attribute__((unused)) static void
net_open(struct net *f, const char *name)
{
    char path[1100], expect[1100];

    net_path(path, name, "");
    net_path(expect, name, ".expect.safetensors");
    if (access(path, F_OK) != 0) /* a folder */
        net_path(path, name, "/model.safetensors");
    if (!ok(solo_open(path, "model", 2, &f->solo, &f->loader, &f->e) == ST_OK &&
                safetensors_open(expect, &f->expected, &f->e) == ST_OK,
            "%s opens", name)) {
        diag("%s %s", f->e.message, f->e.detail);
        exit(1);
    }
    f->loader.e = &f->e;
}

__attribute__((unused)) static void
net_close(struct net *f)
{
    safetensors_close(f->expected);
    solo_release(&f->solo);
}

/* The expected tensor `name`; its sides may be asked for. */
static float *
net_floats(struct net *f, const char *name, size_t *count, uint64_t shape[4])
{
    const struct safetensor *t = safetensors_find(f->expected, name);
    const void *data = t != NULL ? safetensors_data(f->expected, t, &f->e) : NULL;
    float *out;

    *count = 1;
    if (data == NULL) {
        ok(false, "the reference has %s", name);
        exit(1);
    }
    for (unsigned i = 0; i < t->rank; i++) {
        *count *= (size_t)t->shape[i];
        if (shape != NULL && i < 4)
            shape[i] = t->shape[i];
    }
    out = malloc(*count * sizeof *out);
    dtype_convert(t->kind, data, out, *count);
    return out;
}

__attribute__((unused)) static double *
net_doubles(struct net *f, const char *name, size_t *count, uint64_t shape[4])
{
    float *values = net_floats(f, name, count, shape);
    double *out = malloc(*count * sizeof *out);

    for (size_t i = 0; i < *count; i++)
        out[i] = (double)values[i];
    free(values);
    return out;
}

/* Plans and runs. */
#define NET_RUN(f, call)                                                                           \
    do {                                                                                           \
        engine_plan(&(f)->solo.engine);                                                            \
        call;                                                                                      \
        engine_plan_end(&(f)->solo.engine, 0, NULL);                                               \
        call;                                                                                      \
    } while (0)

/* A copy of the checkpoint in which `text` of the header reads `instead` (equally long) must be
   refused with a sentence that has `text` without its quotation marks in it. */
__attribute__((unused)) static void
net_broken(const char *name, const char *text, const char *instead,
           int (*open)(const char *path, struct err *e))
{
    char path[1100], copy[] = "/tmp/gempix-net-XXXXXX.safetensors", plain[200] = "";
    size_t size, len = strlen(text), at = 0;
    int fd = mkstemps(copy, 12), rc;
    unsigned char *bytes = malloc(1 << 22);
    struct err e;
    FILE *f;

    net_path(path, name, "");
    if (bytes == NULL || fd < 0 || (f = fopen(path, "rbe")) == NULL)
        abort();
    size = fread(bytes, 1, 1 << 22, f);
    (void)fclose(f);
    while (at + len < size && memcmp(bytes + at, text, len) != 0)
        at++;
    ok(at + len < size, "%s has %s", name, text);
    memcpy(bytes + at, instead, len);
    if (write(fd, bytes, size) != (ssize_t)size || close(fd) != 0)
        abort();
    err_clear(&e);
    rc = open(copy, &e);
    for (size_t i = 0, k = 0; i < len && k < sizeof plain - 1; i++) {
        if (text[i] != '"')
            plain[k++] = text[i];
    }
    ok((rc == ST_INVALID || rc == ST_UNSUPPORTED) && strstr(e.message, plain) != NULL,
       "without it: %s", e.message);
    (void)unlink(copy);
    free(bytes);
}

#endif

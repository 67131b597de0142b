/*
 * The models of this host and which of them are in memory; see models.h. Knows no jobs and nothing
 * of what is inside a model. Read next: daemon.c, render/pipeline/generate.h.
 */
#include "render/daemon/models.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/conf.h"
#include "common/err.h"
#include "common/log.h"
#include "common/manifest.h"
#include "common/network.h"
#include "render/pipeline/cost.h"

#define MIB ((size_t)1 << 20)
#define REFUSED (5 * CLOCK_MINUTE) /* until a model that could not be opened is tried again */
#define DEPTH 2                    /* folders below a model's folder that hold its weights */
#define PATH_BYTES 4096
#define CALIBRATE_S 4.0    /* seconds; a large model takes longer for a single run of each part */
#define CALIBRATE_SIDE 512 /* the largest picture that is measured */
#define PASSES 2           /* with guidance, as nearly everybody draws */
#define MEASURE_SHARE 3    /* a new measurement counts one third */

/* --- what is installed --- */

/* Three quarters of the memory, where the configuration names no limit. */
static size_t
memory_limit(const struct conf *conf)
{
    long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);

    if (conf->render.memory > 0)
        return (size_t)conf->render.memory * MIB;
    if (pages <= 0 || page <= 0)
        return SIZE_MAX;
    return (size_t)pages / 4 * 3 * (size_t)page;
}

static bool
ends_with(const char *s, const char *end)
{
    size_t len = strlen(s), tail = strlen(end);

    return len >= tail && strcmp(s + len - tail, end) == 0;
}

/* Bytes of the weights below a folder, or of a file. */
static size_t
weights_on_disk(const char *path, int depth)
{
    char below[PATH_BYTES];
    struct stat st;
    struct dirent *d;
    size_t sum = 0;
    DIR *dir;

    if (stat(path, &st) != 0)
        return 0;
    if (S_ISREG(st.st_mode))
        return ends_with(path, ".safetensors") ? (size_t)st.st_size : 0;
    if (depth < 0 || (dir = opendir(path)) == NULL)
        return 0;
    while ((d = readdir(dir)) != NULL) {
        int len = snprintf(below, sizeof below, "%s/%s", path, d->d_name);

        if (d->d_name[0] != '.' && len > 0 && (size_t)len < sizeof below)
            sum += weights_on_disk(below, depth - 1);
    }
    closedir(dir);
    return sum;
}

static size_t
find_name(const struct models *m, const char *name)
{
    size_t i = 0;

    while (i < m->count && strcmp(m->list[i].name, name) != 0)
        i++;
    return i;
}

static int
add(struct models *m, const char *name, const char *path, struct err *e)
{
    struct model *one = &m->list[m->count];

    if (find_name(m, name) < m->count)
        return ST_OK;
    if (m->count == MODELS_MOST) {
        log_write(LOG_LEVEL_WARNING, "%s is one model too many: %d are known already", name,
                  MODELS_MOST);
        return ST_OK;
    }
    *one = (struct model){.weights = weights_on_disk(path, DEPTH)};
    snprintf(one->name, sizeof one->name, "%s", name);
    if ((one->path = strdup(path)) == NULL)
        return err_set(e, ST_NOMEM, "Out of memory.", "listing models");
    m->rota[m->count++] = (struct rota_entry){0};
    return ST_OK;
}

static bool
has_file(const char *folder, const char *name)
{
    char path[PATH_BYTES + sizeof MANIFEST_FILE];
    int len = snprintf(path, sizeof path, "%s/%s", folder, name);

    return len > 0 && (size_t)len < sizeof path && access(path, R_OK) == 0;
}

/* What stands beside a model, an upscaler for example, lies in the same place. */
static bool
stands_alone(const char *folder)
{
    struct manifest m;
    bool alone = manifest_read(folder, &m, NULL) != ST_OK || network_find(m.family) == NETWORK_NONE;

    manifest_release(&m);
    return alone;
}

/* What `gempixctl model install` makes visible: a folder with a model's name and one of the files
 * that say what is in it. */
static bool
is_model(const char *folder, const char *name)
{
    return manifest_is_name(name) && strlen(name) < sizeof((struct model *)0)->name &&
           (has_file(folder, MANIFEST_FILE) || has_file(folder, "model_index.json")) &&
           stands_alone(folder);
}

static void
drop(struct models *m, size_t which)
{
    size_t after = m->count - which - 1;

    free(m->list[which].path);
    memmove(&m->list[which], &m->list[which + 1], after * sizeof *m->list);
    memmove(&m->rota[which], &m->rota[which + 1], after * sizeof *m->rota);
    m->count--;
}

int
models_find(struct models *m, const struct conf *conf, struct err *e)
{
    char path[PATH_BYTES];
    struct dirent *d;
    int rc, len;
    DIR *dir;

    m->limit = memory_limit(conf);
    m->threads = (int)conf->render.threads;
    for (size_t i = m->count; i-- > 1;) {
        if (m->list[i].pipeline == NULL && access(m->list[i].path, R_OK) != 0)
            drop(m, i);
    }
    if ((rc = add(m, conf->model.name, conf->model.path, e)) != ST_OK)
        return rc;
    if ((dir = opendir(conf->models.dir)) == NULL)
        return ST_OK; /* nothing was ever installed */
    while (rc == ST_OK && (d = readdir(dir)) != NULL) {
        len = snprintf(path, sizeof path, "%s/%s", conf->models.dir, d->d_name);
        if (len > 0 && (size_t)len < sizeof path && is_model(path, d->d_name))
            rc = add(m, d->d_name, path, e);
    }
    closedir(dir);
    return rc;
}

/* --- what is in memory --- */

static void
put_away(struct models *m, size_t which)
{
    struct model *one = &m->list[which];

    pipeline_close(one->pipeline);
    one->pipeline = NULL;
    one->workspace = 0;
    m->rota[which].resident = false;
}

void
models_release(struct models *m)
{
    for (size_t i = 0; i < m->count; i++) {
        put_away(m, i);
        free(m->list[i].path);
    }
    memset(m, 0, sizeof *m);
}

/* Bytes of all open models but one. */
static size_t
others(const struct models *m, size_t but)
{
    size_t sum = 0;

    for (size_t i = 0; i < m->count; i++) {
        if (i != but && m->list[i].pipeline != NULL)
            sum += m->list[i].weights + m->list[i].workspace;
    }
    return sum;
}

/* Closes models, the one that was used least recently first, until so many bytes are free for
 * `which` or it is alone. */
static void
make_room(struct models *m, size_t which, size_t bytes)
{
    while (others(m, which) > 0 && (bytes > m->limit || others(m, which) > m->limit - bytes)) {
        size_t oldest = m->count;

        for (size_t i = 0; i < m->count; i++) {
            if (i != which && m->list[i].pipeline != NULL &&
                (oldest == m->count || m->list[i].used_at < m->list[oldest].used_at))
                oldest = i;
        }
        if (oldest == m->count)
            return;
        log_write(LOG_LEVEL_INFO, "%s leaves memory for %s", m->list[oldest].name,
                  m->list[which].name);
        put_away(m, oldest);
    }
}

static int
too_big(const struct models *m, const char *what, size_t bytes, size_t most, struct err *e)
{
    return err_set(e, ST_TOOBIG, what, "needs %zu MiB, %zu MiB are free of the limit of %zu MiB",
                   bytes / MIB + 1, most / MIB, m->limit / MIB);
}

/* The weights as counted by the engine take the place of the estimate. */
static int
open_it(struct models *m, size_t which, struct err *e)
{
    struct model *one = &m->list[which];
    int64_t began = clock_monotonic();
    struct pipeline_info info;
    int rc = pipeline_open(one->path, m->threads, &one->pipeline, e);

    if (rc != ST_OK)
        return rc;
    pipeline_describe(one->pipeline, &info);
    one->weights = (size_t)info.weight_bytes;
    if (one->weights > m->limit) {
        put_away(m, which);
        return too_big(m, "The model does not fit into memory.", one->weights, m->limit, e);
    }
    m->rota[which].resident = true;
    log_write(LOG_LEVEL_INFO, "%s is in memory: %zu MiB in %.2f s", one->name, one->weights / MIB,
              (double)(clock_monotonic() - began) / (double)CLOCK_SECOND);
    return ST_OK;
}

int
models_open(struct models *m, size_t which, struct err *e)
{
    struct model *one = &m->list[which];
    int rc = ST_OK;

    one->used_at = clock_monotonic();
    if (one->pipeline != NULL)
        return ST_OK;
    if (one->weights > m->limit) {
        rc = too_big(m, "The model does not fit into memory.", one->weights, m->limit, e);
    } else {
        make_room(m, which, one->weights);
        rc = open_it(m, which, e);
    }
    one->refused_until = rc == ST_OK ? 0 : clock_monotonic() + REFUSED;
    return rc;
}

size_t
models_room(const struct models *m, size_t which)
{
    return m->limit > m->list[which].weights ? m->limit - m->list[which].weights : 0;
}

int
models_reserve(struct models *m, size_t which, size_t workspace, struct err *e)
{
    struct model *one = &m->list[which];
    size_t room = models_room(m, which);

    if (workspace > room)
        return too_big(m, "This picture is too large for the memory of this site's hosts.",
                       workspace, room, e);
    if (workspace > one->workspace)
        one->workspace = workspace;
    make_room(m, which, one->weights + one->workspace);
    return ST_OK;
}

void
models_measure(struct model *one, int64_t work, int64_t us)
{
    int64_t speed = us > 0 ? (int64_t)((double)work * (double)CLOCK_SECOND / (double)us) : 0;

    if (speed < 1)
        return;
    one->speed = one->speed == 0 ? speed : one->speed + (speed - one->speed) / MEASURE_SHARE;
}

static struct rates_curve
curve_of(struct pipeline *p, const struct cost *cost, enum cost_phase phase)
{
    struct cost_curve c;

    cost_fit(p, cost, phase, PASSES, &c);
    return (struct rates_curve){c.a, c.b, c.c};
}

/* Measuring needs as much memory as drawing two pictures of that size. */
static int
room_to_measure(struct models *m, size_t which, struct err *e)
{
    struct generate_params one = {.prompt = "",
                                  .width = CALIBRATE_SIDE,
                                  .height = CALIBRATE_SIDE,
                                  .steps = 1,
                                  .guidance = 2.0};
    const struct generate_params *params[] = {&one, &one};
    struct generate_need need;
    int rc = generate_need(m->list[which].pipeline, params, 2, &need, e);

    return rc == ST_OK ? models_reserve(m, which, need.peak_bytes, e) : rc;
}

void
models_calibrate(struct models *m, size_t which, const struct conf *conf)
{
    struct model *one = &m->list[which];
    int64_t began = clock_monotonic();
    struct cost cost;
    double seconds;
    struct err e;

    one->unmeasurable = true;
    if (room_to_measure(m, which, &e) != ST_OK ||
        cost_calibrate(one->pipeline, CALIBRATE_S, &cost, &e) != ST_OK) {
        log_err(LOG_LEVEL_WARNING, "measuring the model", &e);
        return;
    }
    one->curves = (struct rates_curves){.prompt = curve_of(one->pipeline, &cost, COST_PROMPT),
                                        .step = curve_of(one->pipeline, &cost, COST_STEP),
                                        .decode = curve_of(one->pipeline, &cost, COST_DECODE)};
    one->measured = true;
    one->unmeasurable = false;
    seconds = rates_seconds(&one->curves, (double)conf->credits.pixels, (int)conf->credits.steps);
    if (one->speed == 0 && seconds > 0.0)
        one->speed = (int64_t)((double)(conf->credits.pixels * conf->credits.steps) / seconds);
    log_write(LOG_LEVEL_INFO, "%s was measured in %.1f s: %.3g s for a picture of one unit",
              one->name, (double)(clock_monotonic() - began) / (double)CLOCK_SECOND, seconds);
}

/*
 * One level of patch-based filling; see fill_level.h. All work is cut by sizes alone, and every
 * random number comes from a counter. Read next: fill.c.
 */
#include "render/pipeline/fill_level.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "render/engine/noise.h"
#include "render/engine/pool.h"
#include "render/pipeline/generate.h"
#include "render/pipeline/hole.h"

#define REACH 3 /* a patch is 7 pixels wide */
#define SPAN (2 * REACH + 1)
#define CHUNK 256    /* patches or pixels of a task */
#define PASSES 4     /* of a search */
#define FADE 1.3f    /* confidence falls by this with each step into the hole */
#define FADE_MOST 40 /* steps; beyond, confidence stays */
#define LIKENESS_LEAST 20.0f
#define SMOOTHING 60 /* passes of the smooth start */
#define SOFTENING 8  /* passes at a finer level that has nothing to copy from */

/* --- making --- */

static int
no_memory(struct err *e)
{
    return err_set(e, ST_NOMEM, "Not enough memory for this picture.", "filling");
}

/* Does any pixel of the patch around (x, y) lie in the hole? Patches that leave the picture count
   as far as they are in it. */
static bool
touches(const struct fill_level *l, size_t x, size_t y, bool *inside)
{
    bool open = false;

    *inside = x >= REACH && y >= REACH && x + REACH < l->w && y + REACH < l->h;
    for (size_t v = y >= REACH ? y - REACH : 0; v <= y + REACH && v < l->h; v++)
        for (size_t u = x >= REACH ? x - REACH : 0; u <= x + REACH && u < l->w; u++)
            open = open || l->deep[v * l->w + u] != 0;
    return open;
}

/* Which patches touch the hole and which are wholly known, from l->deep. */
static int
list_patches(struct fill_level *l, struct err *e)
{
    size_t all = l->w * l->h;

    l->target = malloc(all * sizeof *l->target);
    l->usable = calloc(all, 1);
    l->sources = malloc(all * sizeof *l->sources);
    l->centre = malloc(all * sizeof *l->centre);
    if (l->target == NULL || l->usable == NULL || l->sources == NULL || l->centre == NULL)
        return no_memory(e);
    for (size_t i = 0; i < all; i++) {
        bool inside;

        l->target[i] = -1;
        if (l->deep[i] > l->deepest)
            l->deepest = l->deep[i];
        if (touches(l, i % l->w, i / l->w, &inside)) {
            l->target[i] = (int32_t)l->targets;
            l->centre[l->targets++] = (uint32_t)i;
        } else if (inside) {
            l->usable[i] = 1;
            l->sources[l->source_count++] = (uint32_t)i;
        }
    }
    l->found = calloc(l->targets + 1, sizeof *l->found);
    l->next = calloc(l->targets + 1, sizeof *l->next);
    l->distance = calloc(l->targets + 1, sizeof *l->distance);
    return l->found == NULL || l->next == NULL || l->distance == NULL ? no_memory(e) : ST_OK;
}

static int
allocate(struct fill_level *l, size_t w, size_t h, struct err *e)
{
    memset(l, 0, sizeof *l);
    l->w = w;
    l->h = h;
    l->rgb = calloc(w * h, 3);
    l->deep = calloc(w * h, sizeof *l->deep);
    return l->rgb == NULL || l->deep == NULL ? no_memory(e) : ST_OK;
}

int
fill_level_first(const struct image *image, const struct hole *hole, struct fill_level *out,
                 struct err *e)
{
    int rc = allocate(out, hole->w, hole->h, e);

    if (rc == ST_OK) {
        memcpy(out->rgb, image->pixels, out->w * out->h * 3);
        memcpy(out->deep, hole->deep, out->w * out->h * sizeof *out->deep);
        rc = list_patches(out, e);
    }
    if (rc != ST_OK)
        fill_level_release(out);
    return rc;
}

/* One pixel of the half: the mean of the known ones of four; in the hole only if all of them are.
 */
static void
halve(const struct fill_level *from, struct fill_level *to, size_t x, size_t y)
{
    unsigned sum[3] = {0}, known = 0, deep = 0;

    for (size_t i = 0; i < 4; i++) {
        size_t u = 2 * x + i % 2, v = 2 * y + i / 2, at = v * from->w + u;

        if (from->deep[at] != 0) {
            deep = from->deep[at] > deep ? from->deep[at] : deep;
            continue;
        }
        known++;
        for (size_t c = 0; c < 3; c++)
            sum[c] += from->rgb[at * 3 + c];
    }
    for (size_t c = 0; c < 3 && known > 0; c++)
        to->rgb[(y * to->w + x) * 3 + c] = (uint8_t)((sum[c] + known / 2) / known);
    to->deep[y * to->w + x] = (uint16_t)(known > 0 ? 0 : (deep + 1) / 2);
}

int
fill_level_half(const struct fill_level *from, struct fill_level *out, struct err *e)
{
    int rc = allocate(out, from->w / 2, from->h / 2, e);

    if (rc == ST_OK) {
        for (size_t y = 0; y < out->h; y++)
            for (size_t x = 0; x < out->w; x++)
                halve(from, out, x, y);
        rc = list_patches(out, e);
    }
    if (rc != ST_OK)
        fill_level_release(out);
    return rc;
}

void
fill_level_release(struct fill_level *l)
{
    free(l->rgb);
    free(l->deep);
    free(l->target);
    free(l->usable);
    free(l->sources);
    free(l->centre);
    free(l->found);
    free(l->next);
    free(l->distance);
    memset(l, 0, sizeof *l);
}

/* --- searching --- */

/* Mean square of the difference of two patches, of the pixels that are in the picture; more than
   `best` as soon as it is clear. */
static float
difference(const struct fill_level *l, uint32_t target, uint32_t source, float best)
{
    size_t w = l->w, tx = target % w, ty = target / w, sx = source % w, sy = source / w;
    size_t left = tx < REACH ? tx : REACH, right = w - 1 - tx < REACH ? w - 1 - tx : REACH;
    size_t up = ty < REACH ? ty : REACH, down = l->h - 1 - ty < REACH ? l->h - 1 - ty : REACH;
    size_t width = left + right + 1, height = up + down + 1;
    float bound = best * (float)(width * height * 3);
    uint32_t sum = 0;

    for (size_t row = 0; row < height && (float)sum < bound; row++) {
        const uint8_t *a = l->rgb + ((ty - up + row) * w + tx - left) * 3;
        const uint8_t *b = l->rgb + ((sy - up + row) * w + sx - left) * 3;

        for (size_t i = 0; i < width * 3; i++) {
            int32_t d = (int32_t)a[i] - (int32_t)b[i];

            sum += (uint32_t)(d * d);
        }
    }
    return (float)sum / (float)(width * height * 3);
}

struct search {
    struct fill_level *l;
    uint32_t pass, round;
    size_t jump;
};

/* Takes `source` if it is usable and more like the patch than what was best. */
static void
consider(const struct fill_level *l, size_t t, int64_t x, int64_t y, uint32_t *best, float *least)
{
    size_t source;
    float d;

    if (x < 0 || y < 0 || x >= (int64_t)l->w || y >= (int64_t)l->h)
        return;
    source = (size_t)y * l->w + (size_t)x;
    if (l->usable[source] == 0 || source == *best)
        return;
    d = difference(l, l->centre[t], (uint32_t)source, *least);
    if (d < *least) {
        *least = d;
        *best = (uint32_t)source;
    }
}

/* What the neighbours at `jump` found, moved along. */
static void
ask_neighbours(const struct search *s, size_t t, uint32_t *best, float *least)
{
    static const int8_t steps[8][2] = {{1, 0}, {-1, 0},  {0, 1},  {0, -1},
                                       {1, 1}, {-1, -1}, {1, -1}, {-1, 1}};
    const struct fill_level *l = s->l;
    int64_t w = (int64_t)l->w, x = l->centre[t] % w, y = l->centre[t] / w;

    for (size_t i = 0; i < 8; i++) {
        int64_t dx = steps[i][0] * (int64_t)s->jump, dy = steps[i][1] * (int64_t)s->jump;
        int32_t other;

        if (x + dx < 0 || y + dy < 0 || x + dx >= w || y + dy >= (int64_t)l->h)
            continue;
        other = l->target[(y + dy) * w + x + dx];
        if (other >= 0)
            consider(l, t, l->found[other] % w - dx, l->found[other] / w - dy, best, least);
    }
}

/* Around the best, in circles that shrink by half. */
static void
look_around(const struct search *s, size_t t, uint32_t *best, float *least)
{
    const struct fill_level *l = s->l;
    int64_t reach = (int64_t)(l->w > l->h ? l->w : l->h);
    uint32_t key[2] = {l->seed, s->round * PASSES + s->pass}, counter[4] = {l->centre[t], 0, 0, 1};

    for (; reach >= 1; reach /= 2, counter[1]++) {
        uint32_t random[4];

        noise_philox(counter, key, random);
        for (size_t i = 0; i < 4; i += 2) {
            int64_t dx = (int64_t)(random[i] % (uint32_t)(2 * reach + 1)) - reach;
            int64_t dy = (int64_t)(random[i + 1] % (uint32_t)(2 * reach + 1)) - reach;

            consider(l, t, *best % l->w + dx, *best / l->w + dy, best, least);
        }
    }
}

static void
search_task(void *arg, int index, int thread)
{
    struct search *s = arg;
    struct fill_level *l = s->l;
    size_t end =
        (size_t)(index + 1) * CHUNK < l->targets ? (size_t)(index + 1) * CHUNK : l->targets;

    (void)thread;
    for (size_t t = (size_t)index * CHUNK; t < end; t++) {
        uint32_t best = l->found[t];
        float least = s->pass == 0 ? difference(l, l->centre[t], best, INFINITY) : l->distance[t];

        ask_neighbours(s, t, &best, &least);
        look_around(s, t, &best, &least);
        l->next[t] = best;
        l->distance[t] = least;
    }
}

static int
chunks(size_t count)
{
    return (int)((count + CHUNK - 1) / CHUNK);
}

/* --- voting --- */

/* What counts as alike: twice the mean difference of all patches. */
static void
measure_likeness(struct fill_level *l)
{
    double sum = 0.0;

    for (size_t t = 0; t < l->targets; t++)
        sum += (double)l->distance[t];
    l->likeness = (float)(2.0 * sum / (double)(l->targets > 0 ? l->targets : 1));
    l->likeness = l->likeness > LIKENESS_LEAST ? l->likeness : LIKENESS_LEAST;
}

static float
weight_of(const struct fill_level *l, size_t t)
{
    size_t deep = l->deep[l->centre[t]];

    return expf(-l->distance[t] / l->likeness) *
           powf(FADE, -(float)(deep < FADE_MOST ? deep : FADE_MOST));
}

static void
vote(struct fill_level *l, size_t at)
{
    int64_t w = (int64_t)l->w, x = (int64_t)at % w, y = (int64_t)at / w;
    float sum[3] = {0}, all = 0.0f;

    for (int64_t dy = -REACH; dy <= REACH; dy++) {
        for (int64_t dx = -REACH; dx <= REACH; dx++) {
            const uint8_t *from;
            int32_t t;
            float k;

            if (x + dx < 0 || y + dy < 0 || x + dx >= w || y + dy >= (int64_t)l->h)
                continue;
            if ((t = l->target[(y + dy) * w + x + dx]) < 0)
                continue;
            from = l->rgb + ((int64_t)l->found[t] - dy * w - dx) * 3;
            k = weight_of(l, (size_t)t);
            for (size_t c = 0; c < 3; c++)
                sum[c] += k * (float)from[c];
            all += k;
        }
    }
    for (size_t c = 0; c < 3 && all > 0.0f; c++)
        l->rgb[at * 3 + c] = (uint8_t)(sum[c] / all + 0.5f);
}

/* Only pixels of the hole change, and votes come from the known part: the order does not matter. */
static void
vote_task(void *arg, int index, int thread)
{
    struct fill_level *l = arg;
    size_t end =
        (size_t)(index + 1) * CHUNK < l->targets ? (size_t)(index + 1) * CHUNK : l->targets;

    (void)thread;
    for (size_t t = (size_t)index * CHUNK; t < end; t++) {
        if (l->deep[l->centre[t]] != 0)
            vote(l, l->centre[t]);
    }
}

void
fill_level_round(struct fill_level *l, struct pool *pool, uint32_t round)
{
    struct search s = {.l = l, .round = round};

    if (l->source_count == 0)
        return;
    for (s.pass = 0; s.pass < PASSES; s.pass++) {
        uint32_t *found = l->found;

        s.jump = (size_t)1 << (PASSES - 1 - s.pass);
        pool_run(pool, chunks(l->targets), search_task, &s);
        l->found = l->next;
        l->next = found;
    }
    measure_likeness(l);
    pool_run(pool, chunks(l->targets), vote_task, l);
}

/* --- beginning and end --- */

/* Pixels of the hole become the mean of those around them. With `ring`, only those that are so many
   steps inside, from those that are nearer to the known part. */
static void
soften(struct fill_level *l, size_t ring)
{
    int64_t w = (int64_t)l->w, h = (int64_t)l->h;

    for (size_t t = 0; t < l->targets; t++) {
        size_t at = l->centre[t];
        unsigned sum[3] = {0}, count = 0;

        if (l->deep[at] == 0 || (ring != 0 && l->deep[at] != ring))
            continue;
        for (int64_t i = 0; i < 9; i++) {
            int64_t x = (int64_t)at % w + i % 3 - 1, y = (int64_t)at / w + i / 3 - 1;

            if (x < 0 || y < 0 || x >= w || y >= h || i == 4 ||
                (ring != 0 && l->deep[y * w + x] >= ring))
                continue;
            for (size_t c = 0; c < 3; c++)
                sum[c] += l->rgb[(size_t)(y * w + x) * 3 + c];
            count++;
        }
        for (size_t c = 0; c < 3 && count > 0; c++)
            l->rgb[at * 3 + c] = (uint8_t)((sum[c] + count / 2) / count);
    }
}

static void
smooth_start(struct fill_level *l)
{
    for (size_t ring = 1; ring <= l->deepest; ring++)
        soften(l, ring);
    for (int pass = 0; pass < SMOOTHING; pass++)
        soften(l, 0);
}

static uint32_t
any_source(const struct fill_level *l, size_t t)
{
    uint32_t counter[4] = {l->centre[t], 0, 0, 2}, key[2] = {l->seed, 0}, random[4];

    noise_philox(counter, key, random);
    return l->sources[random[0] % l->source_count];
}

/* What the coarser level found, at this size; anything where that is not usable here. */
static uint32_t
inherited(const struct fill_level *l, const struct fill_level *coarser, size_t t)
{
    size_t x = l->centre[t] % l->w, y = l->centre[t] / l->w;
    size_t cx = x / 2 < coarser->w ? x / 2 : coarser->w - 1,
           cy = y / 2 < coarser->h ? y / 2 : coarser->h - 1;
    int32_t there = coarser->target[cy * coarser->w + cx];

    if (there >= 0 && coarser->source_count > 0) {
        size_t sx = coarser->found[there] % coarser->w * 2 + x % 2;
        size_t sy = coarser->found[there] / coarser->w * 2 + y % 2;

        if (sx < l->w && sy < l->h && l->usable[sy * l->w + sx] != 0)
            return (uint32_t)(sy * l->w + sx);
    }
    return any_source(l, t);
}

/* The coarser level's pixels, for a first guess. */
static void
enlarge(struct fill_level *l, const struct fill_level *coarser)
{
    for (size_t t = 0; t < l->targets; t++) {
        size_t at = l->centre[t], cx = at % l->w / 2, cy = at / l->w / 2;

        if (l->deep[at] == 0)
            continue;
        cx = cx < coarser->w ? cx : coarser->w - 1;
        cy = cy < coarser->h ? cy : coarser->h - 1;
        memcpy(l->rgb + at * 3, coarser->rgb + (cy * coarser->w + cx) * 3, 3);
    }
}

void
fill_level_begin(struct fill_level *l, const struct fill_level *coarser, struct pool *pool,
                 uint32_t seed)
{
    l->seed = seed;
    if (coarser == NULL)
        smooth_start(l);
    else
        enlarge(l, coarser);
    for (int pass = 0; coarser != NULL && l->source_count == 0 && pass < SOFTENING; pass++)
        soften(l, 0);
    for (size_t t = 0; t < l->targets && l->source_count > 0; t++) {
        l->found[t] = coarser != NULL ? inherited(l, coarser, t) : any_source(l, t);
        l->distance[t] = 0.0f;
    }
    l->likeness = LIKENESS_LEAST;
    if (coarser != NULL && l->source_count > 0)
        pool_run(pool, chunks(l->targets), vote_task, l);
}

void
fill_level_give(const struct fill_level *l, struct image *image)
{
    for (size_t t = 0; t < l->targets; t++) {
        size_t at = l->centre[t];

        if (l->deep[at] != 0)
            memcpy(image->pixels + at * 3, l->rgb + at * 3, 3);
    }
}

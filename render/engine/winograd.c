/*
 * Winograd's convolutions. Knows nothing of layers. Read next: conv.c, which calls it.
 *
 * An image is cut into tiles of 6×6, 4×4 or 2×2 outputs. Tiles and kernels are brought to 64, 36 or
 * 16 points, where a convolution is one product per point, [tiles × in] · [in × out]: 5.1, 4
 * or 2.25 times fewer multiplications than the direct way needs. The products are made by the
 * kernel of gemm_tile.h, and both transforms write what it reads, so nothing is packed.
 *
 * Transformed weights would need four times the memory of floats, eight times that of halves. So
 * they are made panel by panel, straight from the file's format, in every pass: a few per cent of
 * the time, because a panel serves all tiles of all images. Three ways to go through the work, so
 * that what is read again and again stays in a near cache:
 * - few weights: all panels are made first, and each task takes some tiles through all of them;
 * - many tiles: panels, then tiles band by band, then products and results as tasks of their own;
 * - many weights and few tiles, deep in a U-Net: all tiles are transformed first, and each task
 *   makes a panel and takes it through all tiles.
 */
#include "render/engine/winograd.h"

#include <stdint.h>
#include <string.h>

#include "render/engine/gemm.h"
#include "render/engine/isa.h"
#include "render/engine/pool.h"
#include "render/engine/turn.h"
#include "render/engine/weight.h"

#define POINTS_SIDE 8
#define OUTPUTS_MAX 36
#define POINTS_MAX (POINTS_SIDE * POINTS_SIDE)
#define LINE 16                         /* floats of a cache line */
#define PANEL_MAX 32                    /* output channels of a panel, of any kind */
#define CHUNK 128                       /* input channels of a panel at a time */
#define TURN 32                         /* input channels turned at a time */
#define FEW_WEIGHTS ((size_t)9 << 17)   /* transformed floats, 4.5 MiB: all panels first */
#define TILES_FLOATS ((size_t)1 << 18)  /* of a task's own tiles, 1 MiB of a level-2 cache */
#define BAND_FLOATS ((size_t)5 << 19)   /* of a band's tiles, 10 MiB of a level-3 cache */
#define PANELS_FLOATS ((size_t)3 << 22) /* of the panels at hand, 48 MiB */
#define LARGE_WEIGHTS_MAX                                                                          \
    110000                  /* in · out beyond which 64 points of the weights leave the cache */
#define LARGE_TILES_MIN 100 /* of 6×6 outputs, which lose a digit, in an image */
#define MANY_TILES 100      /* of an image */
#define POINT_ROWS 264      /* tiles of a task that makes the products of one point */
#define PUT 8               /* tiles whose results one task puts into the image */
#define GROUP_MAX 96        /* tiles of a task with few weights */
#define SPLIT 48            /* tiles that are worth a panel of their own */
#define TASKS_WANTED 16
#define PAD                                                                                        \
    16 /* floats between points: their powers of two would all meet in one set of the cache */
#define CHANNELS_MIN 32
/* What making a kernel's points costs, in multiplications of the products. */
#define TAPS_COST_8 280
#define TAPS_COST_6 160
#define TAPS_COST_4 80
#define TAPS_COST_DIRECT 40

#if ISA_X86
#define TILE_NAME(x) x##_avx512
#define TILE_TARGET ISA_TARGET_AVX512
#define TILE_LANES 16
#include "render/engine/winograd_tile.h"
#define TILE_NAME(x) x##_avx512
#define TILE_TARGET ISA_TARGET_AVX512
#define TILE_LANES 16
#define TILE_ROWS 12
#include "render/engine/gemm_tile.h"
#define TILE_NAME(x) x##_avx512_few
#define TILE_TARGET ISA_TARGET_AVX512
#define TILE_LANES 16
#define TILE_ROWS 4
#include "render/engine/gemm_tile.h"
#define TILE_NAME(x) x##_avx2
#define TILE_TARGET ISA_TARGET_AVX2
#define TILE_LANES 8
#include "render/engine/winograd_tile.h"
#define TILE_NAME(x) x##_avx2
#define TILE_TARGET ISA_TARGET_AVX2
#define TILE_LANES 8
#define TILE_ROWS 6
#include "render/engine/gemm_tile.h"
#define TILE_NAME(x) x##_avx2_few
#define TILE_TARGET ISA_TARGET_AVX2
#define TILE_LANES 8
#define TILE_ROWS 2
#include "render/engine/gemm_tile.h"
#endif

typedef void multiply_fn(const float *rows, size_t ld_rows, const float *panel, size_t k, bool more,
                         float *sums, size_t ld);

struct kind {
    size_t lanes, panel; /* floats per vector; output channels of a panel */
    size_t rows, few;    /* of the two products; `few` divides `rows` */
    multiply_fn *multiply, *multiply_few;
    void (*input)(const float *const *from, size_t side, size_t channels, float *to, size_t step);
    void (*taps)(const float *from, size_t side, size_t width, float *to, size_t step);
    void (*output)(const float *from, size_t step, size_t side, size_t width, size_t channel,
                   const float *bias, const float *const *residual, float slope, float *const *to);
};

struct job {
    const struct conv_shape *s;
    const struct tensor *x, *out;
    const struct weight *w;
    const struct gemm_add *add;
    struct kind kind;
    size_t side, step, points; /* of a tile's input; of its output; side² */
    size_t h, wide;            /* input size after growing */
    size_t across, tiles;      /* tiles of a row; of all images */
    size_t panels;             /* of output channels */
    size_t first, count;       /* tiles of this band */
    size_t group;              /* tiles of a task */
    size_t splits;             /* tasks that share a panel */
    size_t first_panel, block; /* many tiles: the panels at hand */
    const float *zeros;        /* [in] */
    float *u;                  /* few weights: [panels][points][in][panel] */
    float *v;                  /* many weights: [points][tiles of the band, rounded up][in] */
    float *m;                  /* many tiles: [block][points][tiles of the band][panel] */
    float *scratch;
    size_t scratch_size;
};

static size_t
up(size_t x, size_t step)
{
    return (x + step - 1) / step * step;
}

static struct kind
best_kind(void)
{
    struct kind none = {0};

#if ISA_X86
    if (isa_best() >= ISA_AVX512)
        return (struct kind){
            16,           32,          12,           4, multiply_avx512, multiply_avx512_few,
            input_avx512, taps_avx512, output_avx512};
    if (isa_best() >= ISA_AVX2)
        return (struct kind){8,          16,        6,          2, multiply_avx2, multiply_avx2_few,
                             input_avx2, taps_avx2, output_avx2};
#endif
    return none;
}

static size_t
tiles_of(const struct tensor *out, size_t step)
{
    return (out->h + step - 1) / step * ((out->w + step - 1) / step);
}

/* The side of the tiles' input that costs least; 0 = the direct way does. */
static size_t
best_side(size_t in, const struct tensor *out)
{
    static const struct {
        size_t side, taps_cost;
    } SIDES[] = {{4, TAPS_COST_4}, {6, TAPS_COST_6}, {8, TAPS_COST_8}};
    size_t least = 9 * out->h * out->w + TAPS_COST_DIRECT, best = 0;

    for (size_t i = 0; i < sizeof SIDES / sizeof *SIDES; i++) {
        size_t side = SIDES[i].side, tiles = tiles_of(out, side - 2);
        size_t cost = side * side * up(tiles, 4) + SIDES[i].taps_cost;

        if (side == 8 && (tiles < LARGE_TILES_MIN || in * out->c > LARGE_WEIGHTS_MAX))
            continue;
        if (cost < least) {
            least = cost;
            best = side;
        }
    }
    return best;
}

bool
winograd_fits(const struct conv_shape *s, const struct tensor *x, const struct weight *w,
              const struct tensor *out)
{
    struct kind kind = best_kind();

    return kind.multiply != NULL && s->kernel == 3 && s->stride == 1 && w->taps == 9 &&
           x->c >= CHANNELS_MIN && x->c % kind.lanes == 0 && out->c >= kind.lanes &&
           best_side(x->c, out) != 0;
}

/* --- transforms --- */

/* Points of `count` input channels from `c` for panel `panel`: u[point][count][panel width], with
   `step` floats between points. */
static void
make_panel(const struct job *j, size_t panel, size_t c, size_t count, float *u, size_t step,
           float *scratch)
{
    size_t width = j->kind.panel, first = panel * width;
    size_t rows = j->w->rows - first < width ? j->w->rows - first : width;
    float *lines = scratch, *turned = scratch + PANEL_MAX * TURN * 9;

    for (size_t at = 0; at < count; at += TURN) {
        size_t some = count - at < TURN ? count - at : TURN;

        for (size_t r = 0; r < rows; r++)
            weight_row_part(j->w, first + r, (c + at) * 9, some * 9, lines + r * some * 9);
        memset(lines + rows * some * 9, 0, (width - rows) * some * 9 * sizeof *lines);
        turn(lines, some * 9, width, some * 9, turned, width);
        for (size_t i = 0; i < some; i++)
            j->kind.taps(turned + i * 9 * width, j->side, width, u + (at + i) * width, step);
    }
}

/* The pixels under a tile; zeros where there is border. */
static void
look(const struct job *j, size_t tile, const float *pixels[POINTS_MAX])
{
    size_t down = (j->out->h + j->step - 1) / j->step, image = tile / (j->across * down);
    size_t top = tile / j->across % down * j->step, left = tile % j->across * j->step;
    const float *from = j->x->data + image * j->x->h * j->x->w * j->x->c;
    size_t border = j->s->before;
    const float *row[POINTS_SIDE];
    size_t column[POINTS_SIDE];

    /* `border` more than the pixel's own place, so that nothing is below 0. */
    for (size_t i = 0; i < j->side; i++) {
        size_t y = top + i, x = left + i;

        row[i] = y >= border && y - border < j->h
                     ? from + (y - border) * j->x->h / j->h * j->x->w * j->x->c
                     : NULL;
        column[i] = x >= border && x - border < j->wide ? (x - border) * j->x->w / j->wide * j->x->c
                                                        : SIZE_MAX;
    }
    for (size_t y = 0; y < j->side; y++) {
        for (size_t x = 0; x < j->side; x++)
            pixels[y * j->side + x] =
                row[y] != NULL && column[x] != SIZE_MAX ? row[y] + column[x] : j->zeros;
    }
}

/* Asks for the pixels of the tile that comes next: large images lie far from the processor. The
   first two columns belong to this tile too. */
static void
fetch(const float *const *pixels, size_t side, size_t channels)
{
    for (size_t i = 0; i < side * side; i++) {
        for (size_t c = 0; c < channels && i % side >= 2; c += LINE)
            __builtin_prefetch(pixels[i] + c);
    }
}

/* Points of tiles [first, first + count) to v[point][…][in], with `step` floats between points. */
static void
make_tiles(const struct job *j, size_t first, size_t count, float *v, size_t step)
{
    const float *pixels[2][POINTS_MAX];

    look(j, first, pixels[0]);
    for (size_t t = 0; t < count; t++) {
        const float **here = pixels[t % 2], **next = pixels[(t + 1) % 2];

        if (t + 1 < count) {
            look(j, first + t + 1, next);
            fetch(next, j->side, j->x->c);
        }
        j->kind.input(here, j->side, j->x->c, v + t * j->x->c, step);
    }
}

/* Where a tile's outputs go, and what is added to them; NULL where the image has ended. */
struct place {
    float *to[OUTPUTS_MAX];
    const float *residual[OUTPUTS_MAX];
    const float *bias; /* of the tile's image */
    float slope;       /* of what is negative */
};

static void
find_place(const struct job *j, size_t tile, struct place *at)
{
    const struct gemm_add *add = j->add;
    size_t down = (j->out->h + j->step - 1) / j->step, image = tile / (j->across * down);
    size_t top = tile / j->across % down * j->step, left = tile % j->across * j->step;
    size_t first = image * j->out->h * j->out->w;

    memset(at, 0, sizeof *at);
    at->slope = add != NULL && add->rectify ? add->slope : 1.0f;
    if (add != NULL && add->bias != NULL)
        at->bias = add->bias + (add->bias_rows != 0 ? first / add->bias_rows * j->out->c : 0);
    for (size_t y = 0; y < j->step && top + y < j->out->h; y++) {
        for (size_t x = 0; x < j->step && left + x < j->out->w; x++) {
            size_t pixel = first + (top + y) * j->out->w + left + x, i = y * j->step + x;

            at->to[i] = j->out->data + pixel * j->out->c;
            if (add != NULL && add->residual != NULL)
                at->residual[i] = add->residual + pixel * add->ld_residual;
        }
    }
}

/* The last panel may have fewer channels than a vector register has lanes: around by a copy. */
static void
put_part(const struct job *j, size_t channel, const float *m, size_t step, const struct place *at)
{
    size_t width = j->kind.panel, count = j->out->c - channel;
    float pixels[OUTPUTS_MAX][PANEL_MAX] = {{0.0f}};
    struct place local = {.bias = NULL};

    for (size_t i = 0; i < OUTPUTS_MAX; i++)
        local.to[i] = pixels[i];
    j->kind.output(m, step, j->side, width, 0, NULL, local.residual, 1.0f, local.to);
    for (size_t i = 0; i < OUTPUTS_MAX; i++) {
        for (size_t c = 0; c < count && at->to[i] != NULL; c++) {
            float sum = pixels[i][c] + (at->bias != NULL ? at->bias[channel + c] : 0.0f);

            if (at->residual[i] != NULL)
                sum += at->residual[i][channel + c];
            at->to[i][channel + c] = sum < 0.0f ? sum * at->slope : sum;
        }
    }
}

/* One tile's points of panel `panel`, `step` floats apart, to the image. */
static void
put_tile(const struct job *j, size_t panel, const float *m, size_t step, const struct place *at)
{
    size_t width = j->kind.panel, channel = panel * width;

    if (j->out->c - channel < width)
        put_part(j, channel, m, step, at);
    else
        j->kind.output(m, step, j->side, width, channel, at->bias, at->residual, at->slope, at->to);
}

/* Asks for what the next tile will read and write. */
static void
fetch_place(const struct job *j, const float *m, size_t step, size_t channel,
            const struct place *at)
{
    for (size_t c = 0; c < j->kind.panel; c += LINE) {
        for (size_t p = 0; p < j->points; p++)
            __builtin_prefetch(m + p * step + c);
        for (size_t i = 0; i < j->step * j->step && at->to[i] != NULL; i++) {
            __builtin_prefetch(at->to[i] + channel + c, 1);
            if (at->residual[i] != NULL)
                __builtin_prefetch(at->residual[i] + channel + c);
        }
    }
}

/* Tiles [first, first + count) of panel `panel` from m[point][…][panel width] to the image. */
static void
put_tiles(const struct job *j, size_t panel, size_t first, size_t count, const float *m,
          size_t step)
{
    size_t width = j->kind.panel;
    struct place at[2];

    find_place(j, first, &at[0]);
    for (size_t t = 0; t < count; t++) {
        if (t + 1 < count) {
            find_place(j, first + t + 1, &at[(t + 1) % 2]);
            fetch_place(j, m + (t + 1) * width, step, panel * width, &at[(t + 1) % 2]);
        }
        put_tile(j, panel, m + t * width, step, &at[t % 2]);
    }
}

/* The points of some tiles and of a panel, and their products; steps are floats between points. */
struct points {
    const float *v, *u;
    float *m;
    size_t v_step, u_step, m_step;
};

/* m[point][rows][panel width] (+)= v[point][rows][in from c] · u[point][k][panel width]. */
static void
multiply_points(const struct job *j, const struct points *q, size_t c, size_t k, size_t rows)
{
    size_t in = j->x->c, width = j->kind.panel;

    for (size_t p = 0; p < j->points; p++) {
        const float *from = q->v + p * q->v_step + c, *panel = q->u + p * q->u_step;
        float *to = q->m + p * q->m_step;
        size_t r = 0;

        for (; r + j->kind.rows <= rows; r += j->kind.rows)
            j->kind.multiply(from + r * in, in, panel, k, c > 0, to + r * width, width);
        for (; r < rows; r += j->kind.few)
            j->kind.multiply_few(from + r * in, in, panel, k, c > 0, to + r * width, width);
    }
}

/* --- few weights: panels first, then tiles --- */

static void
panel_task(void *arg, int index, int thread)
{
    const struct job *j = arg;
    size_t in = j->x->c, step = in * j->kind.panel + PAD;

    make_panel(j, (size_t)index, 0, in, j->u + (size_t)index * j->points * step, step,
               j->scratch + (size_t)thread * j->scratch_size);
}

static void
group_task(void *arg, int index, int thread)
{
    const struct job *j = arg;
    size_t in = j->x->c, first = (size_t)index * j->group;
    size_t count = j->tiles - first < j->group ? j->tiles - first : j->group;
    size_t rows = up(count, j->kind.few);
    float *v = j->scratch + (size_t)thread * j->scratch_size;
    struct points q = {.v = v, .v_step = j->group * in + PAD};

    q.u_step = in * j->kind.panel + PAD;
    q.m_step = j->group * j->kind.panel + PAD;
    q.m = v + j->points * q.v_step;
    for (size_t p = 0; p < j->points && rows > count; p++)
        memset(v + p * q.v_step + count * in, 0, (rows - count) * in * sizeof *v);
    make_tiles(j, first, count, v, q.v_step);
    for (size_t panel = 0; panel < j->panels; panel++) {
        for (size_t c = 0; c < in; c += CHUNK) {
            q.u = j->u + panel * j->points * q.u_step + c * j->kind.panel;
            multiply_points(j, &q, c, in - c < CHUNK ? in - c : CHUNK, rows);
        }
        put_tiles(j, panel, first, count, q.m, q.m_step);
    }
}

static void
run_few_weights(struct engine *g, struct job *j)
{
    size_t in = j->x->c, lines = 2 * PANEL_MAX * TURN * 9;

    j->group = TILES_FLOATS / (j->points * in) / 12 * 12;
    j->group = j->group < 12 ? 12 : j->group > GROUP_MAX ? GROUP_MAX : j->group;
    if (j->group > up(j->tiles, j->kind.few))
        j->group = up(j->tiles, j->kind.few);
    j->u = engine_floats(g, j->panels * j->points * (in * j->kind.panel + PAD));
    j->scratch_size = j->points * (j->group * (in + j->kind.panel) + 2 * PAD);
    j->scratch_size = up(j->scratch_size > lines ? j->scratch_size : lines, PANEL_MAX);
    j->scratch = engine_floats(g, (size_t)pool_threads(g->pool) * j->scratch_size);
    if (g->planning)
        return;
    pool_run(g->pool, (int)j->panels, panel_task, j);
    pool_run(g->pool, (int)((j->tiles + j->group - 1) / j->group), group_task, j);
}

/* --- many weights: tiles first, then panels --- */

static void
tiles_task(void *arg, int index, int thread)
{
    const struct job *j = arg;
    size_t in = j->x->c, few = j->kind.few, first = (size_t)index * few;
    size_t count = j->count - first < few ? j->count - first : few;
    size_t step = up(j->count, few) * in + PAD;
    float *v = j->v + first * in;

    (void)thread;
    for (size_t p = 0; p < j->points && count < few; p++)
        memset(v + p * step + count * in, 0, (few - count) * in * sizeof *v);
    make_tiles(j, j->first + first, count, v, step);
}

static void
split_task(void *arg, int index, int thread)
{
    const struct job *j = arg;
    size_t panel = (size_t)index / j->splits, first = (size_t)index % j->splits * j->group;
    size_t in = j->x->c, width = j->kind.panel;
    size_t count = j->count - first < j->group ? j->count - first : j->group;
    float *u = j->scratch + (size_t)thread * j->scratch_size, *lines;
    struct points q = {.v = j->v + first * in, .u = u};

    q.v_step = up(j->count, j->kind.few) * in + PAD;
    q.u_step = CHUNK * width + PAD;
    q.m_step = j->group * width + PAD;
    q.m = u + j->points * q.u_step;
    lines = q.m + j->points * q.m_step;
    for (size_t c = 0; c < in; c += CHUNK) {
        size_t k = in - c < CHUNK ? in - c : CHUNK;

        make_panel(j, panel, c, k, u, q.u_step, lines);
        multiply_points(j, &q, c, k, up(count, j->kind.few));
    }
    put_tiles(j, panel, j->first + first, count, q.m, q.m_step);
}

static void
run_many_weights(struct engine *g, struct job *j)
{
    size_t in = j->x->c, band = BAND_FLOATS / (j->points * in) / SPLIT * SPLIT, pieces;

    band = band < SPLIT ? SPLIT : band;
    band = band > j->tiles ? up(j->tiles, j->kind.few) : band;
    pieces = (TASKS_WANTED + j->panels - 1) / j->panels;
    if (pieces > (band + SPLIT - 1) / SPLIT)
        pieces = (band + SPLIT - 1) / SPLIT;
    j->group = up((band + pieces - 1) / pieces, j->kind.rows * j->kind.few);
    j->v = engine_floats(g, j->points * (band * in + PAD));
    j->scratch_size = j->points * ((CHUNK + j->group) * j->kind.panel + 2 * PAD);
    j->scratch_size += 2 * PANEL_MAX * TURN * 9;
    j->scratch_size = up(j->scratch_size, PANEL_MAX);
    j->scratch = engine_floats(g, (size_t)pool_threads(g->pool) * j->scratch_size);
    for (j->first = 0; j->first < j->tiles && !g->planning; j->first += band) {
        j->count = j->tiles - j->first < band ? j->tiles - j->first : band;
        j->splits = (j->count + j->group - 1) / j->group;
        pool_run(g->pool, (int)(up(j->count, j->kind.few) / j->kind.few), tiles_task, j);
        pool_run(g->pool, (int)(j->panels * j->splits), split_task, j);
    }
}

/* --- many tiles: all panels, then a band of tiles, then point by point --- */

static void
block_task(void *arg, int index, int thread)
{
    const struct job *j = arg;
    size_t in = j->x->c, chunks = (in + CHUNK - 1) / CHUNK, c = (size_t)index % chunks * CHUNK;
    size_t panel = (size_t)index / chunks, step = in * j->kind.panel + PAD;

    make_panel(j, j->first_panel + panel, c, in - c < CHUNK ? in - c : CHUNK,
               j->u + panel * j->points * step + c * j->kind.panel, step,
               j->scratch + (size_t)thread * j->scratch_size);
}

static void
point_task(void *arg, int index, int thread)
{
    const struct job *j = arg;
    size_t p = (size_t)index % j->points, first = (size_t)index / j->points * j->group;
    size_t in = j->x->c, width = j->kind.panel, rows = up(j->count, j->kind.few), r;
    size_t v_step = rows * in + PAD, u_step = in * width + PAD, m_step = rows * width + PAD;
    size_t end = first + j->group < rows ? first + j->group : rows;
    const float *v = j->v + p * v_step;

    (void)thread;
    for (size_t panel = 0; panel < j->block; panel++) {
        const float *u = j->u + (panel * j->points + p) * u_step;
        float *m = j->m + (panel * j->points + p) * m_step;

        for (r = first; r + j->kind.rows <= end; r += j->kind.rows)
            j->kind.multiply(v + r * in, in, u, in, false, m + r * width, width);
        for (; r < end; r += j->kind.few)
            j->kind.multiply_few(v + r * in, in, u, in, false, m + r * width, width);
    }
}

static void
put_task(void *arg, int index, int thread)
{
    const struct job *j = arg;
    size_t first = (size_t)index * PUT, width = j->kind.panel;
    size_t end = first + PUT < j->count ? first + PUT : j->count;
    size_t m_step = up(j->count, j->kind.few) * width + PAD;
    struct place at;

    (void)thread;
    for (size_t t = first; t < end; t++) {
        find_place(j, j->first + t, &at);
        for (size_t panel = 0; panel < j->block; panel++) {
            const float *m = j->m + panel * j->points * m_step + t * width;
            size_t channel = (j->first_panel + panel + 1) * width;

            if (panel + 1 < j->block && j->out->c >= channel + width)
                fetch_place(j, m + j->points * m_step, m_step, channel, &at);
            put_tile(j, j->first_panel + panel, m, m_step, &at);
        }
    }
}

static void
run_band(struct engine *g, struct job *j)
{
    size_t few = j->kind.few, groups = (up(j->count, few) + j->group - 1) / j->group;

    pool_run(g->pool, (int)(up(j->count, few) / few), tiles_task, j);
    pool_run(g->pool, (int)(j->points * groups), point_task, j);
    pool_run(g->pool, (int)((j->count + PUT - 1) / PUT), put_task, j);
}

static void
run_many_tiles(struct engine *g, struct job *j)
{
    size_t in = j->x->c, width = j->kind.panel, u_step = in * width + PAD;
    size_t most = PANELS_FLOATS / (j->points * u_step), band;

    most = most < 1 ? 1 : most > j->panels ? j->panels : most;
    band = BAND_FLOATS / j->points / (in > most * width ? in : most * width) / SPLIT * SPLIT;
    band = band < SPLIT ? SPLIT : band;
    band = band > j->tiles ? up(j->tiles, j->kind.few) : band;
    j->group = POINT_ROWS;
    j->u = engine_floats(g, most * j->points * u_step);
    j->v = engine_floats(g, j->points * (band * in + PAD));
    j->m = engine_floats(g, most * j->points * (band * width + PAD));
    j->scratch_size = 2 * PANEL_MAX * TURN * 9;
    j->scratch = engine_floats(g, (size_t)pool_threads(g->pool) * j->scratch_size);
    for (size_t at = 0; at < j->panels && !g->planning; at += most) {
        j->first_panel = at;
        j->block = j->panels - at < most ? j->panels - at : most;
        pool_run(g->pool, (int)(j->block * ((in + CHUNK - 1) / CHUNK)), block_task, j);
        for (j->first = 0; j->first < j->tiles; j->first += band) {
            j->count = j->tiles - j->first < band ? j->tiles - j->first : band;
            run_band(g, j);
        }
    }
}

void
winograd_conv(struct engine *g, const struct conv_shape *s, const struct tensor *x,
              const struct weight *w, const struct gemm_add *add, struct tensor *out)
{
    struct job j = {.s = s, .x = x, .w = w, .add = add, .out = out, .kind = best_kind()};
    size_t mark = engine_mark(g);
    float *zeros;

    j.side = best_side(x->c, out);
    j.step = j.side - 2;
    j.points = j.side * j.side;
    j.h = s->grow_h != 0 ? s->grow_h : x->h;
    j.wide = s->grow_w != 0 ? s->grow_w : x->w;
    j.across = (out->w + j.step - 1) / j.step;
    j.tiles = out->n * tiles_of(out, j.step);
    j.panels = (out->c + j.kind.panel - 1) / j.kind.panel;
    zeros = engine_floats(g, x->c);
    j.zeros = zeros;
    if (!g->planning)
        memset(zeros, 0, x->c * sizeof *zeros);
    if (g->planning)
        g->flops += 2.0 * (double)(out->n * out->h * out->w) * 9.0 * (double)(x->c * out->c);
    if (j.panels * j.kind.panel * x->c * j.points <= FEW_WEIGHTS)
        run_few_weights(g, &j);
    else if (tiles_of(out, j.step) >= MANY_TILES)
        run_many_tiles(g, &j);
    else
        run_many_weights(g, &j);
    engine_rewind(g, mark);
}

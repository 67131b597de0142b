/*
 * Products without a BLAS. Knows nothing of layers. Read next: attention.c.
 *
 * Why: sgemm packs both operands anew in every call, and cannot read half floats, so a fifth of the
 * time of a U-Net went into copying. Here the smaller operand is packed once for all tasks ("the
 * panels"), and the other is read as it lies, row by row: activations from where they are, weights
 * through a scratch of a few hundred kilobytes in which they become floats. When the weights are
 * the rows, as in the small images deep in a U-Net, the result comes out turned and is turned back
 * on the way to its place. Bias, residual and gate are applied on that way too.
 */
#include "render/engine/gemm_direct.h"

#include <string.h>

#include "render/engine/act.h"
#include "render/engine/engine.h"
#include "render/engine/gemm.h"
#include "render/engine/isa.h"
#include "render/engine/pool.h"
#include "render/engine/turn.h"

#define ROWS 48         /* of a task; a multiple of every kind's rows */
#define DEPTH 512       /* of k at a time */
#define COLUMNS 256     /* of a task when activations are the rows */
#define COLUMNS_MAX 512 /* when weights are the rows */
#define MODEST_M 8      /* fewer rows per image are not worth a panel */
#define PANEL_MAX 32    /* columns of a panel, of any kind */

#if ISA_X86
#define TILE_NAME(x) x##_avx512
#define TILE_TARGET ISA_TARGET_AVX512
#define TILE_LANES 16
#define TILE_ROWS 12
#include "render/engine/gemm_tile.h"
#define TILE_NAME(x) x##_avx2
#define TILE_TARGET ISA_TARGET_AVX2
#define TILE_LANES 8
#define TILE_ROWS 6
#include "render/engine/gemm_tile.h"
#endif

struct kind {
    size_t rows, columns; /* of a tile in registers */
    void (*multiply)(const float *rows, size_t ld_rows, const float *panel, size_t k, bool more,
                     float *sums, size_t ld);
};

struct job {
    const struct gemm *p;
    struct kind kind;
    size_t m, n, k; /* all images' rows; output columns; depth */
    size_t wide;    /* rows of all parts together: n, or 2 n if gated */
    bool turned;    /* weights are the rows, activations the panels */
    size_t columns; /* packed, padded to whole panels */
    size_t chunk;   /* packed columns per task */
    size_t row_tasks, column_tasks;
    float *panels;  /* [columns / kind.columns][k][kind.columns] */
    float *scratch; /* per thread: rows as floats [ROWS][DEPTH], sums [ROWS][chunk], lines */
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
    struct kind none = {0, 0, NULL};

#if ISA_X86
    if (isa_best() >= ISA_AVX512)
        return (struct kind){12, 32, multiply_avx512};
    if (isa_best() >= ISA_AVX2)
        return (struct kind){6, 16, multiply_avx2};
#endif
    return none;
}

bool
gemm_direct_fits(const struct gemm *p)
{
    return best_kind().multiply != NULL && p->m >= MODEST_M;
}

/* Rows [first, first + count) of all parts together, as floats. */
static const float *
weight_lines(const struct job *j, size_t first, size_t count, float *scratch)
{
    size_t each = j->p->parts->rows, k = j->k, done = 0;

    if (first % each + count <= each)
        return weight_rows(&j->p->parts[first / each], first % each, count, scratch);
    while (done < count) {
        size_t at = (first + done) % each, most = each - at, rest = count - done;
        size_t some = rest < most ? rest : most;
        float *to = scratch + done * k;
        const float *got = weight_rows(&j->p->parts[(first + done) / each], at, some, to);

        if (got != to)
            memcpy(to, got, some * k * sizeof *to);
        done += some;
    }
    return scratch;
}

/* The row of the weights that column `column` of the panels holds. A gated panel has values on its
   left half and their gates on the right. */
static size_t
gated_row(const struct job *j, size_t panel, bool right)
{
    return panel * j->kind.columns / 2 + (right ? j->n : 0);
}

/* Packs one panel from weights. */
static void
pack_weights(const struct job *j, size_t panel, float *lines)
{
    size_t side = j->kind.columns, halves = j->p->gated ? 2 : 1, width = side / halves;
    float *to = j->panels + panel * j->k * side;

    for (size_t h = 0; h < halves; h++) {
        size_t first = j->p->gated ? gated_row(j, panel, h == 1) : panel * side;
        size_t end = j->p->gated ? (h + 1) * j->n : j->wide;
        size_t count = first < end ? (end - first < width ? end - first : width) : 0;

        if (count < width) {
            for (size_t i = 0; i < j->k; i++)
                memset(to + i * side + h * width, 0, width * sizeof *to);
        }
        if (count > 0)
            turn(weight_lines(j, first, count, lines), j->k, count, j->k, to + h * width, side);
    }
}

static void
pack_task(void *arg, int index, int thread)
{
    const struct job *j = arg;
    size_t side = j->kind.columns, first = (size_t)index * side;
    size_t count = j->m - first < side ? j->m - first : side;
    float *to = j->panels + (size_t)index * j->k * side;

    if (!j->turned) {
        pack_weights(j, (size_t)index, j->scratch + (size_t)thread * j->scratch_size);
        return;
    }
    if (count < side)
        memset(to, 0, j->k * side * sizeof *to);
    turn(j->p->a + first * j->p->lda, j->p->lda, count, j->k, to, side);
}

/* to = line + bias + residual, each of which may be missing. */
ENGINE_VECTOR static void
add_vectors(const float *line, const float *bias, const float *residual, size_t count, float *to)
{
    if (bias == NULL && residual == NULL) {
        memcpy(to, line, count * sizeof *to);
    } else if (residual == NULL) {
        for (size_t i = 0; i < count; i++)
            to[i] = line[i] + bias[i];
    } else if (bias == NULL) {
        for (size_t i = 0; i < count; i++)
            to[i] = line[i] + residual[i];
    } else {
        for (size_t i = 0; i < count; i++)
            to[i] = line[i] + bias[i] + residual[i];
    }
}

/* A line of sums, with bias and residual, to row `row` of C, columns from `column`. */
static void
put_line(const struct job *j, size_t row, size_t column, size_t count, const float *line)
{
    const struct gemm_add *add = &j->p->add;
    const float *bias = add->bias, *residual = add->residual;
    float *to = j->p->c + row * j->p->ldc + column;

    if (bias != NULL)
        bias += column + (add->bias_rows != 0 ? row / add->bias_rows * j->n : 0);
    if (residual != NULL)
        residual += row * add->ld_residual + column;
    add_vectors(line, bias, residual, count, to);
    gemm_rectify(add, to, count);
}

/* Activations were the rows: sums[count][chunk] go where they belong, panels side by side. */
static void
store_plain(const struct job *j, size_t row, size_t count, size_t from, size_t columns,
            const float *sums)
{
    for (size_t r = 0; r < count; r++)
        put_line(j, row + r, from, columns, sums + r * j->chunk);
}

/* The two halves of gated panels, side by side again. */
static void
part_halves(const struct job *j, const float *sums, size_t columns, float *value, float *gate)
{
    size_t width = j->kind.columns / 2;

    for (size_t c = 0; c < columns; c += 2 * width, sums += 2 * width) {
        memcpy(value + c / 2, sums, width * sizeof *value);
        memcpy(gate + c / 2, sums + width, width * sizeof *gate);
    }
}

static void
store_gated(const struct job *j, size_t row, size_t count, size_t from, size_t columns,
            const float *sums)
{
    const float *bias = j->p->add.bias, *gate_bias = bias != NULL ? bias + j->n : NULL;
    size_t at = from / 2, shown = j->n - at < columns / 2 ? j->n - at : columns / 2;
    float value[COLUMNS / 2], gate[COLUMNS / 2];

    for (size_t r = 0; r < count; r++) {
        part_halves(j, sums + r * j->chunk, columns, value, gate);
        if (bias != NULL) {
            add_vectors(value, bias + at, NULL, shown, value);
            add_vectors(gate, gate_bias + at, NULL, shown, gate);
        }
        act_geglu_row(value, gate, j->p->c + (row + r) * j->p->ldc + at, shown);
    }
}

/* Weights were the rows: sums[count][chunk] hold output columns [column, column + count) of C's
   rows [row, row + rows). */
static void
store_turned(const struct job *j, size_t column, size_t count, size_t row, size_t rows,
             const float *sums, float *line)
{
    size_t shown = j->p->gated ? count / 2 : count;

    for (size_t r = 0; r < rows; r += PANEL_MAX) {
        size_t some = rows - r < PANEL_MAX ? rows - r : PANEL_MAX;

        turn(sums + r, j->chunk, count, some, line, ROWS);
        for (size_t i = 0; i < some; i++) {
            float *one = line + i * ROWS, *to = j->p->c + (row + r + i) * j->p->ldc + column;

            if (!j->p->gated) {
                put_line(j, row + r + i, column, count, one);
                continue;
            }
            for (size_t x = 0; x < shown && j->p->add.bias != NULL; x++) {
                one[x] += j->p->add.bias[column + x];
                one[shown + x] += j->p->add.bias[j->n + column + x];
            }
            act_geglu_row(one, one + shown, to, shown);
        }
    }
}

/* Adds k's part [at, at + depth) to the sums of a task. */
static void
run_depth(const struct job *j, const float *rows, size_t ld, size_t count, size_t first_column,
          size_t columns, size_t at, size_t depth, float *sums)
{
    size_t side = j->kind.columns;

    for (size_t r = 0; r < count; r += j->kind.rows) {
        for (size_t c = 0; c < columns; c += side)
            j->kind.multiply(rows + r * ld, ld,
                             j->panels + ((first_column + c) / side * j->k + at) * side, depth,
                             at > 0, sums + r * j->chunk + c, j->chunk);
    }
}

/* Copies rows whose number is no multiple of the kind's, so that the kernel may read past them. */
static const float *
whole_rows(const struct job *j, const float *rows, size_t ld, size_t count, size_t depth,
           float *scratch)
{
    memset(scratch, 0, up(count, j->kind.rows) * depth * sizeof *scratch);
    for (size_t r = 0; r < count; r++)
        memcpy(scratch + r * depth, rows + r * ld, depth * sizeof *scratch);
    return scratch;
}

static void
plain_task(const struct job *j, size_t row_task, size_t column_task, float *scratch)
{
    size_t row = row_task * ROWS, from = column_task * j->chunk;
    size_t count = j->m - row < ROWS ? j->m - row : ROWS;
    size_t columns = j->columns - from < j->chunk ? j->columns - from : j->chunk;
    size_t shown = j->wide - from < columns ? j->wide - from : columns;
    float *sums = scratch + ROWS * DEPTH;

    for (size_t at = 0; at < j->k; at += DEPTH) {
        size_t depth = j->k - at < DEPTH ? j->k - at : DEPTH, ld = j->p->lda;
        const float *rows = j->p->a + row * ld + at;

        if (count % j->kind.rows != 0) {
            rows = whole_rows(j, rows, ld, count, depth, scratch);
            ld = depth;
        }
        run_depth(j, rows, ld, count, from, columns, at, depth, sums);
    }
    if (j->p->gated)
        store_gated(j, row, count, from, columns, sums);
    else
        store_plain(j, row, count, from, shown, sums);
}

/* The rows of the weights that a turned task multiplies: ROWS of them, or half as many values and
   their gates. */
static size_t
turned_rows(const struct job *j, size_t row_task, size_t at, size_t depth, float *rows)
{
    size_t halves = j->p->gated ? 2 : 1, most = ROWS / halves, first = row_task * most;
    size_t count = j->n - first < most ? j->n - first : most;

    for (size_t h = 0; h < halves; h++) {
        for (size_t r = 0; r < count; r++) {
            size_t row = h * j->n + first + r, each = j->p->parts->rows;

            weight_row_part(&j->p->parts[row / each], row % each, at, depth,
                            rows + (h * count + r) * depth);
        }
    }
    return count * halves;
}

static void
turned_task(const struct job *j, size_t row_task, size_t column_task, float *scratch)
{
    size_t from = column_task * j->chunk, count = 0, most = ROWS / (j->p->gated ? 2 : 1);
    size_t columns = j->columns - from < j->chunk ? j->columns - from : j->chunk;
    size_t shown = j->m - from < columns ? j->m - from : columns;
    float *sums = scratch + ROWS * DEPTH;

    for (size_t at = 0; at < j->k; at += DEPTH) {
        size_t depth = j->k - at < DEPTH ? j->k - at : DEPTH, whole;

        count = turned_rows(j, row_task, at, depth, scratch);
        whole = up(count, j->kind.rows);
        memset(scratch + count * depth, 0, (whole - count) * depth * sizeof *scratch);
        run_depth(j, scratch, depth, count, from, columns, at, depth, sums);
    }
    store_turned(j, row_task * most, count, from, shown, sums, sums + ROWS * j->chunk);
}

static void
tile_task(void *arg, int index, int thread)
{
    const struct job *j = arg;
    size_t row_task = (size_t)index % j->row_tasks, column_task = (size_t)index / j->row_tasks;
    float *scratch = j->scratch + (size_t)thread * j->scratch_size;

    if (j->turned)
        turned_task(j, row_task, column_task, scratch);
    else
        plain_task(j, row_task, column_task, scratch);
}

void
gemm_direct(struct engine *g, const struct gemm *p)
{
    struct job j = {.p = p, .kind = best_kind(), .m = p->images * p->m, .k = p->parts->depth};
    size_t mark = engine_mark(g), lines;

    j.wide = p->parts->rows * p->count;
    j.n = p->gated ? j.wide / 2 : j.wide;
    /* The panels are what is packed: the smaller operand. */
    j.turned = j.m < j.wide && p->parts->taps <= 1;
    if (j.turned) {
        j.columns = up(j.m, j.kind.columns);
        j.chunk = j.columns < COLUMNS_MAX ? j.columns : COLUMNS_MAX;
        j.row_tasks = (j.wide + ROWS - 1) / ROWS;
        if (p->gated)
            j.row_tasks = (j.n + ROWS / 2 - 1) / (ROWS / 2);
    } else {
        j.columns = p->gated ? up(j.n, j.kind.columns / 2) * 2 : up(j.wide, j.kind.columns);
        j.chunk = j.columns < COLUMNS ? j.columns : COLUMNS;
        j.row_tasks = (j.m + ROWS - 1) / ROWS;
    }
    j.column_tasks = (j.columns + j.chunk - 1) / j.chunk;
    j.panels = engine_floats(g, j.columns * j.k);
    lines = ROWS * (DEPTH + j.chunk + PANEL_MAX);
    j.scratch_size = lines > PANEL_MAX * j.k ? lines : PANEL_MAX * j.k;
    j.scratch_size = up(j.scratch_size, PANEL_MAX);
    j.scratch = engine_floats(g, (size_t)pool_threads(g->pool) * j.scratch_size);
    if (g->planning) {
        g->flops += 2.0 * (double)j.m * (double)j.wide * (double)j.k;
    } else {
        pool_run(g->pool, (int)(j.columns / j.kind.columns), pack_task, &j);
        pool_run(g->pool, (int)(j.row_tasks * j.column_tasks), tile_task, &j);
    }
    engine_rewind(g, mark);
}

/*
 * A decoder and an encoder in bands. Knows neither latents nor limits. Read next: autoencoder_kl.c.
 *
 * A resnet needs the sums over its whole input before the first product, and those over all of
 * conv1's output before the second. So it takes two passes over the bands: norm1 and conv1, whose
 * output is kept packed and summed up; then norm2, conv2 and the shortcut, written over what the
 * shortcut read and summed up for the next norm. A band reads one row more above and below than it
 * writes; at such an edge the convolution's zeros are wrong, and the row is thrown away.
 *
 * The packed states share one block of memory: what a stage begins with lies at its end.
 */
#include "render/model/autoencoder_tiles.h"

#include <string.h>

#include "render/engine/norm.h"
#include "render/engine/packed.h"

#define HALO 1

struct walk {
    struct engine *g;
    const struct tiles *t; /* of a decoder; NULL = an encoder */
    size_t rows;
    unsigned char *block;
    size_t size;                /* of the block */
    double *sums, *hidden_sums; /* of the state and of conv1's output: [2][c] */
};

/* Where the rows of a state come from: as they are stored, or enlarged. */
struct source {
    struct packed stored;
    const struct conv_layer *grow; /* or NULL */
};

/* Rows [first, end) are written, rows [from, to) are read. */
struct band {
    size_t first, end, from, to;
};

static size_t
packed_size(size_t h, size_t w, size_t c)
{
    return (h * packed_row(w, c) + 63) / 64 * 64;
}

/* A band of as many pixels on every level. */
static bool
next_band(const struct walk *k, size_t h, size_t picture, struct band *b)
{
    size_t rows = k->rows * (picture / h);

    b->first = b->end;
    b->end = b->first + rows < h ? b->first + rows : h;
    b->from = b->first > HALO ? b->first - HALO : 0;
    b->to = b->end + HALO < h ? b->end + HALO : h;
    return b->first < h;
}

static struct tensor
rows_of(const struct tensor *x, size_t first, size_t count)
{
    struct tensor view = {x->data + first * x->w * x->c, 1, count, x->w, x->c};

    return view;
}

static struct tensor
inner(const struct tensor *x, const struct band *b)
{
    return rows_of(x, b->first - b->from, b->end - b->first);
}

static struct tensor
fetch_stored(struct engine *g, const struct packed *p, size_t from, size_t to)
{
    struct tensor x = tensor_new(g, 1, to - from, p->w, p->c);

    unpack_rows(g, p, from, to - from, x.data);
    return x;
}

static struct tensor
fetch(struct engine *g, const struct source *s, size_t from, size_t to)
{
    const struct packed *p = &s->stored;
    size_t first = from / 2, end = (to + 1) / 2, mark;
    struct tensor small, big;

    if (s->grow == NULL)
        return fetch_stored(g, p, from, to);
    first = first > HALO ? first - HALO : 0;
    end = end + HALO < p->h ? end + HALO : p->h;
    big = tensor_new(g, 1, 2 * (end - first), 2 * p->w, s->grow->out);
    mark = engine_mark(g);
    small = fetch_stored(g, p, first, end);
    conv_run_grown(g, s->grow, &small, &big);
    engine_rewind(g, mark);
    return rows_of(&big, from - 2 * first, to - from);
}

static void
clear_sums(const struct walk *k, double *sums, size_t c)
{
    if (!k->g->planning)
        memset(sums, 0, 2 * c * sizeof *sums);
}

static void
normalise(const struct walk *k, const struct norm *n, double *sums, size_t pixels, struct tensor *x)
{
    struct norm_known known = {.groups = n->groups,
                               .eps = n->eps,
                               .scale = n->scale,
                               .shift = n->shift,
                               .sums = sums,
                               .pixels = pixels};

    norm_group_by(k->g, x, &known, true, x);
}

static void
run_shortcut(const struct walk *k, const struct resnet *r, const struct tensor *x, size_t first,
             const struct packed *to)
{
    struct tensor out = tensor_new(k->g, 1, x->h, x->w, r->shortcut.out);

    conv_run(k->g, &r->shortcut, x, NULL, NULL, &out);
    pack_rows(k->g, out.data, first, x->h, to);
}

/* Enlarges: sums the result up, and keeps it in `to` or, if `by` has a shortcut, only that. */
static void
run_grow(const struct walk *k, const struct source *s, const struct resnet *by, size_t picture,
         const struct packed *to)
{
    struct band b = {0};

    clear_sums(k, k->sums, s->grow->out);
    while (next_band(k, to->h, picture, &b)) {
        size_t mark = engine_mark(k->g);
        struct tensor x = fetch(k->g, s, b.first, b.end);

        norm_group_sums(k->g, &x, k->sums);
        if (by != NULL)
            run_shortcut(k, by, &x, b.first, to);
        else
            pack_rows(k->g, x.data, b.first, x.h, to);
        engine_rewind(k->g, mark);
    }
}

/* norm1 and conv1; the shortcut too, unless `shortcut` is NULL. */
static void
run_first(const struct walk *k, const struct resnet *r, const struct source *s, size_t picture,
          const struct packed *hidden, const struct packed *shortcut)
{
    struct band b = {0};

    clear_sums(k, k->hidden_sums, hidden->c);
    while (next_band(k, hidden->h, picture, &b)) {
        size_t mark = engine_mark(k->g), more;
        struct tensor x = fetch(k->g, s, b.from, b.to), h, kept = inner(&x, &b);

        more = engine_mark(k->g);
        if (shortcut != NULL)
            run_shortcut(k, r, &kept, b.first, shortcut);
        engine_rewind(k->g, more);
        normalise(k, &r->norm1, k->sums, hidden->h * hidden->w, &x);
        h = tensor_new(k->g, 1, x.h, x.w, hidden->c);
        conv_run(k->g, &r->conv1, &x, NULL, NULL, &h);
        kept = inner(&h, &b);
        norm_group_sums(k->g, &kept, k->hidden_sums);
        pack_rows(k->g, kept.data, b.first, kept.h, hidden);
        engine_rewind(k->g, mark);
    }
}

/* norm2 and conv2, added to `state`. */
static void
run_second(const struct walk *k, const struct resnet *r, const struct packed *hidden,
           size_t picture, const struct packed *state)
{
    struct band b = {0};

    clear_sums(k, k->sums, state->c);
    while (next_band(k, state->h, picture, &b)) {
        size_t mark = engine_mark(k->g);
        struct tensor h = fetch_stored(k->g, hidden, b.from, b.to), kept;
        struct tensor x = fetch_stored(k->g, state, b.from, b.to);

        normalise(k, &r->norm2, k->hidden_sums, state->h * state->w, &h);
        conv_run(k->g, &r->conv2, &h, NULL, x.data, &x);
        kept = inner(&x, &b);
        norm_group_sums(k->g, &kept, k->sums);
        pack_rows(k->g, kept.data, b.first, kept.h, state);
        engine_check(k->g, r->name, &kept);
        engine_rewind(k->g, mark);
    }
}

/* Where the states of a stage lie in the block. */
struct places {
    bool stores;      /* the enlarged state */
    bool changes;     /* the width */
    size_t big, wide; /* bytes of the enlarged state, and of one after the first resnet */
    size_t need;
};

static struct places
place(const struct tiles *t, size_t stage, size_t h, size_t w)
{
    const struct tiles_stage *s = &t->stages[stage];
    size_t from = s->grow->in, to = s->resnets[0].conv1.out;
    size_t row = packed_row(w / 2, from), before = packed_size(h / 2, w / 2, from), more;
    struct places p = {.changes = s->resnets[0].shortcut.in != 0};

    p.stores = stage < t->stored || !p.changes;
    p.big = packed_size(h, w, s->grow->out);
    p.wide = packed_size(h, w, to);
    if (p.stores) {
        p.need = p.big + p.wide + (p.changes ? p.wide : 0);
        if (p.need < p.big + before)
            p.need = p.big + before;
        return p;
    }
    /* conv1's output grows from the front over the state that it is made from. It never catches up
       if its rows are at least half as long and there is room for the rows that the next band reads
       again. */
    more = 2 * packed_row(w, to) >= row ? 3 * row : before;
    p.need = 2 * p.wide + (more + 63) / 64 * 64;
    return p;
}

/* Runs a stage on `x`, which becomes its result. */
static void
run_stage(const struct walk *k, size_t stage, size_t picture, struct packed *x)
{
    const struct tiles_stage *s = &k->t->stages[stage];
    const struct resnet *r = s->resnets;
    size_t h = 2 * x->h, w = 2 * x->w, to = r->conv1.out;
    struct places p = place(k->t, stage, h, w);
    struct source source = {*x, s->grow};
    struct packed front = {k->block, h, w, p.stores ? s->grow->out : to}, state = front;
    struct packed hidden = {k->block + (p.stores ? p.big : p.wide), h, w, to};

    run_grow(k, &source, p.stores ? NULL : r, picture, &front);
    if (p.stores) {
        source.stored = front;
        source.grow = NULL;
    }
    if (p.stores && p.changes) {
        state.data = k->block + k->size - p.wide;
        state.c = to;
    }
    for (size_t i = 0; i < s->count; i++) {
        run_first(k, &r[i], &source, picture, &hidden,
                  i == 0 && p.stores && p.changes ? &state : NULL);
        run_second(k, &r[i], &hidden, picture, &state);
        source.stored = state;
        source.grow = NULL;
    }
    *x = state;
    if (stage + 1 == k->t->count)
        return;
    x->data = k->block + k->size - p.wide;
    if (!k->g->planning && x->data != state.data)
        memmove(x->data, state.data, p.wide);
}

static void
run_out(const struct walk *k, const struct packed *x, struct tensor *image)
{
    struct band b = {0};

    while (next_band(k, image->h, image->h, &b)) {
        size_t mark = engine_mark(k->g);
        struct tensor h = fetch_stored(k->g, x, b.from, b.to), kept;
        struct tensor out = tensor_new(k->g, 1, h.h, h.w, image->c);

        normalise(k, k->t->norm_out, k->sums, x->h * x->w, &h);
        conv_run(k->g, k->t->conv_out, &h, NULL, NULL, &out);
        kept = inner(&out, &b);
        if (!k->g->planning)
            memcpy(image->data + b.first * image->w * image->c, kept.data,
                   tensor_count(&kept) * sizeof(float));
        engine_rewind(k->g, mark);
    }
}

void
tiles_run(struct engine *g, const struct tiles *t, const struct packed *x, struct tensor *image)
{
    struct walk k = {.g = g, .t = t, .rows = t->rows};
    struct packed state = *x;
    size_t mark = engine_mark(g), widest = 0;

    for (size_t i = 0; i < t->count; i++) {
        struct places p = place(t, i, x->h << (i + 1), x->w << (i + 1));
        size_t wide = t->stages[i].grow->out;

        k.size = p.need > k.size ? p.need : k.size;
        wide = wide > t->stages[i].resnets[0].conv1.out ? wide : t->stages[i].resnets[0].conv1.out;
        widest = wide > widest ? wide : widest;
    }
    k.block = (unsigned char *)engine_floats(g, k.size / sizeof(float));
    k.sums = (double *)(void *)engine_floats(g, 4 * widest);
    k.hidden_sums = (double *)(void *)engine_floats(g, 4 * widest);
    for (size_t i = 0; i < t->count; i++)
        run_stage(&k, i, image->h, &state);
    run_out(&k, &state, image);
    engine_rewind(g, mark);
}

/* --- the way down --- */

/* The first convolution, summed up and kept. */
static void
run_in(const struct walk *k, const struct conv_layer *conv_in, const struct tensor *image,
       const struct packed *to)
{
    struct band b = {0};

    clear_sums(k, k->sums, to->c);
    while (next_band(k, image->h, image->h, &b)) {
        size_t mark = engine_mark(k->g);
        struct tensor x = rows_of(image, b.from, b.to - b.from), kept;
        struct tensor y = tensor_new(k->g, 1, x.h, x.w, to->c);

        conv_run(k->g, conv_in, &x, NULL, NULL, &y);
        kept = inner(&y, &b);
        norm_group_sums(k->g, &kept, k->sums);
        pack_rows(k->g, kept.data, b.first, kept.h, to);
        engine_rewind(k->g, mark);
    }
}

/* A row is made of the two at its place and the one below; below the last there are zeros, which
 * the convolution adds itself. To `kept`, summed up, or to `out`, one of which is NULL. */
static void
run_shrink(const struct walk *k, const struct conv_layer *shrink, const struct packed *from,
           size_t picture, const struct packed *kept, struct tensor *out)
{
    size_t h = from->h / 2, w = from->w / 2, c = shrink->out;
    struct band b = {0};

    clear_sums(k, k->sums, c);
    while (next_band(k, h, picture, &b)) {
        size_t mark = engine_mark(k->g), end = 2 * b.end + 1 < from->h ? 2 * b.end + 1 : from->h;
        struct tensor x = fetch_stored(k->g, from, 2 * b.first, end);
        struct tensor y = tensor_new(k->g, 1, b.end - b.first, w, c);

        if (out != NULL && !k->g->planning)
            y.data = out->data + b.first * w * c;
        conv_run(k->g, shrink, &x, NULL, NULL, &y);
        if (kept != NULL) {
            norm_group_sums(k->g, &y, k->sums);
            pack_rows(k->g, y.data, b.first, y.h, kept);
        }
        engine_rewind(k->g, mark);
    }
}

/* Bytes that a level takes: its state, conv1's output, and where the width changes the new state.
 */
static size_t
level_size(const struct tiles_level *l, size_t h, size_t w)
{
    size_t in = l->resnets[0].conv1.in, out = l->resnets[0].conv1.out;

    return packed_size(h, w, in) + packed_size(h, w, out) * (in != out ? 2 : 1);
}

/* The state lies in front, conv1's output at the end, where the halved state is put then. */
static void
run_down(const struct walk *k, const struct tiles_level *l, size_t picture, struct packed *x,
         struct tensor *out)
{
    const struct resnet *r = l->resnets;
    size_t to = r->conv1.out, wide = packed_size(x->h, x->w, to);
    struct packed hidden = {k->block + k->size - wide, x->h, x->w, to}, state = *x, half;
    struct source source = {*x, NULL};
    bool changes = r->shortcut.in != 0;

    if (changes) {
        state.data += packed_size(x->h, x->w, x->c);
        state.c = to;
    }
    for (size_t i = 0; i < l->count; i++) {
        run_first(k, &r[i], &source, picture, &hidden, i == 0 && changes ? &state : NULL);
        run_second(k, &r[i], &hidden, picture, &state);
        source.stored = state;
    }
    half = (struct packed){hidden.data, x->h / 2, x->w / 2, l->shrink->out};
    run_shrink(k, l->shrink, &state, picture, out == NULL ? &half : NULL, out);
    if (!k->g->planning && out == NULL)
        memmove(k->block, half.data, packed_size(half.h, half.w, half.c));
    *x = half;
    x->data = k->block;
}

void
tiles_run_down(struct engine *g, const struct tiles_down *t, const struct tensor *image,
               struct tensor *out)
{
    struct walk k = {.g = g, .rows = t->rows};
    struct packed state = {NULL, image->h, image->w, t->conv_in->out};
    size_t mark = engine_mark(g), widest = t->conv_in->out;

    for (size_t i = 0; i < t->count; i++) {
        size_t need = level_size(&t->levels[i], image->h >> i, image->w >> i);
        size_t wide = t->levels[i].resnets[0].conv1.out;

        k.size = need > k.size ? need : k.size;
        widest = wide > widest ? wide : widest;
    }
    k.block = (unsigned char *)engine_floats(g, k.size / sizeof(float));
    k.sums = (double *)(void *)engine_floats(g, 4 * widest);
    k.hidden_sums = (double *)(void *)engine_floats(g, 4 * widest);
    state.data = k.block;
    run_in(&k, t->conv_in, image, &state);
    for (size_t i = 0; i < t->count; i++)
        run_down(&k, &t->levels[i], image->h, &state, i + 1 == t->count ? out : NULL);
    engine_rewind(g, mark);
}

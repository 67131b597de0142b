/*
 * Finding a single mark; see mark_single.h. Knows no files and not how a mark is taken away. Read
 * next: mark_parts.c, then mark.c.
 *
 * Letters of one mark are thin, of one height, beside each other, and have the same amount of the
 * same ink whatever is below them. What belongs together by that is a candidate; its traits are
 * weighed, by weights fitted on marks laid over drawn scenes (render/train/finder_fit.py).
 */
#include "render/pipeline/mark_single.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "render/pipeline/mark_parts.h"
#include "render/pipeline/mark_weights.h"

#define LEVELS 3
#define SIDE_LEAST 96     /* pixels, the shorter side of a level */
#define LETTER_MOST 0.4   /* of the longer side */
#define SLIM 0.34         /* of the longer side: strokes are thinner, windows and dots are not */
#define MEMBERS 64        /* parts of one candidate */
#define CHANCE_LEAST 0.02 /* worth being remembered */

#define NOWHERE ((struct box){1e9, -1e9, 1e9, -1e9})
#define BAND 0.3  /* of a line's height, above and below: what letters may reach out */
#define NEXT 1.3  /* of its height: how far on the next letter may be */
#define ROUNDS 4  /* of going on along the line */
#define TRIM 0.15 /* of the ink: less is no mark */

static const float THRESHOLDS[] = {5, 9, 16, 28};

struct group {
    const struct part *member[MEMBERS];
    int n, pixels;
};

/* A part's box in a turned frame. */
struct box {
    double u0, u1, v0, v1;
};

/* The best candidate, as far as its mask needs to know it. */
struct line {
    const struct level *level;
    int scale, sign;
    double angle, share, stroke;
    struct box box;
};

struct search {
    const struct level *level;
    struct parts parts;
    int scale, sign;
    int w, h; /* of the mask */
    uint8_t *mask;
    struct single *best;
    struct line line; /* of the best */
    const struct single_watch *watch;
};

static double
longer(const struct part *p)
{
    int w = p->x1 - p->x0 + 1, h = p->y1 - p->y0 + 1;

    return w > h ? w : h;
}

static double
ratio(double a, double b)
{
    return a > b ? a / (b + 1e-9) : b / (a + 1e-9);
}

/* Could it be a letter, or the frame of an emblem? */
static bool
is_stroked(const struct level *l, const struct part *p)
{
    double size = longer(p), most = LETTER_MOST * (l->w > l->h ? l->w : l->h);
    bool whole = p->x0 > 0 && p->y0 > 0 && p->x1 < l->w - 1 && p->y1 < l->h - 1;

    return whole && size <= most && p->share > 0.04 && p->stroke < SLIM * size && p->straight > 0.5;
}

/* --- traits --- */

/* Mean and relative deviation, weighted by pixels. */
struct spread {
    double n, sum, square;
};

static void
spread_add(struct spread *s, double weight, double v)
{
    s->n += weight;
    s->sum += weight * v;
    s->square += weight * v * v;
}

static double
spread_mean(const struct spread *s)
{
    return s->sum / (s->n + 1e-9);
}

static double
spread_relative(const struct spread *s)
{
    double mean = spread_mean(s);

    return sqrt(fmax(s->square / (s->n + 1e-9) - mean * mean, 0)) / (fabs(mean) + 1e-9);
}

/* What is seen of the ground through the ink: c = through·b + k, one `through` for all channels. */
static void
weigh_tint(const struct group *g, double trait[TRAITS])
{
    struct tint t = {0};
    double vb = 0, vc = 0, both = 0, contrast = 0, through, left, known;

    for (int i = 0; i < g->n; i++) {
        const struct tint *p = &g->member[i]->tint;

        t.n += p->n;
        for (int k = 0; k < 3; k++) {
            t.b[k] += p->b[k], t.c[k] += p->c[k];
            t.bb[k] += p->bb[k], t.bc[k] += p->bc[k], t.cc[k] += p->cc[k];
        }
    }
    t.n += 1e-9;
    for (int k = 0; k < 3; k++) {
        double d = (t.c[k] - t.b[k]) / t.n;

        vb += t.bb[k] / t.n - t.b[k] * t.b[k] / t.n / t.n;
        vc += t.cc[k] / t.n - t.c[k] * t.c[k] / t.n / t.n;
        both += t.bc[k] / t.n - t.b[k] * t.c[k] / t.n / t.n;
        contrast += d * d;
    }
    contrast = sqrt(contrast) + 1e-9;
    through = both / (vb + 1e-9);
    known = vb / (vb + 150);
    left = fmax(vc - both * through, 0);
    trait[TRAIT_OPAQUE] = known * fmin(fabs(1 - trait[TRAIT_AMOUNT] - through), 1.5);
    trait[TRAIT_LOOSE] = fmin(sqrt(left) / contrast, 2);
    trait[TRAIT_CONTRAST] = log(contrast / 1.7);
}

static void
weigh_parts(const struct group *g, double trait[TRAITS])
{
    struct spread ink = {0}, stroke = {0}, flat = {0}, straight = {0}, winding = {0}, slim = {0};

    for (int i = 0; i < g->n; i++) {
        const struct part *p = g->member[i];

        spread_add(&ink, p->count, p->share);
        spread_add(&stroke, p->count, p->stroke);
        spread_add(&flat, p->count, p->flat);
        spread_add(&straight, p->count, p->straight);
        spread_add(&winding, p->count, p->winding);
        spread_add(&slim, p->count, p->stroke / longer(p));
    }
    trait[TRAIT_PARTS] = log(g->n);
    trait[TRAIT_FLAT] = spread_mean(&flat);
    trait[TRAIT_STRAIGHT] = spread_mean(&straight);
    trait[TRAIT_INK] = spread_relative(&ink);
    trait[TRAIT_STROKE] = spread_relative(&stroke);
    trait[TRAIT_WINDING] = spread_mean(&winding);
    trait[TRAIT_AMOUNT] = spread_mean(&ink);
    trait[TRAIT_SLIM] = spread_mean(&slim);
    weigh_tint(g, trait);
}

/* The angle of the line on which a candidate's parts lie. */
static double
angle_of(const struct parts *ps, const struct group *g)
{
    double x = 0, y = 0, xx = 0, yy = 0, xy = 0, n = 0;

    for (int i = 0; i < g->n; i++) {
        for (int k = 0; k < g->member[i]->count; k++) {
            int at = ps->at[g->member[i]->start + k];
            double u = at % ps->w, v = at / ps->w;

            x += u, y += v;
            xx += u * u, yy += v * v, xy += u * v;
            n++;
        }
    }
    return 0.5 * atan2(2 * (xy - x * y / n), xx - x * x / n - (yy - y * y / n));
}

static struct box
turned(const struct parts *ps, const struct part *p, double angle)
{
    struct box b = NOWHERE;
    double c = cos(angle), s = sin(angle);

    for (int k = 0; k < p->count; k++) {
        int at = ps->at[p->start + k];
        double x = at % ps->w, y = at / ps->w, u = c * x + s * y, v = c * y - s * x;

        b.u0 = fmin(b.u0, u), b.u1 = fmax(b.u1, u);
        b.v0 = fmin(b.v0, v), b.v1 = fmax(b.v1, v);
    }
    return b;
}

static int
ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* How much of a line they are. */
static void
weigh_line(const struct parts *ps, const struct group *g, double trait[TRAITS])
{
    struct box all = NOWHERE;
    struct spread heights = {0};
    double angle = angle_of(ps, g), high[MEMBERS], foot[MEMBERS], wide = 0, half;
    int aligned = 0;

    for (int i = 0; i < g->n; i++) {
        struct box b = turned(ps, g->member[i], angle);

        all.u0 = fmin(all.u0, b.u0), all.u1 = fmax(all.u1, b.u1);
        all.v0 = fmin(all.v0, b.v0), all.v1 = fmax(all.v1, b.v1);
        high[i] = b.v1 - b.v0 + 1;
        foot[i] = b.v1;
        wide += b.u1 - b.u0 + 1;
        spread_add(&heights, 1, high[i]);
    }
    qsort(high, (size_t)g->n, sizeof *high, ascending);
    qsort(foot, (size_t)g->n, sizeof *foot, ascending);
    half = high[g->n / 2];
    for (int i = 0; i < g->n; i++)
        aligned += fabs(foot[i] - foot[g->n / 2]) < 0.1 * half + 1;
    trait[TRAIT_THICK] = fmin((all.v1 - all.v0 + 1) / half, 4);
    trait[TRAIT_CROWD] = fmin(fabs(wide / (all.u1 - all.u0 + 1) - 0.85), 1.5);
    trait[TRAIT_ALIGNED] = (double)aligned / g->n;
    trait[TRAIT_HEIGHTS] = spread_relative(&heights);
}

static void
weigh_emblem(const struct parts *ps, const struct group *g, double trait[TRAITS])
{
    const struct part *frame = g->member[0], *letter = g->member[1];
    double size = longer(frame), w = frame->x1 - frame->x0 + 1, h = frame->y1 - frame->y0 + 1;
    double x = (letter->x0 + letter->x1 - frame->x0 - frame->x1) / 2.0 / size;
    double y = (letter->y0 + letter->y1 - frame->y0 - frame->y1) / 2.0 / size, u = 0, v = 0;

    for (int k = 0; k < frame->count; k++) {
        u += ps->at[frame->start + k] % ps->w;
        v += (double)(ps->at[frame->start + k] / ps->w);
    }
    u = u / frame->count - (frame->x0 + frame->x1) / 2.0;
    v = v / frame->count - (frame->y0 + frame->y1) / 2.0;
    trait[TRAIT_THICK] = hypot(x, y);
    trait[TRAIT_CROWD] = fabs(longer(letter) / size - 0.45);
    trait[TRAIT_SLIM] = frame->stroke / size;
    trait[TRAIT_ALIGNED] = hypot(u, v) / size;
    trait[TRAIT_HEIGHTS] = fabs(log(w / h));
}

/* Where else there are such parts: letters of a mark are rarely among many others. */
static void
weigh_neighbourhood(const struct search *s, const struct group *g, double trait[TRAITS])
{
    int x0 = s->parts.w, y0 = s->parts.h, x1 = 0, y1 = 0, all = 0, near = 0, far;

    for (int i = 0; i < g->n; i++) {
        const struct part *p = g->member[i];

        x0 = p->x0 < x0 ? p->x0 : x0, x1 = p->x1 > x1 ? p->x1 : x1;
        y0 = p->y0 < y0 ? p->y0 : y0, y1 = p->y1 > y1 ? p->y1 : y1;
    }
    far = (int)longer(g->member[0]);
    for (int i = 0; i < s->parts.n; i++) {
        const struct part *p = &s->parts.part[i];

        if (!is_stroked(s->level, p))
            continue;
        all++;
        near += p->x1 > x0 - far && p->x0 < x1 + far && p->y1 > y0 - far && p->y0 < y1 + far;
    }
    trait[TRAIT_BUSY] = log(all);
    trait[TRAIT_ALONE] = (double)g->n / near;
}

/* A logistic of all traits, their squares and their products. */
static double
chance_of(enum single_kind kind, const double trait[TRAITS])
{
    const double *weight = WEIGHTS[kind];
    double sum = *weight++;

    for (int i = 0; i < TRAITS; i++) {
        sum += *weight++ * trait[i];
        for (int j = 0; j <= i; j++)
            sum += *weight++ * trait[i] * trait[j];
    }
    return 1 / (1 + exp(-sum));
}

/* --- candidates --- */

static void
draw_part(const struct search *s, const struct part *p)
{
    for (int k = 0; k < p->count; k++) {
        int at = s->parts.at[p->start + k];
        int x = at % s->parts.w * s->scale, y = at / s->parts.w * s->scale;

        for (int v = y; v < y + s->scale && v < s->h; v++)
            for (int u = x; u < x + s->scale && u < s->w; u++)
                s->mask[(size_t)v * (size_t)s->w + (size_t)u] = 255;
    }
}

/* The candidate's pixels in the mask, and nothing else. */
static void
draw(const struct search *s, const struct group *g)
{
    memset(s->mask, 0, (size_t)s->w * (size_t)s->h);
    for (int i = 0; i < g->n; i++)
        draw_part(s, g->member[i]);
}

static void
widen(struct box *all, const struct box *b)
{
    all->u0 = fmin(all->u0, b->u0), all->u1 = fmax(all->u1, b->u1);
    all->v0 = fmin(all->v0, b->v0), all->v1 = fmax(all->v1, b->v1);
}

static void
remember(struct search *s, const struct group *g)
{
    struct spread share = {0}, stroke = {0};
    struct line *l = &s->line;

    *l = (struct line){s->level, s->scale, s->sign, angle_of(&s->parts, g), 0, 0, NOWHERE};
    for (int i = 0; i < g->n; i++) {
        struct box b = turned(&s->parts, g->member[i], l->angle);

        widen(&l->box, &b);
        spread_add(&share, g->member[i]->count, g->member[i]->share);
        spread_add(&stroke, g->member[i]->count, g->member[i]->stroke);
    }
    l->share = spread_mean(&share);
    l->stroke = spread_mean(&stroke);
}

static void
consider(struct search *s, enum single_kind kind, const struct group *g)
{
    struct single one = {.kind = kind, .sign = s->sign};

    weigh_parts(g, one.trait);
    if (kind == SINGLE_LINE)
        weigh_line(&s->parts, g, one.trait);
    else
        weigh_emblem(&s->parts, g, one.trait);
    weigh_neighbourhood(s, g, one.trait);
    one.chance = chance_of(kind, one.trait);
    if (s->watch != NULL) {
        draw(s, g);
        s->watch->see(s->watch->ctx, &one, s->mask);
    }
    if (one.chance < CHANCE_LEAST || one.chance <= s->best->chance)
        return;
    *s->best = one;
    draw(s, g);
    remember(s, g);
}

static double
gap(const struct part *a, const struct part *b)
{
    double x = fmax(a->x0 - b->x1, b->x0 - a->x1), y = fmax(a->y0 - b->y1, b->y0 - a->y1);

    return fmax(fmax(x, y), 0);
}

static bool
are_neighbours(const struct part *a, const struct part *b)
{
    double small = fmin(longer(a), longer(b));

    return gap(a, b) <= 0.8 * small && ratio(longer(a), longer(b)) < 2.4 &&
           ratio(a->stroke, b->stroke) < 1.8 && ratio(a->share, b->share) < 1.35;
}

static int
root_of(const struct parts *ps, int i)
{
    while (ps->part[i].group != i)
        i = ps->part[i].group;
    return i;
}

static void
group_lines(struct search *s)
{
    struct parts *ps = &s->parts;

    for (int i = 0; i < ps->n; i++)
        ps->part[i].group = is_stroked(s->level, &ps->part[i]) ? i : -1;
    for (int i = 0; i < ps->n; i++) {
        for (int j = 0; j < i; j++) {
            if (ps->part[i].group >= 0 && ps->part[j].group >= 0 &&
                are_neighbours(&ps->part[i], &ps->part[j]))
                ps->part[root_of(ps, i)].group = root_of(ps, j);
        }
    }
    for (int i = 0; i < ps->n; i++) {
        struct group g = {.n = 0};
        bool fits = true;

        if (ps->part[i].group != i)
            continue;
        for (int j = 0; j < ps->n && fits; j++) {
            if (ps->part[j].group < 0 || root_of(ps, j) != i)
                continue;
            if ((fits = g.n < MEMBERS))
                g.member[g.n++] = &ps->part[j];
        }
        if (fits && g.n >= 3)
            consider(s, SINGLE_LINE, &g);
    }
}

static void
pair_emblems(struct search *s)
{
    struct parts *ps = &s->parts;

    for (int i = 0; i < ps->n; i++) {
        const struct part *frame = &ps->part[i];

        if (!is_stroked(s->level, frame) || longer(frame) < 20 ||
            frame->stroke > 0.2 * longer(frame))
            continue;
        for (int j = 0; j < ps->n; j++) {
            const struct part *letter = &ps->part[j];
            struct group g = {.member = {frame, letter}, .n = 2};

            if (j != i && letter->x0 > frame->x0 && letter->x1 < frame->x1 &&
                letter->y0 > frame->y0 && letter->y1 < frame->y1 &&
                longer(letter) > 0.2 * longer(frame) && is_stroked(s->level, letter) &&
                ratio(letter->share, frame->share) < 1.35)
                consider(s, SINGLE_EMBLEM, &g);
        }
    }
}

static void
search_level(struct search *s)
{
    for (s->sign = -1; s->sign <= 1; s->sign += 2) {
        for (size_t i = 0; i < sizeof THRESHOLDS / sizeof THRESHOLDS[0]; i++) {
            parts_find(s->level, s->sign, THRESHOLDS[i], &s->parts);
            group_lines(s);
            pair_emblems(s);
        }
    }
}

/* --- the mask of the best --- */

/* Is it a letter of the line that was not taken for one of its letters at first? */
static bool
goes_on(const struct line *l, const struct parts *ps, const struct part *p, struct box *box)
{
    double high = l->box.v1 - l->box.v0 + 1;

    if (ratio(p->share, l->share) > 1.6 || ratio(p->stroke, l->stroke) > 2 ||
        longer(p) > 2.5 * high)
        return false;
    *box = turned(ps, p, l->angle);
    return box->v0 > l->box.v0 - BAND * high && box->v1 < l->box.v1 + BAND * high &&
           box->u1 > l->box.u0 - NEXT * high && box->u0 < l->box.u1 + NEXT * high;
}

/* Letters that hang together with something else at one threshold are alone at another. */
static void
complete(struct search *s)
{
    struct line *l = &s->line;

    s->level = l->level;
    s->scale = l->scale;
    for (int i = 0; i < ROUNDS; i++) {
        struct box all = l->box;

        for (size_t t = 0; t < sizeof THRESHOLDS / sizeof THRESHOLDS[0]; t++) {
            parts_find(l->level, l->sign, THRESHOLDS[t], &s->parts);
            for (int k = 0; k < s->parts.n; k++) {
                struct box b;

                if (!goes_on(l, &s->parts, &s->parts.part[k], &b))
                    continue;
                draw_part(s, &s->parts.part[k]);
                all.u0 = fmin(all.u0, b.u0), all.u1 = fmax(all.u1, b.u1);
            }
        }
        if (all.u0 >= l->box.u0 && all.u1 <= l->box.u1)
            break;
        l->box.u0 = all.u0, l->box.u1 = all.u1;
    }
}

/* What is near the mask and has ink; what has none is taken off it. */
static void
trim(const struct search *s, const struct level *base, uint8_t *near)
{
    const struct level *l = s->line.level;
    int reach = s->line.scale + 1;
    double ink = s->line.sign > 0 ? 255 : 0;

    memset(near, 0, (size_t)s->w * (size_t)s->h);
    for (int y = 0; y < s->h; y++) {
        for (int x = 0; x < s->w; x++) {
            if (s->mask[y * s->w + x] == 0)
                continue;
            for (int v = y - reach; v <= y + reach; v++)
                for (int u = x - reach; u <= x + reach; u++)
                    if (u >= 0 && v >= 0 && u < s->w && v < s->h)
                        near[v * s->w + u] = 1;
        }
    }
    for (int i = 0; i < s->w * s->h; i++) {
        int x = i % s->w / s->line.scale, y = i / s->w / s->line.scale;
        double has;

        if (near[i] == 0)
            continue;
        x = x < l->w ? x : l->w - 1;
        y = y < l->h ? y : l->h - 1;
        has = ink_of(base->rgb + 3 * (size_t)i,
                     l->ground + 3 * ((size_t)y * (size_t)l->w + (size_t)x), ink);
        if (has >= 0)
            s->mask[i] = has > TRIM * s->line.share ? 255 : 0;
    }
}

int
single_find(const struct level *base, const struct single_watch *watch, struct single *out,
            uint8_t *mask, struct err *e)
{
    struct level half[LEVELS - 1] = {0};
    struct search s = {
        .w = base->w, .h = base->h, .mask = mask, .best = out, .watch = watch, .scale = 1};
    int rc;

    *out = (struct single){0};
    if ((rc = parts_new(base->w, base->h, &s.parts, e)) != ST_OK)
        goto out;
    s.level = base;
    search_level(&s);
    for (int i = 0; i < LEVELS - 1; i++) {
        if (s.level->w / 2 < SIDE_LEAST || s.level->h / 2 < SIDE_LEAST)
            break;
        if ((rc = level_halve(s.level, &half[i], e)) != ST_OK)
            goto out;
        s.level = &half[i];
        s.scale *= 2;
        search_level(&s);
    }
    if (s.line.level != NULL) {
        if (out->kind == SINGLE_LINE)
            complete(&s);
        trim(&s, base, s.parts.seen);
    }
out:
    for (int i = 0; i < LEVELS - 1; i++)
        level_release(&half[i]);
    parts_release(&s.parts);
    return rc;
}

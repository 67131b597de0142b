/*
 * Reading LoRA files and adding them to weights. Knows no network. Read next: lora_names.c.
 */
#include "render/weights/lora.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/arena.h"
#include "common/err.h"
#include "render/weights/safetensors.h"
#include "render/weights/weight_store.h"

#define RANK_MAX 4096
#define DROP_EVERY 16 /* modules after which the pages of what was read are given back */

enum role { ROLE_DOWN, ROLE_UP, ROLE_ALPHA, ROLES };

static const struct {
    const char *end;
    enum role role;
} ENDS[] = {
    {".lora_down.weight", ROLE_DOWN},
    {".lora_up.weight", ROLE_UP},
    {".alpha", ROLE_ALPHA},
    {".lora_A.weight", ROLE_DOWN},
    {".lora_B.weight", ROLE_UP},
    {".lora_A.default.weight", ROLE_DOWN},
    {".lora_B.default.weight", ROLE_UP},
    {".lora.down.weight", ROLE_DOWN},
    {".lora.up.weight", ROLE_UP},
    {".lora_linear_layer.down.weight", ROLE_DOWN},
    {".lora_linear_layer.up.weight", ROLE_UP},
    {"_lora.down.weight", ROLE_DOWN},
    {"_lora.up.weight", ROLE_UP},
};

/* Adapters of other kinds, and what they are called. */
static const char *const FOREIGN[][2] = {
    {"dora_scale", "DoRA"}, {"hada_", "LoHa"},
    {"lokr_", "LoKr"},      {"lora_mid", "LoCon with a middle"},
    {"oft_", "OFT"},        {"lora_magnitude", "DoRA"},
    {"glora", "GLoRA"},     {".diff", "full differences"},
    {"on_input", "IA3"},
};

/* One module of the file. */
struct adapter {
    const char *module; /* as the file spells it */
    const struct safetensor *parts[ROLES];
};

struct merger {
    const struct safetensors *file;
    struct weight_store *const *stores;
    double weight;
    struct adapter *adapters; /* sorted by module */
    size_t count;
};

static int
no_memory(struct err *e)
{
    return err_set(e, ST_NOMEM, "Not enough memory for this LoRA.", "lora");
}

/* Cuts the tensor's name into module and role. */
static int
split(struct arena *arena, const char *name, const char **module, enum role *role, struct err *e)
{
    size_t len = strlen(name);

    for (size_t i = 0; i < sizeof FOREIGN / sizeof *FOREIGN; i++) {
        if (strstr(name, FOREIGN[i][0]) != NULL)
            return err_setf(e, ST_UNSUPPORTED,
                            "The file is an adapter of another kind than LoRA (%s): it has a "
                            "tensor %.100s.",
                            FOREIGN[i][1], name);
    }
    for (size_t i = 0; i < sizeof ENDS / sizeof *ENDS; i++) {
        size_t cut = strlen(ENDS[i].end);

        if (len <= cut || strcmp(name + len - cut, ENDS[i].end) != 0)
            continue;
        if (ENDS[i].end[0] == '_') /* "to_q_lora" is the module's name */
            cut -= strlen("_lora");
        *role = ENDS[i].role;
        *module = arena_strndup(arena, name, len - cut);
        return *module != NULL ? ST_OK : no_memory(e);
    }
    return err_setf(e, ST_UNSUPPORTED,
                    "The LoRA has a tensor %.120s, which is no part of a LoRA that is known.",
                    name);
}

static int
compare(const void *a, const void *b)
{
    return strcmp(((const struct adapter *)a)->module, ((const struct adapter *)b)->module);
}

/* The list of adapters: one for each tensor at first, then those of one module together. */
static int
collect(struct merger *m, struct arena *arena, struct err *e)
{
    size_t total = safetensors_count(m->file), kept = 0;
    int rc;

    if (total == 0)
        return err_setf(e, ST_INVALID, "The LoRA holds no tensors.");
    if ((m->adapters = arena_calloc(arena, total, sizeof *m->adapters)) == NULL)
        return no_memory(e);
    for (size_t i = 0; i < total; i++) {
        const struct safetensor *t = safetensors_at(m->file, i);
        enum role role = ROLE_DOWN;

        if ((rc = split(arena, t->name, &m->adapters[i].module, &role, e)) != ST_OK)
            return rc;
        m->adapters[i].parts[role] = t;
    }
    qsort(m->adapters, total, sizeof *m->adapters, compare);
    for (size_t i = 0; i < total; i++) {
        if (kept == 0 || compare(&m->adapters[kept - 1], &m->adapters[i]) != 0) {
            m->adapters[kept++] = m->adapters[i];
            continue;
        }
        for (int r = 0; r < ROLES; r++) {
            const struct safetensor *t = m->adapters[i].parts[r];

            if (t != NULL && m->adapters[kept - 1].parts[r] != NULL)
                return err_setf(e, ST_INVALID, "The LoRA gives %.110s twice.", t->name);
            if (t != NULL)
                m->adapters[kept - 1].parts[r] = t;
        }
    }
    m->count = kept;
    return ST_OK;
}

static size_t
side(const struct safetensor *t, unsigned axis)
{
    return axis < t->rank && t->shape[axis] < SIZE_MAX ? (size_t)t->shape[axis]
           : axis < t->rank                            ? SIZE_MAX
                                                       : 1;
}

/* A tensor's values from malloc; NULL and *e. */
static float *
values_of(const struct merger *m, const struct safetensor *t, size_t count, struct err *e)
{
    const void *data;
    float *out;

    if (t->kind == DTYPE_OTHER || t->kind == DTYPE_I8) {
        err_setf(e, ST_UNSUPPORTED,
                 "The tensor %.100s has the number format %s; F32, F16 and BF16 can be used.",
                 t->name, t->format);
        return NULL;
    }
    if ((data = safetensors_data(m->file, t, e)) == NULL)
        return NULL;
    if ((out = calloc(count + 1, sizeof *out)) == NULL) {
        no_memory(e);
        return NULL;
    }
    dtype_convert(t->kind, data, out, count);
    return out;
}

/* alpha, which is one number; the rank where there is none. */
static int
read_alpha(const struct merger *m, const struct adapter *a, size_t rank, double *out, struct err *e)
{
    const struct safetensor *t = a->parts[ROLE_ALPHA];
    size_t count = 1;
    float *value;

    *out = (double)rank;
    if (t == NULL)
        return ST_OK;
    for (unsigned i = 0; i < t->rank; i++)
        count *= side(t, i) == 1 ? 1 : 2;
    if (count != 1)
        return err_setf(e, ST_INVALID, "The tensor %.120s must be one number.", t->name);
    if ((value = values_of(m, t, 1, e)) == NULL)
        return e->code;
    *out = (double)value[0];
    free(value);
    if (!isfinite(*out))
        return err_setf(e, ST_INVALID, "The tensor %.120s is not finite.", t->name);
    return ST_OK;
}

static int
misfit(const struct safetensor *t, const char *tensor, struct err *e)
{
    return err_setf(e, ST_INVALID, "The LoRA's %.100s does not fit the shape of %.90s.", t->name,
                    tensor);
}

/* down [r, in, k, k] and up [out, r, 1, 1] for a weight [out, in, k, k]; k may be absent. */
static int
check_shapes(const struct adapter *a, const size_t shape[8], const char *tensor, size_t *rank,
             struct err *e)
{
    const struct safetensor *down = a->parts[ROLE_DOWN], *up = a->parts[ROLE_UP];

    if (down == NULL || up == NULL)
        return err_setf(e, ST_INVALID, "The LoRA has only one of down and up for %.120s.",
                        a->module);
    *rank = side(down, 0);
    if (*rank == 0 || *rank > RANK_MAX)
        return err_setf(e, ST_INVALID, "The LoRA's %.110s has a rank of 0 or above %d.", down->name,
                        RANK_MAX);
    for (unsigned i = 1; i < 8; i++) {
        if (side(down, i) != shape[i])
            return misfit(down, tensor, e);
        if (side(up, i) != (i == 1 ? *rank : 1))
            return misfit(up, tensor, e);
    }
    return side(up, 0) == shape[0] ? ST_OK : misfit(up, tensor, e);
}

/* Four ranks at a time: a row is fetched and stored a quarter as often. */
static void
add_product(float *restrict w, const float *up, const float *down, size_t rows, size_t depth,
            size_t rank, float scale)
{
    for (size_t o = 0; o < rows; o++) {
        float *row = w + o * depth;

        const float *f = up + o * rank;
        size_t r = 0;

        for (; r + 4 <= rank; r += 4) {
            const float *d = down + r * depth;
            float a = scale * f[r], b = scale * f[r + 1], c = scale * f[r + 2],
                  e = scale * f[r + 3];

            for (size_t i = 0; i < depth; i++)
                row[i] +=
                    (a * d[i] + b * d[depth + i]) + (c * d[2 * depth + i] + e * d[3 * depth + i]);
        }
        for (; r < rank; r++) {
            const float *from = down + r * depth;
            float factor = scale * f[r];

            for (size_t i = 0; i < depth; i++)
                row[i] += factor * from[i];
        }
    }
}

/* Files of 16 bits become halves again where the numbers fit, so that the merged model is no larger
 * than the file; bf16 loses nothing by that but what lies below 2^-25. */
static int
keep(struct weight_store *s, const char *tensor, float *w, size_t count, struct err *e)
{
    bool halves = weight_store_kind(s, tensor) != DTYPE_F32;
    void *packed;
    int rc;

    for (size_t i = 0; i < count && halves; i++)
        halves = fabsf(w[i]) <= DTYPE_HALF_MOST;
    if (!halves)
        return weight_store_replace_copy(s, tensor, w, DTYPE_F32, e);
    if ((packed = malloc(2 * count + 1)) == NULL)
        return no_memory(e);
    dtype_to_halves(w, packed, count);
    rc = weight_store_replace_copy(s, tensor, packed, DTYPE_F16, e);
    free(packed);
    return rc;
}

static int
merge_one(const struct merger *m, const struct adapter *a, const struct lora_module *to,
          struct err *e)
{
    struct weight_store *s = m->stores[to->part];
    size_t shape[8], axes = weight_store_shape(s, to->tensor, shape), depth = 1, rank = 0;
    float *w = NULL, *up = NULL, *down = NULL;
    const float *mapped;
    double alpha;
    int rc;

    if ((rc = check_shapes(a, shape, to->tensor, &rank, e)) != ST_OK ||
        (rc = read_alpha(m, a, rank, &alpha, e)) != ST_OK ||
        (rc = weight_store_look(s, to->tensor, shape, axes, &mapped, e)) != ST_OK)
        return rc;
    for (size_t i = 1; i < axes; i++)
        depth *= shape[i];
    rc = ST_NOMEM;
    if ((w = malloc((shape[0] * depth + 1) * sizeof *w)) == NULL) {
        no_memory(e);
        goto out;
    }
    if ((down = values_of(m, a->parts[ROLE_DOWN], rank * depth, e)) == NULL ||
        (up = values_of(m, a->parts[ROLE_UP], shape[0] * rank, e)) == NULL) {
        rc = e->code;
        goto out;
    }
    if ((rc = weight_store_read(s, to->tensor, w, e)) != ST_OK)
        goto out;
    add_product(w, up, down, shape[0], depth, rank, (float)(m->weight * alpha / (double)rank));
    rc = keep(s, to->tensor, w, shape[0] * depth, e);
out:
    free(w);
    free(up);
    free(down);
    return rc;
}

int
lora_merge(const char *path, double weight, struct weight_store *const stores[LORA_PARTS],
           struct err *e)
{
    struct merger m = {.stores = stores, .weight = weight};
    struct arena *arena = arena_new(SIZE_MAX / 2);
    struct safetensors *file = NULL;
    struct lora_names *names = NULL;
    int rc;

    if (arena == NULL || (names = lora_names_new(arena, stores)) == NULL) {
        rc = no_memory(e);
        goto out;
    }
    if ((rc = safetensors_open(path, &file, e)) != ST_OK)
        goto out;
    m.file = file;
    if ((rc = collect(&m, arena, e)) != ST_OK)
        goto out;
    for (size_t i = 0; i < m.count && rc == ST_OK; i++) {
        struct lora_module to;

        if (lora_names_find(names, m.adapters[i].module, &to)) {
            rc = merge_one(&m, &m.adapters[i], &to, e);
            if (i % DROP_EVERY == 0)
                weight_store_drop(stores[to.part]);
        } else
            rc = err_setf(e, ST_INVALID,
                          "The LoRA is for a module %.140s, which this model does not have.",
                          m.adapters[i].module);
    }
    for (int i = 0; i < LORA_PARTS; i++)
        weight_store_drop(stores[i]);
out:
    safetensors_close(file);
    arena_free(arena);
    return rc;
}

static size_t
size_of(const struct safetensor *t)
{
    size_t count = 1;

    for (unsigned i = 0; i < t->rank; i++)
        count *= side(t, i);
    return count;
}

static int
check_finite(const struct merger *m, const struct safetensor *t, struct err *e)
{
    size_t count = size_of(t), i = 0;
    float *values = values_of(m, t, count, e);

    if (values == NULL)
        return e->code;
    while (i < count && isfinite(values[i]))
        i++;
    free(values);
    return i == count ? ST_OK
                      : err_setf(e, ST_INVALID, "The tensor %.120s is not finite.", t->name);
}

/* The weight's shape is not known here; what `down` says of it is taken for true. */
static int
check_one(const struct merger *m, const struct adapter *a, struct lora_info *info, struct err *e)
{
    const struct safetensor *down = a->parts[ROLE_DOWN], *up = a->parts[ROLE_UP];
    size_t shape[8], rank;
    double alpha;
    int rc;

    for (unsigned i = 0; i < 8; i++)
        shape[i] = i == 0 ? (up != NULL ? side(up, 0) : 1) : (down != NULL ? side(down, i) : 1);
    if ((rc = check_shapes(a, shape, "a weight", &rank, e)) != ST_OK ||
        (rc = read_alpha(m, a, rank, &alpha, e)) != ST_OK ||
        (rc = check_finite(m, down, e)) != ST_OK || (rc = check_finite(m, up, e)) != ST_OK)
        return rc;
    info->modules++;
    info->rank = rank > info->rank ? rank : info->rank;
    info->text = info->text || strncmp(a->module, "lora_te", 7) == 0 ||
                 strncmp(a->module, "text_encoder", 12) == 0;
    info->bytes += (down->end - down->begin) + (up->end - up->begin);
    return ST_OK;
}

int
lora_check(const char *path, struct lora_info *out, struct err *e)
{
    struct arena *arena = arena_new(SIZE_MAX / 2);
    struct safetensors *file = NULL;
    struct merger m = {.count = 0};
    int rc;

    *out = (struct lora_info){.modules = 0};
    if (arena == NULL) {
        rc = no_memory(e);
        goto out;
    }
    if ((rc = safetensors_open(path, &file, e)) != ST_OK)
        goto out;
    m.file = file;
    rc = collect(&m, arena, e);
    for (size_t i = 0; i < m.count && rc == ST_OK; i++)
        rc = check_one(&m, &m.adapters[i], out, e);
out:
    safetensors_close(file);
    arena_free(arena);
    return rc;
}

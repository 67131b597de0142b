/*
 * Half-made pictures as bytes. Knows no step's formulas. Read next: state.h, generate.c.
 */
#include "render/pipeline/state.h"

#include <stdlib.h>
#include <string.h>

#include "common/crypto.h"
#include "common/err.h"
#include "render/pipeline/generate_run.h"
#include "render/pipeline/pipeline.h"
#include "render/pipeline/pipeline_motion.h"

#define MAGIC "gempix-state 1\0\0" /* change the number when the meaning of the rest changes */
#define MAGIC_SIZE 16
#define OF_PICTURE MAGIC_SIZE
#define OF_REST (OF_PICTURE + CRYPTO_SHA256)
#define REST (OF_REST + CRYPTO_SHA256)
#define HEADER (REST + 16)

static void
put(uint8_t *to, uint64_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        to[i] = (uint8_t)(value >> 8 * i);
}

static uint64_t
get(const uint8_t *from, size_t bytes)
{
    uint64_t value = 0;

    for (size_t i = bytes; i > 0; i--)
        value = value << 8 | from[i - 1];
    return value;
}

static void
put_floats(uint8_t *to, const float *from, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t bits;

        memcpy(&bits, &from[i], sizeof bits);
        put(to + 4 * i, bits, 4);
    }
}

static void
get_floats(const uint8_t *from, float *to, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t bits = (uint32_t)get(from + 4 * i, 4);

        memcpy(&to[i], &bits, sizeof bits);
    }
}

/* --- what a picture is made from --- */

static void
mix_number(struct crypto_sha256_state *s, uint64_t value)
{
    uint8_t bytes[8];

    put(bytes, value, sizeof bytes);
    crypto_sha256_update(s, bytes, sizeof bytes);
}

static void
mix_real(struct crypto_sha256_state *s, double value)
{
    uint64_t bits;

    memcpy(&bits, &value, sizeof bits);
    mix_number(s, bits);
}

/* With its length, so that no two lists of texts look alike. */
static void
mix_bytes(struct crypto_sha256_state *s, const void *data, size_t size)
{
    mix_number(s, size);
    if (size > 0)
        crypto_sha256_update(s, data, size);
}

static void
digest(const struct run *r, const struct generate_params *p, uint8_t out[CRYPTO_SHA256])
{
    const char *negative = generate_negative(p);
    size_t pixels = (size_t)p->width * (size_t)p->height;
    bool from_source = generate_takes_source(r->p, p), masked = p->kind == GENERATE_INPAINT;
    struct crypto_sha256_state s;

    crypto_sha256_init(&s);
    mix_bytes(&s, r->p->info.name, strlen(r->p->info.name));
    mix_number(&s, r->p->info.weight_bytes);
    mix_bytes(&s, r->p->extras, sizeof r->p->extras);
    mix_bytes(&s, p->prompt, strlen(p->prompt));
    mix_bytes(&s, negative, strlen(negative));
    mix_number(&s, pipeline_motion_bytes(r->p));
    mix_number(&s, p->kind);
    mix_number(&s, p->sampler);
    mix_number(&s, p->seed);
    mix_number(&s, (uint64_t)p->width);
    mix_number(&s, (uint64_t)p->height);
    mix_number(&s, (uint64_t)p->steps);
    mix_number(&s, (uint64_t)p->clip_skip);
    mix_number(&s, generate_frames(p));
    mix_real(&s, p->guidance);
    mix_real(&s, p->image_guidance);
    mix_real(&s, p->rescale);
    mix_real(&s, p->strength);
    mix_bytes(&s, from_source ? p->source->pixels : NULL, from_source ? 3 * pixels : 0);
    mix_bytes(&s, masked ? p->mask->values : NULL, masked ? pixels : 0);
    crypto_sha256_final(&s, out);
}

/* --- the bytes --- */

void *
state_write(const struct run *r, const struct member *m, size_t step, size_t *size)
{
    size_t count = tensor_count(&m->x), arrays = m->memory != NULL ? 2 : 1;
    uint8_t *out;

    *size = HEADER + 4 * arrays * count;
    if ((out = malloc(*size)) == NULL)
        return NULL;
    memcpy(out, MAGIC, MAGIC_SIZE);
    digest(r, m->params, out + OF_PICTURE);
    put(out + REST, step, 4);
    put(out + REST + 4, arrays, 4);
    put(out + REST + 8, count, 8);
    put_floats(out + HEADER, m->x.data, count);
    if (m->memory != NULL)
        put_floats(out + HEADER + 4 * count, m->memory, count);
    crypto_sha256(out + REST, *size - REST, out + OF_REST);
    return out;
}

static int
refuse(struct member *m, const char *why)
{
    return err_set(m->e, ST_INVALID, "The saved state does not belong to this picture.", "%s", why);
}

int
state_read(const struct run *r, struct member *m)
{
    const uint8_t *from = m->params->resume;
    size_t size = m->params->resume_size, count = tensor_count(&m->x), step;
    size_t arrays = m->memory != NULL ? 2 : 1;
    uint8_t sum[CRYPTO_SHA256];

    if (size < HEADER || memcmp(from, MAGIC, MAGIC_SIZE) != 0)
        return refuse(m, "not the bytes of a state, or of another version");
    crypto_sha256(from + REST, size - REST, sum);
    if (memcmp(sum, from + OF_REST, sizeof sum) != 0)
        return refuse(m, "damaged");
    digest(r, m->params, sum);
    if (memcmp(sum, from + OF_PICTURE, sizeof sum) != 0)
        return refuse(m, "other parameters or another model");
    step = (size_t)get(from + REST, 4);
    if (step < 1 || step > r->sampler.steps || get(from + REST + 4, 4) != arrays ||
        get(from + REST + 8, 8) != count || size != HEADER + 4 * arrays * count)
        return refuse(m, "sizes that do not fit");
    for (size_t i = 0; i < arrays * count; i++) {
        if ((get(from + HEADER + 4 * i, 4) & 0x7f800000U) == 0x7f800000U)
            return refuse(m, "NaN or Inf");
    }
    get_floats(from + HEADER, m->x.data, count);
    if (m->memory != NULL)
        get_floats(from + HEADER + 4 * count, m->memory, count);
    m->first = step;
    return ST_OK;
}

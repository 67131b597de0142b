/*
 * Number formats. Knows nothing of files. Read next: safetensors.c.
 */
#include "render/engine/dtype.h"

#include "render/engine/engine.h"
#include "render/engine/isa.h"
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#if ISA_X86
#include <immintrin.h>
#endif

static const struct {
    const char *name;
    unsigned bits;
    enum dtype kind;
} FORMATS[] = {
    {"F32", 32, DTYPE_F32},          {"F16", 16, DTYPE_F16},      {"BF16", 16, DTYPE_BF16},
    {"I64", 64, DTYPE_OTHER},        {"U64", 64, DTYPE_OTHER},    {"F64", 64, DTYPE_OTHER},
    {"C64", 64, DTYPE_OTHER},        {"I32", 32, DTYPE_OTHER},    {"U32", 32, DTYPE_OTHER},
    {"I16", 16, DTYPE_OTHER},        {"U16", 16, DTYPE_OTHER},    {"I8", 8, DTYPE_I8},
    {"U8", 8, DTYPE_OTHER},          {"BOOL", 8, DTYPE_OTHER},    {"F8_E5M2", 8, DTYPE_OTHER},
    {"F8_E4M3", 8, DTYPE_OTHER},     {"F8_E8M0", 8, DTYPE_OTHER}, {"F8_E4M3FNUZ", 8, DTYPE_OTHER},
    {"F8_E5M2FNUZ", 8, DTYPE_OTHER}, {"F6_E2M3", 6, DTYPE_OTHER}, {"F6_E3M2", 6, DTYPE_OTHER},
    {"F4", 4, DTYPE_OTHER},
};

unsigned
dtype_bits(const char *name, enum dtype *kind)
{
    for (size_t i = 0; i < sizeof FORMATS / sizeof *FORMATS; i++) {
        if (strcmp(name, FORMATS[i].name) == 0) {
            *kind = FORMATS[i].kind;
            return FORMATS[i].bits;
        }
    }
    *kind = DTYPE_OTHER;
    return 0;
}

#if ISA_X86
/* The processor's own conversion, which is also quick with numbers below the normal range. */
ISA_TARGET_AVX512 static size_t
halves_avx512(const unsigned char *from, float *to, size_t count)
{
    size_t i;

    for (i = 0; i + 16 <= count; i += 16)
        _mm512_storeu_ps(to + i, _mm512_cvtph_ps(_mm256_loadu_si256(
                                     (const __m256i *)(const void *)(from + 2 * i))));
    return i;
}

ISA_TARGET_AVX2 static size_t
halves_avx2(const unsigned char *from, float *to, size_t count)
{
    size_t i;

    for (i = 0; i + 8 <= count; i += 8)
        _mm256_storeu_ps(to + i, _mm256_cvtph_ps(_mm_loadu_si128(
                                     (const __m128i *)(const void *)(from + 2 * i))));
    return i;
}
#endif

/* Converts what vectors can; how much that was. */
static size_t
halves_quickly(const unsigned char *from, float *to, size_t count)
{
#if ISA_X86
    if (isa_best() >= ISA_AVX512)
        return halves_avx512(from, to, count);
    if (isa_best() >= ISA_AVX2)
        return halves_avx2(from, to, count);
#else
    (void)from;
    (void)to;
    (void)count;
#endif
    return 0;
}

static float
from_half(uint16_t half)
{
    uint32_t sign = (uint32_t)(half & 0x8000) << 16;
    uint32_t rest = (uint32_t)(half & 0x7fff) << 13;
    float value;

    if ((half & 0x7c00) == 0x7c00) {
        rest |= 0x7f800000; /* Inf, NaN */
    } else {
        /* Exponents differ by 127 - 15; the product is exact and turns subnormals into normal
         * floats. */
        memcpy(&value, &rest, sizeof value);
        value *= 0x1p112f;
        memcpy(&rest, &value, sizeof rest);
    }
    rest |= sign;
    memcpy(&value, &rest, sizeof value);
    return value;
}

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define SAME_ORDER true
#else
#define SAME_ORDER false
#endif

static void
convert_floats(const unsigned char *from, float *to, size_t count)
{
    if (SAME_ORDER) {
        memcpy(to, from, count * sizeof *to);
        return;
    }
    for (size_t i = 0; i < count; i++, from += 4) {
        uint32_t bits = (uint32_t)from[0] | (uint32_t)from[1] << 8 | (uint32_t)from[2] << 16 |
                        (uint32_t)from[3] << 24;

        memcpy(&to[i], &bits, sizeof bits);
    }
}

static void
convert_halves(const unsigned char *from, float *to, size_t count)
{
    size_t i = halves_quickly(from, to, count);

    for (; i < count; i++)
        to[i] = from_half((uint16_t)(from[2 * i] | from[2 * i + 1] << 8));
}

ENGINE_VECTOR static void
convert_bf16(const unsigned char *from, float *to, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint16_t half;
        uint32_t bits;

        memcpy(&half, from + 2 * i, sizeof half);
        if (!SAME_ORDER)
            half = (uint16_t)(half >> 8 | half << 8);
        bits = (uint32_t)half << 16;
        memcpy(&to[i], &bits, sizeof bits);
    }
}

ENGINE_VECTOR static void
convert_i8(const unsigned char *from, float *to, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int8_t v;

        memcpy(&v, from + i, sizeof v);
        to[i] = (float)v;
    }
}

/* Without branches, so that compilers make vectors of it. What is below the smallest normal half is
 * rounded by adding a half, whose last bit is where that of the result must be. */
static uint16_t
to_half(float v)
{
    uint32_t bits, small, normal, sign;
    float magnitude;

    memcpy(&bits, &v, sizeof bits);
    sign = bits >> 16 & 0x8000;
    bits &= 0x7fffffff;
    memcpy(&magnitude, &bits, sizeof magnitude);
    magnitude += 0.5F;
    memcpy(&small, &magnitude, sizeof small);
    small -= 0x3f000000;
    normal = (bits - (112U << 23) + 0xfff + (bits >> 13 & 1)) >> 13;
    return (uint16_t)(sign | (bits < 113U << 23 ? small : normal));
}

ENGINE_VECTOR void
dtype_to_halves(const float *from, void *to, size_t count)
{
    unsigned char *out = to;

    for (size_t i = 0; i < count; i++) {
        uint16_t half = to_half(from[i]);

        if (!SAME_ORDER)
            half = (uint16_t)(half >> 8 | half << 8);
        memcpy(out + 2 * i, &half, sizeof half);
    }
}

void
dtype_convert(enum dtype kind, const void *from, float *to, size_t count)
{
    switch (kind) {
    case DTYPE_F32:
        convert_floats(from, to, count);
        break;
    case DTYPE_F16:
        convert_halves(from, to, count);
        break;
    case DTYPE_BF16:
        convert_bf16(from, to, count);
        break;
    case DTYPE_I8:
        convert_i8(from, to, count);
        break;
    case DTYPE_OTHER:
        break;
    }
}

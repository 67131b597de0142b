/*
 * Number formats. Knows nothing of files. Read next: safetensors.c.
 */
#include "render/engine/dtype.h"

#include <stdint.h>
#include <string.h>

static const struct {
    const char *name;
    unsigned bits;
    enum dtype kind;
} FORMATS[] = {
    {"F32", 32, DTYPE_F32},          {"F16", 16, DTYPE_F16},      {"BF16", 16, DTYPE_BF16},
    {"I64", 64, DTYPE_OTHER},        {"U64", 64, DTYPE_OTHER},    {"F64", 64, DTYPE_OTHER},
    {"C64", 64, DTYPE_OTHER},        {"I32", 32, DTYPE_OTHER},    {"U32", 32, DTYPE_OTHER},
    {"I16", 16, DTYPE_OTHER},        {"U16", 16, DTYPE_OTHER},    {"I8", 8, DTYPE_OTHER},
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

void
dtype_convert(enum dtype kind, const void *from, float *to, size_t count)
{
    const unsigned char *bytes = from;

    for (size_t i = 0; i < count && kind == DTYPE_F32; i++, bytes += 4) {
        uint32_t bits = (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
                        (uint32_t)bytes[3] << 24;

        memcpy(&to[i], &bits, sizeof bits);
    }
    for (size_t i = 0; i < count && kind == DTYPE_F16; i++, bytes += 2)
        to[i] = from_half((uint16_t)(bytes[0] | bytes[1] << 8));
    for (size_t i = 0; i < count && kind == DTYPE_BF16; i++, bytes += 2) {
        uint32_t bits = (uint32_t)bytes[0] << 16 | (uint32_t)bytes[1] << 24;

        memcpy(&to[i], &bits, sizeof bits);
    }
}

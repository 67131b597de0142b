/*
 * Transposes. Knows nothing of products. Read next: gemm_direct.c, its main user.
 */
#include "render/engine/turn.h"

#include "render/engine/isa.h"
#if ISA_X86
#include <immintrin.h>
#endif

#define SIDE 8

static void
turn_plain(const float *from, size_t ld_from, size_t rows, size_t columns, float *to, size_t ld_to)
{
    for (size_t c = 0; c < columns; c++) {
        for (size_t r = 0; r < rows; r++)
            to[c * ld_to + r] = from[r * ld_from + c];
    }
}

#if ISA_X86
/* 8 × 8 in registers: pairs of rows, pairs of pairs, then the halves. */
ISA_TARGET_AVX2 static void
turn_square(const float *from, size_t ld_from, float *to, size_t ld_to)
{
    __m256 row[SIDE], pair[SIDE], four[SIDE];

#pragma GCC unroll 8
    for (size_t i = 0; i < SIDE; i++)
        row[i] = _mm256_loadu_ps(from + i * ld_from);
#pragma GCC unroll 4
    for (size_t i = 0; i < SIDE; i += 2) {
        pair[i] = _mm256_unpacklo_ps(row[i], row[i + 1]);
        pair[i + 1] = _mm256_unpackhi_ps(row[i], row[i + 1]);
    }
#pragma GCC unroll 2
    for (size_t i = 0; i < SIDE; i += 4) {
        four[i] = _mm256_shuffle_ps(pair[i], pair[i + 2], 0x44);
        four[i + 1] = _mm256_shuffle_ps(pair[i], pair[i + 2], 0xee);
        four[i + 2] = _mm256_shuffle_ps(pair[i + 1], pair[i + 3], 0x44);
        four[i + 3] = _mm256_shuffle_ps(pair[i + 1], pair[i + 3], 0xee);
    }
#pragma GCC unroll 4
    for (size_t i = 0; i < SIDE / 2; i++) {
        _mm256_storeu_ps(to + i * ld_to, _mm256_permute2f128_ps(four[i], four[i + 4], 0x20));
        _mm256_storeu_ps(to + (i + 4) * ld_to, _mm256_permute2f128_ps(four[i], four[i + 4], 0x31));
    }
}
#endif

void
turn(const float *from, size_t ld_from, size_t rows, size_t columns, float *to, size_t ld_to)
{
    size_t r = 0;

#if ISA_X86
    for (; isa_best() >= ISA_AVX2 && r + SIDE <= rows; r += SIDE) {
        size_t c = 0;

        for (; c + SIDE <= columns; c += SIDE)
            turn_square(from + r * ld_from + c, ld_from, to + c * ld_to + r, ld_to);
        turn_plain(from + r * ld_from + c, ld_from, SIDE, columns - c, to + c * ld_to + r, ld_to);
    }
#endif
    turn_plain(from + r * ld_from, ld_from, rows - r, columns, to + r, ld_to);
}

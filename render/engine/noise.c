/*
 * Noise. Knows nothing of latents. Read next: render/sampler/sampler.c.
 *
 * Philox is described by Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2,
 * 3" (2011).
 */
#include "render/engine/noise.h"

#include <math.h>

#define ROUNDS 10
#define MULTIPLY_0 UINT64_C(0xD2511F53)
#define MULTIPLY_1 UINT64_C(0xCD9E8D57)
#define WEYL_0 UINT32_C(0x9E3779B9)
#define WEYL_1 UINT32_C(0xBB67AE85)

void
noise_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4])
{
    uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
    uint32_t k0 = key[0], k1 = key[1];

    for (int round = 0; round < ROUNDS; round++) {
        uint64_t a = MULTIPLY_0 * c0, b = MULTIPLY_1 * c2;

        c0 = (uint32_t)(b >> 32) ^ c1 ^ k0;
        c2 = (uint32_t)(a >> 32) ^ c3 ^ k1;
        c1 = (uint32_t)b;
        c3 = (uint32_t)a;
        k0 += WEYL_0;
        k1 += WEYL_1;
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
}

/* Two words to two normal numbers. The first lies in (0, 1], so its logarithm is finite. */
static void
box_muller(uint32_t a, uint32_t b, double out[2])
{
    double radius = sqrt(-2.0 * log(((double)a + 1.0) / 4294967296.0));
    double angle = 6.28318530717958647692 * ((double)b / 4294967296.0);

    out[0] = radius * cos(angle);
    out[1] = radius * sin(angle);
}

void
noise_normal(uint32_t seed, uint32_t stream, uint64_t first, size_t count, float *out)
{
    const uint32_t key[2] = {seed, stream};
    uint64_t block = UINT64_MAX;
    double four[4] = {0.0};

    for (size_t i = 0; i < count; i++) {
        uint64_t at = first + i;

        if (at / 4 != block) {
            uint32_t counter[4] = {(uint32_t)(at / 4), (uint32_t)(at / 4 >> 32), 0, 0}, words[4];

            block = at / 4;
            noise_philox(counter, key, words);
            box_muller(words[0], words[1], four);
            box_muller(words[2], words[3], four + 2);
        }
        out[i] = (float)four[at % 4];
    }
}

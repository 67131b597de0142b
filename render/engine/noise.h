/*
 * Gaussian noise from a counter: element i of stream s under a seed is the same number on every
 * host, for every thread count and batch. Philox4x32 with 10 rounds, then Box-Muller.
 */
#ifndef GEMPIX_RENDER_ENGINE_NOISE_H
#define GEMPIX_RENDER_ENGINE_NOISE_H

#include <stddef.h>
#include <stdint.h>

/* Four random words of a counter and a key. */
void noise_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);

/* Elements [first, first + count) of the stream, mean 0, deviation 1. Stream 0 is the starting
   latent; stream k the noise of step k. */
void noise_normal(uint32_t seed, uint32_t stream, uint64_t first, size_t count, float *out);

#endif

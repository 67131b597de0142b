/*
 * What the processor can do. Knows no kernel. Read next: gemm_direct.c.
 */
#include "render/engine/isa.h"

#include <stdatomic.h>

static atomic_int limit = ISA_COUNT - 1;

static enum isa
processor(void)
{
#if ISA_X86
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl"))
        return ISA_AVX512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
        __builtin_cpu_supports("f16c"))
        return ISA_AVX2;
#endif
    return ISA_PLAIN;
}

enum isa
isa_best(void)
{
    enum isa found = processor(), most = (enum isa)atomic_load(&limit);

    return found < most ? found : most;
}

void
isa_limit(enum isa most)
{
    atomic_store(&limit, (int)most);
}

const char *
isa_name(enum isa isa)
{
    static const char *const NAMES[] = {"plain", "AVX2", "AVX-512"};

    return NAMES[isa];
}

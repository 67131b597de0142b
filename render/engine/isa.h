/*
 * Which vector instructions the kernels may use. Found out once; a test may ask for less.
 */
#ifndef GEMPIX_RENDER_ENGINE_ISA_H
#define GEMPIX_RENDER_ENGINE_ISA_H

enum isa {
    ISA_PLAIN,  /* what every processor of the architecture has */
    ISA_AVX2,   /* with FMA and F16C */
    ISA_AVX512, /* the F, DQ, BW and VL parts */
    ISA_COUNT
};

/* The best set that this processor has and that isa_limit allows. */
enum isa isa_best(void);

/* For tests and benchmarks: nothing better than `most` from now on. Not while kernels run. */
void isa_limit(enum isa most);

const char *isa_name(enum isa isa); /* "plain", "AVX2", "AVX-512" */

/* Marks functions that use such a set; ISA_X86 tells whether there is one to be had. */
#if defined(__x86_64__) && defined(__GNUC__)
#define ISA_X86 1
#define ISA_TARGET_AVX2 __attribute__((target("avx2,fma,f16c")))
#define ISA_TARGET_AVX512                                                                          \
    __attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,avx2,fma,f16c")))
#else
#define ISA_X86 0
#endif

#endif

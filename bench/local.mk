# bench/: programs that measure; built by name (EXTRA_PROGRAMS), never installed.

# bench/engine_bench [MODEL [SIDE]]: the parts of one picture, one thread against all.
EXTRA_PROGRAMS += bench/engine_bench
bench_engine_bench_SOURCES = bench/engine_bench.c
bench_engine_bench_LDADD = $(ENGINE_LIBS)

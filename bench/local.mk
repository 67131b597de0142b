# bench/: programs that measure; built by name (EXTRA_PROGRAMS), never installed.

# bench/engine [MODEL [SIDE]]: the parts of one picture, one thread against all.
EXTRA_PROGRAMS += bench/engine
bench_engine_SOURCES = bench/engine.c
bench_engine_LDADD = $(ENGINE_LIBS)

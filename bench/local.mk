# bench/: programs that measure; built by name (EXTRA_PROGRAMS), never installed.

# bench/engine_bench [MODEL [SIDE]]: the parts of one picture, one thread against all.
EXTRA_PROGRAMS += bench/engine_bench
bench_engine_bench_SOURCES = bench/engine_bench.c
bench_engine_bench_LDADD = $(ENGINE_LIBS)

# bench/queue [--build DIR]: claims with ten thousand and with a million queued jobs, on a private server.
EXTRA_PROGRAMS += bench/bench_queue
bench_bench_queue_SOURCES = bench/bench_queue.c t/queue/queue_kit.c t/queue/queue_kit.h
bench_bench_queue_LDADD = common/libcommon.a $(COMMON_LIBS)

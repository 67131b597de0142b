# bench/: programs that measure; built by name (EXTRA_PROGRAMS), never installed.

# bench/engine_bench MODEL PART: one part of one picture.
EXTRA_PROGRAMS += bench/engine_bench
bench_engine_bench_SOURCES = bench/engine_bench.c
bench_engine_bench_LDADD = $(MEDIA_LIBS) $(ENGINE_LIBS)

# bench/peak_bench: what the processor's multiply-adders can do.
EXTRA_PROGRAMS += bench/peak_bench
bench_peak_bench_SOURCES = bench/peak_bench.c
bench_peak_bench_LDADD = common/libcommon.a -lpthread

# bench/queue [--build DIR]: claims with ten thousand and with a million queued jobs, on a private server.
EXTRA_PROGRAMS += bench/bench_queue
bench_bench_queue_SOURCES = bench/bench_queue.c t/queue/queue_kit.c t/queue/queue_kit.h
bench_bench_queue_LDADD = common/libcommon.a $(COMMON_LIBS)

# make bench: the engine against its peers, every row; see docs/performance.md. BENCH_DIR takes 20 GB.
BENCH_DIR = /var/tmp/gempix-bench
.PHONY: bench
bench: bench/engine_bench bench/peak_bench gempix-image
	$(srcdir)/bench/run --build . --dir $(BENCH_DIR)

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

# make quality: what the bundled models draw, judged by an oracle that is trained on the first call (an hour on two cores); prints
# a table and writes quality.tsv. QUALITY_OPTIONS: what quality.py takes, e.g. "--scale 0.1 --parts single,pair --sheets sheets".
QUALITY_DIR = /var/tmp/gempix-quality
PYTHON3 = /usr/bin/python3
QUALITY_OPTIONS =
.PHONY: quality
quality: gempix-image $(QUALITY_DIR)/oracle.pt
	$(PYTHON3) $(srcdir)/render/train/quality.py --engine ./gempix-image --models $(srcdir)/models \
	    --oracle $(QUALITY_DIR) --work $(QUALITY_DIR)/pictures $(QUALITY_OPTIONS)
$(QUALITY_DIR)/oracle.pt:
	$(PYTHON3) $(srcdir)/render/train/oracle.py draw --work $(QUALITY_DIR)
	$(PYTHON3) $(srcdir)/render/train/oracle.py train --work $(QUALITY_DIR)

# What finds watermarks is fitted on this: render/train/finder_fit.py.
EXTRA_PROGRAMS += bench/finder_traits
bench_finder_traits_SOURCES = bench/finder_traits.c
bench_finder_traits_LDADD = $(MEDIA_LIBS) $(ENGINE_LIBS)

# make bench-web: pages against PHP 8.2-FPM and against files by nginx; see docs/performance.md. WEB_OPTIONS: what bench/web takes.
WEB_OPTIONS =
.PHONY: bench-web
bench-web: gempix-app gempixctl
	$(srcdir)/bench/web --build . $(WEB_OPTIONS)

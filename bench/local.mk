# bench/: programs that measure; built by name (EXTRA_PROGRAMS), never installed.

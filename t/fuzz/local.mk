# t/fuzz: parsers of outside bytes under deterministic mutations.

check_PROGRAMS += t/fuzz/10-safetensors.t
t_fuzz_10_safetensors_t_SOURCES = t/fuzz/10-safetensors.c
t_fuzz_10_safetensors_t_LDADD = $(ENGINE_LIBS)

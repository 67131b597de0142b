# t/fuzz: parsers of outside bytes under deterministic mutations.

check_PROGRAMS += t/fuzz/10-safetensors.t
t_fuzz_10_safetensors_t_SOURCES = t/fuzz/10-safetensors.c
t_fuzz_10_safetensors_t_LDADD = $(ENGINE_LIBS)

check_PROGRAMS += t/fuzz/20-web.t
t_fuzz_20_web_t_SOURCES = t/fuzz/20-web.c t/fuzz/web_entry.c t/fuzz/web_entry.h
t_fuzz_20_web_t_LDADD = app/libapp.a common/libcommon.a $(FCGI_LIBS) $(COMMON_LIBS) $(ACCOUNT_LIBS)

check_PROGRAMS += t/fuzz/30-models.t
t_fuzz_30_models_t_SOURCES = t/fuzz/30-models.c app/ctl/model_files.c app/ctl/model_hub.c app/ctl/model_licence.c
t_fuzz_30_models_t_LDADD = common/libcommon.a $(COMMON_LIBS)

check_PROGRAMS += t/fuzz/40-adapters.t
t_fuzz_40_adapters_t_SOURCES = t/fuzz/40-adapters.c t/render/safetensors_make.h
t_fuzz_40_adapters_t_LDADD = $(ENGINE_LIBS)

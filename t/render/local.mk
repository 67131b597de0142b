# t/render: the engine, part by part, then whole pictures; the reference data comes from t/reference/dump.py.
check_PROGRAMS += t/render/10-kernels.t t/render/11-threads.t t/render/12-safetensors.t t/render/13-sampler.t \
	t/render/20-reference.t t/render/21-generate.t t/render/14-fft.t t/render/23-nets.t t/render/24-cleanup.t t/render/25-safety.t t/render/26-batch.t

t_render_10_kernels_t_SOURCES = t/render/10-kernels.c t/render/kernel_check.h
t_render_10_kernels_t_LDADD = $(ENGINE_LIBS)
t_render_11_threads_t_SOURCES = t/render/11-threads.c t/render/kernel_check.h
t_render_11_threads_t_LDADD = $(ENGINE_LIBS)
t_render_12_safetensors_t_SOURCES = t/render/12-safetensors.c t/render/safetensors_make.h
t_render_12_safetensors_t_LDADD = $(ENGINE_LIBS)
t_render_13_sampler_t_SOURCES = t/render/13-sampler.c t/render/kernel_check.h
t_render_13_sampler_t_LDADD = $(ENGINE_LIBS)
t_render_20_reference_t_SOURCES = t/render/20-reference.c t/render/kernel_check.h
t_render_20_reference_t_LDADD = $(ENGINE_LIBS)
t_render_21_generate_t_SOURCES = t/render/21-generate.c
t_render_21_generate_t_LDADD = $(ENGINE_LIBS)
t_render_23_nets_t_SOURCES = t/render/23-nets.c t/render/kernel_check.h t/render/net_fixture.h
t_render_23_nets_t_LDADD = $(ENGINE_LIBS)
t_render_14_fft_t_SOURCES = t/render/14-fft.c t/render/kernel_check.h
t_render_14_fft_t_LDADD = $(ENGINE_LIBS)
t_render_25_safety_t_SOURCES = t/render/25-safety.c t/render/kernel_check.h t/render/net_fixture.h
t_render_25_safety_t_LDADD = $(ENGINE_LIBS)
t_render_24_cleanup_t_SOURCES = t/render/24-cleanup.c t/render/kernel_check.h t/render/net_fixture.h
t_render_24_cleanup_t_LDADD = $(ENGINE_LIBS)
check_PROGRAMS += t/render/27-cost.t t/render/15-names.t
check_PROGRAMS += t/render/27-cost.t
t_render_27_cost_t_SOURCES = t/render/27-cost.c
t_render_27_cost_t_LDADD = $(ENGINE_LIBS)
t_render_26_batch_t_SOURCES = t/render/26-batch.c
t_render_26_batch_t_LDADD = $(ENGINE_LIBS)
t_render_15_names_t_SOURCES = t/render/15-names.c t/render/ldm_fixture.c t/render/ldm_fixture.h t/render/safetensors_make.h
t_render_15_names_t_LDADD = $(ENGINE_LIBS)
check_PROGRAMS += t/render/26-prompt.t
t_render_26_prompt_t_SOURCES = t/render/26-prompt.c t/render/kernel_check.h
t_render_26_prompt_t_LDADD = $(ENGINE_LIBS)
check_PROGRAMS += t/render/22-families.t
t_render_22_families_t_SOURCES = t/render/22-families.c t/render/kernel_check.h
t_render_22_families_t_LDADD = $(ENGINE_LIBS)

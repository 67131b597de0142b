"""What is trained and for how long: the configurations that are shipped and the presets of the stages."""

SIDE = 128        # pixels of a scene
CONTEXT = 40      # tokens of a prompt, start and end included
CAPTIONS = 6      # ways each scene of the data set is told
VAE_SEEDS = 1_000_000   # first seed of the autoencoder's scenes
UNET_SEEDS = 0          # first seed of the denoiser's scenes
CHECK_SEEDS = 5_000_000 # first seed of scenes that no stage sees

VAE = dict(
    _class_name="AutoencoderKL", in_channels=3, out_channels=3, down_block_types=["DownEncoderBlock2D"] * 4,
    up_block_types=["UpDecoderBlock2D"] * 4, block_out_channels=[16, 32, 64, 128], layers_per_block=1, act_fn="silu",
    latent_channels=4, norm_num_groups=8, sample_size=SIDE)

UNET = dict(
    _class_name="UNet2DConditionModel", sample_size=SIDE // 8, in_channels=4, out_channels=4,
    down_block_types=["CrossAttnDownBlock2D"] * 3 + ["DownBlock2D"], up_block_types=["UpBlock2D"] + ["CrossAttnUpBlock2D"] * 3,
    mid_block_type="UNetMidBlock2DCrossAttn", block_out_channels=[32, 64, 96, 128], layers_per_block=2, cross_attention_dim=128,
    attention_head_dim=[1, 2, 3, 4], norm_num_groups=16, norm_eps=1e-5, act_fn="silu", flip_sin_to_cos=True, freq_shift=0,
    center_input_sample=False, downsample_padding=1, mid_block_scale_factor=1, use_linear_projection=False)

# vocab_size and the ids of start and end come from the tokenizer.
TEXT = dict(
    architectures=["CLIPTextModel"], model_type="clip_text_model", hidden_size=128, intermediate_size=512, num_hidden_layers=3,
    num_attention_heads=4, max_position_embeddings=CONTEXT, hidden_act="quick_gelu", layer_norm_eps=1e-5, projection_dim=128)

SCHEDULER = dict(
    _class_name="DDIMScheduler", num_train_timesteps=1000, beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear",
    prediction_type="v_prediction", timestep_spacing="trailing", steps_offset=0, set_alpha_to_one=True, clip_sample=False)

# minutes of each stage, sizes of a step per worker, rates. "toy" proves the recipe in seconds.
PRESETS = {
    "cpu": dict(
        vae=dict(minutes=20, scenes=2500, batch=5, crop=64, last_batch=2, last_from=0.8, rate=1.2e-3),
        latents=dict(scenes=10000), unet=dict(minutes=60, batch=32, rate=8e-4, ema=0.999)),
    "gpu": dict(
        vae=dict(minutes=6, scenes=20000, batch=128, crop=64, last_batch=48, last_from=0.7, rate=1e-3),
        latents=dict(scenes=100000), unet=dict(minutes=16, batch=512, rate=8e-4, ema=0.9995)),
    "toy": dict(
        vae=dict(steps=2, scenes=4, batch=2, crop=64, last_batch=1, last_from=0.5, rate=1e-3),
        latents=dict(scenes=4), unet=dict(steps=2, batch=2, rate=1e-3, ema=0.9)),
}

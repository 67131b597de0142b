"""What is trained and for how long: the configurations that are shipped and the presets of the stages."""

SIDE = 256        # pixels of a scene
CONTEXT = 40      # tokens of a prompt, start and end included
VAE_SEEDS = 1_000_000_000   # first seed of the autoencoder's scenes; those of the sets are in shards.py
STRENGTH = 0.5              # of motion: how far PIA's likeness to the still falls

VAE = dict(
    _class_name="AutoencoderKL", in_channels=3, out_channels=3, down_block_types=["DownEncoderBlock2D"] * 4,
    up_block_types=["UpDecoderBlock2D"] * 4, block_out_channels=[32, 64, 96, 128], layers_per_block=1, act_fn="silu",
    latent_channels=4, norm_num_groups=8, sample_size=SIDE)

# The top level has no attention, as in SDXL: 1,024 tokens cost more there than they help.
UNET = dict(
    _class_name="UNet2DConditionModel", sample_size=SIDE // 8, in_channels=4, out_channels=4,
    down_block_types=["DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"],
    up_block_types=["UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"],
    mid_block_type="UNetMidBlock2DCrossAttn", block_out_channels=[48, 96, 128, 160], layers_per_block=1, cross_attention_dim=128,
    attention_head_dim=[1, 3, 4, 5], norm_num_groups=16, norm_eps=1e-5, act_fn="silu", flip_sin_to_cos=True, freq_shift=0,
    center_input_sample=False, downsample_padding=1, mid_block_scale_factor=1, use_linear_projection=False)

# vocab_size and the ids of start and end come from the tokenizer.
TEXT = dict(
    architectures=["CLIPTextModel"], model_type="clip_text_model", hidden_size=128, intermediate_size=512, num_hidden_layers=4,
    num_attention_heads=4, max_position_embeddings=CONTEXT, hidden_act="quick_gelu", layer_norm_eps=1e-5, projection_dim=128)

MOTION = dict(_class_name="MotionAdapter", motion_num_attention_heads=4, motion_norm_num_groups=16, motion_max_seq_length=16, conv_in_channels=9)

SCHEDULER = dict(
    _class_name="DDIMScheduler", num_train_timesteps=1000, beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear",
    prediction_type="v_prediction", timestep_spacing="trailing", steps_offset=0, set_alpha_to_one=True, clip_sample=False)

FAST = dict({k: v for k, v in SCHEDULER.items() if k not in ("steps_offset", "set_alpha_to_one", "timestep_spacing")}, _class_name="LCMScheduler", original_inference_steps=50)

LAMA = dict(first=32, downs=3, blocks=6)

# Which scenes each preset draws, a plan of world/scene.py.
PLANS = {"cpu": "core", "gpu": "whole", "toy": "whole"}

# Of each stage: minutes, samples a step and worker, rates; bf16 where the processor multiplies it. "toy" proves the recipe in seconds.
PRESETS = {
    "cpu": dict(
        words=dict(texts=8000), text=dict(minutes=8, batch=64, rate=1e-3),
        vae=dict(minutes=75, scenes=1400, batch=5, crop=64, last_batch=2, last_crop=128, last_from=0.7, anchor=0.15, rate=1.2e-3, ema=0.995, bf16=True),
        decoder=dict(minutes=90, scenes=1400, batch=3, crop=128, rate=6e-4, ema=0.995, bf16=True),
        shards=dict(counts=dict(scenes=400, holes=60, edits=150, clips=60), size=200),
        unet=dict(minutes=240, batch=32, close_ups=0.8, rate=8e-4, text_rate=0.3, bf16=True), distill=dict(minutes=30, batch=16, rate=1e-4, guidance=4.0, bf16=True),
        inpaint=dict(minutes=30, batch=32, rate=4e-4, bf16=True), edit=dict(minutes=60, batch=32, rate=4e-4, bf16=True),
        motion=dict(minutes=45, batch=2, rate=5e-4, bf16=True), clean=dict(minutes=45, batch=4, crop=128, surfaces=300, rate=5e-4, ema=0.995)),
    # Fits into half an hour on one large GPU with 16 cores beside it; stages can be stopped and gone on with.
    "gpu": dict(
        words=dict(texts=8000), text=dict(minutes=1, batch=256, rate=1e-3),
        vae=dict(minutes=5, scenes=12000, batch=64, crop=128, last_batch=24, last_crop=256, last_from=0.7, anchor=0.15, rate=1e-3, ema=0.999),
        decoder=dict(minutes=1, scenes=12000, batch=32, crop=256, rate=6e-4, ema=0.999),
        shards=dict(counts=dict(scenes=400, holes=60, edits=120, clips=40), size=200),
        unet=dict(minutes=9, batch=512, rate=1e-3, ema=0.9995, text_rate=0.3), distill=dict(minutes=2, batch=256, rate=2e-4, guidance=4.0),
        inpaint=dict(minutes=1.5, batch=256, rate=4e-4), edit=dict(minutes=2, batch=256, rate=4e-4), motion=dict(minutes=2, batch=24, rate=5e-4),
        clean=dict(minutes=1, batch=32, crop=256, surfaces=2000, rate=1e-3, ema=0.999)),
    "toy": dict(
        words=dict(texts=40), text=dict(steps=2, batch=2, rate=1e-3),
        vae=dict(steps=2, scenes=2, batch=2, crop=64, last_batch=1, last_crop=64, last_from=0.5, anchor=0.15, rate=1e-3),
        decoder=dict(steps=2, scenes=2, batch=2, crop=64, rate=1e-3),
        shards=dict(counts=dict(scenes=1, holes=1, edits=1, clips=1), size=4),
        unet=dict(steps=2, batch=2, close_ups=0.5, rate=1e-3), distill=dict(steps=2, batch=2, rate=1e-3, guidance=4.0), inpaint=dict(steps=2, batch=2, rate=1e-3),
        edit=dict(steps=2, batch=2, rate=1e-3), motion=dict(steps=2, batch=1, rate=1e-3),
        clean=dict(steps=2, batch=2, crop=64, surfaces=2, rate=1e-3)),
}

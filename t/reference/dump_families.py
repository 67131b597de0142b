#!/usr/bin/python3
"""Writes tiny random models of the other families, and what their stages must give.

    t/reference/dump_families.py t/data

tiny-sdxl: two text encoders, sizes and a text vector as inputs. tiny-lcm: told its guidance. tiny-inpaint: 9 channels
in. tiny-edit: 8. motion: modules for tiny-lcm, under the original names, and under those of diffusers with a widened
first layer. Computed in double from the float16 weights as they are written. Needs python3-torch and python3-numpy.
"""
import os
import sys

import numpy as np
import torch

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import bpe  # noqa: E402
import checkpoint as ck  # noqa: E402
import dump  # noqa: E402
import reference as ref  # noqa: E402

END = '<|endoftext|>'
FRAMES = 3
WINDOWED = 6  # frames of a clip that is seen in windows of FRAMES


def scheduler(kind, **over):
    c = {'_class_name': kind, 'beta_start': 0.00085, 'beta_end': 0.012, 'beta_schedule': 'scaled_linear',
         'prediction_type': 'epsilon', 'num_train_timesteps': 1000, 'timestep_spacing': 'leading', 'steps_offset': 1}
    c.update(over)
    return c


def text(width, layers, act, **over):
    c = {'architectures': ['CLIPTextModel'], 'hidden_size': width, 'intermediate_size': 2 * width, 'num_hidden_layers': layers,
         'num_attention_heads': 2, 'hidden_act': act, 'max_position_embeddings': 77, 'eos_token_id': 2}
    c.update(over)
    return c


def small(**over):
    c = dict(block_out_channels=[8, 16], layers_per_block=1, attention_head_dim=2, cross_attention_dim=16, sample_size=12,
             norm_num_groups=4, down_block_types=['CrossAttnDownBlock2D', 'DownBlock2D'])
    c.update(over)
    return dump.unet_config(**c)


VAE = {'_class_name': 'AutoencoderKL', 'block_out_channels': [4, 8], 'layers_per_block': 1, 'norm_num_groups': 2,
       'latent_channels': 4, 'scaling_factor': 0.18215, 'in_channels': 3, 'out_channels': 3}
DDIM = scheduler('DDIMScheduler', clip_sample=False, set_alpha_to_one=False)
SDXL = {
    'unet': small(block_out_channels=[8, 8, 16], attention_head_dim=[1, 2, 4], transformer_layers_per_block=[1, 1, 2],
                  use_linear_projection=True, cross_attention_dim=24, addition_embed_type='text_time', addition_time_embed_dim=6,
                  projection_class_embeddings_input_dim=48, class_embed_type=None, time_cond_proj_dim=None,
                  down_block_types=['DownBlock2D', 'CrossAttnDownBlock2D', 'CrossAttnDownBlock2D']),
    'text_encoder': text(8, 3, 'quick_gelu'),
    'text_encoder_2': text(16, 4, 'gelu', architectures=['CLIPTextModelWithProjection'], projection_dim=12),
    'vae': dict(VAE, scaling_factor=0.13025), 'scheduler': scheduler('EulerDiscreteScheduler'),
}
FAMILIES = {
    'tiny-lcm': {'unet': small(time_cond_proj_dim=12), 'scheduler': scheduler(
        'LCMScheduler', clip_sample=False, set_alpha_to_one=True, original_inference_steps=50, timestep_scaling=10.0)},
    'tiny-inpaint': {'unet': small(in_channels=9), 'scheduler': DDIM},
    'tiny-edit': {'unet': small(in_channels=8), 'scheduler': scheduler('EulerAncestralDiscreteScheduler')},
}
PIPELINES = {'tiny-sdxl': 'StableDiffusionXLPipeline', 'tiny-lcm': 'LatentConsistencyModelPipeline',
             'tiny-inpaint': 'StableDiffusionInpaintPipeline', 'tiny-edit': 'StableDiffusionInstructPix2PixPipeline'}


def write_family(folder, name, config, seed, vocab, merges):
    """Writes the folder; returns the weights by part."""
    index = {'_class_name': PIPELINES[name], '_diffusers_version': '0.30.0', 'scheduler': ['diffusers', config['scheduler']['_class_name']]}
    out = {}
    for i, part in enumerate(sorted(set(config) - {'scheduler'})):
        c = config[part]
        if part.startswith('text'):
            c['vocab_size'] = len(vocab)
            tokenizer = part.replace('text_encoder', 'tokenizer')
            dump.write_tokenizer(folder, vocab, merges, pad_of(part), tokenizer)
            index[part] = ['transformers', c['architectures'][0]]
            index[tokenizer] = ['transformers', 'CLIPTokenizer']
        else:
            index[part] = ['diffusers', c['_class_name']]
        shapes = {'unet': ck.unet_shapes, 'vae': ck.kl_shapes}.get(part, ck.clip_shapes)(c)
        values = ck.fill(shapes, seed + i)
        ck.write_json(f'{folder}/{part}/config.json', c)
        stem = 'model' if part.startswith('text') else 'diffusion_pytorch_model'
        ck.write_safetensors(f'{folder}/{part}/{stem}.safetensors', values)
        out[part] = dump.to_torch(values)
    if name == 'tiny-sdxl':
        index['force_zeros_for_empty_prompt'] = True
    ck.write_json(folder + '/scheduler/scheduler_config.json', config['scheduler'])
    ck.write_json(folder + '/model_index.json', index)
    return out


def pad_of(part):
    return '!' if part == 'text_encoder_2' else END


# --- prompts, as lists of (text, weight); None is a cut ---

PLAIN = [('a red sun over a blue sea', 1.0)]
WEIGHTED = [('a ', 1.0), ('red', 1.5), (' sun over ', 1.0), ('a blue', 1 / 1.1), (' sea', 1.0)]
LONG = [('the sea and a red sun over a blue sea in the evening sky ' * 8, 1.0), ('boat', 1.1 * 1.1)]
CUT = [('a red sun', 1.0), None, ('a blue sea', 1.0)]


def chunks_of(prompt, vocab, merges):
    """-> lists of (id, weight), 75 at most. The prompts have no commas."""
    out = [[]]
    for piece in prompt:
        if piece is None:
            out.append([])
            continue
        ids = bpe.encode(piece[0], vocab, merges, END, 10000)
        for i in ids[1:ids.index(vocab[END], 1)]:
            if len(out[-1]) == 75:
                out.append([])
            out[-1].append((i, piece[1]))
    return out


def encode(w, c, prompt, vocab, merges, pad, skip, normed):
    """-> context [77 · chunks, D], pooled vector of the first chunk."""
    parts, pooled = [], None
    for chunk in chunks_of(prompt, vocab, merges):
        ids = [vocab['<|startoftext|>']] + [i for i, _ in chunk] + [vocab[END]]
        weights = [1.0] + [x for _, x in chunk] + [1.0]
        ids = torch.tensor(ids + [vocab[pad]] * (77 - len(ids)))
        weights = torch.tensor(weights + [1.0] * (77 - len(weights)))
        stages, final = ref.clip_text(w, c, ids)
        state = stages[len(stages) - 1 - skip]
        if normed:
            state = ref.layer_norm(w, 'text_model.final_layer_norm', state)
        moved = state * weights[:, None]
        parts.append(moved * (state.mean() / moved.mean()))
        if pooled is None:
            pooled = ref.clip_pooled(w, c, ids, final)
    return torch.cat(parts), pooled


def inverted(w, c, out, pad, skip, normed, vocab, merges):
    """The prompt "a <sun> sea", in which the word stands for two vectors."""
    width = c['hidden_size']
    vectors = dump.rnd(912, width, 2, width) / 64
    out[f'vectors.{width}'] = floats(vectors)
    words = [bpe.encode(t, vocab, merges, pad)[1:] for t in ('a', 'sea')]
    words = [t[:t.index(vocab[END])] for t in words]
    ids = [vocab['<|startoftext|>']] + words[0] + [0, 0] + words[1] + [vocab[END]]
    at = 1 + len(words[0])
    stages, _ = ref.clip_text(w, c, torch.tensor(ids + [vocab[pad]] * (77 - len(ids))), [(at, vectors[0]), (at + 1, vectors[1])])
    state = stages[len(stages) - 1 - skip]
    return ref.layer_norm(w, 'text_model.final_layer_norm', state) if normed else state


def encode_two(w, config, prompt, vocab, merges, skip=0):
    out = [encode(w[p], config[p], prompt, vocab, merges, pad_of(p), skip + 1, False) for p in ('text_encoder', 'text_encoder_2')]
    return torch.cat([out[0][0], out[1][0]], 1), out[1][1]


def floats(t):
    return t.numpy().astype(np.float32)


KEPT = ('temb', 'conv_in', 'down_blocks.0.resnets.0', 'out')


def unet_stages(out, w, config, channels, **more):
    x = dump.rnd(910, 0, 2, channels, 7, 5)
    context = dump.rnd(910, 1, 2, 5, config['cross_attention_dim'])
    out['unet.x'], out['unet.context'] = dump.nhwc(x), floats(context)
    for name, value in ref.unet(w, config, x, 499.25, context, **more).items():
        # The first transformer and what it gets are looked at alone.
        level = [c.startswith('Cross') for c in config['down_block_types']].index(True)
        if name in KEPT or name in (f'down_blocks.{level}.resnets.0', f'down_blocks.{level}.attentions.0'):
            out['unet.' + name] = dump.nhwc(value)


def sdxl_picture(config, w, vocab, merges, seed, steps, guidance):
    """Euler with leading times, against an empty negative prompt, which is zeros here."""
    side, alphas, vae = config['unet']['sample_size'], dump.scaled_linear(), config['vae']
    context, pooled = encode_two(w, config, WEIGHTED, vocab, merges)
    context, pooled = torch.stack([context * 0, context]), torch.stack([pooled * 0, pooled])
    pixels = side * 2**(len(vae['block_out_channels']) - 1)
    ids = [pixels, pixels, 0, 0, pixels, pixels]
    times = [i * (1000 // steps) + 1 for i in range(steps)][::-1]
    sigmas = [((1 - alphas[t]) / alphas[t])**.5 for t in times] + [0.0]
    x = torch.from_numpy(ck.noise(seed, 0, 4 * side * side).astype(np.float32).astype(np.float64))
    x = x.view(1, side, side, 4).permute(0, 3, 1, 2) * (sigmas[0]**2 + 1)**.5
    for t, s, after in zip(times, sigmas, sigmas[1:]):
        both = torch.cat([x, x]) / (s * s + 1)**.5
        u, c = ref.unet(w['unet'], config['unet'], both, t, context, pooled, ids)['out'].chunk(2)
        x = x + (u + guidance * (c - u)) * (after - s)
    return dump.nhwc(((ref.kl_decode(w['vae'], vae, x) / 2 + 0.5).clamp(0, 1)) * 255)


def dump_sdxl(folder, vocab, merges):
    w, out = write_family(folder, 'tiny-sdxl', SDXL, 300, vocab, merges), {}
    for name, prompt, skip in (('plain', PLAIN, 0), ('weighted', WEIGHTED, 0), ('long', LONG, 0), ('cut', CUT, 0), ('skip', PLAIN, 1)):
        context, pooled = encode_two(w, SDXL, prompt, vocab, merges, skip)
        out[f'text.{name}'], out[f'pooled.{name}'] = floats(context), floats(pooled)
    out['text.inverted'] = floats(torch.cat([
        inverted(w[p], SDXL[p], out, pad_of(p), 1, False, vocab, merges) for p in ('text_encoder', 'text_encoder_2')], 1))
    # The first encoder pads with the end token, of which the first is meant.
    out['pooled.first'] = floats(encode(w['text_encoder'], SDXL['text_encoder'], PLAIN, vocab, merges, END, 0, True)[1])
    pooled, ids = dump.rnd(910, 3, 2, 12), [640.0, 512.0, 16.0, 8.0, 320.0, 256.0]
    out['unet.pooled'], out['unet.ids'] = floats(pooled), np.array(ids, np.float32)
    unet_stages(out, w['unet'], SDXL['unet'], 4, pooled=pooled, ids=ids)
    out['picture.pixels'] = sdxl_picture(SDXL, w, vocab, merges, 7, 4, 3.0)
    ck.write_safetensors(folder + '/expect.safetensors', out)
    return out


def dump_family(folder, name, seed, vocab, merges):
    config = dict(FAMILIES[name], text_encoder=text(16, 3, 'quick_gelu'), vae=VAE)
    w, out = write_family(folder, name, config, seed, vocab, merges), {}
    for key, prompt, skip in (('plain', PLAIN, 0), ('weighted', WEIGHTED, 0), ('skip', PLAIN, 1)):
        out[f'text.{key}'] = floats(encode(w['text_encoder'], config['text_encoder'], prompt, vocab, merges, END, skip, True)[0])
    out['text.inverted'] = floats(inverted(w['text_encoder'], config['text_encoder'], out, END, 0, True, vocab, merges))
    more = {}
    if name == 'tiny-lcm':
        out['unet.guidance'], more['guidance'] = np.array([8.5, 1.0], np.float32), [8.5, 1.0]
    unet_stages(out, w['unet'], config['unet'], config['unet']['in_channels'], **more)
    ck.write_safetensors(folder + '/expect.safetensors', out)
    return w, config


def diffusers_name(name):
    for a, b in (('.temporal_transformer', ''), ('attention_blocks.0', 'attn1'), ('attention_blocks.1', 'attn2'),
                 ('norms.0', 'norm1'), ('norms.1', 'norm2'), ('ff_norm', 'norm3')):
        name = name.replace(a, b)
    return name


def mixed(look, frames):
    """What windows of FRAMES say of a longer clip: look(first) of each, weighted by how far from its ends a frame is."""
    if frames == FRAMES:
        return look(0)
    hop = FRAMES - (FRAMES + 3) // 4
    count = -(-(frames - FRAMES) // hop) + 1
    total, weights = 0, torch.zeros(frames, 1, 1, 1, dtype=torch.float64)
    for i in range(count):
        first = i * (frames - FRAMES) // (count - 1)
        weight = torch.tensor([min(k, FRAMES - 1 - k) + 1.0 for k in range(FRAMES)]).view(FRAMES, 1, 1, 1)
        part = weight * look(first)
        total = total + torch.cat([part.new_zeros(first, *part.shape[1:]), part,
                                   part.new_zeros(frames - FRAMES - first, *part.shape[1:])])
        weights[first:first + FRAMES] += weight
    return total / weights


def clip_pixels(config, w, move, context, seed, steps, guidance, beside=None, frames=FRAMES, negative=None):
    """A whole clip: DDIM with the noise that modules are trained with, the frames below each other. beside [frames, 5,
    side, side]: what the first layer gets behind the latent. negative: the model is not told the guidance, but asked
    twice."""
    side, alphas = config['unet']['sample_size'], np.cumprod(1 - np.linspace(0.00085, 0.012, 1000))
    x = torch.from_numpy(ck.noise(seed, 0, frames * side * side * 4).astype(np.float32).astype(np.float64))
    x = x.view(frames, side, side, 4).permute(0, 3, 1, 2)
    told = [guidance] * FRAMES if negative is None else None

    def look(x, t, context):
        x = x if beside is None else torch.cat([x, beside], 1)
        return mixed(lambda at: ref.unet(w['unet'], config['unet'], x[at:at + FRAMES], t, context.expand(FRAMES, -1, -1),
                                         guidance=told, motion=move)['out'], frames)

    def predict(x, t):
        out = look(x, t, context)
        return out if negative is None else guidance * out + (1 - guidance) * look(x, t, negative)
    x = dump.ddim(x, predict, alphas, steps, 1, True, False)[-1]
    image = dump.nhwc((ref.kl_decode(w['vae'], config['vae'], x) / 2 + 0.5).clamp(0, 1) * 255)
    return image.reshape(1, -1, *image.shape[2:])


def first_frame(w, config, pixels, frames=FRAMES):
    """The likeness of each frame to a given picture, then that picture's latent."""
    at = np.arange(pixels * pixels * 3).reshape(1, pixels, pixels, 3)
    image = torch.from_numpy(at * 37 % 256 / 127.5 - 1).permute(0, 3, 1, 2)
    latent = ref.kl_encode(w, config, image).expand(frames, -1, -1, -1)
    fall = [0.25 * (0.8 + 0.2 * i / (frames - 2)) for i in range(frames - 1)]
    likeness = torch.tensor([1.0] + [1 - f for f in fall], dtype=torch.float64).view(frames, 1, 1, 1)
    return torch.cat([likeness.expand(-1, 1, *latent.shape[2:]), latent], 1)


def dump_motion(folder, w, config, vocab, merges):
    """Two clips of three frames through tiny-lcm with modules, then a whole clip."""
    unet, out = config['unet'], {}
    for at in (folder, folder + '/continue'):
        ck.write_json(at + '/config.json', {'_class_name': 'MotionAdapter', 'motion_num_attention_heads': 2,
                                            'motion_norm_num_groups': 4, 'motion_max_seq_length': 32})
    for name, mid, channels in (('original', True, 4), ('diffusers', False, 9)):
        values = ck.fill(ck.motion_shapes(unet, mid), 500 + channels)
        base = dict(w['unet'])
        if channels == 9:
            wide = ck.fill(ck.con('conv_in', 8, 9), 520)
            wide['conv_in.weight'][:, 4] *= 16  # likenesses differ little
            base.update(dump.to_torch(wide))
            ck.write_safetensors(f'{folder}/continue/diffusion_pytorch_model.safetensors', {**{diffusers_name(k): v for k, v in values.items()}, **wide})
        else:
            # The table of positions is not needed, but its length says how long clips may be.
            table = 'down_blocks.0.motion_modules.0.temporal_transformer.transformer_blocks.0.attention_blocks.0.pos_encoder.pe'
            ck.write_safetensors(f'{folder}/diffusion_pytorch_model.safetensors', {**values, table: np.zeros((1, 24, 8), np.float16)})
        modules = dump.to_torch(values)

        def move(at, h):
            p = at + '.temporal_transformer.'
            return ref.motion_module(modules, p, h, FRAMES, 2, 4) if p + 'norm.weight' in modules else h
        x, context = dump.rnd(911, 0, 2 * FRAMES, channels, 7, 5), dump.rnd(911, 1, 2, 5, 16).repeat_interleave(FRAMES, 0)
        guidance = [8.5] * FRAMES + [3.0] * FRAMES
        out[name + '.x'], out[name + '.context'] = dump.nhwc(x), floats(context)
        out[name + '.out'] = dump.nhwc(ref.unet(base, unet, x, 499.25, context, guidance=guidance, motion=move)['out'])
        if channels == 4:
            out['shared.out'] = dump.nhwc(ref.unet(base, unet, x, 499.25, context, guidance=guidance, motion=move,
                                                   shared=FRAMES)['out'])
        h = dump.rnd(911, 2, 2 * FRAMES, 16, 4, 3) / 64  # small, so that eps shows
        out[name + '.module.x'] = dump.nhwc(h)
        out[name + '.module.out'] = dump.nhwc(move('up_blocks.0.motion_modules.1', h))
        context, _ = encode(w['text_encoder'], config['text_encoder'], PLAIN, vocab, merges, END, 0, True)
        beside = first_frame(w['vae'], config['vae'], 24) if channels == 9 else None
        out[name + '.pixels'] = clip_pixels(config, dict(w, unet=base), move, context, 7, 3, 3.0, beside)
        if channels == 9:
            beside = first_frame(w['vae'], config['vae'], 24, WINDOWED)
            more = dict(w, unet=base), move, context, 7, 3, 3.0, beside, WINDOWED
            none, _ = encode(w['text_encoder'], config['text_encoder'], '', vocab, merges, END, 0, True)
            out['guided.pixels'] = clip_pixels(config, *more, none)
            out['long.pixels'] = clip_pixels(config, *more)
    ck.write_safetensors(folder + '/expect.safetensors', out)


def main():
    if len(sys.argv) != 2:
        print(__doc__)
        return 2
    merges = bpe.learn(dump.CORPUS, 150)
    vocab = bpe.vocabulary(merges)
    with torch.no_grad():
        out = dump_sdxl(os.path.join(sys.argv[1], 'tiny-sdxl'), vocab, merges)
        print('tiny-sdxl picture: mean %.3f deviation %.3f' % (out['picture.pixels'].mean(), out['picture.pixels'].std()))
        for i, name in enumerate(FAMILIES):
            w, config = dump_family(os.path.join(sys.argv[1], name), name, 400 + 10 * i, vocab, merges)
            if name == 'tiny-lcm':
                folder = os.path.join(sys.argv[1], 'motion')
                os.makedirs(folder, exist_ok=True)
                dump_motion(folder, w, config, vocab, merges)
    return 0


if __name__ == '__main__':
    sys.exit(main())

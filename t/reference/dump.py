#!/usr/bin/python3
"""Writes the engine's reference data: two tiny random models and what every stage of them must give.

    t/reference/dump.py t/data

Model a: convolutions as projections, quick_gelu, AutoencoderKL, predicts noise, DDIM. Model b: linear projections, gelu,
"!" as padding, AutoencoderTiny, predicts velocity, Euler with trailing times. Computed in double from the float16
weights as they are written. Needs python3-torch and python3-numpy.
"""
import json
import math
import os
import sys

import numpy as np
import torch
import torch.nn.functional as F

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import adapters  # noqa: E402
import bpe  # noqa: E402
import checkpoint as ck  # noqa: E402
import reference as ref  # noqa: E402

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)  # more only wait for each other on a busy machine

CORPUS = ('a red sun over a blue sea, a green boat on the sea at night, a yellow house on a hill under the stars, '
          'the sun rises over the mountains and the trees, a bird over the water, a white flower in the grass, it\'s '
          'a small red balloon in the evening sky, they\'re birds, we\'ve seen the lighthouse, don\'t paint the moon ')

PROMPTS = [
    '', 'a red sun over a blue sea', 'A  RED\tSun \n over', "it's, they're; don't we'll I'M he'd 'sup 'VE", 'year 2026 1,000.50',
    'wow!!! no? !', 'çà et là, ÉTÉ naïve Straße', 'cafe\u0301 a\u030a E\u0302\u0301', 'ΑΒΓ αβγ ΣΑΣ', 'Москва ЁЖ й',
    'İstanbul Iıİ', '日本の海 🌊🏝️ ok', 'x²+½ Ⅳ ٣', '<|endoftext|>a<|startoftext|>', "''' '' \"quoted\"", 'a\u00a0b\u3000c\u2003d',
    'ab' * 60, 'the sea ' * 60, '_under_score-dash/slash', 'naïve\u200djoin', '  trim  ', 'ǅ ﬁ ŉ', '\u0301alone',
]


def scaled_linear(count=1000, start=0.00085, end=0.012):
    beta = np.linspace(math.sqrt(start), math.sqrt(end), count, dtype=np.float64) ** 2
    return np.cumprod(1 - beta)


def ddim_steps(alphas, n, offset, last_is_one):
    """(time, alpha, next alpha) per step, leading."""
    ratio = len(alphas) // n
    for t in [i * ratio + offset for i in range(n)][::-1]:
        prev = t - ratio
        yield t, alphas[t], alphas[prev] if prev >= 0 else (1.0 if last_is_one else alphas[0])


def ddim(x, predict, alphas, n, offset, last_is_one, v):
    trace = []
    for t, a, b in ddim_steps(alphas, n, offset, last_is_one):
        p = predict(x, t)
        if v:
            x0, eps = a**.5 * x - (1 - a)**.5 * p, a**.5 * p + (1 - a)**.5 * x
        else:
            x0, eps = (x - (1 - a)**.5 * p) / a**.5, p
        x = b**.5 * x0 + (1 - b)**.5 * eps
        trace.append(x)
    return trace


def euler(noise, predict, alphas, n, v):
    """Trailing times."""
    times = [int(np.round(len(alphas) - k * len(alphas) / n)) - 1 for k in range(n)]
    sigmas = [((1 - alphas[t]) / alphas[t])**.5 for t in times] + [0.0]
    x, trace = noise * sigmas[0], []
    for i, t in enumerate(times):
        s = sigmas[i]
        p = predict(x / (s * s + 1)**.5, t)
        x0 = x / (s * s + 1) - p * s / (s * s + 1)**.5 if v else x - s * p
        x = x + (x - x0) / s * (sigmas[i + 1] - s)
        trace.append(x)
    return trace


def nhwc(t):
    return t.permute(0, 2, 3, 1).contiguous().numpy().astype(np.float32)


def rnd(seed, stream, *shape):
    return torch.from_numpy(ck.noise(seed, stream, int(np.prod(shape))).reshape(shape).astype(np.float32).astype(np.float64))


def to_torch(weights):
    return {k: torch.from_numpy(v.astype(np.float64)) for k, v in weights.items()}


def write_tokenizer(folder, vocab, merges, pad, name='tokenizer'):
    ck.write_json(f'{folder}/{name}/vocab.json', vocab)
    with open(f'{folder}/{name}/merges.txt', 'w') as f:
        f.write('#version: 0.2\n' + ''.join(f'{a} {b}\n' for a, b in merges))
    config = {'bos_token': '<|startoftext|>', 'eos_token': {'content': '<|endoftext|>'}, 'pad_token': '<|endoftext|>'}
    ck.write_json(f'{folder}/{name}/tokenizer_config.json', config)
    ck.write_json(f'{folder}/{name}/special_tokens_map.json', {'pad_token': {'content': pad}})


def unet_config(**over):
    c = {'_class_name': 'UNet2DConditionModel', 'in_channels': 4, 'out_channels': 4, 'flip_sin_to_cos': True, 'freq_shift': 0,
         'norm_eps': 1e-5, 'act_fn': 'silu', 'norm_num_groups': 8, 'downsample_padding': 1, 'center_input_sample': False}
    c.update(over)
    n = len(c['down_block_types'])
    c['up_block_types'] = [c['down_block_types'][n - 1 - i].replace('Down', 'Up') for i in range(n)]
    return c


A = {
    'unet': unet_config(block_out_channels=[16, 32, 40], layers_per_block=2, attention_head_dim=[2, 2, 4], cross_attention_dim=24,
                        sample_size=16, down_block_types=['CrossAttnDownBlock2D', 'CrossAttnDownBlock2D', 'DownBlock2D']),
    'text_encoder': {'architectures': ['CLIPTextModel'], 'hidden_size': 24, 'intermediate_size': 48, 'num_hidden_layers': 2,
                     'num_attention_heads': 3, 'hidden_act': 'quick_gelu', 'max_position_embeddings': 77},
    'vae': {'_class_name': 'AutoencoderKL', 'block_out_channels': [8, 16, 24], 'layers_per_block': 1, 'norm_num_groups': 4,
            'latent_channels': 4, 'scaling_factor': 0.18215, 'in_channels': 3, 'out_channels': 3},
    'scheduler': {'_class_name': 'DDIMScheduler', 'beta_start': 0.00085, 'beta_end': 0.012, 'beta_schedule': 'scaled_linear',
                  'clip_sample': False, 'set_alpha_to_one': False, 'steps_offset': 1, 'timestep_spacing': 'leading',
                  'prediction_type': 'epsilon', 'num_train_timesteps': 1000},
}
B = {
    'unet': unet_config(block_out_channels=[16, 32], layers_per_block=1, attention_head_dim=[2, 4], cross_attention_dim=32,
                        transformer_layers_per_block=[1, 2], use_linear_projection=True, sample_size=12,
                        down_block_types=['CrossAttnDownBlock2D', 'CrossAttnDownBlock2D']),
    'text_encoder': {'architectures': ['CLIPTextModel'], 'hidden_size': 32, 'intermediate_size': 40, 'num_hidden_layers': 2,
                     'num_attention_heads': 2, 'hidden_act': 'gelu', 'max_position_embeddings': 77},
    'vae': {'_class_name': 'AutoencoderTiny', 'decoder_block_out_channels': [12, 12, 12], 'num_decoder_blocks': [2, 1, 1],
            'encoder_block_out_channels': [12, 12, 12], 'num_encoder_blocks': [1, 1, 2], 'latent_channels': 4,
            'scaling_factor': 1.0, 'act_fn': 'relu'},
    'scheduler': {'_class_name': 'EulerDiscreteScheduler', 'beta_start': 0.00085, 'beta_end': 0.012,
                  'beta_schedule': 'scaled_linear', 'timestep_spacing': 'trailing', 'prediction_type': 'v_prediction',
                  'num_train_timesteps': 1000},
}


def write_model(folder, config, seed, pad, merges, vocab):
    """Writes the folder; returns the weights by part."""
    config['text_encoder']['vocab_size'] = len(vocab)
    tiny = config['vae']['_class_name'] == 'AutoencoderTiny'
    shapes = {'unet': ck.unet_shapes(config['unet']), 'text_encoder': ck.clip_shapes(config['text_encoder']),
              'vae': (ck.tiny_shapes if tiny else ck.kl_shapes)(config['vae'])}
    out = {}
    for i, part in enumerate(shapes):
        values = ck.fill(shapes[part], seed + i)
        ck.write_json(f'{folder}/{part}/config.json', config[part])
        stem = 'model' if part == 'text_encoder' else 'diffusion_pytorch_model'
        ck.write_safetensors(f'{folder}/{part}/{stem}.safetensors', values)
        out[part] = to_torch(values)
    ck.write_json(folder + '/scheduler/scheduler_config.json', config['scheduler'])
    ck.write_json(folder + '/model_index.json', {
        '_class_name': 'StableDiffusionPipeline', '_diffusers_version': '0.30.0', 'safety_checker': [None, None],
        'scheduler': ['diffusers', config['scheduler']['_class_name']], 'text_encoder': ['transformers', 'CLIPTextModel'],
        'tokenizer': ['transformers', 'CLIPTokenizer'], 'unet': ['diffusers', 'UNet2DConditionModel'],
        'vae': ['diffusers', config['vae']['_class_name']]})
    write_tokenizer(folder, vocab, merges, pad)
    return out


def stages_of(config, w, vocab, merges, pad):
    """All expected values but the whole picture."""
    out = {}
    ids = torch.tensor([bpe.encode(p, vocab, merges, pad) for p in PROMPTS])
    out['tokens'] = ids.numpy().astype(np.float32)
    layers, final = ref.clip_text(w['text_encoder'], config['text_encoder'], ids[1])
    out['clip.final'] = final.numpy().astype(np.float32)
    x, context = rnd(900, 0, 2, 4, 9, 7), rnd(900, 1, 2, 5, config['unet']['cross_attention_dim'])
    out['unet.x'], out['unet.context'] = nhwc(x), context.numpy().astype(np.float32)
    for name, value in ref.unet(w['unet'], config['unet'], x, 499.25, context).items():
        out['unet.' + name] = nhwc(value)
    z = rnd(900, 2, 2, 4, 5, 6)
    out['vae.z'] = nhwc(z)
    if config['vae']['_class_name'] == 'AutoencoderKL':
        out['vae.image'] = nhwc(ref.kl_decode(w['vae'], config['vae'], z))
        image = rnd(900, 3, 1, 3, 24, 16)
        out['vae.encode_in'], out['vae.encoded'] = nhwc(image), nhwc(ref.kl_encode(w['vae'], config['vae'], image))
    else:
        out['vae.image'] = nhwc(ref.tiny_decode(w['vae'], config['vae'], z))
        image = rnd(900, 3, 1, 3, 24, 16)
        out['vae.encode_in'], out['vae.encoded'] = nhwc(image), nhwc(ref.tiny_encode(w['vae'], config['vae'], image))
    return out


def picture(config, w, vocab, merges, pad, seed, steps, guidance):
    """A whole run: prompt 1 against prompt 14, with the engine's own noise. Pixels 0…255, not rounded."""
    side = config['unet']['sample_size']
    text = [ref.clip_text(w['text_encoder'], config['text_encoder'], torch.tensor(bpe.encode(p, vocab, merges, pad)))[1]
            for p in ('stars', PROMPTS[1])]
    context = torch.stack(text)
    # The engine numbers the elements of a latent channels-last.
    start = torch.from_numpy(ck.noise(seed, 0, 4 * side * side).astype(np.float32).astype(np.float64))
    start = start.view(1, side, side, 4).permute(0, 3, 1, 2)

    def predict(x, t):
        u, c = ref.unet(w['unet'], config['unet'], torch.cat([x, x]), t, context)['out'].chunk(2)
        return u + guidance * (c - u)
    alphas, v = scaled_linear(), config['scheduler']['prediction_type'] == 'v_prediction'
    if config['scheduler']['_class_name'] == 'DDIMScheduler':
        s = config['scheduler']
        trace = ddim(start, predict, alphas, steps, s['steps_offset'], s['set_alpha_to_one'], v)
    else:
        trace = euler(start, predict, alphas, steps, v)
    decode = ref.kl_decode if config['vae']['_class_name'] == 'AutoencoderKL' else ref.tiny_decode
    image = decode(w['vae'], config['vae'], trace[-1])
    return nhwc(trace[-1]), nhwc(((image / 2 + 0.5).clamp(0, 1)) * 255)


def main():
    if len(sys.argv) != 2:
        print(__doc__)
        return 2
    merges = bpe.learn(CORPUS, 150)
    vocab = bpe.vocabulary(merges)
    for name, config, seed, pad in (('tiny-a', A, 100, '<|endoftext|>'), ('tiny-b', B, 200, '!')):
        folder = os.path.join(sys.argv[1], name)
        os.makedirs(folder, exist_ok=True)
        w = write_model(folder, config, seed, pad, merges, vocab)
        with torch.no_grad():
            out = stages_of(config, w, vocab, merges, pad)
            out['picture.latent'], out['picture.pixels'] = picture(config, w, vocab, merges, pad, 7, 4, 3.0)
        ck.write_safetensors(folder + '/expect.safetensors', out)
        ck.write_json(folder + '/prompts.json', PROMPTS)
        if name == 'tiny-a':
            adapters.write(folder, w)
        for key in ('unet.out', 'vae.image', 'clip.final', 'picture.latent', 'picture.pixels'):
            print(name, key, out[key].shape, 'mean %.3f deviation %.3f' % (out[key].mean(), out[key].std()))
    return 0


if __name__ == '__main__':
    sys.exit(main())

#!/usr/bin/python3
"""Writes what whole runs must give, for every sampler and kind of picture, with the tiny models that are there.

    t/reference/dump_flow.py MODELS OUT

MODELS is t/data; OUT gets flow/expect.safetensors: last latents, pictures in whole numbers, and what they began with.
Computed in double. Needs python3-torch and python3-numpy; dump.py and dump_families.py make the models.
"""
import json
import os
import struct
import sys

import numpy as np
import torch
import torch.nn.functional as F

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import bpe  # noqa: E402
import checkpoint as ck  # noqa: E402
import reference as ref  # noqa: E402
import samplers  # noqa: E402

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
SIDE, SEED = 9, 7  # of a latent
PROMPT, NEGATIVE = 'a red sun over a blue sea', 'stars'

# name: model, kind, sampler, steps, guidance, and more. t/render/28-flow.c has the same list.
CASES = {
    'text-ddim': ('tiny-a', 'text', 'ddim', 6, 3.0, {}),
    'text-euler-a': ('tiny-a', 'text', 'euler-a', 6, 3.0, {}),
    'text-dpm': ('tiny-a', 'text', 'dpm', 6, 3.0, {}),
    'text-dpm-many': ('tiny-a', 'text', 'dpm', 16, 1.0, {}),
    'text-dpm-karras': ('tiny-a', 'text', 'dpm-karras', 6, 3.0, {}),
    'text-rescale': ('tiny-a', 'text', 'ddim', 4, 7.0, {'rescale': 0.7}),
    'v-euler-a': ('tiny-b', 'text', 'euler-a', 5, 3.0, {}),
    'v-dpm': ('tiny-b', 'text', 'dpm', 5, 3.0, {}),
    'v-dpm-karras': ('tiny-b', 'text', 'dpm-karras', 5, 3.0, {}),
    'lcm': ('tiny-lcm', 'text', 'lcm', 4, 4.0, {}),
    'lcm-image': ('tiny-lcm', 'image', 'lcm', 3, 4.0, {'strength': 0.5}),
    'image-ddim': ('tiny-a', 'image', 'ddim', 6, 3.0, {'strength': 0.5}),
    'image-euler': ('tiny-a', 'image', 'euler', 5, 3.0, {'strength': 0.6}),
    'image-euler-a': ('tiny-a', 'image', 'euler-a', 5, 1.0, {'strength': 0.6}),
    'image-dpm-karras': ('tiny-a', 'image', 'dpm-karras', 6, 3.0, {'strength': 0.7}),
    'inpaint4-ddim': ('tiny-a', 'inpaint', 'ddim', 5, 3.0, {}),
    'inpaint4-euler': ('tiny-a', 'inpaint', 'euler', 5, 3.0, {'strength': 0.8}),
    'inpaint9-ddim': ('tiny-inpaint', 'inpaint', 'ddim', 5, 3.0, {}),
    'inpaint9-euler': ('tiny-inpaint', 'inpaint', 'euler', 5, 3.0, {'strength': 0.6}),
    'edit-euler-a': ('tiny-edit', 'edit', 'euler-a', 5, 7.0, {'image_guidance': 1.2}),
    'karras-euler': ('tiny-a', 'text', 'euler', 6, 3.0, {'scheduler': {'use_karras_sigmas': True, 'timestep_spacing': 'linspace'}}),
    'zero-euler': ('tiny-b', 'text', 'euler', 4, 3.0, {'scheduler': {'rescale_betas_zero_snr': True}}),
    'zero-ddim': ('tiny-b', 'text', 'ddim', 4, 3.0, {'scheduler': {'rescale_betas_zero_snr': True, 'set_alpha_to_one': False}}),
    'min-dpm': ('tiny-a', 'text', 'dpm', 6, 3.0, {'scheduler': {'final_sigmas_type': 'sigma_min', 'timestep_spacing': 'linspace'}}),
    'min-dpm-many': ('tiny-a', 'text', 'dpm', 16, 1.0, {'scheduler': {'final_sigmas_type': 'sigma_min', 'timestep_spacing': 'linspace'}}),
    'linear-ddim': ('tiny-a', 'text', 'ddim', 5, 3.0, {'scheduler': {'beta_schedule': 'linear', 'timestep_spacing': 'linspace'}}),
    'edit-ddim': ('tiny-edit', 'edit', 'ddim', 4, 1.0, {}),
}


def read_json(path):
    with open(path, encoding='utf-8') as f:
        return json.load(f)


def read_weights(path):
    with open(path, 'rb') as f:
        data = f.read()
    size, out = struct.unpack('<Q', data[:8])[0], {}
    for name, entry in json.loads(data[8:8 + size]).items():
        a, b = (8 + size + v for v in entry['data_offsets'])
        kind = {'F16': np.float16, 'F32': np.float32}[entry['dtype']]
        out[name] = torch.from_numpy(np.frombuffer(data[a:b], kind).astype(np.float64).reshape(entry['shape']))
    return out


class Model:
    def __init__(self, folder):
        stems = {'text_encoder': 'model', 'unet': 'diffusion_pytorch_model', 'vae': 'diffusion_pytorch_model'}
        self.config = {p: read_json(f'{folder}/{p}/config.json') for p in stems}
        self.w = {p: read_weights(f'{folder}/{p}/{s}.safetensors') for p, s in stems.items()}
        self.scheduler = read_json(f'{folder}/scheduler/scheduler_config.json')
        self.vocab = read_json(f'{folder}/tokenizer/vocab.json')
        with open(f'{folder}/tokenizer/merges.txt', encoding='utf-8') as f:
            self.merges = [tuple(line.split()) for line in f.read().split('\n')[1:] if line]
        pad = read_json(f'{folder}/tokenizer/special_tokens_map.json')['pad_token']
        self.pad = pad if isinstance(pad, str) else pad['content']
        self.kl = self.config['vae'].get('_class_name', 'AutoencoderKL') == 'AutoencoderKL'

    def text(self, prompt):
        ids = torch.tensor(bpe.encode(prompt, self.vocab, self.merges, self.pad))
        return ref.clip_text(self.w['text_encoder'], self.config['text_encoder'], ids)[1]

    def encode(self, image):
        return (ref.kl_encode if self.kl else ref.tiny_encode)(self.w['vae'], self.config['vae'], image)

    def decode(self, latent):
        return (ref.kl_decode if self.kl else ref.tiny_decode)(self.w['vae'], self.config['vae'], latent)


def nhwc(t):
    return t.permute(0, 2, 3, 1).contiguous().numpy()


def noise(seed, stream, side):
    """The engine numbers the elements of a latent channels-last, and keeps them as floats."""
    n = ck.noise(seed, stream, 4 * side * side).astype(np.float32).astype(np.float64)
    return torch.from_numpy(n).view(1, side, side, 4).permute(0, 3, 1, 2)


def source(side):
    """A picture of waves, whole numbers [H, W, 3]."""
    y, x = np.mgrid[0:side, 0:side] / side
    waves = [np.sin(9 * x + 4 * y * y), np.cos(7 * y - 5 * x * x), np.sin(12 * x * y + 1)]
    return np.round(127.5 + 110 * np.stack(waves, -1))


def hole(side):
    """A disc and a bar, 255 = repaint; the edge of the disc is grey."""
    y, x = np.mgrid[0:side, 0:side] / side
    disc = np.clip(255 * (0.32 - np.hypot(x - 0.4, y - 0.55)) * 12 + 128, 0, 255)
    return np.round(np.where((y > 0.1) & (y < 0.2), 255, disc))


def mean_and_mix(guidance, image_guidance, rescale, parts):
    if len(parts) == 1:
        return parts[0]
    out = parts[0] + guidance * (parts[-1] - parts[-2]) + (image_guidance * (parts[1] - parts[0]) if len(parts) == 3 else 0)
    return rescale * out * (parts[-1].std() / out.std()) + (1 - rescale) * out


def run(m, kind, sampler, steps, guidance, more):
    """-> last latent, pixels [H, W, 3] not rounded, source, mask."""
    factor = 2**(len(m.config['vae'].get('block_out_channels', [0] * 4)) - 1)
    side = SIDE
    wide, lcm = side * factor, 'time_cond_proj_dim' in m.config['unet'] and m.config['unet']['time_cond_proj_dim']
    passes = 1 if guidance <= 1 or lcm else 3 if kind == 'edit' else 2
    context = [m.text(NEGATIVE)] * (passes - 1) + [m.text(PROMPT)]
    s = samplers.KINDS[sampler]({**m.scheduler, **more.get('scheduler', {})}, steps)
    strength = more.get('strength', 1.0)
    if kind in ('image', 'inpaint'):
        s.begin_late(strength)
    pixels, mask, origin, small, beside = source(wide), hole(wide), None, None, [torch.zeros(1, 0, side, side)] * passes
    image = torch.from_numpy(pixels / 127.5 - 1).permute(2, 0, 1)[None]
    binary = torch.from_numpy((mask >= 128).astype(np.float64))[None, None]
    if kind != 'text':
        origin = m.encode(image)
    if kind == 'inpaint':
        small = F.interpolate(binary, size=(side, side), mode='nearest')
        if m.config['unet']['in_channels'] == 9:
            beside = [torch.cat([small, m.encode(image * (binary < 0.5))], 1)] * passes
            small = None
    if kind == 'edit':
        raw = origin / m.config['vae'].get('scaling_factor', 1.0)
        beside = [raw] if passes == 1 else [torch.zeros_like(raw), raw, raw]

    first = noise(SEED, 0, side)
    late = kind == 'image' or (kind == 'inpaint' and strength < 1)
    x = s.noisy(origin, first, s.first) if late else s.start(first)
    for i in range(s.first, len(s.times)):
        t = float(s.times[i])
        parts = [ref.unet(m.w['unet'], m.config['unet'], torch.cat([s.scale(x, i), b], 1), t, c[None],
                          guidance=torch.tensor([guidance]) if lcm else None)['out'] for b, c in zip(beside, context)]
        out = mean_and_mix(guidance, more.get('image_guidance', 1.5), more.get('rescale', 0.0), parts)
        x = s.step(x, out, i, noise(SEED, i - s.first + 1, side))
        if small is not None:
            kept = s.noisy(origin, first, i + 1) if i + 1 < len(s.times) else origin
            x = (1 - small) * kept + small * x
    result = ((m.decode(x)[0] / 2 + 0.5).clamp(0, 1) * 255).permute(1, 2, 0).numpy()
    return x, result, pixels, mask


def paste(result, pixels, mask, factor):
    """Original pixels outside; inside, full strength from half a latent pixel behind the edge on."""
    inside, most = mask >= 128, factor // 2 + 1
    weight = np.zeros(mask.shape)
    eroded = inside.copy()
    for _ in range(most):
        weight += eroded
        wide = np.pad(eroded, 1, mode='edge')
        eroded = np.min([wide[dy:dy + mask.shape[0], dx:dx + mask.shape[1]] for dy in range(3) for dx in range(3)], axis=0)
    weight = (weight / most)[:, :, None]
    return pixels * (1 - weight) + np.floor(result + 0.5) * weight


def main():
    models, folder = sys.argv[1], os.path.join(sys.argv[2], 'flow')
    os.makedirs(folder, exist_ok=True)
    loaded, out = {}, {}
    for name, (model, kind, sampler, steps, guidance, more) in CASES.items():
        if model not in loaded:
            loaded[model] = Model(os.path.join(models, model))
        m = loaded[model]
        with torch.no_grad():
            x, result, pixels, mask = run(m, kind, sampler, steps, guidance, more)
        if kind == 'inpaint':
            result = paste(result, pixels, mask, result.shape[0] // x.shape[2])
        out[name + '.latent'] = nhwc(x).astype(np.float32)
        out[name + '.pixels'] = np.floor(result + 0.5).astype(np.float16)
        out[f'source-{len(mask)}'], out[f'mask-{len(mask)}'] = pixels.astype(np.float16), mask.astype(np.float16)
    ck.write_safetensors(folder + '/expect.safetensors', out)


if __name__ == '__main__':
    main()

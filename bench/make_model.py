#!/usr/bin/python3
"""Writes full-size checkpoints of random float16 weights, for measuring: shapes of the field, pictures of nothing.

    bench/make_model.py FOLDER [sd15] [turbo] [sdxl]

Each goes into FOLDER/NAME in the diffusers layout: sd15 (SD 1.5 with AutoencoderKL), turbo (SD 2.1 as SD-Turbo has it,
with AutoencoderTiny), sdxl (two text encoders). The default is sd15 and turbo: about 4.3 GB. What is there already is
left alone. Needs python3-numpy. The shapes come from t/reference/checkpoint.py.
"""
import json
import os
import random
import struct
import sys

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 't', 'reference'))
import bpe  # noqa: E402
import checkpoint as ck  # noqa: E402

WORDS = 49408

# Layers that write into a residual stream: their sum over a deep network must stay small for float16 peers too.
RESIDUAL = ('conv2.', 'proj_out.', 'to_out.0.', 'ff.net.2.', 'out_proj.', 'fc2.', '.conv.4.')


def scale_of(name, shape):
    if len(shape) == 1:
        return 0.02
    if '_embedding.weight' in name:
        return 0.02
    return (0.3 if any(r in name for r in RESIDUAL) else 1.0) / np.sqrt(np.prod(shape[1:]))


def write_tensors(path, shapes, seed):
    """A safetensors file, tensor after tensor: no more memory than the largest needs."""
    shapes, header, at = sorted(shapes), {}, 0
    for name, shape in shapes:
        size = 2 * int(np.prod(shape))
        header[name] = {'dtype': 'F16', 'shape': list(shape), 'data_offsets': [at, at + size]}
        at += size
    text = json.dumps(header, separators=(',', ':')).encode()
    text += b' ' * (-len(text) % 8)
    rng = np.random.default_rng(seed)
    with open(path + '.part', 'wb') as f:
        f.write(struct.pack('<Q', len(text)) + text)
        for name, shape in shapes:
            x = rng.standard_normal(shape, dtype=np.float32)
            x *= np.float32(scale_of(name, shape))
            if 'norm' in name and name.endswith('.weight'):
                x += 1
            f.write(x.astype(np.float16).data)
    os.rename(path + '.part', path)


def write_tokenizer(folder, pad):
    """As many entries as CLIP's tokenizer has; which pairs merge is drawn by lot."""
    rng = random.Random(5)
    letters = [bpe.BYTES[b] for b in b'abcdefghijklmnopqrstuvwxyz']
    inner, ends = list(letters), [c + '</w>' for c in letters]
    known, merges = set(inner + ends), []
    while len(merges) < WORDS - 514:
        a, last = rng.choice(inner), rng.random() < 0.6
        b = rng.choice(ends if last else inner)
        if a + b in known or len(a + b) > 16:
            continue
        known.add(a + b)
        merges.append((a, b))
        (ends if last else inner).append(a + b)
    os.makedirs(folder + '/tokenizer', exist_ok=True)
    ck.write_json(folder + '/tokenizer/vocab.json', bpe.vocabulary(merges))
    with open(folder + '/tokenizer/merges.txt', 'w') as f:
        f.write('#version: 0.2\n' + ''.join(f'{a} {b}\n' for a, b in merges))
    ck.write_json(folder + '/tokenizer/tokenizer_config.json', {
        'bos_token': '<|startoftext|>', 'eos_token': '<|endoftext|>', 'pad_token': pad})


def unet(widths, cross, heads, context, **over):
    down = ['CrossAttnDownBlock2D' if c else 'DownBlock2D' for c in cross]
    c = {'_class_name': 'UNet2DConditionModel', 'in_channels': 4, 'out_channels': 4, 'flip_sin_to_cos': True,
         'freq_shift': 0, 'norm_eps': 1e-5, 'act_fn': 'silu', 'norm_num_groups': 32, 'downsample_padding': 1,
         'center_input_sample': False, 'layers_per_block': 2, 'block_out_channels': widths, 'attention_head_dim': heads,
         'cross_attention_dim': context, 'sample_size': 64, 'down_block_types': down,
         'up_block_types': [b.replace('Down', 'Up') for b in reversed(down)]}
    return {**c, **over}


def clip(width, layers, heads, act, kind='CLIPTextModel', **over):
    return {'architectures': [kind], 'hidden_size': width, 'intermediate_size': 4 * width, 'num_hidden_layers': layers,
            'num_attention_heads': heads, 'hidden_act': act, 'max_position_embeddings': 77, 'layer_norm_eps': 1e-5,
            'vocab_size': WORDS, **over}


def scheduler(kind, **over):
    return {'_class_name': kind, 'beta_start': 0.00085, 'beta_end': 0.012, 'beta_schedule': 'scaled_linear',
            'clip_sample': False, 'set_alpha_to_one': False, 'steps_offset': 1, 'timestep_spacing': 'leading',
            'prediction_type': 'epsilon', 'num_train_timesteps': 1000, **over}


KL = {'_class_name': 'AutoencoderKL', 'block_out_channels': [128, 256, 512, 512], 'layers_per_block': 2,
      'norm_num_groups': 32, 'latent_channels': 4, 'scaling_factor': 0.18215, 'in_channels': 3, 'out_channels': 3}
TINY = {'_class_name': 'AutoencoderTiny', 'decoder_block_out_channels': [64] * 4, 'num_decoder_blocks': [3, 3, 3, 1],
        'encoder_block_out_channels': [64] * 4, 'num_encoder_blocks': [1, 3, 3, 3], 'latent_channels': 4,
        'scaling_factor': 1.0, 'act_fn': 'relu'}

MODELS = {
    'sd15': {
        'unet': unet([320, 640, 1280, 1280], [1, 1, 1, 0], 8, 768),
        'text_encoder': clip(768, 12, 12, 'quick_gelu'), 'vae': KL, 'pad': '<|endoftext|>',
        'scheduler': scheduler('DDIMScheduler')},
    'turbo': {
        'unet': unet([320, 640, 1280, 1280], [1, 1, 1, 0], [5, 10, 20, 20], 1024, use_linear_projection=True),
        'text_encoder': clip(1024, 23, 16, 'gelu'), 'vae': TINY, 'pad': '!',
        'scheduler': scheduler('EulerDiscreteScheduler', timestep_spacing='trailing')},
    'sdxl': {
        'unet': unet([320, 640, 1280], [0, 1, 1], [5, 10, 20], 2048, use_linear_projection=True, sample_size=128,
                     transformer_layers_per_block=[1, 2, 10], addition_embed_type='text_time',
                     addition_time_embed_dim=256, projection_class_embeddings_input_dim=2816),
        'text_encoder': clip(768, 12, 12, 'quick_gelu'),
        'text_encoder_2': clip(1280, 32, 20, 'gelu', 'CLIPTextModelWithProjection', projection_dim=1280),
        'vae': {**KL, 'scaling_factor': 0.13025}, 'pad': '<|endoftext|>',
        'scheduler': scheduler('EulerDiscreteScheduler')},
}


def shapes_of(part, c):
    if part == 'unet':
        s = ck.unet_shapes(c)
        if c.get('addition_embed_type') == 'text_time' and not any(n.startswith('add_embedding') for n, _ in s):
            e = 4 * c['block_out_channels'][0]
            s += ck.lin('add_embedding.linear_1', e, c['projection_class_embeddings_input_dim'])
            s += ck.lin('add_embedding.linear_2', e, e)
        return s
    if part == 'vae':
        return (ck.tiny_shapes if c['_class_name'] == 'AutoencoderTiny' else ck.kl_shapes)(c)
    s = ck.clip_shapes(c)
    if 'projection_dim' in c and not any('text_projection' in n for n, _ in s):
        s += ck.lin('text_projection', c['projection_dim'], c['hidden_size'], False)
    return s


def write_model(folder, model, seed):
    parts = [p for p in ('text_encoder', 'text_encoder_2', 'unet', 'vae') if p in model]
    for i, part in enumerate(parts):
        ck.write_json(f'{folder}/{part}/config.json', model[part])
        stem = 'model' if part.startswith('text') else 'diffusion_pytorch_model'
        write_tensors(f'{folder}/{part}/{stem}.safetensors', shapes_of(part, model[part]), seed + i)
    ck.write_json(folder + '/scheduler/scheduler_config.json', model['scheduler'])
    write_tokenizer(folder, model['pad'])
    index = {'_class_name': 'StableDiffusionPipeline', '_diffusers_version': '0.30.0',
             'scheduler': ['diffusers', model['scheduler']['_class_name']],
             'tokenizer': ['transformers', 'CLIPTokenizer'], 'unet': ['diffusers', 'UNet2DConditionModel'],
             'vae': ['diffusers', model['vae']['_class_name']]}
    for part in parts:
        if part.startswith('text'):
            index[part] = ['transformers', model[part]['architectures'][0]]
    if 'text_encoder_2' in model:
        os.makedirs(folder + '/tokenizer_2', exist_ok=True)
        for name in os.listdir(folder + '/tokenizer'):
            with open(f'{folder}/tokenizer/{name}', 'rb') as f, open(f'{folder}/tokenizer_2/{name}', 'wb') as g:
                g.write(f.read())
        ck.write_json(folder + '/tokenizer_2/tokenizer_config.json', {
            'bos_token': '<|startoftext|>', 'eos_token': '<|endoftext|>', 'pad_token': '!'})
        index['_class_name'] = 'StableDiffusionXLPipeline'
        index['tokenizer_2'] = ['transformers', 'CLIPTokenizer']
    ck.write_json(folder + '/model_index.json', index)  # last: a folder with it is whole


def main():
    names = sys.argv[2:] or ['sd15', 'turbo']
    if len(sys.argv) < 2 or any(n not in MODELS for n in names):
        print(__doc__, file=sys.stderr)
        return 2
    for name in names:
        folder = os.path.join(sys.argv[1], name)
        if os.path.exists(folder + '/model_index.json'):
            continue
        write_model(folder, MODELS[name], 1000 * (1 + list(MODELS).index(name)))
        print(folder, flush=True)
    return 0


if __name__ == '__main__':
    sys.exit(main())

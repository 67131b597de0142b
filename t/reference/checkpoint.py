"""Tiny random checkpoints in the diffusers folder layout: which tensors there are, their shapes and random values."""
import json
import os
import struct

import numpy as np


# --- noise: Philox4x32-10 and Box-Muller, written from the published description ---

def philox(counter, key):
    """counter [n, 4], key [2] of uint32 -> [n, 4]."""
    c = [counter[:, i].astype(np.uint64) for i in range(4)]
    k0, k1 = int(key[0]), int(key[1])
    low = np.uint64(0xffffffff)
    for _ in range(10):
        a, b = c[0] * np.uint64(0xD2511F53), c[2] * np.uint64(0xCD9E8D57)
        c = [(b >> np.uint64(32)) ^ c[1] ^ np.uint64(k0), b & low, (a >> np.uint64(32)) ^ c[3] ^ np.uint64(k1), a & low]
        k0, k1 = (k0 + 0x9E3779B9) & 0xffffffff, (k1 + 0xBB67AE85) & 0xffffffff
    return np.stack(c, 1)


def noise(seed, stream, count):
    """Normal numbers, element i of (seed, stream)."""
    blocks = (count + 3) // 4
    counter = np.zeros((blocks, 4), np.uint64)
    counter[:, 0] = np.arange(blocks)
    words = philox(counter, (seed, stream)).astype(np.float64)
    out = np.empty((blocks, 4))
    for i in (0, 2):
        radius = np.sqrt(-2 * np.log((words[:, i] + 1) / 2**32))
        angle = 2 * np.pi * words[:, i + 1] / 2**32
        out[:, i], out[:, i + 1] = radius * np.cos(angle), radius * np.sin(angle)
    return out.reshape(-1)[:count]


# --- safetensors ---

def write_safetensors(path, tensors):
    """tensors: name -> numpy array of float16 or float32."""
    header, parts, at = {}, [], 0
    for name in sorted(tensors):
        a = np.ascontiguousarray(tensors[name])
        kind = {'float16': 'F16', 'float32': 'F32'}[a.dtype.name]
        header[name] = {'dtype': kind, 'shape': list(a.shape), 'data_offsets': [at, at + a.nbytes]}
        parts.append(a.tobytes())
        at += a.nbytes
    text = json.dumps(header, separators=(',', ':')).encode()
    text += b' ' * (-len(text) % 8)
    with open(path, 'wb') as f:
        f.write(struct.pack('<Q', len(text)) + text + b''.join(parts))


# --- names and shapes ---

def lin(name, out, into, bias=True):
    return [(name + '.weight', (out, into))] + ([(name + '.bias', (out,))] if bias else [])


def con(name, out, into, k=3, bias=True):
    return [(name + '.weight', (out, into, k, k))] + ([(name + '.bias', (out,))] if bias else [])


def nor(name, width):
    return [(name + '.weight', (width,)), (name + '.bias', (width,))]


def resnet_shapes(p, into, out, time=0):
    s = nor(p + '.norm1', into) + con(p + '.conv1', out, into)
    s += lin(p + '.time_emb_proj', out, time) if time else []
    s += nor(p + '.norm2', out) + con(p + '.conv2', out, out)
    return s + (con(p + '.conv_shortcut', out, into, 1) if into != out else [])


def transformer_shapes(p, c, ctx, depth, linear_projection):
    project = (lambda n: lin(n, c, c)) if linear_projection else (lambda n: con(n, c, c, 1))
    s = nor(p + '.norm', c) + project(p + '.proj_in') + project(p + '.proj_out')
    for k in range(depth):
        b = f'{p}.transformer_blocks.{k}'
        for n in ('norm1', 'norm2', 'norm3'):
            s += nor(f'{b}.{n}', c)
        for n, into in (('attn1', c), ('attn2', ctx)):
            s += lin(f'{b}.{n}.to_q', c, c, False) + lin(f'{b}.{n}.to_k', c, into, False)
            s += lin(f'{b}.{n}.to_v', c, into, False) + lin(f'{b}.{n}.to_out.0', c, c)
        s += lin(b + '.ff.net.0.proj', 8 * c, c) + lin(b + '.ff.net.2', c, 4 * c)
    return s


def unet_shapes(c):
    widths, lpb, ctx = c['block_out_channels'], c['layers_per_block'], c['cross_attention_dim']
    n, e, lp = len(widths), 4 * widths[0], c.get('use_linear_projection', False)
    depth = c.get('transformer_layers_per_block', 1)
    depth = depth if isinstance(depth, list) else [depth] * n
    cross = [b.startswith('CrossAttn') for b in c['down_block_types']]
    s = con('conv_in', widths[0], c['in_channels']) + lin('time_embedding.linear_1', e, widths[0])
    s += lin('time_embedding.linear_2', e, e)
    if c.get('time_cond_proj_dim'):
        s += lin('time_embedding.cond_proj', widths[0], c['time_cond_proj_dim'], False)
    if c.get('addition_embed_type'):
        s += lin('add_embedding.linear_1', e, c['projection_class_embeddings_input_dim']) + lin('add_embedding.linear_2', e, e)
    skips, now = [widths[0]], widths[0]
    for i, width in enumerate(widths):
        for j in range(lpb):
            s += resnet_shapes(f'down_blocks.{i}.resnets.{j}', now, width, e)
            s += transformer_shapes(f'down_blocks.{i}.attentions.{j}', width, ctx, depth[i], lp) if cross[i] else []
            now = width
            skips.append(now)
        if i + 1 < n:
            s += con(f'down_blocks.{i}.downsamplers.0.conv', width, width)
            skips.append(now)
    s += resnet_shapes('mid_block.resnets.0', now, now, e) + resnet_shapes('mid_block.resnets.1', now, now, e)
    s += transformer_shapes('mid_block.attentions.0', now, ctx, depth[-1], lp)
    for i in range(n):
        level = n - 1 - i
        width = widths[level]
        for j in range(lpb + 1):
            s += resnet_shapes(f'up_blocks.{i}.resnets.{j}', now + skips.pop(), width, e)
            s += transformer_shapes(f'up_blocks.{i}.attentions.{j}', width, ctx, depth[level], lp) if cross[level] else []
            now = width
        s += con(f'up_blocks.{i}.upsamplers.0.conv', width, width) if i + 1 < n else []
    return s + nor('conv_norm_out', widths[0]) + con('conv_out', 4, widths[0])


def clip_shapes(c):
    d, p = c['hidden_size'], 'text_model.'
    s = [(p + 'embeddings.token_embedding.weight', (c['vocab_size'], d)),
         (p + 'embeddings.position_embedding.weight', (77, d))]
    for i in range(c['num_hidden_layers']):
        b = f'{p}encoder.layers.{i}'
        s += nor(b + '.layer_norm1', d) + nor(b + '.layer_norm2', d)
        for n in ('q_proj', 'k_proj', 'v_proj', 'out_proj'):
            s += lin(f'{b}.self_attn.{n}', d, d)
        s += lin(b + '.mlp.fc1', c['intermediate_size'], d) + lin(b + '.mlp.fc2', d, c['intermediate_size'])
    s += nor(p + 'final_layer_norm', d)
    if c['architectures'] == ['CLIPTextModelWithProjection']:
        s += lin('text_projection', c['projection_dim'], d, False)
    return s


def motion_shapes(unet, mid):
    """Names of the original files; one module after every resnet."""
    widths, lpb, s = unet['block_out_channels'], unet['layers_per_block'], []
    where = [(f'down_blocks.{i}.motion_modules.{j}', w) for i, w in enumerate(widths) for j in range(lpb)]
    where += [('mid_block.motion_modules.0', widths[-1])] if mid else []
    where += [(f'up_blocks.{i}.motion_modules.{j}', w) for i, w in enumerate(reversed(widths)) for j in range(lpb + 1)]
    for name, c in where:
        p = name + '.temporal_transformer'
        b = p + '.transformer_blocks.0'
        s += nor(p + '.norm', c) + lin(p + '.proj_in', c, c) + lin(p + '.proj_out', c, c)
        for i in range(2):
            a = f'{b}.attention_blocks.{i}'
            s += nor(f'{b}.norms.{i}', c) + lin(a + '.to_out.0', c, c)
            for n in ('to_q', 'to_k', 'to_v'):
                s += lin(f'{a}.{n}', c, c, False)
        s += nor(b + '.ff_norm', c) + lin(b + '.ff.net.0.proj', 8 * c, c) + lin(b + '.ff.net.2', c, 4 * c)
    return s


def kl_mid(p, c):
    s = resnet_shapes(p + '.resnets.0', c, c) + resnet_shapes(p + '.resnets.1', c, c)
    s += nor(p + '.attentions.0.group_norm', c)
    for n in ('to_q', 'to_k', 'to_v', 'to_out.0'):
        s += lin(f'{p}.attentions.0.{n}', c, c)
    return s


def kl_shapes(c):
    widths, lpb, z = c['block_out_channels'], c['layers_per_block'], 4
    n, deep = len(widths), widths[-1]
    s = con('encoder.conv_in', widths[0], 3) + kl_mid('encoder.mid_block', deep)
    now = widths[0]
    for i, width in enumerate(widths):
        for j in range(lpb):
            s += resnet_shapes(f'encoder.down_blocks.{i}.resnets.{j}', now, width)
            now = width
        s += con(f'encoder.down_blocks.{i}.downsamplers.0.conv', width, width) if i + 1 < n else []
    s += nor('encoder.conv_norm_out', deep) + con('encoder.conv_out', 2 * z, deep)
    s += con('quant_conv', 2 * z, 2 * z, 1) + con('post_quant_conv', z, z, 1)
    s += con('decoder.conv_in', deep, z) + kl_mid('decoder.mid_block', deep)
    now = deep
    for i, width in enumerate(reversed(widths)):
        for j in range(lpb + 1):
            s += resnet_shapes(f'decoder.up_blocks.{i}.resnets.{j}', now, width)
            now = width
        s += con(f'decoder.up_blocks.{i}.upsamplers.0.conv', width, width) if i + 1 < n else []
    return s + nor('decoder.conv_norm_out', now) + con('decoder.conv_out', 3, now)


def tiny_shapes(c):
    width, counts = c['decoder_block_out_channels'][0], c['num_decoder_blocks']
    s, slot = con('decoder.layers.0', width, 4), 2
    for i, count in enumerate(counts):
        last = i + 1 == len(counts)
        for _ in range(count):
            for k in (0, 2, 4):
                s += con(f'decoder.layers.{slot}.conv.{k}', width, width)
            slot += 1
        slot += 0 if last else 1
        s += con(f'decoder.layers.{slot}', 3 if last else width, width, 3, last)
        slot += 1
    slot = 0
    for i, count in enumerate(c['num_encoder_blocks']):
        s += con(f'encoder.layers.{slot}', width, width if i else 3, 3, not i)
        slot += 1
        for _ in range(count):
            for k in (0, 2, 4):
                s += con(f'encoder.layers.{slot}.conv.{k}', width, width)
            slot += 1
    return s + con(f'encoder.layers.{slot}', 4, width)


# What is written into a residual stream. Kept small, so that the variances that norms see are small too: only then
# does a wrong eps show in the results.
QUIET = ('conv_in.', 'conv2.', 'conv_shortcut.bias', 'samplers.0.conv.bias', 'proj_in.', 'proj_out.', 'to_out.0.',
         'ff.net.2.', 'out_proj.', 'fc2.', '_embedding.weight')


def fill(shapes, seed):
    """Random float16 values of a size that keeps a deep network's numbers in range."""
    out = {}
    for i, (name, shape) in enumerate(shapes):
        x = noise(seed, i, int(np.prod(shape))).reshape(shape)
        if len(shape) == 1:
            x = 0.1 * x + (1.0 if 'norm' in name and name.endswith('.weight') else 0.0)
        elif 'embedding' in name:
            x = 0.5 * x
        else:
            x = x / np.sqrt(np.prod(shape[1:]))
        if any(q in name for q in QUIET):
            x = 0.03 * x
        out[name] = x.astype(np.float16)
    return out


def write_json(path, value):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'w') as f:
        json.dump(value, f, indent=1, sort_keys=True, ensure_ascii=False)
        f.write('\n')

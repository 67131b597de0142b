#!/usr/bin/python3
"""Writes the reference data of the networks beside the diffusion models.

    t/reference/dump_nets.py t/data/nets

For each network a tiny random checkpoint and, in NAME.expect.safetensors, inputs and what they must give, computed in
double. Needs python3-torch and python3-numpy.
"""
import os
import sys

import numpy as np
import torch

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import checkpoint as ck  # noqa: E402
import nets  # noqa: E402
from dump import nhwc, rnd, to_torch  # noqa: E402

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)  # more only wait for each other on a busy machine


def pixels(seed, h, w, c=3):
    """[1, c, h, w] in about [0, 1]."""
    return (rnd(seed, 0, 1, c, h, w) * 0.25 + 0.5).clamp(0, 1).float().double()


def compact_shapes(p, width, count, factor):
    s = []
    for i in range(count):
        last = i + 1 == count
        s += ck.con(f'{p}body.{2 * i}', 3 * factor**2 if last else width, width if i else 3)
        s += [] if last else [(f'{p}body.{2 * i + 1}.weight', (width,))]
    return s


def rrdb_shapes(p, width, growth, blocks, unshuffle):
    s = ck.con(p + 'conv_first', width, 3 * unshuffle**2)
    for i in range(blocks):
        for k in (1, 2, 3):
            for j in range(1, 6):
                s += ck.con(f'{p}body.{i}.rdb{k}.conv{j}', growth if j < 5 else width, width + (j - 1) * growth)
    for n in ('conv_body', 'conv_up1', 'conv_up2', 'conv_hr'):
        s += ck.con(p + n, width, width)
    return s + ck.con(p + 'conv_last', 3, width)


def loud(values, names, by):
    """Makes the weights of some layers larger, so that errors in what they feed are seen at the end."""
    for k in values:
        if any(n in k for n in names):
            values[k] = (values[k].astype(np.float32) * by).astype(np.float16)
    return values


def write(folder, name, values, out):
    ck.write_safetensors(f'{folder}/{name}.safetensors', values)
    ck.write_safetensors(f'{folder}/{name}.expect.safetensors', out)
    for k, v in out.items():
        print(name, k, v.shape, 'mean %.3f deviation %.3f' % (v.mean(), v.std()))


def upscalers(folder):
    values = ck.fill(compact_shapes('params.', 8, 4, 4), 300)
    x = pixels(301, 9, 7)
    write(folder, 'compact', values, {'x': nhwc(x), 'out': nhwc(nets.compact(to_torch(values), 'params.', x, 4, 4))})
    values = loud(ck.fill(rrdb_shapes('', 8, 4, 2, 1), 310), ['rdb'], 2.5)
    x = pixels(311, 7, 6)
    write(folder, 'rrdb', values, {'x': nhwc(x), 'out': nhwc(nets.rrdb(to_torch(values), '', x, 2, 1))})
    values = loud(ck.fill(rrdb_shapes('params_ema.', 8, 4, 1, 2), 320), ['rdb'], 2.5)
    x = pixels(321, 8, 6)
    write(folder, 'rrdb2', values, {'x': nhwc(x), 'out': nhwc(nets.rrdb(to_torch(values), 'params_ema.', x, 1, 2))})


def norm_shapes(p, width):
    return [(f'{p}.{n}', (width,)) for n in ('weight', 'bias', 'running_mean', 'running_var')]


def ffc_shapes(p, local, wide):
    half, s = wide // 2, []
    for n, out, into in (('l2l', local, local), ('l2g', wide, local), ('g2l', local, wide)):
        s += ck.con(f'{p}.ffc.conv{n}', out, into, 3, False)
    s += ck.con(p + '.ffc.convg2g.conv1.0', half, wide, 1, False) + norm_shapes(p + '.ffc.convg2g.conv1.1', half)
    s += ck.con(p + '.ffc.convg2g.fu.conv_layer', wide, wide, 1, False) + norm_shapes(p + '.ffc.convg2g.fu.bn', wide)
    s += ck.con(p + '.ffc.convg2g.conv2', wide, half, 1, False)
    return s + norm_shapes(p + '.bn_l', local) + norm_shapes(p + '.bn_g', wide)


def lama_shapes(p, first, downs, blocks):
    p += 'model.'
    s, width = ck.con(p + '1.ffc.convl2l', first, 4, 7, False) + norm_shapes(p + '1.bn_l', first), first
    for i in range(2, downs + 1):
        s += ck.con(f'{p}{i}.ffc.convl2l', 2 * width, width, 3, False) + norm_shapes(f'{p}{i}.bn_l', 2 * width)
        width *= 2
    local, wide, i = width // 2, width * 3 // 2, downs + 1
    for n, m, out in (('l2l', 'l', local), ('l2g', 'g', wide)):
        s += ck.con(f'{p}{i}.ffc.conv{n}', out, width, 3, False) + norm_shapes(f'{p}{i}.bn_{m}', out)
    for i in range(downs + 2, downs + 2 + blocks):
        s += ffc_shapes(f'{p}{i}.conv1', local, wide) + ffc_shapes(f'{p}{i}.conv2', local, wide)
    width, at = local + wide, downs + blocks + 3
    for i in range(at, at + 3 * downs, 3):
        s += [(f'{p}{i}.weight', (width, width // 2, 3, 3)), (f'{p}{i}.bias', (width // 2,))]
        s += norm_shapes(f'{p}{i + 1}', width // 2)
        width //= 2
    return s + ck.con(f'{p}{at + 3 * downs + 1}', 3, width, 7)


def natural(values):
    """Norms as they are after training: scales near 1, variances above 0."""
    for k, v in values.items():
        if k.endswith('running_var'):
            values[k] = (0.2 + 10 * np.abs(v.astype(np.float32))).astype(np.float16)
        elif k.replace('.weight', '.running_var') in values and k.endswith('.weight'):
            values[k] = (1 + v.astype(np.float32)).astype(np.float16)
    return values


def lama(folder):
    values = natural(ck.fill(lama_shapes('generator.', 4, 3, 2), 330))
    out = {}
    for name, h, w in (('', 24, 40), ('prime.', 16, 136)):
        x, m = pixels(331, h, w), torch.zeros(1, 1, h, w)
        m[:, :, 5:h - 6, 7:15] = 1
        out[name + 'x'] = nhwc(torch.cat([x * (1 - m), m], 1))
        out[name + 'out'] = nhwc(nets.lama(to_torch(values), 'generator.', x, m, 3, 2))
    write(folder, 'lama', values, out)


def safety_shapes(width, layers, patch, grid, project):
    p = 'vision_model.vision_model.'
    s = [(p + 'embeddings.class_embedding', (width,)), (p + 'embeddings.patch_embedding.weight', (width, 3, patch, patch)),
         (p + 'embeddings.position_embedding.weight', (grid**2 + 1, width))]
    s += ck.nor(p + 'pre_layrnorm', width) + ck.nor(p + 'post_layernorm', width)
    for i in range(layers):
        b = f'{p}encoder.layers.{i}'
        s += ck.nor(b + '.layer_norm1', width) + ck.nor(b + '.layer_norm2', width)
        for n in ('q_proj', 'k_proj', 'v_proj', 'out_proj'):
            s += ck.lin(f'{b}.self_attn.{n}', width, width)
        s += ck.lin(b + '.mlp.fc1', 2 * width, width) + ck.lin(b + '.mlp.fc2', width, 2 * width)
    s += [('visual_projection.weight', (project, width)), ('concept_embeds', (17, project)), ('concept_embeds_weights', (17,))]
    return s + [('special_care_embeds', (3, project)), ('special_care_embeds_weights', (3,))]


def natural_vision(values):
    """The two norms that are not called so are scaled by about 1; one token's bias should not drown the patches."""
    for k, v in values.items():
        if 'layrnorm.weight' in k:
            values[k] = (1 + v.astype(np.float32)).astype(np.float16)
    return values


def safety(folder):
    """Two pictures: one triggers a special concept and by it, with its 0.01, a usual one; the other nothing."""
    heads, side = 3, 24
    values = loud(ck.fill(safety_shapes(24, 2, 8, 3, 16), 340), ['out_proj', 'fc2', 'patch_embedding', 'position'], 40)
    values = loud(natural_vision(values), ['q_proj.w', 'k_proj.w'], 2)
    pictures = []
    for i, (h, w) in enumerate(((37, 61), (50, 24), (24, 24), (11, 13))):
        rough = rnd(341, i, h // 4 + 1, w // 4 + 1, 3).numpy().repeat(4, 0).repeat(4, 1)[:h, :w]
        fine = rnd(342, i, h, w, 3).numpy()
        pictures.append(np.clip(128 + 60 * rough + 20 * fine, 0, 255).astype(np.uint8))
    w = to_torch(values)
    vectors = [nets.clip_vision(w, heads, nets.clip_input(p, side)) for p in pictures]
    unit = [v / v.norm() for v in vectors]

    def limits(name, margins):
        """Limits that the first picture is above by so much."""
        rows = torch.nn.functional.normalize(w[name])
        values[name + '_weights'] = ((rows @ unit[0][0]).numpy() - margins).astype(np.float32)
    limits('special_care_embeds', np.array([-0.3, 0.0213, -0.0064]))
    limits('concept_embeds', np.array([-0.2] * 5 + [-0.0063] + [-0.3] * 11))
    w = to_torch(values)
    out = {}
    for i, picture in enumerate(pictures):
        special, concepts = nets.safety(w, heads, nets.clip_input(picture, side))
        out[f'picture{i}'] = picture.astype(np.float32)
        out[f'input{i}'] = nhwc(nets.clip_input(picture, side))
        out[f'vector{i}'] = vectors[i][0].numpy().astype(np.float32)
        out[f'scores{i}'] = np.array(special + concepts, np.float32)
        print('safety', i, special, max(concepts))
    os.makedirs(f'{folder}/safety', exist_ok=True)
    ck.write_safetensors(f'{folder}/safety/model.safetensors', values)
    ck.write_safetensors(f'{folder}/safety.expect.safetensors', out)
    ck.write_json(f'{folder}/safety/config.json', {'vision_config': {'num_attention_heads': heads, 'hidden_act': 'quick_gelu'}})


def main():
    if len(sys.argv) != 2:
        print(__doc__)
        return 2
    os.makedirs(sys.argv[1], exist_ok=True)
    with torch.no_grad():
        upscalers(sys.argv[1])
        lama(sys.argv[1])
        safety(sys.argv[1])
    return 0


if __name__ == '__main__':
    sys.exit(main())

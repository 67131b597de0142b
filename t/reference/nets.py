"""The networks beside the diffusion models, as plain functions of a dictionary of tensors: upscalers, LaMa, the safety
checker. A second implementation to check the engine against, written for reading; tensors are NCHW.
"""
import numpy as np
import torch
import torch.nn.functional as F

import reference as ref


# --- upscalers ---

def compact(w, p, x, count, factor):
    h = x
    for i in range(count):
        h = ref.conv(w, f'{p}body.{2 * i}', h)
        if i + 1 < count:
            slope = w[f'{p}body.{2 * i + 1}.weight'][None, :, None, None]
            h = torch.where(h < 0, h * slope, h)
    return F.pixel_shuffle(h, factor) + F.interpolate(x, scale_factor=float(factor), mode='nearest')


def dense(w, p, x):
    seen = [x]
    for k in range(1, 5):
        seen.append(F.leaky_relu(ref.conv(w, f'{p}conv{k}', torch.cat(seen, 1)), 0.2))
    return ref.conv(w, p + 'conv5', torch.cat(seen, 1)) * 0.2 + x


def rrdb(w, p, x, blocks, unshuffle):
    first = ref.conv(w, p + 'conv_first', F.pixel_unshuffle(x, unshuffle) if unshuffle > 1 else x)
    h = first
    for i in range(blocks):
        t = h
        for k in (1, 2, 3):
            t = dense(w, f'{p}body.{i}.rdb{k}.', t)
        h = t * 0.2 + h
    h = first + ref.conv(w, p + 'conv_body', h)
    for n in ('conv_up1', 'conv_up2'):
        h = F.leaky_relu(ref.conv(w, p + n, F.interpolate(h, scale_factor=2.0, mode='nearest')), 0.2)
    return ref.conv(w, p + 'conv_last', F.leaky_relu(ref.conv(w, p + 'conv_hr', h), 0.2))


# --- LaMa ---

def batch_norm(w, p, x):
    return F.batch_norm(x, w[p + '.running_mean'], w[p + '.running_var'], w[p + '.weight'], w[p + '.bias'], eps=1e-5)


def reflect_conv(w, name, x, stride=1):
    return F.conv2d(F.pad(x, (1, 1, 1, 1), mode='reflect'), w[name + '.weight'], stride=stride)


def fourier_unit(w, p, x):
    """Real and imaginary part of a channel lie side by side."""
    n, c, height, width = x.shape
    f = torch.fft.rfft2(x, norm='ortho')
    f = torch.stack((f.real, f.imag), 2).reshape(n, 2 * c, height, width // 2 + 1)
    f = F.relu(batch_norm(w, p + 'bn', F.conv2d(f, w[p + 'conv_layer.weight'])))
    f = f.reshape(n, c, 2, height, width // 2 + 1)
    return torch.fft.irfft2(torch.complex(f[:, :, 0].contiguous(), f[:, :, 1].contiguous()), s=(height, width), norm='ortho')


def spectral(w, p, x):
    y = F.relu(batch_norm(w, p + 'conv1.1', F.conv2d(x, w[p + 'conv1.0.weight'])))
    return F.conv2d(y + fourier_unit(w, p + 'fu.', y), w[p + 'conv2.weight'])


def ffc(w, p, local, wide):
    a = reflect_conv(w, p + 'ffc.convl2l', local) + reflect_conv(w, p + 'ffc.convg2l', wide)
    b = reflect_conv(w, p + 'ffc.convl2g', local) + spectral(w, p + 'ffc.convg2g.', wide)
    return F.relu(batch_norm(w, p + 'bn_l', a)), F.relu(batch_norm(w, p + 'bn_g', b))


def lama(w, p, image, mask, downs, blocks):
    """Pixels in [0, 1], mask 1 = hole -> what the network paints everywhere."""
    p += 'model.'
    x = F.pad(torch.cat([image * (1 - mask), mask], 1), (3, 3, 3, 3), mode='reflect')
    x = F.relu(batch_norm(w, p + '1.bn_l', F.conv2d(x, w[p + '1.ffc.convl2l.weight'])))
    for i in range(2, downs + 1):
        x = F.relu(batch_norm(w, f'{p}{i}.bn_l', reflect_conv(w, f'{p}{i}.ffc.convl2l', x, 2)))
    i = downs + 1
    local = F.relu(batch_norm(w, f'{p}{i}.bn_l', reflect_conv(w, f'{p}{i}.ffc.convl2l', x, 2)))
    wide = F.relu(batch_norm(w, f'{p}{i}.bn_g', reflect_conv(w, f'{p}{i}.ffc.convl2g', x, 2)))
    for i in range(downs + 2, downs + 2 + blocks):
        a, b = ffc(w, f'{p}{i}.conv1.', local, wide)
        a, b = ffc(w, f'{p}{i}.conv2.', a, b)
        local, wide = local + a, wide + b
    x, at = torch.cat([local, wide], 1), downs + blocks + 3
    for i in range(at, at + 3 * downs, 3):
        x = F.conv_transpose2d(x, w[f'{p}{i}.weight'], w[f'{p}{i}.bias'], stride=2, padding=1, output_padding=1)
        x = F.relu(batch_norm(w, f'{p}{i + 1}', x))
    x = F.pad(x, (3, 3, 3, 3), mode='reflect')
    i = at + 3 * downs + 1
    return torch.sigmoid(F.conv2d(x, w[f'{p}{i}.weight'], w[f'{p}{i}.bias']))


# --- safety checker ---

def cubic_weights(there, here):
    """[here, there]: the cubic of a = -1/2, as wide as the reduction, rows of sum 1."""
    scale = there / here
    wide = max(scale, 1.0)
    out = np.zeros((here, there))
    for i in range(here):
        centre = (i + 0.5) * scale
        low, high = max(int(centre - 2 * wide + 0.5), 0), min(int(centre + 2 * wide + 0.5), there)
        t = np.abs((np.arange(low, high) + 0.5 - centre) / wide)
        a = -0.5
        near, far = ((a + 2) * t - (a + 3)) * t * t + 1, (((t - 5) * t + 8) * t - 4) * a
        v = np.where(t < 1, near, np.where(t < 2, far, 0.0))
        out[i, low:high] = v / v.sum()
    return out


def resize(image, height, width):
    """uint8 [h, w, 3]; rounded to bytes after each direction, across first."""
    def byte(x):
        return np.clip(np.floor(x + 0.5), 0, 255)
    across = byte(np.einsum('ab,hbc->hac', cubic_weights(image.shape[1], width), image.astype(np.float64)))
    return byte(np.einsum('ab,bwc->awc', cubic_weights(image.shape[0], height), across)).astype(np.uint8)


def clip_input(image, side):
    """[1, 3, side, side] of a uint8 picture: shortest side to `side`, centre, normalised."""
    h, w = image.shape[:2]
    short = min(h, w)
    image = resize(image, side if h == short else int(side * h / short), side if w == short else int(side * w / short))
    top, left = (image.shape[0] - side) // 2, (image.shape[1] - side) // 2
    x = image[top:top + side, left:left + side].astype(np.float64) / 255
    x = (x - [0.48145466, 0.4578275, 0.40821073]) / [0.26862954, 0.26130258, 0.27577711]
    return torch.from_numpy(x.transpose(2, 0, 1)[None].copy())


def clip_vision(w, heads, x):
    """The projected vector of each image."""
    p = 'vision_model.vision_model.'
    patch = w[p + 'embeddings.patch_embedding.weight']
    t = F.conv2d(x, patch, stride=patch.shape[-1]).flatten(2).transpose(1, 2)
    t = torch.cat([w[p + 'embeddings.class_embedding'].expand(len(t), 1, -1), t], 1)
    t = ref.layer_norm(w, p + 'pre_layrnorm', t + w[p + 'embeddings.position_embedding.weight'])
    i = 0
    while f'{p}encoder.layers.{i}.layer_norm1.weight' in w:
        b = f'{p}encoder.layers.{i}.'
        h = ref.layer_norm(w, b + 'layer_norm1', t)
        q, k, v = (ref.linear(w, f'{b}self_attn.{n}_proj', h) for n in 'qkv')
        t = t + ref.linear(w, b + 'self_attn.out_proj', ref.attention(q, k, v, heads))
        h = ref.linear(w, b + 'mlp.fc1', ref.layer_norm(w, b + 'layer_norm2', t))
        t = t + ref.linear(w, b + 'mlp.fc2', h * torch.sigmoid(1.702 * h))
        i += 1
    return ref.linear(w, 'visual_projection', ref.layer_norm(w, p + 'post_layernorm', t[:, 0]))


def safety(w, heads, x):
    """(special scores, concept scores) of one image."""
    def cosine(a, b):
        return (F.normalize(a) @ F.normalize(b).t())[0]
    v, adjust, special = clip_vision(w, heads, x), 0.0, []
    for cos, least in zip(cosine(v, w['special_care_embeds']), w['special_care_embeds_weights']):
        special.append(round(float(cos - least) + adjust, 3))
        adjust = 0.01 if special[-1] > 0 else adjust
    concepts = [round(float(cos - least) + adjust, 3)
                for cos, least in zip(cosine(v, w['concept_embeds']), w['concept_embeds_weights'])]
    return special, concepts

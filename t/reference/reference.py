"""The networks as plain functions of a dictionary of tensors: a second implementation, to check the engine against.

Written for reading, not for speed, in the order of the published descriptions. It shares no code with the engine nor
with the training recipe. Tensors are NCHW; every function takes the dictionary `w` and the prefix of its names.
"""
import math

import torch
import torch.nn.functional as F


def linear(w, name, x):
    return F.linear(x, w[name + '.weight'].flatten(1), w.get(name + '.bias'))


def conv(w, name, x, stride=1, padding=1):
    return F.conv2d(x, w[name + '.weight'], w.get(name + '.bias'), stride, padding)


def group_norm(w, name, x, groups, eps):
    return F.group_norm(x, groups, w[name + '.weight'], w[name + '.bias'], eps)


def layer_norm(w, name, x, eps=1e-5):
    return F.layer_norm(x, x.shape[-1:], w[name + '.weight'], w[name + '.bias'], eps)


def attention(q, k, v, heads, mask=None):
    """[N, T, D] each; heads are slices of D."""
    def split(t):
        return t.view(t.shape[0], t.shape[1], heads, -1).transpose(1, 2)
    q, k, v = split(q), split(k), split(v)
    scores = q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])
    if mask is not None:
        scores = scores + mask
    out = scores.softmax(-1) @ v
    return out.transpose(1, 2).flatten(2)


# --- CLIP text encoder ---

def clip_text(w, config, ids, vectors=()):
    """ids [T] -> list of the stream after the embeddings and after each layer, and the final output, each [T, D].
    vectors: pairs (position, vector) that replace a token's own."""
    act = {'quick_gelu': lambda x: x * torch.sigmoid(1.702 * x), 'gelu': F.gelu}[config['hidden_act']]
    pre, eps, count = 'text_model.', config.get('layer_norm_eps', 1e-5), len(ids)
    x = w[pre + 'embeddings.token_embedding.weight'][ids]
    for at, vector in vectors:
        x[at] = vector
    x = x + w[pre + 'embeddings.position_embedding.weight'][:count]
    x, stages = x[None], []
    mask = torch.full((count, count), float('-inf')).triu(1)
    stages.append(x[0])
    for i in range(config['num_hidden_layers']):
        p = f'{pre}encoder.layers.{i}.'
        h = layer_norm(w, p + 'layer_norm1', x, eps)
        q, k, v = (linear(w, f'{p}self_attn.{n}_proj', h) for n in 'qkv')
        x = x + linear(w, p + 'self_attn.out_proj', attention(q, k, v, config['num_attention_heads'], mask))
        h = act(linear(w, p + 'mlp.fc1', layer_norm(w, p + 'layer_norm2', x, eps)))
        x = x + linear(w, p + 'mlp.fc2', h)
        stages.append(x[0])
    return stages, layer_norm(w, pre + 'final_layer_norm', x, eps)[0]


def clip_pooled(w, config, ids, final):
    """The final state of the end token, projected. Published files say that its id is 2, and mean the largest."""
    end = config.get('eos_token_id', 49407)
    at = ids.argmax() if end == 2 else (ids == end).int().argmax()
    return final[at] @ w['text_projection.weight'].T if 'text_projection.weight' in w else final[at]


# --- U-Net ---

def time_embedding(t, width):
    half = width // 2
    f = torch.exp(-math.log(10000) * torch.arange(half, dtype=torch.float64) / half) * t
    return torch.cat([f.cos(), f.sin()]).to(torch.get_default_dtype())


def guidance_embedding(guidance, width):
    """What a latent consistency model is told: w = guidance - 1, [sin | cos], the last frequency is 1/10000."""
    half = width // 2
    f = 1000 * (guidance - 1) * torch.exp(torch.arange(half, dtype=torch.float64) * (-math.log(10000) / (half - 1)))
    return torch.cat([f.sin(), f.cos()]).to(torch.get_default_dtype())


def shared_norm(w, p, x, groups, eps, frames):
    """GroupNorm whose statistics `frames` pictures have in common."""
    n, c, height, width = x.shape
    clips = x.reshape(n // frames, frames, c, height, width).transpose(1, 2).flatten(3)
    return group_norm(w, p, clips, groups, eps).transpose(1, 2).reshape(n, c, height, width)


def resnet(w, p, x, temb, groups, eps, frames=1):
    h = conv(w, p + 'conv1', F.silu(shared_norm(w, p + 'norm1', x, groups, eps, frames)))
    if temb is not None:
        h = h + linear(w, p + 'time_emb_proj', F.silu(temb))[:, :, None, None]
    h = conv(w, p + 'conv2', F.silu(shared_norm(w, p + 'norm2', h, groups, eps, frames)))
    if p + 'conv_shortcut.weight' in w:
        x = conv(w, p + 'conv_shortcut', x, padding=0)
    return x + h


def transformer(w, p, x, context, heads, depth, groups):
    n, c, height, width = x.shape
    t = group_norm(w, p + 'norm', x, groups, 1e-6).flatten(2).transpose(1, 2)
    t = linear(w, p + 'proj_in', t)
    for k in range(depth):
        b = f'{p}transformer_blocks.{k}.'
        h = layer_norm(w, b + 'norm1', t)
        h = attention(linear(w, b + 'attn1.to_q', h), linear(w, b + 'attn1.to_k', h), linear(w, b + 'attn1.to_v', h), heads)
        t = t + linear(w, b + 'attn1.to_out.0', h)
        h = linear(w, b + 'attn2.to_q', layer_norm(w, b + 'norm2', t))
        h = attention(h, linear(w, b + 'attn2.to_k', context), linear(w, b + 'attn2.to_v', context), heads)
        t = t + linear(w, b + 'attn2.to_out.0', h)
        value, gate = linear(w, b + 'ff.net.0.proj', layer_norm(w, b + 'norm3', t)).chunk(2, -1)
        t = t + linear(w, b + 'ff.net.2', value * F.gelu(gate))
    t = linear(w, p + 'proj_out', t)
    return x + t.transpose(1, 2).reshape(n, c, height, width)


def unet(w, config, x, t, context, pooled=None, ids=None, guidance=None, motion=None, shared=1):
    """-> dictionary of stages by name, the last is 'out'.

    pooled [N, P] and ids [6]: SDXL's text vector and sizes. guidance [N]: for a model that is told it. motion: a
    function (name, x) -> x, run after every block of a level. shared: frames that have the norms of resnets in common.
    """
    move = motion or (lambda name, h: h)
    widths, lpb, groups = config['block_out_channels'], config['layers_per_block'], config['norm_num_groups']
    heads, levels, eps = config['attention_head_dim'], len(config['block_out_channels']), 1e-5
    heads = heads if isinstance(heads, list) else [heads] * levels
    depth = config.get('transformer_layers_per_block', 1)
    depth = depth if isinstance(depth, list) else [depth] * levels
    cross = [b.startswith('CrossAttn') for b in config['down_block_types']]
    stages = {}

    temb = time_embedding(t, widths[0])[None]
    if guidance is not None:
        own = torch.stack([guidance_embedding(g, config['time_cond_proj_dim']) for g in guidance])
        temb = temb + own @ w['time_embedding.cond_proj.weight'].T
    temb = linear(w, 'time_embedding.linear_2', F.silu(linear(w, 'time_embedding.linear_1', temb)))
    if pooled is not None:
        sizes = torch.cat([time_embedding(i, config['addition_time_embed_dim']) for i in ids])
        more = torch.cat([pooled, sizes.expand(len(pooled), -1)], 1)
        temb = temb + linear(w, 'add_embedding.linear_2', F.silu(linear(w, 'add_embedding.linear_1', more)))
    if guidance is not None or pooled is not None:
        stages['temb'] = temb[:, :, None, None]
    h = conv(w, 'conv_in', x)
    skips = [h]
    stages['conv_in'] = h
    for i in range(levels):
        for j in range(lpb):
            h = resnet(w, f'down_blocks.{i}.resnets.{j}.', h, temb, groups, eps, shared)
            stages[f'down_blocks.{i}.resnets.{j}'] = h
            if cross[i]:
                h = transformer(w, f'down_blocks.{i}.attentions.{j}.', h, context, heads[i], depth[i], groups)
                stages[f'down_blocks.{i}.attentions.{j}'] = h
            h = move(f'down_blocks.{i}.motion_modules.{j}', h)
            skips.append(h)
        if i + 1 < levels:
            h = conv(w, f'down_blocks.{i}.downsamplers.0.conv', h, stride=2)
            skips.append(h)
    h = resnet(w, 'mid_block.resnets.0.', h, temb, groups, eps, shared)
    h = transformer(w, 'mid_block.attentions.0.', h, context, heads[-1], depth[-1], groups)
    h = move('mid_block.motion_modules.0', h)
    h = resnet(w, 'mid_block.resnets.1.', h, temb, groups, eps, shared)
    stages['mid_block.resnets.1'] = h
    for i in range(levels):
        level = levels - 1 - i
        for j in range(lpb + 1):
            h = resnet(w, f'up_blocks.{i}.resnets.{j}.', torch.cat([h, skips.pop()], 1), temb, groups, eps, shared)
            if cross[level]:
                h = transformer(w, f'up_blocks.{i}.attentions.{j}.', h, context, heads[level], depth[level], groups)
            h = move(f'up_blocks.{i}.motion_modules.{j}', h)
        stages[f'up_blocks.{i}'] = h
        if i + 1 < levels:
            h = F.interpolate(h, size=skips[-1].shape[2:], mode='nearest')
            h = conv(w, f'up_blocks.{i}.upsamplers.0.conv', h)
    h = F.silu(shared_norm(w, 'conv_norm_out', h, groups, eps, shared))
    stages['out'] = conv(w, 'conv_out', h)
    return stages


def motion_module(w, p, x, frames, heads, groups):
    """x [clips · frames, C, H, W]: every pixel looks at itself in the other frames. Names as in the original files."""
    n, c, height, width = x.shape
    clips = n // frames
    t = group_norm(w, p + 'norm', x, groups, 1e-6)
    t = t.reshape(clips, frames, c, height * width).permute(0, 3, 1, 2).reshape(clips * height * width, frames, c)
    t = linear(w, p + 'proj_in', t)
    at = torch.arange(frames)[:, None] * torch.exp(torch.arange(0, c, 2) * (-math.log(10000) / c))
    place = torch.stack([at.sin(), at.cos()], -1).reshape(frames, c)
    k = 0
    while f'{p}transformer_blocks.{k}.ff_norm.weight' in w:
        b = f'{p}transformer_blocks.{k}.'
        for i in range(2):
            a = f'{b}attention_blocks.{i}.'
            h = layer_norm(w, f'{b}norms.{i}', t) + place
            h = attention(linear(w, a + 'to_q', h), linear(w, a + 'to_k', h), linear(w, a + 'to_v', h), heads)
            t = t + linear(w, a + 'to_out.0', h)
        value, gate = linear(w, b + 'ff.net.0.proj', layer_norm(w, b + 'ff_norm', t)).chunk(2, -1)
        t = t + linear(w, b + 'ff.net.2', value * F.gelu(gate))
        k += 1
    t = linear(w, p + 'proj_out', t)
    return x + t.reshape(clips, height, width, frames, c).permute(0, 3, 4, 1, 2).reshape(n, c, height, width)


# --- autoencoders ---

def vae_mid(w, p, h, groups):
    h = resnet(w, p + 'resnets.0.', h, None, groups, 1e-6)
    n, c, height, width = h.shape
    a = p + 'attentions.0.'
    t = group_norm(w, a + 'group_norm', h, groups, 1e-6).flatten(2).transpose(1, 2)
    t = attention(linear(w, a + 'to_q', t), linear(w, a + 'to_k', t), linear(w, a + 'to_v', t), 1)
    h = h + linear(w, a + 'to_out.0', t).transpose(1, 2).reshape(n, c, height, width)
    return resnet(w, p + 'resnets.1.', h, None, groups, 1e-6)


def kl_decode(w, config, z):
    groups, levels = config['norm_num_groups'], len(config['block_out_channels'])
    h = conv(w, 'post_quant_conv', z / config['scaling_factor'], padding=0)
    h = vae_mid(w, 'decoder.mid_block.', conv(w, 'decoder.conv_in', h), groups)
    for i in range(levels):
        for j in range(config['layers_per_block'] + 1):
            h = resnet(w, f'decoder.up_blocks.{i}.resnets.{j}.', h, None, groups, 1e-6)
        if i + 1 < levels:
            h = F.interpolate(h, scale_factor=2.0, mode='nearest')
            h = conv(w, f'decoder.up_blocks.{i}.upsamplers.0.conv', h)
    return conv(w, 'decoder.conv_out', F.silu(group_norm(w, 'decoder.conv_norm_out', h, groups, 1e-6)))


def kl_encode(w, config, image):
    """The mode, scaled."""
    groups, levels = config['norm_num_groups'], len(config['block_out_channels'])
    h = conv(w, 'encoder.conv_in', image)
    for i in range(levels):
        for j in range(config['layers_per_block']):
            h = resnet(w, f'encoder.down_blocks.{i}.resnets.{j}.', h, None, groups, 1e-6)
        if i + 1 < levels:
            h = conv(w, f'encoder.down_blocks.{i}.downsamplers.0.conv', F.pad(h, (0, 1, 0, 1)), stride=2, padding=0)
    h = vae_mid(w, 'encoder.mid_block.', h, groups)
    h = conv(w, 'encoder.conv_out', F.silu(group_norm(w, 'encoder.conv_norm_out', h, groups, 1e-6)))
    return conv(w, 'quant_conv', h, padding=0).chunk(2, 1)[0] * config['scaling_factor']


def tiny_block(w, p, h):
    t = conv(w, p + '4', F.relu(conv(w, p + '2', F.relu(conv(w, p + '0', h)))))
    return F.relu(t + h)


def tiny_encode(w, config, image):
    """Pixels in [-1, 1]. No ReLU after the first layer, unlike the decoder."""
    h, slot = (image + 1) / 2, 0
    for i, count in enumerate(config['num_encoder_blocks']):
        h, slot = conv(w, f'encoder.layers.{slot}', h, stride=2 if i else 1), slot + 1
        for _ in range(count):
            h, slot = tiny_block(w, f'encoder.layers.{slot}.conv.', h), slot + 1
    return conv(w, f'encoder.layers.{slot}', h) * config['scaling_factor']


def tiny_decode(w, config, z):
    """Pixels in [-1, 1]."""
    h = torch.tanh(z / 3) * 3
    h, slot = F.relu(conv(w, 'decoder.layers.0', h)), 2
    counts = config['num_decoder_blocks']
    for i, count in enumerate(counts):
        for _ in range(count):
            h, slot = tiny_block(w, f'decoder.layers.{slot}.conv.', h), slot + 1
        if i + 1 < len(counts):
            h, slot = F.interpolate(h, scale_factor=2.0, mode='nearest'), slot + 1
        h, slot = conv(w, f'decoder.layers.{slot}', h), slot + 1
    return 2 * h - 1

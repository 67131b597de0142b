"""Plain PyTorch modules with the diffusers / transformers tensor names and shapes.

Each class is built from the component's config.json (missing keys take the class defaults of the format), so a trained
state dict is a file of the layout as it stands. Works with torch 1.13 and 2.x. Shapes: N batch, C channels, H W, T tokens, D width.
"""
import math

import torch
import torch.nn.functional as F
from torch import nn


class GroupNorm(nn.GroupNorm):
    """In float, also where the rest is bfloat16."""

    def forward(self, x):
        return super().forward(x.float())


class LayerNorm(nn.LayerNorm):
    def forward(self, x):
        return super().forward(x.float())


def timestep_sinusoid(t, width, flip_sin_to_cos=True, freq_shift=0.0):
    """[N] steps -> [N, width]: [cos | sin] when flipped, else [sin | cos]."""
    half = width // 2
    f = torch.exp(-math.log(10000.0) * torch.arange(half, dtype=torch.float32) / (half - freq_shift))
    a = t.float()[:, None] * f[None].to(t.device)
    s, c = torch.sin(a), torch.cos(a)
    return torch.cat([c, s] if flip_sin_to_cos else [s, c], dim=-1)


class TimestepEmbedding(nn.Module):
    def __init__(self, width, embed):
        super().__init__()
        self.linear_1 = nn.Linear(width, embed)
        self.linear_2 = nn.Linear(embed, embed)

    def forward(self, x):
        return self.linear_2(F.silu(self.linear_1(x)))


class ResnetBlock2D(nn.Module):
    """GroupNorm, SiLU, conv, (+ time), GroupNorm, SiLU, conv, + shortcut. eps 1e-5 in the U-Net, 1e-6 in the autoencoder."""

    def __init__(self, cin, cout, temb, groups, eps):
        super().__init__()
        self.norm1 = GroupNorm(groups, cin, eps=eps)
        self.conv1 = nn.Conv2d(cin, cout, 3, padding=1)
        if temb:
            self.time_emb_proj = nn.Linear(temb, cout)
        self.norm2 = GroupNorm(groups, cout, eps=eps)
        self.conv2 = nn.Conv2d(cout, cout, 3, padding=1)
        if cin != cout:
            self.conv_shortcut = nn.Conv2d(cin, cout, 1)

    def forward(self, x, temb_act=None):
        h = self.conv1(F.silu(self.norm1(x)))
        if temb_act is not None:
            h = h + self.time_emb_proj(temb_act)[:, :, None, None]
        h = self.conv2(F.silu(self.norm2(h)))
        return (self.conv_shortcut(x) if hasattr(self, "conv_shortcut") else x) + h


class Attention(nn.Module):
    def __init__(self, dim, ctx, heads, qkv_bias=False, norm_groups=None):
        super().__init__()
        self.heads = heads
        if norm_groups:
            self.group_norm = GroupNorm(norm_groups, dim, eps=1e-6)
        self.to_q = nn.Linear(dim, dim, bias=qkv_bias)
        self.to_k = nn.Linear(ctx, dim, bias=qkv_bias)
        self.to_v = nn.Linear(ctx, dim, bias=qkv_bias)
        self.to_out = nn.ModuleList([nn.Linear(dim, dim)])

    def forward(self, x, ctx=None):
        ctx = x if ctx is None else ctx
        n, t, d = x.shape
        w = d // self.heads
        q = self.to_q(x).view(n, t, self.heads, w).transpose(1, 2)
        k = self.to_k(ctx).view(n, -1, self.heads, w).transpose(1, 2)
        v = self.to_v(ctx).view(n, -1, self.heads, w).transpose(1, 2)
        p = torch.softmax(q @ k.transpose(-1, -2) * w ** -0.5, dim=-1)
        return self.to_out[0]((p @ v).transpose(1, 2).reshape(n, t, d))


class GEGLU(nn.Module):
    def __init__(self, dim, inner):
        super().__init__()
        self.proj = nn.Linear(dim, inner * 2)

    def forward(self, x):
        value, gate = self.proj(x).chunk(2, dim=-1)
        return value * F.gelu(gate)


class FeedForward(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.net = nn.ModuleList([GEGLU(dim, dim * 4), nn.Identity(), nn.Linear(dim * 4, dim)])

    def forward(self, x):
        return self.net[2](self.net[0](x))


class BasicTransformerBlock(nn.Module):
    def __init__(self, dim, ctx, heads):
        super().__init__()
        self.norm1 = LayerNorm(dim)
        self.attn1 = Attention(dim, dim, heads)
        self.norm2 = LayerNorm(dim)
        self.attn2 = Attention(dim, ctx, heads)
        self.norm3 = LayerNorm(dim)
        self.ff = FeedForward(dim)

    def forward(self, x, ctx):
        x = x + self.attn1(self.norm1(x))
        x = x + self.attn2(self.norm2(x), ctx)
        return x + self.ff(self.norm3(x))


class Transformer2DModel(nn.Module):
    def __init__(self, dim, ctx, heads, depth, groups, linear):
        super().__init__()
        self.linear = linear
        self.norm = GroupNorm(groups, dim, eps=1e-6)
        self.proj_in = nn.Linear(dim, dim) if linear else nn.Conv2d(dim, dim, 1)
        self.transformer_blocks = nn.ModuleList([BasicTransformerBlock(dim, ctx, heads) for _ in range(depth)])
        self.proj_out = nn.Linear(dim, dim) if linear else nn.Conv2d(dim, dim, 1)

    def forward(self, x, ctx):
        n, c, h, w = x.shape
        y = self.norm(x)
        if self.linear:
            y = self.proj_in(y.flatten(2).transpose(1, 2))
        else:
            y = self.proj_in(y).flatten(2).transpose(1, 2)
        for block in self.transformer_blocks:
            y = block(y, ctx)
        if self.linear:
            y = self.proj_out(y).transpose(1, 2).reshape(n, c, h, w)
        else:
            y = self.proj_out(y.transpose(1, 2).reshape(n, c, h, w))
        return x + y


class Sampler(nn.Module):
    """The convolution of a change of resolution; `kind` is "down", "down_asym" (autoencoder) or "up"."""

    def __init__(self, dim, kind):
        super().__init__()
        self.kind = kind
        self.conv = nn.Conv2d(dim, dim, 3, stride=1 if kind == "up" else 2, padding=0 if kind == "down_asym" else 1)

    def forward(self, x, size=None):
        if self.kind == "up":
            x = F.interpolate(x, size=size, mode="nearest") if size else F.interpolate(x, scale_factor=2.0, mode="nearest")
        elif self.kind == "down_asym":
            x = F.pad(x, (0, 1, 0, 1))
        return self.conv(x)


class Block(nn.Module):
    """A level: resnets, attentions between them where there are any, and its change of resolution."""

    def __init__(self, resnets, attentions=(), down=None, up=None):
        super().__init__()
        self.resnets = nn.ModuleList(resnets)
        if attentions:
            self.attentions = nn.ModuleList(attentions)
        if down:
            self.downsamplers = nn.ModuleList([down])
        if up:
            self.upsamplers = nn.ModuleList([up])


def per_level(value, levels):
    return list(value) if isinstance(value, (list, tuple)) else [value] * levels


class UNet2DConditionModel(nn.Module):
    def __init__(self, config):
        super().__init__()
        c = dict(in_channels=4, out_channels=4, block_out_channels=[320, 640, 1280, 1280], layers_per_block=2,
                 cross_attention_dim=1280, attention_head_dim=8, transformer_layers_per_block=1, use_linear_projection=False,
                 norm_num_groups=32, norm_eps=1e-5, flip_sin_to_cos=True, freq_shift=0)
        c.update({k: v for k, v in config.items() if v is not None})
        self.c = c
        w = c["block_out_channels"]
        n = len(w)
        kinds = c.get("down_block_types") or ["CrossAttnDownBlock2D"] * (n - 1) + ["DownBlock2D"]
        up_kinds = c.get("up_block_types") or ["UpBlock2D"] + ["CrossAttnUpBlock2D"] * (n - 1)
        heads = per_level(c["attention_head_dim"], n)
        depth = per_level(c["transformer_layers_per_block"], n)
        lpb, g, eps, temb, ctx = c["layers_per_block"], c["norm_num_groups"], c["norm_eps"], 4 * w[0], c["cross_attention_dim"]
        lin = c["use_linear_projection"]

        def attn(i):
            return Transformer2DModel(w[i], ctx, heads[i], depth[i], g, lin)

        self.conv_in = nn.Conv2d(c["in_channels"], w[0], 3, padding=1)
        self.time_embedding = TimestepEmbedding(w[0], temb)
        self.down_blocks = nn.ModuleList()
        for i in range(n):
            cin = w[max(i - 1, 0)]
            res = [ResnetBlock2D(cin if j == 0 else w[i], w[i], temb, g, eps) for j in range(lpb)]
            att = [attn(i) for _ in range(lpb)] if kinds[i].startswith("CrossAttn") else []
            self.down_blocks.append(Block(res, att, down=Sampler(w[i], "down") if i < n - 1 else None))
        self.mid_block = Block([ResnetBlock2D(w[-1], w[-1], temb, g, eps) for _ in range(2)], [attn(n - 1)])
        self.up_blocks = nn.ModuleList()
        for i in range(n):
            k = n - 1 - i
            prev = w[min(k + 1, n - 1)]
            res = []
            for j in range(lpb + 1):
                skip = w[k] if j < lpb else w[max(k - 1, 0)]
                res.append(ResnetBlock2D((prev if j == 0 else w[k]) + skip, w[k], temb, g, eps))
            att = [attn(k) for _ in range(lpb + 1)] if up_kinds[i].startswith("CrossAttn") else []
            self.up_blocks.append(Block(res, att, up=Sampler(w[k], "up") if i < n - 1 else None))
        self.conv_norm_out = GroupNorm(g, w[0], eps=eps)
        self.conv_out = nn.Conv2d(w[0], c["out_channels"], 3, padding=1)

    def forward(self, x, t, ctx, motion=None):
        """x [N, in, H, W], t [N], ctx [N, T, D] -> [N, out, H, W]. `motion`: a MotionAdapter; N is then clips times frames."""
        move = motion or (lambda where, h: h)
        c = self.c
        e = self.time_embedding(timestep_sinusoid(t, c["block_out_channels"][0], c["flip_sin_to_cos"], c["freq_shift"]))
        e = F.silu(e)
        h = self.conv_in(x)
        skips = [h]
        for i, b in enumerate(self.down_blocks):
            for j, r in enumerate(b.resnets):
                h = r(h, e)
                if hasattr(b, "attentions"):
                    h = b.attentions[j](h, ctx)
                h = move(("down_blocks", i, j), h)
                skips.append(h)
            if hasattr(b, "downsamplers"):
                h = b.downsamplers[0](h)
                skips.append(h)
        m = self.mid_block
        h = m.resnets[1](m.attentions[0](m.resnets[0](h, e), ctx), e)
        for i, b in enumerate(self.up_blocks):
            for j, r in enumerate(b.resnets):
                h = r(torch.cat([h, skips.pop()], dim=1), e)
                if hasattr(b, "attentions"):
                    h = b.attentions[j](h, ctx)
                h = move(("up_blocks", i, j), h)
            if hasattr(b, "upsamplers"):
                h = b.upsamplers[0](h, size=skips[-1].shape[-2:])
        return self.conv_out(F.silu(self.conv_norm_out(h)))


class TemporalBlock(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.attention_blocks = nn.ModuleList([Attention(dim, dim, heads) for _ in range(2)])
        self.norms = nn.ModuleList([LayerNorm(dim) for _ in range(2)])
        self.ff = FeedForward(dim)
        self.ff_norm = LayerNorm(dim)

    def forward(self, x, place):
        for a, norm in zip(self.attention_blocks, self.norms):
            x = x + a(norm(x) + place)
        return x + self.ff(self.ff_norm(x))


class TemporalTransformer(nn.Module):
    """Every pixel looks at itself in the other frames of its clip; adds nothing until it is trained."""

    def __init__(self, dim, heads, groups):
        super().__init__()
        self.norm = GroupNorm(groups, dim, eps=1e-6)
        self.proj_in = nn.Linear(dim, dim)
        self.transformer_blocks = nn.ModuleList([TemporalBlock(dim, heads)])
        self.proj_out = nn.Linear(dim, dim)
        nn.init.zeros_(self.proj_out.weight)
        nn.init.zeros_(self.proj_out.bias)

    def forward(self, x, frames):
        n, c, h, w = x.shape
        t = self.norm(x).view(n // frames, frames, c, h * w).permute(0, 3, 1, 2).reshape(-1, frames, c)
        at = torch.arange(frames)[:, None] * torch.exp(torch.arange(0, c, 2) * (-math.log(10000.0) / c))
        place = torch.stack([at.sin(), at.cos()], -1).view(frames, c).to(x.device)
        t = self.proj_in(t)
        for b in self.transformer_blocks:
            t = b(t, place)
        t = self.proj_out(t).view(n // frames, h * w, frames, c).permute(0, 2, 3, 1)
        return x + t.reshape(n, c, h, w)


class MotionModule(nn.Module):
    def __init__(self, dim, heads, groups):
        super().__init__()
        self.temporal_transformer = TemporalTransformer(dim, heads, groups)


class MotionAdapter(nn.Module):
    """One module after every resnet of the U-Net (AnimateDiff), with the original names, and PIA's wider conv_in."""

    def __init__(self, unet, config):
        super().__init__()
        w, lpb = unet["block_out_channels"], unet["layers_per_block"]
        heads, groups = config["motion_num_attention_heads"], config["motion_norm_num_groups"]

        def level(width, count):
            b = nn.Module()
            b.motion_modules = nn.ModuleList([MotionModule(width, heads, groups) for _ in range(count)])
            return b

        self.frames = config["motion_max_seq_length"]
        self.down_blocks = nn.ModuleList([level(x, lpb) for x in w])
        self.up_blocks = nn.ModuleList([level(x, lpb + 1) for x in w[::-1]])
        self.conv_in = nn.Conv2d(config["conv_in_channels"], w[0], 3, padding=1)

    def forward(self, where, h):
        part, i, j = where
        return getattr(self, part)[i].motion_modules[j].temporal_transformer(h, self.frames)


class MidBlock(nn.Module):
    """The autoencoder's middle: resnet, one-head attention of full width, resnet."""

    def __init__(self, dim, groups, attention):
        super().__init__()
        self.resnets = nn.ModuleList([ResnetBlock2D(dim, dim, 0, groups, 1e-6) for _ in range(2)])
        if attention:
            self.attentions = nn.ModuleList([Attention(dim, dim, 1, qkv_bias=True, norm_groups=groups)])

    def forward(self, x):
        x = self.resnets[0](x)
        if hasattr(self, "attentions"):
            n, c, h, w = x.shape
            a = self.attentions[0]
            x = x + a(a.group_norm(x).flatten(2).transpose(1, 2)).transpose(1, 2).reshape(n, c, h, w)
        return self.resnets[1](x)


class KLEncoder(nn.Module):
    def __init__(self, c):
        super().__init__()
        w, lpb, g = c["block_out_channels"], c["layers_per_block"], c["norm_num_groups"]
        self.conv_in = nn.Conv2d(c["in_channels"], w[0], 3, padding=1)
        self.down_blocks = nn.ModuleList()
        for i in range(len(w)):
            cin = w[max(i - 1, 0)]
            res = [ResnetBlock2D(cin if j == 0 else w[i], w[i], 0, g, 1e-6) for j in range(lpb)]
            self.down_blocks.append(Block(res, down=Sampler(w[i], "down_asym") if i < len(w) - 1 else None))
        self.mid_block = MidBlock(w[-1], g, c["mid_block_add_attention"])
        self.conv_norm_out = GroupNorm(g, w[-1], eps=1e-6)
        self.conv_out = nn.Conv2d(w[-1], 2 * c["latent_channels"], 3, padding=1)

    def forward(self, x):
        h = self.conv_in(x)
        for b in self.down_blocks:
            for r in b.resnets:
                h = r(h)
            if hasattr(b, "downsamplers"):
                h = b.downsamplers[0](h)
        return self.conv_out(F.silu(self.conv_norm_out(self.mid_block(h))))


class KLDecoder(nn.Module):
    def __init__(self, c):
        super().__init__()
        w, lpb, g = c["block_out_channels"][::-1], c["layers_per_block"], c["norm_num_groups"]
        self.conv_in = nn.Conv2d(c["latent_channels"], w[0], 3, padding=1)
        self.mid_block = MidBlock(w[0], g, c["mid_block_add_attention"])
        self.up_blocks = nn.ModuleList()
        for i in range(len(w)):
            cin = w[max(i - 1, 0)]
            res = [ResnetBlock2D(cin if j == 0 else w[i], w[i], 0, g, 1e-6) for j in range(lpb + 1)]
            self.up_blocks.append(Block(res, up=Sampler(w[i], "up") if i < len(w) - 1 else None))
        self.conv_norm_out = GroupNorm(g, w[-1], eps=1e-6)
        self.conv_out = nn.Conv2d(w[-1], c["out_channels"], 3, padding=1)

    def forward(self, z):
        h = self.mid_block(self.conv_in(z))
        for b in self.up_blocks:
            for r in b.resnets:
                h = r(h)
            if hasattr(b, "upsamplers"):
                h = b.upsamplers[0](h)
        return self.conv_out(F.silu(self.conv_norm_out(h)))


class AutoencoderKL(nn.Module):
    """encode gives mean and log variance of the unscaled latent; decode takes the unscaled latent. Images are in [-1, 1]."""

    def __init__(self, config):
        super().__init__()
        c = dict(in_channels=3, out_channels=3, block_out_channels=[64], layers_per_block=1, latent_channels=4,
                 norm_num_groups=32, scaling_factor=0.18215, mid_block_add_attention=True, use_quant_conv=True,
                 use_post_quant_conv=True)
        c.update({k: v for k, v in config.items() if v is not None})
        self.c = c
        z = c["latent_channels"]
        self.encoder = KLEncoder(c)
        self.decoder = KLDecoder(c)
        if c["use_quant_conv"]:
            self.quant_conv = nn.Conv2d(2 * z, 2 * z, 1)
        if c["use_post_quant_conv"]:
            self.post_quant_conv = nn.Conv2d(z, z, 1)

    def encode(self, x):
        h = self.encoder(x)
        if hasattr(self, "quant_conv"):
            h = self.quant_conv(h)
        mean, logvar = h.chunk(2, dim=1)
        return mean, logvar.clamp(-30.0, 20.0)

    def decode(self, z):
        if hasattr(self, "post_quant_conv"):
            z = self.post_quant_conv(z)
        return self.decoder(z)


class CLIPAttention(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.heads = heads
        self.q_proj, self.k_proj = nn.Linear(dim, dim), nn.Linear(dim, dim)
        self.v_proj, self.out_proj = nn.Linear(dim, dim), nn.Linear(dim, dim)

    def forward(self, x):
        n, t, d = x.shape
        w = d // self.heads
        q = self.q_proj(x).view(n, t, self.heads, w).transpose(1, 2) * w ** -0.5
        k = self.k_proj(x).view(n, t, self.heads, w).transpose(1, 2)
        v = self.v_proj(x).view(n, t, self.heads, w).transpose(1, 2)
        mask = torch.full((t, t), float("-inf"), device=x.device).triu(1)
        p = torch.softmax(q @ k.transpose(-1, -2) + mask, dim=-1)
        return self.out_proj((p @ v).transpose(1, 2).reshape(n, t, d))


class CLIPMLP(nn.Module):
    def __init__(self, dim, inner, act):
        super().__init__()
        self.act = act
        self.fc1, self.fc2 = nn.Linear(dim, inner), nn.Linear(inner, dim)

    def forward(self, x):
        h = self.fc1(x)
        h = h * torch.sigmoid(1.702 * h) if self.act == "quick_gelu" else F.gelu(h)
        return self.fc2(h)


class CLIPEncoderLayer(nn.Module):
    def __init__(self, c):
        super().__init__()
        d = c["hidden_size"]
        self.self_attn = CLIPAttention(d, c["num_attention_heads"])
        self.layer_norm1 = LayerNorm(d, eps=c["layer_norm_eps"])
        self.mlp = CLIPMLP(d, c["intermediate_size"], c["hidden_act"])
        self.layer_norm2 = LayerNorm(d, eps=c["layer_norm_eps"])

    def forward(self, x):
        x = x + self.self_attn(self.layer_norm1(x))
        return x + self.mlp(self.layer_norm2(x))


class CLIPTextModel(nn.Module):
    """ids [N, T] -> hidden states after the final norm [N, T, D]."""

    def __init__(self, config):
        super().__init__()
        c = dict(vocab_size=49408, hidden_size=512, intermediate_size=2048, num_hidden_layers=12, num_attention_heads=8,
                 max_position_embeddings=77, hidden_act="quick_gelu", layer_norm_eps=1e-5)
        c.update({k: v for k, v in config.items() if v is not None})
        self.c = c
        m = nn.Module()
        m.embeddings = nn.Module()
        m.embeddings.token_embedding = nn.Embedding(c["vocab_size"], c["hidden_size"])
        m.embeddings.position_embedding = nn.Embedding(c["max_position_embeddings"], c["hidden_size"])
        m.encoder = nn.Module()
        m.encoder.layers = nn.ModuleList([CLIPEncoderLayer(c) for _ in range(c["num_hidden_layers"])])
        m.final_layer_norm = LayerNorm(c["hidden_size"], eps=c["layer_norm_eps"])
        self.text_model = m

    def forward(self, ids):
        m = self.text_model
        x = m.embeddings.token_embedding(ids) + m.embeddings.position_embedding.weight[: ids.shape[1]]
        for layer in m.encoder.layers:
            x = layer(x)
        return m.final_layer_norm(x)

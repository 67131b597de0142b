"""The parts that are compared, built from the reference functions and the weights of a diffusers folder, in float32."""
import json
import os
import sys

import numpy as np
import torch

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 't', 'reference'))
import reference as ref  # noqa: E402

torch.set_default_dtype(torch.float32)


class FusedAttention(torch.autograd.Function):
    """Becomes ONNX Runtime's own operator in an exported graph."""

    @staticmethod
    def symbolic(g, q, k, v, heads):
        return g.op('com.microsoft::MultiHeadAttention', q, k, v, num_heads_i=heads).setType(q.type())

    @staticmethod
    def forward(ctx, q, k, v, heads):
        return PLAIN_ATTENTION(q, k, v, heads)


PLAIN_ATTENTION = ref.attention


def fuse_attention():
    """From now on exported graphs have the runtime's own attention, which needs no table of all scores.

    The exporter does not know what shape it gives, so norms take theirs from the weights.
    """
    def attention(q, k, v, heads, mask=None):
        if mask is not None:
            return PLAIN_ATTENTION(q, k, v, heads, mask)
        return FusedAttention.apply(q, k, v, heads)
    def layer_norm(w, name, x, eps=1e-5):
        return torch.nn.functional.layer_norm(x, [w[name + '.bias'].numel()], w[name + '.weight'], w[name + '.bias'], eps)
    ref.attention, ref.layer_norm = attention, layer_norm


# name of a part -> (checkpoint, folder in it, batch)
PARTS = {
    'unet-64-b1': ('sd15', 'unet', 1),
    'unet-64-b2': ('sd15', 'unet', 2),
    'vae-decode-512': ('sd15', 'vae', 1),
    'taesd-decode-512': ('turbo', 'vae', 1),
    'text-turbo': ('turbo', 'text_encoder', 1),
    'unet-turbo': ('turbo', 'unet', 1),
}


def read_weights(folder):
    path = [os.path.join(folder, n) for n in os.listdir(folder) if n.endswith('.safetensors')][0]
    with open(path, 'rb') as f:
        size = int.from_bytes(f.read(8), 'little')
        header = json.loads(f.read(size))
    data, out = np.memmap(path, np.uint8, 'r', 8 + size), {}
    for name, entry in header.items():
        if name.startswith('encoder.') and 'decoder.conv_out.weight' in header:
            continue  # only the decoder is compared
        begin, end = entry['data_offsets']
        out[name] = torch.from_numpy(data[begin:end].view(np.float16).reshape(entry['shape']).astype(np.float32))
    return out


class Part(torch.nn.Module):
    """forward(inputs…) with the weights as parameters."""

    def __init__(self, models, name, channels_last=False):
        super().__init__()
        model, folder, self.batch = PARTS[name]
        folder = os.path.join(models, model, folder)
        with open(folder + '/config.json') as f:
            self.config = json.load(f)
        self.kind = self.config.get('_class_name', 'text')
        self.names, self.channels_last = {}, channels_last
        for i, (key, value) in enumerate(read_weights(folder).items()):
            if channels_last and value.dim() == 4:
                value = value.contiguous(memory_format=torch.channels_last)
            self.register_parameter(f'p{i}', torch.nn.Parameter(value, requires_grad=False))
            self.names[key] = f'p{i}'

    def forward(self, *inputs):
        w = {key: getattr(self, slot) for key, slot in self.names.items()}
        if self.kind == 'UNet2DConditionModel':
            return ref.unet(w, self.config, *inputs)['out']
        if self.kind == 'AutoencoderKL':
            return ref.kl_decode(w, self.config, *inputs)
        if self.kind == 'AutoencoderTiny':
            return ref.tiny_decode(w, self.config, *inputs)
        return ref.clip_text(w, self.config, *inputs)[1]

    def inputs(self):
        g = torch.Generator().manual_seed(1)
        if self.kind == 'text':
            return (torch.randint(0, 49408, (77,), generator=g),)
        x = torch.randn(self.batch, 4, 64, 64, generator=g)
        if self.channels_last:
            x = x.contiguous(memory_format=torch.channels_last)
        if self.kind != 'UNet2DConditionModel':
            return (x,)
        return x, torch.tensor(500.0), torch.randn(self.batch, 77, self.config['cross_attention_dim'], generator=g)


INPUT_NAMES = {'UNet2DConditionModel': ['x', 't', 'context'], 'text': ['ids']}


def input_names(part):
    return INPUT_NAMES.get(part.kind, ['z'])

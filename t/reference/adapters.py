"""LoRAs for a tiny model in every spelling, and the weights that PyTorch makes of them."""
import numpy as np
import torch

import checkpoint as ck

ATTENTION = 'down_blocks.0.attentions.0.transformer_blocks.0.'
TEXT = 'text_model.encoder.layers.1.'
# Modules by part. Linear layers of attention and feed-forward, a 1×1 and two 3×3 convolutions.
MODULES = [('unet', ATTENTION + 'attn1.to_q'), ('unet', ATTENTION + 'attn2.to_k'), ('unet', ATTENTION + 'attn1.to_out.0'),
           ('unet', ATTENTION + 'ff.net.0.proj'), ('unet', 'down_blocks.1.attentions.1.proj_in'),
           ('unet', 'up_blocks.2.resnets.2.conv1'), ('unet', 'down_blocks.0.downsamplers.0.conv'),
           ('text_encoder', TEXT + 'self_attn.q_proj'), ('text_encoder', TEXT + 'mlp.fc2')]
# The same modules of the U-Net in the original names.
LDM = ['input_blocks.1.1.transformer_blocks.0.attn1.to_q', 'input_blocks.1.1.transformer_blocks.0.attn2.to_k',
       'input_blocks.1.1.transformer_blocks.0.attn1.to_out.0', 'input_blocks.1.1.transformer_blocks.0.ff.net.0.proj',
       'input_blocks.5.1.proj_in', 'output_blocks.8.0.in_layers.2', 'input_blocks.3.0.op']


def kohya(i, part, module):
    name = ('lora_unet_' if part == 'unet' else 'lora_te_') + module.replace('.', '_')
    return name + '.lora_down.weight', name + '.lora_up.weight', name + '.alpha'


def ldm(i, part, module):
    return kohya(i, part, LDM[i]) if part == 'unet' else [n.replace('_te_', '_te1_') for n in kohya(i, part, module)]


def diffusers(i, part, module):
    name = f'{part}.{module}'
    return name + '.lora_A.weight', name + '.lora_B.weight', None


def older(i, part, module):
    if part == 'unet' and '.to_' in module:
        begin, end = module.replace('.to_out.0', '.to_out').rsplit('.', 1)
        name = f'{begin}.processor.{end}_lora'
        return name + '.down.weight', name + '.up.weight', None
    name = f'{part}.{module}.lora_linear_layer' if part != 'unet' else f'unet.{module}.lora'
    return name + '.down.weight', name + '.up.weight', None


def make(spell, weights, seed, rank, alpha):
    """A file's tensors, and {(part, tensor): what is added at strength 1}."""
    tensors, added = {}, {}
    for i, (part, module) in enumerate(MODULES):
        shape = weights[part][module + '.weight'].shape
        r = rank + 3 * (i % 2)  # 2 or 5: both ends of a loop over fours
        down = 0.3 * ck.noise(seed, 2 * i, r * int(np.prod(shape[1:]))).reshape(r, *shape[1:])
        up = 0.3 * ck.noise(seed, 2 * i + 1, shape[0] * r).reshape(shape[0], r, *[1] * (len(shape) - 2))
        names = spell(i, part, module)
        tensors[names[0]], tensors[names[1]] = down.astype(np.float16), up.astype(np.float32)
        scale = 1.0
        if names[2] is not None and i != 3:  # one without alpha
            tensors[names[2]] = np.array(alpha + i, np.float32)
            scale = (alpha + i) / r
        down, up = (torch.from_numpy(tensors[n].astype(np.float64)) for n in names[:2])
        added[part, module + '.weight'] = scale * (up.flatten(1) @ down.flatten(1)).view(shape)
    return tensors, added


def write(folder, weights):
    """lora-*.safetensors, and lora-expect.safetensors with "case/part/tensor"."""
    expect, first = {}, None
    for k, spell in enumerate((kohya, ldm, diffusers, older)):
        tensors, added = make(spell, weights, 700 + k, 2, 1.5)
        ck.write_safetensors(f'{folder}/lora-{spell.__name__}.safetensors', tensors)
        first = added if first is None else first
        for (part, name), value in added.items():
            base = weights[part][name].double()
            expect[f'{spell.__name__}/{part}/{name}'] = (base + 0.8 * value).numpy().astype(np.float32)
    for (part, name), value in added.items():  # two at once: the first and the last
        both = weights[part][name].double() + 0.8 * first[part, name] - 0.5 * value
        expect[f'both/{part}/{name}'] = both.numpy().astype(np.float32)
    ck.write_safetensors(folder + '/lora-expect.safetensors', expect)

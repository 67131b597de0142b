#!/usr/bin/python3
"""Draws a contact sheet with an exported model: a row per prompt, a column per seed. For looking; the product draws with the C engine.

    ./sample.py --model MODEL --out sheet.png [--steps 20] [--guidance 4] [--seeds 6] PROMPT…
"""
import argparse
import json
import os

import numpy as np
import torch
from PIL import Image

import tensors
import tokenizer
from models import AutoencoderKL, CLIPTextModel, UNet2DConditionModel
from train import alphas


def component(model, name, kind, weights):
    net = kind(json.load(open(os.path.join(model, name, "config.json"))))
    net.load_state_dict(tensors.read(os.path.join(model, name, weights)))
    return net.eval()


@torch.no_grad()
def draw(unet, text, vae, tok, prompts, seeds, steps, guidance):
    """uint8 [prompts * seeds, H, W, 3] by DDIM with trailing times and classifier-free guidance."""
    table, side = alphas(), unet.c["sample_size"]
    n = len(prompts) * seeds
    ids = torch.tensor([tok.encode("")] * n + [tok.encode(p) for p in prompts for _ in range(seeds)])
    context = text(ids)
    torch.manual_seed(0)
    x = torch.randn(seeds, unet.c["in_channels"], side, side).repeat(len(prompts), 1, 1, 1)
    times = [int(round(1000 - k * 1000 / steps)) - 1 for k in range(steps)]
    for i, t in enumerate(times):
        none, told = unet(torch.cat([x, x]), torch.full((2 * n,), t), context).chunk(2)
        v = none + guidance * (told - none)
        a = table[t]
        b = table[times[i + 1]] if i + 1 < steps else torch.tensor(1.0)
        x0 = a.sqrt() * x - (1 - a).sqrt() * v
        e = a.sqrt() * v + (1 - a).sqrt() * x
        x = b.sqrt() * x0 + (1 - b).sqrt() * e
    y = vae.decode(x / vae.c["scaling_factor"])
    return ((y.clamp(-1, 1) + 1) * 127.5).round().byte().permute(0, 2, 3, 1).numpy()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--guidance", type=float, default=4)
    parser.add_argument("--seeds", type=int, default=6)
    parser.add_argument("prompts", nargs="+", metavar="PROMPT")
    args = parser.parse_args()
    nets = (component(args.model, "unet", UNet2DConditionModel, "diffusion_pytorch_model.safetensors"),
            component(args.model, "text_encoder", CLIPTextModel, "model.safetensors"),
            component(args.model, "vae", AutoencoderKL, "diffusion_pytorch_model.safetensors"))
    tok = tokenizer.load(os.path.join(args.model, "tokenizer"))
    pixels = draw(*nets, tok, args.prompts, args.seeds, args.steps, args.guidance)
    rows = [np.concatenate(list(pixels[i * args.seeds : (i + 1) * args.seeds]), 1) for i in range(len(args.prompts))]
    Image.fromarray(np.concatenate(rows, 0)).save(args.out)


if __name__ == "__main__":
    main()

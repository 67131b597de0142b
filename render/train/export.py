#!/usr/bin/python3
"""Writes the trained model as a diffusers folder: EMA weights as F16, the configurations, the tokenizer, SHA256SUMS.

    ./export.py --work FOLDER --out MODEL
"""
import argparse
import hashlib
import json
import os

import torch

import recipe
import tensors
import tokenizer
from models import AutoencoderKL
from train import new_denoiser, text_config

FORMAT = {"_diffusers_version": "0.30.0"}


def averaged(work, name, modules):
    """The checkpoint's EMA weights, put into the modules."""
    ck = torch.load(os.path.join(work, name + ".pt"), map_location="cpu")
    with torch.no_grad():
        for p, e in zip([p for m in modules for p in m.parameters()], ck["ema"]):
            p.copy_(e)


def put_json(path, value):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as out:
        out.write(json.dumps(value, indent=2, sort_keys=True) + "\n")


def sums(folder):
    names = sorted(os.path.relpath(os.path.join(d, f), folder) for d, _, files in os.walk(folder) for f in files)
    with open(os.path.join(folder, "SHA256SUMS"), "w", encoding="utf-8") as out:
        for name in names:
            if name != "SHA256SUMS":
                digest = hashlib.sha256(open(os.path.join(folder, name), "rb").read()).hexdigest()
                out.write(f"{digest}  {name}\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--work", required=True)
    parser.add_argument("--out", required=True)
    args = parser.parse_args()
    tok = tokenizer.load(os.path.join(args.work, "tokenizer"))
    vae, (unet, text) = AutoencoderKL(recipe.VAE), new_denoiser(tok)
    averaged(args.work, "vae", [vae])
    averaged(args.work, "unet", [unet, text])
    out = lambda *parts: os.path.join(args.out, *parts)
    put_json(out("unet", "config.json"), dict(recipe.UNET, **FORMAT))
    put_json(out("vae", "config.json"), dict(recipe.VAE, scaling_factor=torch.load(os.path.join(args.work, "scale.pt")), **FORMAT))
    put_json(out("text_encoder", "config.json"), text_config(tok))
    put_json(out("scheduler", "scheduler_config.json"), dict(recipe.SCHEDULER, **FORMAT))
    put_json(out("model_index.json"), dict(FORMAT, _class_name="StableDiffusionPipeline", feature_extractor=[None, None], safety_checker=[None, None],
        scheduler=["diffusers", "DDIMScheduler"], text_encoder=["transformers", "CLIPTextModel"], tokenizer=["transformers", "CLIPTokenizer"],
        unet=["diffusers", "UNet2DConditionModel"], vae=["diffusers", "AutoencoderKL"], requires_safety_checker=False))
    tok.save(out("tokenizer"))
    tensors.write(out("unet", "diffusion_pytorch_model.safetensors"), unet.state_dict())
    tensors.write(out("vae", "diffusion_pytorch_model.safetensors"), vae.state_dict())
    tensors.write(out("text_encoder", "model.safetensors"), text.state_dict())
    sums(args.out)


if __name__ == "__main__":
    main()

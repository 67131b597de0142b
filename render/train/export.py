#!/usr/bin/python3
"""Writes the trained models as diffusers folders: EMA weights, configurations, the tokenizer, SHA256SUMS.

    ./export.py --work FOLDER --out MODELS [NAME...]

MODELS/gempix-tiny is the base model as F16. The others are written where their stage has been trained: gempix-tiny-fast (four
steps), gempix-tiny-inpaint and gempix-tiny-edit, whose U-Nets are of 8 bits a weight and whose other parts are links to the
base model's; gempix-tiny-motion (modules for clips) and gempix-tiny-cleanup (LaMa). NAME writes those alone.
"""
import argparse
import hashlib
import json
import os

import torch

import recipe
import tensors
from fit import averaged
from lama import LaMa
from models import AutoencoderKL, MotionAdapter
from stages import new_text, new_unet, text_config
import tokenizer

FORMAT = {"_diffusers_version": "0.30.0"}
WEIGHTS = "diffusion_pytorch_model.safetensors"
PARTS = {"text_encoder": "CLIPTextModel", "tokenizer": "CLIPTokenizer", "unet": "UNet2DConditionModel", "vae": "AutoencoderKL"}


def put_json(path, value):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as out:
        out.write(json.dumps(value, indent=2, sort_keys=True) + "\n")


def sums(folder):
    """SHA256SUMS of the folder's own files."""
    names = sorted(os.path.relpath(os.path.join(d, f), folder) for d, _, files in os.walk(folder) for f in files)
    with open(os.path.join(folder, "SHA256SUMS"), "w", encoding="utf-8") as out:
        for name in names:
            if name != "SHA256SUMS":
                digest = hashlib.sha256(open(os.path.join(folder, name), "rb").read()).hexdigest()
                out.write(f"{digest}  {name}\n")


def index(folder, pipeline, scheduler):
    """model_index.json and the scheduler's configuration."""
    library = lambda part: "transformers" if PARTS[part].startswith("CLIP") else "diffusers"
    put_json(os.path.join(folder, "model_index.json"), dict(
        FORMAT, _class_name=pipeline, feature_extractor=[None, None], safety_checker=[None, None], requires_safety_checker=False,
        scheduler=["diffusers", scheduler["_class_name"]], **{part: [library(part), name] for part, name in PARTS.items()}))
    put_json(os.path.join(folder, "scheduler", "scheduler_config.json"), dict(scheduler, **FORMAT))


def write_base(work, folder):
    tok = tokenizer.load(os.path.join(work, "tokenizer"))
    vae, unet, text = AutoencoderKL(recipe.VAE), new_unet(4), new_text(tok)
    averaged(work, "vae", {"vae": vae})
    if os.path.exists(os.path.join(work, "decoder.pt")):
        averaged(work, "decoder", {"decoder": vae.decoder, "post_quant_conv": vae.post_quant_conv})
    averaged(work, "unet", {"unet": unet, "text": text})
    index(folder, "StableDiffusionPipeline", recipe.SCHEDULER)
    put_json(os.path.join(folder, "unet", "config.json"), dict(recipe.UNET, **FORMAT))
    put_json(os.path.join(folder, "vae", "config.json"), dict(recipe.VAE, scaling_factor=torch.load(os.path.join(work, "scale.pt")), **FORMAT))
    put_json(os.path.join(folder, "text_encoder", "config.json"), text_config(tok))
    tok.save(os.path.join(folder, "tokenizer"))
    tensors.write(os.path.join(folder, "unet", WEIGHTS), unet.state_dict())
    tensors.write(os.path.join(folder, "vae", WEIGHTS), vae.state_dict())
    tensors.write(os.path.join(folder, "text_encoder", "model.safetensors"), text.state_dict())


def write_variant(stage, channels, pipeline, scheduler):
    """A function that writes a folder with a U-Net of its own; the other parts are the base model's."""
    def write(work, folder):
        unet = new_unet(channels)
        averaged(work, stage, {"unet": unet})
        index(folder, pipeline, scheduler)
        put_json(os.path.join(folder, "unet", "config.json"), dict(recipe.UNET, in_channels=channels, **FORMAT))
        tensors.write(os.path.join(folder, "unet", WEIGHTS), unet.state_dict(), "I8")
        for part in ("text_encoder", "tokenizer", "vae"):
            if not os.path.lexists(os.path.join(folder, part)):
                os.symlink(os.path.join("..", "gempix-tiny", part), os.path.join(folder, part))
    return write


def write_motion(work, folder):
    adapter = MotionAdapter(recipe.UNET, recipe.MOTION)
    averaged(work, "motion", {"motion": adapter})
    put_json(os.path.join(folder, "config.json"), dict(recipe.MOTION, **FORMAT))
    put_json(os.path.join(folder, "scheduler_config.json"), dict(recipe.SCHEDULER, **FORMAT))
    tensors.write(os.path.join(folder, WEIGHTS), adapter.state_dict(), "I8")


def write_clean(work, folder):
    lama = LaMa(**recipe.LAMA)
    averaged(work, "clean", {"lama": lama})
    os.makedirs(folder, exist_ok=True)
    state = {name: value for name, value in lama.state_dict().items() if not name.endswith("num_batches_tracked")}
    tensors.write(os.path.join(folder, "model.safetensors"), state)


# folder -> (stage that must have been trained, how it is written)
MODELS = {
    "gempix-tiny": ("unet", write_base),
    "gempix-tiny-fast": ("distill", write_variant("distill", 4, "StableDiffusionPipeline", recipe.FAST)),
    "gempix-tiny-inpaint": ("inpaint", write_variant("inpaint", 9, "StableDiffusionInpaintPipeline", recipe.SCHEDULER)),
    "gempix-tiny-edit": ("edit", write_variant("edit", 8, "StableDiffusionInstructPix2PixPipeline", recipe.SCHEDULER)),
    "gempix-tiny-motion": ("motion", write_motion),
    "gempix-tiny-cleanup": ("clean", write_clean),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--work", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("names", nargs="*", metavar="NAME", choices=[[], *MODELS])
    args = parser.parse_args()
    for name, (stage, write) in MODELS.items():
        if (not args.names or name in args.names) and os.path.exists(os.path.join(args.work, stage + ".pt")):
            write(args.work, os.path.join(args.out, name))
            sums(os.path.join(args.out, name))
            print(name)


if __name__ == "__main__":
    main()

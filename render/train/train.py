#!/usr/bin/python3
"""Trains the bundled model, one stage a command: vae, then latents, then unet.

    ./train.py STAGE --work FOLDER [--preset cpu|gpu|toy] [--workers N] [--minutes M]

Everything a stage leaves behind lies in FOLDER (keep it outside the repository): vae.pt, latents-RANK.pt, tokenizer/, unet.pt
and a log per stage. A stage that was stopped goes on from its last checkpoint. On a CPU each worker is one process with one
thread (two threads of one process are slower than one on these narrow layers) and gradients are averaged; on a GPU there is
one worker.
"""
import argparse
import math
import os
import time

import numpy as np
import torch
import torch.distributed as dist
import torch.multiprocessing as mp
import torch.nn.functional as F

import recipe
import scenes
import tokenizer
from models import AutoencoderKL, CLIPTextModel, UNet2DConditionModel


class Worker:
    """One of `count` processes that train together: who it is, its device, its share of the clock and its log."""

    def __init__(self, rank, count, args):
        self.rank, self.count, self.work = rank, count, args.work
        self.device = torch.device("cuda" if torch.cuda.is_available() and args.preset == "gpu" else "cpu")
        self.preset = recipe.PRESETS[args.preset]
        if args.minutes:
            self.preset[args.stage]["minutes"] = args.minutes
        if self.device.type == "cpu":
            torch.set_num_threads(1)
        if count > 1:
            dist.init_process_group("gloo", init_method="file://" + os.path.join(self.work, f"meet-{args.stage}-{args.meet}"), rank=rank, world_size=count)

    def path(self, name):
        return os.path.join(self.work, name)

    def say(self, stage, text):
        if self.rank == 0:
            print(f"{stage}: {text}", flush=True)
            with open(self.path(stage + ".log"), "a", encoding="utf-8") as log:
                log.write(text + "\n")

    def agree(self, value):
        """Worker 0's value, everywhere."""
        t = torch.tensor([float(value)], dtype=torch.float64)
        if self.count > 1:
            dist.broadcast(t, 0)
        return float(t)

    def save(self, name, state):
        if self.rank == 0:
            torch.save(state, self.path(name + ".part"))
            os.replace(self.path(name + ".part"), self.path(name))


class Fit:
    """The optimiser's side of a stage: averaged and clipped gradients, warm-up and cosine, EMA, checkpoints."""

    def __init__(self, worker, name, modules, rate, ema=0.999, minutes=None, steps=None):
        self.worker, self.name, self.modules, self.rate, self.decay = worker, name, modules, rate, ema
        self.minutes, self.steps = minutes, steps
        self.params = [p for m in modules.values() for p in m.parameters()]
        self.opt = torch.optim.AdamW(self.params, lr=rate, betas=(0.9, 0.99), weight_decay=0.01)
        self.ema = [p.detach().clone() for p in self.params]
        self.step, self.used, self.start, self.losses = 0, 0.0, time.time(), []
        if os.path.exists(worker.path(name + ".pt")):
            ck = torch.load(worker.path(name + ".pt"), map_location=worker.device)
            for key, m in modules.items():
                m.load_state_dict(ck[key])
            self.opt.load_state_dict(ck["opt"])
            self.ema = [e.to(worker.device) for e in ck["ema"]]
            self.step, self.used = ck["step"], ck["used"]
        seed = 1 + self.step * worker.count + worker.rank
        torch.manual_seed(seed)
        self.rng = np.random.RandomState(seed)

    def share(self):
        """How much of the stage is done, 0 to 1, the same for all workers."""
        if self.steps:
            return self.step / self.steps
        return self.worker.agree((self.used + time.time() - self.start) / 60 / self.minutes)

    def update(self, loss, share):
        for g in self.opt.param_groups:
            g["lr"] = self.rate * min(1, (self.step + 1) / 200) * (0.02 + 0.49 * (1 + math.cos(math.pi * min(share, 1))))
        self.opt.zero_grad()
        loss.backward()
        flat = torch.cat([(p.grad if p.grad is not None else torch.zeros_like(p)).reshape(-1) for p in self.params])
        if self.worker.count > 1:
            dist.all_reduce(flat)
            flat /= self.worker.count
        flat *= min(1.0, 1.0 / (float(flat.norm()) + 1e-6))
        at = 0
        for p in self.params:
            p.grad = flat[at : at + p.numel()].view_as(p)
            at += p.numel()
        self.opt.step()
        self.step += 1
        keep = min(self.decay, (self.step + 1) / (self.step + 10))
        with torch.no_grad():
            for e, p in zip(self.ema, self.params):
                e.lerp_(p, 1 - keep)
        self.losses.append(float(loss))
        if self.step % 100 == 0:
            self.worker.say(self.name, f"step {self.step}, {100 * share:.1f} %, loss {np.mean(self.losses[-100:]):.4f}")
        if self.step % 400 == 0:
            self.save()

    def save(self):
        state = {key: m.state_dict() for key, m in self.modules.items()}
        self.worker.save(self.name + ".pt", dict(state, opt=self.opt.state_dict(), ema=self.ema, step=self.step, used=self.used + time.time() - self.start))

    def finish(self):
        self.save()
        self.worker.say(self.name, f"done after {self.step} steps")


def load_averaged(worker, name, modules):
    """Fills the modules with the checkpoint's EMA weights, rounded to f16 as they will be shipped."""
    ck = torch.load(worker.path(name + ".pt"), map_location=worker.device)
    with torch.no_grad():
        for p, e in zip([p for m in modules.values() for p in m.parameters()], ck["ema"]):
            p.copy_(e.half().float())


def images(first, rank, step, count):
    """uint8 [count, SIDE, SIDE, 3] of the scenes first + rank, first + rank + step, …"""
    return np.stack([scenes.draw(scenes.scene(first + rank + step * i)) for i in range(count)])


def to_tensor(pixels, device):
    return torch.from_numpy(np.ascontiguousarray(pixels)).to(device).permute(0, 3, 1, 2).float() / 127.5 - 1


def crops(fit, data, batch, side):
    out = np.empty((batch, side, side, 3), np.uint8)
    for j, i in enumerate(fit.rng.randint(0, len(data), batch)):
        y, x = (fit.rng.randint(0, (recipe.SIDE - side) // 8 + 1) * 8 for _ in range(2))
        crop = data[i, y : y + side, x : x + side]
        out[j] = crop[:, ::-1] if fit.rng.rand() < 0.5 else crop
    return out


def vae_loss(x, y, mean, logvar):
    """L1 and squares, edges (differences of neighbours), the colours of 8 x 8 squares, and a trace of KL."""
    edges = sum((torch.diff(y, dim=d) - torch.diff(x, dim=d)).abs().mean() for d in (2, 3))
    kl = 0.5 * (mean.pow(2) + logvar.exp() - 1 - logvar).mean()
    return (y - x).abs().mean() + 0.5 * (y - x).pow(2).mean() + 0.3 * edges + 2 * F.l1_loss(F.avg_pool2d(y, 8), F.avg_pool2d(x, 8)) + 2e-5 * kl


def stage_vae(w):
    p = w.preset["vae"]
    vae = AutoencoderKL(recipe.VAE).to(w.device)
    data = images(recipe.VAE_SEEDS, w.rank, w.count, p["scenes"])
    fit = Fit(w, "vae", {"vae": vae}, p["rate"], 0.995, p.get("minutes"), p.get("steps"))
    while (share := fit.share()) < 1:
        last = share >= p["last_from"]
        x = to_tensor(crops(fit, data, p["last_batch"] if last else p["batch"], recipe.SIDE if last else p["crop"]), w.device)
        mean, logvar = vae.encode(x)
        y = vae.decode(mean + torch.exp(0.5 * logvar) * torch.randn_like(mean))
        fit.update(vae_loss(x, y, mean, logvar), share)
    fit.finish()


def stage_latents(w):
    count = w.preset["latents"]["scenes"]
    vae = AutoencoderKL(recipe.VAE).to(w.device).eval()
    load_averaged(w, "vae", {"vae": vae})
    out, captions = [], []
    with torch.no_grad():
        for at in range(0, count, 20):
            part = min(20, count - at)
            out.append(vae.encode(to_tensor(images(recipe.UNET_SEEDS + at * w.count, w.rank, w.count, part), w.device))[0].half().cpu())
            if at % 1000 == 0:
                w.say("latents", f"{at} of {count}")
    torch.save(torch.cat(out), w.path(f"latents-{w.rank}.pt"))
    if w.rank == 0:
        captions = [scenes.caption(scenes.scene(i), i % 7) for i in range(6000)]
        tokenizer.Tokenizer(tokenizer.learn(captions), recipe.CONTEXT).save(w.path("tokenizer"))


def told(tok, w, count):
    """int16 [count, CAPTIONS, CONTEXT]: each scene's captions as ids."""
    ids = np.zeros((count, recipe.CAPTIONS, recipe.CONTEXT), np.int16)
    for i in range(count):
        s = scenes.scene(recipe.UNET_SEEDS + w.rank + w.count * i)
        for k in range(recipe.CAPTIONS):
            ids[i, k] = tok.encode(scenes.caption(s, k))
    return ids


def text_config(tok):
    return dict(recipe.TEXT, vocab_size=len(tok.vocab), bos_token_id=tok.vocab[tokenizer.START], eos_token_id=tok.vocab[tokenizer.END], pad_token_id=tok.vocab[tokenizer.END])


def new_denoiser(tok):
    unet, text = UNet2DConditionModel(recipe.UNET), CLIPTextModel(text_config(tok))
    torch.nn.init.normal_(text.text_model.embeddings.token_embedding.weight, std=0.5)
    torch.nn.init.normal_(text.text_model.embeddings.position_embedding.weight, std=0.1)
    torch.nn.init.zeros_(unet.conv_out.weight)
    torch.nn.init.zeros_(unet.conv_out.bias)
    return unet, text


def alphas():
    """Cumulative alpha of the scaled-linear schedule, [1000]."""
    s = recipe.SCHEDULER
    betas = torch.linspace(s["beta_start"] ** 0.5, s["beta_end"] ** 0.5, s["num_train_timesteps"], dtype=torch.float64) ** 2
    return torch.cumprod(1 - betas, 0).float()


def unet_loss(unet, text, x0, ids, table, rng):
    """v-prediction with min-SNR weights (gamma 5), times spread evenly over the batch."""
    n = len(x0)
    t = torch.from_numpy(((np.arange(n) + rng.rand(n)) / n * 1000).astype(np.int64)).to(x0.device)
    a = table[t][:, None, None, None]
    e = torch.randn_like(x0)
    v = a.sqrt() * e - (1 - a).sqrt() * x0
    snr = (a / (1 - a)).flatten()
    weight = torch.clamp(snr, max=5) / (snr + 1) + 0.05
    got = unet(a.sqrt() * x0 + (1 - a).sqrt() * e, t, text(ids))
    return (weight * (got.float() - v).pow(2).mean((1, 2, 3))).mean()


def stage_unet(w):
    p = w.preset["unet"]
    tok = tokenizer.load(w.path("tokenizer"))
    latents = torch.load(w.path(f"latents-{w.rank}.pt"))
    scale = w.agree(round(1 / float(latents.float().std()), 5))
    ids, empty = told(tok, w, len(latents)), np.array(tok.encode(""), np.int16)
    unet, text = (m.to(w.device) for m in new_denoiser(tok))
    w.save("scale.pt", scale)
    fit = Fit(w, "unet", {"unet": unet, "text": text}, p["rate"], p["ema"], p.get("minutes"), p.get("steps"))
    table = alphas().to(w.device)
    while (share := fit.share()) < 1:
        i = fit.rng.randint(0, len(latents), p["batch"])
        told_as = ids[i, fit.rng.randint(0, recipe.CAPTIONS, len(i))].astype(np.int64)
        told_as[fit.rng.rand(len(i)) < 0.1] = empty
        with torch.autocast(w.device.type, torch.bfloat16, enabled=w.device.type == "cuda"):
            loss = unet_loss(unet, text, latents[i].to(w.device).float() * scale, torch.from_numpy(told_as).to(w.device), table, fit.rng)
        fit.update(loss, share)
    fit.finish()


STAGES = {"vae": stage_vae, "latents": stage_latents, "unet": stage_unet}


def run(rank, args):
    STAGES[args.stage](Worker(rank, args.workers, args))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("stage", choices=list(STAGES))
    parser.add_argument("--work", required=True, help="folder of checkpoints and logs, outside the repository")
    parser.add_argument("--preset", choices=list(recipe.PRESETS), default="cpu")
    parser.add_argument("--workers", type=int, default=0, help="processes (default: one per core, one with a GPU)")
    parser.add_argument("--minutes", type=float, help="instead of the preset's length of the stage")
    args = parser.parse_args()
    os.makedirs(args.work, exist_ok=True)
    args.workers = args.workers or (1 if args.preset != "cpu" else os.cpu_count())
    args.meet = f"{os.getpid()}-{int(time.time())}"
    if args.workers == 1:
        run(0, args)
    else:
        os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
        mp.spawn(run, (args,), args.workers)


if __name__ == "__main__":
    main()

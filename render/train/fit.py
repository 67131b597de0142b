"""What every stage of training needs: workers, the optimiser with its averages and checkpoints, the clock. Knows no network."""
import math
import os
import time

import numpy as np
import torch
import torch.distributed as dist


class Worker:
    """One of `count` processes that train together: who it is, its device, its share of the clock and its log."""

    def __init__(self, rank, count, args, preset):
        self.rank, self.count, self.work, self.stage = rank, count, args.work, args.stage
        self.device = torch.device("cuda" if torch.cuda.is_available() and args.preset == "gpu" else "cpu")
        self.preset = dict(preset)
        if args.minutes:
            self.preset["minutes"] = args.minutes
        self.half = self.device.type == "cuda" or bool(preset.get("bf16"))
        if self.device.type == "cpu":
            torch.set_num_threads(1)
        if count > 1:
            meet = os.path.join(self.work, f"meet-{args.stage}-{args.meet}")
            dist.init_process_group("gloo", init_method="file://" + meet, rank=rank, world_size=count)

    def path(self, *name):
        return os.path.join(self.work, *name)

    def say(self, text):
        if self.rank == 0:
            print(f"{self.stage}: {text}", flush=True)
            with open(self.path(self.stage + ".log"), "a", encoding="utf-8") as log:
                log.write(text + "\n")

    def agree(self, value):
        """Worker 0's value, everywhere."""
        t = torch.tensor([float(value)], dtype=torch.float64)
        if self.count > 1:
            dist.broadcast(t, 0)
        return float(t)

    def autocast(self):
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.half)


def put(path, state):
    """Writes a file whole or not at all."""
    torch.save(state, path + ".part")
    os.replace(path + ".part", path)


class Fit:
    """The optimiser's side of a stage: averaged and clipped gradients, warm-up and cosine, EMA, checkpoints.

    `rates`: module name -> share of the stage's rate, for modules that learn more slowly than the others."""

    def __init__(self, worker, modules, rates=None):
        p = worker.preset
        self.worker, self.modules, self.rate, self.decay = worker, modules, p["rate"], p.get("ema", 0.999)
        self.minutes, self.steps = p.get("minutes"), p.get("steps")
        named = [(key + "." + name, q) for key, m in modules.items() for name, q in m.named_parameters() if q.requires_grad]
        self.names, self.params = [name for name, _ in named], [q for _, q in named]
        groups = [dict(params=[q for q in m.parameters() if q.requires_grad], share=(rates or {}).get(key, 1.0)) for key, m in modules.items()]
        self.opt = torch.optim.AdamW(groups, lr=self.rate, betas=(0.9, 0.99), weight_decay=0.01)
        self.ema = [q.detach().clone() for q in self.params]
        self.step, self.used, self.start, self.losses = 0, 0.0, time.time(), []
        if os.path.exists(worker.path(worker.stage + ".pt")):
            self.resume(torch.load(worker.path(worker.stage + ".pt"), map_location=worker.device))
        seed = 1 + self.step * worker.count + worker.rank
        torch.manual_seed(seed)
        self.rng = np.random.RandomState(seed)

    def resume(self, ck):
        for key, m in self.modules.items():
            m.load_state_dict(ck[key])
        self.opt.load_state_dict(ck["opt"])
        self.ema = [ck["ema"][name].to(self.worker.device) for name in self.names]
        self.step, self.used = ck["step"], ck["used"]

    def share(self):
        """How much of the stage is done, 0 to 1, the same for all workers."""
        if self.steps:
            return self.step / self.steps
        return self.worker.agree((self.used + time.time() - self.start) / 60 / self.minutes)

    def average_gradients(self):
        flat = torch.cat([(q.grad if q.grad is not None else torch.zeros_like(q)).reshape(-1) for q in self.params])
        if self.worker.count > 1:
            dist.all_reduce(flat)
            flat /= self.worker.count
        flat *= min(1.0, 1.0 / (float(flat.norm()) + 1e-6))
        at = 0
        for q in self.params:
            q.grad = flat[at : at + q.numel()].view_as(q)
            at += q.numel()

    def update(self, loss, share):
        """One step; the rate falls as a cosine over the last three tenths of the stage."""
        late = max(0.0, (min(share, 1.0) - 0.7) / 0.3)
        for g in self.opt.param_groups:
            g["lr"] = self.rate * g["share"] * min(1, (self.step + 1) / 200) * (0.02 + 0.49 * (1 + math.cos(math.pi * late)))
        self.opt.zero_grad()
        loss.backward()
        self.average_gradients()
        self.opt.step()
        self.step += 1
        keep = min(self.decay, (self.step + 1) / (self.step + 10))
        with torch.no_grad():
            for e, q in zip(self.ema, self.params):
                e.lerp_(q, 1 - keep)
        self.losses.append(float(loss))
        if self.step % 100 == 0:
            self.worker.say(f"step {self.step}, {100 * share:.1f} %, loss {np.mean(self.losses[-100:]):.4f}")
        if self.step % 400 == 0:
            self.save()

    def save(self):
        if self.worker.rank == 0:
            state = {key: m.state_dict() for key, m in self.modules.items()}
            put(self.worker.path(self.worker.stage + ".pt"),
                dict(state, opt=self.opt.state_dict(), ema=dict(zip(self.names, self.ema)), step=self.step, used=self.used + time.time() - self.start))

    def finish(self):
        self.save()
        self.worker.say(f"done after {self.step} steps")


def averaged(work, stage, modules, device="cpu"):
    """Fills the modules (name -> module, a part of the stage's suffices) with its EMA weights, rounded to f16 as they are shipped."""
    ck = torch.load(os.path.join(work, stage + ".pt"), map_location=device)
    for key, m in modules.items():
        m.load_state_dict(ck[key])
        with torch.no_grad():
            for name, q in m.named_parameters():
                q.copy_(ck["ema"].get(key + "." + name, q).half().float())

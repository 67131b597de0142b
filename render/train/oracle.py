#!/usr/bin/python3
"""The attribute oracle: a small net trained on rendered scenes of its own seeds, to judge pictures that models made.

    ./oracle.py draw  --work FOLDER [--scenes N] [--vae MODEL --vae-share X]     scenes, kept as shards in FOLDER/oracle
    ./oracle.py train --work FOLDER [--minutes M]                                goes on from FOLDER/oracle.pt
    ./oracle.py check --work FOLDER                                              how often it is right on scenes it never saw

A third of the scenes is of held-out combinations: a judge must know what the judged never met. Part of them are blurred,
compressed or sent through the autoencoder MODEL/vae, so that it is not thrown by what generated pictures look like.
"""
import argparse
import io
import json
import os

import numpy as np
import torch
from PIL import Image, ImageFilter

import world
from fit import Fit, Worker, averaged
from oracle_labels import CELLS, ITEMS, SINGLE, THERE, Heads, Verdict, judge
from oracle_net import SIDE, Oracle, centres, covers_of, loss
from quality_measures import shrink
from world import compose, scene
from world.terrain import PLACES

SEEDS = 3_000_000_000        # first seed of the scenes it learns from
CHECK_SEEDS = 3_500_000_000  # first seed of the scenes it is checked on
SHARD = 250
PRESET = dict(minutes=60, batch=48, rate=3e-3, ema=0.998, bf16=True)


# --- scenes ---

def scene_of(seed):
    return scene.scene(seed, held=seed % 3 == 0)


def box(item):
    """Left, top, right and foot of an item."""
    half, foot = item.wide() / 2, item.y + (item.tall / 2 if item.home in ("sky", "space") else 0)
    return min(item.x) - half, foot - item.tall, max(item.x) + half, foot


def apart(a, b):
    return a[2] < b[0] or b[2] < a[0] or a[3] < b[1] or b[3] < a[1]


def crowd(seed):
    """A scene with things of other scenes where there is room: it teaches what things look like several times as fast, and
    that a place says nothing of the things in it."""
    s = scene_of(seed)
    for guest in (i for k in range(1, 13) for i in scene_of(seed * 13 + k).items):
        fits = guest.home in PLACES[s.place].homes and guest.kind not in [i.kind for i in s.items]
        if fits and len(s.items) < ITEMS and all(apart(box(guest), box(i)) for i in s.items):
            s.items.append(guest)
    return s


def drawn(s, side=2 * SIDE):
    """(the picture at `side`, covers uint8 [ITEMS, 16, 16]) of a scene."""
    covers = np.zeros((ITEMS, CELLS, CELLS), np.uint8)
    if s.items:
        for i, m in enumerate(np.asarray(compose.masks(s, SIDE))[:ITEMS]):
            covers[i] = shrink(m[:, :, None], CELLS)[:, :, 0] * 255
    return compose.draw(s, side), covers


def small(picture):
    """uint8 [h, w, 3] of any size -> [SIDE, SIDE, 3]."""
    if picture.shape[:2] == (SIDE, SIDE):
        return picture
    if picture.shape[:2] == (2 * SIDE, 2 * SIDE):
        return (shrink(picture.astype(np.float32), SIDE) + 0.5).astype(np.uint8)
    return np.asarray(Image.fromarray(picture).resize((SIDE, SIDE), Image.BICUBIC))


def worn(picture, rng):
    """What may have happened to a picture: half of them nothing, else a blur, JPEG, or half the resolution."""
    way, image = rng.random(), Image.fromarray(picture)
    if way < 0.5:
        return picture
    if way < 0.7:
        image = image.filter(ImageFilter.GaussianBlur(rng.uniform(0.4, 1.0)))
    elif way < 0.88:
        stream = io.BytesIO()
        image.save(stream, "JPEG", quality=int(rng.integers(20, 80)))
        image = Image.open(io.BytesIO(stream.getvalue()))
    else:
        image = Image.blend(image, image.resize((SIDE // 2, SIDE // 2), Image.BILINEAR).resize((SIDE, SIDE), Image.BICUBIC), rng.uniform(0.4, 1))
    return np.asarray(image)


def autoencoder(folder):
    """A function that sends uint8 [h, w, 3] through the autoencoder of a diffusers folder."""
    import tensors
    from models import AutoencoderKL
    vae = AutoencoderKL(json.load(open(os.path.join(folder, "vae", "config.json"), encoding="utf-8"))).eval()
    vae.load_state_dict(tensors.read(os.path.join(folder, "vae", "diffusion_pytorch_model.safetensors")))

    @torch.no_grad()
    def through(picture):
        x = torch.from_numpy(picture.copy()).permute(2, 0, 1)[None].float() / 127.5 - 1
        y = vae.decode(vae.encode(x)[0])[0].permute(1, 2, 0)
        return ((y.clamp(-1, 1) + 1) * 127.5).round().byte().numpy()

    return through


def draw_shard(number, heads, through=None, share=0.0):
    """A dict of arrays over SHARD scenes."""
    out = dict(pictures=np.empty((SHARD, SIDE, SIDE, 3), np.uint8), singles=[], items=[], covers=[])
    for i in range(SHARD):
        seed = SEEDS + number * SHARD + i
        s, rng = (crowd if seed % 4 else scene_of)(seed), np.random.default_rng(seed)
        picture, covers = drawn(s)
        if through and rng.random() < share:
            out["pictures"][i] = small(through(picture))
        else:
            out["pictures"][i] = worn(small(picture), rng)
        singles, items = heads.target(s)
        out["singles"].append(singles)
        out["items"].append(items)
        out["covers"].append(covers)
    return {key: np.asarray(value) for key, value in out.items()}


def shard_path(work, number):
    return os.path.join(work, "oracle", f"{number:05d}.npz")


def draw(args):
    heads = Heads()
    through = autoencoder(args.vae) if args.vae else None
    os.makedirs(os.path.join(args.work, "oracle"), exist_ok=True)
    keep_names(args.work, heads)
    for number in range(-(-args.scenes // SHARD)):
        path = shard_path(args.work, number)
        if not os.path.exists(path):
            with open(path + ".part", "wb") as out:
                np.savez_compressed(out, **draw_shard(number, heads, through, args.vae_share))
            os.replace(path + ".part", path)
            print(f"oracle: {(number + 1) * SHARD} scenes", flush=True)


def keep_names(work, heads):
    """Shards and checkpoint hold numbers; they are of use only while the numbers mean the same."""
    path, names = os.path.join(work, "oracle-names.json"), json.dumps(heads.names())
    if not os.path.exists(path):
        with open(path, "w", encoding="utf-8") as out:
            out.write(names)
    if open(path, encoding="utf-8").read() != names:
        raise SystemExit(f"{work}: the oracle there knows another world; move oracle, oracle.pt and oracle-names.json away and begin anew")


# --- training ---

def new_net(heads):
    return Oracle([len(heads.single[key]) for key in SINGLE], len(heads.kinds), len(heads.colours))


class Shards:
    """All scenes that were drawn, in memory."""

    def __init__(self, work):
        parts = [np.load(os.path.join(work, "oracle", n)) for n in sorted(os.listdir(os.path.join(work, "oracle"))) if n.endswith(".npz")]
        self.all = {key: np.concatenate([p[key] for p in parts]) for key in ("pictures", "singles", "items", "covers")}

    def batch(self, rng, n, device):
        """Pictures, some mirrored, lighter or darker, with a little noise; their singles, items and covers."""
        at = rng.randint(0, len(self.all["pictures"]), n)
        x = torch.from_numpy(self.all["pictures"][at]).permute(0, 3, 1, 2).float() / 127.5 - 1
        covers = torch.from_numpy(self.all["covers"][at]).float() / 255
        mirror = torch.from_numpy(rng.rand(n) < 0.5)[:, None, None, None]
        x, covers = torch.where(mirror, x.flip(3), x), torch.where(mirror, covers.flip(3), covers)
        x = x * (1 + 0.05 * torch.randn(n, 1, 1, 1)) + 0.03 * torch.randn(n, 3, 1, 1) + 0.05 * torch.rand(n, 1, 1, 1) * torch.randn_like(x)
        singles, items = (torch.from_numpy(self.all[key][at].astype(np.int64)) for key in ("singles", "items"))
        return tuple(t.to(device) for t in (x, singles, items, covers))


def train(args):
    args.stage = "oracle"
    w, heads = Worker(0, 1, args, PRESET), Heads()
    keep_names(args.work, heads)
    net = new_net(heads).to(w.device)
    data, fit = Shards(args.work), Fit(w, {"oracle": net})
    while (share := fit.share()) < 1:
        x, singles, items, covers = data.batch(fit.rng, w.preset["batch"], w.device)
        with w.autocast():
            error = loss(net, x, singles, items, covers)
        fit.update(error, share)
    fit.finish()


# --- judging ---

class Judge:
    """A trained oracle: verdicts and features of pictures."""

    def __init__(self, work):
        self.heads = Heads()
        keep_names(work, self.heads)
        self.net = new_net(self.heads).eval()
        averaged(work, "oracle", {"oracle": self.net})

    @torch.no_grad()
    def look(self, pictures):
        """(list of Verdict, features float64 [N, FEATURES]) of a list of uint8 [h, w, 3]."""
        verdicts, features = [], []
        for at in range(0, len(pictures), 32):
            x = np.stack([small(np.asarray(p)) for p in pictures[at : at + 32]])
            f, singles, cells, looks = self.net(torch.from_numpy(x).permute(0, 3, 1, 2).float() / 127.5 - 1)
            there, covers = torch.sigmoid(self.net.there(cells)), covers_of(cells)
            where = centres(covers)
            for i in range(len(x)):
                verdicts.append(self.verdict([s[i] for s in singles], there[i], covers[i], looks[i], where[i]))
            features.append(f.double().numpy())
        return verdicts, np.concatenate(features)

    def verdict(self, singles, there, covers, looks, where):
        h = self.heads
        hues, counts = self.net.ask(covers, looks[None].expand(len(h.kinds), -1, -1, -1))
        return Verdict({key: h.single[key][int(s.argmax())] for key, s in zip(SINGLE, singles)}, {k: float(p) for k, p in zip(h.kinds, there)},
            {k: h.colours[int(c.argmax())] for k, c in zip(h.kinds, hues)}, {k: int(n.argmax()) + 1 for k, n in zip(h.kinds, counts)},
            {k: (float(x), float(y)) for k, (x, y) in zip(h.kinds, where)})


def accuracy(judge_, scenes):
    """How often the oracle is right about rendered scenes: name -> (share, n). "object" counts things that are there and are
    seen, "nothing else" pictures without a thing that is not there."""
    heads, counts = judge_.heads, {}

    def note(name, right):
        hits, n = counts.get(name, (0, 0))
        counts[name] = (hits + bool(right), n + 1)

    verdicts, _ = judge_.look([compose.draw(s) for s in scenes])
    for s, v in zip(scenes, verdicts):
        wish = heads.wish(*heads.target(s))
        for key in SINGLE:
            note(key, v.single[key] == wish[key])
        for item in wish["items"]:
            note("object", v.sees(item["kind"]))
            note("colour", v.colour[item["kind"]] == item["colour"])
            note("count", v.count[item["kind"]] == item["count"])
        note("nothing else", {k for k, p in v.there.items() if p >= THERE} <= {i["kind"] for i in wish["items"]})
        if s.relation:
            held = judge(v, dict(items=wish["items"], relation=s.relation)).get("relation")
            if held is not None:
                note("relation", held)
    return {name: (hits / n, n) for name, (hits, n) in counts.items()}


def check(args):
    rows = accuracy(Judge(args.work), [scene_of(CHECK_SEEDS + i) for i in range(args.scenes)])
    for name, (share, n) in rows.items():
        print(f"{name:14s} {100 * share:6.1f} %  of {n}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("stage", choices=("draw", "train", "check"))
    parser.add_argument("--work", required=True, help="folder of scenes and checkpoint, outside the repository")
    parser.add_argument("--scenes", type=int, help="how many to draw (20000) or to check (600)")
    parser.add_argument("--vae", help="model whose autoencoder some of the drawn scenes pass")
    parser.add_argument("--vae-share", type=float, default=0.1)
    parser.add_argument("--preset", choices=("cpu", "gpu"), default="cpu")
    parser.add_argument("--minutes", type=float, help="how long to train in all, earlier runs included")
    parser.add_argument("--plan", choices=list(scene.PLANS), default="core", help="scenes of this plan (world/scene.py); as the models were trained on")
    args = parser.parse_args()
    args.scenes = args.scenes or (20000 if args.stage == "draw" else 600)
    os.makedirs(args.work, exist_ok=True)
    torch.set_num_threads(1)
    world.load()
    scene.plan(args.plan)
    {"draw": draw, "train": train, "check": check}[args.stage](args)


if __name__ == "__main__":
    main()

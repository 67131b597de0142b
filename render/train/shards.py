"""Data sets in shards: drawn by the world, encoded once, read by the stages.

A shard is a file FOLDER/NAME/00017.pt, a dict of tensors over SHARD samples; which seeds it holds follows from its number.
Several processes may draw at the same time (each takes every n-th number) while a stage trains; it reads what has come
from time to time. Latents are means of the autoencoder, unscaled, f16.
"""
import os

import numpy as np
import torch

import crew
import recipe
import world
from fit import put
from world import clips, compose, edits, scene, words

SHARD = 200
CAPTIONS = 6  # ways each scene is told


def to_tensor(pixels, device="cpu"):
    """uint8 [N, H, W, 3] -> [N, 3, H, W] in [-1, 1]."""
    return torch.from_numpy(np.ascontiguousarray(pixels)).to(device).permute(0, 3, 1, 2).float() / 127.5 - 1


@torch.no_grad()
def encode(vae, pixels, half=True):
    """Means of the latents, f16 [N, Z, H/8, W/8]."""
    out = []
    for at in range(0, len(pixels), 10):
        with torch.autocast(next(vae.parameters()).device.type, torch.bfloat16, enabled=half):
            out.append(vae.encode(to_tensor(pixels[at : at + 10], next(vae.parameters()).device))[0].half().cpu())
    return torch.cat(out)


def ids_of(tok, texts):
    return torch.tensor(np.array([tok.encode(t) for t in texts], np.int16))


def captions(s, count=CAPTIONS):
    return [words.caption(s, n) for n in range(count)]


def centre(s):
    """Where the first thing is, or the sun or moon, or the middle: row and column in squares of 8 pixels."""
    y, x = 0.5, 0.5
    if s.items:
        i = s.items[0]
        n = s.seed % len(i.x)
        y, x = (i.y if i.home in ("sky", "space") else i.y - i.tall / 2), i.x[n]
    elif s.light:
        y, x = s.horizon * (1 - s.light["height"]), s.light["x"]
    cells = recipe.SIDE // 8
    return [int(min(max(v, 0), 0.999) * cells) for v in (y, x)]


def scene_sample(seed):
    """pixels, captions, centre"""
    s = scene.scene(seed)
    return compose.draw(s, recipe.SIDE), captions(s), centre(s)


def scenes_shard(seeds, vae, tok):
    """latents, captions [N, CAPTIONS, T], centres u8 [N, 2]."""
    pixels, told, centres = zip(*crew.each(scene_sample, seeds))
    return dict(latents=encode(vae, np.stack(pixels)), captions=torch.stack([ids_of(tok, t) for t in told]),
                centres=torch.tensor(centres, dtype=torch.uint8))


def hole(rng, side):
    """A random mask [side, side], 1 = to be painted: a few thick strokes or a rectangle, in whole squares of 8 pixels."""
    cells, m = side // 8, np.zeros((side // 8, side // 8), np.uint8)
    if rng.rand() < 0.4:
        h, w = rng.randint(cells // 5, cells * 2 // 3, 2)
        y, x = rng.randint(0, cells - h + 1), rng.randint(0, cells - w + 1)
        m[y : y + h, x : x + w] = 1
    else:
        y, x, a = rng.rand() * cells, rng.rand() * cells, rng.rand() * 6.3
        for _ in range(rng.randint(6, 24)):
            r = rng.uniform(1.2, cells / 7)
            yy, xx = np.ogrid[:cells, :cells]
            m |= ((yy - y) ** 2 + (xx - x) ** 2 < r * r).astype(np.uint8)
            a += rng.uniform(-0.9, 0.9)
            y, x = np.clip(y + r * np.sin(a), 0, cells), np.clip(x + r * np.cos(a), 0, cells)
    return m.repeat(8, 0).repeat(8, 1)


def hole_sample(seed):
    """pixels, mask, captions. Half of the holes are where a thing is."""
    s, rng, m = scene.scene(seed), np.random.RandomState(seed), None
    if s.items and rng.rand() < 0.5:
        m = thing_hole(compose.masks(s, recipe.SIDE)[rng.randint(len(s.items))], rng)
    return compose.draw(s, recipe.SIDE), hole(rng, recipe.SIDE) if m is None or not m.any() else m, captions(s)


def holes_shard(seeds, vae, tok):
    """latents, beside (latents of the picture with the hole grey), masks u8 [N, h, w], captions."""
    pixels, masks, told = zip(*crew.each(hole_sample, seeds))
    pixels, masks = np.stack(pixels), np.stack(masks)
    grey = np.where(masks[..., None] > 0, 127, pixels).astype(np.uint8)
    return dict(latents=encode(vae, pixels), beside=encode(vae, grey), masks=torch.from_numpy(masks[:, ::8, ::8].copy()),
                captions=torch.stack([ids_of(tok, t) for t in told]))


def thing_hole(cover, rng):
    """The squares of 8 pixels that a thing touches, and some around it."""
    cells = (cover.reshape(cover.shape[0] // 8, 8, -1, 8).max((1, 3)) > 0.02).astype(np.uint8)
    for _ in range(rng.randint(1, 4)):
        grown = cells.copy()
        grown[1:] |= cells[:-1]
        grown[:-1] |= cells[1:]
        grown[:, 1:] |= cells[:, :-1]
        grown[:, :-1] |= cells[:, 1:]
        cells = grown
    return cells.repeat(8, 0).repeat(8, 1)


def edit_sample(seed):
    """pixels before, instruction, pixels after"""
    before, instruction, after = edits.edit(seed)
    return compose.draw(before, recipe.SIDE), instruction, compose.draw(after, recipe.SIDE)


def edits_shard(seeds, vae, tok):
    """latents (after), beside (before), captions [N, 1, T] (the instruction)."""
    before, told, after = zip(*crew.each(edit_sample, seeds))
    return dict(latents=encode(vae, np.stack(after)), beside=encode(vae, np.stack(before)), captions=ids_of(tok, told)[:, None])


def clip_sample(seed):
    """frames, words"""
    _, told, frames = clips.clip(seed, recipe.SIDE)
    return frames, told


def clips_shard(seeds, vae, tok):
    """latents [N, 16, Z, h, w], captions [N, 1, T]. A tenth as many samples as the others: each is 16 pictures."""
    frames, told = zip(*crew.each(clip_sample, seeds[: max(1, len(seeds) // 10)]))
    return dict(latents=torch.stack([encode(vae, f) for f in frames]), captions=ids_of(tok, told)[:, None])


# name -> (function, first seed)
SETS = {"scenes": (scenes_shard, 0), "holes": (holes_shard, 10_000_000), "edits": (edits_shard, 20_000_000), "clips": (clips_shard, 30_000_000)}


def make(worker, name, number, vae, tok, size=SHARD):
    """Draws and writes shard `number`, unless it is there."""
    path = worker.path(name, f"{number:05d}.pt")
    if os.path.exists(path):
        return
    os.makedirs(worker.path(name), exist_ok=True)
    world.load()
    draw, seed = SETS[name]
    first = seed + number * size
    put(path, draw(range(first, first + size), vae, tok))


SIDES = {"left</w>": "right</w>", "leftwards</w>": "rightwards</w>"}


def mirrored_words(tok):
    """Token -> what it is called in a mirror, int64 [vocabulary]."""
    out = torch.arange(len(tok.vocab))
    for a, b in SIDES.items():
        if a in tok.vocab and b in tok.vocab:
            out[tok.vocab[a]], out[tok.vocab[b]] = tok.vocab[b], tok.vocab[a]
    return out


def close_ups(rng, latents, centres):
    """Half as wide and high, cut out around the centres, not always in the middle: four of them cost as much as a whole picture,
    and what is learned of a thing's outline is learned from squares that show it."""
    side, out = latents.shape[-1] // 2, []
    for z, (y, x) in zip(latents, centres.tolist()):
        at = [min(max(v - side // 2 + rng.randint(-side // 4, side // 4 + 1), 0), side) for v in (y, x)]
        out.append(z[:, at[0] : at[0] + side, at[1] : at[1] + side])
    return torch.stack(out)


class Data:
    """What there is of a set, for one worker: rank, rank + count, … of the shards. `fresh()` reads those that have come since.
    Half of what it gives is mirrored: the autoencoder keeps a mirrored picture's latents mirrored (41 dB), so a set counts twice."""

    def __init__(self, worker, name, tok):
        self.worker, self.name, self.read, self.parts, self.mirror = worker, name, set(), {}, mirrored_words(tok)
        self.fresh()

    def fresh(self):
        folder = self.worker.path(self.name)
        for n in sorted(os.listdir(folder)):
            if n.endswith(".pt") and n not in self.read and int(n[:-3]) % self.worker.count == self.worker.rank:
                self.read.add(n)
                for key, value in torch.load(os.path.join(folder, n)).items():
                    self.parts.setdefault(key, []).append(value)

    def __len__(self):
        return sum(len(p) for p in self.parts["latents"])

    def batch(self, rng, n, device):
        """n samples at random: key -> tensor on the device; of the captions one of each sample's."""
        shard, out = rng.randint(0, len(self.parts["latents"]), n), {}
        at = [(s, rng.randint(0, len(self.parts["latents"][s]))) for s in shard]
        for key, parts in self.parts.items():
            out[key] = torch.stack([parts[s][i] for s, i in at])
        told = rng.randint(0, out["captions"].shape[1], n)
        out["captions"] = out["captions"][torch.arange(n), torch.from_numpy(told)].long()
        other = torch.from_numpy(rng.rand(n) < 0.5)
        for key, value in out.items():
            if key == "captions":
                out[key][other] = self.mirror[value[other]]
            elif key == "centres":
                out[key][other, 1] = out["latents"].shape[-1] - 1 - value[other, 1]
            else:
                out[key][other] = value[other].flip(-1)
        return {key: value.to(device) for key, value in out.items()}

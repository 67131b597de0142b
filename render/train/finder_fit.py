#!/usr/bin/env python3
"""Fits the weights by which gempix-image tells a single watermark from what only looks like one.

    make bench/finder_traits && finder_fit.py --program bench/finder_traits --work DIR --out ../pipeline/mark_weights.h

Pictures are drawn, marks of overlays.LEARNED laid over them; finder_traits prints the traits of all candidates. One logistic for
lines of letters and one for emblems, of the traits, their squares and products, by Newton's method. A tenth of the pictures is kept
back: how often a threshold is right about those is printed. Takes minutes, needs no GPU.
"""
import argparse
import os
import subprocess
import tempfile

import numpy as np

import overlays
import textures
from quality_engine import write
from world import compose, scene

SIDE = 512
SEEDS = 3_910_000_000
RIGHT, WRONG = 0.4, 0.15  # of the overlap: between them a candidate is neither
KINDS = ("line", "emblem")


def picture(i, scenes):
    return compose.draw(scene.scene(SEEDS + i), SIDE) if i < scenes else textures.texture(textures.NAMES[i % len(textures.NAMES)], 7100 + i - scenes, SIDE)


def draw(work, i, scenes):
    """The pictures of one seed, without and with a mark: (path, path of its mask or "-"). Tiled marks are left out: each of their words
    is a mark, but the mask is of all."""
    plain, under, mask = (os.path.join(work, f"{i:05d}-{name}.png") for name in ("plain", "marked", "mask"))
    if not os.path.exists(plain):
        truth = picture(i, scenes)
        kind, marked, where = overlays.laid(np.random.RandomState(i), truth, overlays.LEARNED)
        if kind != "tiled":
            write(under, marked)
            write(mask, np.repeat(where[:, :, None] * np.uint8(255), 3, 2))
        write(plain, truth)
    return [(plain, "-"), (under, mask)] if os.path.exists(under) else [(plain, "-")]


def traits(program, pairs, jobs):
    """Rows of number of the pair, kind, overlap, traits."""
    parts = [range(j, len(pairs), jobs) for j in range(jobs)]
    told = [tempfile.TemporaryFile("w+") for _ in parts]
    running = [subprocess.Popen([program, *(p for n in part for p in pairs[n])], stdout=f) for part, f in zip(parts, told)]
    if any([one.wait() for one in running]):
        raise SystemExit("finder_traits failed")
    rows = []
    for part, f in zip(parts, told):
        f.seek(0)
        rows += [[part[int(w[0])], *map(float, w[1:])] for w in map(str.split, f)]
    return np.array(rows)


def grown(x):
    """A one, then each trait with its products with those before it and with itself: the order in which the C code sums."""
    columns = [np.ones(len(x))]
    for i in range(x.shape[1]):
        columns.append(x[:, i])
        columns += [x[:, i] * x[:, j] for j in range(i + 1)]
    return np.stack(columns, 1)


def fit(x, y, weight, hold=1e-3, rounds=40):
    """Newton's method on the logistic loss; `hold` keeps weights of standardised columns small."""
    mean, spread = x[:, 1:].mean(0), x[:, 1:].std(0) + 1e-9
    z = np.c_[np.ones(len(x)), (x[:, 1:] - mean) / spread]
    b, still = np.zeros(z.shape[1]), np.r_[0, np.full(z.shape[1] - 1, hold)]
    for _ in range(rounds):
        p = 1 / (1 + np.exp(-np.clip(z @ b, -30, 30)))
        slope = z.T @ (weight * (p - y)) / weight.sum() + still * b
        bend = (z * (weight * p * (1 - p) / weight.sum())[:, None]).T @ z + np.diag(still + 1e-9)
        b -= np.linalg.solve(bend, slope)
    w = b[1:] / spread
    return np.r_[b[0] - (w * mean).sum(), w]


def judge(rows, weights, names):
    """Prints what thresholds of the chance would have given: by picture, its likeliest candidate."""
    best = {}
    for kind, w in enumerate(weights):
        these = rows[rows[:, 1] == kind]
        for row, value in zip(these, 1 / (1 + np.exp(-grown(these[:, 3:]) @ w))):
            if value > best.get(int(row[0]), (0, 0))[0]:
                best[int(row[0])] = (value, row[2])
    for threshold in (0.4, 0.5, 0.6, 0.7, 0.8, 0.9):
        over = {n: b for n, b in best.items() if b[0] >= threshold}
        alone = [n for n in names["plain"] if n not in over]
        found = [n for n in names["marked"] if n in over]
        right = [n for n in found if over[n][1] > RIGHT]
        print(f"  {threshold:.2f}: {len(alone)} of {len(names['plain'])} left alone, {len(found)} of {len(names['marked'])} found, {len(right)} rightly")


def header(weights):
    lines = ["/* Made by render/train/finder_fit.py: a logistic for lines and one for emblems. For mark_single.c alone. */",
        "#ifndef GEMPIX_RENDER_PIPELINE_MARK_WEIGHTS_H", "#define GEMPIX_RENDER_PIPELINE_MARK_WEIGHTS_H", "",
        '#include "render/pipeline/mark_single.h"', "",
        "static const double WEIGHTS[2][1 + TRAITS + TRAITS * (TRAITS + 1) / 2] = {"]
    for w in weights:
        lines.append("    {")
        for i in range(0, len(w), 8):
            lines.append("        " + " ".join(f"{v:.5g}," for v in w[i : i + 8]))
        lines.append("    },")
    return "\n".join(lines + ["};", "", "#endif", ""])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--program", required=True, help="finder_traits")
    parser.add_argument("--work", required=True, help="folder for the pictures")
    parser.add_argument("--out", required=True, help="mark_weights.h")
    parser.add_argument("--scenes", type=int, default=700)
    parser.add_argument("--surfaces", type=int, default=120)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    args = parser.parse_args()
    os.makedirs(args.work, exist_ok=True)
    drawn = [(i, p) for i in range(args.scenes + args.surfaces) for p in draw(args.work, i, args.scenes)]
    rows = traits(args.program, [p for _, p in drawn], args.jobs)
    held = np.array([i % 10 == 9 for i, _ in drawn])
    kept = held[rows[:, 0].astype(int)]
    weights = []
    for kind, name in enumerate(KINDS):
        these = rows[~kept & (rows[:, 1] == kind) & ((rows[:, 2] >= RIGHT) | (rows[:, 2] < WRONG))]
        y = (these[:, 2] >= RIGHT) * 1.0
        print(f"{name}: {len(y)} candidates, {int(y.sum())} of them marks")
        weights.append(fit(grown(these[:, 3:]), y, np.ones(len(y))))
    for title, which in (("fitted", ~held), ("kept back", held)):
        print(title)
        names = {name: [n for n in np.flatnonzero(which) if (drawn[n][1][1] == "-") == (name == "plain")] for name in ("plain", "marked")}
        judge(rows[kept == held[np.flatnonzero(which)[0]]], weights, names)
    with open(args.out, "w") as f:
        f.write(header(weights))


if __name__ == "__main__":
    main()

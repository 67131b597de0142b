"""The part of the proof of quality about finding marks: laid by overlays.py over scenes and surfaces, with words, faces and emblems
that nothing was fitted on, and looked for by `gempix-image cleanup --find`. Knows nothing of how marks are found.
"""
import os
import subprocess

import numpy as np

import overlays
import quality_measures as measure
import textures
from quality_engine import Missing, read
from world import compose, scene

SIDE = 512
SEEDS = 4_210_000_000
ANSWERS = {0: "found", 3: "unsure"}


def sought(engine, picture):
    """(found, unsure or none; bool [h, w] where; the picture without the mark or None)"""
    given, path = engine.order(None, ["--find"], [("-i", picture)], ("cleanup",))
    mask, out, told = path + "-mask.png", path + ".png", path + ".status"
    if not os.path.exists(told):
        done = subprocess.run([engine.program, *given, "-q", "-t", str(engine.threads), "--show-mask", mask, "-o", out], stderr=subprocess.PIPE, text=True)
        if done.returncode == 2:
            raise Missing("this build's command does not know --find")
        if done.returncode not in ANSWERS:
            raise RuntimeError(done.stderr.strip())
        with open(told, "w") as f:
            f.write(str(done.returncode))
    answer = ANSWERS[int(open(told).read())]
    if not os.path.exists(mask):
        return "none", np.zeros(picture.shape[:2], bool), None
    return answer, read(mask)[:, :, 0] > 127, read(out) if answer == "found" else None


def shared(a, b):
    """Intersection over union."""
    return float((a & b).sum() / max((a | b).sum(), 1))


def pictures(n):
    """name, how many of a hundred shall be left alone, pictures"""
    yield "scenes", ("≥", 95), [compose.draw(scene.scene(SEEDS + i), SIDE) for i in range(n)]
    names = textures.NAMES + textures.UNSEEN
    yield "photo-like", None, [textures.texture(names[i % len(names)], 300 + i, SIDE) for i in range(n)]


def rows(lab, row):
    """`row`: makes a row of the table from name, value, goal, n."""
    out = []
    for name, alone, truths in pictures(lab.many(60)):
        answers = [sought(lab.engine, t)[0] for t in truths]
        marked = [overlays.laid(np.random.RandomState(i), t, overlays.UNSEEN) for i, t in enumerate(truths)]
        got = [sought(lab.engine, under) for _, under, _ in marked]
        lab.show(f"finding, {name}", [[(under, kind), (np.repeat(mask[:, :, None] * np.uint8(255), 3, 2), answer), (under if clear is None else clear, "after"), (t, "truth")]
            for t, (kind, under, _), (answer, mask, clear) in zip(truths, marked, got)][:20])
        out += told(row, f"marks on {name}", alone, answers, marked, got, truths)
    return out


def told(row, name, alone, answers, marked, got, truths):
    n = len(truths)
    percent = lambda hits, of: round(100 * hits / max(of, 1), 1)
    mean = lambda values: round(sum(values) / max(len(values), 1), 3)
    overlap = [shared(mask, where) for (_, _, where), (_, mask, _) in zip(marked, got)]
    found = [i for i in range(n) if got[i][0] == "found"]
    out = [row(f"{name}: pictures without one left alone %", percent(sum(a != "found" for a in answers), n), alone, n),
        row(f"{name}: pictures without one, unsure %", percent(sum(a == "unsure" for a in answers), n), None, n),
        row(f"{name}: found %", percent(len(found), n), None, n),
        row(f"{name}: unsure %", percent(sum(g[0] == "unsure" for g in got), n), None, n),
        row(f"{name}: what was found, intersection over union", mean([overlap[i] for i in found]), ("≥", 0.6) if alone else None, len(found)),
        row(f"{name}: all, intersection over union", mean([overlap[i] if i in set(found) else 0 for i in range(n)]), ("≥", 0.6) if alone else None, n)]
    for kind in sorted({k for k, _, _ in marked}):
        these = [i for i in range(n) if marked[i][0] == kind]
        out.append(row(f"{name}: {kind}, found %", percent(len([i for i in these if i in set(found)]), len(these)), None, len(these)))
    if found:
        gain = [measure.psnr(truths[i], got[i][2]) - measure.psnr(truths[i], marked[i][1]) for i in found]
        out.append(row(f"{name}: found and taken out, gain dB", round(sum(gain) / len(gain), 1), None, len(found)))
    return out

"""Numbers that compare pictures: PSNR, SSIM, the Fréchet distance between two sets of features, and movement between frames.

Pictures are uint8 [h, w, 3]. Knows nothing of the world, of prompts, of models or of the oracle.
"""
import math

import numpy as np

PEAK = 99.0  # what PSNR says of two equal pictures


def grey(picture):
    return picture.astype(np.float64) @ np.array([0.299, 0.587, 0.114])


def psnr(a, b, where=None):
    """Decibels; `where`: float or bool [h, w], which pixels count (all if None). Equal pictures give PEAK."""
    square = ((a.astype(np.float64) - b.astype(np.float64)) ** 2).mean(axis=2)
    error = square.mean() if where is None else (square * where).sum() / max(float(np.sum(where)), 1e-9)
    return PEAK if error <= 0 else min(PEAK, 10 * math.log10(255 ** 2 / error))


def box(x, size):
    """Means over size x size windows that lie within x [h, w]."""
    total = np.pad(x, ((1, 0), (1, 0))).cumsum(0).cumsum(1)
    return (total[size:, size:] - total[:-size, size:] - total[size:, :-size] + total[:-size, :-size]) / size ** 2


def ssim(a, b, window=7):
    """Structural similarity of the brightness, mean over uniform windows (Wang et al. 2004, k 0.01 and 0.03, range 255)."""
    x, y = grey(a), grey(b)
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    mx, my = box(x, window), box(y, window)
    scale = window ** 2 / (window ** 2 - 1)
    vx, vy, vxy = ((box(p * q, window) - m * n) * scale for p, q, m, n in ((x, x, mx, mx), (y, y, my, my), (x, y, mx, my)))
    return float((((2 * mx * my + c1) * (2 * vxy + c2)) / ((mx ** 2 + my ** 2 + c1) * (vx + vy + c2))).mean())


def frechet(a, b):
    """Fréchet distance of the normal distributions fitted to two sets of features [n, d]; wants n well above d."""
    ca, cb = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    values, vectors = np.linalg.eigh(ca)
    root = (vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T
    crossed = np.sqrt(np.clip(np.linalg.eigvalsh(root @ cb @ root), 0, None)).sum()
    return float(((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(ca) + np.trace(cb) - 2 * crossed)


def reach(mask, pixels):
    """A mask [h, w] grown by so many pixels in every direction (a square): bool."""
    out = np.asarray(mask) > 0
    for axis in (0, 1):
        grown = out.copy()
        for step in range(1, pixels + 1):
            there, here = [slice(None)] * 2, [slice(None)] * 2
            there[axis], here[axis] = slice(step, None), slice(None, -step)
            grown[tuple(there)] |= out[tuple(here)]
            grown[tuple(here)] |= out[tuple(there)]
        out = grown
    return out


def moves(before, after, block=8, far=6):
    """Block matching of two square brightness pictures: (dx, dy, worth), each [blocks, blocks]. A block's worth is how much
    better its best shift explains it than staying; 0 where nothing moves or where there is nothing to hold on to."""
    h = w = before.shape[0] // block * block
    a, b = before[:h, :w], np.pad(after[:h, :w], far, mode="edge")
    shifts = sorted(((dx, dy) for dy in range(-far, far + 1) for dx in range(-far, far + 1)), key=lambda s: s[0] ** 2 + s[1] ** 2)
    errors = np.stack([shrink(np.abs(b[far + dy : far + dy + h, far + dx : far + dx + w] - a)[:, :, None], h // block)[:, :, 0] for dx, dy in shifts])
    best = errors.argmin(axis=0)
    gain = errors[0] - np.take_along_axis(errors, best[None], 0)[0]
    found = np.array(shifts)[best]
    return found[:, :, 0], found[:, :, 1], np.where(gain > 1.5, gain, 0)


def shifts(frames, step, side, where):
    """moves() of every other two frames that are `step` apart, at `side` pixels, worth nothing outside `where` (float [h, w])."""
    small = [shrink(grey(f)[:, :, None], side)[:, :, 0] for f in frames]
    region = np.ones((side // 8, side // 8)) if where is None else shrink(np.asarray(where, np.float64)[:, :, None], side // 8)[:, :, 0]
    for a, b in list(zip(small, small[step:]))[::2]:
        dx, dy, worth = moves(a, b)
        yield dx, dy, worth * region, region


def movement(frames, step=3, side=128, where=None):
    """(dx, dy, share): what moves in a clip, in widths of the picture per frame, and the share of blocks of the region that move."""
    total, sums = np.zeros(3), np.zeros(2)
    for dx, dy, worth, region in shifts(frames, step, side, where):
        total += ((dx * worth).sum(), (dy * worth).sum(), worth.sum())
        sums += ((worth > 0).sum(), (region > 0).sum())
    if total[2] <= 0:
        return 0.0, 0.0, 0.0
    return total[0] / total[2] / side / step, total[1] / total[2] / side / step, sums[0] / sums[1]


def spreading(frames, step=3, side=128):
    """How fast everything moves away from the middle of the picture (below 0: towards it), in widths per frame."""
    at = (np.arange(side // 8) + 0.5) * 8 / side - 0.5
    far = np.hypot(at[None], at[:, None])
    total = np.zeros(2)
    for dx, dy, worth, _ in shifts(frames, step, side, None):
        total += (((dx * at[None] + dy * at[:, None]) / far * worth).sum(), worth.sum())
    return total[0] / total[1] / side / step if total[1] > 0 else 0.0


def shrink(picture, side):
    """Means of squares: [h, w, c] to [side, side, c], for h and w that are multiples of side, else the nearest pixels."""
    h, w, c = picture.shape
    if h % side or w % side:
        return picture[(np.arange(side) * h // side)[:, None], (np.arange(side) * w // side)[None]]
    return picture.reshape(side, h // side, side, w // side, c).mean((1, 3))

"""Colours of the world: the fourteen that captions name, materials, and what the time of day does to them.

All colours are (r, g, b) from 0 to 1. Knows nothing of shapes; see pen.py for how they are laid on.
"""

COLOURS = {
    "red": (0.84, 0.16, 0.18), "orange": (0.95, 0.53, 0.13), "yellow": (0.98, 0.83, 0.23), "lime": (0.66, 0.86, 0.24),
    "green": (0.18, 0.55, 0.29), "turquoise": (0.16, 0.74, 0.71), "blue": (0.18, 0.45, 0.85), "navy": (0.10, 0.16, 0.42),
    "purple": (0.52, 0.27, 0.70), "pink": (0.96, 0.54, 0.70), "brown": (0.50, 0.32, 0.20), "white": (0.96, 0.96, 0.94),
    "grey": (0.56, 0.58, 0.61), "black": (0.11, 0.11, 0.14),
}

MATERIALS = {
    "wood": (0.46, 0.31, 0.20), "plank": (0.63, 0.45, 0.29), "bark": (0.38, 0.27, 0.19), "stone": (0.60, 0.59, 0.58),
    "slate": (0.33, 0.36, 0.43), "brick": (0.66, 0.33, 0.26), "straw": (0.87, 0.73, 0.42), "sand": (0.91, 0.78, 0.53),
    "cream": (0.97, 0.93, 0.83), "chalk": (0.95, 0.95, 0.96), "cloth": (0.94, 0.90, 0.81), "leaf": (0.30, 0.58, 0.27),
    "moss": (0.22, 0.43, 0.24), "grass": (0.47, 0.70, 0.31), "stem": (0.27, 0.54, 0.26), "metal": (0.63, 0.67, 0.72),
    "iron": (0.26, 0.28, 0.32), "rubber": (0.13, 0.13, 0.15), "glass": (0.66, 0.83, 0.92), "gold": (0.92, 0.72, 0.25),
    "snow": (0.94, 0.96, 1.00), "ice": (0.76, 0.89, 0.97), "water": (0.27, 0.53, 0.76), "nose": (0.18, 0.13, 0.13),
    "beak": (0.96, 0.66, 0.20), "eye": (0.07, 0.07, 0.09), "blush": (0.95, 0.60, 0.58), "fire": (1.00, 0.62, 0.17),
}

# What shines by itself keeps its colour at night.
SHINING = {"lamp": (1.00, 0.89, 0.55), "window": (1.00, 0.86, 0.48), "flame": (1.00, 0.72, 0.26), "star": (1.00, 0.98, 0.88)}


class Time:
    """A time of day: sky from top to horizon, the light on things, their shadow side, and whether lamps are lit."""

    def __init__(self, top, middle, low, light, shade, lamps):
        self.top, self.middle, self.low, self.light, self.shade, self.lamps = top, middle, low, light, shade, lamps


TIMES = {
    "day": Time((0.22, 0.52, 0.87), (0.47, 0.74, 0.94), (0.82, 0.93, 0.97), (1.00, 1.00, 0.98), (0.70, 0.74, 0.86), False),
    "dawn": Time((0.46, 0.57, 0.82), (0.83, 0.74, 0.86), (1.00, 0.84, 0.76), (1.00, 0.93, 0.91), (0.66, 0.64, 0.82), False),
    "sunset": Time((0.28, 0.20, 0.46), (0.84, 0.40, 0.46), (1.00, 0.70, 0.38), (1.00, 0.85, 0.74), (0.56, 0.45, 0.64), True),
    "night": Time((0.03, 0.05, 0.17), (0.08, 0.12, 0.31), (0.18, 0.25, 0.47), (0.56, 0.61, 0.84), (0.34, 0.37, 0.60), True),
}


def mix(a, b, k):
    """From a (k = 0) to b (k = 1)."""
    return tuple(a[i] + (b[i] - a[i]) * k for i in range(3))


def times(a, b):
    """The colour a under the light b."""
    return tuple(min(1.0, a[i] * b[i]) for i in range(3))


def lighter(c, k=0.4):
    return mix(c, (1.0, 1.0, 1.0), k)


def darker(c, k=0.35):
    return mix(c, (0.05, 0.04, 0.14), k)


def luma(c):
    return 0.299 * c[0] + 0.587 * c[1] + 0.114 * c[2]

"""Clips of sixteen frames with the words for what moves: clip(seed) -> (scene, words, frames). Knows scenes, words and draw().

A clip starts from its scene: frame 0 is the scene as it stands, and everything else follows from the motion. Motions that have a
side have both sides equally often, so that what moves where can only be learned from the words.
"""
import random

import numpy as np
from PIL import Image

from . import clip_words as say
from . import compose, load
from .edits import set_time
from .kinds import KINDS
from .scene import SPOTS, crowded, is_held, new_light, scene
from .terrain import PLACES
from .words import caption

FRAMES = 16
SHARES = {"travel": 5, "climb": 1.2, "light": 2, "weather": 1.6, "clouds": 1.6, "pan": 1.8, "zoom": 1.6, "stir": 1.2, "dusk": 1.2}
CALM = ("clear", "cloudy", "fog")


class Plan:
    """What moves. `start`: the first frame's scene; `words`; `motion`, `direction`: labels; `frame(t, side)`: pixels, t from 0 to 1."""

    def __init__(self, start, words, motion, direction, frame):
        self.start, self.words, self.motion, self.direction, self.frame = start, words, motion, direction, frame


def shown(s, t, side, pace=1.0, shift=0.0):
    """The scene at the time t; what lives in it goes through `pace` of its movements within the clip."""
    return compose.draw(s, side, pace * t * (FRAMES - 1) / FRAMES, shift)


def told(r, s, templates, **parts):
    """The words for a motion, alone or behind a caption of the scene."""
    text = r.choice(templates).format(**parts)
    told_first = caption(s, r.randrange(40)) if r.random() < 0.4 else ""
    return f"{told_first}, {text}" if told_first and len(told_first.split()) + len(text.split()) < 24 else text


def reach(item):
    """Left and right end of an item's things, shares of the width."""
    return min(item.x) - item.wide() / 2, max(item.x) + item.wide() / 2


def travel(r, s):
    """Something goes to the left or to the right, its front ahead."""
    able = [n for n, i in enumerate(s.items) if KINDS[i.kind].moves in say.GOING and i.kind not in say.UPRIGHT]
    if not able or s.weather not in CALM:
        return None
    n, way = r.choice(able), r.choice((-1, 1))
    item, (low, high) = s.items[n], reach(s.items[n])
    far = min(r.uniform(0.3, 0.55), 1.02 - (high - low))
    if far < 0.2:
        return None
    first = r.uniform(-0.01, 1.01 - (high - low) - far) + (0 if way > 0 else far)
    start = s.copy()
    mover, start.relation = start.items[n], None
    mover.x, mover.flip = [x + first - low for x in item.x], way < 0
    mover.spot = min(SPOTS, key=lambda k: abs(SPOTS[k] - sum(mover.x) / len(mover.x)))
    if crowded(start):
        return None

    def frame(t, side):
        now = start.copy()
        now.items[n].x = [x + way * far * t for x in mover.x]
        if mover.home == "sky":
            now.items[n].y += 0.012 * np.sin(2 * np.pi * t)
        return shown(now, t, side, 2.0)

    verb = say.verb(r, mover)
    side = "left" if way < 0 else "right"
    return Plan(start, told(r, start, say.TRAVEL, it=say.it(r, mover), side=say.to(r, side), **verb), "travel", side, frame)


def climb(r, s):
    """What flies or floats goes up or down; leaves only fall."""
    able = [n for n, i in enumerate(s.items) if i.home in ("sky", "space") and KINDS[i.kind].moves in ("fly", "float", "fall")]
    if not able or s.weather not in CALM:
        return None
    n = r.choice(able)
    start = s.copy()
    item, start.relation = start.items[n], None
    way = 1 if KINDS[item.kind].moves == "fall" else r.choice((-1, 1))
    top, low = item.tall / 2 + 0.02, (0.98 if s.place == "space" else s.horizon + 0.1) - item.tall / 2
    far = min(r.uniform(0.25, 0.45), low - top)
    if far < 0.18:
        return None
    item.y = r.uniform(top, low - far) + (0 if way > 0 else far)
    if crowded(start):
        return None

    def frame(t, side):
        now = start.copy()
        now.items[n].y += way * far * t
        return shown(now, t, side, 2.0)

    ways = say.FALL if KINDS[item.kind].moves == "fall" else say.CLIMB[way]
    many = item.count > 1
    return Plan(start, told(r, start, ways[many], it=say.it(r, item)), "climb", "down" if way > 0 else "up", frame)


def blend(a, b, k):
    return (a * (1.0 - k) + b * k + 0.5).astype(np.uint8)


def light(r, s):
    """The sun or the moon rises or sets; the sun takes the time of day with it."""
    if "sky" not in PLACES[s.place].homes or s.place == "forest" or s.weather not in ("clear", "cloudy"):
        return None  # nobody sees it behind the firs
    start, rises = s.copy(), r.random() < 0.5
    start.time = "night" if s.style == "neon" or r.random() < 0.3 else "dawn" if rises else "sunset"
    start.light = new_light(r, start)
    kind = "moon" if start.time == "night" else "sun"
    if start.light["kind"] != kind:
        return None
    low, high = r.uniform(-0.06, 0.1), r.uniform(0.38, 0.44)  # below the height from which shadows fall the other way
    start.light["height"] = low if rises else high
    later = {"night": "night", "dawn": "day", "sunset": "night"}[start.time]

    def frame(t, side):
        now = start.copy()
        now.light["height"] += (high - low) * t * (1 if rises else -1)
        picture = shown(now, t, side)
        if later == start.time or t == 0:
            return picture
        now.time = later
        return blend(picture, shown(now, t, side), 0.75 * t)

    return Plan(start, told(r, start, say.LIGHT[rises], it=say.light(r, start.light)), kind, "up" if rises else "down", frame)


def weather(r, s):
    """Snow or rain falls."""
    if not PLACES[s.place].weather or s.light:
        return None
    start = s.copy()
    start.weather = r.choice(("snow", "rain"))
    pace = 0.5 if start.weather == "snow" else 1.0
    return Plan(start, told(r, start, say.WEATHER[start.weather]), start.weather, "down", lambda t, side: shown(start, t, side, pace))


def clouds(r, s):
    """The clouds drift to a side."""
    if not PLACES[s.place].weather or s.weather not in CALM:
        return None
    start, way = s.copy(), r.choice((-1, 1))
    start.weather = "cloudy"
    far = r.uniform(0.25, 0.45) * way
    side = "left" if way < 0 else "right"
    return Plan(start, told(r, start, say.CLOUDS, side=say.to(r, side)), "clouds", side, lambda t, size: shown(start, t, size, 1.0, far * t))


def pan(r, s):
    """The camera turns to a side over a picture a third wider than the frame."""
    way, height = r.choice((-1, 1)), r.uniform(0.3, 0.9)

    def frame(t, side):
        wide = side * 4 // 3
        x = round((wide - side) * (t if way > 0 else 1 - t))
        y = round((wide - side) * height)
        return shown(s, t, wide)[y : y + side, x : x + side].copy()

    side = "left" if way < 0 else "right"
    return Plan(s, told(r, s, say.PAN, side=say.to(r, side)), "pan", side, frame)


def zoom(r, s):
    """The camera comes nearer to a thing, or to the middle, or goes away from it."""
    goes_in = r.random() < 0.5
    item = r.choice(s.items) if s.items else None
    x, y = (item.x[0], item.y - 0.4 * item.tall) if item else (0.5, 0.5)

    def frame(t, side):
        share = 1.5 ** -(t if goes_in else 1 - t)
        wide = side * 3 // 2
        left, top = (min(max(c - share / 2, 0.0), 1.0 - share) * wide for c in (x, y))
        picture = Image.fromarray(shown(s, t, wide))
        return np.asarray(picture.resize((side, side), Image.BICUBIC, (left, top, left + share * wide, top + share * wide)))

    ways, on = say.ZOOM[goes_in], ""
    if item and item.count == 1:
        ways, on = ways + tuple(w + " {on}" for w in ways), say.zoomed(r, item, goes_in)
    return Plan(s, told(r, s, ways, on=on), "zoom", "in" if goes_in else "out", frame)


def stir(r, s):
    """What stays in its place and yet moves: plants sway, sails turn, fires burn, fountains flow."""
    able = [i for i in s.items if KINDS[i.kind].moves in ("sway", "burn") or i.kind == "fountain"]
    if not able or s.weather not in CALM:
        return None
    item = r.choice(able)
    name = {"burn": "burn", "fall": "flow"}.get(KINDS[item.kind].moves, "turn" if item.kind in say.TURNING else "sway")
    ways = {"burn": say.BURN, "flow": say.FLOW, "turn": say.TURN, "sway": say.SWAY}[name]
    return Plan(s, told(r, s, ways[item.count > 1], it=say.it(r, item)), name, "in place", lambda t, side: shown(s, t, side))


def dusk(r, s):
    """Night falls, or a new day begins."""
    if not PLACES[s.place].weather or s.style == "neon" or s.light:
        return None
    falls, start, end = r.random() < 0.5, s.copy(), s.copy()
    set_time(start, r.choice(("day", "sunset")) if falls else "night")
    set_time(end, "night" if falls else "day")
    start.weather = end.weather = s.weather if s.weather in CALM else "clear"

    def frame(t, side):
        a = shown(start, t, side)
        return a if t == 0 else blend(a, shown(end, t, side), t)

    return Plan(start, told(r, start, say.DUSK[falls]), "dusk", "darker" if falls else "lighter", frame)


MOTIONS = {"travel": travel, "climb": climb, "light": light, "weather": weather, "clouds": clouds, "pan": pan, "zoom": zoom, "stir": stir, "dusk": dusk}


def plan(seed, motion=None):
    """What happens in the clip of this seed. `motion`: a key of MOTIONS; the seed's own when None. No scene of it is one that is held out."""
    load()
    make = MOTIONS[motion or random.Random(seed * 6_666_667 + 9).choices(list(SHARES), list(SHARES.values()))[0]]
    for attempt in range(3000):
        r = random.Random(seed * 1_000_037 + attempt)
        made = make(r, scene(seed + attempt * 1_000_000_009))
        if made and not any(is_held(i.kind, i.colour, made.start.place) for i in made.start.items):
            return made
    raise ValueError(f"no clip of seed {seed}")


def words(seed, motion=None):
    return plan(seed, motion).words


def clip_labels(seed, motion=None):
    """dict(motion, direction): what happens, for those who judge clips."""
    p = plan(seed, motion)
    return dict(motion=p.motion, direction=p.direction)


def clip(seed, side=256, motion=None):
    """(Scene of the first frame, words, uint8 [16, side, side, 3]). Frame 0 is the still that the motion starts from."""
    p = plan(seed, motion)
    return p.start, p.words, np.stack([p.frame(k / (FRAMES - 1), side) for k in range(FRAMES)])

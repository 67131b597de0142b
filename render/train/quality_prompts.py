"""Prompts of the proof of quality, and what must be in the pictures for them: held-out scenes, told in the world's own words.

A case is a scene, a caption of it, and a wish (oracle_labels.py) of what that caption told. Knows no model and no picture.
"""
import re

from oracle_labels import plain
from world import scene, words
from world.kinds import KINDS
from world.terrain import PLACES

SEEDS = 4_000_000_000  # first seed of the scenes that prompts are made from; no stage of training sees them
WAYS = 60              # captions of a scene that are tried until one tells all


class Case:
    def __init__(self, scene_, prompt, wish):
        self.scene, self.prompt, self.wish = scene_, prompt, wish


def has(text, phrases):
    return any(re.search(r"\b" + re.escape(p) + r"\b", text) for p in phrases)


def names(item):
    kind = KINDS[item.kind]
    return (kind.plural,) if item.count > 1 else (kind.words[0],)


# Phrases of which one must be in a prompt, so that it surely tells what is then judged.
PHRASES = {
    "time": {"day": ("by day", "daytime", "noon", "daylight"), "dawn": ("dawn", "sunrise", "daybreak"), "sunset": ("sunset", "dusk", "evening"),
        "night": ("night", "midnight")},
    "weather": {"cloudy": ("cloudy", "clouds"), "rain": ("rain", "rains", "rainy"), "snow": ("snowfall", "snows", "snow falling"),
        "fog": ("fog", "foggy", "mist")},
    "style": {"flat": ("flat vector", "vector art", "illustration"), "watercolour": ("watercolour", "watercolor"), "pixel": ("pixel art",),
        "ink": ("ink", "line drawing"), "lowpoly": ("low-poly", "low poly"), "neon": ("neon",)},
}
A_THING = r" (?:an?|two|three|four|\d|a pair of|a couple of) [^,]*\b"


def tells_relation(text, s):
    """Is it told between the two things, not between one of them and the place?"""
    word, _, j = s.relation
    ways = "|".join(re.escape(w) for w in words.RELATION_WORDS[word])
    return re.search(rf"\b(?:{ways}){A_THING}{re.escape(names(s.items[j])[0])}\b", text) is not None


def tells(text, s, key):
    """Whether a caption tells a scene's place, relation, counts, time, weather or style."""
    if key == "place":
        return has(text, PLACES[s.place].words + (s.place,))
    if key == "relation":
        return tells_relation(text, s)
    if key == "count":
        return all(has(text, words.COUNT_WORDS[i.count]) for i in s.items if i.count > 1)
    return has(text, PHRASES[key].get(getattr(s, key), ()))


def told(s, keys):
    """The first caption of a scene that names its things plainly and tells `keys`; None if there is none."""
    for n in range(WAYS):
        text = words.caption(s, n)
        if not all(has(text, names(i)) and (not i.told or has(text, (i.colour,))) for i in s.items):
            continue
        if all(tells(text, s, key) for key in keys):
            return text
    return None


def cases(count, fits, keys, wished, change=None, first=SEEDS, held=True):
    """`count` cases of scenes for which `fits` holds. `keys`: single questions that the prompt must tell; `wished(labels, scene)`:
    what is judged; `change(scene, n)`: what is set before the n-th is told."""
    out, seed = [], first
    while len(out) < count and seed < first + 400 * count:
        s, seed = scene.scene(seed, held=held), seed + 1
        if not fits(s):
            continue
        if change:
            change(s, len(out))
        prompt = told(s, keys)
        if prompt:
            out.append(Case(s, prompt, wished(plain(s), s)))
    return out


def only(labels, *keys):
    return {key: labels[key] for key in keys}


def things(labels, *keys):
    return [{key: i[key] for key in ("kind",) + keys} for i in labels["items"]]


def one(s):
    return len(s.items) == 1 and s.items[0].count == 1 and s.items[0].told


def plainly(s):
    """In the style that is meant when none is told, and with nothing before one's eyes."""
    return s.style == "flat" and s.weather in ("clear", "cloudy")


def single(count):
    """One thing, its colour and the place behind it."""
    return cases(count, lambda s: one(s) and plainly(s), ("place",), lambda l, s: dict(only(l, "place"), items=things(l, "colour")))


def single_styled(count):
    """The same in every other style and in any weather."""
    fits = lambda s: one(s) and s.style != "flat"
    return cases(count, fits, ("place", "style"), lambda l, s: dict(only(l, "place", "style"), items=things(l, "colour")), first=SEEDS + 70_000_000)


def pair(count):
    """Two things with their colours and how one stands to the other."""
    two = lambda s: len(s.items) == 2 and s.relation and all(i.count == 1 and i.told for i in s.items)
    fits = lambda s: two(s) and plainly(s)
    return cases(count, fits, ("relation",), lambda l, s: dict(items=things(l, "colour"), relation=s.relation), first=SEEDS + 10_000_000)


def style(count, styles):
    def change(s, n):
        s.style = styles[n % len(styles)]
        s.time = "night" if s.style == "neon" else s.time

    return cases(count, lambda s: s.items, ("style",), lambda l, s: only(l, "style"), change, SEEDS + 20_000_000)


def when(count):
    return cases(count, lambda s: s.items, ("time",), lambda l, s: only(l, "time"), first=SEEDS + 30_000_000)


def weather(count):
    fits = lambda s: s.items and s.weather != "clear"
    return cases(count, fits, ("weather",), lambda l, s: only(l, "weather"), first=SEEDS + 40_000_000)


def counted(count):
    fits = lambda s: len(s.items) == 1 and s.items[0].count > 1
    return cases(count, fits, ("count",), lambda l, s: dict(items=things(l, "count")), first=SEEDS + 50_000_000)


STRANGE = ("glimmerish", "of the brontide", "quixotry", "in the zephyrine manner", "sesquipedalian", "by Vlorpington")


def strange(count):
    """(cases as `single` makes them, the same with words that nobody taught): what is known must still come."""
    known = cases(count, lambda s: one(s) and plainly(s), ("place",), lambda l, s: dict(only(l, "place"), items=things(l, "colour")), first=SEEDS + 60_000_000)
    return known, [Case(c.scene, f"{c.prompt}, {STRANGE[n % len(STRANGE)]}", c.wish) for n, c in enumerate(known)]


def any_scenes(count, first):
    """Cases of all sorts, told in any way, nothing wished."""
    return [Case(s, words.caption(s, s.seed % 7), {}) for s in (scene.scene(first + i) for i in range(count))]

"""What the oracle is asked, and what an answer is worth: labels of a scene as targets, answers as verdicts, verdicts against wishes.

The questions: style, time, weather, place and light of a picture; and for every kind of thing whether it is there, its
colour, how many, and where. A wish is a dict of what a prompt told: items (kind and, where told, colour and count), relation,
style, time, weather, place, light; what it does not hold is not judged. Knows no network and no picture.
"""
import numpy as np

from world import scene, words
from world.kinds import KINDS
from world.palette import COLOURS

ITEMS = 8     # most things of a scene that the oracle learns from
CELLS = 16    # the oracle sees where things are on a grid of so many cells a side
SINGLE = ("style", "time", "weather", "place", "light")
THERE = 0.5   # least probability of a thing that is there
APART = 0.03  # least distance that makes a relation true, in widths of the picture


def plain(s):
    """The labels of a scene; of its light only "none", "sun" or "moon"."""
    said = words.labels(s)
    said["light"] = said["light"] or "none"
    return said


class Heads:
    """The possible answers. The lists follow from the world, so a checkpoint of another world is told by unequal `names()`."""

    def __init__(self):
        some = [plain(scene.scene(i)) for i in range(1000)]
        self.single = {key: sorted({s[key] for s in some}) for key in SINGLE}
        self.kinds, self.colours = sorted(KINDS), list(COLOURS)

    def names(self):
        return dict(self.single, kinds=self.kinds, colours=self.colours)

    def target(self, s):
        """(singles int16 [5], items int16 [ITEMS, 3] of kind, colour and count - 1; kind -1: no item)."""
        said = plain(s)
        items = np.full((ITEMS, 3), -1, np.int16)
        for row, item in zip(items, said["items"]):
            row[:] = self.kinds.index(item["kind"]), self.colours.index(item["colour"]), min(item["count"], 4) - 1
        return np.array([self.single[key].index(said[key]) for key in SINGLE], np.int16), items

    def wish(self, singles, items):
        """The opposite of target: a wish of everything."""
        out = {key: self.single[key][n] for key, n in zip(SINGLE, singles)}
        out["items"] = [dict(kind=self.kinds[k], colour=self.colours[c], count=int(n) + 1) for k, c, n in items if k >= 0]
        return out


class Verdict:
    """What the oracle says of one picture. `single`: name -> the likeliest answer; `there`, `colour`, `count`, `at`: kind -> its
    probability, its likeliest colour, count 1 to 4, and its centre (x, y) from 0 to 1, y downwards."""

    def __init__(self, single, there, colour, count, at):
        self.single, self.there, self.colour, self.count, self.at = single, there, colour, count, at

    def sees(self, kind):
        return self.there[kind] >= THERE


def relation_holds(word, a, b):
    """Whether a thing at a = (x, y) stands to one at b as the word says; None for a word that places do not settle."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    return {"left of": dx > APART, "right of": dx < -APART, "above": dy > APART, "below": dy < -APART, "in front of": dy < 0, "behind": dy > 0}.get(word)


def judge(verdict, wish):
    """name -> bool for everything wished: object and colour and count of all items, relation, and the single ones."""
    items, out = wish.get("items", []), {}
    if items:
        out["object"] = all(verdict.sees(i["kind"]) for i in items)
        for key, said in (("colour", verdict.colour), ("count", verdict.count)):
            told = [i for i in items if i.get(key)]
            if told:
                out[key] = all(verdict.sees(i["kind"]) and said[i["kind"]] == i[key] for i in told)
    if wish.get("relation"):
        word, a, b = wish["relation"]
        a, b = items[a]["kind"], items[b]["kind"]
        holds = relation_holds(word, verdict.at[a], verdict.at[b])
        if holds is not None:
            out["relation"] = verdict.sees(a) and verdict.sees(b) and bool(holds)
    for key in SINGLE:
        if wish.get(key):
            out[key] = verdict.single[key] == wish[key]
    for kind in wish.get("absent", []):
        out["absent"] = out.get("absent", True) and not verdict.sees(kind)
    return out


def score(verdicts, wishes):
    """(share of pictures with everything right, {attribute: share right}, n)."""
    rows = [judge(v, w) for v, w in zip(verdicts, wishes)]
    names = sorted({name for r in rows for name in r})
    each = {name: float(np.mean([r[name] for r in rows if name in r])) for name in names}
    return float(np.mean([all(r.values()) for r in rows])) if rows else 0.0, each, len(rows)

#!/usr/bin/perl
# Edits and clips of the world: functions of their seeds; an edit leaves alone what its instruction does not name; what is said to
# move to a side moves to that side.
use strict;
use warnings;
use File::Temp qw(tempdir);
use Test::More;

my $root = $ENV{GEMPIX_SRC} // '.';
my $python = '/usr/bin/python3';
qx{$python -c 'import numpy, PIL, cairo' 2>&1};
plan skip_all => 'needs python3-numpy, python3-pil and python3-cairo' if $? != 0;

my $dir = tempdir(CLEANUP => 1);
$ENV{PYTHONDONTWRITEBYTECODE} = 1;
$ENV{OMP_NUM_THREADS} = 1;
$ENV{PYTHONPATH} = "$root/render/train";

# One call of Python: each "is NAME: ok" or "is NAME: what is wrong" that it prints is a test.
open my $out, '>', "$dir/check.py" or die $!;
print $out do { local $/; <DATA> };
close $out;
my @lines = qx{$python $dir/check.py 2>&1};
is $?, 0, 'the checks run to their end' or diag @lines;
for my $line (@lines) {
    is $2, 'ok', $1 if $line =~ /^is (.*?): (.*)$/;
}
done_testing;

__DATA__
import re
import numpy as np
from PIL import Image
from world import clips, compose, edits, styles
from world.scene import STYLES, is_held

SIDE = 128


def tell(name, faults):
    print(f"is {name}: {'ok' if not faults else '; '.join(map(str, faults[:3]))}")


def near(scene):
    """Where a scene's items may show, with shadow, mirror and glow: bool [SIDE, SIDE]."""
    out = np.zeros((SIDE, SIDE), bool)
    for item in scene.items:
        wide, tall = item.wide() / 2 + 0.5 * item.tall + 0.1, item.tall
        high, low = (0.75 * tall, 0.75 * tall) if item.home in ("sky", "space") else (1.15 * tall, 0.55 * tall)
        for x in item.x:
            rows = slice(max(0, int((item.y - high - 0.09) * SIDE)), max(0, int((item.y + low + 0.09) * SIDE)))
            out[rows, max(0, int((x - wide) * SIDE)):max(0, int((x + wide) * SIDE))] = True
    return out


def named(before, after):
    """Copies that hold only the items that differ."""
    plain = [[vars(i) for i in s.items] for s in (before, after)]
    for k, s in enumerate((before, after)):
        s.items = [i for i in s.items if vars(i) not in plain[1 - k]]
    return before, after


def same(one, other):
    return one[1] == other[1] and all(np.array_equal(compose.draw(one[k], 64), compose.draw(other[k], 64)) for k in (0, 2))


tell("an edit is a function of its seed", [n for n in range(6) if not same(edits.edit(n), edits.edit(n))])
tell("seeds make different edits", [] if len({edits.edit(n)[1] for n in range(60)}) > 45 else ["too few wordings"])
many = [edits.edit(n) for n in range(400)]
tell("every sort of edit comes up", sorted(set(edits.EDITS) - {edits.sort_of(n) for n in range(400)}))
tell("every instruction is plain text", [t for _, t, _ in many if "  " in t or re.search(r"[{}]|\ba [aeio]|\ban [^aeiou]|\bthe the\b", t)])
tell("no scene of an edit is held out", [t for a, t, b in many for s in (a, b) for i in s.items if is_held(i.kind, i.colour, s.place)])
tell("every edit shows", [t for a, t, b in many[:24] if np.array_equal(compose.draw(a, 64), compose.draw(b, 64))])

faults = []
for n in range(45):
    a, text, b = edits.edit(n, ("add", "remove", "recolour", "replace", "count")[n % 5])
    differ = np.abs(compose.draw(a, SIDE).astype(int) - compose.draw(b, SIDE)).max(2)
    where = near(named(a.copy(), b.copy())[0]) | near(named(a.copy(), b.copy())[1])
    if where.all() or differ[~where].max() > 2:
        faults.append(f"{n} {text}, {a.style}: {differ[~where].max() if not where.all() else 'all'}")
tell("what an instruction does not name stays as it is", faults)


def centre(scene, n, t=0.0):
    """Middle of an item's mask, (x, y) in pixels."""
    mask = compose.masks(scene, SIDE, t)[n]
    return (mask.sum(0) @ np.arange(SIDE)) / mask.sum(), (mask.sum(1) @ np.arange(SIDE)) / mask.sum()


def shift(a, b, far):
    """By how many pixels the middle of a must go to the right to look most like b."""
    a, b = (p.astype(np.float32).mean(2)[: SIDE // 3] for p in (a, b))
    cut = slice(far, SIDE - far)
    return min(range(-far, far + 1), key=lambda d: np.abs(np.roll(a, d, 1)[:, cut] - b[:, cut]).mean())


class Watched:
    """compose.draw, with the scenes it is given."""

    def __init__(self):
        self.scenes, self.real = [], compose.draw

    def __call__(self, scene, *more):
        self.scenes.append(scene)
        return self.real(scene, *more)


first, again = clips.clip(3, 64), clips.clip(3, 64)
tell("a clip is a function of its seed", [] if first[1] == again[1] and np.array_equal(first[2], again[2]) else [first[1], again[1]])
tell("a clip has sixteen frames of the side asked for", [] if first[2].shape == (16, 64, 64, 3) and first[2].dtype == np.uint8 else [first[2].shape])
tell("what is told is plain text", [w for n in range(300) for w in [clips.words(n)] if "  " in w or "{" in w or "the the" in w or w != w.strip()])
sides = [clips.clip_labels(n, m)["direction"] for m in ("travel", "clouds", "pan") for n in range(200)]
tell("both sides come up equally often", [] if 240 < sides.count("left") < 360 and sides.count("left") + sides.count("right") == 600 else [sides.count("left")])
other = {"left": "right", "right": "left"}
tell("the words tell the side", [w for n in range(200) for w, l in [(clips.words(n, "travel"), clips.clip_labels(n, "travel"))]
                                 if not re.search(l["direction"], w) or (other[l["direction"]] in w and "from" not in w.rsplit(",", 1)[-1] and "," not in w)])

faults = []
for n in range(12):
    for motion in ("travel", "climb", "light"):
        compose.draw = watched = Watched()
        plan = clips.plan(n, motion)
        still, end = plan.frame(0.0, 64), plan.frame(1.0, 64)
        compose.draw = watched.real
        a, b = watched.scenes[0], watched.scenes[-1]
        if motion == "light":
            dx, dy = 0, (a.light["height"] - b.light["height"]) * SIDE
        else:
            moved = [k for k in range(len(a.items)) if vars(a.items[k]) != vars(b.items[k])]
            (x0, y0), (x1, y1) = centre(a, moved[0]), centre(b, moved[0])
            dx, dy = x1 - x0, y1 - y0
        seen = ("right" if dx > 0 else "left") if abs(dx) > abs(dy) else "down" if dy > 0 else "up"
        if seen != plan.direction or max(abs(dx), abs(dy)) < 0.15 * SIDE or not np.array_equal(still, compose.draw(plan.start, 64)):
            faults.append(f"{plan.words}: {seen}")
tell("things go where the words say, from the still", faults)

faults = []
for n in range(12):
    plan = clips.plan(n, "pan")
    d = shift(plan.frame(0.4, SIDE), plan.frame(0.6, SIDE), 14)
    if d == 0 or (d < 0) != (plan.direction == "right"):
        faults.append(f"{n} {plan.words}: {d}")
tell("what is seen goes the other way when the camera turns", faults if len(faults) > 1 else [])

faults = []
for n in range(8):
    plan = clips.plan(n, "dusk")
    change = plan.frame(1.0, 64).mean() - plan.frame(0.0, 64).mean()
    if (change < 0) != (plan.direction == "darker"):
        faults.append(f"{n} {plan.words}: {change}")
tell("night is darker than day", faults)

faults, picture = [], compose.draw(edits.scene(5), 256)
for h, w in ((64, 64), (100, 130), (128, 256), (384, 320)):
    part = np.ascontiguousarray(np.asarray(Image.fromarray(picture).resize((w, h))))
    for style in STYLES:
        a, b = styles.finish(part, style, 7), styles.finish(part, style, 7)
        if a.shape != part.shape or a.dtype != np.uint8 or not np.array_equal(a, b) or np.array_equal(a, part) == (style != "flat"):
            faults.append(f"{style} {w} x {h}")
        elif style != "neon" and np.abs(a.astype(int) - part).mean() > 24:
            faults.append(f"{style} {w} x {h} is another picture")
tell("a style keeps the size and the picture, at any size", faults)

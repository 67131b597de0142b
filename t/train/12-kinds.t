#!/usr/bin/perl
# Every kind of thing in the world keeps the promises scenes rely on: it stands on its foot, fills the height and width it
# registered, shows its colour over most of its area, moves in a loop, is a function of its seed and shares no word.
use strict;
use warnings;
use File::Temp qw(tempdir);
use Test::More;

my $root = $ENV{GEMPIX_SRC} // '.';
my $python = '/usr/bin/python3';
qx{$python -c 'import cairo, numpy' 2>&1};
plan skip_all => 'needs python3-cairo and python3-numpy' if $? != 0;

my $dir = tempdir(CLEANUP => 1);
$ENV{PYTHONDONTWRITEBYTECODE} = 1;
$ENV{OMP_NUM_THREADS} = 1;
$ENV{PYTHONPATH} = "$root/render/train";

my $common = <<'END';
import random
import cairo, numpy as np
from world import load
from world.kinds import KINDS
from world.palette import COLOURS
from world.pen import Look, Pen
load()
UNIT, SIDE = 60, 240

def picture(kind, colour, phase=0.0, seed=1, style="plain"):
    surface = cairo.ImageSurface(cairo.FORMAT_ARGB32, SIDE, SIDE)
    foot = SIDE * (0.75 if kind.homes[0] in ("ground", "water") else 0.5)
    kind.draw(Pen(cairo.Context(surface), Look(style), SIDE / 2, foot, UNIT, colour, random.Random(seed), phase))
    surface.flush()
    return np.ndarray((SIDE, SIDE, 4), np.uint8, surface.get_data()).astype(int)

def two_colours(kind):
    usual = [c for c in ("red", "blue") if c in kind.colours]
    return usual if len(usual) == 2 else (kind.colours[0], kind.colours[-1])

bad = []
END

# Runs a check that lists what breaks the promise; 'none' is a pass.
sub holds {
    my ($code, $name) = @_;
    open my $out, '>', "$dir/check.py" or die $!;
    print $out $common, $code, qq{print(*bad or ["none"])\n};
    close $out;
    my $text = qx{$python $dir/check.py 2>&1};
    chomp $text;
    is $text, 'none', $name;
    return;
}

holds <<'END', 'no word names two kinds, and a kind has the colours that exist';
seen = {}
for name, kind in KINDS.items():
    bad += [w for w in kind.words if seen.setdefault(w, name) != name]
    bad += [name for c in kind.colours + ((kind.own,) if kind.own else ()) if c not in COLOURS]
    bad += [name] if kind.own and kind.own not in kind.colours else []
bad += ["few"] if len(seen) < 100 else []
END

holds <<'END', 'a thing is as high and as wide as registered, and stands on its foot';
for name, kind in KINDS.items():
    ys, xs = np.nonzero(picture(kind, two_colours(kind)[0])[..., 3] > 128)
    foot = SIDE * (0.75 if kind.homes[0] in ("ground", "water") else 0.5)
    low, high, half = (foot - ys.max() - 1) / UNIT, (foot - ys.min()) / UNIT, max(SIDE / 2 - xs.min(), xs.max() + 1 - SIDE / 2) / UNIT
    if not 0.7 < high - low < 1.25 or 2 * half > 1.15 * kind.wide + 0.1 or (kind.homes[0] == "ground" and abs(low) > 0.06):
        bad.append("%s(%.2f..%.2f, %.2f of %.2f)" % (name, low, high, 2 * half, kind.wide))
END

holds <<'END', 'what is asked to be blue is mostly blue';
for name, kind in KINDS.items():
    if len(kind.colours) > 1:
        a, b = (picture(kind, c) for c in two_colours(kind))
        inside = a[..., 3] > 128
        share = ((np.abs(a - b)[..., :3].sum(2) > 60) & inside).sum() / inside.sum()
        bad += ["%s(%.2f)" % (name, share)] if share < 0.4 else []
END

holds <<'END', 'the end of a movement is its beginning, and the same seed draws the same';
for name, kind in KINDS.items():
    for style in ("flat", "ink", "neon"):
        first, again, end = (picture(kind, kind.colours[0], phase, 5, style) for phase in (0.0, 0.0, 1.0))
        bad += [name] if np.abs(first - end).max() > 2 or np.abs(first - again).max() else []
END

done_testing;

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
from world import compose, edits, styles
from world.kinds import KINDS
from world.scene import is_held

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
for n in range(60):
    a, text, b = edits.edit(n, ("add", "remove", "recolour", "replace", "count")[n % 5])
    differ = np.abs(compose.draw(a, SIDE).astype(int) - compose.draw(b, SIDE)).max(2)
    where = near(named(a.copy(), b.copy())[0]) | near(named(a.copy(), b.copy())[1])
    if where.all() or differ[~where].max() > 2:
        faults.append(f"{n} {text}, {a.style}: {differ[~where].max() if not where.all() else 'all'}")
tell("what an instruction does not name stays as it is", faults)

#!/usr/bin/perl
# The illustrator: scenes and pictures are functions of their seeds, captions and labels tell the truth, what is kept for the proof
# of quality is never trained on, and masks are where the things are.
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

# Runs a script; what it prints must be "ok".
sub holds {
    my ($what, $code) = @_;
    open my $out, '>', "$dir/check.py" or die $!;
    print $out "import numpy as np\nfrom world import compose, scene, words\nfrom world.kinds import KINDS\n", $code, "\nprint('ok')\n";
    close $out;
    my $text = qx{$python $dir/check.py 2>&1};
    chomp $text;
    is $text, 'ok', $what;
}

holds 'the same seed gives the same scene, words and pixels, another seed others', <<'END';
for seed in (3, 11, 29):
    a, b, c = (scene.scene(s) for s in (seed, seed, seed + 1))
    assert words.labels(a) == words.labels(b) and words.caption(a, 4) == words.caption(b, 4)
    assert np.array_equal(compose.draw(a, 96), compose.draw(b, 96))
    assert not np.array_equal(compose.draw(a, 96), compose.draw(c, 96))
END

holds 'all styles, times, weathers, places, kinds and counts occur', <<'END';
from world.palette import COLOURS, TIMES
from world.terrain import PLACES
some = [scene.scene(i) for i in range(6000)]
items = [i for s in some for i in s.items]
assert {s.style for s in some} == set(scene.STYLES) and {s.time for s in some} == set(TIMES)
assert {s.weather for s in some} == set(scene.WEATHERS) and {s.place for s in some} == set(PLACES)
assert {i.kind for i in items} == set(KINDS) and len(KINDS) >= 60, set(KINDS) - {i.kind for i in items}
assert {i.colour for i in items} == set(COLOURS) and len(COLOURS) == 14 and {i.count for i in items} == {1, 2, 3, 4}
END

holds 'what is held out is never in the scenes that are trained on, and the first thing of every scene that is held out', <<'END';
for i in range(2500):
    s = scene.scene(i)
    assert not any(scene.is_held(t.kind, t.colour, s.place) for t in s.items), i
for i in range(300):
    s = scene.scene(i, held=True)
    assert scene.is_held(s.items[0].kind, s.items[0].colour, s.place), i
END

holds 'relations are true of where things stand, and things stay inside the picture', <<'END';
seen = set()
for seed in range(4000):
    s = scene.scene(seed)
    for item in s.items:
        assert len(item.x) == item.count
        assert all(item.wide() * 0.4 < x < 1 - item.wide() * 0.4 or item.wide() > 0.8 for x in item.x), (seed, item.kind, item.x)
        assert 0.02 < item.y < 1.0, (seed, item.kind, item.y)
    if not s.relation:
        continue
    word, i, j = s.relation
    a, b = s.items[i], s.items[j]
    seen.add(word)
    ax, bx = sum(a.x) / len(a.x), sum(b.x) / len(b.x)
    true = {"left of": ax < bx - 0.08, "right of": ax > bx + 0.08, "above": a.y < b.y - b.tall * 0.5, "below": b.y < a.y - a.tall * 0.5,
            "in front of": a.y > b.y + 0.02, "behind": a.y < b.y - 0.02}[word]
    assert true, (seed, word, a.kind, ax, a.y, b.kind, bx, b.y)
assert seen == {"left of", "right of", "above", "below", "in front of", "behind"}, seen
END

holds 'captions name the kind and the colour that must be named, and say nothing of a side where a thing is not', <<'END';
for seed in range(2500):
    s = scene.scene(seed)
    text = words.caption(s, seed % 9)
    assert text == text.strip() and "  " not in text and " ," not in text, text
    if s.items and "with" not in text and s.relation is None and len(s.items) == 1:
        k = KINDS[s.items[0].kind]
        assert any(w in text for w in k.words + (k.plural,)), (seed, text)
        colours = words.COLOUR_WORDS.get(s.items[0].colour, (s.items[0].colour,))
        assert not s.items[0].told or any(c in text for c in colours), (seed, text)
    if len(s.items) == 1 and not s.relation:
        for side in ("left", "right"):
            assert not any(w in text for w in words.SPOT_WORDS[side]) or s.items[0].spot == side, (seed, text)
END

holds 'a mask is where the picture changes when its thing goes', <<'END';
checked = 0
for seed in range(400):
    s = scene.scene(seed)
    if len(s.items) != 1 or s.style != "flat" or s.items[0].home != "sky":
        continue
    mask = compose.masks(s, 128)[0]
    empty = s.copy()
    empty.items = []
    changed = np.abs(compose.draw(s, 128).astype(int) - compose.draw(empty, 128)).max(2) > 24
    assert (changed & (mask < 0.02)).sum() == 0, seed
    assert (changed & (mask > 0.5)).sum() > 0.5 * (mask > 0.5).sum(), seed
    checked += 1
assert checked >= 3, checked
END
done_testing;

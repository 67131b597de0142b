#!/usr/bin/perl
# The oracle: labels become targets and come back, the truth scores full marks and a mix-up does not, the net learns a
# handful of scenes by heart.
use strict;
use warnings;
use File::Temp qw(tempdir);
use Test::More;

my $root = $ENV{GEMPIX_SRC} // '.';
my $python = '/usr/bin/python3';
my $missing = qx{$python -c 'import torch, numpy, PIL, cairo' 2>&1};
plan skip_all => 'needs python3-torch, python3-numpy, python3-pil and python3-cairo' if $? != 0;

my $dir = tempdir(CLEANUP => 1);
my $recipe = "$root/render/train";
$ENV{PYTHONDONTWRITEBYTECODE} = 1;
$ENV{OMP_NUM_THREADS} = 1;
$ENV{PYTHONPATH} = $recipe;

# Runs a script and returns what it printed; the exit status is in $?.
sub python
{
    my ($code) = @_;
    open my $out, '>', "$dir/check.py" or die $!;
    print $out $code;
    close $out;
    my $text = qx{$python $dir/check.py 2>&1};
    chomp $text;
    return $text;
}

is python(<<'END'), 'ok', 'labels become targets and come back; the truth scores 100 %, a mix-up does not';
import world; world.load()
from oracle_labels import Heads, SINGLE, Verdict, judge, plain, relation_holds, score
from world import scene
heads = Heads()
scenes = [scene.scene(4_300_000_000 + i, held=i % 2 == 1) for i in range(200)]
wishes = []
for s in scenes:
    w, said = heads.wish(*heads.target(s)), plain(s)
    assert all(w[key] == said[key] for key in SINGLE), (w, said)
    assert w["items"] == [{k: i[k] for k in ("kind", "colour", "count")} for i in said["items"]], (w, said)
    wishes.append(dict(w, relation=s.relation))
assert sum(len(w["items"]) for w in wishes) > 100 and any(w["relation"] for w in wishes)

def perfect(w):
    there = {i["kind"]: i for i in w["items"]}
    get = lambda key, other: {k: there[k][key] if k in there else other for k in heads.kinds}
    at = {k: (0.5, 0.5) for k in heads.kinds}
    return Verdict({key: w[key] for key in SINGLE}, {k: float(k in there) for k in heads.kinds}, get("colour", "red"), get("count", 1), at)

bare = [{key: value for key, value in w.items() if key != "relation"} for w in wishes]
verdicts = [perfect(w) for w in wishes]
whole, each, n = score(verdicts, bare)
assert whole == 1 and n == 200 and set(each) == {"object", "colour", "count", *SINGLE}, (whole, each)
whole, each, _ = score(verdicts[1:] + verdicts[:1], bare)
assert whole < 0.05 and each["object"] < 0.4 and each["place"] < 0.7, (whole, each)
a, b = (0.2, 0.5), (0.7, 0.5)
assert relation_holds("left of", a, b) and not relation_holds("left of", b, a) and not relation_holds("left of", a, a)
assert relation_holds("right of", b, a) and relation_holds("above", (0.5, 0.2), (0.5, 0.6)) and not relation_holds("below", (0.5, 0.2), (0.5, 0.6))
w = dict(items=[dict(kind=heads.kinds[0]), dict(kind=heads.kinds[1])], relation=("left of", 0, 1), absent=[heads.kinds[2]])
v = Verdict({}, {k: 1.0 for k in heads.kinds[:2]} | {heads.kinds[2]: 0.9}, {}, {}, {heads.kinds[0]: a, heads.kinds[1]: b})
assert judge(v, w) == dict(object=True, relation=True, absent=False), judge(v, w)
print("ok")
END

is python(<<'END'), 'ok', 'the net learns eight scenes by heart, and finds things where they are';
import numpy as np, torch
torch.manual_seed(1)
from oracle_net import SIDE, Oracle, centres, covers_of, loss
rng = np.random.default_rng(2)
n, x = 8, torch.zeros(8, 3, SIDE, SIDE)
items, covers = torch.full((n, 3, 3), -1), torch.zeros(n, 3, 16, 16)
hues = torch.tensor([[1.0, -1, -1], [-1, 1, -1], [-1, -1, 1]])
for i in range(n):
    kind, hue, px, py = i % 2, i % 3, int(rng.integers(1, 11)), int(rng.integers(1, 11))
    x[i, :, 8 * py : 8 * py + 32, 8 * px : 8 * px + 32] = hues[hue][:, None, None]
    if kind:
        x[i, :, 8 * py : 8 * py + 32, 8 * px : 8 * px + 32 : 4] = 0
    items[i, 0] = torch.tensor([kind, hue, 0])
    covers[i, 0, py : py + 4, px : px + 4] = 1
singles = torch.stack([torch.arange(n) % 2] * 5, 1)
net = Oracle([2] * 5, 2, 3, 4, (16, 24, 32))
opt = torch.optim.AdamW(net.parameters(), lr=4e-3)
first = None
for step in range(60):
    error = loss(net, x, singles, items, covers)
    first = first or float(error)
    opt.zero_grad(); error.backward(); opt.step()
assert float(error) < first / 5, (first, float(error))
with torch.no_grad():
    _, said, cells, looks = net(x)
    kinds = items[:, 0, 0]
    there = torch.sigmoid(net.there(cells))
    assert torch.equal(there.argmax(1), kinds), there
    mine = covers_of(cells)[torch.arange(n), kinds]
    assert torch.equal(net.ask(mine, looks)[0].argmax(1), items[:, 0, 1])
    truth = torch.stack([(covers[:, 0].sum(1) * torch.arange(16)).sum(1), (covers[:, 0].sum(2) * torch.arange(16)).sum(1)], 1) / 256 + 1 / 32
    gap = (centres(covers_of(cells))[torch.arange(n), kinds] - truth).abs().max()
    assert gap < 0.08, gap
print("ok")
END

done_testing;

#!/usr/bin/perl
# The proof of quality without a trained model: prompts tell what is judged, orders to the engine are made once, the table
# says what is missing.
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

is python(<<'END'), 'ok', 'prompts tell what is judged, an edit asks for what it changes';
import world; world.load()
import quality_prompts as q
from oracle_labels import plain
from quality_parts import wish_of_edit
from world import edits
from world.kinds import KINDS
for make in (q.single, q.pair, q.when, q.weather, q.counted):
    some = make(5)
    assert len(some) == 5 and [c.prompt for c in some] == [c.prompt for c in make(5)], make.__name__
    for c in some:
        for i in c.wish.get("items", ()):
            kind = KINDS[i["kind"]]
            assert q.has(c.prompt, (kind.words[0], kind.plural)) and ("colour" not in i or i["colour"] in c.prompt), c.prompt
assert [c.wish["style"] for c in q.style(6, ["flat", "ink", "neon"])] == ["flat", "ink", "neon"] * 2
known, odd = q.strange(3)
assert all(b.prompt.startswith(a.prompt) and len(b.prompt) > len(a.prompt) and a.wish == b.wish for a, b in zip(known, odd))
asked = 0
for i in range(60):
    a, text, b = edits.edit(4_300_000_000 + i)
    w = wish_of_edit(a, b)
    asked += bool(w)
    assert wish_of_edit(a, a) == {} and all(plain(b)[k] == w[k] for k in w if k not in ("items", "absent")), (text, w)
assert asked >= 50, asked
print("ok")
END

# A program in the engine's place: it counts its calls and copies a picture to where the result belongs.
open my $fake, '>', "$dir/gempix-image" or die $!;
print $fake <<"END";
#!/bin/sh
echo "\$*" >>$dir/calls
while [ \$# -gt 0 ]; do
    case \$1 in --new-thing) exit 2 ;; -o) out=\$2 ;; -c) count=\$2 ;; esac
    shift
done
if [ -n "\$count" ]; then
    for i in \$(seq \$count); do cp $dir/one.png "\${out%.png}-\$i.png"; done
else
    cp $dir/one.png "\$out"
fi
END
close $fake;
chmod 0755, "$dir/gempix-image";

is python(<<"END"), 'ok', 'the engine is asked once for each order, and what is missing is said in the table';
import os, numpy as np, quality_measures as m, quality, quality_parts as parts
from quality_engine import Engine, Missing, write
from quality_parts import Row, attempt, marked
one = np.arange(32 * 32 * 3, dtype=np.uint8).reshape(32, 32, 3)
write("$dir/one.png", one)
os.mkdir("$dir/model")
open("$dir/model/SHA256SUMS", "w").write("one")
calls = lambda: len(open("$dir/calls").readlines())
e = Engine("$dir/gempix-image", "$dir/pictures", {"base": "$dir/model", "edit": "$dir/nothing"})
for _ in range(2):
    got = e.made("base", ["-p", "a cat", "-S", "1"], 3)
    assert len(got) == 3 and np.array_equal(got[2], one) and calls() == 1
e.made("base", ["-p", "a dog", "-S", "1"])
e.made("base", ["-p", "a dog", "-S", "1"], inputs=[("-i", one)])
e.made("base", ["-p", "a dog", "-S", "1"], inputs=[("-i", 255 - one)])
assert calls() == 4
open("$dir/model/SHA256SUMS", "w").write("two")
Engine("$dir/gempix-image", "$dir/pictures", {"base": "$dir/model"}).made("base", ["-p", "a dog", "-S", "1"])
assert calls() == 5
row = attempt("edit %", ("≥", 90), lambda: e.made("edit", []))[0]
assert row.n == 0 and "no model" in row.value and "edit" in row.value, row
row = attempt("new %", None, lambda: e.made("base", ["--new-thing"]))[0]
assert "--new-thing" in row.value, row
rows = [Row("a %", 95.2, ("≥", 95), 64), Row("b s", 1.6, ("≤", 1.5), 3), row, Row("c dB", 12.5, None, 2)]
assert [quality.met(r) for r in rows] == ["yes", "no", "", ""]
quality.write_tsv("$dir/quality.tsv", rows)
lines = open("$dir/quality.tsv", encoding="utf-8").read().split("\\n")
assert lines[:3] == ["name\\tvalue\\tgoal\\tn", "a %\\t95.2\\t≥ 95\\t64", "b s\\t1.6\\t≤ 1.5\\t3"] and lines[-1] == "" and len(lines) == 6, lines
assert all(len(line.split("\\t")) == 4 for line in lines[:-1])
quality.write_card("$dir/card.md", rows)
card = open("$dir/card.md", encoding="utf-8").read().split("\\n")
assert card[2:4] == ["| a % | 95.2 | ≥ 95 | 64 |", "| b s | **1.6** | ≤ 1.5 | 3 |"], card
assert "no" in quality.table(rows).split("\\n")[2]
truth = np.full((128, 128, 3), 90, np.uint8)
dirty, where = marked(truth, 3)
assert np.array_equal(dirty[~where], truth[~where]) and 0.05 < where.mean() < 0.6 and 12 < m.psnr(truth, dirty) < 32, where.mean()
print("ok")
END

done_testing;

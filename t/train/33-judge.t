#!/usr/bin/perl
# The stages of the oracle at toy size: scenes are drawn, learned from and judged.
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

like python(<<"END"), qr/^ok\z/m, 'scenes are drawn, learned from and judged; another world is refused';
import json, types, numpy as np, torch, world; world.load()
torch.set_num_threads(1)
import oracle, oracle_labels
oracle.SHARD = 6
oracle.PRESET.update(steps=2, minutes=None, batch=4)
args = types.SimpleNamespace(work="$dir/oracle", scenes=6, vae=None, vae_share=0, preset="cpu", minutes=None)
oracle.draw(args)
shard = np.load(oracle.shard_path(args.work, 0))
assert shard["pictures"].shape == (6, 128, 128, 3) and shard["covers"].shape == (6, 8, 16, 16)
for items, covers in zip(shard["items"], shard["covers"]):
    assert all((c.max() > 0) == (i[0] >= 0) for i, c in zip(items, covers))
oracle.train(args)
judge = oracle.Judge(args.work)
pictures = list(shard["pictures"]) + [shard["pictures"][0].repeat(2, 0).repeat(2, 1)]
verdicts, features = judge.look(pictures)
assert len(verdicts) == 7 and features.shape == (7, 64) and np.allclose(features[0], features[6], atol=1e-4)
assert set(verdicts[0].single) == set(oracle_labels.SINGLE) and set(verdicts[0].there) == set(judge.heads.kinds)
rows = oracle.accuracy(judge, [oracle.scene_of(i) for i in range(6)])
assert rows["style"][1] == 6 and all(0 <= share <= 1 for share, _ in rows.values())
names = json.load(open("$dir/oracle/oracle-names.json"))
names["kinds"].append("dodo")
json.dump(names, open("$dir/oracle/oracle-names.json", "w"))
try:
    oracle.Judge(args.work)
    print("another world was not refused")
except SystemExit as why:
    print("ok" if "another world" in str(why) else why)
END

done_testing;

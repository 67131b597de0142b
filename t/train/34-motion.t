#!/usr/bin/perl
# How the proof of quality sees motions: directions, zooms, changes of light, and what stirs in its place.
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

is python(<<'END'), 'ok', 'motions are known by their frames';
import numpy as np, textures, quality_measures as m
from PIL import Image
from quality_parts import Watched
a = textures.texture("stone", 8)
def zoomed(k):
    cut = round(12 * k)
    return np.asarray(Image.fromarray(a).resize((256, 256), Image.BICUBIC, (cut, cut, 256 - cut, 256 - cut)))
clips = {way: np.stack([np.roll(a, (dy * i, dx * i), (0, 1)) for i in range(16)]) for dx, dy, way in
    ((3, 0, "right"), (-3, 0, "left"), (0, 2, "down"), (0, -2, "up"))}
clips["in"] = np.stack([zoomed(i / 5) for i in range(16)])
clips["out"] = clips["in"][::-1]
clips["darker"] = np.stack([(a * (1 - i / 30)).astype(np.uint8) for i in range(16)])
clips["lighter"] = clips["darker"][::-1]
clips["in place"] = np.stack([a] * 16)
clips["in place"][1::2, 64:160, 64:160] = np.roll(a, 2, 1)[64:160, 64:160]
still = np.stack([a] * 16)
for way, frames in clips.items():
    w = Watched("any", way, frames)
    assert w.found(frames) == way and w.found(still) == "still", (way, w.found(frames), w.found(still))
for one, other in (("left", "right"), ("up", "down"), ("in", "out"), ("darker", "lighter")):
    assert Watched("any", one, clips[one]).found(clips[other]) == other, one
assert Watched("pan", "left", clips["right"]).found(clips["right"]) == "right"
assert Watched("any", "in place", clips["in place"]).found(np.random.default_rng(1).integers(0, 255, still.shape).astype(np.uint8)) == "everywhere"
slow = np.stack([np.roll(a, i // 2, 1) for i in range(16)])
assert Watched("any", "right", slow).found(slow) == "right"
print("ok")
END

done_testing;

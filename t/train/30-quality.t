#!/usr/bin/perl
# What the proof of quality is made of: numbers that compare pictures against known values, and textures.
use strict;
use warnings;
use File::Temp qw(tempdir);
use Test::More;

my $root = $ENV{GEMPIX_SRC} // '.';
my $python = '/usr/bin/python3';
my $missing = qx{$python -c 'import torch, numpy, PIL, cairo' 2>&1};
plan skip_all => 'needs python3-torch, python3-numpy, python3-pil and python3-cairo' if $? != 0;

my $dir = tempdir(CLEANUP => 1);
$ENV{PYTHONDONTWRITEBYTECODE} = 1;
$ENV{OMP_NUM_THREADS} = 1;
$ENV{PYTHONPATH} = "$root/render/train";

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

is python(<<'END'), 'ok', 'PSNR and SSIM of known pictures';
import numpy as np, quality_measures as m
a = np.random.default_rng(1).integers(20, 230, (64, 64, 3)).astype(np.uint8)
b = a + 10
assert m.psnr(a, a) == m.PEAK and abs(m.psnr(a, b) - 28.1308) < 1e-4, m.psnr(a, b)
half = np.zeros((64, 64)); half[:, :32] = 1
c = a.copy(); c[:, 32:] += 20
assert m.psnr(a, c, half) == m.PEAK and abs(m.psnr(a, c, 1 - half) - 22.1102) < 1e-4
assert abs(m.psnr(a, c) - (22.1102 + 10 * np.log10(2))) < 1e-4
assert m.ssim(a, a) == 1
flat, light = np.full((32, 32, 3), 100, np.uint8), np.full((32, 32, 3), 120, np.uint8)
want = (2 * 100 * 120 + 6.5025) / (100 ** 2 + 120 ** 2 + 6.5025)
assert abs(m.ssim(flat, light) - want) < 1e-9, m.ssim(flat, light)
assert m.ssim(a, np.random.default_rng(2).permutation(a.reshape(-1, 3)).reshape(a.shape)) < 0.1
print("ok")
END

is python(<<'END'), 'ok', 'the Frechet distance of normal distributions is the one in closed form';
import numpy as np, quality_measures as m
r = np.random.default_rng(3)
x, y = r.standard_normal((20000, 6)), r.standard_normal((20000, 6))
assert abs(m.frechet(x, x)) < 1e-9
assert m.frechet(x, y) < 0.01, m.frechet(x, y)
far = m.frechet(x, 3 * y + 2)
assert abs(far - 6 * (2 ** 2 + (3 - 1) ** 2)) < 0.7, far
mixed = y @ np.linalg.qr(r.standard_normal((6, 6)))[0]
assert m.frechet(x, mixed) < 0.01
print("ok")
END

is python(<<'END'), 'ok', 'movement is found with its direction and speed, and where it is';
import numpy as np, quality_measures as m, textures
a = textures.texture("earth", 5)
dx, dy, share = m.movement([np.roll(a, 2 * i, 1) for i in range(8)])
assert abs(dx * 256 - 2) < 0.1 and abs(dy * 256) < 0.1 and share > 0.8, (dx, dy, share)
dx, dy, share = m.movement([np.roll(a, -2 * i, 0) for i in range(8)])
assert abs(dx * 256) < 0.1 and abs(dy * 256 + 2) < 0.1
assert m.movement([a] * 8) == (0.0, 0.0, 0.0)
part = [a.copy() for _ in range(8)]
for i, f in enumerate(part):
    f[128:, :128] = np.roll(a, 2 * i, 1)[128:, :128]
where = np.zeros((256, 256)); where[:128] = 1
assert m.movement(part, where=where)[2] == 0 and m.movement(part, where=1 - where)[2] > 0.4
mask = np.zeros((9, 9)); mask[4, 4] = 1
assert m.reach(mask, 2).sum() == 25 and m.reach(mask, 0).sum() == 1
print("ok")
END

is python(<<'END'), 'ok', 'textures are functions of their seed, full of light and dark, and unlike each other';
import numpy as np, textures
for name in textures.NAMES + textures.UNSEEN:
    a, b, c = (textures.texture(name, s, 96) for s in (1, 1, 2))
    assert a.shape == (96, 96, 3) and a.dtype == np.uint8, name
    assert np.array_equal(a, b) and not np.array_equal(a, c), name
    assert a.std() > 15 and 40 < a.mean() < 215, (name, a.mean(), a.std())
print("ok")
END

done_testing;

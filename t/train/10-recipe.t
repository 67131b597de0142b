#!/usr/bin/perl
# The recipe of the bundled model at toy size: scenes are functions of their seed, the tokenizer keeps its rules, every stage
# takes its steps and goes on from a checkpoint, and what is exported is what was trained.
use strict;
use warnings;
use File::Temp qw(tempdir);
use Test::More;

my $root = $ENV{GEMPIX_SRC} // '.';
my $python = '/usr/bin/python3';
my $missing = qx{$python -c 'import torch, numpy, PIL' 2>&1};
plan skip_all => 'needs python3-torch, python3-numpy and python3-pil' if $? != 0;

my $dir = tempdir(CLEANUP => 1);
my $recipe = "$root/render/train";
$ENV{PYTHONDONTWRITEBYTECODE} = 1;
$ENV{OMP_NUM_THREADS} = 1;
$ENV{PYTHONPATH} = $recipe;

# Runs a script and returns what it printed; the exit status is in $?.
sub python {
    my ($code) = @_;
    open my $out, '>', "$dir/check.py" or die $!;
    print $out $code;
    close $out;
    my $text = qx{$python $dir/check.py 2>&1};
    chomp $text;
    return $text;
}

is python(<<'END'), 'same other', 'a scene is a function of its seed';
import numpy as np, scenes
a, b, c = (scenes.draw(scenes.scene(s)) for s in (7, 7, 8))
print("same" if np.array_equal(a, b) and scenes.caption(scenes.scene(7), 1) == scenes.caption(scenes.scene(7), 1) else "differs",
      "equal" if np.array_equal(a, c) else "other")
END

is python(<<'END'), 'ok', 'every caption is made of whole words, fits the context and has no double space or wrong article';
import re, scenes, tokenizer, recipe
captions = [scenes.caption(scenes.scene(i), i % 6) for i in range(3000)]
tok = tokenizer.Tokenizer(tokenizer.learn(captions), recipe.CONTEXT)
end = tok.vocab[tokenizer.END]
assert end == max(tok.vocab.values()) == len(tok.vocab) - 1
for c in captions:
    ids = tok.encode(c)
    assert len(ids) == recipe.CONTEXT and ids.index(end) < recipe.CONTEXT - 1, c
    assert ids.index(end) - 1 == len(tokenizer.pieces(c)), c
    assert "  " not in c and not re.search(r"\ba [aeiou]|\ban [^aeiou]", c), c
print("ok")
END

is python(<<'END'), 'ok', 'bytes come first in the printable order, unknown words fall apart into bytes';
import tokenizer
tok = tokenizer.Tokenizer([], 40)
assert tok.vocab["!"] == 0 and tok.vocab["!</w>"] == 256 and tok.vocab["A"] == 32
assert tok.encode("\u00e9")[1:3] == [tok.vocab[tokenizer.BYTES[0xC3]], tok.vocab[tokenizer.BYTES[0xA9] + "</w>"]]
print("ok")
END

for my $stage (qw(vae latents unet)) {
    my $text = qx{$python $recipe/train.py $stage --work $dir/work --preset toy 2>&1};
    is $?, 0, "stage $stage runs" or diag $text;
}
my $again = qx{$python $recipe/train.py unet --work $dir/work --preset toy 2>&1};
like $again, qr/done after 2 steps/, 'a finished stage stays finished';

qx{$python $recipe/export.py --work $dir/work --out $dir/model 2>&1};
is $?, 0, 'the model is exported';
is qx{cd $dir/model && sha256sum --quiet -c SHA256SUMS 2>&1}, '', 'its files fit SHA256SUMS';
is python(<<"END"), 'ok', 'what was exported is what was trained, as f16';
import json, torch, tensors, recipe
from models import AutoencoderKL
ck = torch.load("$dir/work/vae.pt")
got = tensors.read("$dir/model/vae/diffusion_pytorch_model.safetensors")
names = [n for n, _ in AutoencoderKL(recipe.VAE).named_parameters()]
assert sorted(names) == sorted(got)
for name, value in zip(names, ck["ema"]):
    assert torch.equal(got[name], value.half().float()), name
print("ok")
END
my $wrong = qx{$python $recipe/train.py unte --work $dir/work 2>&1};
isnt $?, 0, 'a stage with a typo is refused';
like $wrong, qr/vae.*latents.*unet/, '… with the stages there are';
done_testing;

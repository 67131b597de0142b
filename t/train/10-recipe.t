#!/usr/bin/perl
# The recipe of the bundled model at toy size: the tokenizer keeps its rules, every stage takes its steps and goes on from a
# checkpoint, what is exported is what was trained, and the engine draws with it.
use strict;
use warnings;
use File::Temp qw(tempdir);
use Test::More;

my $root = $ENV{GEMPIX_SRC} // '.';
my $build = $ENV{GEMPIX_BUILD} // '.';
my $python = '/usr/bin/python3';
my $missing = qx{$python -c 'import torch, numpy, PIL, cairo' 2>&1};
plan skip_all => 'needs python3-torch, python3-numpy, python3-pil and python3-cairo' if $? != 0;

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

is python(<<'END'), 'ok', 'every caption and instruction is made of whole words, fits the context and has no double space or wrong article';
import re, tokenizer, recipe, world
from world import edits, scene, words
world.load()
texts = [words.caption(scene.scene(i), i % 6) for i in range(1500)] + [edits.edit(i)[1] for i in range(200)]
tok = tokenizer.Tokenizer(tokenizer.learn(texts), recipe.CONTEXT)
end = tok.vocab[tokenizer.END]
assert end == max(tok.vocab.values()) == len(tok.vocab) - 1
for c in texts:
    ids = tok.encode(c)
    assert len(ids) == recipe.CONTEXT and ids.index(end) < recipe.CONTEXT - 1, c
    assert ids.index(end) - 1 == len(tokenizer.pieces(c)), c
    assert "  " not in c and not re.search(r"\ba [aeio]|\ban [^aeiouh]", c), c
print("ok")
END

is python(<<'END'), 'ok', 'bytes come first in the printable order, unknown words fall apart into bytes';
import tokenizer
tok = tokenizer.Tokenizer([], 40)
assert tok.vocab["!"] == 0 and tok.vocab["!</w>"] == 256 and tok.vocab["A"] == 32
assert tok.encode("\u00e9")[1:3] == [tok.vocab[tokenizer.BYTES[0xC3]], tok.vocab[tokenizer.BYTES[0xA9] + "</w>"]]
print("ok")
END

my @stages = qw(words vae shards text unet distill inpaint edit motion clean decoder);
my $text = qx{$python $recipe/train.py @stages --work $dir/fit --preset toy 2>&1};
is $?, 0, 'every stage runs' or diag $text;
is_deeply [$text =~ /^(\w+): done after 2 steps/mg], [grep { !/^(words|shards)$/ } @stages], '… and takes its steps';
my $again = qx{$python $recipe/train.py unet --work $dir/fit --preset toy 2>&1};
like $again, qr/done after 2 steps/, 'a finished stage stays finished';

my $models = qx{$python $recipe/export.py --work $dir/fit --out $dir/models 2>&1};
is $?, 0, 'the models are exported';
is $models, join('', map { "$_\n" } qw(gempix-tiny gempix-tiny-fast gempix-tiny-inpaint gempix-tiny-edit gempix-tiny-motion gempix-tiny-cleanup)),
    '… all of them';
for my $name (split /\n/, $models) {
    is qx{cd $dir/models/$name && sha256sum --quiet -c SHA256SUMS 2>&1}, '', "$name: its files fit SHA256SUMS";
}
is python(<<"END"), 'ok', 'what was exported is what was trained, as f16';
import torch, tensors, recipe
from models import AutoencoderKL
ck, more = torch.load("$dir/fit/vae.pt"), torch.load("$dir/fit/decoder.pt")
trained = {**{k[4:]: v for k, v in ck["ema"].items()}, **more["ema"]}
got = tensors.read("$dir/models/gempix-tiny/vae/diffusion_pytorch_model.safetensors")
names = [n for n, _ in AutoencoderKL(recipe.VAE).named_parameters()]
assert sorted(names) == sorted(got)
for name in names:
    assert torch.equal(got[name], trained[name].half().float()), name
print("ok")
END
is python(<<"END"), 'ok', 'weights of 8 bits are within half a step of what was trained';
import torch, tensors
ck = torch.load("$dir/fit/edit.pt")
got = tensors.read("$dir/models/gempix-tiny-edit/unet/diffusion_pytorch_model.safetensors")
for name, value in got.items():
    e = ck["ema"]["unet." + name]
    rows = e.flatten(1) if e.ndim > 1 else e[None]
    step = rows.abs().amax(1) / 127 * 0.51 + 1e-3 * rows.abs().amax(1)
    assert ((value.view_as(rows) - rows).abs().amax(1) <= step + 1e-7).all(), name
print("ok")
END

SKIP: {
    my $engine = "$build/gempix-image";
    skip 'no build', 4 if !-x $engine;
    my $m = "$dir/models";
    my @ways = (
        ['four steps', '-m', "$m/gempix-tiny-fast", '-s', 4, '-g', 1, '--sampler', 'lcm'],
        ['inpainting', '-m', "$m/gempix-tiny-inpaint", '-s', 2, '-i', "$dir/a.png", '-k', "$dir/a.png"],
        ['an instruction', '-m', "$m/gempix-tiny-edit", '-s', 2, '-i', "$dir/a.png", '--edit'],
    );
    my $said = qx{$engine -m $m/gempix-tiny -p 'a red boat' -s 2 -S 1 -W 128 -H 128 -q -o $dir/a.png 2>&1};
    is $?, 0, 'the engine draws with the base model' or diag $said;
    for my $way (@ways) {
        my ($what, @args) = @$way;
        my @size = grep { $_ eq '-i' } @args ? () : qw(-W 128 -H 128);
        $said = qx{$engine @args @size -p 'a red boat' -S 1 -q -o $dir/b.png 2>&1};
        is $?, 0, "… $what" or diag $said;
    }
}
my $wrong = qx{$python $recipe/train.py unte --work $dir/fit 2>&1};
isnt $?, 0, 'a stage with a typo is refused';
like $wrong, qr/vae.*unet.*edit/, '… with the stages there are';
done_testing;

#!/usr/bin/perl
# gempix-image from the outside: pictures, words for wrong usage, and models that are broken in many ways.
use strict;
use warnings;

use File::Copy qw(copy);
use File::Find qw(find);
use File::Path qw(make_path);
use File::Temp qw(tempdir);
use IPC::Open3 qw(open3);
use JSON::PP;
use Symbol qw(gensym);
use Test::More;

my $image = "$ENV{GEMPIX_BUILD}/gempix-image";
my $data  = "$ENV{GEMPIX_SRC}/t/data";
my $dir   = tempdir('gempix-image-XXXXXX', TMPDIR => 1, CLEANUP => 1);

# Runs gempix-image; (status, stdout, stderr). The output is small, so no pipe can fill up.
sub run_image {
    my @args = @_;
    my $pid  = open3(my $in, my $out, my $err = gensym, $image, @args);
    close $in;
    local $/;
    my ($o, $e) = (scalar <$out>, scalar <$err>);
    waitpid $pid, 0;
    return ($? & 127 ? "signal " . ($? & 127) : $? >> 8, $o // '', $e // '');
}

sub slurp {
    my ($path) = @_;
    open my $f, '<:raw', $path or die "$path: $!";
    local $/;
    return scalar <$f>;
}

sub spew {
    my ($path, $bytes) = @_;
    open my $f, '>:raw', $path or die "$path: $!";
    print {$f} $bytes or die "$path: $!";
    close $f or die "$path: $!";
    return;
}

my @good = ('-m', "$data/tiny-a", '-p', 'a red sun', '-s', 2, '-S', 5);

subtest 'pictures' => sub {
    my ($rc, $out, $err) = run_image(@good, '-o', "$dir/a.png");
    is $rc, 0, 'a PNG' or diag $err;
    is $err, '', 'without a bar when nobody watches';
    like $out, qr{^\Q$dir\E/a\.png: 64x64, seed 5, [0-9.]+ s$}, 'says what it made';
    is substr(slurp("$dir/a.png"), 0, 8), "\x89PNG\r\n\x1a\n", 'which is a PNG';
    like slurp("$dir/a.png"), qr/Steps: 2, Sampler: DDIM, CFG scale: 5, Seed: 5, Size: 64x64, Model: tiny-a/,
        'with its parameters inside';
    like slurp("$dir/a.png"), qr/trainedAlgorithmicMedia/, 'and the mark of its origin';
    ($rc) = run_image(@good, '-o', "$dir/b.png", '-t', 3);
    is $rc, 0, 'again, with three threads';
    ok slurp("$dir/a.png") eq slurp("$dir/b.png"), 'gives the same file';
    ($rc, $out) = run_image(@good, '-q', '-W', 32, '-H', 48, '--sampler', 'euler', '-c', 2, '-o', "$dir/c.jpg");
    is $rc, 0, 'two JPEGs' or diag $err;
    is $out, '', 'quietly';
    is substr(slurp("$dir/c-$_.jpg"), 0, 2), "\xff\xd8", "number $_ is a JPEG" for 1, 2;
    ok !-e "$dir/c.jpg", 'and no other file';
};

# A picture to begin with, and a mask that is white in its right half; made with the engine, cut by hand.
sub spew_png {
    my ($path, $w, $h, $pixel) = @_;
    require Compress::Zlib;
    my $rows = join '', map { my $y = $_; "\0" . join '', map { pack 'C3', $pixel->($_, $y) } 0 .. $w - 1 } 0 .. $h - 1;
    my $png = "\x89PNG\r\n\x1a\n";
    for (['IHDR', pack('NNC5', $w, $h, 8, 2, 0, 0, 0)], ['IDAT', Compress::Zlib::compress($rows)], ['IEND', '']) {
        my ($name, $data) = @$_;
        $png .= pack('N', length $data) . $name . $data . pack('N', Compress::Zlib::crc32($name . $data));
    }
    return spew($path, $png);
}

subtest 'pictures from pictures' => sub {
    my ($source, $mask) = ("$dir/source.png", "$dir/mask.png");
    spew_png($source, 100, 80, sub { ($_[0] * 2, $_[1] * 3, 90) });
    spew_png($mask, 100, 80, sub { (($_[0] > 50) x 3) ? (255) x 3 : (0) x 3 });
    my @from = (@good, '-i', $source, '-q');
    my ($rc, undef, $err) = run_image(@from, '-o', "$dir/i1.png");
    is $rc, 0, 'a variation' or diag $err;
    like slurp("$dir/i1.png"), qr/Size: 100x80/, 'of the size of its source';
    ($rc, undef, $err) = run_image(@from, '--strength', 0.5, '-W', 32, '-H', 48, '-o', "$dir/i2.png", '--sampler', 'dpm-karras');
    is $rc, 0, 'a smaller one' or diag $err;
    like slurp("$dir/i2.png"), qr/DPM\+\+ 2M Karras,.*Size: 32x48,.*Denoising strength: 0\.5/, 'says so';
    ($rc, undef, $err) = run_image(@from, '-k', $mask, '-o', "$dir/i3.png");
    is $rc, 0, 'one half repainted' or diag $err;
    ok slurp("$dir/i3.png") ne slurp("$dir/i1.png"), 'is another picture';
    ($rc, undef, $err) = run_image(@from, '-k', $mask, '--close-up', '-W', 32, '-H', 32, '-o', "$dir/i5.png");
    is $rc, 0, 'the same as a close-up' or diag $err;
    is unpack('x16 N', slurp("$dir/i5.png")), 100, 'has the size of the whole';
    ($rc, undef, $err) = run_image('-m', "$data/tiny-edit", '-p', 'a boat', '-s', 2, '-S', 5, '-q', '-i', $source, '--edit',
        '--image-guidance', 1.2, '--sampler', 'euler-a', '-W', 24, '-H', 24, '-o', "$dir/i4.png");
    is $rc, 0, 'by an instruction' or diag $err;
    for my $case (
        [2, qr/--edit, --mask and --strength need a picture/, @good, '--strength', 0.5],
        [2, qr/--close-up goes with --mask alone/, @from, '--close-up'],
        [2, qr/--edit goes without --mask/, @from, '--edit', '-k', $mask],
        [2, qr/--image-guidance goes with --edit/, @from, '--image-guidance', 2],
        [2, qr/--strength needs a number from 0\.001 to 1, not "2"/, @from, '--strength', 2],
        [2, qr/for one picture/, @from, '--checkpoint', "$dir/s", '-c', 2],
        [2, qr/name its seed with -S/, '-m', "$data/tiny-a", '-p', 'a', '--resume', "$dir/s"],
        [1, qr/cannot change pictures by an instruction/, @from, '--edit'],
        [1, qr/changes pictures by an instruction and can do nothing else/, '-m', "$data/tiny-edit", '-p', 'a'],
        [1, qr/repaints parts of pictures/, '-m', "$data/tiny-inpaint", '-p', 'a'],
        [1, qr/mask has 64 x 64 pixels, the picture 100 x 80/, @from, '-k', "$dir/a.png"],
        [1, qr/With a strength of 0\.1 no step is left; use 10 steps/, @from, '--strength', 0.1],
        [1, qr/cannot be (?:read|opened)|no such file/i, @good, '-i', "$dir/nothing.png"],
    ) {
        my ($status, $words, @args) = @$case;
        ($rc, undef, $err) = run_image(@args, '-o', "$dir/x.png");
        is $rc, $status, "refused: @args[-2, -1]";
        like $err, $words, '  in words';
    }
};

subtest 'clips' => sub {
    my @clip = ('-m', "$data/tiny-lcm", '-p', 'a', '-s', 2, '-S', 5, '-q', '-o', "$dir/clip.png");
    my ($rc, undef, $err) = run_image(@clip, '--motion', "$data/motion", '--frames', 3);
    is $rc, 0, 'three frames' or diag $err;
    ok -s "$dir/clip-$_.png", "frame $_" for 1 .. 3;
    ok slurp("$dir/clip-1.png") ne slurp("$dir/clip-3.png"), 'which differ';
    ($rc, undef, $err) = run_image(@clip, '--motion', "$data/motion");
    is $rc, 2, 'no number of frames';
    like $err, qr/A clip needs both/, '  in words';
    ($rc, undef, $err) = run_image(@clip, '--motion', "$data/motion", '--frames', 1025);
    is $rc, 2, 'too many frames';
    like $err, qr/--frames needs a whole number from 2 to 1024/, '  in words';
};

subtest 'batches and states' => sub {
    my @more = (@good, '-q', '-c', 3);
    my ($rc, undef, $err) = run_image(@more, '-o', "$dir/one.png");
    is $rc, 0, 'three pictures, one after the other' or diag $err;
    ($rc, undef, $err) = run_image(@more, '--batch', 2, '-o', "$dir/two.png");
    is $rc, 0, 'and two at once' or diag $err;
    ok slurp("$dir/one-$_.png") eq slurp("$dir/two-$_.png"), "number $_ has the same bytes" for 1 .. 3;
    my @long = (@good, '-q', '-s', 400, '-o', "$dir/long.png", '--checkpoint', "$dir/state");
    my $pid = fork // die "fork: $!";
    if (!$pid) {
        exec $image, @long or die "exec: $!";
    }
    for (1 .. 400) {
        last if -s "$dir/state";
        select undef, undef, undef, 0.01;
    }
    kill 'KILL', $pid;
    waitpid $pid, 0;
    ok -s "$dir/state" && !-e "$dir/long.png", 'killed, it leaves a state and no picture';
    ($rc, undef, $err) = run_image(@long, '--resume', "$dir/state");
    is $rc, 0, 'it goes on' or diag $err;
    ok !-e "$dir/state", 'and takes the state away';
    ($rc) = run_image(@good, '-q', '-s', 400, '-o', "$dir/whole.png");
    ok slurp("$dir/long.png") eq slurp("$dir/whole.png"), 'to the same picture';
    ($rc, undef, $err) = run_image(@good, '-q', '-o', "$dir/x.png", '--resume', "$dir/a.png");
    is $rc, 1, 'what is no state is refused';
    like $err, qr/does not belong to this picture/, '  in words';
    ($rc, undef, $err) = run_image(@good, '-q', '-o', "$dir/x.png", '--checkpoint', "$dir/no/where");
    is $rc, 1, 'a state that cannot be kept stops the picture';
    like $err, qr/cannot be written/, '  in words';
};

subtest 'usage' => sub {
    my ($rc, $out, $err) = run_image('--help');
    is $rc, 0, '--help';
    like $out, qr/^Usage: gempix-image.*--guidance/s, 'explains the options';
    for my $case (
        [qr/unrecognized option '--stepz'/, @good, '--stepz', 3, '-o', "$dir/x.png"],
        [qr/--steps needs a whole number from 1/, '-s', 'many'],
        [qr/--steps needs a whole number from 1/, '-s', '3x'],
        [qr/--seed needs a whole number from 0 to 4294967295/, '-S', '4294967296'],
        [qr/--guidance needs a number/, '-g', 'high'],
        [qr/--sampler is ddim, euler, .* or lcm, not "eular"/, '--sampler', 'eular'],
        [qr/Which model/, '-p', 'a', '-o', "$dir/x.png"],
        [qr/What shall the picture show/, '-m', "$data/tiny-a", '-o', "$dir/x.png"],
        [qr/Where shall the picture go/, @good],
        [qr/must end in \.png, \.jpg, \.jpeg or \.webp/, @good, '-o', "$dir/x.gif"],
        [qr/a word too many/, @good, '-o', "$dir/x.png", 'sun'],
    ) {
        my ($want, @args) = @$case;
        ($rc, $out, $err) = run_image(@args);
        is $rc, 2, "refused: @args[-2, -1]";
        like $err, $want, 'in plain words';
    }
};

subtest 'what suits the model' => sub {
    my @made = ('-p', 'a red sun', '-S', 5, '-o', "$dir/suits.png");
    my ($rc, undef, $err) = run_image('-m', "$data/tiny-a", '-v', @made);
    is $rc, 0, 'with nothing said';
    is $err, "25 steps (usual), guidance 5 (usual), sampler ddim (the scheduler), 64x64 pixels (the model)\n", 'DDIM';
    (undef, undef, $err) = run_image('-m', "$data/tiny-lcm", '-v', @made);
    like $err, qr/^4 steps \(LCM\), guidance 8 \(LCM\), sampler lcm \(the model\)/, 'a model that is an LCM';
    (undef, undef, $err) = run_image('-m', "$data/tiny-a", '-v', '--sampler', 'lcm', @made);
    like $err, qr/^4 steps \(LCM\), guidance 1 \(LCM\), sampler lcm \(given\)/, 'one that is made an LCM';
    my $model = "$dir/advised";
    system 'cp', '-rL', "$data/tiny-a", $model;
    spew("$model/gempix-model.json", encode_json({format => 1, defaults => {steps => 3, guidance => 2.5, sampler => 'euler-a',
        width => 32, height => 48}}));
    (undef, undef, $err) = run_image('-m', $model, '-v', @made);
    is $err, "3 steps (the manifest), guidance 2.5 (the manifest), sampler euler-a (the manifest), 32x48 pixels (the manifest)\n",
        'a manifest';
    like slurp("$dir/suits.png"), qr/Steps: 3, Sampler: Euler a, CFG scale: 2.5, Seed: 5, Size: 32x48/, 'and that is drawn';
    (undef, undef, $err) = run_image('-m', $model, '-v', '-s', 2, '-g', 0, '--sampler', 'dpm', '-W', 64, '-H', 64, @made);
    is $err, "2 steps (given), guidance 0 (given), sampler dpm (given), 64x64 pixels (given)\n", 'what is given counts';
    spew("$model/gempix-model.json", '{"format": 1, "defaults": {"sampler": "heun"}}');
    ($rc, undef, $err) = run_image('-m', $model, @made);
    like $err, qr/manifest wants a sampler "heun"/, 'a sampler that there is not';
    ($rc) = run_image('-m', $model, '--sampler', 'ddim', @made);
    is $rc, 0, 'which harms nobody who says another';
};

subtest 'failures' => sub {
    my ($rc, $out, $err) = run_image(@good, '-W', 30, '-o', "$dir/x.png");
    is $rc, 1, 'a width between the multiples';
    like $err, qr/width must be a multiple of 4/, 'is explained';
    ($rc, $out, $err) = run_image(@good, '-o', "$dir/none/x.png");
    is $rc, 1, 'a folder that is not there';
    like $err, qr{none/x\.png cannot be written: No such file}, 'is named';
    ($rc, $out, $err) = run_image('-m', "$dir/nothing", '-p', 'a', '-o', "$dir/x.png");
    is $rc, 1, 'a model that is not there';
    like $err, qr/There is no model in \Q$dir\E\/nothing/, 'is named';
    ok !-e "$dir/x.png", 'no file is left';
};

# A copy of tiny-a that may be broken.
my $copies = 0;

sub copy_model {
    my $to = "$dir/model-" . ++$copies;
    find({no_chdir => 1, wanted => sub {
        return if !-f $_ || /expect|prompts/;
        my $target = $to . substr $_, length "$data/tiny-a";
        make_path($target =~ s{/[^/]*$}{}r);
        copy($_, $target) or die "$target: $!";
    }}, "$data/tiny-a");
    return $to;
}

sub change_json {
    my ($path, $change) = @_;
    my $json = decode_json(slurp($path));
    $change->($json);
    spew($path, encode_json($json));
    return;
}

# Changes a safetensors file: the header as a Perl structure and the data as bytes, by reference.
sub change_weights {
    my ($path, $change) = @_;
    my $bytes  = slurp($path);
    my $size   = unpack 'Q<', $bytes;
    my $header = decode_json(substr $bytes, 8, $size);
    my $values = substr $bytes, 8 + $size;
    $change->($header, \$values);
    my $text = encode_json($header);
    spew($path, pack('Q<', length $text) . $text . $values);
    return;
}

sub broken {
    my ($what, $want, $break) = @_;
    my $model = copy_model();
    $break->($model);
    my ($rc, $out, $err) = run_image('-m', $model, '-p', 'a', '-s', 1, '-o', "$dir/x.png");
    is $rc, 1, $what;
    like $err, $want, 'is told by name';
    ok !-e "$dir/x.png", 'and leaves no file';
    return;
}

my $unet = 'unet/diffusion_pytorch_model.safetensors';
my $vae  = 'vae/diffusion_pytorch_model.safetensors';

subtest 'broken models' => sub {
    broken 'a missing tensor', qr/lacks the tensor mid_block\.resnets\.1\.conv2\.weight, expected with shape \[40, 40, 3, 3\]/,
        sub {
            change_weights("$_[0]/$unet", sub {
                $_[0]{renamed} = delete $_[0]{'mid_block.resnets.1.conv2.weight'};
            });
        };
    broken 'a wrong shape', qr/tensor conv_in\.weight has shape \[4, 16, 3, 3\], expected \[16, 4, 3, 3\]/, sub {
        change_weights("$_[0]/$unet", sub { $_[0]{'conv_in.weight'}{shape} = [4, 16, 3, 3] });
    };
    broken 'a NaN in the U-Net', qr/unet layer up_blocks\.1\.resnets\.0/, sub {
        change_weights("$_[0]/$unet", sub {
            my ($header, $values) = @_;
            substr $$values, $header->{'up_blocks.1.resnets.0.conv1.weight'}{data_offsets}[0], 2, "\x01\x7e";
        });
    };
    broken 'infinity in the autoencoder', qr/vae layer decoder\.up_blocks\.2\.resnets\.1/, sub {
        change_weights("$_[0]/$vae", sub {
            my ($header, $values) = @_;
            substr $$values, $header->{'decoder.up_blocks.2.resnets.1.conv2.bias'}{data_offsets}[0], 2, "\x00\x7c";
        });
    };
    broken 'a file that ends early', qr/not a valid safetensors file/, sub {
        truncate "$_[0]/$unet", 100_000 or die $!;
    };
    broken 'no weights', qr/no weight file diffusion_pytorch_model\.safetensors/, sub { unlink "$_[0]/$vae" };
    broken 'an activation we lack', qr/unet.*"act_fn": "mish"/, sub {
        change_json("$_[0]/unet/config.json", sub { $_[0]{act_fn} = 'mish' });
    };
    broken 'class embeddings', qr/unet sets "class_embed_type"/, sub {
        change_json("$_[0]/unet/config.json", sub { $_[0]{class_embed_type} = 'timestep' });
    };
    broken 'a block we lack', qr/"AttnDownBlock2D" in "down_block_types"/, sub {
        change_json("$_[0]/unet/config.json", sub { $_[0]{down_block_types}[1] = 'AttnDownBlock2D' });
    };
    broken 'heads that do not divide', qr/3 heads for a width of 16/, sub {
        change_json("$_[0]/unet/config.json", sub { $_[0]{attention_head_dim} = 3 });
    };
    broken 'groups that do not divide', qr/cannot be cut into 7 groups/, sub {
        change_json("$_[0]/unet/config.json", sub { $_[0]{norm_num_groups} = 7 });
    };
    broken 'another autoencoder', qr/vae is a "AsymmetricAutoencoderKL"/, sub {
        change_json("$_[0]/vae/config.json", sub { $_[0]{_class_name} = 'AsymmetricAutoencoderKL' });
    };
    broken 'two text encoders', qr/text_encoder_2/, sub {
        change_json("$_[0]/model_index.json", sub { $_[0]{text_encoder_2} = ['transformers', 'CLIPTextModel'] });
    };
    broken 'another scheduler', qr/scheduler is a "FlowMatchEulerDiscreteScheduler"/, sub {
        change_json("$_[0]/scheduler/scheduler_config.json", sub { $_[0]{_class_name} = 'FlowMatchEulerDiscreteScheduler' });
    };
    broken 'merges that are no pairs', qr/Line 2 of the tokenizer's merges\.txt is no pair/, sub {
        spew("$_[0]/tokenizer/merges.txt", "#version: 0.2\nabc\n");
    };
    broken 'a vocabulary with a hole', qr/vocab\.json lacks "q"/, sub {
        change_json("$_[0]/tokenizer/vocab.json", sub { delete $_[0]{q} });
    };
    broken 'no tokenizer', qr/vocab\.json/, sub { unlink "$_[0]/tokenizer/vocab.json" };
};

subtest 'other layouts' => sub {
    my $model = copy_model();
    rename "$model/$vae", "$model/vae/diffusion_pytorch_model.fp16.safetensors" or die $!;
    my ($rc, $out, $err) = run_image('-m', $model, '-p', 'a red sun', '-s', 2, '-S', 5, '-o', "$dir/v.png");
    is $rc, 0, 'an fp16 variant' or diag $err;
    my ($first) = slurp("$dir/v.png") =~ /(IDAT.*)/s;
    my ($plain) = slurp("$dir/a.png") =~ /(IDAT.*)/s;
    ok $first eq $plain, 'gives the same pixels';
};

subtest 'interrupted' => sub {
    my $pid = fork // die $!;
    if ($pid == 0) {
        exec $image, @good, '-q', '-s', 1000, '-W', 256, '-H', 256, '-o', "$dir/i.png" or die $!;
    }
    select undef, undef, undef, 0.5;
    kill INT => $pid;
    waitpid $pid, 0;
    is $? >> 8, 130, 'Ctrl-C ends it with 130';
    ok !-e "$dir/i.png", 'and without a file';
};

done_testing;

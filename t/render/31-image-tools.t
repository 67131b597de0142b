#!/usr/bin/perl
# The subcommands of gempix-image that change a picture, from the outside.
use strict;
use warnings;

use Compress::Zlib qw(compress crc32);
use File::Temp qw(tempdir);
use IPC::Open3 qw(open3);
use Symbol qw(gensym);
use Test::More;

my $image = "$ENV{GEMPIX_BUILD}/gempix-image";
my $data  = "$ENV{GEMPIX_SRC}/t/data";
my $dir   = tempdir('gempix-tools-XXXXXX', TMPDIR => 1, CLEANUP => 1);

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

sub png_size {
    my ($path) = @_;
    open my $f, '<:raw', $path or return 'no file';
    read $f, my $head, 24;
    return join 'x', unpack 'x16NN', $head;
}

sub png_chunk {
    my ($kind, $bytes) = @_;
    return pack('N', length $bytes) . $kind . $bytes . pack('N', crc32($kind . $bytes));
}

# A grey PNG with a white box [x0, x1) x [y0, y1).
sub write_mask {
    my ($path, $w, $h, $x0, $y0, $x1, $y1) = @_;
    my $rows = '';
    for my $y (0 .. $h - 1) {
        $rows .= "\0" . join '', map { $y >= $y0 && $y < $y1 && $_ >= $x0 && $_ < $x1 ? "\xff" : "\0" } 0 .. $w - 1;
    }
    open my $f, '>:raw', $path or die "$path: $!";
    print {$f} "\x89PNG\r\n\x1a\n", png_chunk('IHDR', pack 'NNCCCCC', $w, $h, 8, 0, 0, 0, 0),
        png_chunk('IDAT', compress($rows)), png_chunk('IEND', '');
    close $f or die "$path: $!";
    return;
}

my @made = run_image('-m', "$data/tiny-a", '-p', 'a boat', '-o', "$dir/in.png", '-W', 48, '-H', 32, '-s', 1, '-q');
is($made[0], 0, 'a picture to work on');

my @up = ('upscale', '-m', "$data/nets/compact.safetensors", '-i', "$dir/in.png");
my ($status, $out, $err) = run_image(@up, '-o', "$dir/out.png");
is($status, 0, 'upscale') or diag $err;
like($out, qr/\Q$dir\E\/out\.png: 192x128, /, 'says what it wrote');
is(png_size("$dir/out.png"), '192x128', 'four times as wide and high');
($status) = run_image(@up, '-x', 2, '-o', "$dir/half.png", '-q');
is("$status " . png_size("$dir/half.png"), '0 96x64', 'twice');

($status, $out, $err) = run_image('upscale', '--help');
like("$status $out", qr/\A0 Usage: gempix-image upscale/, 'help');
write_mask("$dir/mask.png", 48, 32, 10, 8, 20, 18);
write_mask("$dir/small.png", 24, 32, 10, 8, 20, 18);
my @clean = ('cleanup', '-m', "$data/nets/lama.safetensors", '-i', "$dir/in.png", '--mask');
($status, $out, $err) = run_image(@clean, "$dir/mask.png", '-o', "$dir/clean.png", '--grow', 2, '--fill');
is($status, 0, 'cleanup') or diag $err;
like($out, qr/\Q$dir\E\/clean\.png: 48x32, .*\nfilled by the network\n/, 'says what it wrote, and how');
($status, $out, $err) = run_image('cleanup', @clean[3 .. 5], "$dir/mask.png", '-o', "$dir/clean.webp", '--fill');
is("$status $err", '0 ', 'without weights');
like($out, qr/clean\.webp: 48x32, .*\nfilled from the picture's texture\n/, 'the texture must do');
($status, $out, $err) = run_image('upscale', '-m', 'x', '-i', 'x.png', '-o', 'y.png', '--fill');
is($status, 2, 'no other tool knows --fill');
is(png_size("$dir/clean.png"), '48x32', 'of the same size');
($status, $out, $err) = run_image('cleanup', '--help');
like("$status $out", qr/\A0 Usage: gempix-image cleanup/, 'help');
($status, $out, $err) = run_image('cleanup', '-i', "$dir/in.png", '--find', '--show-mask', "$dir/found.png", '-o', "$dir/off.png");
is("$status $out", "3 No mark was found.\n", 'no mark, and it says so');
ok(!-e "$dir/found.png" && !-e "$dir/off.png", '… and writes nothing');
for my $case (
    ['a mask and the wish to find one' => 2, qr/Either --find or --mask/, @clean, "$dir/mask.png", '--find', '-o', "$dir/x.png"],
    ['a mask to be shown that nobody looks for' => 2, qr/goes with --find/, @clean, "$dir/mask.png", '--show-mask', "$dir/x.png"],
    ['finding, without a place' => 2, qr/Where shall/, 'cleanup', '-i', "$dir/in.png", '--find'],
    ['an upscaler that shall find' => 2, qr/--help/, @up, '-o', "$dir/x.png", '--find'],
    ['no mask' => 2, qr/What shall be filled/, @clean[0 .. 4], '-o', "$dir/x.png"],
    ['a mask of another size' => 1, qr/24 x 32/, @clean, "$dir/small.png", '-o', "$dir/x.png"],
    ['a network of another kind' => 1, qr/no LaMa/, 'cleanup', '-m', "$data/nets/rrdb.safetensors", @clean[3 .. 5], "$dir/mask.png", '-o', "$dir/x.png"],
    ['an upscaler of another kind' => 1, qr/cannot be used/, 'upscale', '-m', "$data/nets/lama.safetensors", '-i', "$dir/in.png", '-o', "$dir/x.png"],
    ['without a model' => 2, qr/Which model/, 'upscale', '-i', "$dir/in.png", '-o', "$dir/x.png"],
    ['without a picture' => 2, qr/Which picture/, 'upscale', '-m', 'x', '-o', "$dir/x.png"],
    ['without a place' => 2, qr/Where shall/, @up],
    ['a wrong ending' => 2, qr/Where shall/, @up, '-o', 'x.gif'],
    ['a word too many' => 2, qr/a word too many/, @up, '-o', "$dir/x.png", 'word'],
    ['a size that is no number' => 2, qr/whole number/, @up, '-o', "$dir/x.png", '-x', 'two'],
    ['a size that cannot be' => 1, qr/enlarges 4 times, not 3/, @up, '-o', "$dir/x.png", '-x', 3],
    ['a mask' => 2, qr/--help/, @up, '-o', "$dir/x.png", '--mask', 'x.png'],
    ['no such model' => 1, qr/no model at/, 'upscale', '-m', "$dir/none.safetensors", '-i', "$dir/in.png", '-o', "$dir/x.png"],
    ['a model of another name' => 1, qr/NAME\.safetensors/, 'upscale', '-m', "$dir/in.png", '-i', "$dir/in.png", '-o', "$dir/x.png"],
    ['no such picture' => 1, qr/cannot be read/, 'upscale', '-m', "$data/nets/compact.safetensors", '-i', "$dir/none.png", '-o', "$dir/x.png"],
    ['no picture at all' => 1, qr/PNG|JPEG|picture/, 'upscale', '-m', "$data/nets/compact.safetensors", '-i', $0, '-o', "$dir/x.png"],
) {
    my ($what, $want, $words, @args) = @$case;
    ($status, $out, $err) = run_image(@args);
    is($status, $want, $what);
    like($err, $words, "  $err" =~ s/\n.*//sr);
    ok(!-e "$dir/x.png", '  and writes nothing');
}

done_testing;

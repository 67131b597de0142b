#!/usr/bin/perl
# gempix-convert: the same picture in another format, with what it says about itself; nothing for what is no picture.
use Gempix::Test;

my $convert = build() . '/gempix-convert';
my $folder = tempdir();
my $picture = slurp(source() . '/app/static/icon-192.png');

sub convert
{
    my ($format, $bytes, @limits) = @_;
    @limits = (8 << 20, 4 << 20) if !@limits;
    spew("$folder/in", $bytes);
    # It may write to no file, only to a pipe.
    return run(['/bin/bash', '-o', 'pipefail', '-c', '"$0" "$@" < ' . "$folder/in | cat", $convert, $format, @limits]);
}

sub chunk
{
    my ($name, $data) = @_;
    require Compress::Zlib;
    return pack('N', length $data) . $name . $data . pack 'N', Compress::Zlib::crc32($name . $data);
}

# A picture with notes as the render daemon writes them.
my $noted = substr($picture, 0, 33) .
    chunk('iTXt', "XML:com.adobe.xmp\0\0\0\0\0<x>http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia</x>") .
    chunk('tEXt', "parameters\0a red sun\nSteps: 10, Seed: 7") . substr $picture, 33;

my %begins = (png => '89504e47', jpeg => 'ffd8ff', webp => '52494646');
my %converted;
for my $format (sort keys %begins) {
    my ($status, $out) = convert($format, $noted);
    is($status, 0, "to $format");
    like(unpack('H*', $out), qr/^$begins{$format}/, '... is one');
    like($out, qr{digitalsourcetype/trainedAlgorithmicMedia}, '... and still says that a machine made it');
    $converted{$format} = $out;
}
like($converted{png}, qr/parameters\0a red sun\nSteps: 10, Seed: 7/, 'the parameters stay');
my ($status, $out) = convert('png', $converted{webp});
is($status, 0, 'and back again');
is(substr($out, 16, 8), substr($picture, 16, 8), '... in the same size');

for my $case (['nothing', ''], ['text', 'no picture'], ['half a picture', substr($picture, 0, 3000)],
    ['a chunk that claims too much', substr($picture, 0, 33) . pack('N', 0x7fffffff) . 'tEXt' . 'parameters']) {
    ($status, $out) = convert('jpeg', $case->[1]);
    is($status, 1, "$case->[0] is refused");
    is($out, '', '... without a byte');
}
($status, $out) = convert('jpeg', $picture, 1000, 4 << 20);
is("$status$out", '1', 'too many bytes');
($status, $out) = convert('jpeg', $picture, 8 << 20, 100);
is("$status$out", '1', 'too many pixels');
($status, $out) = convert('bmp', $picture);
is("$status$out", '1', 'no other format');
done_testing();

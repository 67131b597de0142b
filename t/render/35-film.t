#!/usr/bin/perl
# gempix-image animate from the outside: films that ffprobe reads, words for wrong usage, places that cannot be
# written, an interrupt.
use Gempix::Test;
use Time::HiRes qw(sleep);

my $image = build() . '/gempix-image';
my $data  = source() . '/t/data';
my $dir   = tempdir();
my @MODEL = ('-m', "$data/tiny-lcm");
my @WORDS = (@MODEL, '--motion', "$data/motion", '-s', 2, '-S', 1, '-p', 'a boat sailing left');
my @STILL = (@MODEL, '--motion', "$data/motion/continue", '-s', 2, '-S', 1, '-p', 'a boat sailing left');

# Status, what was said, and what was complained about.
sub animate
{
    my @args = @_;
    return run([$image, 'animate', @args], apart => 1);
}

sub probe
{
    my ($file) = @_;
    my (undef, $out) = run(['ffprobe', '-v', 'error', '-count_frames', '-show_streams', '-show_format', $file]);
    return $out;
}

# The pixels of one frame, as bytes.
sub frame
{
    my ($file, $number) = @_;
    my (undef, $out) = run(['ffmpeg', '-v', 'error', '-i', $file, '-vf', "select=eq(n\\,$number)", '-f', 'rawvideo',
        '-pix_fmt', 'rgb24', '-frames:v', 1, '-']);
    return $out;
}

my ($status, $out, $err) = animate(@WORDS, '-o', "$dir/words.mp4", '--frames', 6, '--fps', 12);
is($status, 0, 'a film from words') or diag($err);
like($out, qr{\A\S+words\.mp4: 24x24, 6 frames, 0\.5 s long, seed 1, [\d.]+ s\n\z}, '  is told of');
my $seen = probe("$dir/words.mp4");
like($seen, qr/^nb_read_frames=6$/m,            '  has its frames');
like($seen, qr{^r_frame_rate=12/1$}m,           '  and so many a second');
like($seen, qr/^TAG:comment=a boat sailing left$/m, '  and says what it was made from');
my $bytes = slurp("$dir/words.mp4");
like($bytes, qr{digitalsourcetype/trainedAlgorithmicMedia<}, '  and that a machine made it');
animate(@WORDS, '-o', "$dir/again.mp4", '--frames', 6, '--fps', 12, '-t', 1);
ok(slurp("$dir/again.mp4") eq $bytes, '  the same with one thread');

# A still in one colour of 64 x 48 pixels.
my ($r, $g, $b) = (200, 120, 40);
run(['ffmpeg', '-v', 'error', '-f', 'lavfi', '-i', 'color=0xc87828:s=64x48,format=rgb24', '-frames:v', 1,
    "$dir/still.png"]);
($status, $out, $err) = animate(@STILL, '-o', "$dir/still.mp4", '--from', "$dir/still.png");
is($status, 0, 'a film from a still') or diag($err);
like($out, qr/: 64x48, 16 frames, 2 s long/, '  has its size, 16 frames and 8 a second');
my @pixels = unpack 'C*', frame("$dir/still.mp4", 0);
is(scalar @pixels, 64 * 48 * 3, '  can be decoded');
my @far = grep { abs($pixels[$_] - ($r, $g, $b)[$_ % 3]) > 6 } 0 .. $#pixels;
is(scalar @far, 0, '  and begins with the still');
like(slurp("$dir/still.mp4"), qr{digitalsourcetype/compositeWithTrainedAlgorithmicMedia<},
    '  and says that a machine made a part of it');
($status, $out) = animate(@STILL, '-o', "$dir/drawn.mp4", '--frames', 40, '-W', 32, '-H', 16);
like($out, qr/: 32x16, 40 frames/, 'more frames than the modules know, from a still that the model draws');
like(probe("$dir/drawn.mp4"), qr/^nb_read_frames=40$/m, '  are all there');

for my $case (
    ['no model',      [@WORDS[2 .. $#WORDS]],                        qr/Which model\?/],
    ['no modules',    [@MODEL, '-p', 'x'],                           qr/--motion/],
    ['no words',      [@MODEL, '--motion', 'x'],                     qr/What shall the film show\?/],
    ['no frames',     [@WORDS, '--frames', 1],                       qr/--frames needs a whole number from 2 to 1024/],
    ['no seconds',    [@WORDS, '--fps', 'many'],                     qr/--fps needs a whole number from 1 to 120, not "many"/],
    ['no sampler',    [@WORDS, '--sampler', 'best'],                 qr/--sampler is ddim, .* or lcm, not "best"/],
    ['another kind',  [@WORDS, '-o', "$dir/x.gif"],                  qr/ends in \.mp4/],
    ['a word too many', [@WORDS, 'left'],                            qr/too many/],
    ['a strange option', [@WORDS, '--mask', 'x'],                    qr/--help/],
  )
{
    my ($what, $args, $words) = @$case;
    ($status, undef, $err) = animate('-o', "$dir/x.mp4", @$args);
    is($status, 2, "$what: wrong usage");
    like($err, $words, '  and the reason');
}
for my $case (
    ['modules that are not there', [@MODEL, '--motion', "$dir/no", '-p', 'x'], qr/no motion modules at/],
    ['a still that is not there',  [@STILL, '--from', "$dir/no.png"],          qr/no\.png cannot be read/],
    ['a still for words alone',    [@WORDS, '--from', "$dir/still.png"],       qr/words alone/],
    ['sides of no model',          [@WORDS, '-W', 33],                         qr/width must be a multiple of 2/],
    ['sides of no film',           [@WORDS, '-W', 12, '-H', 12],               qr/16 to 4096 pixels/],
    ['no such folder',             [@WORDS, '-o', "$dir/no/x.mp4"],            qr/cannot be written: No such file/],
    ['a folder',                   [@WORDS, '-o', "$dir/folder.mp4"],          qr/cannot be written: it is a folder/],
  )
{
    my ($what, $args, $words) = @$case;
    mkdir "$dir/folder.mp4";
    ($status, undef, $err) = animate('-o', "$dir/x.mp4", @$args);
    is($status, 1, "$what: failed");
    like($err, $words, '  and the reason');
}
ok(!-e "$dir/x.mp4", 'nothing was written');

# A disk that is full, played by a limit on the size of files.
($status, undef, $err) = run(['sh', '-c', 'trap "" XFSZ; ulimit -f 1; exec "$@"', 'sh', $image, 'animate',
    @WORDS, '-q', '--frames', 4, '-W', 64, '-H', 64, '-o', "$dir/full.mp4"], apart => 1);
is($status, 1, 'a full disk: failed');
like($err, qr/full\.mp4 could not be written whole: /, '  and the reason');
ok(!-e "$dir/full.mp4", '  and half a film is not left');

my $pid = fork // die "fork: $!";
if ($pid == 0) {
    open STDERR, '>', '/dev/null';
    exec $image, 'animate', @MODEL, '--motion', "$data/motion", '-p', 'x', '--sampler', 'ddim', '-s', 1000, '-W', 64, '-H', 64, '-o',
        "$dir/stopped.mp4" or POSIX::_exit(127);
}
wait_until(20, 'the program catches signals', sub { slurp("/proc/$pid/status") =~ /^SigCgt:\s*[0-9a-f]*[2367abef]$/m });
sleep 0.2;
kill INT => $pid;
waitpid $pid, 0;
is($? >> 8, 130, 'an interrupt stops it');
ok(!-e "$dir/stopped.mp4", '  and nothing is written');

done_testing;

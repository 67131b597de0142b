# Pictures without a render daemon: rows and files as a finished job leaves them, any number of them.
package Gallery;

use strict;
use warnings;

use Compress::Zlib ();
use Digest::SHA qw(sha256_hex);
use Exporter qw(import);
use File::Path qw(make_path);

use Gempix::Test ();

our @EXPORT_OK = qw(fill hang word_of base32);

my @THINGS = qw(sun moon lighthouse castle boat balloon harbour village bridge forest meadow mountain river island orchard);
my @COLOURS = qw(red blue green golden silver violet white amber rose black);

# "a red sun over a blue sea" and many like it; the same number gives the same words.
sub word_of
{
    my ($n) = @_;
    return sprintf 'a %s %s by a %s %s, number %d', $COLOURS[$n % @COLOURS], $THINGS[$n * 7 % @THINGS],
        $COLOURS[($n * 3 + 1) % @COLOURS], $THINGS[($n * 5 + 2) % @THINGS], $n;
}

# Rows alone: `count` pictures of the member with this address, a job each, the last one made now and each a minute
# after the one before. Options: kept => every how many; expires => seconds from now of the others; views => with rows of
# smaller copies.
sub fill
{
    my ($site, $email, $count, %o) = @_;
    my $kept = $o{kept} // 5;
    my $expires = $o{expires} // 3000;
    my (@jobs, @media);
    my ($account) = $site->sql("SELECT id FROM account WHERE email_key = '$email'");
    my ($last) = $site->sql('SELECT COALESCE(MAX(id), 0) FROM job');
    my $now = '(UNIX_TIMESTAMP() * 1000000)';

    for my $n (1 .. $count) {
        my ($job, $words) = ($last + $n, word_of($n));
        my $made = "$now - " . ($count - $n) * 60_000_000;
        push @jobs, "($job, RANDOM_BYTES(16), $account, 'generate', 'done', $job, 1, 'gempix-tiny', 1, 1, " .
            qq('{"prompt":"$words","negative_prompt":"","width":128,"height":128,"steps":4,"guidance":4,"seed":$n,"sampler":"ddim"}') .
            ", 1, RANDOM_BYTES(16), 4, $made, $made)";
        my $is_kept = $n % $kept == 0 ? 1 : 0;
        push @media, "(RANDOM_BYTES(16), $account, $job, 'result', 0, 'stored', 'png', 128, 128, 1, " .
            "RANDOM_BYTES(32), $n, $is_kept, $made, " . ($is_kept ? 'NULL' : "$now + $expires * 1000000") . ')';
        push @media, "(RANDOM_BYTES(16), $account, $job, 'view', 0, 'stored', 'jpg', 128, 128, 1, RANDOM_BYTES(32), $n," .
            " $is_kept, $made, " . ($is_kept ? 'NULL' : "$now + $expires * 1000000") . ')',
            "(RANDOM_BYTES(16), $account, $job, 'thumb', 0, 'stored', 'jpg', 128, 128, 1, RANDOM_BYTES(32), $n," .
            " $is_kept, $made, " . ($is_kept ? 'NULL' : "$now + $expires * 1000000") . ')' if $o{views};
        next if @jobs < 1000 && $n < $count;
        $site->sql('INSERT INTO job (id, public_id, account_id, kind, state, turn, cost, model, images, params_version,' .
            ' params, price, submit_key, steps, queued_at, finished_at) VALUES ' . join(', ', splice @jobs));
        $site->sql('INSERT INTO media (public_id, account_id, job_id, kind, position, state, extension, width, height,' .
            ' bytes, sha256, seed, saved, created_at, expires_at) VALUES ' . join(', ', splice @media));
    }
    return;
}

# Gives every stored row a picture file of its own kind: a sun over a plain, the colours by its seed.
sub hang
{
    my ($site, $width, $height) = @_;
    my $changes = '';
    for my $row ($site->sql("SELECT id, LOWER(HEX(public_id)), seed, extension FROM media WHERE state = 'stored'")) {
        my ($id, $public, $seed, $extension) = split /\t/, $row;
        my $bytes = $extension eq 'png' ? png($width, $height, $seed) : jpeg($width, $height, $seed);
        my $name = base32($public);
        my $folder = $site->path('media') . '/' . substr($name, 22, 2) . '/' . substr($name, 24, 2);
        make_path($folder);
        Gempix::Test::spew("$folder/$name.$extension", $bytes);
        $changes .= ('UPDATE media SET bytes = ' . length($bytes) . ", width = $width, height = $height, sha256 = x'" .
            sha256_hex($bytes) . "' WHERE id = $id;\n");
    }
    $site->sql($changes) if $changes ne '';
    return;
}

# The same as a JPEG, by our own converter.
sub jpeg
{
    my $folder = Gempix::Test::tempdir();
    Gempix::Test::spew("$folder/in", png(@_));
    return scalar `@{[Gempix::Test::build()]}/gempix-convert jpeg 1000000 1000000 < $folder/in`;
}

# A public id as addresses and files have it, from the 32 hexadecimal digits of its bytes.
sub base32
{
    my ($hex) = @_;
    my $bits = '00' . unpack 'B*', pack 'H*', $hex;
    my @digits = split //, '0123456789abcdefghjkmnpqrstvwxyz';
    return join '', map { $digits[oct "0b$_"] } $bits =~ /.{5}/g;
}

# An RGB picture: sky and ground with a disc, the hues by the number.
sub png
{
    my ($width, $height, $number) = @_;
    my @sky = map { 60 + ($number * $_) % 160 } 37, 71, 113;
    my @sun = map { 255 - ($number * $_) % 120 } 29, 53, 97;
    my $rows = '';
    for my $y (0 .. $height - 1) {
        $rows .= "\0";
        my $ground = $y > $height * 0.62;
        my @here = map { $ground ? int($_ * 0.45) : int($_ * (0.7 + 0.3 * $y / $height)) } @sky;
        my $half = ($height / 4) ** 2 - ($y - $height / 2) ** 2;
        my $in = $half > 0 && !$ground ? int(sqrt $half) : 0;
        my $side = int($width / 2) - $in;
        $rows .= pack('C3', @here) x $side . pack('C3', @sun) x ($width - 2 * $side) . pack('C3', @here) x $side;
    }
    return "\x89PNG\r\n\x1a\n" . chunk('IHDR', pack 'N N C5', $width, $height, 8, 2, 0, 0, 0) .
        chunk('IDAT', Compress::Zlib::compress($rows)) . chunk('IEND', '');
}

sub chunk
{
    my ($name, $data) = @_;
    return pack('N', length $data) . $name . $data . pack 'N', Compress::Zlib::crc32($name . $data);
}

1;

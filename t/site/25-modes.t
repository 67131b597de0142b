#!/usr/bin/perl
# Pictures made from pictures, over HTTP without JavaScript: a file is sent once, what is wrong is said without losing it,
# and the result, the price and the end of the upload are as promised.
use Gempix::Test;

skip_all_without(qw(nginx mariadbd));
my $site = site(parts => [qw(database app nginx render)]);
my $ada = $site->member(credits => 50);
my $eve = $site->member(credits => 50);

# A PNG of one colour with a block of another in the middle, by the engine's own writer.
sub png
{
    my ($side) = @_;
    my $dir = tempdir();
    open my $out, '>:raw', "$dir/a.ppm" or die;
    print $out "P6\n$side $side\n255\n";
    for my $y (0 .. $side - 1) {
        print $out map { abs($_ - $side / 2) < $side / 8 && abs($y - $side / 2) < $side / 8 ? "\xff\x20\x20" : "\x30\x60\xc0" } 0 .. $side - 1;
    }
    close $out;
    run(['/usr/bin/python3', '-c', 'import sys; from PIL import Image; Image.open(sys.argv[1]).save(sys.argv[2])', "$dir/a.ppm", "$dir/a.png"]);
    return slurp("$dir/a.png");
}

sub mask
{
    my ($side) = @_;
    my $dir = tempdir();
    open my $out, '>:raw', "$dir/m.pgm" or die;
    print $out "P5\n$side $side\n255\n";
    for my $y (0 .. $side - 1) {
        print $out map { abs($_ - $side / 2) < $side / 7 && abs($y - $side / 2) < $side / 7 ? "\xff" : "\0" } 0 .. $side - 1;
    }
    close $out;
    run(['/usr/bin/python3', '-c', 'import sys; from PIL import Image; Image.open(sys.argv[1]).save(sys.argv[2])', "$dir/m.pgm", "$dir/m.png"]);
    return slurp("$dir/m.png");
}

my ($picture, $mask) = (png(200), mask(200));
like($picture, qr/\A\x89PNG/, 'there is a picture to begin with');

# Sends a mode's form; the answer.
sub send_form
{
    my ($client, $mode, %fields) = @_;
    return $client->submit($client->get("/create/$mode"), qr{/create/$mode}, \%fields);
}

sub result
{
    my ($client, $answer) = @_;
    is($answer->{status}, 303, '... is taken') or diag $answer->{content} =~ /wrong-why[^>]*>([^<]*)/g;
    my ($job) = ($answer->{headers}{location} // '') =~ m{(/jobs/[\w-]+)};
    return undef if !defined $job;
    return [$job, $site->wait_job($client, $job, 60)];
}

# --- a picture from a picture ---

my $done = result($ada, send_form($ada, 'picture', prompt => 'a red boat', steps => 4, seed => 3, picture => ['a.png', $picture]));
is($done->[1]{state}, 'done', 'a variation is drawn') or diag $site->logs(20);
my ($page) = $site->pictures($ada, $done->[0]);
my $file = $ada->get("$page/file");
is(join('x', unpack 'x16 NN', $file->{content}), '128x128', '... in the size of the model');
like($file->{content}, qr/compositeWithTrainedAlgorithmicMedia/, '... and says that a model changed a picture');
is($site->sql("SELECT COUNT(*) FROM media WHERE kind = 'upload' AND expires_at BETWEEN " .
    "(UNIX_TIMESTAMP() + 500) * 1000000 AND (UNIX_TIMESTAMP() + 610) * 1000000"), 1, 'the upload goes ten minutes after the work');
is($site->sql("SELECT COUNT(*) FROM media WHERE kind = 'source' AND state = 'stored'"), 1, 'what it began with can be compared');

# --- a part drawn anew ---

my $answer = send_form($ada, 'edit', prompt => 'a green tree', steps => 4, picture => ['a.png', $picture]);
is($answer->{status}, 422, 'without a mask this model cannot edit');
like($answer->{content}, qr/Paint over the part first/, '... which is said');
my ($kept) = $answer->{content} =~ /name="picture_id" value="([\w-]+)"/;
ok($kept, 'the picture need not be sent again');
$answer = $ada->submit($answer, qr{/create/edit}, { prompt => 'a green tree', steps => 4, seed => 5, mask => ['m.png', $mask] });
$done = result($ada, $answer);
is($done->[1]{state}, 'done', 'the part is drawn anew') or diag $site->logs(20);
is($site->sql("SELECT kind FROM job ORDER BY id DESC LIMIT 1"), 'repaint', '... as such a job');

# --- a mark taken off ---

$answer = send_form($ada, 'cleanup', picture => ['a.png', $picture], mask => ['m.png', $mask]);
like($answer->{content}, qr/Confirm that you may do this/, 'cleaning up needs the right to do it');
$done = result($ada, send_form($ada, 'cleanup', picture => ['a.png', $picture], mask => ['m.png', $mask], rights => 'yes'));
is($done->[1]{state}, 'done', 'the mark is taken off') or diag $site->logs(20);
($page) = $site->pictures($ada, $done->[0]);
$file = $ada->get("$page/file");
is(join('x', unpack 'x16 NN', $file->{content}), '200x200', '... in the size of the picture');
like($file->{content}, qr/compositeWithTrainedAlgorithmicMedia/, '... and says that it was changed');
like($site->sql('SELECT params FROM job ORDER BY id DESC LIMIT 1'), qr/"rights":\s*true/, 'the confirmation is kept with the job');

$done = result($ada, send_form($ada, 'cleanup', picture => ['a.png', $picture], rights => 'yes'));
is($done->[1]{state}, 'failed', 'where there is no mark, none is invented');
like($ada->get($done->[0])->{content}, qr/No mark could be found/, '... which is said');

# --- what is wrong ---

for my $case (
    ['no picture', qr/Choose the picture/, prompt => 'a boat'],
    ['no words', qr/Say what the picture should become/, prompt => ' ', picture => ['a.png', $picture]],
    ['an empty file', qr/Choose the picture|empty/, prompt => 'a boat', picture => ['a.png', '']],
) {
    my ($what, $says, %fields) = @$case;
    $answer = send_form($ada, 'picture', %fields);
    ok($answer->{status} == 422 || $answer->{status} == 400, "$what is refused");
    like($answer->{content}, $says, '... with a sentence');
}
my $before = $ada->get('/create')->{content} =~ /You have (\d+)/ ? $1 : -1;
$done = result($ada, send_form($ada, 'picture', prompt => 'a boat', picture => ['a.png', substr($picture, 0, 200)]));
is($done->[1]{state}, 'failed', 'a damaged picture is found out by the renderer');
like($ada->get($done->[0])->{content}, qr/damaged|could not be read|truncated/i, '... and the page says so');
is($ada->get('/create')->{content} =~ /You have (\d+)/ ? $1 : -2, $before, '... and the credits are back');
is($ada->get('/create/animate')->{status}, 404, 'films are not offered without motion modules');
unlike($ada->get('/create')->{content}, qr{/create/animate}, '... nor shown');

# --- somebody else's ---

my ($foreign) = $site->sql("SELECT LOWER(HEX(public_id)) FROM media WHERE kind = 'upload' ORDER BY id LIMIT 1");
$answer = send_form($eve, 'picture', prompt => 'a boat', picture_id => $kept);
is($answer->{status}, 422, "another member's upload is not there");
is($ada->get("/pictures/$kept/file")->{status}, 404, 'an upload is never shown as it came');
ok(eval { $site->ctl('ledger', 'check'); 1 }, 'the ledger balances') or diag $@;
done_testing;

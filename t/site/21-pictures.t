#!/usr/bin/perl
# From a prompt to a picture over HTTP, without JavaScript: create, follow, look, download, delete; what it costs; and
# that nobody else ever sees it.
use Gempix::Test;

skip_all_without(qw(nginx mariadbd));
my $site = site(parts => [qw(database app nginx render)]);
my $ada = $site->member(credits => 50);
my $eve = $site->member(credits => 50);
my $start = $site->sql('SELECT MIN(available) FROM balance');

# --- one picture ---

my $job = $site->order($ada, images => 2, negative_prompt => 'a <boat>');
my $page = $ada->get($job);
is($page->{status}, 200, 'the job has a page');
my $status = $site->wait_job($ada, $job, 60);
is($status->{state}, 'done', 'the job is done') or diag $site->logs(20);
is($status->{percent}, 100, '... all of it');
$page = $ada->get($job);
like($page->{content}, qr/a red sun over a blue sea/, 'the page shows the prompt');
like($page->{content}, qr/a &lt;boat&gt;/, '... escaped');
unlike($page->{content}, qr/http-equiv="?refresh/i, 'a finished page does not load itself again');
my @pictures = $site->pictures($ada, $job);
is(scalar @pictures, 2, 'two pictures were ordered, two are there');

my $r = $ada->get("$job/status");
my $again = $ada->get("$job/status", headers => { 'if-none-match' => $r->{headers}{etag} // '' });
is($again->{status}, 304, 'asking again costs nothing');

# --- the file ---

$r = $ada->get("$pictures[0]/file");
is($r->{status}, 200, 'the picture can be loaded') or diag $site->logs(20);
is($r->{headers}{'content-type'}, 'image/png', '... as PNG');
is(substr($r->{content}, 0, 8), "\x89PNG\r\n\x1a\n", '... really');
like($r->{headers}{'cache-control'}, qr/private/, '... and no shared cache may keep it');
like($r->{content}, qr{cv\.iptc\.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia}, 'it says that a machine made it');
like($r->{content}, qr/a red sun over a blue sea/, '... from which words');
unlike($r->{content}, qr{/tmp/|/home/|\.quickstart|$site->{dir}}, '... and tells no path');
my ($width, $height) = unpack 'x16 NN', $r->{content};
is("$width x $height", '128 x 128', '... in the size that was ordered');
is(unpack('H*', substr $ada->get("$pictures[0]/thumb")->{content}, 0, 3), 'ffd8ff', 'its thumbnail is a JPEG');

my $same = $site->order($ada);
$site->wait_job($ada, $same, 60);
my ($twin) = $site->pictures($ada, $same);
my $seed = sub { $ada->get($_[0])->{content} =~ /seed\D{0,80}?(\d+)/i ? $1 : -1 };
is($seed->($twin), 7, 'the page tells the seed');

# --- nobody else ---

for my $path ($job, "$job/status", "$job/preview", $pictures[0], "$pictures[0]/file", "$pictures[0]/thumb") {
    is($eve->get($path)->{status}, 404, "another member gets 404: " . $path =~ s{[\w-]{16,}}{ID}r);
    my $anonymous = $site->client->get($path);
    ok($anonymous->{status} == 303 || $anonymous->{status} == 404, '... and a stranger nothing');
}
my ($file) = map { chomp; $_ } `find @{[$site->path('media')]} -name '*.png' | head -1`;
my $inside = $file =~ s{^\Q@{[$site->path('media')]}\E}{/_media}r;
is($ada->get($inside)->{status}, 404, 'the store cannot be reached around the check');
is((stat $file)[2] & 07, 0, 'files in the store are closed to other users of the machine');

# --- what it cost ---

my $spent = $site->sql("SELECT SUM(price) FROM job");
my ($available, $held) = split /\t/, $site->sql("SELECT available, held FROM balance ORDER BY account_id LIMIT 1");
is($available, $start - $spent, 'the price is gone');
is($held, 0, '... and nothing is held back');
like($ada->get('/create')->{content}, qr/\b$available\b/, 'the studio shows what is left');

# --- sending a form twice, and ordering more than one can pay ---

my $form = $ada->get('/create');
my @location = map { $ada->submit($form, qr{/create}, { prompt => 'twice', steps => 4 })->{headers}{location} } 1, 2;
is($location[0], $location[1], 'the same form sent twice is one job');
$site->wait_job($ada, $location[0], 60);

# From here on nobody draws, so that large orders stay in the queue.
$site->stop('render');
my %large = (prompt => 'keep these words', steps => 50, images => 4, size => 'exact', width => 256, height => 256);
my $poor = $site->member(credits => 0);
my $orders = 0;
while ($orders < 10) {
    $r = $poor->submit($poor->get('/create'), qr{/create}, \%large);
    last if $r->{status} != 303;
    $orders++;
}
isnt($r->{status}, 303, "what one cannot pay is refused (after $orders orders)");
like($r->{content}, qr/keep these words/, '... the words are kept');
like($r->{content}, qr/credit/i, '... and the page says why');
is($site->sql("SELECT COUNT(*) FROM balance WHERE available < 0 OR held < 0"), 0, '... nobody owes anything');

my $queued = $site->order($ada, %large);
my @paid = split /\t/, $site->sql('SELECT available, held FROM balance ORDER BY account_id LIMIT 1');
$page = $ada->get($queued);
like($page->{content}, qr/http-equiv="?refresh/i, 'without JavaScript a waiting page loads itself again');
$r = $ada->submit($page, qr/cancel/, {});
is($r->{status}, 303, 'cancelling');
is($site->status($ada, $queued)->{state}, 'cancelled', '... ends a waiting job');
my @refunded = split /\t/, $site->sql('SELECT available, held FROM balance ORDER BY account_id LIMIT 1');
is($refunded[0], $paid[0] + $paid[1], '... and gives the credits back');
is($eve->post("$queued/cancel", { csrf => 'x' })->{status}, 403, 'nobody else can cancel');

# --- the library ---

my $library = $ada->get('/pictures');
like($library->{content}, qr/\Q$pictures[0]\E/, 'the picture is among my pictures');
unlike($eve->get('/pictures')->{content}, qr/\Q$pictures[0]\E/, '... and not among hers');
$page = $ada->get($pictures[0]);
my ($delete) = map { $_->{action} } grep { $_->{action} =~ /delete/ } Gempix::Client::forms($page);
if (!$delete) {
    my ($link) = $page->{content} =~ m{href="([^"]*delete[^"]*)"};
    $page = $ada->get($link);
}
$r = $ada->submit($page, qr/delete/, {});
is($r->{status}, 303, 'deleting it') or diag $r->{content};
is($ada->get("$pictures[0]/file")->{status}, 404, '... makes it unreachable at once');
is($ada->get("$pictures[1]/file")->{status}, 200, '... and leaves its sibling alone');

ok(eval { $site->ctl('ledger', 'check'); 1 }, 'the ledger balances') or diag $@;

done_testing;

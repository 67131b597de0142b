#!/usr/bin/perl
# A picture beside the one it was made from: side by side, and as a slider with keys; how long the first one stays.
use FindBin;
use lib $FindBin::Bin;
use Gallery qw(fill hang base32);
use Gempix::Html qw(problems);
use Gempix::Test;

skip_all_without(qw(nginx mariadbd));
my $site = site(parts => [qw(database app nginx)]);
my $ada = $site->member(email => 'ada@example.org');
my $eve = $site->member(email => 'eve@example.org');
fill($site, 'ada@example.org', 1, views => 1);
$site->sql("UPDATE job SET kind = 'variation', params = JSON_SET(params, '\$.strength', 0.5)");
$site->sql('INSERT INTO media (public_id, account_id, job_id, kind, position, state, extension, width, height, bytes, sha256,' .
    " seed, created_at, expires_at) SELECT RANDOM_BYTES(16), account_id, job_id, 'source', 0, 'stored', 'png', 128, 128, 1," .
    " RANDOM_BYTES(32), 77, created_at, (UNIX_TIMESTAMP() + 570) * 1000000 FROM media WHERE kind = 'result'");
hang($site, 120, 80);
my ($hex) = $site->sql("SELECT LOWER(HEX(public_id)) FROM media WHERE kind = 'result'");
my $picture = '/pictures/' . base32($hex);

sub rows { return scalar $site->sql("SELECT COUNT(*) FROM media WHERE $_[0]") }

my $page = $ada->get($picture);
is_deeply([problems($page->{content})], [], 'the page is clean HTML');
like($page->{content}, qr{<img src="$picture/source"[^>]*alt="The picture before"}, 'the picture before stands there');
like($page->{content}, qr/Variation of a picture/, '... and what was done with it');
is(unpack('H*', substr $ada->get("$picture/source")->{content}, 0, 4), '89504e47', 'its file');
is($eve->get("$picture/source")->{status}, 404, '... is not a stranger\'s');
like($page->{content}, qr/removed in <time[^>]*>9 min/, 'it goes, unless');
is($ada->submit($page, qr/source/, { keep => 'yes' })->{status}, 303, 'it is kept');
is(rows("kind = 'source' AND saved = 1 AND expires_at IS NULL"), 1, '... until further notice');
is(rows("kind IN ('result', 'view', 'thumb') AND saved = 0"), 3, '... and it alone');
$ada->submit($ada->get($picture), qr/source/, { keep => 'no' });
is(rows("kind = 'source' AND saved = 0 AND expires_at IS NOT NULL"), 1, 'or no longer');
like($page->{content}, qr{href="/create/picture\?from=\w+&amp;picture=\w+&amp;seed=1"}, 'its settings lead into the form it came from, with the picture before');
like($page->{content}, qr{href="/create/edit\?picture=\w+"}, '... and this picture into the other modes');
my $deleted = $ada->submit($ada->get("$picture/delete"), qr/delete/, {});
is(rows("kind = 'source' AND state = 'doomed'"), 1, 'with its last picture it goes');
$ada->submit($ada->get($deleted->{headers}{location}), qr/restore/, {});
is(rows("state = 'stored'"), 4, '... and comes back with it');

SKIP: {
    eval { Gempix::MariaDB->program($_) for qw(chromium chromedriver); 1 } or skip 'no browser', 1;
    require Gempix::Browser;
    my $shots = build() . '/t/screenshots';
    mkdir $shots;
    my $browser = Gempix::Browser->new(url => $site->url);
    $browser->go('/signin');
    $browser->type('[name=email]', 'ada@example.org')->type('[name=password]', 'a quiet lighthouse');
    $browser->click('main form [type=submit]');
    $browser->wait_for(10, 'the studio', sub { $browser->path =~ m{^/create} });
    $browser->go($picture);
    my $cut = sub { $browser->script('return document.getElementById("compare").style.getPropertyValue("--cut")') };
    is($cut->(), '50%', 'a line in the middle');
    $browser->screenshot("$shots/compare.png");
    $browser->script('document.querySelector(".compare-slider").focus()');
    $browser->call('POST', "$browser->{session}/actions", { actions => [{ type => 'key', id => 'keys',
        actions => [map { ({ type => 'keyDown', value => "\x{E014}" }, { type => 'keyUp', value => "\x{E014}" }) } 1 .. 10] }] });
    is($cut->(), '60%', 'the arrow keys move it');
    $browser->script('const s = document.querySelector(".compare-slider"); s.value = 0; s.dispatchEvent(new Event("input"))');
    is($cut->(), '0%', '... to the end');
    $browser->look(width => 390, height => 844, dark => 1)->screenshot("$shots/compare-phone-dark.png");
    is($browser->script('return document.documentElement.scrollWidth'), 390, 'nothing sticks out on a phone');
    my @complaints = $browser->complaints;
    is(scalar @complaints, 0, 'the browser has nothing to complain about') or diag join "\n", @complaints;
}
done_testing();

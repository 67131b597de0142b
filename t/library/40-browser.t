#!/usr/bin/perl
# The library in a real browser: older pictures come as one scrolls, selecting counts, clocks run. Screenshots land in the
# build folder, t/screenshots.
use FindBin;
use lib $FindBin::Bin;
use Gallery qw(fill hang base32);
use Gempix::Test;

skip_all_without(qw(nginx mariadbd chromium chromedriver));
require Gempix::Browser;
my $site = site(parts => [qw(database app nginx)]);
my $shots = build() . '/t/screenshots';
mkdir $shots;
my $ada = $site->member(email => 'ada@example.org');
fill($site, 'ada@example.org', 55, expires => 7100);
hang($site, 96, 64);

my $browser = Gempix::Browser->new(url => $site->url);
$browser->go('/signin');
$browser->type('[name=email]', 'ada@example.org')->type('[name=password]', 'a quiet lighthouse');
$browser->click('main form [type=submit]');
$browser->wait_for(10, 'the studio', sub { $browser->path =~ m{^/create} });

sub tiles { return $browser->script('return document.querySelectorAll("#gallery > li").length') }
sub count { return $browser->text('#count') }

$browser->go('/pictures');
is(tiles(), 24, 'a page of pictures');
is(count(), 'None selected', 'the bar counts');
ok($browser->script('return document.querySelector("#bar button[value=delete]").hidden'), '... and waits for a selection');
$browser->screenshot("$shots/library.png");

# --- older ones by scrolling ---

for my $want (48, 55) {
    $browser->script('window.scrollTo(0, document.body.scrollHeight)');
    $browser->wait_for(5, "$want pictures", sub { tiles() == $want });
    pass("scrolling brings the pictures up to $want");
}
ok(!$browser->has('#pager a[rel=next]'), '... then no link to older ones is left');

# --- clocks ---

$browser->script('document.querySelector("#gallery [data-clock]").dateTime = new Date(Date.now() + 150000).toISOString(); document.dispatchEvent(new Event("visibilitychange"))');
$browser->wait_for(8, 'the clock', sub { $browser->script('return document.querySelector("#gallery [data-clock]").textContent') eq '2 min' });
pass('a clock runs on');

# --- selecting ---

$browser->script('window.scrollTo(0, 0)');
$browser->click('#gallery li:nth-child(2) input')->click('#gallery li:nth-child(3) input');
is(count(), '2 selected', 'two are selected');
$browser->screenshot("$shots/library-selected.png");
$browser->click('#bar button[value=delete]');
$browser->wait_for(5, 'the offer to undo', sub { $browser->has('.undo') });
like($browser->text('.undo'), qr/2 pictures are deleted/, 'deleted, with an offer');
$browser->look(width => 390, height => 844, dark => 1)->screenshot("$shots/library-phone-dark.png");
$browser->look(width => 1280, height => 900, dark => 1)->screenshot("$shots/library-dark.png");
$browser->click('.undo button');
$browser->wait_for(5, 'them back', sub { $browser->text('main') =~ /The pictures are back/ });
pass('undo');
$browser->script('document.querySelector("#bar button[type=button]").click()');
is(count(), '24 selected', 'all of the page');
$browser->look(width => 390, height => 844, dark => 0)->screenshot("$shots/library-phone.png");
is($browser->script('return document.documentElement.scrollWidth'), 390, 'nothing sticks out on a phone');
$browser->go('/pictures?q=balloon&kind=words&from=2020-01-01');
$browser->screenshot("$shots/library-filter-phone.png");
is($browser->script('return document.documentElement.scrollWidth'), 390, '... with filters neither');
$browser->look(width => 1280, height => 900, dark => 0)->screenshot("$shots/library-filter.png");

# --- one picture ---

$site->sql('UPDATE job SET images = 2 WHERE id = 3');
$site->sql("UPDATE media SET job_id = 3, position = 1 WHERE job_id = 4 AND kind = 'result'");
my ($hex) = $site->sql("SELECT LOWER(HEX(public_id)) FROM media WHERE job_id = 3 AND position = 1");
my $picture = '/pictures/' . base32($hex);
$browser->go($picture);
is($browser->script('return document.querySelectorAll(".siblings a").length'), 2, 'pictures of the same request');
$browser->screenshot("$shots/picture.png");
$browser->click('#delete');
ok($browser->script('return document.getElementById("delete-dialog").open'), 'deleting asks first');
$browser->screenshot("$shots/picture-delete.png");
$browser->click('#delete-dialog form[method=dialog] button');
$browser->look(width => 390, height => 844, dark => 1)->screenshot("$shots/picture-phone-dark.png", whole => 1);
is($browser->script('return document.documentElement.scrollWidth'), 390, 'nothing sticks out on a phone');
my @complaints = $browser->complaints;
is(scalar @complaints, 0, 'the browser has nothing to complain about') or diag join "\n", @complaints;
done_testing();

#!/usr/bin/perl
# The site without a mouse: the skip link first, every stop of the Tab key can be seen, and the main path is walked by keys.
use Gempix::Test;

skip_all_without(qw(nginx mariadbd chromium chromedriver));
require Gempix::Browser;
my $site = site(parts => [qw(database app nginx)]);
my $member = $site->member;
my $browser = Gempix::Browser->new(url => $site->url);
my $at = sub { $browser->script('const e = document.activeElement; return e.id || e.name || e.className || e.tagName') };

# What has the focus: its place among all that could, and whether a ring can be seen on it or on the part around it.
my $stop = <<'END_SCRIPT';
const e = document.activeElement;
if (e === document.body || e === document.documentElement) return null;
const ring = (x) => x && (() => { const s = getComputedStyle(x); return s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2; })();
const seen = ring(e) || ring(e.nextElementSibling) || ring(e.closest('.prompt-row, .drop')) || e.matches('select, textarea, input') && ring(e);
const box = e.getBoundingClientRect();
const top = document.elementFromPoint(box.left + Math.min(box.width, innerWidth) / 2, box.top + Math.min(box.height, innerHeight) / 2);
const free = !top || e.contains(top) || top.contains(e) || !!top.closest('label');
return { free, name: (e.outerHTML.slice(0, 90)), seen: !!seen, size: Math.min(box.width, box.height) };
END_SCRIPT

# Tab through a page until the browser's own parts come; returns the stops.
sub stops
{
    my @stops;
    for (1 .. 80) {
        $browser->press('Tab');
        my $new = $browser->script($stop) or last;
        last if @stops && $new->{name} eq $stops[0]{name};
        push @stops, $new;
    }
    return @stops;
}

$browser->go('/');
$browser->press('Tab');
is($at->(), 'skip', 'the first stop is the skip link');
cmp_ok($browser->script('return document.activeElement.getBoundingClientRect().width'), '>', 50, '... which can be seen then');
$browser->press('Enter', 'Tab');
is($at->(), 'hero-prompt', '... and leads past the navigation');

for my $path (qw(/ /signup)) {
    $browser->go($path);
    my @stops = stops();
    cmp_ok(scalar @stops, '>=', 12, "$path: the Tab key finds its way");
    my @blind = map { $_->{name} } grep { !$_->{seen} } @stops;
    is(scalar @blind, 0, '... every stop has a ring') or diag join "\n", @blind;
}

# Signing in, choosing dark, opening the menu: by keys alone.
$browser->go('/signin');
$browser->press('Tab') until $at->() eq 'email';
$browser->press(split //, $member->{email})->press('Tab')->press(split //, 'a quiet lighthouse')->press('Enter');
$browser->wait_for(10, 'the studio', sub { $browser->path =~ m{^/create} });
pass('signed in by keys');
$browser->go('/create');
my @stops = stops();
my @blind = map { $_->{name} } grep { !$_->{seen} } @stops;
is(scalar @blind, 0, 'the studio: every stop has a ring') or diag join "\n", @blind;
$browser->look(width => 390, height => 600, dark => 0)->go('/create');
my @hidden = map { $_->{name} } grep { !$_->{free} } stops();
is(scalar @hidden, 0, '... and on a phone none lies under the bar with the price') or diag join "\n", @hidden;
$browser->look(width => 1280, height => 900, dark => 0);
$browser->go('/create');
$browser->press('Tab') until $browser->script('return document.activeElement.matches(".menu > summary")');
$browser->press('Enter');
ok($browser->script('return document.querySelector(".menu").open'), 'the menu opens by Enter');
$browser->press('Tab');
ok($browser->script('return document.activeElement.matches(".menu-panel a")'), '... and its first line is next');
$browser->script('document.querySelector(".theme a:last-child").focus()');
$browser->press('Enter');
$browser->wait_for(10, 'dark', sub { $browser->script('return document.documentElement.dataset.theme') eq 'dark' });
is($browser->script('return getComputedStyle(document.body).backgroundColor'), 'rgb(8, 17, 14)', 'dark is chosen by a key');
is($browser->path, '/create', '... and the page is the same');
is(scalar(my @complaints = $browser->complaints), 0, 'the browser has nothing to complain about');
done_testing;

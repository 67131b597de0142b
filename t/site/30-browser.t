#!/usr/bin/perl
# The main path as a person walks it, in a real browser with JavaScript: sign up, describe a picture, watch it appear,
# open it, find it again. Screenshots of each station land in the build folder, t/screenshots.
use Gempix::Test;

skip_all_without(qw(nginx mariadbd chromium chromedriver));
require Gempix::Browser;
my $site = site(parts => [qw(database mail app nginx render steward)], conf => { 'render.preview_every' => 1 });
my $shots = build() . '/t/screenshots';
mkdir $shots;

sub shoot
{
    my ($browser, $name) = @_;
    $browser->screenshot("$shots/$name.png");
    return;
}

sub quiet
{
    my ($browser, $where) = @_;
    my @complaints = $browser->complaints;
    is(scalar @complaints, 0, "$where: the browser has nothing to complain about") or diag join "\n", @complaints;
    return;
}

my $browser = Gempix::Browser->new(url => $site->url);
$browser->go('/');
ok($browser->has('h1'), 'the first page has a heading');
ok($browser->has('a[href^="/signup"]'), '... and a way in');
shoot($browser, '1-home');
quiet($browser, 'the first page');

# --- signing up ---

$browser->go('/signup');
$browser->type('[name=email]', 'grace@example.org')->type('[name=display_name]', 'Grace')
    ->type('[name=password]', 'seven quiet boats')->click('[name=of_age]')->click('[name=terms]');
shoot($browser, '2-signup');
$browser->click('form[action*="signup"] [type=submit]');
$browser->wait_for(10, 'the studio', sub { $browser->path =~ m{^/create} });
quiet($browser, 'signing up');

# --- describing a picture ---

$browser->type('[name=prompt]', 'a red sun over a blue sea');
shoot($browser, '3-create');
$browser->click('form[action="/create"] [type=submit]');
$browser->wait_for(10, 'the job page', sub { $browser->path =~ m{^/jobs/} });
my $job = $browser->path =~ s/[?#].*//r;
ok($browser->has('progress') || $browser->has('img'), 'progress is shown');
shoot($browser, '4-drawing');

# --- it appears without anybody reloading the page ---

$browser->script('window.stillTheSamePage = true; return true');
$browser->wait_for(120, 'the picture', sub { $browser->has('img[src*="/pictures/"]') });
pass('the picture appears by itself');
$browser->wait_for(10, 'the picture to load', sub {
    $browser->script('const i = document.querySelector(\'img[src*="/pictures/"]\'); return i.complete && i.naturalWidth > 0');
});
# The browser takes one of several copies, so what it loaded says nothing of the size: the picture itself does.
is($browser->script('const i = document.querySelector(\'img[src*="/pictures/"]\'); return i.getAttribute("width") + "x" + i.getAttribute("height")'),
    '128x128', '... with its full size told');
is($browser->script('return fetch(document.querySelector(\'img[src*="/pictures/"]\').src).then((r) => r.blob()).then(createImageBitmap)'
    . '.then((b) => b.width + "x" + b.height)'), '128x128', '... and in its full size');
shoot($browser, '5-done');
quiet($browser, 'the job page');

# --- its own page, and the library ---

$browser->click('a[href^="/pictures/"]');
$browser->wait_for(10, 'the picture\'s page', sub { $browser->path =~ m{^/pictures/[\w-]{16,}} });
like($browser->text('main'), qr/a red sun over a blue sea/, 'its page shows the words');
shoot($browser, '6-picture');
$browser->go('/pictures');
ok($browser->has('img[src*="/thumb"]'), 'the library shows it');
shoot($browser, '7-library');
quiet($browser, 'the library');

# --- nothing sticks out on a phone, in light and in dark ---

for my $look ([390, 0], [390, 1], [320, 0], [1280, 1]) {
    my ($width, $dark) = @$look;
    my $name = $width . ($dark ? '-dark' : '');
    $browser->look(width => $width, height => 844, dark => $dark);
    for my $path ('/', '/create', $job, '/pictures', '/about', '/no-such-page') {
        $browser->go($path);
        my $over = $browser->script('return document.documentElement.scrollWidth - window.innerWidth');
        cmp_ok($over, '<=', 0, "$path fits a width of $name");
        shoot($browser, 'small-' . $name . ($path =~ m{^/(\w+)} ? "-$1" : '-home')) if $path ne '/no-such-page';
    }
}

$browser->look(width => 1280, height => 900, dark => 0);

# --- rules of access that a program can check ---

my $audit = <<'END';
const wrong = [];
for (const f of document.querySelectorAll('input:not([type=hidden]), textarea, select'))
    if (!f.labels?.length && !f.getAttribute('aria-label') && !f.getAttribute('aria-labelledby')) wrong.push('no label: ' + f.name);
for (const i of document.querySelectorAll('img')) if (!i.hasAttribute('alt')) wrong.push('no alt: ' + i.src);
for (const b of document.querySelectorAll('a, button')) if (!(b.textContent.trim() || b.getAttribute('aria-label') || b.querySelector('img[alt]:not([alt=""]), svg[aria-label], svg title'))) wrong.push('no name: ' + b.outerHTML.slice(0, 80));
if (document.querySelectorAll('h1').length !== 1) wrong.push('h1: ' + document.querySelectorAll('h1').length);
if (!document.documentElement.lang) wrong.push('no lang');
if (!document.querySelector('main')) wrong.push('no main');
const ids = [...document.querySelectorAll('[id]')].map(e => e.id);
for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) wrong.push('double id: ' + id);
return wrong.join('; ');
END
for my $path ('/', '/create', $job, '/pictures', '/about', '/privacy') {
    $browser->go($path);
    is($browser->script($audit), '', "$path: labels, names, headings, languages");
}

done_testing;

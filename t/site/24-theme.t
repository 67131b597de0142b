#!/usr/bin/perl
# Light or dark as the visitor chose, without a script: a link, a cookie that holds nothing else, and the way back.
use Gempix::Test;

skip_all_without(qw(nginx mariadbd));
my $site = site(parts => [qw(database app nginx)]);
my $visitor = $site->client;

my $page = $visitor->get('/about');
unlike($page->{content}, qr/data-theme/, 'without a choice the page follows the system');
like($page->{content}, qr/<meta name="color-scheme" content="light dark">/, '... and says so to the browser');
like($page->{content}, qr{href="/theme\?to=$_"}, "a link offers: $_") for qw(auto light dark);
like($page->{content}, qr{href="/theme\?to=auto"[^>]*aria-current="true"}, '... automatic is the one in force');

$page = $visitor->get('/theme?to=dark', headers => { referer => $site->url . '/about' });
is($page->{status}, 303, 'choosing dark');
like($page->{headers}{location}, qr{/about\z}, '... leads back to the page');
like($page->{headers}{'set-cookie'}, qr/\btheme=dark;.*HttpOnly/i, '... with a cookie of one word');
$page = $visitor->get('/about');
like($page->{content}, qr/<html lang="en" data-theme="dark">/, 'the page is dark');
like($page->{content}, qr/<meta name="color-scheme" content="dark">/, '... the browser\'s own parts, too');
like($page->{content}, qr{href="/theme\?to=dark"[^>]*aria-current="true"}, '... and the footer says so');
like($visitor->get('/no/such/page')->{content}, qr/data-theme="dark"/, '... error pages as well');

$page = $visitor->get('/theme?to=auto');
ok(!exists $visitor->{cookies}{theme}, 'automatic removes the cookie');
unlike($visitor->get('/')->{content}, qr/data-theme/, '... and the page follows the system again');

is($visitor->get('/theme?to=purple')->{status}, 400, 'colours that are not offered are refused');
is($visitor->get('/theme')->{status}, 400, '... and none at all');
unlike($visitor->get('/theme?to=light', headers => { referer => 'http://elsewhere.example/about' })->{headers}{location},
    qr/elsewhere/, 'the way back never leads to another site');
$visitor->{cookies}{theme} = 'none"><script>';
$page = $visitor->get('/');
unlike($page->{content}, qr/data-theme|none"/, 'a forged cookie is passed over');

# The icons that pages name are in the sprite, and the font is where the frame says.
my %icon = map { $_ => 1 } slurp(source() . '/app/static/icons.svg') =~ /<symbol id="([\w-]+)"/g;
cmp_ok(scalar keys %icon, '>=', 30, 'the sprite holds the icons');
my @missing;
for my $file (glob source() . '/app/templates/*.mustache') {
    push @missing, map { "$file: $_" } grep { !$icon{$_} } slurp($file) =~ /\{\{icons\}\}#([\w-]+)/g;
}
is("@missing", '', '... every icon of a template among them');

done_testing;

#!/usr/bin/perl
# What anybody sees: the landing page's way into the studio, what other sites and machines ask for, the pictures that say
# where they come from, and how little there is to load.
use Gempix::Test;

use JSON::PP qw(decode_json);

use Gempix::Html qw(links);

use constant FIRST_LOAD => 60_000; # bytes on the wire, without pictures

skip_all_without(qw(nginx mariadbd));
my $site = site(parts => [qw(database app nginx)]);
my $stranger = $site->client;
my $url = $site->url;

# --- from the landing page's box into the studio ---

my $home = $stranger->get('/');
my $answer = $stranger->submit($home, qr{/start}, { prompt => "a boat & a moon, 50% \"blue\"" });
is($answer->{status}, 303, 'the box leads on');
like($answer->{headers}{location}, qr{/signup\?next=}, '... a stranger to sign up');
my $signup = $stranger->follow($answer);
$answer = $stranger->submit($signup, qr{/signup}, {
    email => 'ada@example.org', display_name => 'Ada', password => 'seven quiet boats', of_age => 1, terms => 1,
});
is($answer->{status}, 303, 'the account is opened');
my $studio = $stranger->follow($answer);
like($studio->{url}, qr{\A/create\?prompt=}, '... and leads to the studio');
like($studio->{content}, qr{<textarea[^>]*>a boat &amp; a moon, 50% &quot;blue&quot;</textarea>}, '... with the words kept');

my $member = $site->member;
my ($shot) = map { s/&amp;/&/gr } $home->{content} =~ m{href="(/start\?prompt=[^"]+seed=\d+)"};
ok(defined $shot, 'a picture that was made leads to its words');
$answer = $member->get($shot);
like($answer->{headers}{location}, qr{/create\?prompt=[^&]+&seed=\d+\z}, '... for a member at once in the studio, seed and all');
is($member->get('/start')->{headers}{location}, "/create", '... without words to an empty studio')
    or diag $member->get('/start')->{headers}{location};
is($member->get('/start?prompt=x&seed=many')->{headers}{location}, '/create?prompt=x', 'a seed that is none is left behind');
like($member->get('/start?prompt=' . 'x' x 600)->{headers}{location}, qr{/create}, 'words too long do not break it');

# --- what other sites show ---

for my $path (qw(/ /about /contact)) {
    my %meta = $stranger->get($path)->{content} =~ /<meta (?:property|name)="([\w:]+)" content="([^"]*)">/g;
    is($meta{'og:url'}, "$url$path", "$path: its own address");
    ok(length $meta{'og:title'} && length $meta{'og:description'} && length $meta{description}, '... title and description');
    my ($picture) = ($meta{'og:image'} // '') =~ m{\A\Q$url\E(/static/share\.jpg\?v=[\w-]+)\z};
    ok(defined $picture, '... a picture') and is($stranger->get($picture)->{headers}{'content-type'}, 'image/jpeg', '... which is there');
}
unlike($member->get('/pictures')->{content}, qr/property="og:|rel="canonical"/, 'a private page tells other sites nothing');
unlike($stranger->get('/no/such/page')->{content}, qr/rel="canonical"/, '... nor does a page that is not there');

# --- what machines ask for ---

my $robots = $stranger->get('/robots.txt');
like($robots->{headers}{'content-type'}, qr{\Atext/plain}, 'robots.txt is text');
like($robots->{content}, qr{^Sitemap: \Q$url\E/sitemap\.xml$}m, '... and names the sitemap');
like($robots->{content}, qr{^Disallow: /$_$}m, "... and keeps robots away from $_") for qw(create jobs/ pictures);
my $sitemap = $stranger->get('/sitemap.xml');
like($sitemap->{headers}{'content-type'}, qr{\Aapplication/xml}, 'the sitemap is XML');
my @places = $sitemap->{content} =~ m{<loc>\Q$url\E(/[^<]*)</loc>}g;
cmp_ok(scalar @places, '>=', 5, '... with the public pages');
is($stranger->get($_)->{status}, 200, "... $_ is there") for @places;
ok(!grep({ $robots->{content} =~ m{^Disallow: \Q$_\E$}m } @places), '... and none that robots may not see');
my $manifest = $stranger->get('/manifest.webmanifest');
is($manifest->{headers}{'content-type'}, 'application/manifest+json', 'the manifest has its type');
my $app = decode_json($manifest->{content});
is($app->{name}, 'Gempix 2', '... the site\'s name');
for my $icon (@{$app->{icons}}) {
    my $got = $stranger->get($icon->{src});
    is($got->{headers}{'content-type'}, $icon->{type}, "... the icon of $icon->{sizes}");
    my ($width, $height) = $got->{content} =~ /\A\x89PNG.{12}(....)(....)/s ? map { unpack 'N', $_ } $1, $2 : ();
    is("${width}x$height", $icon->{sizes}, '... in its size') if $icon->{type} eq 'image/png';
}
like($home->{content}, qr{<link rel="manifest" href="/manifest\.webmanifest">}, 'the frame names the manifest');
my $favicon = $stranger->get('/favicon.ico');
is($favicon->{status}, 200, 'favicon.ico is there');
is(substr($favicon->{content}, 0, 4), "\0\0\1\0", '... and is an icon');

# --- pictures say where they come from ---

for my $file (grep { !/icon/ } glob source() . '/app/static/*.{jpg,webp}') {
    like(slurp($file), qr{digitalsourcetype/(?:compositeWithT|t)rainedAlgorithmicMedia}, "$file says that a model made it");
}

# --- little to load ---

my %gzip = (headers => { 'accept-encoding' => 'gzip' });
is($site->client->get('/about', %gzip)->{headers}{'content-encoding'}, 'gzip', 'a stranger\'s page is compressed');
is($site->client->get('/about')->{headers}{'content-encoding'}, undef, '... for a browser that can read it');
is($member->get('/about', %gzip)->{headers}{'content-encoding'}, undef, '... a page that may hold a secret never is');

my %size;
sub weigh # what comes over the wire for an address
{
    my ($client, $path) = @_;
    return length($client->get($path, headers => { 'accept-encoding' => 'gzip' })->{content}) if $path !~ m{^/static/};
    return $size{$path} //= length $client->get($path, headers => { 'accept-encoding' => 'gzip' })->{content};
}
for my $case (['/', $stranger = $site->client], ['/signup', $stranger], ['/about', $stranger], ['/contact', $stranger], ['/terms', $stranger],
    ['/create', $member], ['/pictures', $member]) {
    my ($path, $client) = @$case;
    my $page = $client->get($path)->{content};
    my %part = map { s/#.*//r => 1 } grep { m{^/static/} && !/\.(?:jpg|webp|png)\b/ } links($page), $page =~ /href="([^"#]+)#/g;
    $part{'/static/noise.svg?v=1'} = 1 if $page =~ /stage-noise/;
    my $sum = weigh($client, $path);
    $sum += weigh($client, $_) for keys %part;
    cmp_ok($sum, '<=', FIRST_LOAD, "$path: first load of $sum bytes in " . (1 + keys %part) . ' parts');
    ok(exists $part{(grep { /site\.css/ } keys %part)[0] // ''}, '... the stylesheet counted');
}

# What is the same for all who send no cookie, nginx keeps for seconds, by language and by what the browser says about tracking.
my %german = (headers => { 'accept-language' => 'de' });
my @kept = ('/', '/about', '/contact', '/privacy', '/terms');
my %said = map { $_ => $site->client->get($_)->{content} } @kept;
my $german = $site->client->get('/about', %german)->{content};
my $silent = $site->client->get('/about', headers => { 'sec-gpc' => 1 })->{content};
$site->stop('app');
for my $path (@kept) {
    my $answer = $site->client->get($path);
    is($answer->{status}, 200, "$path is there while the application is away");
    is($answer->{content}, $said{$path}, '... as it was');
    is($answer->{headers}{'x-accel-expires'}, undef, '... and tells nothing of how');
}
is($site->client->get('/about', %german)->{content}, $german, 'each language is kept apart');
isnt($german, $said{'/about'}, '... and differs');
is($site->client->get('/about', headers => { 'sec-gpc' => 1 })->{content}, $silent, 'whose browser refuses for them is not asked for consent');
unlike($silent, qr/consent-answers/, '... from there either');
is($member->get('/about')->{status}, 502, 'who sends a cookie gets nothing that was kept');
is($site->client->get('/signin')->{status}, 502, 'a page with a form is never kept');
is($site->client->get('/explore')->{status}, 502, 'nor are published pictures, which can be taken back');
$site->start('app');
is($member->get('/about')->{status}, 200, 'the application is back');
done_testing;

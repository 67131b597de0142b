#!/usr/bin/perl
# What the web layer answers, through real nginx and MariaDB: statuses, headers, cookies, conditional requests, limits.
use Gempix::Test;

skip_all_without(qw(nginx mariadbd));
my $site = site();
my $visitor = $site->client;
my $r;

# --- addresses and methods ---

is($visitor->get('/')->{status}, 200, 'a page') or diag $site->logs(20);
for my $path ('/no/such/page', '/jobs/xyz', '/jobs/', '/signin/') {
    $r = $visitor->get($path);
    is($r->{status}, 404, "$path: 404");
    like($r->{content}, qr{<h1>Nothing here</h1>.*</footer>}s, '... in the look of the site');
}
for my $method (qw(PUT DELETE OPTIONS PATCH)) {
    $r = $visitor->request($method, '/signin');
    is($r->{status}, 405, "$method: 405");
    is($r->{headers}{allow}, 'GET, HEAD, POST', '... with what is allowed');
}
is($visitor->post('/signout', {})->{status}, 403, 'a form without a token: 403');
is($visitor->get('/signout')->{status}, 405, 'an address that takes forms only: 405');
is($visitor->get('/signout')->{headers}{allow}, 'POST', '... with what is allowed');
is($visitor->get('/%ff')->{status}, 400, 'a path that is no text: 400');
is($visitor->get('/signin?next=%zz')->{status}, 400, 'a broken query: 400');
$r = $visitor->get('/no/such/page', headers => { accept => 'application/json' });
is($r->{headers}{'content-type'}, 'application/json', 'a program gets JSON');
like($r->{content}, qr/"status":404/, '... with the status');

# --- HEAD ---

my $full = $visitor->get('/about');
$r = $visitor->request('HEAD', '/about');
is($r->{status}, 200, 'HEAD');
is($r->{content} // '', '', '... has no body');
is($r->{headers}{'content-length'}, length $full->{content}, '... but its length');

# --- headers of every answer ---

for my $path ('/', '/signin', '/no/such/page', '/create') {
    my $h = $visitor->get($path)->{headers};
    like($h->{'content-security-policy'}, qr/\Adefault-src 'none'; .*frame-ancestors 'none'/, "$path: a policy");
    is($h->{'x-content-type-options'}, 'nosniff', '... nosniff');
    is($h->{'referrer-policy'}, 'same-origin', '... no referrer for others');
    is($h->{'cross-origin-opener-policy'}, 'same-origin', '... no opener');
    ok(!exists $h->{'strict-transport-security'}, '... no HSTS without TLS');
    ok(!exists $h->{'x-powered-by'}, '... nothing about what runs here');
}
for my $next ("/a%0d%0aSet-Cookie:x=1", 'https://evil.example/', '//evil.example') {
    my $h = $visitor->get("/create?next=$next")->{headers};
    unlike($h->{location}, qr/[\r\n]|\A\/\/|\Ahttps?:/, 'a redirect stays here');
    ok(!exists $h->{'set-cookie'}, '... and carries nothing foreign');
}

# --- a guest's cookie comes with a form, not before ---

my $guest = $site->client;
ok(!exists $guest->get('/')->{headers}{'set-cookie'}, 'no cookie for looking around');
like($guest->get('/signin')->{headers}{'set-cookie'}, qr/\Agempix-form=[\w-]{43}; Path=\/; .*HttpOnly; SameSite=Lax\z/, 'a form brings one');
ok(!exists $guest->get('/signup')->{headers}{'set-cookie'}, '... once');

# --- forms ---

my %wrong = (email => 'nobody@example.org', password => 'not right at all');
my $form = $guest->get('/signin');
is($guest->submit($form, qr{/signin}, \%wrong)->{status}, 422, 'a form of ours is read');
my ($token) = $form->{content} =~ /name="csrf" value="([\w-]+)"/;
is($guest->post('/signin', { %wrong, csrf => $token }, headers => { origin => 'https://evil.example' })->{status}, 403, 'from another origin: 403');
is($guest->post('/signin', { %wrong, csrf => $token }, headers => { 'sec-fetch-site' => 'cross-site' })->{status}, 403, 'from another site: 403');
is($guest->post('/signin', { %wrong, csrf => 'A' x 43 })->{status}, 403, 'with another token: 403');
is($site->client->post('/signin', { %wrong, csrf => $token })->{status}, 403, 'with another visitor\'s token: 403');
is($guest->post('/signin', \%wrong, headers => { 'x-csrf-token' => $token })->{status}, 422, 'the token as a header');
is($guest->post('/signin', 'x' x 20_000)->{status}, 413, 'too large: 413');
is($guest->post('/signin', 'a=%z')->{status}, 400, 'unreadable: 400');
is($guest->post('/signin', '{}', headers => { 'content-type' => 'application/json' })->{status}, 415, 'not a form: 415');
my $multipart = join '', map { "--B\r\nContent-Disposition: form-data; name=\"$_->[0]\"\r\n\r\n$_->[1]\r\n" } [csrf => $token], map { [$_ => $wrong{$_}] } sort keys %wrong;
is($guest->post('/signin', "$multipart--B--\r\n", headers => { 'content-type' => 'multipart/form-data; boundary=B' })->{status}, 422, 'multipart');
is($guest->post('/signin', $multipart, headers => { 'content-type' => 'multipart/form-data; boundary=B' })->{status}, 400, '... cut off: 400');

# --- sessions ---

my $ada = $site->member(email => 'ada@example.org');
my $session = $ada->{cookies}{gempix};
like($session, qr/\A[\w-]{43}\z/, 'a session of 256 bits');
is($site->sql("SELECT COUNT(*) FROM session WHERE token_hash = UNHEX(SHA2('$session', 256))"), 1, '... whose hash is stored');
$r = $ada->get('/create');
is($r->{status}, 200, 'a member\'s page');
is($r->{headers}{'cache-control'}, 'no-store', '... is kept nowhere');
is($ada->get('/signin')->{headers}{location}, '/create', 'a member needs no sign-in');

$site->sql('UPDATE session SET last_seen_at = last_seen_at - 700000000');
my $seen = $site->sql('SELECT last_seen_at FROM session');
$ada->get('/create');
ok($site->sql('SELECT last_seen_at FROM session') > $seen, 'being seen is noted after ten minutes');
$seen = $site->sql('SELECT last_seen_at FROM session');
$ada->get('/create');
is($site->sql('SELECT last_seen_at FROM session'), $seen, '... but not with every page');
my $day = 86_400_000_000;
$site->sql("UPDATE session SET last_seen_at = last_seen_at - 15 * $day");
$r = $ada->get('/create');
is($r->{status}, 303, 'after two idle weeks: sign in again');
is($r->{headers}{location}, '/signin?next=%2Fcreate', '... and come back');
like($r->{headers}{'set-cookie'}, qr/\Agempix=; .*Max-Age=0/, '... the dead cookie goes');
$ada->{cookies}{gempix} = $session;
$site->sql("UPDATE session SET last_seen_at = last_seen_at + 15 * $day, expires_at = 1");
is($ada->get('/create')->{status}, 303, 'after its end the session is over');

my $eve = $site->client;
$eve->{cookies}{gempix} = 'A' x 43;
$form = $eve->get('/signin');
$r = $eve->submit($form, qr{/signin}, { email => 'ada@example.org', password => 'a quiet lighthouse' });
is($r->{status}, 303, 'signing in with a planted cookie');
isnt($eve->{cookies}{gempix}, 'A' x 43, '... makes a new session');
my $first = $eve->{cookies}{gempix};
$site->sql("UPDATE account SET state = 'closed'");
is($eve->get('/create')->{status}, 303, 'a closed account has no sessions');
$site->sql("UPDATE account SET state = 'active'");
$eve->{cookies}{gempix} = $first;
is($eve->submit($eve->get('/create'), qr{/signout}, {})->{status}, 303, 'signing out') or diag $site->logs(5);
is($site->sql("SELECT COUNT(*) FROM session WHERE token_hash = UNHEX(SHA2('$first', 256))"), 0, '... removes the session');
like($eve->get('/')->{content}, qr/You are signed out/, 'the next page says so');
unlike($eve->get('/')->{content}, qr/You are signed out/, '... once');

# --- conditional requests ---

my $bob = $site->member;
my $job = $site->order($bob);
$r = $bob->get("$job/status");
is($r->{status}, 200, 'a snapshot');
is($r->{headers}{'cache-control'}, 'private, no-cache', '... is asked for again each time');
my $again = $bob->get("$job/status", headers => { 'if-none-match' => $r->{headers}{etag} });
is($again->{status}, 304, '... and costs nothing while unchanged');
is($again->{content} // '', '', '... nothing at all');
is($bob->get("$job/status", headers => { 'if-none-match' => '"other"' })->{status}, 200, 'another tag: in full');

# --- limits ---

my ($limited) = grep { $_->{status} == 429 } map { $guest->post('/signin', { %wrong, csrf => 'A' x 43 }) } 1 .. 40;
ok($limited, 'too many tries: 429');
like($limited->{headers}{'retry-after'}, qr/\A[1-9][0-9]?\z/, '... with the time to wait');
like($limited->{content}, qr{A little slower.*</footer>}s, '... in the look of the site');
is($guest->get('/signin')->{status}, 200, '... pages can still be read');
is($site->sql('SELECT COUNT(*) FROM rate_window WHERE INSTR(bucket, INET6_ATON("127.0.0.1")) > 0'), 0, 'no address is stored');

# --- a template with a mistake is a page of ours ---

unlike(slurp($site->path('log/app.log')), qr/<3>|<2>/, 'nothing of this was an error of ours') or diag $site->logs(30);

done_testing;

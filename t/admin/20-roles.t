#!/usr/bin/perl
# Who may enter which page of the administration: every route, every role. What each role may do is written down here once
# more. Strangers find nothing, staff without a code is told what to do.
use Gempix::Test;
use Digest::SHA qw(hmac_sha1);

skip_all_without(qw(nginx mariadbd));

my %MAY = (
    support   => [qw(DESK ACCOUNTS SESSIONS JOBS PURCHASES TICKETS)],
    moderator => [qw(DESK ACCOUNTS RESTRICT JOBS PROMPTS REPORTS FLAGS)],
    billing   => [qw(DESK ACCOUNTS PURCHASES REFUNDS)],
    privacy   => [qw(DESK ACCOUNTS RIGHTS AUDIT RECORD)],
    owner     => [qw(DESK ACCOUNTS RESTRICT SESSIONS JOBS PROMPTS REPORTS PURCHASES REFUNDS RIGHTS TICKETS FLAGS AUDIT RECORD)],
);

# Every route below /admin, from the code: a route that is not for the staff alone shows here.
my (@routes, @open);
for my $file (glob source() . '/app/*/*.c') {
    my $text = slurp($file);
    while ($text =~ /\{\s*"\w+",\s*METHOD_(\w+),\s*"([^"]+)",\s*\w+,\s*([^,]+),/g) {
        my ($method, $path, $flags) = ($1, $2, $3);
        next if $path !~ m{\A/admin\b} && $file !~ m{/app/admin/};
        my ($permission) = $flags =~ /\AROUTE_STAFF\(PERM_(\w+)\)\z/;
        push @open, $path if !$permission;
        push @routes, [$method, $path =~ s/\{id\}/0000000000000000000000000z/gr, $permission // ''];
    }
}
cmp_ok(scalar @routes, '>=', 8, 'the routes are found');
is_deeply(\@open, [], 'each of them needs a permission');

my $site = site(parts => [qw(database app nginx)]);

sub ask
{
    my ($client, $route) = @_;
    my ($method, $path) = @$route;
    return $method eq 'GET' ? $client->get($path) : $client->post($path, { csrf => 'x' });
}

# --- strangers: the very page of an address that does not exist ---

sub bare
{
    return $_[0] =~ s/value="[\w-]{43}"/value=""/gr;
}

my %stranger = (guest => $site->client, member => $site->member(credits => 0));
for my $who (sort keys %stranger) {
    my $nothing = bare($stranger{$who}->get('/no/such/page')->{content});
    my @wrong = grep { my $r = ask($stranger{$who}, $_); $r->{status} != 404 || bare($r->{content}) ne $nothing } @routes;
    is(scalar @wrong, 0, "a $who finds nothing") or diag join "\n", map { "@$_" } @wrong;
}

# --- roles ---

for my $role (sort keys %MAY) {
    my $client = $site->staff($role);
    my %may = map { $_ => 1 } @{$MAY{$role}};
    my @wrong;
    for my $route (@routes) {
        my $r = ask($client, $route);
        my $refused = $r->{status} == 403 && $r->{content} =~ /Your role does not include this/ ? 1 : 0;
        my $sound = $r->{status} =~ /\A(?:200|403|404)\z/ && $r->{content} !~ /nothing at this address/;
        push @wrong, "@$route: $r->{status}" if $refused == ($may{$route->[2]} ? 1 : 0) || !$sound;
    }
    is(scalar @wrong, 0, "$role may what the table says, and no more") or diag join "\n", @wrong;
    my $menu = join ' ', sort $client->get('/admin')->{content} =~ m{<nav class="tabs [^>]*>.*?</nav>}s ? $& =~ /href="([^"]+)"/g : ();
    my %listed = map { $_->[1] => 1 } grep { $_->[0] eq 'GET' && $may{$_->[2]} && $_->[1] !~ /0z|\./ } @routes;
    is($menu, join(' ', sort keys %listed), "... and the menu shows just that");
}
my ($status, $out) = run([$site->program('gempixctl'), '-c', $site->config('ctl'), 'staff', 'add', 'member1@example.org', 'king']);
is($status, 2, 'there is no other role');
($status, $out) = run([$site->program('gempixctl'), '-c', $site->config('ctl'), 'staff', 'add', 'nobody@example.org', 'owner']);
is($status, 1, 'nor one for an unknown address');
my %app = (schema => 'gempix', user => 'gempix-app', password => slurp($site->path('secret/app')));
ok(!eval { $site->database->sql("INSERT INTO staff VALUES (1, 'owner', 0)", %app); 1 }, 'the site itself cannot give a role');
like($@, qr/ERROR 1142/, '... by its rights');

# --- the whole way, with a real app ---

sub code
{
    my ($secret, $steps) = @_;
    my $bits = join '', map { sprintf '%05b', index 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', $_ } split //, $secret;
    my $mac = hmac_sha1(pack('NN', 0, int(time / 30) + $steps), pack 'B*', $bits);
    return sprintf '%06d', (unpack('N', substr $mac, ord(substr $mac, 19) & 15, 4) & 0x7fffffff) % 1_000_000;
}

my %ada = (email => 'ada@example.org', password => 'seven quiet boats');
my $ada = $site->member(%ada, credits => 0);
is($ada->get('/admin')->{status}, 404, 'before she has a role');
unlike($ada->get('/account')->{content}, qr{href="/admin"}, '... no menu leads there');
$site->ctl(qw(staff add ada@example.org support));
like($site->ctl(qw(staff list)), qr/^support .* ada\@example\.org  \(no second step/m, 'the list says what is missing');
like($ada->get('/account')->{content}, qr{href="/admin"}, 'with a role the menu leads there');
my $r = $ada->get('/admin');
is($r->{status}, 403, '... but without a second step she stays outside');
like($r->{content}, qr{A code is needed.*/account}s, '... and reads what to do');
my $page = $ada->follow($ada->submit($ada->get('/account'), qr{/second/begin}, { password => $ada{password} }));
my ($secret) = $page->{content} =~ m{<code class="breakable">([A-Z2-7 ]+)</code>};
$secret =~ s/ //g;
is($ada->submit($page, qr{/account/second$}, { code => code($secret, 0) })->{status}, 200, 'she sets it up');
is($ada->get('/admin')->{status}, 200, '... with a code, in this session: she is in');
my $other = $site->client;
$page = $other->submit($other->get('/signin'), qr{/signin}, \%ada);
is($other->submit($page, qr{/signin/step}, { code => code($secret, 1) })->{status}, 303, 'another browser, with password and code');
is($other->get('/admin')->{status}, 200, '... is in as well');
$site->sql("UPDATE session SET second_at = NULL");
$r = $other->get('/admin');
is($r->{status}, 403, 'a session that showed no code is not');
like($r->{content}, qr{Sign out and in again}, '... and is told');
$site->sql("UPDATE session SET second_at = 1");
is($other->get('/admin')->{status}, 200, 'in again');
$other->submit($other->get('/account'), qr{/second/codes}, { password => $ada{password} });
$site->sql("DELETE FROM account_second");
is($other->get('/admin')->{status}, 403, 'once the second step is off, nobody of it is in');
$site->sql("INSERT INTO account_second (account_id, nonce, created_at, confirmed_at) SELECT account_id, REPEAT('n', 16), 1, 1 FROM staff");
$site->ctl(qw(staff remove ada@example.org));
is($other->get('/admin')->{status}, 404, 'without the role, nothing is there, at once');
like($site->ctl(qw(audit list --action staff.remove)), qr/operator/, 'both changes stand in the audit log');

done_testing;

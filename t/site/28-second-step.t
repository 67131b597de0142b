#!/usr/bin/perl
# The second step of signing in over HTTP: setting it up, codes that count once, recovery codes, what happens without one.
# The codes are computed here by RFC 6238, independently of the site's library.
use Gempix::Test;
use Digest::SHA qw(hmac_sha1);

skip_all_without(qw(nginx mariadbd));
my $site = site(parts => [qw(database app nginx)]);
my ($email, $password) = ('ada@example.org', 'seven quiet boats');

# The code of the secret (base32), `steps` half minutes from now.
sub code
{
    my ($secret, $steps) = @_;
    my $bits = join '', map { sprintf '%05b', index 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', $_ } split //, $secret;
    my $key = pack 'B*', $bits;
    my $mac = hmac_sha1(pack('NN', 0, int(time / 30) + $steps), $key);
    my $number = unpack('N', substr $mac, ord(substr $mac, 19) & 15, 4) & 0x7fffffff;
    return sprintf '%06d', $number % 1_000_000;
}

# A stranger to the account's page of the code, by the password.
sub half_way
{
    my $client = $site->client;
    my $answer = $client->submit($client->get('/signin?next=/pictures'), qr{/signin}, { email => $email, password => $password });
    return ($client, $answer);
}

my $ada = $site->member(email => $email, password => $password);
my $page = $ada->get('/account');
is($ada->get('/account/second')->{status}, 303, 'nothing to set up before it is begun');
is($ada->get('/account/second/picture')->{status}, 404, '... and no picture');
my $r = $ada->submit($page, qr{/second/begin}, { password => 'not it' });
is($r->{status}, 422, 'setting it up takes the password');
$r = $ada->submit($r, qr{/second/begin}, { password => $password });
is($r->{status}, 303, '... again, rightly') or diag $r->{content}, $site->logs(10);
$page = $ada->follow($r);
my ($secret) = $page->{content} =~ m{<code class="breakable">([A-Z2-7 ]+)</code>};
$secret =~ s/ //g;
is(length $secret, 32, 'a secret to type');
my $picture = $ada->get('/account/second/picture');
is($picture->{headers}{'content-type'}, 'image/svg+xml', '... and a picture to read');
like($picture->{headers}{'cache-control'}, qr/no-store/, '... that is not kept');
is($site->client->get('/account/second/picture')->{status}, 303, '... nor shown to others');
my (undef, $early) = half_way();
is($early->{status}, 303, 'until the first code, signing in asks for none');
is($ada->submit($page, qr{/account/second$}, { code => '000000' eq code($secret, 0) ? '111111' : '000000' })->{status}, 422, 'a wrong code');
my $first = code($secret, 0);
$r = $ada->submit($page, qr{/account/second$}, { code => substr($first, 0, 3) . ' ' . substr $first, 3 });
is($r->{status}, 200, 'the right one, with a blank') or diag $r->{content};
my @codes = $r->{content} =~ m{<li><code>([a-z0-9-]{14})</code>}g;
is(scalar @codes, 10, '... gives ten recovery codes');
like($r->{headers}{'cache-control'}, qr/no-store/, '... shown once');
is($ada->get('/account/second')->{status}, 303, '... the secret is never shown again');
is($ada->get('/account/second/picture')->{status}, 404, '... nor its picture');
my $tables = join "\n", $site->sql('SELECT CONCAT(HEX(nonce), HEX(account_id)) FROM account_second'), $site->sql('SELECT HEX(code_hash) FROM account_recovery');
unlike($tables, qr/\Q@{[uc unpack 'H*', $codes[0]]}\E/, 'the database does not hold the codes');

# --- signing in ---

my $client;
($client, $r) = half_way();
is($r->{status}, 200, 'the password alone');
like($r->{content}, qr/And now the code/, '... leads to the second step');
is($client->get('/pictures')->{status}, 303, '... and nowhere else');
$page = $r;
$r = $client->submit($page, qr{/signin/step}, { code => $first });
is($r->{status}, 422, 'a code that was used before');
my $next = code($secret, 1); # by the time it is tried again, another one may be the next
$r = $client->submit($r, qr{/signin/step}, { code => $next });
is($r->{status}, 303, 'the next one') or diag $r->{content};
like($r->{headers}{location}, qr{/pictures$}, '... leads where one wanted to go');
is($client->follow($r)->{status}, 200, '... signed in');
my $used = $client;

($client, $page) = half_way();
is($client->submit($page, qr{/signin/step}, { code => $next })->{status}, 422, 'it counts once');
is($client->submit($page, qr{/signin/step}, { code => $first })->{status}, 422, 'and so does every older one');
$r = $client->submit($page, qr{/signin/step}, { code => uc $codes[0] =~ s/-/ /gr });
is($r->{status}, 303, 'a recovery code works, however it is written') or diag $r->{content};
($client, $page) = half_way();
is($client->submit($page, qr{/signin/step}, { code => $codes[0] })->{status}, 422, '... once');
is($client->submit($page, qr{/signin/step}, { code => 'zzzz-zzzz-zzzz' })->{status}, 422, "... and no other: try $_") for 2 .. 4;
is($client->submit($page, qr{/signin/step}, { code => 'zzzz-zzzz-zzzz' })->{status}, 422, 'five wrong codes');
$r = $client->submit($page, qr{/signin/step}, { code => $codes[1] });
is($r->{status}, 303, '... end this attempt');
like($r->{headers}{location}, qr{/signin$}, '... even for a right one: the password first');

# --- a forgotten password does not replace the code ---

$client = $site->client;
$client->submit($client->get('/forgotten'), qr{/forgotten}, { email => $email });
my ($link) = join('', $site->sql("SELECT body FROM mail_outbox WHERE mail_key LIKE 'link:reset%'")) =~ m{(/reset\?token=[\w-]+)};
$password = 'nine loud trains';
$r = $client->submit($client->get($link), qr{/reset}, { password => $password });
like($r->{content}, qr/And now the code/, 'a new password by letter still asks for the code');
is($client->get('/pictures')->{status}, 303, '... and lets nobody in without it');
$r = $client->submit($r, qr{/signin/step}, { code => $codes[1] });
is($r->{status}, 303, '... but with it');

# --- new codes, and off ---

$page = $client->get('/account');
like($page->{content}, qr/Recovery codes left: 8/, 'the account says how many codes are left');
$r = $client->submit($page, qr{/second/codes}, { password => $password });
my @new = $r->{content} =~ m{<li><code>([a-z0-9-]{14})</code>}g;
is(scalar @new, 10, 'new codes');
my $other;
($other, $page) = half_way();
is($other->submit($page, qr{/signin/step}, { code => $codes[2] })->{status}, 422, '... end the old ones');
is($other->submit($page, qr{/signin/step}, { code => $new[2] })->{status}, 303, '... and work');
my ($form) = grep { $_->{action} =~ m{/second/codes} } Gempix::Client::forms($client->get('/account'));
is($client->post('/account/second/end', { %{$form->{fields}}, password => 'wrong' })->{status}, 422, 'turning it off takes the password');
is($client->post('/account/second/end', { %{$form->{fields}}, password => $password })->{status}, 303, '... rightly');
($other, $r) = half_way();
is($r->{status}, 303, 'the password alone opens again');
is($site->sql("SELECT COUNT(*) FROM mail_outbox WHERE mail_key LIKE 'second-%'"), 2, 'letters told of both');
done_testing;

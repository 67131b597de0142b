#!/usr/bin/perl
# Signing up, in and out over HTTP without JavaScript, through real nginx and MariaDB; and what must not be possible.
use Gempix::Test;

skip_all_without(qw(nginx mariadbd));
my $site = site(parts => [qw(database mail app nginx steward)]);
my $visitor = $site->client;

# --- what anybody sees ---

my $home = $visitor->get('/');
is($home->{status}, 200, 'the first page') or diag $site->logs(20);
like($home->{headers}{'content-security-policy'}, qr/default-src 'none'/, 'a strict content-security policy');
unlike($home->{headers}{'content-security-policy'}, qr/unsafe/, '... without exceptions');
is($home->{headers}{'x-content-type-options'}, 'nosniff', 'nosniff');
unlike($home->{content}, qr{<script(?![^>]*\bsrc=)[^>]*>|<style|\sstyle=|\son\w+=}, 'no inline script or style');
unlike($home->{content} =~ s{"\Q@{[$site->url]}\E/}{"/}gr, qr{(?:src|href|action)="(?:https?:)?//}, 'nothing is loaded from elsewhere');

for my $path ('/create', '/pictures') {
    my $r = $visitor->get($path);
    is($r->{status}, 303, "$path: sign in first");
    like($r->{headers}{location}, qr{^/signin}, '... there');
}
my $r = $visitor->get('/no/such/page');
is($r->{status}, 404, 'an unknown address: 404');
like($r->{content}, qr{<link[^>]+stylesheet}, '... that looks like the site');
$r = $visitor->post('/', { a => 1 });
is($r->{status}, 405, 'a wrong method: 405');
like($r->{headers}{allow}, qr/GET/, '... with what is allowed');

# --- signing up ---

my %person = (email => 'Ada@Example.org', display_name => 'Ada <b>', password => 'seven quiet boats', of_age => 1, terms => 1);
my $form = $visitor->get('/signup');
like($form->{content}, qr{says-16 says-now">I am at least 16 years old}, 'whoever chooses no country states the highest age');
like($form->{content}, qr{<option value="at" class="age-14">Austria</option>}, '... countries have their own');
like($form->{content}, qr/<input name="of_age" type="checkbox" value="1" required(?! checked)/, 'the form asks for the age, and answers for nobody');
$r = $visitor->submit($form, qr{/signup}, { %person, password => 'short' });
is($r->{status}, 422, 'a short password is refused');
like($r->{content}, qr/Ada\@Example\.org/, '... and what was typed is kept');
unlike($r->{content}, qr/value="short"/, '... but never the password');
$r = $visitor->submit($r, qr{/signup}, { %person, country => 'at', of_age => undef });
is($r->{status}, 422, 'without the age confirmation: refused');
like($r->{content}, qr{says-14 says-now">I am at least 14}, '... with the statement of the chosen country');
is($visitor->submit($r, qr{/signup}, { %person, country => 'atlantis' })->{status}, 422, 'a country that is not in the list: refused');
$r = $visitor->submit($r, qr{/signup}, { %person, email => "evil\r\nBcc: x\@y.z" });
is($r->{status}, 422, 'an address with a line feed: refused');
is($site->sql('SELECT COUNT(*) FROM account'), 0, 'nobody has an account yet');

$r = $visitor->submit($r, qr{/signup}, \%person);
is($r->{status}, 303, 'signing up') or diag $r->{content};
my $studio = $visitor->follow($r);
is($studio->{status}, 200, '... leads on');
like($studio->{content}, qr/Ada &lt;b&gt;/, 'names are escaped');
is($site->sql('SELECT available FROM balance'), $site->sql("SELECT amount FROM ledger_entry WHERE book = 'available'"), 'welcome credits are in the ledger');
my ($cookie) = grep { /^gempix=|^__Host-gempix=/ } map { ref $_ ? @$_ : $_ // () } $r->{headers}{'set-cookie'};
like($cookie, qr/HttpOnly/i, 'the session cookie is not for scripts');
like($cookie, qr/SameSite=(?:Lax|Strict)/i, '... nor for other sites');
my ($token) = $cookie =~ /=([^;]+)/;
is($site->sql("SELECT COUNT(*) FROM session WHERE HEX(token_hash) LIKE '%" . unpack('H*', $token) . "%'"), 0, '... and is not stored as it is');

wait_until(20, 'the welcome mail', sub { glob($site->path('mail/*.eml')) });
my $mail = slurp((glob $site->path('mail/*.eml'))[0]);
like($mail, qr/^X-Envelope-To: ada\@example\.org$/mi, 'a welcome mail arrives');

# --- doing it again ---

# t/site/26-links.t confirms by the letter; here the address becomes Ada's by itself.
$site->sql('UPDATE account SET verified_at = created_at');
my $other = $site->client;
$r = $other->submit($other->get('/signup'), qr{/signup}, { %person, email => 'ada@example.ORG' });
is($r->{status}, 303, 'the same address, in other letters: whoever asks does not learn that it is known');
is($other->follow($r)->{status}, 200, '... and gets an account that works');

# --- out and in ---

$r = $visitor->submit($studio, qr{/signout}, {});
is($r->{status}, 303, 'signing out');
is($visitor->get('/create')->{status}, 303, '... closes the studio');
$visitor->{cookies}{$cookie =~ /^([^=]+)/ ? $1 : ''} = $token;
is($visitor->get('/create')->{status}, 303, '... and the old session is dead on the server');

$other = $site->client;
my $page = $other->get('/signin?next=/pictures');
for my $try ([email => 'ada@example.org', password => 'wrong wrong'], [email => 'nobody@example.org', password => 'wrong wrong']) {
    my %try = @$try;
    $r = $other->submit($page, qr{/signin}, \%try);
    ok($r->{status} >= 400 && $r->{status} < 500, "signing in as $try{email} with a wrong password is refused");
}
$r = $other->submit($page, qr{/signin}, { email => 'ADA@example.org', password => $person{password} });
is($r->{status}, 303, 'signing in');
like($r->{headers}{location}, qr{^/pictures}, '... leads where one wanted to go');
for my $away ('https://evil.example/', '//evil.example/', '/\\evil.example') {
    my $third = $site->client;
    my $p = $third->get('/signin');
    $r = $third->submit($p, qr{/signin}, { email => 'ada@example.org', password => $person{password}, next => $away });
    unlike($r->{headers}{location} // '', qr/evil/, "... but never away from the site: $away");
}

# --- where from: a keyed code of the network, the same for all of one ---

is($site->sql('SELECT COUNT(*) = (SELECT COUNT(*) FROM account) FROM account_origin'), 1, 'each account has its network noted');
is($site->sql('SELECT COUNT(DISTINCT network) FROM account_origin'), 1, '... all of one network alike');
is($site->sql('SELECT COUNT(*) FROM account_origin WHERE INSTR(network, UNHEX("7F0000")) > 0'), 0, '... and no address can be read from it');

# --- forged requests ---

$page = $other->get('/create');
my ($create) = grep { $_->{action} =~ m{/create} } Gempix::Client::forms($page);
my %fields = %{$create->{fields}};
is($other->post('/create', { %fields, prompt => 'x', csrf => 'forged' })->{status}, 403, 'a forged token: 403');
is($other->post('/create', { map { $_ => $fields{$_} } grep { $_ ne 'csrf' } keys %fields })->{status}, 403, 'no token: 403');
is($other->post('/create', { %fields, prompt => 'x' }, headers => { origin => 'https://evil.example', 'sec-fetch-site' => 'cross-site' })->{status},
    403, 'the right token from another site: 403');
is($other->post('/create', 'x' x 40_000)->{status}, 413, 'a form that is too large: 413');
is($site->sql('SELECT COUNT(*) FROM job'), 0, 'none of these made a job');

done_testing;

#!/usr/bin/perl
# A member asks for the copy of their data, on the real site with its steward: the proof, the letter, the link that works
# once and for its owner alone, a broken download, the end of its time, a steward killed in the middle, and the erasure.
# No browser: everything here works without scripts.
use Gempix::Test;

skip_all_without(qw(nginx mariadbd python3));
my $site = site(parts => [qw(database app nginx)]);
my ($MINUTE, $HOUR) = (60, 3600);
my $ada = $site->member(email => 'ada@example.org');
my $eve = $site->member(email => 'eve@example.org');
my %id = map { $_ => scalar $site->sql("SELECT id FROM account WHERE email = '$_\@example.org'") } qw(ada eve);
my $PASSWORD = 'a quiet lighthouse';
my $folder = $site->path('copies');

sub steward
{
    my ($shift, @duties) = @_;
    my ($status, $out) = run([$site->program('gempix-steward'), '-c', $site->config('steward'), @duties], env => { GEMPIX_CLOCK_SHIFT => $shift });
    return wantarray ? ($out, $status) : $out;
}

sub ask
{
    my ($who, %fields) = @_;
    return $who->submit($who->get('/account/copy'), qr{/account/copy}, { password => $PASSWORD, %fields });
}

sub state
{
    my ($name) = @_;
    return scalar $site->sql("SELECT state FROM data_copy WHERE account_id = $id{$name} ORDER BY id DESC LIMIT 1");
}

sub files
{
    return map { s{.*/}{}r } glob "$folder/*";
}

# The link in the account's newest letter about a copy.
sub link_of
{
    my ($name) = @_;
    my $body = $site->sql("SELECT body FROM mail_outbox WHERE account_id = $id{$name} AND mail_key LIKE 'link:copy:%' ORDER BY id DESC LIMIT 1");
    my ($path) = ($body // '') =~ m{(/account/copy/fetch\?token=[\w-]{43})};
    return $path // die 'no letter with a link: ' . ($body // '');
}

# As if this much time had gone by since everything that happened to the account's copies.
sub age
{
    my ($name, $seconds) = @_;
    $site->sql("UPDATE data_copy SET asked_at = asked_at - ${seconds}000000, due_at = due_at - ${seconds}000000,
        ends_at = ends_at - ${seconds}000000, fetched_at = fetched_at - ${seconds}000000 WHERE account_id = $id{$name}");
    return;
}

# --- asking ---

like($ada->get('/account')->{content}, qr{href="/account/copy"}, 'the account page leads there');
like($ada->get('/privacy/centre')->{content}, qr{href="/account/copy"}, '... and the privacy centre');
my $stranger = $site->client->get('/account/copy');
is($stranger->{status}, 303, 'a stranger is sent to sign in');
is(ask($ada, password => 'wrong')->{status}, 422, 'not without the password');
is($site->sql('SELECT COUNT(*) FROM data_copy'), 0, '... nothing was asked');
my $now = time . '000000';
$site->sql("INSERT INTO account_second (account_id, nonce, created_at, confirmed_at) VALUES ($id{ada}, REPEAT('n', 16), $now, $now)");
is(ask($ada, code => '123456')->{status}, 422, 'not without the code, where signing in takes one');
is($site->sql('SELECT COUNT(*) FROM data_copy'), 0, '... nothing was asked');
$site->sql("DELETE FROM account_second WHERE account_id = $id{ada}");
$site->sql("UPDATE account SET verified_at = NULL WHERE id = $id{eve}");
unlike($eve->get('/account/copy')->{content}, qr/name="password"/, 'an address that nobody confirmed gets no letter: no form');
my ($csrf) = $eve->get('/account')->{content} =~ /name="csrf" value="([^"]+)"/;
is($eve->post('/account/copy', { csrf => $csrf, password => $PASSWORD })->{status}, 403, '... and no way around it');
$site->sql("UPDATE account SET verified_at = $now WHERE id = $id{eve}");

my $form = $ada->get('/account/copy');
is($ada->submit($form, qr{/account/copy}, { password => $PASSWORD })->{status}, 303, 'asked') or diag $site->logs(10);
my $twice = $ada->submit($form, qr{/account/copy}, { password => $PASSWORD });
is($twice->{status}, 429, 'not twice a day');
like($twice->{content}, qr/being written.*letter with a link/s, '... the page says how far it is');
is($site->sql('SELECT COUNT(*) FROM data_copy'), 1, '... one is open');
my $raced = eval { $site->sql("INSERT INTO data_copy (account_id, asked_at, due_at) VALUES ($id{ada}, 1, 1)"); 1 };
ok(!$raced, '... and the database would not take another');

# --- written, with the steward's own rights ---

my ($said, $status) = steward(0, 'copies');
is($status, 0, 'the steward ends well');
like($said, qr/1 copies written/, '... and wrote it') or diag $said;
is(state('ada'), 'ready', 'it is ready');
my ($file) = files();
is(scalar(() = files()), 1, 'one file');
is((stat "$folder/$file")[2] & 07777, 0640, '... that others cannot read');
my $link = link_of('ada');
is($ada->get("/_copies/$file")->{status}, 404, '... nor reach by its name');
my ($token) = $link =~ /token=(.*)/;
is($site->sql("SELECT COUNT(*) FROM data_copy WHERE token_hash = UNHEX(SHA2('$token', 256))"), 1, 'of the token only its hash is stored');
like($ada->get('/account/copy')->{content}, qr/ready.*It waits until/s, 'the page says so');
unlike($ada->get('/account/copy')->{content}, qr/\Q$token/, '... without the link');

# --- fetched, by its owner alone, once ---

my $guest = $site->client;
my $sent = $guest->get($link);
is($sent->{status}, 303, 'signed out: sent to sign in');
my $back = $guest->submit($guest->get($sent->{headers}{location} =~ s{\Ahttps?://[^/]+}{}r), qr{/signin}, { email => 'ada@example.org', password => $PASSWORD });
is($back->{headers}{location} =~ s{\Ahttps?://[^/]+}{}r, $link, '... and back to the link');
is($eve->get($link)->{status}, 404, 'to another account there is nothing');
is($eve->post('/account/copy/fetch', { csrf => $csrf, token => $token })->{status}, 404, '... behind the button neither');
is(state('ada'), 'ready', '... and nothing has happened to it');
my $page = $ada->get($link);
is($page->{status}, 200, 'the link shows a page') or diag $site->logs(10);
is(state('ada'), 'ready', '... that fetches nothing by itself');
my $got = $ada->submit($page, qr{/account/copy/fetch}, {});
is($got->{status}, 200, 'the button fetches it');
is($got->{headers}{'content-type'}, 'application/zip', '... as an archive');
like($got->{headers}{'content-disposition'}, qr/\Aattachment; filename="my-data\.zip"/, '... to be stored');
like($got->{headers}{'cache-control'}, qr/no-store/, '... in no cache');
ok($got->{content} eq slurp("$folder/$file"), '... whole');
my $dir = tempdir();
spew("$dir/copy.zip", $got->{content});
is((run(['python3', '-m', 'zipfile', '-e', "$dir/copy.zip", "$dir/copy"]))[0], 0, 'it can be opened');
like(slurp("$dir/copy/account.json"), qr/ada\@example\.org/, '... and holds the account');
is(state('ada'), 'fetched', 'it is noted');
is($ada->submit($page, qr{/account/copy/fetch}, {})->{status}, 200, 'a broken download may begin again in the same session');
is($guest->get($link)->{status}, 410, 'in another session of the account it is over');
my ($guest_csrf) = $guest->get('/account')->{content} =~ /name="csrf" value="([^"]+)"/;
is($guest->post('/account/copy/fetch', { csrf => $guest_csrf, token => $token })->{status}, 410, '... behind the button too');
unlike(steward(5 * $MINUTE, 'copies'), qr/removed/, 'the file waits ten minutes for that');
like(steward(11 * $MINUTE, 'copies'), qr/1 files removed/, '... and goes then');
is(scalar(() = files()), 0, 'no file is left');
my $second = $ada->submit($page, qr{/account/copy/fetch}, {});
is($second->{status}, 410, 'fetched: no second time');
like($second->{content}, qr{ask for a new one.*href="/account/copy"}s, '... and the page says how to get another');
like($ada->get('/account/copy')->{content}, qr/have fetched.*in 24 hours/s, 'when the next one may be asked for');
is(slurp($site->path('log/gempix-access.log')) =~ /\Q$token/ ? 1 : 0, 0, 'no log holds the token');

# --- a steward killed in the middle ---

age('ada', 25 * $HOUR);
is(ask($ada)->{status}, 303, 'a day later another one');
my @server = ('--socket', $site->{database}{socket}, '-u', $site->{database}{user} // 'root', 'gempix');
my $holder = spawn('holder', ['mariadb', @server, '-e', 'LOCK TABLES consent WRITE; SELECT SLEEP(30)']);
wait_until(10, 'the table to be held', sub { $site->sql("SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE 'SELECT SLEEP%'") });
my $killed = spawn('steward', [$site->program('gempix-steward'), '-c', $site->config('steward'), 'copies']);
wait_until(10, 'the copy to be in the middle', sub { grep { /\.part\z/ } files() });
$killed->stop(signal => 'KILL');
$holder->stop;
$site->sql("KILL $_") for $site->sql("SELECT id FROM information_schema.processlist WHERE info LIKE 'SELECT SLEEP%'");
is(state('ada'), 'building', 'killed in the middle');
unlike(steward(10 * $MINUTE, 'copies'), qr/written/, 'while its lease lasts nobody takes it up');
like(steward(31 * $MINUTE, 'copies'), qr/1 copies written/, '... then the next run does');
is(join(' ', map { s/.*\.//r } files()), 'zip', '... and the unfinished file is gone');

# --- nobody fetches it ---

spew("$folder/" . '0' x 26 . '.zip', 'left behind');
like(steward(50 * $HOUR, 'copies'), qr/2 files removed/, 'after two days it is removed, and what no row names');
is(state('ada'), 'gone', '... which is noted');
$page = $ada->get(link_of('ada'));
is($page->{status}, 410, '... and the link is over');

# --- a failure ---

age('ada', 25 * $HOUR);
is(ask($ada)->{status}, 303, 'asked on a bad day');
rename $folder, "$folder.away";
spew($folder, 'no folder');
steward($_ * 6 * $MINUTE, 'copies') for 1 .. 4;
is($site->sql('SELECT CONCAT(state, attempts) FROM data_copy ORDER BY id DESC LIMIT 1'), 'failed3', 'after three attempts it has failed');
like($ada->get('/account/copy')->{content}, qr/could not be written.*name="password"/s, '... the page says so and lets one ask again');
unlink $folder;
rename "$folder.away", $folder;
is(ask($ada)->{status}, 303, '... at once');

# --- erasure ---

is(ask($eve)->{status}, 303, 'the other asks, too');
like(steward(0, 'copies'), qr/2 copies written/, 'both are written');
is(scalar(() = files()), 2, '... two files');
$site->ctl('erase', 'eve@example.org', '--now');
is(scalar(() = files()), 1, 'an erasure takes the file');
is($site->sql("SELECT COUNT(*) FROM data_copy WHERE account_id = $id{eve}"), 0, '... and the row');

done_testing;

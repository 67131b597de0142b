#!/usr/bin/perl
# gempix-steward against a real database and a real SMTP server: every duty, letters that come through whole, servers that
# refuse, and the command line.
use Gempix::Test;
use MIME::QuotedPrint qw(decode_qp);
use Encode qw(decode);

skip_all_without(qw(mariadbd));
my $site = site(parts => ['database'], conf => { 'site.name' => 'Gempix 2 "für" alle', 'render.lease' => 5 });
my $steward = $site->program('gempix-steward');
my $member = tool('account', 100);

sub tool
{
    my (@arguments) = @_;
    my ($status, $out) = run([build() . '/t/queue/queue_tool', $site->database->socket, 'gempix', 'root', @arguments]);
    die "queue_tool @arguments: $out" if $status != 0;
    chomp $out;
    return $out;
}

# Runs duties as they would run so many seconds from now.
sub steward
{
    my ($shift, @duties) = @_;
    return run([$steward, '-c', $site->config('steward'), @duties], env => { GEMPIX_CLOCK_SHIFT => $shift });
}

sub letter
{
    my ($key, $to, $subject, $body) = @_;
    my ($hex_subject, $hex_body) = map { unpack 'H*', $_ } $subject, $body;
    return $site->sql("INSERT INTO mail_outbox (mail_key, recipient, subject, body, next_try_at, created_at)
        VALUES ('$key', '$to', CONVERT(X'$hex_subject' USING utf8mb4), CONVERT(X'$hex_body' USING utf8mb4),
        UNIX_TIMESTAMP() * 1000000, UNIX_TIMESTAMP() * 1000000)");
}

# --- the command line ---

my ($status, $out) = run([$steward, '--help']);
is($status, 0, '--help');
like($out, qr/\b$_\b/, "... names the duty $_") for qw(leases media notices mail usage flags purge all);
($status, $out) = run([$steward, 'purje']);
is($status, 2, 'a duty that does not exist is refused');
like($out, qr/Did you mean purge\?/, '... with a guess');
for my $wrong ([], ['--every', '0', 'all'], ['--every', 'x', 'all'], ['--evry', '1', 'all'], ['mail', 'nonsense']) {
    ($status, $out) = run([$steward, @$wrong]);
    is($status, 2, "wrong usage: @$wrong");
}
($status, $out) = run([$steward, '-c', $site->path('nothing.yaml'), 'all']);
is($status, 1, 'without configuration nothing happens');

# --- nothing to do ---

($status, $out) = steward(0, 'all');
is($status, 0, 'all duties with nothing to do') or diag $out;
like($out, qr/\b$_: nothing to do/, "... $_ says so") for qw(leases media notices mail usage flags purge payments months);

# --- leases and media ---

tool('submit', $member, 'gempix-tiny', 2, 1, 3);
$site->sql("UPDATE job SET state = 'running', lease_token = 1, attempts = 1, lease_owner = 'gone:1',
    lease_until = UNIX_TIMESTAMP() * 1000000 + 2000000");
$site->sql("UPDATE job SET attempts = 3 ORDER BY id DESC LIMIT 1");
($status, $out) = steward(0, 'leases');
like($out, qr/leases: nothing to do/, 'a lease that holds is left alone');
($status, $out) = steward(60, 'leases');
like($out, qr/leases: 2 lost jobs moved on/, 'lost jobs move on');
is($site->sql('SELECT GROUP_CONCAT(state ORDER BY id) FROM job'), 'queued,failed', '... back, or to their end');
is($site->sql("SELECT CONCAT(available, '+', held) FROM balance"), '97+3', '... and the credits of the failed one are back');

my $key = '00/00/' . '0' x 26;
mkdir $site->path("media/$_") for '00', '00/00';
spew($site->path("media/$key.png"), 'x' x 100);
$site->sql("INSERT INTO media (public_id, account_id, kind, state, extension, width, height, bytes, sha256, created_at, expires_at)
    VALUES (REPEAT(CHAR(0), 16), $member, 'result', 'stored', 'png', 8, 8, 100, REPEAT('x', 32), 1,
    UNIX_TIMESTAMP() * 1000000 + 60000000)");
steward(0, 'media');
ok(-e $site->path("media/$key.png"), 'a picture that has not expired stays');
($status, $out) = steward(3600, 'media');
is($status, 0, 'sweeping') or diag $out;
like($out, qr/media: 1 expired, 1 files removed/, 'an expired picture goes');
is($site->sql('SELECT COUNT(*) FROM media'), 0, '... its row');
ok(!-e $site->path("media/$key.png"), '... and its file');

# --- what is due by the data register; t/policy/20-retention.t knows every rule ---

$site->sql("INSERT INTO session (token_hash, account_id, created_at, last_seen_at, expires_at) VALUES (REPEAT('a', 32), $member, 1, UNIX_TIMESTAMP() * 1000000, UNIX_TIMESTAMP() * 1000000 + 60000000),
    (REPEAT('b', 32), $member, 1, UNIX_TIMESTAMP() * 1000000, UNIX_TIMESTAMP() * 1000000 + 7200000000)");
$site->sql("INSERT INTO rate_window SELECT MD5(seq), UNIX_TIMESTAMP() * 1000000, 1 FROM seq_1_to_250");
$site->sql("INSERT INTO rate_window VALUES (REPEAT('n', 32), UNIX_TIMESTAMP() * 1000000 + 5400000000, 1)");
($status, $out) = steward(5400, 'purge');
like($out, qr/purge: 1 session, 250 rate_window/, 'what is over is forgotten') or diag $out;
is($site->sql('SELECT COUNT(*) FROM session'), 1, '... what lives stays');
is($site->sql('SELECT COUNT(*) FROM rate_window'), 1, '... so does the window of now');

# --- letters ---

letter('a', 'ada@example.org', 'Welcome', "Hello\n\n.dot\nFrom here\n" . 'x' x 200 . "\nend \n=3D");
($status, $out) = steward(5, 'mail');
like($out, qr/mail: nothing to do/, 'without a server letters wait');
is($site->sql('SELECT state FROM mail_outbox'), 'queued', '... in the outbox');

$site->start('mail');
($status, $out) = steward(5, 'mail');
like($out, qr/mail: 1 letters sent/, 'with a server they go') or diag $out;
unlike($out, qr/example\.org/, '... and no address is in the log');
is($site->sql('SELECT CONCAT(state, attempts) FROM mail_outbox'), 'sent1', '... and are marked');
steward(29 * 86400, 'purge');
is($site->sql('SELECT COUNT(*) FROM mail_outbox'), 1, 'a sent letter is remembered for a while');

my ($file) = glob($site->path('mail/*.eml'));
my ($head, $body) = split /\n\n/, slurp($file), 2;
like($head, qr/^X-Envelope-From: gempix\@example\.org$/m, 'the envelope has the sender');
like($head, qr/^X-Envelope-To: ada\@example\.org$/m, '... and the recipient');
like($head, qr/^To: <ada\@example\.org>$/m, 'the head has the recipient');
like($head, qr/^Subject: Welcome$/m, '... the subject');
like($head, qr/^Date: (?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+0000$/m, '... a date');
like($head, qr/^Message-ID: <[\w.]+\@example\.org>$/m, '... an id');
my ($from) = $head =~ /^From: (.*\n [^\n]*)/m;
like($head, qr/^ <gempix\@example\.org>$/m, '... the sender');
is(decode('MIME-Header', $head =~ /^From: (.*?)\n </ms ? $1 : ''), decode('UTF-8', 'Gempix 2 "für" alle'), '... with its name');
is((grep { length > 76 } split /\n/, $body), 0, 'no line is too long');
is(decode_qp($body) =~ s/\n\z//r, "Hello\n\n.dot\nFrom here\n" . 'x' x 200 . "\nend \n=3D", 'the body arrives whole');
($status, $out) = steward(100000, 'mail');
like($out, qr/mail: nothing to do/, 'nothing is sent twice');

my $long = 'Größe ☀ ' x 20;
letter('b', 'eve@example.org', $long, "ü\r\nß");
steward(5, 'mail');
($file) = (glob($site->path('mail/*.eml')))[-1];
($head, $body) = split /\n\n/, slurp($file), 2;
my ($subject) = $head =~ /^Subject: (.*?)\n(?=\S)/ms;
is(decode('MIME-Header', $subject), decode('UTF-8', $long), 'a long subject beyond ASCII arrives whole');
is(join('', grep { length > 78 } split /\n/, $head), '', '... in short lines');
is(decode_qp($body), "ü\nß\n", '... and such a body');

# A row that would smuggle in a header, as a bug of ours might write it.
letter('c', 'eve@example.org', "Hi\r\nBcc: all\@example.org", 'x');
letter('d', "a\@example.org>\r\nRCPT TO:<b\@example.org", 'Hi', 'x');
my $before = () = glob($site->path('mail/*.eml'));
steward(5, 'mail');
is(scalar(() = glob($site->path('mail/*.eml'))), $before, 'letters with a line end in their head are not sent');
is($site->sql("SELECT GROUP_CONCAT(state) FROM mail_outbox WHERE mail_key IN ('c', 'd')"), 'failed,failed', '... never');

# --- a server that does not answer ---

$site->stop('mail');
letter('e', 'ada@example.org', 'Later', 'x');
($status, $out) = steward(5, 'mail');
is($status, 0, 'a server that is away is no failure of the duty');
like($out, qr/1 tries failed/, '... but is told');
($status, $out) = steward(30, 'mail');
like($out, qr/nothing to do/, 'the next try waits a minute');
my @waits;
my $shift = 5;
for my $try (2 .. 7) {
    my $due = $site->sql("SELECT next_try_at FROM mail_outbox WHERE mail_key = 'e'");
    push @waits, int(($due / 1e6 - time - $shift) / 60 + 0.5);
    $shift = int($due / 1e6 - time) + 2;
    steward($shift, 'mail');
    is($site->sql("SELECT CONCAT(attempts, state) FROM mail_outbox WHERE mail_key = 'e'"), $try . ($try < 7 ? 'queued' : 'failed'),
        "try $try");
}
is("@waits", '1 5 30 120 360 720', 'the pauses grow (minutes)');

letter('f', 'ada@example.org', 'Waiting', 'x');
$site->sql("UPDATE mail_outbox SET next_try_at = (UNIX_TIMESTAMP() + 40 * 86400) * 1000000 WHERE mail_key = 'f'");
($status, $out) = steward(32 * 86400, 'purge');
like($out, qr/purge: \d+ mail_outbox/, 'letters that went, or were given up, are forgotten after 30 days') or diag $out;
is($site->sql('SELECT GROUP_CONCAT(mail_key) FROM mail_outbox'), 'f', '... all of them, and none that waits');

# --- again and again ---

my $loop = spawn('steward', [$steward, '-c', $site->config('steward'), 'leases', 'purge', '--every', '1']);
$site->sql("INSERT INTO session (token_hash, account_id, created_at, last_seen_at, expires_at) VALUES (REPEAT('c', 32), $member, 1, 1, 1)");
wait_until(20, 'the duty to come round', sub { $site->sql('SELECT COUNT(*) FROM session') == 0 });
pass('--every repeats the duties');
$site->database->stop;
sleep 2;
ok($loop->alive, 'it survives a database that goes away');
$site->database->start;
$site->sql("INSERT INTO session (token_hash, account_id, created_at, last_seen_at, expires_at) VALUES (REPEAT('d', 32), $member, 1, 1, 1)");
wait_until(30, 'the duty to come round again', sub { $site->sql('SELECT COUNT(*) FROM session') == 0 });
pass('... and goes on when it is back');
is($loop->stop, 0, 'SIGTERM ends it in order');

done_testing;

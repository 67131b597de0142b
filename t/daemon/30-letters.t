#!/usr/bin/perl
# gempix-steward and mail servers that mean trouble: where a password may go, what one refused letter does to the others,
# and what a server that is away costs.
use Gempix::Test;
use IO::Socket::INET;
use POSIX ();
use MIME::Base64 qw(encode_base64);

skip_all_without(qw(mariadbd));
my $site = site(parts => ['database']);
my $transcript = $site->path('smtp.log');
my $secret = 'open sesame 4711';
my @servers;

# An SMTP server of a few words that writes down all that it hears. It offers no encryption, and refuses recipients
# called nobody. Returns its port.
sub serve
{
    my $listen = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 5) or die "listen: $!";
    my $port = $listen->sockport;
    my $pid = fork // die "fork: $!";
    if ($pid == 0) {
        local $SIG{ALRM} = 'DEFAULT';
        alarm 120;
        while (my $peer = $listen->accept) {
            $peer->autoflush(1);
            eval { talk($peer) };
            close $peer;
        }
        POSIX::_exit(0);
    }
    push @servers, $pid;
    close $listen;
    return $port;
}

sub talk
{
    my ($peer) = @_;
    my $in_message = 0;
    open my $log, '>>', $transcript or die $!;
    $log->autoflush(1);
    print {$peer} "220 test\r\n";
    while (defined(my $line = <$peer>)) {
        print {$log} $line;
        if ($in_message) {
            next if $line ne ".\r\n";
            $in_message = 0;
        }
        my $answer = $line =~ /\AEHLO/ ? "250-test\r\n250 AUTH PLAIN"
            : $line =~ /\AAUTH PLAIN\r/ ? '334 '
            : $line =~ /\AAUTH/ ? '235 welcome'
            : $line =~ /\ARCPT TO:<nobody@/ ? '550 unknown here'
            : $line =~ /\ADATA/ ? '354 go on'
            : $line =~ /\AQUIT/ ? '221 bye' : $line =~ /\A[A-Za-z0-9+\/=]{20,}\r/ ? '235 welcome' : '250 ok';
        $in_message = 1 if $line =~ /\ADATA/;
        print {$peer} "$answer\r\n";
    }
    return;
}

END {
    my $status = $?;
    for my $pid (@servers) {
        kill 'KILL', $pid;
        waitpid $pid, 0;
    }
    $? = $status;
}

sub steward
{
    my (%conf) = @_;
    $site->{conf} = { %{$site->{conf}}, %conf };
    $site->write_configuration;
    spew($transcript, '');
    my ($status, $out) = run([$site->program('gempix-steward'), '-c', $site->config('steward'), 'mail'],
        env => { GEMPIX_CLOCK_SHIFT => 5 });
    is($status, 0, 'the duty itself is done') or diag $out;
    return $out;
}

sub letters
{
    my (@to) = @_;
    my $number = 0;
    $site->sql('DELETE FROM mail_outbox');
    $site->sql("INSERT INTO mail_outbox (mail_key, recipient, subject, body, next_try_at, created_at)
        VALUES ('@{[++$number]}', '$_', 'Hi', 'x', UNIX_TIMESTAMP() * 1000000 + $number, 1)") for @to;
    return;
}

sub states
{
    return scalar $site->sql("SELECT GROUP_CONCAT(CONCAT(state, attempts) ORDER BY id SEPARATOR ' ') FROM mail_outbox");
}

my $port = serve();
my $word = encode_base64("\0mailer\0$secret", '');
spew($site->path('secret/smtp'), "$secret\n");
chmod 0600, $site->path('secret/smtp');

# --- where a password may go ---

letters('ada@example.org');
my $out = steward('mail.smtp' => "smtp://127.0.0.1:$port", 'mail.user' => 'mailer',
    'mail.password_file' => $site->path('secret/smtp'));
like(slurp($transcript), qr/\Q$word\E/, 'a server on this machine gets the password');
is(states(), 'sent1', '... and the letter');
unlike($out, qr/sesame/, '... and the log does not');

for my $host ('localhost.localhost', '127.0.0.1.localhost') {
    letters('ada@example.org');
    $out = steward('mail.smtp' => "smtp://$host:$port");
    unlike(slurp($transcript), qr/\Q$word\E|AUTH/, "$host, which only looks like this machine, gets no password in the clear");
    is(states(), 'queued1', '... and the letter waits');
}

letters('ada@example.org');
$site->{conf} = { 'mail.smtp' => "smtp://mailer:$word\@127.0.0.1:$port" };
$site->write_configuration;
my ($status, $told) = run([$site->program('gempix-steward'), '-c', $site->config('steward'), 'mail'],
    env => { GEMPIX_CLOCK_SHIFT => 5 });
is($status, 1, 'a password in the URL is refused');
like($told, qr/mail\.password_file/, '... with the right place for it');
unlike($told, qr/\Q$word/, '... and is not shown');
is(states(), 'queued0', '... and no letter is touched');

# --- one that is refused ---

letters('ada@example.org', 'nobody@example.org', 'eve@example.org');
$out = steward('mail.smtp' => "smtp://127.0.0.1:$port", 'mail.user' => '', 'mail.password_file' => '');
like($out, qr/2 letters sent, 1 tries failed/, 'one refused letter does not hold up the others') or diag $out;
is(states(), 'sent1 queued1 sent1', '... and waits alone');
like($out, qr/550/, '... the log has the answer');
unlike($out, qr/nobody/, '... and not the address');

# --- a server that is away ---

my $closed = free_port();
letters(map { "$_\@example.org" } 'a' .. 'e');
$out = steward('mail.smtp' => "smtp://127.0.0.1:$closed");
like($out, qr/1 tries failed/, 'a server that is away is asked once in a run') or diag $out;
is(states(), 'queued1 queued0 queued0 queued0 queued0', '... and costs the other letters no try');

letters(map { "$_\@example.org" } 'a' .. 'e');
$out = steward('mail.smtp' => "smtp://127.0.0.1:$port");
like($out, qr/5 letters sent/, 'all go when it is back');

letters(map { "$_\@example.org" } 1 .. 250);
$out = steward();
like($out, qr/250 letters sent/, 'a pile of letters goes in one run') or diag $out;

done_testing;

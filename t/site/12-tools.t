#!/usr/bin/perl
# The small programs that stand in for systemd and a mail server when quickstart runs the site.
use Gempix::Test;
use Gempix::Stack;
use IO::Socket::INET;
use IO::Socket::UNIX;

my $temporary = tempdir();

# --- workers: N of them on one socket, replaced when they end ---

spew("$temporary/worker", <<'END');
#!/usr/bin/perl
use IO::Socket::UNIX;
my $listen = IO::Socket::UNIX->new_from_fd(0, 'r+');
$SIG{TERM} = sub { exit 0 };
my $peer = $listen->accept;
print {$peer} "$$\n";
END
chmod 0755, "$temporary/worker";
my $socket = "$temporary/s";
my $workers = spawn('workers', [source() . '/scripts/workers', '--socket', $socket, '--count', 2, '--', "$temporary/worker"]);
$workers->wait_ready(5, sub { -S $socket });
my %seen;
for (1 .. 8) {
    my $peer = IO::Socket::UNIX->new(Type => SOCK_STREAM, Peer => $socket) or die "connect: $!";
    chomp(my $pid = <$peer> // 'none');
    $seen{$pid}++;
}
is(scalar keys %seen, 8, 'every visitor is served, by a fresh worker where the last one has ended');
is((stat $socket)[2] & 077, 0, 'nobody else may connect');
is($workers->stop, 0, 'it ends when told to');
ok(!-e $socket, '... and takes the socket along');
ok(!(grep { kill 0, $_ } grep { /\d/ } keys %seen), '... and the workers');

my ($status, $output) = run([source() . '/scripts/workers', '--socket', $socket]);
is($status, 2, 'without a command: usage');

# --- mailcatcher ---

my $port = free_port();
my $catcher = spawn('mailcatcher', [source() . '/scripts/mailcatcher', '--dir', "$temporary/mail", '--port', $port]);
my $smtp;
$catcher->wait_ready(5, sub { $smtp = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port) });
my @dialogue = (
    [undef, '220'], ["EHLO here\r\n", '250'], ["MAIL FROM:<a\@example.org>\r\n", '250'], ["DATA\r\n", '503'],
    ["RCPT TO:<b\@example.org>\r\n", '250'], ["DATA\r\n", '354'],
    ["Subject: hello\r\n\r\nfirst\r\n..dot\r\n.\r\n", '250'], ["NONSENSE\r\n", '503'], ["QUIT\r\n", '221'],
);
for (@dialogue) {
    print {$smtp} $_->[0] if defined $_->[0];
    my $reply;
    do { $reply = <$smtp> // '' } while $reply =~ /\A\d{3}-/;
    is(substr($reply, 0, 3), $_->[1], ($_->[0] // 'greeting') =~ s/\r\n.*//sr);
}
my ($message) = wait_until(5, 'the message', sub { glob("$temporary/mail/*.eml") });
is(slurp("$temporary/mail/0001.eml"), "X-Envelope-From: a\@example.org\nX-Envelope-To: b\@example.org\nSubject: hello\n\nfirst\n.dot\n", 'the message is kept whole');

# --- fill ---

spew("$temporary/template", "a=\@one\@ b=\@two\@\n");
($status, $output) = run([source() . '/scripts/fill', "$temporary/template", 'one=1 & 2|3\\4', 'two=/x/y']);
is($output, "a=1 & 2|3\\4 b=/x/y\n", 'fill replaces names, special characters included');
($status, $output) = run([source() . '/scripts/fill', "$temporary/template", 'one=1']);
isnt($status, 0, 'fill refuses to leave a name');
like($output, qr/\@two\@/, '... and says which');

# --- the configuration writer ---

is(Gempix::Stack::yaml({ 'a.x' => 1, 'a.y' => "it's", 'b.z' => 'true', 'b.q' => '' }), "a:\n  x: 1\n  y: 'it''s'\nb:\n  q: ''\n  z: true\n", 'YAML of a flat table');
like(Gempix::Stack::random_word(20), qr/\A[a-z2-9]{20}\z/, 'a random word');

done_testing;

#!/usr/bin/perl
# What gempix-render tells a service manager: ready, what it does, signs of life also without a database, the end. A manager
# that does not listen is never waited for.
use Gempix::Test;
use IO::Socket::UNIX;
use Socket qw(MSG_DONTWAIT SOCK_DGRAM);
use Time::HiRes qw(sleep time);

skip_all_without(qw(mariadbd));
my $site = site(
    parts => ['database'], model => source() . '/t/data/tiny-a',
    conf => { 'render.lease' => 20, 'render.poll_min' => 50, 'render.poll_max' => 200, 'render.threads' => 1 },
);
my $member = tool('account', 1000);
my @command = ($site->program('gempix-render'), '-c', $site->config('render'));
my $socket = $site->path('run/manager');
my ($said, $all) = ('', '');

sub tool
{
    my (@arguments) = @_;
    my ($status, $out) = run([build() . '/t/queue/queue_tool', $site->database->socket, 'gempix', 'root', @arguments]);
    die "queue_tool @arguments: $out" if $status != 0;
    chomp $out;
    return $out;
}

sub submit
{
    my ($steps, $images) = @_;
    tool('submit', $member, 'not-yet', 1, $images, 2);
    $site->sql("UPDATE job SET params = JSON_SET(params, '\$.steps', $steps), steps = $steps * images, model = 'gempix-tiny'
        WHERE model = 'not-yet'");
    return;
}

sub state
{
    return scalar $site->sql('SELECT state FROM job ORDER BY id DESC LIMIT 1');
}

sub listen_as_manager
{
    unlink $socket;
    my $manager = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => $socket) or die "$socket: $!";
    $manager->blocking(0);
    return $manager;
}

sub hear
{
    my ($manager) = @_;
    while (defined $manager->recv(my $message, 4096)) {
        $said .= "$message\n";
        $all .= "$message\n";
    }
    return;
}

# Waits until the daemon says this, after what was waited for before.
sub hears
{
    my ($manager, $words, $seconds, $name) = @_;
    my $end = time + $seconds;
    for (hear($manager); $said !~ $words && time < $end; hear($manager)) {
        sleep 0.05;
    }
    my $heard = ok($said =~ $words, $name) or diag $said;
    $said = substr $said, $+[0] if $said =~ $words;
    return $heard;
}

# --- a manager that listens ---

my $manager = listen_as_manager();
my $daemon = spawn('render', \@command, env => { NOTIFY_SOCKET => $socket });
hears($manager, qr/^READY=1$/m, 60, 'ready');
hears($manager, qr/^STATUS=waiting for work$/m, 10, '... and says what it does');
hears($manager, qr/^WATCHDOG=1$/m, 15, 'a sign of life while there is nothing to do');
submit(50, 2);
hears($manager, qr/^STATUS=drawing 2 pictures with gempix-tiny$/m, 20, 'a picture is begun');
hears($manager, qr/^WATCHDOG=1$/m, 20, 'a sign of life while it draws');
wait_until(240, 'the pictures', sub { state() eq 'done' });
$site->database->stop;
sleep 1;
hear($manager);
$said = '';
hears($manager, qr/^WATCHDOG=1$/m, 20, 'a sign of life without a database');
$site->database->start;
unlike($all, qr/sun|sea/, 'no prompt is told');
kill 'TERM', $daemon->pid;
hears($manager, qr/^STOPPING=1$/m, 20, 'the end');
is($daemon->wait_end(20), 0, '... in order');
close $manager;

# --- one that does not ---

$manager = listen_as_manager();
submit(4, 1);
my ($status, $out) = run([@command, '--once'], env => { NOTIFY_SOCKET => $socket }, timeout => 90);
is($status, 0, 'a manager that does not read is not waited for') or diag $out;
is(state(), 'done', '... the picture is drawn');
$manager->blocking(0);
my $count = 0;
$count++ while defined $manager->recv(my $message, 4096);
cmp_ok($count, '>=', 2, '... what had room was sent');
my $chatter = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Peer => $socket) or die $!;
my $room = 0;
$room++ while $room < 100000 && defined $chatter->send('x', MSG_DONTWAIT);
cmp_ok($room, '<', 100000, 'the queue of the manager is full');
submit(4, 1);
($status, $out) = run([@command, '--once'], env => { NOTIFY_SOCKET => $socket }, timeout => 90);
is($status, 0, '... and it is not waited for') or diag $out;
is(state(), 'done', '... the picture is drawn, too');
close $manager;
unlink $socket;

for my $path ($socket, 'relative', '/' . 'x' x 200, '') {
    ($status, $out) = run([@command, '--once'], env => { NOTIFY_SOCKET => $path }, timeout => 60);
    is($status, 0, 'a manager at "' . substr($path =~ s{.*/}{/}r, 0, 20) . '", where there is none, does no harm') or diag $out;
}

done_testing;

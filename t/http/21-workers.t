#!/usr/bin/perl
# Workers: they end by themselves and on SIGTERM without losing a request, close every connection, and live through
# the absence of the database. Partly in FastCGI's own words, because nginx would never speak them.
use Gempix::Test;
use IO::Socket::UNIX;
use Time::HiRes qw(sleep time);

skip_all_without(qw(nginx mariadbd));

# --- a client of our own ---

sub record
{
    my ($type, $bytes) = @_;
    return pack('CCnnCC', 1, $type, 1, length $bytes, 0, 0) . $bytes;
}

sub params
{
    my (%p) = @_;
    my $out = '';
    $out .= pack('CN', length $_, length($p{$_}) | 0x80000000) . $_ . $p{$_} for sort keys %p;
    return $out;
}

# A connection that has said all but the body's end.
sub begin
{
    my ($path, %o) = @_;
    my $socket = IO::Socket::UNIX->new(Peer => $path) or die "$path: $!";
    my %p = (REQUEST_METHOD => 'GET', PATH_INFO => '/about', REMOTE_ADDR => '127.0.0.1', %{$o{params} // {}});
    print {$socket} record(1, pack 'nCx5', 1, $o{keep} ? 1 : 0), record(4, params(%p)), record(4, '');
    $socket->flush;
    return $socket;
}

# Ends the body, if one is given; the answer until the worker closes, or undef.
sub finish
{
    my ($socket, $body) = @_;
    print {$socket} (defined $body && $body ne '' ? record(5, $body) : ''), record(5, '') if defined $body;
    $socket->flush;
    my ($bytes, $out) = ('', '');
    local $SIG{ALRM} = sub { die "no end of the answer\n" };
    alarm 20;
    1 while read $socket, $bytes, 65536, length $bytes;
    alarm 0;
    while (length $bytes >= 8) {
        my (undef, $type, undef, $length, $padding) = unpack 'CCnnC', $bytes;
        $out .= substr $bytes, 8, $length if $type == 6;
        substr($bytes, 0, 8 + $length + $padding) = '';
    }
    return $out;
}

my $site = site(parts => ['database']);
my $path = $site->path('run/own.sock');
my $listen = IO::Socket::UNIX->new(Local => $path, Listen => 10) or die "$path: $!";
my $program = build() . '/gempix-app';

sub worker
{
    my (%conf) = @_;
    $site->{conf} = \%conf;
    $site->write_configuration;
    return spawn('worker', [$program, '-c', $site->config('app')], stdin => $listen);
}

# --- one worker, one request after the other ---

my $worker = worker();
my $answer = finish(begin($path), '');
like($answer, qr{\AStatus: 200 OK\r\n.*\r\n\r\n<!DOCTYPE html>}s, 'a page in plain FastCGI') or diag $worker->log_tail(5);
$answer = finish(begin($path, params => { REQUEST_METHOD => 'HEAD' }), '');
like($answer, qr{\AStatus: 200 OK\r\n.*\r\n\r\n\z}s, 'HEAD ends after the headers');
like(finish(begin($path, keep => 1), ''), qr/\AStatus: 200/, 'a peer that wants to keep the connection');
like(finish(begin($path), ''), qr/\AStatus: 200/, '... does not occupy the worker');

my %post = (REQUEST_METHOD => 'POST', PATH_INFO => '/signin', CONTENT_TYPE => 'application/x-www-form-urlencoded');
like(finish(begin($path, params => { %post, CONTENT_LENGTH => 10 }), 'a=1'), qr/\AStatus: 400/, 'a body shorter than announced: 400');
like(finish(begin($path, params => { %post, CONTENT_LENGTH => 2 }), 'a=123'), qr/\AStatus: 400/, 'a longer one: 400');
like(finish(begin($path, params => { %post, CONTENT_LENGTH => 'x' }), 'a=1'), qr/\AStatus: 400/, 'a length that is none: 400');
like(finish(begin($path, params => { %post, CONTENT_LENGTH => 1_000_000_000 }), ''), qr/\AStatus: 413/, 'a huge one is refused before it is read');
like(finish(begin($path, params => { %post, CONTENT_LENGTH => 3 }), 'a=1'), qr/\AStatus: 403/, 'a right one goes on to the checks');
like(finish(begin($path, params => { PATH_INFO => "/x\r\ny" }), ''), qr/\AStatus: 400/, 'a line feed in the path: 400');
{
    my $silent = begin($path, params => { %post, CONTENT_LENGTH => 3 });
    close $silent;
}
like(finish(begin($path), ''), qr/\AStatus: 200/, 'a peer that leaves in the middle harms nobody');
{
    my $garbage = IO::Socket::UNIX->new(Peer => $path);
    print {$garbage} "GET / HTTP/1.1\r\nHost: x\r\n\r\n" x 20;
    close $garbage;
}
like(finish(begin($path), ''), qr/\AStatus: 200/, 'nor does one that speaks something else');

# --- SIGTERM waits for the request ---

my $slow = begin($path, params => { %post, CONTENT_LENGTH => 3 });
sleep 0.3;
$worker->signal('TERM');
sleep 0.3;
ok($worker->alive, 'a worker with a request does not end on SIGTERM');
like(finish($slow, 'a=1'), qr/\AStatus: 403/, '... it answers first');
is($worker->wait_end(5), 0, '... and then ends with 0');

$worker = worker();
sleep 0.3;
$worker->signal('TERM');
is($worker->wait_end(5), 0, 'an idle worker ends at once');

# --- the end of its life ---

$worker = worker('app.requests' => 4);
my @answers = map { finish(begin($path), '') } 1 .. 4;
is(scalar(grep { /\AStatus: 200/ } @answers), 4, 'four requests');
is($worker->wait_end(5), 0, '... and the worker ends');
my $waiting = begin($path);
$worker = worker();
like(finish($waiting, ''), qr/\AStatus: 200/, 'who came in between is served by the next one');
$worker->signal('TERM');
$worker->wait_end(5);
$worker = worker('app.seconds' => 1);
is($worker->wait_end(10), 0, 'a worker ends after its time, also without requests');

# --- sockets ---

my $from_systemd = 'export LISTEN_PID=$$ LISTEN_FDS=1; exec "$@" 3<&0 </dev/null';
$site->write_configuration;
$worker = spawn('worker', ['/bin/sh', '-c', $from_systemd, 'sh', $program, '-c', $site->config('app')], stdin => $listen);
like(finish(begin($path), ''), qr/\AStatus: 200/, 'a socket from systemd');
$worker->signal('TERM');
is($worker->wait_end(5), 0, '... and SIGTERM there');
my ($status, $output) = run([$program, '-c', $site->config('app')]);
is($status, 1, 'without a socket: status 1');
like($output, qr/no listening socket/, '... and a sentence');
($status, $output) = run([$program, '-c', '/nonexistent.yaml']);
is($status, 1, 'without a configuration: status 1');
($status, $output) = run([$program, '--nonsense']);
is($status, 2, 'a wrong option: status 2');
undef $site;

# --- many workers behind nginx: none of many requests is lost while workers come and go ---

my $busy = site(workers => 3, conf => { 'app.requests' => 5 });
my @children;
for my $child (1 .. 4) {
    my $pid = fork() // die $!;
    if ($pid == 0) {
        my $client = $busy->client;
        my $lost = 0;
        for (1 .. 100) {
            my $r = eval { $client->get('/about') };
            $lost++ if !$r || $r->{status} != 200;
        }
        POSIX::_exit($lost > 250 ? 250 : $lost);
    }
    push @children, $pid;
}
my $lost = 0;
for (@children) {
    waitpid $_, 0;
    $lost += $? >> 8;
}
is($lost, 0, '400 requests over 80 generations of workers, none lost') or diag $busy->logs(10);
unlike(slurp($busy->path('log/app.log')), qr/ended with status/, '... and each worker ended well');

# --- the database goes away and comes back ---

my $member = $busy->member;
is($member->get('/create')->{status}, 200, 'a member at work');
$busy->database->stop;
for (1 .. 8) {
    my $begun = time;
    my $r = $member->get('/create');
    is($r->{status}, 503, 'without a database: 503') or last;
    like($r->{headers}{'retry-after'}, qr/\A\d+\z/, '... with a time to come back');
    like($r->{content}, qr{Back in a moment.*</footer>}s, '... in the look of the site');
    ok(time - $begun < 5, '... at once');
    ok(!exists $r->{headers}{'set-cookie'}, '... and nobody is signed out by it');
}
is($busy->client->get('/no/such')->{status}, 404, 'what does not exist is still told as such');
$busy->database->start;
my $back = wait_until(15, 'the site to recover', sub { $member->get('/create')->{status} == 200 });
ok($back, 'with the database back everything goes on');
is(scalar(grep { $member->get('/create')->{status} != 200 } 1 .. 20), 0, '... in every worker');

done_testing;

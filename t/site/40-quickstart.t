#!/usr/bin/perl
# quickstart: its command line, its one clear sentence per trouble, a picture through the whole site by one command,
# and that nothing is left afterwards. Packages and the build are not repeated here; the site is this build's.
use Gempix::Test;
use Gempix::Stack;
use IO::Socket::INET;

skip_all_without(qw(nginx mariadbd));
my $temporary = tempdir();
my $quickstart = source() . '/quickstart';

sub says
{
    my ($arguments, $status, $pattern, $what, %o) = @_;
    my ($got, $output) = run([$quickstart, @$arguments], %o);
    is($got, $status, "$what: exit status") or diag $output;
    like($output, $pattern, "$what: $pattern");
    my @lines = grep { /^quickstart:/ } split /\n/, $output;
    is(scalar @lines, 1, "$what: one sentence") if $status != 0;
    return;
}

says(['--help'], 0, qr/once "PROMPT" --out FILE/, 'help');
says(['dance'], 1, qr/no command "dance"/, 'an unknown command');
says(['--prot', 1], 1, qr/no option --prot/, 'an unknown option');
says(['--port', 'many'], 1, qr/must be a number/, 'a port that is no number');
says(['--port', '70000'], 1, qr/between 1 and 65535/, 'a port that does not exist');
says(['--port'], 1, qr/--port needs a value/, 'an option without its value');
says(['once'], 1, qr/prompt is missing/, 'once without a prompt');
says(['once', 'a boat'], 1, qr/--out FILE/, 'once without a file');
says(['once', 'a boat', '--out', "$temporary/no/such/boat.png"], 1, qr/cannot be written/, 'a file that cannot be');
says(['--dir', '/proc/nothing'], 1, qr/cannot be written.*--dir/, 'a folder that cannot be');
says(['--dir', "$temporary/" . 'long' x 30], 1, qr/too long.*shorter/, 'a folder name too long for sockets');

my $busy = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0, Listen => 1);
says(['--port', $busy->sockport, '--dir', "$temporary/a"], 1, qr/Port \d+ is busy/, 'a busy port');

# A machine without packages and without the right to install them.
mkdir "$temporary/bin";
my %stub = ('dpkg-query' => 'exit 1', id => 'echo 1000', sudo => 'exit 1');
for my $name (keys %stub) {
    spew("$temporary/bin/$name", "#!/bin/sh\n$stub{$name}\n");
    chmod 0755, "$temporary/bin/$name";
}
says(['--port', free_port(), '--dir', "$temporary/b"], 1, qr/packages cannot be installed: build-essential/, 'no packages and no right to install',
    env => { PATH => "$temporary/bin:$ENV{PATH}" });

# --- the checkout stays as it was ---

my ($status, $output) = run([source() . '/scripts/link-tree', "$temporary/mirror"], dir => source());
is($status, 0, 'the mirror of the checkout is made');
is($output, "changed\n", '... and says that it is new');
ok(-l "$temporary/mirror/configure.ac", '... of links');
ok(!-e "$temporary/mirror/configure" || !-e source() . '/.git', '... to source files alone');
($status, $output) = run([source() . '/scripts/link-tree', "$temporary/mirror"], dir => source());
is($output, '', 'a second time nothing has changed');

# --- one picture through the whole site ---

my @site = ('--dir', "$temporary/site", '--source', source(), '--build', build());
SKIP: {
    skip 'the bundled model is not there', 6 if !-f source() . '/models/gempix-tiny/model_index.json';
    ($status, $output) = run(
        [source() . '/scripts/site', 'once', @site, '--port', 0, '--out', "$temporary/sun.png", '--', 'a red sun over a blue sea'],
        env => { GEMPIX_STAGES => 'packages=0.1 build=0.2' }, timeout => 180,
    );
    is($status, 0, 'once ends well') or diag $output;
    is(substr(slurp("$temporary/sun.png"), 0, 4), "\x89PNG", '... and leaves a picture');
    like($output, qr/step +\d+ of +\d+/, '... shows progress');
    like($output, qr/^\s+$_\s+[0-9.]+ s$/m, "... tells the time of: $_") for 'build', 'start the site', 'queue and render', 'download';
    is(processes("$temporary/site"), 0, '... and nothing is running any more');
}

# --- run, and Ctrl-C ---

my $port = free_port();
my $site = spawn('site', [source() . '/scripts/site', 'run', @site, '--port', $port]);
$site->wait_ready(60, sub { $site->log_tail(30) =~ /Ctrl-C stops everything/ });
my $said = $site->log_tail(40);
like($said, qr{running:\s+http://127\.0\.0\.1:$port}, 'run tells the address');
my ($email, $password) = $said =~ /sign in as\s+(\S+)\s+password\s+(\S+)/;
require Gempix::Client;
my $client = Gempix::Client->new(url => "http://127.0.0.1:$port");
is($client->submit($client->get('/signin'), qr{/signin}, { email => $email, password => $password })->{status}, 303, 'the demo account works');

($status, $output) = run([source() . '/scripts/site', 'run', @site, '--port', free_port()]);
is($status, 1, 'a second one in the same folder is refused');
like($output, qr/already running.*--dir/, '... with a sentence');

is($site->stop(signal => 'INT', patience => 30), 0, 'Ctrl-C ends it in order');
like($site->log_tail(3), qr/Everything has stopped/, '... and it says so');
is(processes("$temporary/site"), 0, '... and nothing is running any more');
ok(!IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port), '... and the port is free');

# --- a kill that leaves no time for order ---

$site = spawn('site', [source() . '/scripts/site', 'run', @site, '--port', $port]);
$site->wait_ready(60, sub { $site->log_tail(30) =~ /Ctrl-C stops everything/ });
$site->stop(signal => 'KILL');
ok(eval { wait_until(20, 'the rest to follow', sub { !processes("$temporary/site") }); 1 }, 'even killed it takes everything along');

done_testing;

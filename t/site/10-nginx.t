#!/usr/bin/perl
# The shipped site file, as `make install` fills it in and as quickstart does: nginx must accept it, and what it
# promises about limits, headers and private media must hold, with a small FastCGI responder in the application's place.
use Gempix::Test;
use Gempix::Client;
use Gempix::Stack;
use IO::Socket::INET;
use IO::Socket::UNIX;

skip_all_without('nginx');
my $temporary = tempdir();

# A responder for one kind of request each; enough of FastCGI to answer nginx.
sub respond
{
    my ($peer) = @_;
    my ($parameters, $ended) = ('', 0);
    until ($ended) {
        my $head = '';
        read($peer, $head, 8) == 8 or return;
        my (undef, $type, undef, $length, $padding) = unpack 'CCnnC', $head;
        my $body = '';
        read $peer, $body, $length + $padding if $length + $padding;
        $parameters .= substr $body, 0, $length if $type == 4;
        $ended = 1 if $type == 5 && $length == 0;
    }
    my $p = parameters($parameters);
    my $answer = answer($p);
    while (length(my $part = substr $answer, 0, 60_000, '')) {
        print {$peer} pack('CCnnCC', 1, 6, 1, length $part, 0, 0), $part;
    }
    print {$peer} pack('CCnnCC', 1, 6, 1, 0, 0, 0), pack('CCnnCC', 1, 3, 1, 8, 0, 0), "\0" x 8;
    return;
}

sub parameters
{
    my ($bytes) = @_;
    my %p;
    my $at = 0;
    my $size = sub {
        my $n = ord substr $bytes, $at, 1;
        return $at++, $n if $n < 128;
        $n = unpack('N', substr $bytes, $at, 4) & 0x7fffffff;
        $at += 4;
        return 0, $n;
    };
    while ($at < length $bytes) {
        my (undef, $name) = $size->();
        my (undef, $value) = $size->();
        $p{substr $bytes, $at, $name} = substr $bytes, $at + $name, $value;
        $at += $name + $value;
    }
    return \%p;
}

sub answer
{
    my ($p) = @_;
    my $path = $p->{PATH_INFO};
    return "Content-Type: image/png\r\nX-Accel-Redirect: /_media/ab/x.png\r\nCache-Control: private, max-age=60\r\n\r\n"
        if $path eq '/picture';
    return "Status: 404 Not Found\r\nContent-Type: text/html\r\n\r\nthe application's own page" if $path eq '/nothing';
    return "Content-Type: text/plain\r\n\r\n" . join '', map { "$_=$p->{$_}\n" } sort keys %$p;
}

sub start_responder
{
    my ($path) = @_;
    my $listen = IO::Socket::UNIX->new(Type => SOCK_STREAM, Local => $path, Listen => 50) or die "$path: $!";
    my $pid = fork() // die "fork: $!";
    return $pid if $pid;
    $SIG{TERM} = 'DEFAULT';
    $SIG{PIPE} = 'IGNORE'; # nginx hangs up on an answer it hands over to the media store
    while (my $peer = $listen->accept) {
        respond($peer);
        close $peer;
    }
    POSIX::_exit(0);
}

my $stack = Gempix::Stack->new(dir => "$temporary", source => source(), build => build(), rate => 1000, burst => 1000);
$stack->write_nginx;
my ($status, $output) = run($stack->nginx_command('-t'));
is($status, 0, 'nginx accepts the site file with quickstart\'s places') or diag $output;

# As installed.
ok(-f build() . '/nginx/gempix.conf', 'the build has filled in the site file');
my $installed = slurp(build() . '/nginx/gempix.conf');
unlike($installed, qr/\@\w+\@/, 'nothing is left to fill in');
$installed =~ s{/var/log/gempix}{$temporary/log}g;
$installed =~ s{\blisten [^;]*;}{}g;
$installed =~ s{server_name}{listen 127.0.0.1:@{[free_port()]}; server_name};
spew("$temporary/site.conf", $installed);
spew("$temporary/main.conf", Gempix::Stack::nginx_modules() . " pid $temporary/pid; events {} http { include /etc/nginx/mime.types; include $temporary/site.conf; }");
($status, $output) = run([Gempix::MariaDB->program('nginx'), '-t', '-p', "$temporary", '-c', "$temporary/main.conf", '-e', "$temporary/e.log"]);
is($status, 0, 'nginx accepts the installed site file') or diag $output;

# Running.
mkdir "$temporary/media/ab";
spew("$temporary/media/ab/x.png", "\x89PNG private bytes");
my $responder = start_responder("$temporary/run/app.sock");
END { kill 'TERM', $responder if $responder }
$stack->start('nginx');
my $client = Gempix::Client->new(url => $stack->url);

my $r = $client->get('/where?q=1', headers => {
    'x-forwarded-for' => '6.6.6.6', 'x-forwarded-proto' => 'https', 'x-real-ip' => '6.6.6.6', 'forwarded' => 'for=6.6.6.6',
    'x-forwarded-host' => 'evil.example', 'proxy' => 'evil.example',
});
is($r->{status}, 200, 'a page comes from the application');
like($r->{content}, qr/^REMOTE_ADDR=127\.0\.0\.1$/m, 'the application learns the true address');
unlike($r->{content}, qr/6\.6\.6\.6|evil/, 'a visitor cannot claim another address, scheme or host');
like($r->{content}, qr/^QUERY_STRING=q=1$/m, 'the query arrives');

$r = $client->get('/picture');
is($r->{content}, "\x89PNG private bytes", 'X-Accel-Redirect delivers the stored file');
is($r->{headers}{'content-type'}, 'image/png', '... with the application\'s type');
is($r->{headers}{'cache-control'}, 'private, max-age=60', '... and caching');
like($r->{headers}{'content-security-policy'}, qr/sandbox/, '... and a policy that lets nothing run');
is($client->get('/_media/ab/x.png')->{status}, 404, 'nobody reaches the media store directly');
is($client->get('/_error/away.html')->{status}, 404, 'nor the error pages');
like($client->get('/static/no-such.css')->{content}, qr{<h1>Nothing here</h1>}, 'a file that is not there has a page of ours');
for my $path ('/static/../etc/gempix.conf', '/static/%2e%2e/%2e%2e/README.md', '/static../README.md') {
    unlike($client->get($path)->{content}, qr/fastcgi_pass|# Gempix/, "nor files outside the static folder: $path");
}

$r = $client->get('/nothing');
is($r->{content}, 'the application\'s own page', 'the application\'s error page passes unchanged');

$r = $client->post('/upload', 'x' x (25165825));
is($r->{status}, 413, 'a body above the limit is refused');
like($r->{content}, qr/too large/, '... with a page that says so');

my ($css) = map { s{.*/}{}r } glob(source() . '/app/static/*.css');
SKIP: {
    skip 'no style sheet yet', 3 if !defined $css;
    $r = $client->get("/static/$css?v=abc");
    like($r->{headers}{'cache-control'}, qr/immutable/, 'a stamped static file is kept for ever');
    unlike($client->get("/static/$css")->{headers}{'cache-control'}, qr/immutable/, '... an unstamped one is not');
    is($r->{headers}{'x-content-type-options'}, 'nosniff', '... and its type is not guessed');
}
unlike($r->{headers}{server} // '', qr/[0-9]/, 'the server tells no version');

kill 'TERM', $responder;
waitpid $responder, 0;
$responder = 0;
$r = $client->get('/where?token=a-mailed-secret');
is($r->{status}, 502, 'without an application: 502');
like($r->{content}, qr/Back in a moment/, '... and a page that says what to do');
is($r->{headers}{'retry-after'}, 10, '... and when');

# The flood limit.
my $folder = tempdir();
my $slow = Gempix::Stack->new(dir => "$folder", source => source(), build => build(), rate => 1, burst => 3);
$slow->start('nginx');
my $flood = Gempix::Client->new(url => $slow->url);
my %seen;
$seen{$flood->get('/?token=a-mailed-secret')->{status}}++ for 1 .. 12;
ok($seen{429}, 'a flood from one address is slowed down with 429');
like($flood->get('/')->{content}, qr/little slower/, '... with a page that says so');

for my $log (glob "$temporary/log/* $folder/log/*") {
    my $written = slurp($log);
    unlike($written, qr/a-mailed-secret/, 'no log has a query: ' . $log =~ s{.*/}{}r);
    unlike($written, qr/127\.0\.0\.1/, '... nor a whole address');
}
like(slurp("$folder/log/gempix-access.log"), qr/^127\.0\.0\.0 .* 429 /m, 'the access log tells whom of a network was slowed down');

done_testing;

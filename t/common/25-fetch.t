#!/usr/bin/perl
# common/fetch.h against a server that breaks, lies, redirects and is slow.
use Gempix::Test;
use Gempix::FileServer;
use Digest::SHA qw(sha256_hex);

my $dir = tempdir();
my $root = "$dir/www";
mkdir $root;
my $bytes = join '', map { pack 'N', $_ * 2654435761 % 4294967296 } 1 .. 50_000;
my $sum = sha256_hex($bytes);
spew("$root/$_", $bytes) for qw(plain cut busy moved lost tagless);
my $number = 0;

# probe(words…): whether it worked, what it said.
sub probe
{
    my ($status, $out) = run([build() . '/t/common/fetch_probe', @_]);
    return ($status == 0, $out);
}

# A fresh server, a fresh path, one file; the rest are words of the probe.
sub fetch
{
    my ($rules, $name, @words) = @_;
    my $server = Gempix::FileServer->new(root => $root, rules => { "/$name" => $rules });
    my $path = "$dir/file-" . ++$number;
    my ($good, $out) = probe('file', $server->url("/$name"), $path, @words);
    my @asked = map { $_->{headers}{range} // 'all' } @{$server->requests};
    return { good => $good, out => $out, path => $path, asked => \@asked, server => $server };
}

sub is_whole
{
    my ($got, $name) = @_;
    ok($got->{good} && slurp($got->{path}) eq $bytes && !-e "$got->{path}.part" && !-e "$got->{path}.part.json", $name)
        or diag($got->{out});
    return;
}

subtest 'whole' => sub {
    my $got = fetch([], 'plain', "sha256=$sum", 'size=200000');
    is_whole($got, 'a file');
    like($got->{out}, qr/^200000 bytes, 0 resumed, $sum$/, 'its size and digest');
    is_whole(fetch([], 'plain'), 'a file of unknown size and digest');
};

subtest 'broken connections' => sub {
    my $got = fetch([{ cut => 70_000 }, { cut => 50_000 }], 'cut', "sha256=$sum");
    is_whole($got, 'cut twice');
    is("@{$got->{asked}}", 'all bytes=70000- bytes=120000-', 'each request asks for the rest');
    $got = fetch([{ cut => 70_000, tag => '' }, {}], 'tagless');
    is_whole($got, 'without tag and digest');
    is("@{$got->{asked}}", 'all all', 'nothing is put together that may not fit');
    $got = fetch([{ cut => 70_000 }, { whole => 1 }], 'cut');
    is_whole($got, 'a server without ranges');
    $got = fetch([{ cut => 10, tag => '"old"', body => 'x' x 90_000 }, {}], 'cut');
    is_whole($got, 'the file changed between');
    $got = fetch([{ cut => 70_000 }, { shift => 5 }], 'cut');
    like($got->{out}, qr/another part than was asked for/, 'a server that sends another range');
    $got = fetch([map { { cut => 0 } } 1 .. 9], 'cut');
    like($got->{out}, qr/again and again/, 'gives up');
    is(scalar @{$got->{asked}}, 4, 'after as many attempts as told');
    is_whole(fetch([{ stall => 2 }, {}], 'plain'), 'a server that falls silent is asked again');
};

subtest 'a later call goes on' => sub {
    my $got = fetch([], 'plain', 'stop=60000');
    like($got->{out}, qr/Stopped/, 'stopped');
    my $had = -s "$got->{path}.part";
    ok($had >= 60_000 && $had < 200_000 && !-e $got->{path}, 'only a part is there') or diag($had);
    my $url = $got->{server}->url('/plain');
    my ($good, $out) = probe('file', $url, $got->{path});
    ok($good, 'the next call') or diag($out);
    like($out, qr/ $had resumed, $sum/, 'begins where the last one ended');
    $got = fetch([], 'plain', 'stop=60000');
    my $damaged = slurp("$got->{path}.part");
    substr $damaged, 5, 1, 'X';
    spew("$got->{path}.part", $damaged);
    ($good, $out) = probe('file', $got->{server}->url('/plain'), $got->{path}, "sha256=$sum");
    ok($good && slurp($got->{path}) eq $bytes, 'a part that was damaged on disk is fetched again') or diag($out);
};

subtest 'answers' => sub {
    my $got = fetch([{ status => 503 }, { status => 429, headers => { 'Retry-After' => 1 } }], 'busy');
    is_whole($got, 'busy, busy, ready');
    $got = fetch([map { { status => 500 } } 1 .. 9], 'busy');
    like($got->{out}, qr/answers 500/, 'an error that stays');
    like(fetch([], 'nothing')->{out}, qr/^not found: .*does not exist/, 'not there');
    is(scalar @{fetch([], 'nothing')->{asked}}, 1, 'is asked for once');
    like(fetch([{ status => 401 }], 'plain')->{out}, qr/token/, 'no token');
    like(fetch([{ status => 403 }], 'plain')->{out}, qr/terms/, 'not allowed');
};

subtest 'lies' => sub {
    my $got = fetch([], 'plain', 'sha256=' . '0' x 64);
    like($got->{out}, qr/SHA-256 is wrong/, 'another digest');
    ok(!-e $got->{path} && !-e "$got->{path}.part", 'nothing is left');
    like(fetch([], 'plain', 'size=100')->{out}, qr/longer than the 100 bytes it should/, 'longer than said');
    like(fetch([], 'plain', 'size=300000')->{out}, qr/has 200000 bytes, not 300000/, 'shorter than said');
    like(fetch([], 'plain', 'max=1000')->{out}, qr/longer than the 1000 bytes it may/, 'too long');
    $got = fetch([{ cut => 100 }, { headers => {}, body => $bytes, whole => 1 }], 'plain', "sha256=$sum");
    is_whole($got, 'a whole answer to a question for a part');
};

subtest 'redirects' => sub {
    my $other = Gempix::FileServer->new(root => $root);
    my $got = fetch([{ redirect => $other->url('/plain') }], 'moved', "sha256=$sum", 'header=Authorization: Bearer x');
    is_whole($got, 'to another site');
    is($got->{server}->requests->[0]{headers}{authorization}, 'Bearer x', 'a secret header goes to the first');
    is($other->requests->[0]{headers}{authorization}, undef, 'and to no other');
    like(fetch([{ redirect => 'http://192.0.2.1/x' }], 'moved')->{out}, qr/must begin with https/, 'never to plain http');
    like(fetch([{ redirect => 'file:///etc/passwd' }], 'moved')->{out}, qr/must begin with https/, 'nor to files');
    like(fetch([{ redirect => '/moved', forever => 1 }], 'moved')->{out}, qr/too often/, 'not in circles');
    like((probe('get', 'http://192.0.2.1/'))[1], qr/https/, 'http is for this machine');
    like((probe('get', 'http://127.0.0.1.example/'))[1], qr/https/, 'not for names that begin like it');
    like((probe('get', 'https://u:p@localhost/'))[1], qr/no user/, 'no user in an address');
};

subtest 'small answers' => sub {
    spew("$root/word", 'hello');
    my $server = Gempix::FileServer->new(root => $root, rules => {
        '/word' => [{ status => 502 }], '/post' => [{ status => 503 }, { body => 'paid' }], '/once' => [{ status => 503 }],
    });
    is((probe('get', $server->url('/word')))[1], "200: hello\n", 'GET, repeated');
    is((probe('get', $server->url('/none')))[1], "404: \n", 'any answer is an answer');
    like((probe('get', $server->url('/plain')))[1], qr/longer than 4096/, 'but not of any length');
    is((probe('post', $server->url('/post'), 'a=1', 'repeat', 'header=Idempotency-Key: k'))[1], "200: paid\n", 'POST');
    my @posts = grep { $_->{path} eq '/post' } @{$server->requests};
    is_deeply([map { "$_->{method} $_->{body} $_->{headers}{'idempotency-key'}" } @posts], [('POST a=1 k') x 2], 'twice');
    is((probe('post', $server->url('/once'), 'a=1'))[1], "503: \n", 'POST is not repeated unless told');
    like((probe('get', $server->url('/word'), "header=A: b\r\nC: d"))[1], qr/not valid/, 'no header in a header');
    $server->stop;
    like((probe('get', $server->url('/word')))[1], qr/could not be reached/, 'nobody there');
};

done_testing();

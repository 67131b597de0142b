#!/usr/bin/perl
# A thousand wrong passwords at once, from many addresses: other visitors' pages must not notice, and the owner gets in
# from a browser that the account knows. And the delay of one guesser, over HTTP.
use Gempix::Test;
use IO::Select;
use IO::Socket::INET;
use Time::HiRes qw(time sleep);

skip_all_without(qw(nginx mariadbd));
my $site = site(parts => [qw(database app nginx)]);
my ($host, $port) = $site->url =~ m{//([\d.]+):(\d+)};
my ($email, $password) = ('ada@example.org', 'seven quiet boats');
my $ada = $site->member(email => $email, password => $password);
my $device = join '; ', map { "$_=$ada->{cookies}{$_}" } grep { /device/ } keys %{$ada->{cookies}};
ok($device, 'a sign-in leaves a cookie that knows the browser');

# --- one guesser ---

my $guesser = $site->client;
my ($page, $r) = ($guesser->get('/signin'));
for my $try (1 .. 5) {
    $r = $guesser->submit($page, qr{/signin}, { email => $email, password => "wrong $try" });
    is($r->{status}, 422, "wrong password $try");
}
$r = $guesser->submit($page, qr{/signin}, { email => $email, password => $password });
is($r->{status}, 429, 'then not even the right one is looked at');
like($r->{headers}{'retry-after'}, qr/^\d+$/, '... and the answer says for how long');
like($r->{content}, qr/Please wait/, '... to persons, too');
my $owner = $site->client;
$owner->{cookies}{$1} = $2 if $device =~ /([^=; ]+)=([^;]+)/;
$r = $owner->submit($owner->get('/signin'), qr{/signin}, { email => $email, password => $password });
is($r->{status}, 303, 'the owner, behind the same address, signs in with the browser that the account knows');

# --- a thousand ---

my $form = $guesser->get('/signin');
my ($fields) = map { $_->{fields} } grep { $_->{action} =~ m{/signin} } Gempix::Client::forms($form);
my $cookie = join '; ', map { "$_=$guesser->{cookies}{$_}" } keys %{$guesser->{cookies}};

sub flood
{
    my ($count, $first) = @_;
    my (%open, %status);
    my $select = IO::Select->new;
    for my $i ($first .. $first + $count - 1) {
        my $socket = IO::Socket::INET->new(PeerAddr => $host, PeerPort => $port, Timeout => 5,
            LocalAddr => sprintf('127.%d.%d.%d', 1 + $i % 7, 1 + $i / 200, 1 + $i % 200)) or next;
        my $body = "csrf=$fields->{csrf}&email=ada%40example.org&password=wrong+$i";
        print {$socket} "POST /signin HTTP/1.1\r\nHost: $host:$port\r\nConnection: close\r\nSec-Fetch-Site: same-origin\r\nCookie: $cookie\r\n",
            "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ", length $body, "\r\n\r\n$body";
        $socket->blocking(0);
        $select->add($socket);
    }
    while ($select->count) {
        my @ready = $select->can_read(10) or last;
        for my $socket (@ready) {
            my $got = sysread $socket, my $data, 65536;
            $status{$1}++ if $got && $data =~ m{^HTTP/1\.1 (\d+)};
            next if $got;
            $select->remove($socket);
        }
    }
    return \%status;
}

# The median time of a page, in ms.
sub median
{
    my ($until) = @_;
    my $visitor = $site->client;
    my @took;
    while (!$until->(scalar @took)) {
        my $start = time;
        my $answer = Gempix::Client::request($visitor, 'GET', '/terms');
        push @took, 1000 * (time - $start) if $answer->{status} == 200;
        sleep 0.005;
    }
    @took = sort { $a <=> $b } @took;
    return ($took[@took / 2], scalar @took);
}

my ($before) = median(sub { $_[0] >= 40 });
pipe my $in, my $out or die $!;
my $child = fork // die $!;
if (!$child) {
    close $in;
    my %sum;
    for my $wave (0 .. 3) {
        my $status = flood(250, $wave * 250);
        $sum{$_} += $status->{$_} for keys %$status;
    }
    syswrite $out, join ' ', map { "$_:$sum{$_}" } sort keys %sum;
    require POSIX;
    POSIX::_exit(0);
}
close $out;
my $ended = IO::Select->new($in);
my ($during, $pages) = median(sub { $_[0] >= 10 && $ended->can_read(0) });
my $answers = <$in>;
waitpid $child, 0;
my %sum = $answers =~ /(\d+):(\d+)/g;
my $all = 0;
$all += $_ for values %sum;
diag sprintf 'median of a page: %.1f ms before, %.1f ms during the flood (%d pages); answers: %s', $before, $during, $pages, $answers;
cmp_ok($all, '>=', 950, 'every attempt is answered');
ok(($sum{429} // 0) > 700, '... most are sent away at once');
is($sum{303} // 0, 0, '... nobody gets in');
is($sum{500} // 0, 0, '... nothing breaks');
cmp_ok($during, '<', 4 * $before + 3, 'other visitors\' pages come as before (twice the time on an idle machine)');
$r = $owner->get('/account');
is($r->{status}, 200, 'members go on');
done_testing;

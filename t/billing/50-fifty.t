#!/usr/bin/perl
# Fifty submissions at once over HTTP: one member, fifty tabs, credits for ten pictures. Ten jobs come of it and nobody is
# told anything but the truth: each of the others reads what it needs and what there is.
use Gempix::Test;
use HTTP::Tiny ();
use JSON::PP ();
use POSIX ();
use Time::HiRes qw(sleep time);

skip_all_without(qw(nginx mariadbd));
my $MANY = 50;
my $site = site(workers => 16, parts => [qw(database app nginx)], conf => { 'credits.image' => 3, 'credits.welcome' => 0 });
my $ada = $site->member(credits => 31);    # ten pictures and one credit that is no use
my $page = $ada->get('/create');
my ($form) = grep { $_->{action} =~ /create/ } Gempix::Client::forms($page);
my %fields = (%{$form->{fields}}, prompt => 'ten of fifty', steps => 4, seed => 7);
my $dir = tempdir();

# Each submission is a process of its own and sends when all are ready. Every form has its own key: as from fifty tabs.
# The account's credits are locked until all are in, so that more than ten of them have looked at the credits before any
# is taken.
my $holder = fork // die "fork: $!";
if (!$holder) {
    $site->sql('START TRANSACTION; SELECT * FROM balance FOR UPDATE; DO SLEEP(30); COMMIT');
    POSIX::_exit(0);
}
my $start = time + 1;
my @pids = map {
    my $n = $_;
    my $pid = fork // die "fork: $!";
    if (!$pid) {
        my %mine = (%fields, submit_key => key($n));
        # From two addresses: nginx takes no more connections at once from one.
        $ada->{http} = HTTP::Tiny->new(max_redirect => 0, timeout => 40, local_address => '127.0.0.' . (1 + $n % 2));
        sleep($start - time) if $start > time;
        my $answer = $n % 2 ? $ada->Gempix::Client::post($form->{action}, \%mine)
            : $ada->Gempix::Client::post_parts($form->{action}, \%mine);
        spew("$dir/$n", JSON::PP::encode_json([$answer->{status}, $answer->{headers}{location} // '', $answer->{content}]));
        POSIX::_exit(0);
    }
    $pid;
} 1 .. $MANY;
wait_until(20, 'submissions to meet', sub {
    sleep 0.3;    # the server answers this from a cache that is renewed when nobody has asked for a while
    return $site->sql("SELECT COUNT(*) FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'") > 10;
});
$site->sql("KILL QUERY $_") for $site->sql("SELECT id FROM information_schema.processlist WHERE info LIKE 'DO SLEEP%'");
waitpid $_, 0 for $holder, @pids;

sub key
{
    my ($n) = @_;
    my $key = $fields{submit_key};
    my @digits = split //, '0123456789abcdefghjkmnpqrstvwxyz';
    substr $key, 10, 2, $digits[$n / 32] . $digits[$n % 32];
    return $key;
}

my @answers = map { JSON::PP::decode_json(slurp("$dir/$_")) } 1 .. $MANY;
my (%job, @refused, @other);
for my $answer (@answers) {
    my ($status, $location, $content) = @$answer;
    if ($status == 303 && $location =~ m{/jobs/([\w-]+)}) {
        $job{$1}++;
    } elsif ($status == 402) {
        push @refused, $content;
    } else {
        push @other, "$status $location " . ($content =~ m{<h1.*?</h1>.*?</p>}s ? $& : substr $content, 0, 200);
    }
}
is("@other[0 .. ($#other < 1 ? $#other : 1)]", '', 'every submission is accepted or refused for want of credits') or diag $site->logs(8);
is(scalar keys %job, 10, 'ten are accepted, each a job of its own');
is(scalar @refused, $MANY - 10, 'the others are refused');
is(scalar(grep { !/needs 3 credits and you have \d+\.|You have \d+ credits and this costs 3\./ } @refused), 0, '... and read what is needed and what they have');
is(scalar(grep { !/ten of fifty/ } @refused), 0, '... with the form as they filled it');
is($site->sql("SELECT COUNT(*) FROM job WHERE state = 'queued'"), 10, 'ten jobs wait');
is($site->sql('SELECT CONCAT(available, \' \', held) FROM balance'), '1 30', 'their price is held, one credit is left');
is($site->sql("SELECT COUNT(*) FROM ledger_transfer WHERE cause = 'hold'"), 10, '... by ten movements');
ok(eval { $site->ctl('ledger', 'check'); 1 }, 'the ledger balances') or diag $@;
for my $path (map { "/jobs/$_" } keys %job) {
    my $answer = $ada->get($path);
    is($answer->{status}, 200, "$path is there") if $answer->{status} != 200;
}
my $answer = $ada->submit($ada->get('/create'), qr{/create}, { prompt => 'one more', steps => 4 });
is($answer->{status}, 402, 'one more, afterwards, is refused, too');
like($answer->{content}, qr/You have 1 credits and this costs 3\./, '... and says how many there are');
done_testing;

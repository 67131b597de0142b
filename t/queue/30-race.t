#!/usr/bin/perl
# Processes racing for the same jobs, keys and credits: every job rendered once, every price held once.
use FindBin;
use lib $FindBin::Bin;
use Gempix::Test;
use QueueTest;

my $queue = QueueTest->new;

# Waits for background tools; all of them must end well.
sub all_end
{
    my ($what, @processes) = @_;
    my @status = map { $_->wait_end(60) } @processes;
    is("@status", join(' ', map { 0 } @processes), $what);
    return map { QueueTest::said($_) } @processes;
}

# --- three workers, many jobs ---

my $member = $queue->tool('account', 1000);
my @jobs = map { $queue->tool('submit', $member, 'race', 20, 2, 2) } 1 .. 3;
my @lines = all_end('three workers end', map { $queue->worker('race') } 1 .. 3);
my %claimed;
$claimed{$_}++ for map { /^claimed (\d+)/ ? $1 : () } @lines;
is(scalar keys %claimed, 60, 'sixty jobs claimed');
is((grep { $_ != 1 } values %claimed), 0, 'each by one worker');
is((grep { /^finished/ } @lines), 60, 'and finished') or diag(grep { !/^(claimed|finished)/ } @lines);
is($queue->count('jobs', 'done'), 60, 'all done');
is($queue->balance($member), '880+0', 'all paid, nothing held');
$queue->is_clean('workers');

# --- one form sent many times ---

$member = $queue->tool('account', 100);
my $holds = $queue->count('holds');
my $key = '0' x 25 . '7';
@lines = all_end('four senders of one form end',
    map { $queue->start('submit', $member, 'form', 10, 1, 5, $key) } 1 .. 4);
my %ids = map { $_ => 1 } @lines;
is(scalar @lines, 40, 'forty answers');
is(scalar keys %ids, 1, 'one job') or diag(join ' ', keys %ids);
is($queue->count('holds'), $holds + 1, 'one hold');
is($queue->balance($member), '95+5', 'its price held once');

# --- more wishes than credits ---

$member = $queue->tool('account', 7);
@lines = all_end('five senders of four jobs each end',
    map { $queue->start('submit', $member, 'poor', 4, 1, 1) } 1 .. 5);
is((grep { /^[0-9a-z]{26}$/ } @lines), 7, 'seven jobs for seven credits');
is((grep { /^not enough credits/ } @lines), 13, 'thirteen refused') or diag(join "\n", @lines);
is($queue->balance($member), '0+7', 'nothing below zero');

# --- one account in four windows: its jobs line up, whoever sends them ---

$member = $queue->tool('account', 100);
all_end('four senders of one account end', map { $queue->start('submit', $member, 'turns', 20, 1, 1) } 1 .. 4);
my $turns = $queue->db->sql("SELECT COUNT(DISTINCT turn) FROM job WHERE model = 'turns'", schema => 'queue');
is($turns, 80, 'eighty jobs, eighty turns');

# --- transactions that lock in opposite orders ---

my ($one, $two) = map { scalar $queue->tool('account', 1) } 1 .. 2;
all_end('two processes that grant crosswise end',
    map { $queue->start('swap', @$_, 200) } [$one, $two], [$two, $one]);
my $deadlocks = (split /\t/, $queue->db->sql("SHOW GLOBAL STATUS LIKE 'Innodb_deadlocks'"))[1];
cmp_ok($deadlocks, '>', 0, "they met in deadlocks ($deadlocks)");
is($queue->balance($_), '401+0', 'and nothing was lost or granted twice') for $one, $two;
$queue->is_clean('at the end');
done_testing();

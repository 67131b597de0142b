#!/usr/bin/perl
# Workers that die, hang or lose the database in the middle of a job. Afterwards every job has ended once, every
# credit is where it belongs, and no file is without its row.
use FindBin;
use lib $FindBin::Bin;
use Gempix::Test;
use QueueTest;
use Time::HiRes qw(sleep time);

my $queue = QueueTest->new;
my $member = $queue->tool('account', 1000);

sub submit
{
    my ($model, $images) = @_;
    return scalar $queue->tool('submit', $member, $model, 1, $images, 3);
}

sub said_by
{
    return join ' | ', QueueTest::said($_[0]);
}

# --- kill -9 in the middle of a job ---

submit('kill', 2);
my $first = $queue->worker('kill', lease => 1500, image => 400);
QueueTest::wait_said($first, qr/^claimed/);
wait_until(10, 'the first picture', sub {
    $queue->db->sql("SELECT COUNT(*) FROM media WHERE kind = 'result' AND state = 'writing'", schema => 'queue');
});
$first->signal('KILL');
$first->wait_end(5);
my $second = $queue->worker('kill', lease => 9000, idle => 3000);
is($second->wait_end(20), 0, 'the second worker ends');
like(said_by($second), qr/requeued 1 \| claimed \d+ attempt 2 \| finished/, 'it took the job over');
is($queue->count('jobs', 'done'), 1, 'killed: done once');
is($queue->balance($member), '997+0', 'killed: paid once');
$queue->is_clean('killed');

# --- the connection is cut, again and again ---

submit('cut', 2);
$first = $queue->worker('cut', image => 400);
QueueTest::wait_said($first, qr/^claimed/);
for (1 .. 6) {
    sleep 0.1;
    my @ids = $queue->db->sql("SELECT id FROM information_schema.processlist WHERE user = 'root' AND db = 'queue'");
    $queue->db->sql("KILL CONNECTION $_") for @ids;
}
is($first->wait_end(20), 0, 'a worker whose connection was cut ends');
like(said_by($first), qr/attempt 1 .*\bfinished/, 'it finished its job itself');
$queue->is_clean('cut');

# --- the server goes away and comes back ---

submit('restart', 2);
$first = $queue->worker('restart', image => 500, idle => 800);
QueueTest::wait_said($first, qr/^claimed/);
sleep 0.2;
$queue->db->process->signal('KILL');
$queue->db->process->wait_end(5);
$queue->db->start;
is($first->wait_end(30), 0, 'a worker whose server crashed ends');
like(said_by($first), qr/attempt 1 .*\bfinished/, 'it finished its job itself');
$queue->is_clean('server restarted');

# --- a worker that hangs longer than its lease ---

submit('hang', 1);
$first = $queue->worker('hang', lease => 900, image => 1600, idle => 200);
QueueTest::wait_said($first, qr/^claimed/);
$first->signal('STOP');
$second = $queue->worker('hang', lease => 9000, idle => 2000);
is($second->wait_end(20), 0, 'another worker ends');
like(said_by($second), qr/claimed \d+ attempt 2 \| finished/, 'and has done the job');
$first->signal('CONT');
is($first->wait_end(20), 0, 'the one that hung ends');
like(said_by($first), qr/lease lost/, 'it found its lease lost');
unlike(said_by($first), qr/finished/, 'and finished nothing');
is($queue->balance($member), '988+0', 'four jobs, four prices');
$queue->is_clean('hung');

# --- a job that kills every worker ---

submit('deadly', 1);
for my $attempt (1 .. 3) {
    my $worker = $queue->worker('deadly', lease => 150, image => 60000, idle => 5000);
    QueueTest::wait_said($worker, qr/claimed \d+ attempt $attempt/);
    $worker->signal('KILL');
    $worker->wait_end(5);
}
sleep 0.2;
$second = $queue->worker('deadly', idle => 100);
is($second->wait_end(20), 0, 'a fourth worker ends');
unlike(said_by($second), qr/claimed/, 'it does not try again');
is($queue->count('jobs', 'failed'), 1, 'the job has failed');
is($queue->balance($member), '988+0', 'and its credits are back');
$queue->is_clean('attempts used up');

# --- cancelled while it runs ---

my $job = submit('cancel', 4);
$first = $queue->worker('cancel', image => 2000, idle => 100);
QueueTest::wait_said($first, qr/^claimed/);
$queue->tool('cancel', $member, $job);
is($first->wait_end(20), 0, 'a worker told to stop ends');
like(said_by($first), qr/\| cancelled/, 'it stopped');
is($queue->balance($member), '988+0', 'the credits are back');
$queue->is_clean('cancelled');

# --- three workers, killed by chance all the time, and the server too ---

my $before = $queue->count('jobs', 'done');
my $failed = $queue->count('jobs', 'failed');
$queue->tool('submit', $member, 'chaos', 25, 2, 1);
my @workers = map { $queue->worker('chaos', lease => 250, image => 40, idle => 5000) } 1 .. 3;
my $end = time + 4;
srand 20;
while (time < $end) {
    sleep 0.05 + rand 0.15;
    my $i = int rand @workers;
    $workers[$i]->signal('KILL');
    $workers[$i]->wait_end(5);
    $workers[$i] = $queue->worker('chaos', lease => 250, image => 40, idle => 5000);
}
$queue->db->process->signal('KILL');
$queue->db->process->wait_end(5);
$queue->db->start;
wait_until(30, 'the end of all jobs', sub {
    $queue->db->sql("SELECT COUNT(*) = 0 FROM job WHERE state IN ('queued', 'running')", schema => 'queue');
});
$_->stop for @workers;
my $done = $queue->count('jobs', 'done') - $before;
$failed = $queue->count('jobs', 'failed') - $failed;
is($done + $failed, 25, "every job has ended: $done done, $failed out of attempts");
is($queue->balance($member), 988 - $done . '+0', 'what was done is paid, what failed is not');
$queue->is_clean('chaos');
done_testing();

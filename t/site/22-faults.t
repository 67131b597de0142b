#!/usr/bin/perl
# What happens to a visitor's picture when something dies in the middle of it: the job is finished once, credits are
# charged once, and the site says something sensible meanwhile.
use Gempix::Test;

skip_all_without(qw(nginx mariadbd));
my $site = site(
    parts => [qw(database app nginx steward)],
    conf => { 'render.lease' => 3, 'render.poll_max' => 300, 'credits.welcome' => 0, 'render.preview_every' => 2 },
);
my $ada = $site->member(credits => 200);
my %large = (steps => 50, images => 2, size => 'exact', width => 256, height => 256, prompt => 'a green boat on the sea');

# Waits until the only unfinished job has come some way.
sub wait_started
{
    return wait_until(60, "the picture to be begun\n" . $site->logs(5), sub {
        return $site->sql("SELECT 1 FROM job WHERE state = 'running' AND step >= 3");
    });
}

sub state_of
{
    my ($job) = @_;
    return $site->status($ada, $job)->{state};
}

# --- kill -9 of the render daemon ---

my $first = $site->start_render('render-1');
my $job = $site->order($ada, %large);
wait_started();
$first->stop(signal => 'KILL');
is(state_of($job), 'running', 'nobody has noticed yet that the daemon is dead');
my $second = $site->start_render('render-2');
my $status = $site->wait_job($ada, $job, 240);
is($status->{state}, 'done', 'another daemon finishes the job');
is(scalar(my @pictures = $site->pictures($ada, $job)), 2, '... with every picture once');
is($site->sql("SELECT attempts FROM job"), 2, '... at the second attempt');
is($site->sql("SELECT COUNT(*) FROM ledger_transfer WHERE cause = 'capture'"), 1, '... charged once');
is($site->sql('SELECT held FROM balance'), 0, '... nothing is held back');
$site->ctl('ledger', 'check');

# --- the database goes away and comes back ---

$job = $site->order($ada, %large);
wait_started();
$site->database->stop;
my $r = $ada->get('/');
ok($r->{status} == 200 || $r->{status} == 503, "without a database the first page answers ($r->{status})");
$r = $ada->get('/create');
is($r->{status}, 503, '... others say 503');
like($r->{headers}{'retry-after'} // '', qr/^\d+$/, '... and when to come back');
like($r->{content}, qr{<link[^>]+stylesheet}, '... in the look of the site');
$site->database->start;
wait_until(20, 'the site to recover', sub { $ada->get('/create')->{status} == 200 });
pass('the site recovers by itself');
$status = $site->wait_job($ada, $job, 240);
is($status->{state}, 'done', 'the job is finished');
is(scalar(@pictures = $site->pictures($ada, $job)), 2, '... with every picture once');
is($site->sql("SELECT COUNT(*) FROM ledger_transfer WHERE cause = 'capture'"), 2, '... charged once');
ok($second->alive, 'the daemon has lived through it');

# --- an orderly end gives the job back at once ---

$job = $site->order($ada, %large);
wait_started();
is($second->stop(patience => 20), 0, 'told to end, the daemon ends in order');
isnt(state_of($job), 'failed', 'its job has not failed');
my $third = $site->start_render('render-3');
is($site->wait_job($ada, $job, 240)->{state}, 'done', 'the next daemon finishes it');
is($site->sql("SELECT COUNT(*) FROM ledger_transfer WHERE cause = 'capture'"), 3, '... charged once');

# --- cancelling in the middle ---

my ($before) = split /\t/, $site->sql('SELECT available FROM balance');
$job = $site->order($ada, %large);
wait_started();
$r = $ada->submit($ada->get($job), qr/cancel/, {});
is($r->{status}, 303, 'cancelling a running job');
is($site->wait_job($ada, $job, 20)->{state}, 'cancelled', '... stops it');
is($site->sql('SELECT available FROM balance'), $before, '... and gives every credit back');

# --- workers of the application die ---

my $supervisor = $site->process('app')->pid;
my @pids = split ' ', slurp("/proc/$supervisor/task/$supervisor/children");
is(scalar @pids, 2, 'two workers are there');
kill 'KILL', @pids;
wait_until(10, 'new workers', sub { $ada->get('/')->{status} == 200 });
is($ada->get($job)->{status}, 200, 'workers that were killed are replaced');

# --- at the end everything agrees ---

$site->stop('steward');
$site->run([$site->program('gempix-steward'), '-c', $site->config('steward'), 'all']);
ok(eval { $site->ctl('ledger', 'check'); 1 }, 'the ledger balances') or diag $@;
is($site->sql("SELECT COUNT(*) FROM job WHERE state IN ('queued', 'running')"), 0, 'no job is left over');

done_testing;

#!/usr/bin/perl
# A renderer that dies in the middle of a picture: another one goes on where it was, and the picture is the one that nobody
# would have interrupted. What cannot be used is not used.
use Gempix::Test;
use Time::HiRes qw(sleep time);

skip_all_without(qw(mariadbd));
my $site = site(
    parts => ['database'], model => source() . '/t/data/tiny-a',
    conf => {
        'render.lease' => 2, 'render.poll_min' => 50, 'render.poll_max' => 200, 'render.threads' => 1,
        'render.state_every' => 1, 'model.steps_max' => 1000, 'log.level' => 'debug',
    },
);
my $member = tool('account', 1000);
my @command = ($site->program('gempix-render'), '-c', $site->config('render'));
my $steps = 300; # some seconds, so that there is a middle

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
    my (%o) = @_;
    my $name = tool('submit', $member, 'not-yet', 1, $o{images} // 1, 2);
    $site->sql("UPDATE job SET params = JSON_SET(params, '\$.steps', $steps), steps = $steps * images,
        model = 'gempix-tiny' WHERE model = 'not-yet'");
    return $name;
}

sub row
{
    my ($columns) = @_;
    return scalar $site->sql("SELECT CONCAT_WS('|', $columns) FROM job ORDER BY id DESC LIMIT 1");
}

sub digests
{
    return join ' ', $site->sql("SELECT LOWER(HEX(sha256)) FROM media WHERE kind = 'result' AND state = 'stored'
        AND job_id = (SELECT MAX(id) FROM job) ORDER BY position");
}

sub kept
{
    return scalar $site->sql('SELECT COUNT(*) FROM job_resume');
}

# Draws until a state was kept, and dies.
sub interrupted
{
    my ($signal) = @_;
    my $daemon = $site->start_render('render-' . ++$site->{daemons});
    wait_until(60, "a state\n" . $site->logs(5), sub { kept() });
    $signal eq 'KILL' ? $daemon->stop(signal => 'KILL') : $daemon->stop(patience => 20);
    return slurp($daemon->{log});
}

sub draw
{
    # What happens when the lease is over, at once.
    $site->sql("UPDATE job SET state = 'queued', lease_until = NULL, lease_token = lease_token + 1 WHERE state = 'running'");
    my ($status, $out) = run([@command, '--once'], timeout => 120);
    is($status, 0, 'drawn to the end') or diag $out;
    is(row('state'), 'done', '... and done');
    return $out;
}

# --- killed in the middle ---

submit();
my $log = draw();
unlike($log, qr/goes on/, 'a new job begins at its beginning');
is(kept(), 0, 'what was kept on the way is gone');
my $whole = digests();

submit();
interrupted('KILL');
is(row('state'), 'running', 'killed in the middle');
my $step = $site->sql('SELECT step FROM job_resume');
$site->sql('CREATE TABLE kept_once AS SELECT step, state FROM job_resume');
$log = draw();
like($log, qr/picture 1 goes on after step $step\n/, 'another attempt goes on');
cmp_ok($step, '>', 0, '... after some steps');
is(digests(), $whole, '... and ends with the same picture');
is(kept(), 0, '... which leaves nothing');

# --- told to end: what is done so far is kept, and no attempt counts ---

submit();
$log = interrupted('TERM');
like($log, qr/given back/, 'told to end, it gives the job back');
is(row('state, attempts'), 'queued|0', '... without blame');
my ($done) = $log =~ /given back: attempt 1, (\d+) of/;
is($site->sql('SELECT step FROM job_resume'), $done, '... with all steps kept');
like(draw(), qr/goes on after step $done\n/, '... for the next one');
is(digests(), $whole, '... and the same picture');

# --- states that are no good ---

my $all = $steps;
$steps = 3;
for my $bad ("'no state at all'", "''", 'LEFT(state, 500)', "CONCAT(LEFT(state, 200), 'x', SUBSTR(state, 202))", 'state') {
    submit(images => 2);
    $site->sql("INSERT INTO job_resume SELECT (SELECT MAX(id) FROM job), 1, step, $bad, 0 FROM kept_once");
    $site->sql("UPDATE job SET lease_token = 1 WHERE state = 'queued'");
    like(draw(), qr/a picture starts over: /, "$bad: it starts over");
    is(kept(), 0, '... and nothing is left');
}
submit();
$site->sql('INSERT INTO job_resume SELECT (SELECT MAX(id) FROM job), 0, -7, state, 0 FROM kept_once');
$site->sql("UPDATE job SET lease_token = 1 WHERE state = 'queued'");
draw();
$steps = $all;

# --- a job that is cancelled while it waits for another attempt ---

my $job = submit();
interrupted('TERM');
is(kept(), 1, 'kept');
tool('cancel', $member, $job);
is(row('state') . kept(), 'cancelled0', 'a cancelled job keeps nothing');
$site->ctl('ledger', 'check');

done_testing;

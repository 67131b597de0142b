#!/usr/bin/perl
# gempix-render against a real database: a job becomes pictures, and whatever dies in the middle, the job ends once and its
# credits with it. The model is a tiny one with random weights.
use Gempix::Test;
use Time::HiRes qw(sleep time);

skip_all_without(qw(mariadbd));
my $site = site(
    parts => ['database'], model => source() . '/t/data/tiny-a',
    conf => {
        'render.lease' => 5, 'render.poll_min' => 50, 'render.poll_max' => 200, 'render.preview_every' => 2,
        'render.threads' => 1, 'log.level' => 'debug',
    },
);
my $member = tool('account', 1000);

sub tool
{
    my (@arguments) = @_;
    my ($status, $out) = run([build() . '/t/queue/queue_tool', $site->database->socket, 'gempix', 'root', @arguments]);
    die "queue_tool @arguments: $out" if $status != 0;
    chomp $out;
    return $out;
}

# A job of 128 x 128 pixels and ten steps, or of so many more steps that it takes long. It becomes visible to daemons
# only when it is complete.
sub submit
{
    my (%o) = @_;
    my $name = tool('submit', $member, 'not-yet', 1, $o{images} // 1, 2);
    my $steps = $o{steps} // 10;
    my $params = $o{params} // "JSON_SET(params, '\$.steps', $steps)";
    $site->sql("UPDATE job SET params = $params, steps = $steps * images, model = 'gempix-tiny' WHERE model = 'not-yet'");
    return $name;
}

sub row
{
    my ($columns) = @_;
    return scalar $site->sql("SELECT CONCAT_WS('|', $columns) FROM job ORDER BY id DESC LIMIT 1");
}

sub balance
{
    return scalar $site->sql("SELECT CONCAT(available, '+', held) FROM balance");
}

sub wait_state
{
    my ($state, $seconds) = @_;
    eval { wait_until($seconds // 60, "state $state", sub { row('state') eq $state }); 1 } or diag $@, $site->logs(20);
    return is(row('state'), $state, "the job is $state");
}

sub wait_step
{
    return wait_until(60, "a step\n" . $site->logs(5), sub { row('state') eq 'running' && row('step') >= 3 });
}

sub is_clean
{
    my ($when) = @_;
    ok(eval { $site->ctl('ledger', 'check'); 1 }, "$when: the ledger balances") or diag $@;
    is($site->sql("SELECT COUNT(*) FROM (SELECT 1 FROM media WHERE kind = 'result' AND state = 'stored'
        GROUP BY job_id, position HAVING COUNT(*) > 1) twice"), 0, "$when: no picture twice");
    return;
}

sub said
{
    my ($daemon) = @_;
    return slurp($daemon->{log});
}

my @command = ($site->program('gempix-render'), '-c', $site->config('render'));

# --- the command line ---

my ($status, $out) = run([$command[0], '--help']);
is($status, 0, '--help');
like($out, qr/--once/, '... explains the options');
($status, $out) = run([$command[0], '--onec']);
is($status, 2, 'an unknown option is refused');
($status, $out) = run([$command[0], '-c', $site->path('no-such.yaml')]);
is($status, 1, 'without configuration it does not start');
like($out, qr/no-such\.yaml/, '... and names the file');

# --- one job, then the end ---

submit(images => 2);
($status, $out) = run([@command, '--once'], timeout => 60);
is($status, 0, '--once ends by itself') or diag $out;
unlike($out, qr/blue sea/, 'the log tells no prompt');
is(row('state, attempts, step, steps'), 'done|1|20|20', 'the job is done');
is(balance(), '998+0', '... and paid');
is($site->sql("SELECT GROUP_CONCAT(CONCAT_WS(' ', kind, position, extension, width, height, seed) ORDER BY kind, position)
    FROM media WHERE state = 'stored'"),
    'result 0 png 128 128 17,result 1 png 128 128 18,thumb 0 jpg 128 128 17,thumb 1 jpg 128 128 18,view 0 jpg 128 128 17,view 1 jpg 128 128 18',
    'two pictures and their smaller copies');
is($site->sql('SELECT COUNT(*) FROM media WHERE expires_at IS NULL'), 0, '... that do not live for ever unless saved');
is($site->sql('SELECT COUNT(*) FROM job_preview'), 0, 'no preview is left');
is($site->sql('SELECT COUNT(*) FROM render_worker'), 0, 'it said good-bye');
for my $file (map { chomp; $_ } `find @{[$site->path('media')]} -name '*.png'`) {
    my $bytes = slurp($file);
    like($bytes, qr{newscodes/digitalsourcetype/trainedAlgorithmicMedia}, 'the file says that a machine made it');
    like($bytes, qr/a red sun over a blue sea\nSteps: 10, Sampler: DDIM, CFG scale: 6\.5, Seed: 1[78], Size: 128x128, Model: gempix-tiny/,
        '... and from what');
    unlike($bytes, qr{/tmp/}, '... and no path');
}
my ($jpeg) = map { chomp; $_ } `find @{[$site->path('media')]} -name '*.jpg'`;
like(slurp($jpeg), qr/trainedAlgorithmicMedia/, 'the thumbnail says it too');
($status, $out) = run([@command, '--once']);
is($status, 0, '--once with nothing to do');
is_clean('done');

# --- rows are input ---

for my $bad (["JSON_SET(params, '\$.width', 7)", 'params'], ["'{'", 'params'], ["JSON_SET(params, '\$.steps', 900)", 'params'],
    ["JSON_SET(params, '\$.width', 4096, '\$.height', 4096)", 'params']) {
    my ($params, $code) = @$bad;
    submit(params => $params);
    ($status) = run([@command, '--once']);
    is($status, 0, "a hostile row ($params) does not end the daemon");
    is(row('state, error_code'), "failed|$code", '... its job fails');
    isnt(row('error_message'), '', '... with a sentence');
    is(balance(), '998+0', '... and the credits are back');
}

# --- progress, preview, cancelling ---

my $daemon = $site->start_render('render-1');
my $job = submit(steps => 50, images => 4);
wait_step();
is($site->sql('SELECT COUNT(*) FROM render_worker WHERE model = "gempix-tiny"'), 1, 'the daemon is announced');
my $preview = wait_until(20, 'a preview', sub { $site->sql('SELECT HEX(image) FROM job_preview') });
like($preview, qr/\AFFD8FF/, 'there is a preview while it draws');
my $asked = time;
tool('cancel', $member, $job);
wait_state('cancelled', 20);
cmp_ok(time - $asked, '<', 10, 'cancelling does not wait for the end');
is(balance(), '998+0', 'what was cancelled costs nothing');
is_clean('cancelled');

# --- told to end: the job goes back at once, without blame ---

submit(steps => 50, images => 4);
wait_step();
is($daemon->stop(patience => 20), 0, 'SIGTERM ends it in order') or diag said($daemon);
is(row('state, attempts'), 'queued|0', '... and gives the job back');
like(said($daemon), qr/given back/, '... as the log says');
is($site->sql('SELECT COUNT(*) FROM render_worker'), 0, '... and it has left');

# --- killed: another one takes over when the lease is over ---

$site->sql("UPDATE job SET params = JSON_SET(params, '\$.steps', 16) WHERE state = 'queued'");
my $first = $site->start_render('render-2');
wait_step();
$first->stop(signal => 'KILL');
is(row('state'), 'running', 'nobody has noticed yet');
my $second = $site->start_render('render-3');
wait_state('done', 90);
is(row('attempts'), 2, '... at the second attempt');
is($site->sql("SELECT COUNT(*) FROM media WHERE kind = 'result' AND state = 'stored'"), 6, '... with every picture once');
is(balance(), '996+0', '... charged once');
is_clean('killed');

# --- the database goes away for less than a lease ---

submit(steps => 30, images => 2);
wait_step();
$site->database->process->signal('KILL');
$site->database->process->wait_end(5);
sleep 0.5;
$site->database->start;
wait_state('done', 90);
is(row('attempts'), 1, '... by the same daemon, which went on meanwhile');
ok($second->alive, 'the daemon has lived through it');
is(balance(), '994+0', '... charged once');
is_clean('database restarted');

# --- a daemon that hangs for longer than its lease ---

submit(steps => 12, images => 2);
wait_step();
$second->signal('STOP');
my $third = $site->start_render('render-4');
wait_state('done', 90);
is(row('attempts'), 2, '... by another daemon');
$second->signal('CONT');
wait_until(20, 'the first to notice', sub { said($second) =~ /lease lost/ });
unlike(said($second) =~ s/.*(?=lease lost)//sr, qr/\bdone\b/, 'the one that hung finishes nothing');
is(balance(), '992+0', '... charged once');
is_clean('hung');
is($third->stop(patience => 20), 0, 'idle, it ends at once');

# --- nearly done: it finishes before it ends ---

my $begun = time;
submit(steps => 50);
wait_until(60, 'the last steps', sub { row('state') eq 'done' || (row('state') eq 'running' && row('step') >= 42) });
my $left = (time - $begun) / 42 * 8;
is($second->stop(patience => 20), 0, 'SIGTERM near the end');
my $ended = row('state, attempts');
if ($left <= 1) {
    is($ended, 'done|1', '... finishes the job first');
} else { # on a machine so slow, or so busy, more than two seconds may be left
    like($ended, qr/\A(?:done\|1|queued\|0)\z/, '... finishes the job or gives it back without blame');
}
is(balance(), $ended eq 'done|1' ? '990+0' : '990+2', '... which is paid once it is done');
$second = $site->start_render('render-5');

# --- the store fails: nobody's fault, the job waits ---

# Files stand where the store's folders would be.
my $media = $site->path('media');
my @letters = (0 .. 9, grep { !/[ilou]/ } 'a' .. 'z');
rename $_, $_ =~ s{.*/(\w+)\z}{$media/away-$1}r or die $! for glob("$media/??");
for my $name (map { my $first = $_; map { "$first$_" } @letters } @letters) {
    spew("$media/$name", '');
}
submit();
eval { wait_until(30, 'the job to be given back', sub { said($second) =~ /the media store failed/ }) } or diag $@, said($second);
wait_until(10, 'the row', sub { row('state') eq 'queued' });
is(row('attempts'), 0, 'a broken store is not the fault of the job');
unlink glob("$media/??");
rename $_, $_ =~ s/away-//r or die $! for glob("$media/away-??");
wait_state('done', 60);
is(balance(), '988+0', '... and paid once');

# --- a second signal ends at once ---

submit(steps => 50, images => 4);
wait_step();
$second->signal('STOP');
$second->signal($_) for qw(TERM INT CONT);
my $wait = $second->wait_end(10) // -1;
is($wait >> 8, 3, 'two signals end it at once');
is_clean('hurried');

done_testing;

#!/usr/bin/perl
# Retention over ten years, on a database that holds rows for every rule of the data register: nothing goes early,
# nothing stays late. The spans are written down here once more, so that a slip in the register is seen.
use Gempix::Test;

skip_all_without(qw(mariadbd));
my $site = site(parts => ['database']);
my ($DAY, $YEAR) = (86400, 366 * 86400);
my $NOW = time;
my $us = $NOW * 1_000_000;
my $SLACK = 120;

# Many more rows than one batch takes.
my $MANY = 450;

sub at
{
    my ($seconds) = @_;
    return ($NOW + $seconds) . '000000';
}

# Runs everything that ends data, so many seconds from now.
sub purge
{
    my ($shift) = @_;
    my %env = (env => { GEMPIX_CLOCK_SHIFT => $shift + $NOW - time });
    for my $command ([$site->program('gempix-steward'), '-c', $site->config('steward'), 'media', 'purge'],
        [$site->program('gempixctl'), '-c', $site->config('ctl'), 'purge']) {
        my ($status, $out) = run($command, %env);
        die "@$command: $out" if $status != 0;
    }
    return;
}

# --- the seed: accounts 1 (open), 2 (closed); jobs 1 to 450 of the one, 1001 of the other ---

sub account
{
    my ($id, $state) = @_;
    $site->sql("INSERT INTO account (id, public_id, email, email_key, display_name, password_hash, age_confirmed_at, terms_version,
        state, created_at) VALUES ($id, UNHEX(MD5('a$id')), 'a$id\@x.org', 'a$id\@x.org', 'A', 'x', $us, '1', '$state', $us)");
    $site->sql("INSERT INTO ledger_transfer (id, idempotency_key, cause, account_id, created_at) VALUES ($id, 'welcome:$id', 'grant', $id, $us)");
    $site->sql("INSERT INTO ledger_entry VALUES ($id, 'available', $id, 20), ($id, 'granted', $id, -20)");
    $site->sql("INSERT INTO balance VALUES ($id, 20, 0)");
    return;
}

sub jobs
{
    my ($from, $to, $account, $state, $finished) = @_;
    return "INSERT INTO job (id, public_id, account_id, kind, state, turn, cost, model, images, params_version, params, price,
        submit_key, steps, queued_at, finished_at) SELECT seq, UNHEX(MD5(seq)), $account, 'generate', '$state', 1, 1, 'm', 1, 1,
        '{\"prompt\":\"a zebra\",\"negative_prompt\":\"blur\",\"steps\":4}', 0, UNHEX(MD5(seq)), 4, $us, $finished FROM seq_${from}_to_$to";
}

sub media
{
    my ($id, $job, $expires) = @_;
    return "INSERT INTO media (id, public_id, account_id, job_id, kind, state, extension, width, height, bytes, sha256, saved, created_at,
        expires_at) VALUES ($id, UNHEX(MD5('m$id')), 1, $job, 'result', 'stored', 'png', 8, 8, 1, REPEAT('x', 32), 1, $us, $expires)";
}

account(1, 'active');
account(2, 'closed');
$site->sql(jobs(1, $MANY, 1, 'done', $us));
$site->sql(jobs(1001, 1001, 2, 'failed', $us));
$site->sql(jobs(2001, 2001, 1, 'running', 'NULL'));
$site->sql(jobs(2002, 2003, 1, 'done', $us));
$site->sql(media(1, 2002, 'NULL'));
my $bytes = "UNHEX(SHA2(seq, 256))";
$site->sql("INSERT INTO session (token_hash, account_id, created_at, last_seen_at, expires_at) SELECT $bytes, 1, $us, @{[at(89 * $DAY)]}, @{[at(90 * $DAY)]} FROM seq_1_to_$MANY");

# Rule => where its rows are, the seed that is still missing, seconds until they go.
my %rule = (
    'session'       => ['session WHERE expires_at > last_seen_at + 60000000 AND account_id = 1 AND token_hash <> REPEAT("i", 32)', '', 90 * $DAY],
    'session/2'     => ['session WHERE token_hash = REPEAT("i", 32)',
        "INSERT INTO session (token_hash, account_id, created_at, last_seen_at, expires_at) VALUES (REPEAT('i', 32), 1, $us, $us, @{[at(90 * $DAY)]})", 14 * $DAY],
    'rate_window'   => ['rate_window', "INSERT INTO rate_window SELECT $bytes, $us, 1 FROM seq_1_to_$MANY", 3600],
    'job.params'    => ["job WHERE id <= $MANY AND params LIKE '%zebra%'", '', 90 * $DAY],
    'job_preview'   => ['job_preview WHERE job_id = 1', "INSERT INTO job_preview VALUES (1, 1, 'x', $us), (2001, 1, 'x', $us)", 0],
    'job_resume'    => ['job_resume WHERE job_id = 1', "INSERT INTO job_resume VALUES (1, 0, 1, 'x', $us), (2001, 0, 1, 'x', $us)", 0],
    'media'         => ['media WHERE id = 2', media(2, 2003, at($DAY)), $DAY],
    'account_proof' => ['account_proof', "INSERT INTO account_proof (token_hash, kind, account_id, created_at, expires_at) VALUES (REPEAT('p', 32), 'reset', 1, $us, @{[at(3600)]})", 3600],
    'account_device' => ['account_device', "INSERT INTO account_device VALUES (REPEAT('d', 32), 1, 'x', 'XX', $us, $us)", 180 * $DAY],
    'account_origin' => ['account_origin', "INSERT INTO account_origin VALUES (1, REPEAT('n', 16), $us)", 7 * $DAY],
    'processor_event' => ['processor_event', "INSERT INTO processor_event (id, type, next_try_at, body, received_at) VALUES ('evt', 'x', $us, '{}', $us)", 400 * $DAY],
    'reconcile_run' => ['reconcile_run', "INSERT INTO reconcile_run (since, ran_at, sessions, charges, purchases, differences) VALUES (1, $us, 1, 1, 1, 0)", 400 * $DAY],
    'render_worker' => ['render_worker', "INSERT INTO render_worker VALUES ('h:1', 'm', $us, $us, 1)", $DAY],
    'model_cost'    => ['model_cost', "INSERT INTO model_cost (worker, model, seen_at) VALUES ('h:1', 'm', $us)", $DAY],
    'mail_outbox'   => ["mail_outbox WHERE state <> 'queued'",
        "INSERT INTO mail_outbox (mail_key, recipient, subject, body, state, next_try_at, created_at)
         SELECT seq, 'a\@x.org', 's', 'b', ELT(1 + seq % 3, 'sent', 'failed', 'queued'), $us, $us FROM seq_1_to_$MANY", 30 * $DAY],
    'account_proof' => ['account_proof', "INSERT INTO account_proof (token_hash, kind, created_at, expires_at)
        SELECT $bytes, 'reset', $us, @{[at(3600)]} FROM seq_1_to_$MANY", 3600],
    'policy_notice' => ['policy_notice', "INSERT INTO policy_notice VALUES (1, '2026-11-23', $us, NULL)", 3 * $YEAR],
    'sign_in_delay' => ['sign_in_delay', "INSERT INTO sign_in_delay SELECT $bytes, 3, $us, $us FROM seq_1_to_$MANY", 3600],
    'flag'          => ["flag WHERE closed_at IS NOT NULL", "INSERT INTO flag (kind, account_id, about, mark, state, created_at, closed_at)
        SELECT 'prompt', 1, 'cruelty', seq, 'open', $us, IF(seq % 2, $us, NULL) FROM seq_1_to_$MANY", 180 * $DAY],
    'flag/2'        => ["flag WHERE closed_at IS NULL", '', 366 * $DAY],
    'rights_request' => ['rights_request WHERE answered_at IS NOT NULL', "INSERT INTO rights_request (public_id, kind, body, state, submit_key, asked_at, answered_at)
        SELECT UNHEX(MD5(seq)), 'access', 'b', IF(seq % 2, 'answered', 'unverified'), $bytes, $us, IF(seq % 2, $us, NULL) FROM seq_1_to_$MANY", 3 * $YEAR],
    'rights_request/2' => ["rights_request WHERE state = 'unverified'", '', 7 * $DAY],
    'ticket'        => ["ticket WHERE state = 'resolved'", "INSERT INTO ticket (public_id, kind, subject, state, created_at, changed_at)
        SELECT UNHEX(MD5(seq)), 'other', 's', ELT(1 + seq % 2, 'resolved', 'waiting'), $us, $us FROM seq_1_to_$MANY", 366 * $DAY],
    'ticket/2'      => ["ticket WHERE state <> 'resolved'", '', 2 * 366 * $DAY],
    'erasure'       => ['erasure', "INSERT INTO erasure (public_id, state, asked_at, due_at, done_at) SELECT UNHEX(MD5(seq)), 'done', $us, $us, $us FROM seq_1_to_$MANY", 10 * $YEAR],
    'data_copy'     => ['data_copy', "INSERT INTO data_copy (account_id, state, asked_at, due_at) SELECT 1, 'fetched', $us, $us FROM seq_1_to_$MANY", 366 * $DAY],
    'consent'       => ['consent', "INSERT INTO consent (word_hash, account_id, choice, version, decided_at)
        SELECT $bytes, 1, 'accept', '2026-11-23', $us FROM seq_1_to_$MANY", 3 * $YEAR],
    'usage_event'   => ['usage_event', "INSERT INTO usage_event (route, opened_at) SELECT 'home', $us FROM seq_1_to_$MANY", 2 * $DAY],
    'audit_event.salt' => ['audit_event WHERE reason IS NOT NULL OR staff_id IS NOT NULL OR salt IS NOT NULL', '', 2 * $YEAR],
    'audit_event'   => ['audit_event', "INSERT INTO audit_event SELECT seq, $us, REPEAT('s', 16), 1, 'account.look', 'account', '', 'why', $bytes, $bytes, $bytes FROM seq_1_to_$MANY", 10 * $YEAR],
    'usage_day'     => ['usage_day', "INSERT INTO usage_day VALUES ($us, 'home', 9)", 2 * $YEAR],
    'account'       => ['account WHERE id = 2', '', 10 * $YEAR],
);
$site->sql($rule{$_}[1]) for grep { $rule{$_}[1] } sort keys %rule;

# --- every rule has its case here ---

my ($status, $out) = run([$site->program('gempixctl'), '-c', $site->config('ctl'), 'purge', '--dry-run']);
is($status, 0, 'a dry run') or diag $out;
is(join(' ', sort grep { $_ ne 'rule' } $out =~ /^([a-z][\w.\/]*) /mg), join(' ', sort keys %rule), 'the seed has rows for every rule');
like($out, qr/^job_preview +1 /m, '... it counts what is due');
is($site->sql('SELECT COUNT(*) FROM job_preview'), 2, '... and removes nothing');

# --- ten years ---

sub left
{
    my ($name) = @_;
    return $site->sql("SELECT COUNT(*) FROM $rule{$name}[0]");
}

my %full = map { $_ => left($_) } keys %rule;
my %moment;
for my $name (keys %rule) {
    my $span = $rule{$name}[2];
    $moment{$span - $SLACK}{$name} = 'there' if $span > 0;
    $moment{$span + $SLACK}{$name} = 'gone';
}
$moment{$_ * $YEAR}{job_preview} = 'gone' for 1, 5;
for my $shift (sort { $a <=> $b } keys %moment) {
    purge($shift);
    for my $name (sort keys %{$moment{$shift}}) {
        my $there = $moment{$shift}{$name} eq 'there';
        is(left($name), $there ? $full{$name} : 0, sprintf('%s after %.2f days: %s', $name, $shift / $DAY, $there ? 'nothing went early' : 'nothing stays late'));
    }
}

# --- what has no end yet is still there after ten years ---

is($site->sql('SELECT COUNT(*) FROM account WHERE id = 1'), 1, 'an open account stays');
is($site->sql('SELECT COUNT(*) FROM ledger_entry WHERE account_id = 1'), 2, '... with its credits');
is($site->sql("SELECT COUNT(*) FROM job WHERE account_id = 1"), $MANY + 3, '... and what it ordered');
is($site->sql("SELECT params FROM job WHERE id = 1") =~ s/\s+//gr, '{"prompt":"(forgotten)","negative_prompt":"(forgotten)","steps":4}',
    '... without the words');
is($site->sql('SELECT COUNT(*) FROM media WHERE id = 1'), 1, 'a picture that is kept stays');
like($site->sql('SELECT params FROM job WHERE id = 2002'), qr/zebra/, '... with its words');
is($site->sql('SELECT COUNT(*) FROM job_preview') . $site->sql('SELECT COUNT(*) FROM job_resume'), '11', 'so does what a running job needs');
is($site->sql("SELECT COUNT(*) FROM mail_outbox WHERE state = 'queued'"), $MANY / 3, 'and letters that wait');
is($site->sql("SELECT COUNT(*) FROM $_ WHERE account_id = 2"), 0, "of the closed account nothing is left: $_")
    for qw(ledger_transfer ledger_entry balance job session);
is($site->sql('SELECT COUNT(*) FROM ledger_entry WHERE transfer_id = 2'), 0, '... no side of a movement either');
like($site->ctl('ledger', 'check'), qr/1 account|accounts/, 'the ledger still balances');

$site->sql('DELETE FROM media WHERE id = 1');
purge(10 * $YEAR + 2 * $SLACK);
unlike($site->sql('SELECT params FROM job WHERE id = 2002'), qr/zebra/, 'without its last picture a job loses its words');

# --- interrupted, it goes on ---

$site->sql("INSERT INTO rate_window SELECT $bytes, 1, 1 FROM seq_1_to_20000");
my $steward = spawn('steward', [$site->program('gempix-steward'), '-c', $site->config('steward'), 'purge']);
wait_until(10, 'some rows to go', sub { $site->sql('SELECT COUNT(*) FROM rate_window') < 19500 });
is($steward->stop, 0, 'stopped in the middle, it ends in order');
my $left = $site->sql('SELECT COUNT(*) FROM rate_window');
cmp_ok($left, '>', 0, '... with work left');
purge(0);
is($site->sql('SELECT COUNT(*) FROM rate_window'), 0, 'the next run completes it');
is($site->sql("SELECT changed_ever FROM purge_run WHERE rule = 'rate_window'"), $MANY + 20000, 'and the report has counted every row');

done_testing;

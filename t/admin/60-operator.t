#!/usr/bin/perl
# What the operator does to somebody's account at the machine stands in the audit log. Every command has a line here: a new
# one that is on neither list fails, and so does one that changes an account and leaves no row.
use Gempix::Test;

skip_all_without(qw(mariadbd));
my $site = site(parts => ['database']);
my $now = int(time * 1e6);

# Commands that touch nobody's account: they read, or change the site and its models. "staff list" shows the staff alone.
my %free = map { $_ => 1 } 'config check', 'config keys', 'secret new', 'migrate', 'grant-users', 'ledger check', 'staff list',
    'audit verify', 'audit list', 'purge', 'receipt verify', 'register check', 'register record', 'register list', 'policy print',
    'events list', 'rules check', 'reconcile', 'jobs list', 'jobs show', 'tickets list', 'model install', 'model list', 'model show',
    'model verify', 'model remove';

sub gempixctl
{
    my ($words, %more) = @_;
    return run([$site->program('gempixctl'), '-c', $site->config('ctl'), @$words], %more);
}

# The newest row: "action|what it is about|reason".
sub newest
{
    return scalar $site->sql("SELECT CONCAT_WS('|', action, subject_id, reason) FROM audit_event ORDER BY id DESC LIMIT 1") // '';
}

# Runs a command of the second list; it must leave this row.
my %noted;
sub noted
{
    my ($words, $row, %more) = @_;
    my $before = $site->sql('SELECT COUNT(*) FROM audit_event');
    my ($status, $out) = gempixctl($words, %more);
    my $name = join ' ', @$words[0, 1];
    $name = $words->[0] if $words->[0] =~ /^(?:erase|export|refund)$/;
    $noted{$name} = 1;
    is($status, $more{fails} ? 1 : 0, "@$words") or diag $out;
    ok($site->sql('SELECT COUNT(*) FROM audit_event') > $before, '... leaves a row') or diag $out;
    like(newest(), $row, '... that says what was done to whom');
    return;
}

# --- accounts ---

noted(['account', 'create', 'ada@example.org'], qr/^account\.create\|\w{26}\|$/, stdin => "a calm blue ocean\n");
my ($ada) = newest() =~ /\|(\w+)\|/;
noted(['credits', 'grant', 'ada@example.org', 5, '--reason', 'a lost picture'], qr/^account\.credits\|$ada\|a lost picture$/);
is($site->sql("SELECT staff_id FROM audit_event WHERE action = 'account.credits'"), 0, 'by the operator');
noted(['staff', 'add', 'ada@example.org', 'support'], qr/^staff\.add\|$ada\|support$/);
noted(['staff', 'remove', 'ada@example.org'], qr/^staff\.remove\|$ada\|$/);
noted(['export', 'ada@example.org', '--out', $site->path('copy.zip')], qr/^account\.export\|$ada\|$/);

# --- jobs and flags ---

my $id = $site->sql('SELECT id FROM account');
$site->sql("INSERT INTO job (public_id, account_id, kind, state, turn, cost, model, images, params_version, params, price, submit_key, steps,
        queued_at, lease_owner, lease_until, attempts)
    VALUES (UNHEX(MD5('job')), $id, 'generate', 'running', 1, 1, 'm', 1, 1, '{}', 0, UNHEX(MD5('j')), 4, $now, 'w', $now + 60000000, 1)");
my ($job) = (gempixctl(['jobs', 'list']))[1] =~ /\b([0-9A-Za-z]{26})\b/;
noted(['jobs', 'requeue', $job], qr/^job\.requeue\|$job\|$/);
$site->sql("INSERT INTO flag (kind, account_id, about, mark, created_at) VALUES ('burst', $id, '200 jobs', 'm', $now)");
noted(['flags', 'list'], qr/^flag\.list\|\|$/);
noted(['flags', 'close', $site->sql('SELECT id FROM flag'), '--note', 'a school class'], qr/^flag\.decide\|$ada\|a school class$/);

# --- money: the row is there before anything is tried, so a wish that comes to nothing stands there too ---

noted(['refund', $job, '--reason', 'a mistake'], qr/^purchase\.refund\|$job\|a mistake$/, fails => 1);
noted(['events', 'replay', 'evt_none'], qr/^purchase\.replay\|\|evt_none$/, fails => 1);

# --- questions ---

$site->sql("INSERT INTO ticket (public_id, email, kind, subject, created_at, changed_at)
    VALUES (UNHEX(MD5('t')), 'eve\@example.org', 'other', 'A question', $now, $now)");
my $ticket = (gempixctl(['tickets', 'list']))[1] =~ /\b([0-9A-Za-z]{26})\b/ ? $1 : '';
noted(['tickets', 'show', $ticket], qr/^ticket\.look\|$ticket\|$/);
noted(['tickets', 'answer', $ticket], qr/^ticket\.answer\|$ticket\|$/, stdin => "It is mended.\n");
noted(['tickets', 'close', $ticket], qr/^ticket\.close\|$ticket\|$/);

# --- the end ---

noted(['erase', 'ada@example.org'], qr/^account\.erase\|$ada\|$/);
is((gempixctl(['audit', 'verify']))[0], 0, 'the log is whole');

# --- every command has its line ---

my ($status, $help) = gempixctl(['--help']);
my @commands = map { join ' ', grep { /^[a-z][a-z-]*$/ } (split)[0, 1] } grep { /^  [a-z]/ } split /\n/, $help;
ok(@commands > 30, 'the commands are known') or diag $help;
# Those of requests need the whole site; here their source must write the row.
my $rights = slurp(source() . '/app/ctl/ctl_rights.c');
for my $name (qw(list show answer extend refuse)) {
    my ($body) = $rights =~ /^ctl_rights_$name\(.*?^\}/ms ? $& : '';
    $noted{"rights $name"} = 1 if $body =~ /ctl_note/;
}
is(join(', ', grep { !$free{$_} && !$noted{$_} } @commands), '', 'each is on one of the lists');

done_testing;

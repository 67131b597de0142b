#!/usr/bin/perl
# The audit log: many writers keep one chain, no program may change a row, and what root changes or removes is found.
use Gempix::Test;

skip_all_without(qw(mariadbd));
my $site = site(parts => ['database']);
my $probe = build() . '/t/admin/audit_probe';
my ($WRITERS, $EACH) = (5, 40);

sub verify
{
    my (@more) = @_;
    return run([$site->program('gempixctl'), '-c', $site->config('ctl'), 'audit', 'verify', @more]);
}

# Runs a change as root, looks, and takes it back.
sub found
{
    my ($what, $row, $why, $change) = @_;
    $site->sql($change);
    my ($status, $out) = verify();
    is($status, 1, "found: $what");
    like($out, qr/^row $row is wrong: .*$why/, "... row $row by name");
    $site->sql('DELETE FROM audit_event; INSERT INTO audit_event SELECT * FROM spare');
    return;
}

my ($status, $out) = verify();
is($status, 0, 'an empty log is whole') or diag $out;

# --- writers side by side ---

my @writers = map { spawn("writer $_", [$probe, $site->config('app'), $_, $EACH]) } 1 .. $WRITERS;
wait_until(60, 'the writers', sub { $site->sql('SELECT COUNT(*) FROM audit_event') == $WRITERS * $EACH });
($status, $out) = verify();
is($status, 0, "$WRITERS writers make one chain") or diag $out;
like($out, qr/^rows @{[$WRITERS * $EACH]}$/m, '... with every row');
is($site->sql('SELECT COUNT(DISTINCT previous) FROM audit_event'), $WRITERS * $EACH, '... and no fork');
my ($witness) = $out =~ /^newest (\d+:[0-9a-f]{64})$/m;
($status, $out) = verify('--expect', $witness);
is($status, 0, 'the newest row can be noted elsewhere') or diag $out;
like($site->ctl('audit', 'list', '--count', 3), qr/^ *200  \S+Z .* account\.look +account 0{25}1  look \d+, é$/m, 'a list');

# --- the application's rights ---

# '' when the program may, else the number of the error.
sub refused
{
    my ($program, $sql) = @_;
    my %how = (schema => 'gempix', user => "gempix-$program", password => slurp($site->path("secret/$program")));
    return '' if eval { $site->database->sql($sql, %how); 1 };
    return $@ =~ /ERROR (\d+)/ ? $1 : $@;
}

is(refused('app', 'SELECT COUNT(*) FROM audit_event'), '', 'the application may read the log');
for my $sql ('UPDATE audit_event SET reason = "x" WHERE id = 1', 'UPDATE audit_event SET reason = NULL WHERE id = 1',
    'DELETE FROM audit_event WHERE id = 1', 'DROP TABLE audit_event', 'DELETE FROM audit_head') {
    like(refused($_, $sql), qr/^114[23]$/, "$_ may not: $sql") for qw(app render);
}
is(refused('steward', 'UPDATE audit_event SET reason = NULL WHERE id = 0'), '', 'the steward may empty');
like(refused('steward', $_), qr/^114[23]$/, "... and not: $_")
    for 'DELETE FROM audit_event', 'UPDATE audit_event SET hash = previous', 'INSERT INTO audit_event (id) VALUES (0)';

# --- what root does is found ---

$site->sql('CREATE TABLE spare AS SELECT * FROM audit_event');

found('another reason', 50, 'words', 'UPDATE audit_event SET reason = "nothing" WHERE id = 50');
found('another person', 1, 'words', 'UPDATE audit_event SET staff_id = 9 WHERE id = 1');
found('another action', 7, 'words', 'UPDATE audit_event SET action = "job.look" WHERE id = 7');
found('words moved between columns', 7, 'words',
    'UPDATE audit_event SET subject_kind = CONCAT(subject_kind, subject_id), subject_id = "" WHERE id = 7');
# The newest: two writers may write in the same microsecond, and a row that is later than the next shows by another reason.
found('another time', 200, 'changed', 'UPDATE audit_event SET created_at = created_at + 1 WHERE id = 200');
found('a row less', 33, 'missing', 'DELETE FROM audit_event WHERE id = 33');
found('the first rows less', 1, 'missing', 'DELETE FROM audit_event WHERE id < 5');
found('the last row less', 200, 'missing', 'DELETE FROM audit_event WHERE id = 200');
found('a row less and the others moved up', 33, 'follow',
    'DELETE FROM audit_event WHERE id = 33; UPDATE audit_event SET id = id - 1 WHERE id > 33 ORDER BY id');
found('two rows in each other\'s place', 10, 'follow',
    'UPDATE audit_event SET id = 999 WHERE id = 10; UPDATE audit_event SET id = 10 WHERE id = 11; UPDATE audit_event SET id = 11 WHERE id = 999');
found('a row emptied before its time', 12, 'before its time',
    'UPDATE audit_event SET salt = NULL, staff_id = NULL, action = NULL, subject_kind = NULL, subject_id = NULL, reason = NULL WHERE id = 12');

# Whoever can compute hashes can write the chain anew; the noted row tells.
my ($row, $hash) = split /:/, $witness;
($status, $out) = verify('--expect', "$row:" . ('0' x 64));
is($status, 1, 'found: a chain written anew, by the row that was noted');
like($out, qr/^row $row is wrong: .*noted/, '... by name');
($status, $out) = verify('--expect', '5');
is($status, 2, 'a witness without a hash is refused');

# --- retention empties old rows and the chain holds ---

my $years = 2 * 366 * 86400 + 60;
($status, $out) = run([$site->program('gempix-steward'), '-c', $site->config('steward'), 'purge'], env => { GEMPIX_CLOCK_SHIFT => $years });
is($status, 0, 'two years later') or diag $out;
is($site->sql('SELECT COUNT(*) FROM audit_event WHERE reason IS NULL AND staff_id IS NULL AND salt IS NULL'), $WRITERS * $EACH, '... the words are gone');
run([$probe, $site->config('app'), 1, 2], env => { GEMPIX_CLOCK_SHIFT => $years });
($status, $out) = run([$site->program('gempixctl'), '-c', $site->config('ctl'), 'audit', 'verify', '--expect', $witness],
    env => { GEMPIX_CLOCK_SHIFT => $years });
is($status, 0, '... and the chain holds, with the noted row') or diag $out;
like($out, qr/^emptied by retention @{[$WRITERS * $EACH]}$/m, '... which says how many');

done_testing;

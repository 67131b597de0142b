#!/usr/bin/perl
# sql/grants.sql: each program can prepare what it needs, and is refused what it must not do.
use FindBin;
use lib $FindBin::Bin;
use Gempix::Test;
use QueueTest;

my $queue = QueueTest->new;
my $db = $queue->db;
my %user = (app => 'gempix-app', render => 'gempix-render', steward => 'gempix-steward');

# What gempixctl grant-users does with the template; a second run must change nothing.
my $grants = slurp(source() . '/sql/grants.sql');
$grants =~ s/\@DATABASE\@/queue/g;
$grants =~ s/\@\U$_\E\@/$user{$_}/g for keys %user;
unlike($grants, qr/\@[A-Z]+\@/, 'no placeholder is left');
$db->sql($grants) for 1 .. 2;
$db->sql("ALTER USER '$_'\@localhost IDENTIFIED BY ''") for values %user;

my %program = (app => 'app', worker => 'render', steward => 'steward');
for my $command (sort keys %program) {
    my $name = $user{$program{$command}};
    my ($status, $out) = run([build() . '/t/queue/queue_tool', $db->socket, 'queue', $name, $command]);
    is($status, 0, "$name may do its work") or diag($out);
}

my $member = $queue->tool('account', 10);
my $job = $queue->tool('submit', $member, 'm', 1, 1, 1);

# '' when the user may, else the number of the error.
sub refused
{
    my ($program, $sql) = @_;
    return '' if eval { $db->sql($sql, schema => 'queue', user => $user{$program}); 1 };
    return $@ =~ /ERROR (\d+)/ ? $1 : $@;
}

my @never = (
    'UPDATE ledger_entry SET amount = 5', 'DELETE FROM ledger_entry', 'UPDATE ledger_transfer SET note = "x"',
    'DELETE FROM ledger_transfer', 'UPDATE job SET price = 0', 'UPDATE job SET account_id = 2', 'DELETE FROM job',
    'DROP TABLE job', 'CREATE TABLE mine (a INT)', 'ALTER TABLE job ADD b INT',
    'DELETE FROM balance', 'DELETE FROM schema_migration', 'GRANT SELECT ON queue.job TO root@localhost',
    'SELECT * FROM mysql.user', "SELECT LOAD_FILE('/etc/passwd') INTO OUTFILE '/tmp/gempix-never'",
);
for my $program (sort keys %user) {
    for my $sql (@never) {
        like(refused($program, $sql), qr/^(1142|1143|1044|1045|1227)$/, "$program may not: $sql");
    }
}
like(refused('render', 'SELECT email FROM account'), qr/^1142$/, 'render sees no address');
like(refused('render', 'SELECT * FROM session'), qr/^1142$/, 'render sees no session');
like(refused('render', 'SELECT * FROM mail_outbox'), qr/^1142$/, 'render sees no mail');
like(refused($_, 'UPDATE job SET params = "{}"'), qr/^1143$/, "$_ changes no parameters") for qw(app render);
is(refused('steward', 'UPDATE job SET params = params WHERE price = 1'), '', 'steward may forget words');
like(refused('render', 'DELETE FROM media'), qr/^1142$/, 'render removes no rows of media');
like(refused('steward', 'SELECT 1 FROM job WHERE id = 1 FOR UPDATE'), qr/^$/, 'steward may lock a job');
like(refused('steward', 'INSERT INTO account (email) VALUES ("x")'), qr/^1142$/, 'steward makes no account');
like(refused('app', 'DELETE FROM media'), qr/^1142$/, 'app removes no rows of media');
like(refused('app', 'UPDATE media SET account_id = 1'), qr/^1143$/, 'app gives no picture to another');
is(refused('app', "UPDATE job SET cancel_asked = 1 WHERE price = 1"), '', 'app may ask to cancel');
done_testing();

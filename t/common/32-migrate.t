#!/usr/bin/perl
# Migrations: applied once and in order, checked, and two at the same time queue.
use Gempix::Test;

my $db = mariadb();
my $sql = tempdir();
$db->sql('CREATE SCHEMA m');

# migrate('run' or 'check', directory): exit status and words.
sub migrate
{
    my ($what, $directory) = @_;
    return run([build() . '/t/common/migrate_probe', $what, $db->socket, 'm', 'root', "$directory"]);
}

my ($status, $out) = migrate('check', $sql);
like($out, qr/database is empty.*gempixctl migrate/, 'check of an empty database');
like((migrate('run', $sql))[1], qr/holds no migrations/, 'an empty directory');

spew("$sql/0001-a.sql", "CREATE TABLE a (i INT);\nINSERT INTO a VALUES (1);\n");
spew("$sql/0002-b.sql", "ALTER TABLE a ADD COLUMN j INT;\n");
spew("$sql/grants.sql", "this is no migration\n");
($status, $out) = migrate('run', $sql);
is($out, "applying 0001-a.sql\napplying 0002-b.sql\napplied 2: ok\n", 'both in order');
is((migrate('run', $sql))[1], "applied 0: ok\n", 'and once');
is((migrate('check', $sql))[0], 0, 'check is content');

spew("$sql/0003-c.sql", "CREATE TABLE c (i INT); SELEKT 1;\n");
like((migrate('check', $sql))[1], qr/0003-c\.sql is missing/, 'check names what is missing');
($status, $out) = migrate('run', $sql);
ok($status == 1 && $out =~ /Statement 2 /, 'a failing statement is counted') or diag($out);
like((migrate('check', $sql))[1], qr/0003-c\.sql is missing/, 'and the file is not recorded');
spew("$sql/0003-c.sql", "DO SLEEP(1); CREATE TABLE d (i INT);\n");
my @both = map { spawn('migrate', [build() . '/t/common/migrate_probe', 'run', $db->socket, 'm',
    'root', "$sql"]) } 1 .. 2;
$_->wait_end(60) for @both;
is(join(' ', sort map { $_->log_tail(3) =~ /applied (\d): ok/ ? $1 : $_->log_tail(3) } @both),
    '0 1', 'of two at the same time, one applies');

spew("$sql/0001-a.sql", "CREATE TABLE a (i BIGINT);\n");
like((migrate('run', $sql))[1], qr/0001-a\.sql was changed after/, 'a changed file');
spew("$sql/0001-a.sql", "CREATE TABLE a (i INT);\nINSERT INTO a VALUES (1);\n");
unlink "$sql/0002-b.sql";
like((migrate('check', $sql))[1], qr/has migration 0002-b\.sql, which/, 'an unknown record');
spew("$sql/0002-b.sql", "ALTER TABLE a ADD COLUMN j INT;\n");
spew("$sql/0003-zz.sql", "DO 1;\n");
like((migrate('run', $sql))[1], qr/same number/, 'two with one number');
unlink "$sql/0003-zz.sql";
is((migrate('check', $sql))[0], 0, 'all is well again');

$db->sql('CREATE SCHEMA real_one');
($status, $out) = run([build() . '/t/common/migrate_probe', 'run', $db->socket, 'real_one', 'root',
    source() . '/sql']);
is($status, 0, "the project's own migrations") or diag($out);
done_testing();

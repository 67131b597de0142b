#!/usr/bin/perl
# gempixctl: help, typing errors, exit codes, and each command against a private server.
use Gempix::Test;
use File::Path qw(make_path);

my $dir = tempdir();
my $db = mariadb();
$db->sql('CREATE SCHEMA gempix CHARACTER SET utf8mb4');

my $base = "site:\n  url: http://127.0.0.1\n  secret_file: secret\nmedia:\n  root: media\n";
my $conf = "$base" . "db:\n  socket: @{[$db->socket]}\n  user: root\n";
spew("$dir/gempix.yaml", $conf);

# ctl(words…): exit status, standard output, standard error.
sub ctl
{
    my @words = @_;
    my %o = ref $words[-1] ? %{pop @words} : ();
    return run([build() . '/gempixctl', '-c', "$dir/gempix.yaml", @words], apart => 1, %o);
}

# One command line, its exit status, and what one of its outputs matches.
sub check
{
    my ($words, $status, $pattern, %o) = @_;
    my ($got, $out, $err) = ctl(@$words, \%o);
    my $good = is($got, $status, "@$words: $status");
    $good = like($status == 0 ? $out : "$out$err", $pattern, "@$words: says so") && $good;
    diag("$out$err") if !$good;
    return $out;
}

subtest 'command line' => sub {
    check(['--help'], 0, qr/account create EMAIL/);
    check(['migrate', '--help'], 0, qr/^gempixctl .*migrate \[--check\]/);
    check([], 2, qr/command is missing/);
    check(['migarte'], 2, qr/Did you mean migrate\?/);
    check(['jobs', 'lsit'], 2, qr/Did you mean jobs list\?/);
    check(['jobs', 'zebra'], 2, qr/jobs requeue ID/);
    check(['zebra'], 2, qr/--help/);
    check(['migrate', '--sqll', 'x'], 2, qr/unknown option --sqll/);
    check(['migrate', '--sql'], 2, qr/needs a value/);
    check(['migrate', '--check=1'], 2, qr/takes no value/);
    check(['migrate', 'now'], 2, qr/too many words/);
    check(['secret', 'new'], 2, qr/something is missing/);
    is((run([build() . '/gempixctl', '--frob'], apart => 1))[0], 2, 'unknown option');
    is((run([build() . '/gempixctl', '-c'], apart => 1))[0], 2, 'option without its file');
};

subtest 'files' => sub {
    check(['config', 'check'], 0, qr/: ok$/);
    check(['config', 'check', '--files'], 1, qr/site\.secret_file: .*No such file/);
    check(['secret', 'new', "$dir/secret"], 0, qr/^$/);
    is((stat "$dir/secret")[2] & 07, 0, 'a secret is not for everybody');
    cmp_ok(-s "$dir/secret", '>=', 64, 'and long');
    check(['secret', 'new', "$dir/secret"], 1, qr/exists/);
    my $keys = check(['config', 'keys'], 0, qr/^render\.lease\n/m);
    my $manual = slurp(source() . '/man/gempix.yaml.5');
    my @missing = grep { $manual !~ /^\.It Ic \Q$_\E$/m } $keys =~ /^(\w+\.\w+)$/mg;
    is("@missing", '', 'the manual has every key');
    my (undef, $help) = ctl('--help');
    $manual = slurp(source() . '/man/gempixctl.1');
    my @names = $help =~ /^  ([a-z][a-z-]*(?: [a-z]+)?) /mg;
    cmp_ok(scalar @names, '>=', 11, 'commands in the help');
    @missing = grep { $manual !~ /^\.It Ic \Q$_\E\b/m } @names;
    is("@missing", '', 'the manual has every command');
    spew("$dir/gempix.yaml", $conf . "  nmae: x\n");
    check(['config', 'check'], 1, qr/gempix\.yaml:9: db\.nmae: unknown key\. Did you mean db\.name/);
    spew("$dir/gempix.yaml", "$base" . "db:\n  socket: $dir/none\n");
    check(['migrate'], 1, qr/gempixctl: .*none/s);
    spew("$dir/gempix.yaml", $conf);
};

subtest 'schema' => sub {
    my @sql = ('--sql', source() . '/sql');
    check(['migrate', '--check', @sql], 1, qr/database is empty/);
    check(['migrate', @sql], 0, qr/applying 0001-core\.sql\n.*migrations? applied/s);
    check(['migrate', @sql], 0, qr/^0 migrations applied/);
    check(['migrate', '--check', @sql], 0, qr/up to date/);
    check(['migrate', '--sql', "$dir"], 1, qr/holds no migrations/);
    my @grants = ('--sql', source() . '/sql/grants.sql');
    check(['grant-users', @grants], 0, qr/^/);
    check(['grant-users', @grants, '--app', 'visitor'], 0, qr/^/);
    check(['grant-users', @grants, '--app', "x'y"], 2, qr/letters, digits/);
    my $users = $db->sql("SELECT GROUP_CONCAT(user ORDER BY user) FROM mysql.user WHERE user <> 'root'"
        . " AND user NOT LIKE 'maria%'");
    like("$users", qr/gempix-app.*gempix-render.*gempix-steward.*visitor/s, 'users');
    unlike($db->sql("SHOW GRANTS FOR 'gempix-app'\@localhost"), qr/CREATE|DROP|ALTER|ALL PRIV/,
        'the application may not change tables');
};

subtest 'accounts and credits' => sub {
    my @ada = ('account', 'create', 'ada@example.org');
    check([@ada], 1, qr/password is expected/);
    check([@ada, '--credits', 'x'], 2, qr/whole number/);
    check([@ada, '--credits', '70'], 0, qr/^account \d+ created/, stdin => "a calm blue ocean\n");
    check([@ada], 1, qr/./, stdin => "a calm blue ocean\n");
    check(['account', 'create', 'nobody'], 1, qr/address/, stdin => "a calm blue ocean\n");
    check(['credits', 'grant', 'ada@example.org', '5'], 2, qr/--reason/);
    check(['credits', 'grant', 'ada@example.org', '-5', '--reason', 'x'], 2, qr/whole number/);
    check(['credits', 'grant', 'eve@example.org', '5', '--reason', 'x'], 1, qr/no account/);
    my $before = $db->sql('SELECT SUM(available) FROM gempix.balance');
    check(['credits', 'grant', 'ada@example.org', '5', '--reason', 'sorry'], 0, qr/^5 credits/);
    is($db->sql('SELECT SUM(available) FROM gempix.balance') - $before, 5, 'moved once');
    check(['ledger', 'check'], 0, qr/wrong balances 0/);
    $db->sql('UPDATE gempix.balance SET available = available + 1');
    check(['ledger', 'check'], 1, qr/wrong balances 1/);
    $db->sql('UPDATE gempix.balance SET available = available - 1');
};

subtest 'jobs' => sub {
    my $id = '00000000000000000000000007';
    check(['jobs', 'list'], 0, qr/^id .*\n\z/);
    check(['jobs', 'list', '--state', 'lost'], 2, qr/queued, running/);
    check(['jobs', 'show', 'x'], 2, qr/not the id/);
    check(['jobs', 'show', $id], 1, qr/no such job/);
    my $account = $db->sql('SELECT MIN(id) FROM gempix.account');
    chomp $account;
    $db->sql("INSERT INTO gempix.job SET public_id = UNHEX(LPAD('7', 32, '0')), account_id = $account,"
        . " kind = 'generate', state = 'running', turn = 1, cost = 1, model = 'm', images = 1,"
        . " params_version = 1, params = '{\"prompt\":\"hush\"}', price = 1,"
        . " submit_key = UNHEX(LPAD('7', 32, '0')), attempts = 1, lease_owner = 'w:1', lease_token = 1,"
        . " lease_until = 9000000000000000, steps = 10, queued_at = 1700000000000000");
    check(['jobs', 'list', '--state', 'running', '--count', '3'], 0, qr/^$id  running/m);
    unlike(check(['jobs', 'show', $id], 0, qr/^worker    w:1$/m), qr/hush/, 'no prompt');
    my ($folder, $m) = ("$dir/models/m", ['model', 'remove', 'm']);
    make_path($folder);
    spew("$folder/gempix-model.json", '{"format": 1}');
    spew("$dir/gempix.yaml", "${conf}models:\n  dir: $dir/models\n");
    check($m, 1, qr/1 job waits for m\. Let them finish, or use --force/);
    check(['jobs', 'requeue', $id], 0, qr/the job is queued now/);
    check($m, 1, qr/1 job waits/);
    $db->sql("UPDATE gempix.job SET model = 'n'");
    check($m, 0, qr/m is removed/);
    ok(!-e $folder, 'and gone');
    spew("$dir/gempix.yaml", $conf);
    check(['jobs', 'requeue', $id], 1, qr/The job is queued/);
};

done_testing();

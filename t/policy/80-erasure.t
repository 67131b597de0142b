#!/usr/bin/perl
# Erasure by the data register: an account whose every text holds a marker is erased, the steward killed in the middle;
# after the retention limits no byte of the marker is left but where the register keeps it by law. Another account stays
# as it was. The receipt is true, and a changed one is not.
use Gempix::Test;
use Math::BigInt ();
use POSIX ();

skip_all_without(qw(nginx mariadbd));
my $site = site(parts => [qw(database app nginx)]);
my ($DAY, $MANY) = (86400, 800);
my $us = time . '000000';
my ($MARK, $OTHER) = ('zqMarkerErase', 'zqMarkerStays');
my $ada = $site->member(email => "$MARK\@example.org", credits => 50);
my $eve = $site->member(email => "$OTHER\@example.org", credits => 50);
my %id = map { $_ => scalar $site->sql("SELECT id FROM account WHERE email = '$_\@example.org'") } $MARK, $OTHER;

# --- the seed, from information_schema and the register: a column that is added gets its marker by itself ---

my ($tables) = slurp(source() . '/docs/policy/register.yaml') =~ /^tables:\n(.*?)^files:/ms;
my (%thing, @order);
for my $block (split /^  (?=\w)/m, $tables) {
    my ($name) = $block =~ /\A(\w+):/ or next;
    my ($owner) = $block =~ /^    owner: (.*)/m or next;
    $thing{$name} = { owner => $owner, erase => $block =~ /^    erase: (\w+)/m, basis => $block =~ /^    basis: (\w+)/m,
        whose => $block =~ /^    whose: (\w+)/m, text => $block };
    push @order, $name;
}
# Words of our own programs, not of the person: names of models and machines, faults, versions.
my %ours = map { $_ => 1 } qw(account.terms_version job.model job.lease_owner job.error_code media.extension);
# Values without which a row is not what it says.
my %given = ('job.state' => "'done'", 'media.state' => "'stored'", 'media.expires_at' => 'NULL', 'media.deletion' => 'NULL',
    'mail_outbox.state' => "'sent'", 'subscription.state' => "'ended'", 'session.expires_at' => "$us + 9000000000", 'purchase.submit_key' => undef,
    'ledger_transfer.cause' => "'grant'", 'account_proof.expires_at' => "$us + 9000000000");
my %key = map { my @f = split /\t/; ("$f[0].$f[1]" => $f[2]) } $site->sql("SELECT table_name, column_name, referenced_table_name
    FROM information_schema.key_column_usage WHERE table_schema = DATABASE() AND referenced_table_name IS NOT NULL");

sub value
{
    my ($table, $column, $type, $length, $n, $mark) = @_;
    my $name = "$table.$column";
    return $given{$name} if defined $given{$name};
    return $mark eq $MARK ? $id{$MARK} : $id{$OTHER} if $column eq 'account_id' || $column eq 'staff_id';
    return $n if exists $key{$name} || $column eq 'id' || $column =~ /\A(job|media|transfer|ticket|message|mail|subscription)_id\z/;
    return "'{\"prompt\":\"$mark a\",\"negative_prompt\":\"$mark b\",\"steps\":4}'" if $name eq 'job.params';
    return "'" . ($type =~ /'([^']*)'/)[0] . "'" if $type =~ /\Aenum/;
    return "UNHEX(LEFT(SHA2('$name$n', 256), 2 * $length))" if $type =~ /\Abinary/;
    return $ours{$name} ? "'ours'" : "LEFT('$mark $n', $length)" if $type =~ /char/;
    return "'$mark'" if $type =~ /text|blob/;
    return $column =~ /_(?:at|until)\z/ ? $us : $column =~ /refunded|disputed|expired/ ? 0 : $type =~ /bigint/ ? $n : 1 if $type =~ /int/;
    return '1';
}

sub seed
{
    my ($table, $n, $mark) = @_;
    my (@columns, @values);
    for my $line ($site->sql("SELECT column_name, column_type, COALESCE(character_maximum_length, 0) FROM information_schema.columns
        WHERE table_schema = DATABASE() AND table_name = '$table' AND generation_expression IS NULL ORDER BY ordinal_position")) {
        my ($column, $type, $length) = split /\t/, $line;
        push @columns, $column;
        push @values, value($table, $column, $type, $length, $n, $mark);
    }
    $site->sql("SET FOREIGN_KEY_CHECKS = 0; INSERT INTO $table (@{[join ', ', @columns]}) VALUES (@{[join ', ', @values]})");
    return;
}

my %n = ($MARK => 70_001, $OTHER => 70_002);
my @seeded = grep { $thing{$_}{whose} eq 'member' && !/\A(?:account|balance|erasure|erasure_step)\z/ } @order;
for my $mark ($MARK, $OTHER) {
    seed($_, $n{$mark}, $mark) for @seeded;
    $site->sql("UPDATE account SET display_name = '$mark', restriction = '$mark' WHERE id = $id{$mark}");
}
# A report by the person on somebody else's picture, and much of one kind.
$site->sql("INSERT INTO report (publication_id, account_id, reason, note, created_at) SELECT $n{$OTHER}, $id{$MARK}, reason, '$MARK', $us FROM report LIMIT 1");
$site->sql("INSERT INTO mail_outbox (mail_key, account_id, recipient, subject, body, state, next_try_at, created_at)
    SELECT CONCAT('many:', seq), $id{$MARK}, '$MARK\@example.org', '$MARK', '$MARK', 'sent', $us, $us FROM seq_1_to_$MANY");

# Its file, where the store has it.
my %file;
for my $mark ($MARK, $OTHER) {
    my $number = Math::BigInt->from_hex(scalar $site->sql("SELECT HEX(public_id) FROM media WHERE id = $n{$mark}"));
    my ($digits, $key) = ('0123456789abcdefghjkmnpqrstvwxyz', '');
    for (1 .. 26) {
        $key = substr($digits, ($number % 32)->numify, 1) . $key;
        $number = $number / 32;
    }
    my $extension = $site->sql("SELECT extension FROM media WHERE id = $n{$mark}");
    my $folder = $site->path('media') . '/' . substr($key, 22, 2) . '/' . substr($key, 24, 2);
    system('mkdir', '-p', $folder) == 0 or die;
    $file{$mark} = "$folder/$key.$extension";
    spew($file{$mark}, "picture with $mark");
}

# --- who may ask, and what happens then ---

my $page = $ada->get('/account/delete');
is($page->{status}, 200, 'the page says what goes') or diag $site->logs(10);
like($page->{content}, qr/Your pictures and uploads/, '... by the register');
like($page->{content}, qr/Every movement of credits.*?password/s, '... and what the law keeps');
is($ada->submit($page, qr{/account/delete}, { password => 'wrong' })->{status}, 422, 'not without the password');
is($site->sql('SELECT COUNT(*) FROM erasure'), 0, '... nothing was asked');

is($ada->submit($page, qr{/account/delete}, { password => 'a quiet lighthouse', code => '123456' })->{status}, 422, 'not with a wrong code, where signing in takes one');
is($site->sql('SELECT COUNT(*) FROM erasure'), 0, '... nothing was asked');
$site->sql("UPDATE account_second SET confirmed_at = NULL WHERE account_id = $id{$MARK}");

sub ask
{
    my $answer = $ada->submit($ada->get('/account/delete'), qr{/account/delete}, { password => 'a quiet lighthouse' });
    is($answer->{status}, 303, 'asked') or diag $answer->{content}, $site->logs(10);
    return;
}
ask();
is($site->sql("SELECT state FROM account WHERE id = $id{$MARK}"), 'leaving', 'the account is closed to use');
is($site->sql("SELECT COUNT(*) FROM session WHERE account_id = $id{$MARK}"), 0, '... signed out everywhere');
like($site->sql("SELECT body FROM mail_outbox WHERE mail_key LIKE 'erasure-asked:%'"), qr{/signin}, '... a letter says how to keep it');
my ($shown) = $site->sql("SELECT COUNT(*) FROM publication p JOIN account a ON a.id = p.account_id WHERE a.state = 'active' AND p.account_id = $id{$MARK}");
is($shown, 0, '... what was published is hidden');

sub come_back
{
    my $answer = $ada->submit($ada->get('/signin'), qr{/signin}, { email => "$MARK\@example.org", password => 'a quiet lighthouse' });
    is($answer->{status}, 303, 'signing in is possible') or diag $answer->{content};
    return;
}
come_back();
for my $path (qw(/pictures /create /account /credits /privacy/centre)) {
    like($ada->get($path)->{headers}{location} // '', qr{/account/leaving\z}, "$path leads to the way back alone");
}
my $back = $ada->submit($ada->get('/account/leaving'), qr{/account/leaving}, {});
is($back->{status}, 303, 'taken back');
is($ada->get('/pictures')->{status}, 200, '... the account is open again');
is($site->sql('SELECT COUNT(*) FROM erasure'), 0, '... and nothing is due');
ask();

# --- the steward, killed in the middle ---

sub steward
{
    my ($shift, @duties) = @_;
    my ($status, $out) = run([$site->program('gempix-steward'), '-c', $site->config('steward'), @duties], env => { GEMPIX_CLOCK_SHIFT => $shift });
    is($status, 0, "@duties") or diag $out;
    return $out;
}

# How many rows of each table are the other account's.
sub others
{
    my @counts;
    for my $table (@seeded, 'account', 'balance') {
        my ($through, $column) = $thing{$table}{owner} =~ /\A(\w+) by (\w+)/;
        my $whose = $through ? "$column IN (SELECT id FROM $through WHERE account_id = $id{$OTHER})" : "$thing{$table}{owner} = $id{$OTHER}";
        push @counts, "SELECT CONCAT('$table ', COUNT(*)) FROM $table WHERE $whose";
    }
    return join ', ', $site->sql(join ' UNION ALL ', @counts);
}

sub ledger
{
    my ($status, $out) = run([$site->program('gempixctl'), '-c', $site->config('ctl'), 'ledger', 'check']);
    return $out;
}
my ($before, $ledger) = (others(), ledger());
steward(12 * $DAY, 'erasure');
is($site->sql("SELECT COUNT(*) FROM mail_outbox WHERE mail_key LIKE 'erasure-soon:%'"), 1, 'before the end a letter reminds');
is($site->sql('SELECT state FROM erasure'), 'asked', '... and nothing has gone yet');
# Somebody else holds a row that is in its way, so that the kill meets it in the middle for certain.
my @server = ('--socket', $site->{database}{socket}, '-u', $site->{database}{user} // 'root', $site->{database}{name} // 'gempix');
my $holder = spawn('holder', ['mariadb', @server, '-e', "START TRANSACTION; SELECT id FROM job WHERE id = $n{$MARK} FOR UPDATE; SELECT SLEEP(60)"]);
wait_until(10, 'the row to be held', sub { $site->sql("SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE 'SELECT SLEEP%'") });
my $killed = spawn('steward', [$site->program('gempix-steward'), '-c', $site->config('steward'), 'erasure'], env => { GEMPIX_CLOCK_SHIFT => 14 * $DAY + 60 });
wait_until(20, 'the erasure to be in the middle', sub { $site->sql("SELECT COUNT(*) FROM erasure_step WHERE what = 'job_preview'") });
$killed->stop(signal => 'KILL');
$holder->stop;
$site->sql("KILL $_") for $site->sql("SELECT id FROM information_schema.processlist WHERE info LIKE 'SELECT SLEEP%'");
is($site->sql('SELECT state FROM erasure'), 'running', 'killed in the middle');
my $left = $site->sql("SELECT state FROM account WHERE id = $id{$MARK}");
is($left, 'leaving', '... the account is not done');
like(steward(14 * $DAY + 120, 'erasure'), qr/1 accounts? erased/, 'the next run completes it');
is($site->sql('SELECT CONCAT(state, COALESCE(account_id, "-")) FROM erasure'), 'done-', 'the tombstone names nobody');
is($site->sql('SELECT COUNT(*) FROM erasure_step'), 0, '... and holds no list');
is(others(), $before, "another account's data is untouched");
ok(-f $file{$OTHER}, '... and its file');
ok(!-e $file{$MARK}, 'the file is gone');
is($site->sql("SELECT email FROM account WHERE id = $id{$MARK}"), "erased-$id{$MARK}", 'the row that credits hang on has no name');
is(ledger(), $ledger, 'the ledger is as it was');

# --- the receipt ---

my $letter = join "\n", $site->sql("SELECT REPLACE(body, '\\n', '\n') FROM mail_outbox WHERE mail_key LIKE 'link:receipt:%'");
$letter =~ s/\\n/\n/g;
my ($mails) = $letter =~ /^mail_outbox deleted entries=(\d+)/m;
cmp_ok($mails // 0, '>=', $MANY + 1, 'the receipt counts every letter once, before and after the kill');
like($letter, qr/^media deleted entries=1 files=1 /m, '... and the file');
unlike($letter, qr/$MARK|example\.org\b.*entries/, '... and names nobody');

sub verdict
{
    my ($text) = @_;
    my $visitor = $site->client;
    return $visitor->submit($visitor->get('/privacy/receipt'), qr{/privacy/receipt}, { receipt => $text });
}
like(verdict($letter)->{content}, qr/This receipt is true/, 'the public page verifies it') or diag $letter;
like(verdict($letter =~ s/^/> /gmr)->{content}, qr/This receipt is true/, '... quoted too');
like(verdict($letter =~ s/^media deleted entries=1/media deleted entries=2/mr)->{content}, qr/was changed: line/, 'a changed number is seen');
like(verdict($letter =~ s/^done .*//msr)->{content}, qr/not whole/, 'a receipt that was cut is seen');
my ($code) = $letter =~ /^gempix-receipt-1 (\w+)/m;
like(verdict($code)->{content}, qr/with this code was completed/, 'the code alone says that it was done');
like(verdict('0' x 26)->{content}, qr/no deletion with this code/, 'a code that we never gave is refused');
my ($status, $said) = run([$site->program('gempixctl'), '-c', $site->config('ctl'), 'receipt', 'verify', '-'], stdin => $letter);
is($status, 0, 'the command agrees') or diag $said;

# --- no byte is left ---

$site->sql("UPDATE mail_outbox SET state = 'sent' WHERE state = 'queued'");
steward(50 * $DAY, 'media', 'purge');
my ($ok, $dump) = run(['mariadb-dump', '--no-create-info', '--skip-extended-insert', '--hex-blob', @server]);
is($ok, 0, 'a dump of everything') or diag substr $dump, 0, 500;
my $hex = uc unpack 'H*', $MARK;
my %found;
for my $line (split /\n/, $dump) {
    my ($table) = $line =~ /^INSERT INTO `(\w+)`/ or next;
    $found{$table}++ if $line =~ /\Q$MARK\E/i || $line =~ /$hex/;
}
my %kept = map { $_ => 1 } grep { $thing{$_}{erase} eq 'keep' && $thing{$_}{basis} eq 'law' } @order;
is_deeply([grep { !$kept{$_} } sort keys %found], [], 'the marker is nowhere but where the register keeps it by law');
diag 'kept by law: ' . join ' ', sort keys %found;
ok($dump =~ /\Q$OTHER\E/, 'the search would have found it');
my @files = split /\n/, qx{grep -rlia '$MARK' '@{[$site->path('media')]}' '@{[$site->path('log')]}' 2>/dev/null};
is_deeply(\@files, [], 'no file and no log line holds it');

# --- the operator ---

($status, $said) = run([$site->program('gempixctl'), '-c', $site->config('ctl'), 'erase', "$OTHER\@example.org", '--now']);
is($status, 0, 'gempixctl erase --now') or diag $said;
is($site->sql("SELECT state FROM account WHERE id = $id{$OTHER}"), 'closed', '... erases at once');
ok(!-e $file{$OTHER}, '... files too');

done_testing;

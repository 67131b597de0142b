#!/usr/bin/perl
# The page of deletions: who sees it, what waits, what is late, and that nothing on it names who is gone.
use Gempix::Test;

skip_all_without(qw(nginx mariadbd));
my $site = site(parts => [qw(database app nginx)]);
my ($hour, $day) = (3600e6, 86400e6);
my $now = int(time * 1e6);
my $privacy = $site->staff('privacy');
my $support = $site->staff('support');

sub leaver
{
    my ($name, %row) = @_;
    $site->member(email => "$name\@example.org", credits => 0);
    my $id = $site->sql("SELECT id FROM account WHERE email = '$name\@example.org'");
    $site->sql("UPDATE account SET state = 'leaving' WHERE id = $id");
    $site->sql(sprintf "INSERT INTO erasure (public_id, account_id, state, asked_at, due_at) VALUES (RANDOM_BYTES(16), %d, '%s', %d, %d)",
        $id, $row{state} // 'asked', $now - 10 * $day, $row{due});
    return $site->sql("SELECT HEX(public_id) FROM account WHERE id = $id");
}

is($support->get('/admin/deletions')->{status}, 403, 'the support does not see it');
my $page = $privacy->get('/admin/deletions');
like($page->{content}, qr{Nobody waits for a deletion.*No account was deleted yet}s, 'nothing so far');
is($site->sql("SELECT GROUP_CONCAT(action) FROM audit_event WHERE action LIKE 'erasure.%'"), 'erasure.list', 'the look is written');
unlike($privacy->get('/admin')->{content}, qr{/admin/deletions">Deletions</a></dt><dd>[1-9]}, 'nothing waits on the dashboard');

leaver('early', due => $now + 3 * $day);
leaver('late', due => $now - 2 * $hour);
leaver('now', due => $now - $hour / 2, state => 'running');
$site->sql("INSERT INTO erasure (public_id, account_id, state, asked_at, due_at, done_at, head)
    VALUES (UNHEX('000102030405060708090A0B0C0D0E0F'), NULL, 'done', $now - 30 * $day, $now - 16 * $day, $now - 16 * $day, REPEAT('x', 32))");
$page = $privacy->get('/admin/deletions')->{content};
my @rows = $page =~ m{<tr><th scope="row">(.*?)</tr>}gs;
is(scalar @rows, 4, 'three wait, one is done');
like($rows[0], qr{late</span>.*waits for the steward}s, 'the first is late: the steward stands still');
like($rows[1], qr{is being deleted}, 'one runs');
unlike($rows[1], qr{late}, '... and is in time');
like($rows[2], qr{can be taken back}, 'one is in its grace');
like($rows[3], qr{00041061050r3gg28a1c60t3gf}, 'of what is done the code of the receipt is left');
unlike($page, qr/\@example\.org/, 'no address is shown');
like($privacy->get('/admin')->{content}, qr{/admin/deletions">Deletions</a></dt><dd>1</dd>}, 'the dashboard counts what is late');

done_testing;

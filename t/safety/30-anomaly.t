#!/usr/bin/perl
# Accounts that behave unlike a person are pointed out by the steward, once, and nothing happens to them by it.
use Gempix::Test;

skip_all_without(qw(mariadbd));
my $site = site(parts => ['database']);
my $now = int(time * 1e6);
my $minute = 60 * 1_000_000;

sub account
{
    my ($id) = @_;
    $site->sql("INSERT INTO account (id, public_id, email, email_key, display_name, password_hash, age_confirmed_at, terms_version, state, created_at)
        VALUES ($id, UNHEX(MD5('a$id')), 'a$id\@x.org', 'a$id\@x.org', 'A', 'x', $now, '1', 'active', $now)");
    return;
}

sub jobs
{
    my ($account, $count, $ago) = @_;
    $site->sql("INSERT INTO job (public_id, account_id, kind, state, turn, cost, model, images, params_version, params, price, submit_key, steps, queued_at)
        SELECT UNHEX(MD5(CONCAT($account, ':', seq))), $account, 'generate', 'queued', 1, 1, 'm', 1, 1, '{}', 0, UNHEX(MD5(seq)), 4, $now - $ago * $minute FROM seq_1_to_$count");
    return;
}

sub seen
{
    my ($account, $region, $ago) = @_;
    my $at = $now - $ago * $minute;
    $site->sql("INSERT INTO session (token_hash, account_id, created_at, last_seen_at, expires_at, region)
        VALUES (UNHEX(SHA2('$account$region$ago', 256)), $account, $at, $at, $at + 1000 * $minute, '$region')");
    return;
}

sub search
{
    my ($status, $out) = run([$site->program('gempix-steward'), '-c', $site->config('steward'), 'flags']);
    is($status, 0, 'the steward searches') or diag $out;
    return join ' ', map { s/\t/ /gr } $site->sql('SELECT account_id, kind, about FROM flag ORDER BY account_id, kind');
}

account($_) for 1 .. 9;
jobs(1, 200, 10);
jobs(2, 199, 10);
jobs(3, 300, 70);
seen(4, 'DE', 60);
seen(4, 'JP', 5);
seen(5, 'DE', 60);
seen(5, 'FR', 5);
seen(6, 'US', 300);
seen(6, 'CN', 5);
seen(7, '', 30);
seen(7, 'BR', 5);
seen(8, 'DE', 900);
seen(8, 'JP', 800);
seen(9, 'TR', 30);
seen(9, 'IN', 5);
# Ten accounts of one network within a day, nine of another, ten of a third over two days.
my %opened = (n => [(1) x 10], m => [(1) x 9], o => [(1) x 5, (1500) x 5]);
my $next = 100;
for my $network (sort keys %opened) {
    for my $ago (@{$opened{$network}}) {
        account(++$next);
        $site->sql("INSERT INTO account_origin VALUES ($next, REPEAT('$network', 16), $now - $ago * $minute)");
    }
}
my $found = search();
is($found, '1 burst 200 jobs in an hour 4 travel signed in from DE, then from JP 110 crowd 10 accounts from one network in a day', 'very many jobs, and two continents within three hours');
is(search(), $found, 'each is pointed out once');
is($site->sql("SELECT COUNT(*) FROM account WHERE state = 'active'"), 38, '... and nothing happens to anybody');
like($site->ctl(qw(flags list)), qr/burst .*200 jobs.*\n.*travel .*from DE, then from JP/, 'a person sees them');
my ($number) = $site->ctl(qw(flags list)) =~ /^ *(\d+)/;
$site->ctl('flags', 'close', $number, '--note', 'a school class');
search();
is($site->sql("SELECT COUNT(*) FROM flag WHERE state = 'open'"), 2, 'what was decided is not pointed out again that day');

done_testing;

#!/usr/bin/perl
# Money back from the administration: by whom, with a reason, once, and in the audit log before the processor hears of it.
use Gempix::Test;
use Gempix::Pages;

skip_all_without(qw(nginx mariadbd));
my $site = Gempix::Pages::site();
my $ada = $site->member(email => 'ada@example.org', credits => 0);
my ($order) = Gempix::Pages::buy($site, $ada) =~ m{(\w{26})};
wait_until(10, 'the payment', sub { $site->sql("SELECT COUNT(*) FROM purchase WHERE state = 'paid'") == 1 });
my $billing = $site->staff('billing');
my $support = $site->staff('support');
my $path = "/admin/purchases/$order";

unlike($support->get($path)->{content}, qr{/refund"}, 'the support sees a purchase and cannot give money back');
my $person = $support->get($path)->{content} =~ m{"(/admin/accounts/\w{26})"} ? $1 : '';
like($support->get($person)->{content}, qr/Newest purchases.*\Q$order\E/s, "the account's page lists it");
my $page = $billing->get($path);
is($billing->submit($page, qr{/refund}, { amount => 100, reason => '' })->{status}, 422, 'a reason is needed');
is($billing->submit($page, qr{/refund}, { amount => '1,50', reason => 'a mistake' })->{status}, 422, '... and a whole number of cents');
is($site->sql('SELECT COUNT(*) FROM refund'), 0, '... nothing went');
my $r = $billing->submit($page, qr{/refund}, { amount => 100, reason => 'a mistake' });
is($r->{status}, 303, 'a part') or diag $r->{content}, $site->logs(10);
wait_until(10, 'the money', sub { $site->sql('SELECT refunded_amount FROM purchase') == 100 });
like($billing->get($path)->{content}, qr/Refunded<\/dt><dd>1\.00/, '... is shown');
$page = $billing->get($path);
is($billing->submit($page, qr{/refund}, { amount => 100000, reason => 'too much' })->{status} >= 400, 1, 'more than was paid is refused');
$r = $billing->submit($page, qr{/refund}, { amount => '', reason => 'all of it' });
is($r->{status}, 303, 'the rest') or diag $r->{content};
wait_until(10, 'the money', sub { $site->sql('SELECT refunded_amount = amount FROM purchase') == 1 });
unlike($billing->get($path)->{content}, qr{/refund"}, '... then nothing is left to give');
is(join('|', $site->sql("SELECT reason FROM audit_event WHERE action = 'purchase.refund' AND subject_id = '$order' ORDER BY id")),
    'a mistake|too much|all of it', 'each wish stands in the log, with its reason');
like($site->ctl('ledger', 'check'), qr/wrong balances 0/, 'the books are right');

done_testing;

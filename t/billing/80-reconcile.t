#!/usr/bin/perl
# The processor's lists against our books: clean books show nothing, each kind of difference is found, told by a letter and
# repaired by nobody.
use Gempix::Test;

skip_all_without(qw(nginx mariadbd));
require Gempix::Payment;
require Gempix::Pages;
my $processor = Gempix::Payment->new;
my $site = site(parts => [qw(database app nginx)], conf => { $processor->conf, 'credits.welcome' => 0, 'site.contact' => 'office@example.org' });
$processor->hook($site->url . '/webhooks/payment');
$site->{processor} = $processor;
my $hour = 3600 * 1_000_000;

sub books
{
    return join ' ', $site->sql("SELECT MD5(GROUP_CONCAT(CONCAT_WS(',', id, state, amount, credits, refunded_amount, refunded_credits, dispute) ORDER BY id)) FROM purchase")
        . ' ' . ($site->sql('SELECT SUM(available) FROM balance'))[0];
}

# Runs it; the lines of differences.
sub reconcile
{
    my @lines = split /\n/, $site->ctl('reconcile');
    like($lines[0], qr/\d+ sessions, \d+ charges, \d+ refunds, \d+ purchases, (\d+) differences/, 'a report');
    return @lines[1 .. $#lines];
}

my @members = map { $site->member(credits => 0) } 1 .. 7;
my @paths = map { Gempix::Pages::buy($site, $_) } @members;
wait_until(20, 'all payments', sub { ($site->sql("SELECT COUNT(*) FROM purchase WHERE state = 'paid'"))[0] == 7 });
my @payment = $site->sql('SELECT payment_id FROM purchase ORDER BY id');
$processor->told('refund', payment => $payment[0], amount => 200);
$processor->told('dispute', payment => $payment[1], status => 'needs_response');
wait_until(10, 'both', sub { ($site->sql("SELECT SUM(refunded_amount > 0) + SUM(dispute = 'open') FROM purchase"))[0] == 2 });

# Two days go by, so that nothing is too fresh to be judged.
$processor->told('older', seconds => 2 * 86400);
$site->sql('UPDATE purchase SET paid_at = paid_at - 2 * 86400000000, created_at = created_at - 2 * 86400000000');
is_deeply([reconcile()], [], 'clean books: no differences');
$processor->told('mode', page => 2);
is_deeply([reconcile()], [], '... also when the lists come in small pages');
is(($site->sql("SELECT COUNT(*) FROM mail_outbox WHERE mail_key LIKE 'reconcile:%'"))[0], 0, '... and no letter');
my ($seen) = $site->sql('SELECT charges FROM reconcile_run ORDER BY id DESC LIMIT 1');
is($seen, 7, '... every payment was looked at');

# One difference of each kind.
$processor->told('mode', lose => 1);
$processor->told('refund', payment => $payment[2], amount => 100);
$processor->told('dispute', payment => $payment[3], status => 'needs_response');
$processor->told('forget', payment => $payment[4]);
$site->sql("UPDATE purchase SET amount = 501 WHERE payment_id = '$payment[5]'");
my ($gone) = $site->sql("SELECT id FROM purchase WHERE payment_id = '$payment[6]'");
$site->sql("UPDATE ledger_transfer SET idempotency_key = 'lost' WHERE idempotency_key = 'purchase:$gone:paid'");
my $late = $site->member(credits => 0);
my ($form) = grep { ($_->{fields}{plan} // '') eq 'large' } Gempix::Client::forms($late->get('/pricing'));
my $pay = $late->post($form->{action}, $form->{fields})->{headers}{location};
$processor->at_page($pay, 'pay'); # paid; the message is lost, and nobody comes back
$processor->told('older', seconds => 2 * 3600);
my $before = books();
my @found = sort(reconcile());
is(scalar @found, 7, 'seven differences') or diag join "\n", @found;
like($found[0], qr/^a payment that belongs to no purchase: ch_.*theirs 1?\d{3,}/, 'a payment of nobody');
like($found[1], qr/^another amount was paid back: ch_.*ours 0, theirs 100$/, 'a refund that we do not know');
like($found[2], qr/^another amount was paid: ch_.*ours 501, theirs 500$/, 'another amount');
like($found[3], qr/^credited here, no payment at the processor: \Q$payment[4]\E/, 'credits without a payment');
like($found[4], qr/^one side knows of a dispute, the other does not: ch_.*ours 0, theirs 1$/, 'a dispute that we do not know');
like($found[5], qr/^paid at the processor, not credited here: cs_.*theirs 2000$|^paid at the processor, not credited here: cs_/, 'a payment whose message was lost');
like($found[6], qr/^the ledger did not enter the credits that were sold: \Q$payment[6]\E/, 'credits that are missing in the ledger');
is(books(), $before, 'nothing was repaired');
my ($letter) = $site->sql("SELECT CONCAT(recipient, ' ', body) FROM mail_outbox WHERE mail_key LIKE 'reconcile:%'");
like($letter, qr/^office\@example\.org 7 differences.*Nothing was changed/, 'the operator gets a letter');
unlike($letter, qr/payer\@example|member\d/, '... that names nobody');
is_deeply([sort((split /\n/, $site->ctl('reconcile', '--last'))[1 .. 7])], \@found, '--last shows them again without asking');

# The steward does it once a day.
my ($runs) = $site->sql('SELECT COUNT(*) FROM reconcile_run');
my @steward = ($site->program('gempix-steward'), '-c', $site->config('steward'), 'reconcile');
my ($status, $said) = run([@steward]);
is($status, 0, 'the steward') or diag $said;
is(($site->sql('SELECT COUNT(*) FROM reconcile_run'))[0], $runs, '... waits for the next day');
$site->sql("UPDATE reconcile_run SET ran_at = ran_at - 25 * $hour");
($status, $said) = run([@steward]);
is(($site->sql('SELECT COUNT(*) FROM reconcile_run'))[0], $runs + 1, '... and does it then') or diag $said;
# Refunds that we asked for, and what the processor's list says of them.
$processor->told('mode');
my @askers = map { $site->member(credits => 0) } 1 .. 3;
my @orders = map { Gempix::Pages::buy($site, $_) =~ m{/(\w{26})\z} } @askers;
wait_until(20, 'their payments', sub { ($site->sql("SELECT COUNT(*) FROM purchase WHERE state = 'paid'"))[0] == 10 });
$site->ctl('refund', $_, '--reason', 'asked') for @orders[0, 1];
$processor->told('mode', refund => 'pending');
$site->ctl('refund', $orders[2], '--reason', 'asked');
wait_until(10, 'refunds', sub { join(',', $site->sql('SELECT state FROM refund ORDER BY id')) eq 'done,done,sent' });
$processor->told('older', seconds => 2 * 86400);
$site->sql("UPDATE refund SET created_at = created_at - 2 * 24 * $hour, ended_at = ended_at - 2 * 24 * $hour");
$site->sql("UPDATE purchase SET paid_at = paid_at - 2 * 24 * $hour ORDER BY id DESC LIMIT 3");
is_deeply([grep { /of a refund/ } reconcile()], [], 'refunds that both sides know are no difference');
my @refund = $site->sql('SELECT refund_id FROM refund ORDER BY id');
$processor->told('mode', lose => 1);
$processor->told('refunded', refund => $refund[0], ok => 0);
$processor->told('forget_refund', refund => $refund[1]);
$processor->told('refunded', refund => $refund[2], ok => 1);
my @refunds = grep { /of a refund/ } reconcile();
is(scalar @refunds, 3, 'three differences of refunds') or diag join "\n", @refunds;
like("@refunds", qr/\Q$refund[0]\E\S* .*?ours 500, theirs 0/, '... one that the bank sent back');
like("@refunds", qr/\Q$refund[1]\E\S* .*?ours 500, theirs 0/, '... one that the processor does not know');
like("@refunds", qr/\Q$refund[2]\E\S* .*?ours 0, theirs 500/, '... one that went, which we were not told');
is(join(',', $site->sql('SELECT state FROM refund ORDER BY id')), 'done,done,sent', '... and nothing is repaired');

($status, $said) = run([$site->program('gempixctl'), '-c', $site->config('ctl'), 'reconcile', '--days', 'many']);
is($status, 2, 'a number of days is a number') or diag $said;
done_testing;

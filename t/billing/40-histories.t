#!/usr/bin/perl
# Random histories of buying and spending. Whatever happens in whichever order, every account ends with what its events
# say, and the books agree: messages come shuffled, several times and from several senders at once, jobs are submitted in
# between, and the application's workers are killed. The seed is printed; the same seed makes the same histories, though
# not the same interleaving of the senders.
#
#   make check T=t/billing/40-histories.t              a size for every day
#   make check-histories [HISTORIES=5000] [SEED=N]     many
use Gempix::Test;
use HTTP::Tiny ();
use JSON::PP ();
use List::Util qw(shuffle sum0);
use POSIX ();
use Time::HiRes qw(sleep);

skip_all_without(qw(nginx mariadbd));
require Gempix::Payment;
my $HISTORIES = $ENV{GEMPIX_HISTORIES} || 12;
my $SEED = $ENV{GEMPIX_SEED} || int(rand(2**31));
my $SENDERS = 3;
my @PACKS = ([100, 500], [1000, 4000], [7, 999], [333, 1000]);
diag "seed $SEED, $HISTORIES histories";
srand $SEED;

my $processor = Gempix::Payment->new;
my $site = site(parts => [qw(database app nginx)], conf => { $processor->conf, 'credits.welcome' => 0 });
my $hook = $site->url . '/webhooks/payment';
my $json = JSON::PP->new->canonical;
my @tool = (build() . '/t/queue/queue_tool', $site->database->socket, 'gempix', 'root');
my $next = 0;

# --- making a history ---

# An id as the site writes it: 26 digits of base 32 for 128 bits.
sub id_text
{
    my ($hex) = @_;
    my $bits = '00' . unpack('B*', pack('H*', $hex));
    return join '', map { substr '0123456789abcdefghjkmnpqrstvwxyz', oct("0b$_"), 1 } $bits =~ /(.{5})/g;
}

sub event
{
    my ($type, $object) = @_;
    return $json->encode({ id => sprintf('evt_%08d', ++$next), object => 'event', type => $type, data => { object => $object } });
}

sub session
{
    my ($p, $status, $paid) = @_;
    return {
        object => 'checkout.session', id => "cs_$p->{n}", client_reference_id => id_text($p->{id}), status => $status, payment_status => $paid,
        amount_total => $p->{amount}, currency => 'eur', livemode => JSON::PP::false, payment_intent => "pi_$p->{n}",
    };
}

# How the payment went: its messages, and $p->{state} as it has to end.
sub pay_story
{
    my ($p) = @_;
    my $how = rand;
    if ($how < 0.6) {
        $p->{state} = 'paid';
        return event('checkout.session.completed', session($p, 'complete', 'paid'));
    }
    if ($how < 0.8) {
        $p->{state} = 'paid';
        return (event('checkout.session.completed', session($p, 'complete', 'unpaid')),
            event('checkout.session.async_payment_succeeded', session($p, 'complete', 'paid')));
    }
    if ($how < 0.9) {
        $p->{state} = 'failed';
        return (event('checkout.session.completed', session($p, 'complete', 'unpaid')),
            event('checkout.session.async_payment_failed', session($p, 'complete', 'unpaid')));
    }
    $p->{state} = 'expired';
    return event('checkout.session.expired', session($p, 'expired', 'unpaid'));
}

# Refunds and disputes of what was paid; $p->{refunded} and $p->{dispute} as they have to end.
sub back_story
{
    my ($p) = @_;
    my @events;
    for (1 .. int rand 4) {
        my $left = $p->{amount} - $p->{refunded} or last;
        $p->{refunded} += rand() < 0.3 ? $left : 1 + int rand $left;
        push @events, event('charge.refunded', { object => 'charge', payment_intent => "pi_$p->{n}", amount => $p->{amount}, amount_refunded => $p->{refunded} });
    }
    return @events if rand() < 0.5;
    my @status = ('needs_response', 'under_review');
    my $end = ('open', 'won', 'lost', 'warning')[rand 4];
    push @status, $end if $end eq 'won' || $end eq 'lost';
    @status = ('warning_needs_response', 'warning_closed') if $end eq 'warning';
    $p->{dispute} = $end if $end ne 'warning';
    return (@events, map {
        event('charge.dispute.' . (/won|lost|closed/ ? 'closed' : 'updated'), { object => 'dispute', payment_intent => "pi_$p->{n}", status => $_ })
    } @status);
}

# One account with a few purchases. Its steps: messages, some of them several times, and perhaps submissions.
sub history
{
    my ($account) = @_;
    my %h = (account => $account, spends => rand() < 0.3, purchases => [], steps => []);
    for (0 .. int rand 3) {
        my ($credits, $amount) = @{$PACKS[rand @PACKS]};
        my $p = { n => 0, account => $account, credits => $credits, amount => $amount, refunded => 0, dispute => 'none', id => join '', map { sprintf '%02x', rand 256 } 1 .. 16 };
        $p->{n} = sprintf '%d_%d', $account, scalar @{$h{purchases}};
        my @events = pay_story($p);
        push @events, back_story($p) if $p->{state} eq 'paid';
        push @{$h{purchases}}, $p;
        push @{$h{steps}}, map { ($_) x (1 + int(rand 2) + (rand() < 0.1)) } @events;
    }
    push @{$h{steps}}, event('plan.renamed', {}) if rand() < 0.2;
    push @{$h{steps}}, map { { submit => $account } } 1 .. 2 if $h{spends};
    return \%h;
}

# What the account's events leave of a purchase when nothing is spent.
sub left_of
{
    my ($p) = @_;
    return 0 if $p->{state} ne 'paid' || $p->{dispute} =~ /open|lost/;
    return $p->{credits} - POSIX::ceil($p->{credits} * $p->{refunded} / $p->{amount});
}

# --- letting it happen ---

sub send_message
{
    my ($http, $body) = @_;
    for (1 .. 100) {
        my $answer = $http->post($hook, { content => $body, headers => { 'content-type' => 'application/json', 'stripe-signature' => $processor->signature($body) } });
        return 1 if $answer->{status} == 200;
        sleep 0.05;    # the processor, too, sends again what was not taken
    }
    return 0;
}

sub sender
{
    my (@steps) = @_;
    my $pid = fork // die "fork: $!";
    return $pid if $pid;
    my $http = HTTP::Tiny->new(timeout => 10);
    my $lost = 0;
    for my $step (@steps) {
        if (!ref $step) {
            $lost++ if !send_message($http, $step);
        } elsif ($step->{submit}) {
            system "@tool submit $step->{submit} tiny 2 1 3 >/dev/null";
        }
    }
    POSIX::_exit($lost ? 1 : 0);
}

my $first = 1 + $site->sql('SELECT COALESCE(MAX(id), 0) FROM account');
my @histories = map { history($first + $_) } 0 .. $HISTORIES - 1;
my @purchases = map { @{$_->{purchases}} } @histories;
$site->sql(join ";\n",
    (map {
        my $a = $_->{account};
        "INSERT INTO account (id, public_id, email, email_key, display_name, password_hash, age_confirmed_at, terms_version, created_at)"
            . " VALUES ($a, UNHEX(LPAD(HEX($a), 32, '0')), 'h$a\@example.org', 'h$a\@example.org', 'H', '', 1, '1', 1)"
    } @histories),
    (map {
        "INSERT INTO purchase (public_id, account_id, plan, plan_name, credits, amount, currency, live, submit_key, created_at)"
            . " VALUES (UNHEX('$_->{id}'), $_->{account}, 'pack', 'Pack', $_->{credits}, $_->{amount}, 'eur', 0, UNHEX('$_->{id}'), 1)"
    } @purchases));
my @steps = shuffle map { @{$_->{steps}} } @histories;
my @part;
push @{$part[$_ % $SENDERS]}, $steps[$_] for 0 .. $#steps;
my @pids = map { sender(@$_) } grep { $_ } @part;
my $supervisor = $site->process('app')->pid;
my $killed = 0;
for (1 .. 3) {
    sleep 0.2;
    $killed += kill 'KILL', split ' ', slurp("/proc/$supervisor/task/$supervisor/children");
}
my $bad = 0;
for (@pids) {
    waitpid $_, 0;
    $bad++ if $?;
}
is($bad, 0, 'every message was taken at last');
cmp_ok($killed, '>', 0, "workers were killed meanwhile ($killed)");

# Messages whose time had not come are acted upon later; each round may enable others.
for my $round (1 .. 5) {
    my ($status, $out) = run([$site->program('gempix-steward'), '-c', $site->config('steward'), 'payments'], env => { GEMPIX_CLOCK_SHIFT => 30000 * $round });
    die $out if $status != 0;
}

# --- judging ---

sub rows
{
    return map { [split /\t/] } $site->sql($_[0]);
}

my %kept = map { $_->[0] => $_ } rows('SELECT HEX(public_id), state, refunded_amount, dispute, refunded_credits, disputed_credits, credits FROM purchase');
my %sums;
$sums{$_->[0]}{$_->[1]} = $_->[2] for rows('SELECT account_id, book, SUM(amount) FROM ledger_entry GROUP BY account_id, book');
my @wrong;
for my $h (@histories) {
    my $have = $sums{$h->{account}} // {};
    for my $p (@{$h->{purchases}}) {
        my ($id, $state, $refunded, $dispute) = @{$kept{uc $p->{id}}};
        push @wrong, "purchase $p->{n}: $state, $refunded back, dispute $dispute; to be $p->{state}, $p->{refunded}, $p->{dispute}"
            if $state ne $p->{state} || $refunded != $p->{refunded} || $dispute ne $p->{dispute};
    }
    my $sold = sum0(map { $_->{state} eq 'paid' ? $_->{credits} : 0 } @{$h->{purchases}});
    push @wrong, "account $h->{account}: sold " . -($have->{sold} // 0) . ", to be $sold" if -($have->{sold} // 0) != $sold;
    my $left = sum0(map { left_of($_) } @{$h->{purchases}});
    my $all = sum0(map { $have->{$_} // 0 } qw(available held spent));
    push @wrong, "account $h->{account}: $all left, to be $left" if $h->{spends} ? $all < $left : $all != $left;
}
is("@wrong[0 .. ($#wrong < 4 ? $#wrong : 4)]", '', 'every account and purchase ends as its messages say');
is($site->sql("SELECT COUNT(*) FROM processor_event WHERE state NOT IN ('done', 'ignored')"), 0, 'no message is left undone');
is($site->sql('SELECT COUNT(*) FROM processor_event'), $next, 'each is kept once');
is($site->sql('SELECT COUNT(*) - MAX(receipt) FROM purchase WHERE receipt IS NOT NULL'), 0, 'receipts have no gap');
is($site->sql('SELECT COUNT(*) FROM balance WHERE available < 0 OR held < 0'), 0, 'nobody owes credits');
ok(eval { $site->ctl('ledger', 'check'); 1 }, 'balances rebuilt from the entries are the kept ones') or diag $@;
cmp_ok($site->sql("SELECT COUNT(*) FROM ledger_transfer WHERE cause = 'hold'"), '>', 0, 'credits were spent, too');

# --- fifty submissions at once ---

my $rich = $first + $HISTORIES;
my %ten = (n => 'ten', account => $rich, credits => 100, amount => 500, id => '7f' x 16);
$site->sql("INSERT INTO account (id, public_id, email, email_key, display_name, password_hash, age_confirmed_at, terms_version, created_at)"
    . " VALUES ($rich, UNHEX('$ten{id}'), 'ten\@example.org', 'ten\@example.org', 'H', '', 1, '1', 1);"
    . "INSERT INTO purchase (public_id, account_id, plan, plan_name, credits, amount, currency, live, submit_key, created_at)"
    . " VALUES (UNHEX('$ten{id}'), $rich, 'pack', 'Pack', 100, 500, 'eur', 0, UNHEX('$ten{id}'), 1)");
ok(send_message(HTTP::Tiny->new, event('checkout.session.completed', session(\%ten, 'complete', 'paid'))), 'credits for ten jobs');
my @all = map { spawn('queue_tool', [@tool, 'submit', $rich, 'tiny', 1, 1, 10]) } 1 .. 50;
wait_until(20, 'fifty submissions', sub { !grep { $_->alive } @all });
is($site->sql("SELECT COUNT(*) FROM job WHERE account_id = $rich"), 10, 'fifty submissions at once make ten jobs');
is($site->sql("SELECT CONCAT(available, ' ', held) FROM balance WHERE account_id = $rich"), '0 100', '... which hold everything');
diag "seed $SEED: to see it again, SEED=$SEED" if !Test::More->builder->is_passing;
done_testing;

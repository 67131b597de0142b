#!/usr/bin/perl
# Random histories of buying and spending. Whatever happens in whichever order, every account ends with what its events
# say, and the books agree: purchases and monthly plans, refunds and disputes; messages come shuffled, several times and
# from several senders at once; jobs are submitted and worked on in between. Some accounts ask for their money back, or the
# operator gives it: the processor pays, waits, fails, refuses, or does it and is not heard. At the end its lists are compared
# with the books, and then differences are made, which have to be found. At random points the database server, the render
# daemon, a second worker of the queue and the application's workers are killed outright and started again. The seed is
# printed; the same seed makes the same histories and strikes after the same number of steps, though not the same
# interleaving of the senders.
#
#   make check T=t/billing/40-histories.t              a size for every day
#   make check-histories [HISTORIES=5000] [SEED=N]     many
use Gempix::Test;
use IO::Socket::INET ();
use JSON::PP ();
use List::Util qw(max shuffle sum0);
use POSIX ();
use Socket qw(IPPROTO_TCP TCP_NODELAY);
use Time::HiRes qw(sleep time);

skip_all_without(qw(nginx mariadbd));
require Gempix::Payment;
my $HISTORIES = $ENV{GEMPIX_HISTORIES} || 30;
my $SEED = $ENV{GEMPIX_SEED} || int(rand(2**31));
my $SENDERS = 4;
my $REAL_JOBS = max(3, int($HISTORIES / 100));    # for the daemon, which really draws; the others are for a worker that does not
my @PACKS = ([100, 500], [1000, 4000], [7, 999], [333, 1000]);
diag "seed $SEED, $HISTORIES histories";
srand $SEED;

my $processor = Gempix::Payment->new;
my $site = site(parts => [qw(database app nginx render)], rate => 100_000, burst => 100_000, conf => {
    $processor->conf, 'credits.welcome' => 0, 'site.contact' => 'office@example.org', 'render.lease' => 2, 'render.poll_min' => 20, 'render.poll_max' => 200, 'render.threads' => 1,
});
$processor->hook($site->url . '/webhooks/payment');
my $secret = slurp("$processor->{dir}/hook-secret");
my $json = JSON::PP->new->canonical;
my @tool = (build() . '/t/queue/queue_tool', $site->database->socket, 'gempix', 'root');
my $next = 0;
my $store = tempdir();
my $model = $site->sql('SELECT model FROM render_worker LIMIT 1');

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
    my ($type, $object, $created) = @_;
    return $json->encode({ id => sprintf('evt_%08d', ++$next), object => 'event', type => $type, created => $created // 1, data => { object => $object } });
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

# What happens at the processor itself, in this order, and between it wishes of the member and of the operator: how much goes
# back is for the processor to say, at the end.
sub return_story
{
    my ($p) = @_;
    my @acts = map { [refund => 1 + int rand $p->{amount} * 0.6] } 1 .. int rand 3;
    if (rand() < 0.3) {
        $p->{dispute} = ('open', 'won', 'lost')[rand 3];
        push @acts, [dispute => 'needs_response'], $p->{dispute} eq 'open' ? () : [dispute => $p->{dispute}];
    }
    $p->{acts} = \@acts;
    my $order = id_text($p->{id});
    return ((map { { act => "pi_$p->{n}" } } @acts), (map { { ask => $order } } 0 .. int rand 2),
        rand() < 0.4 ? { give => $order, amount => 1 + int rand $p->{amount} } : ());
}

# A monthly plan: each month is paid, or paid after it has failed, or not at all. $h->{months} as they have to be bought, the
# plan's state as it has to end.
sub plan_story
{
    my ($h, $account) = @_;
    my %plan = (id => join('', map { sprintf '%02x', rand 256 } 1 .. 16), state => 'active', sub => "sub_$account");
    my $reference = { metadata => { subscription => id_text($plan{id}) } };
    my $clock = 1000;
    my $say = sub {
        my ($type, $status) = @_;
        $clock += 10;
        return event("customer.subscription.$type", { object => 'subscription', id => $plan{sub}, status => $status, cancel_at_period_end => JSON::PP::false, %$reference }, $clock);
    };
    my @events = ($say->('created', 'incomplete'));
    for my $n (0 .. int rand 4) {
        my $how = $n ? rand : 1;
        my %invoice = (
            object => 'invoice', id => "in_${account}_$n", subscription => $plan{sub}, billing_reason => $n ? 'subscription_cycle' : 'subscription_create', currency => 'eur',
            livemode => JSON::PP::false, payment_intent => "pi_${account}_m$n", subscription_details => $reference,
            lines => { data => [{ period => { start => 2_000_000_000 + $n, end => 2_000_000_001 + $n } }] },
        );
        if ($how < 0.5) {
            push @events, event('invoice.payment_failed', { %invoice, status => 'open', amount_paid => 0 }, $clock), $say->('updated', 'past_due');
            $plan{state} = 'past_due';
        }
        last if $how < 0.25;
        push @events, event('invoice.paid', { %invoice, status => 'paid', amount_paid => 900 }, $clock), $say->('updated', 'active');
        $plan{state} = 'active';
        my $p = { n => "${account}_m$n", account => $account, credits => 300, amount => 900, refunded => 0, dispute => 'none', state => 'paid', invoice => "in_${account}_$n" };
        push @events, back_story($p) if rand() < 0.3;
        push @{$h->{purchases}}, $p;
    }
    if ($plan{state} eq 'past_due' || rand() < 0.3) {
        push @events, $say->('deleted', 'canceled');
        $plan{state} = 'ended';
    }
    $h->{plan} = \%plan;
    return @events;
}

# One account with a few purchases. Its steps: messages, some of them several times, and perhaps submissions.
sub history
{
    my ($account) = @_;
    my %h = (account => $account, spends => rand() < 0.3, purchases => [], steps => []);
    my $returns = rand() < 0.35;    # its money goes back at the processor itself, and by our asking
    for (0 .. int rand 3) {
        my ($credits, $amount) = @{$PACKS[rand @PACKS]};
        my $p = { n => 0, account => $account, credits => $credits, amount => $amount, refunded => 0, dispute => 'none', id => join '', map { sprintf '%02x', rand 256 } 1 .. 16 };
        $p->{n} = sprintf '%d_%d', $account, scalar @{$h{purchases}};
        my @events = pay_story($p);
        $p->{returns} = $returns && $p->{state} eq 'paid';
        push @events, back_story($p) if $p->{state} eq 'paid' && !$returns;
        push @{$h{steps}}, return_story($p) if $p->{returns};
        push @{$h{purchases}}, $p;
        push @{$h{steps}}, map { ($_) x (1 + int(rand 2) + (rand() < 0.1)) } @events;
    }
    push @{$h{steps}}, map { ($_) x (1 + int(rand 2)) } plan_story(\%h, $account) if rand() < 0.4;
    push @{$h{steps}}, event('plan.renamed', {}) if rand() < 0.2;
    push @{$h{steps}}, map { { submit => $account, model => 'tiny' } } 1 .. 4 if $h{spends};
    return \%h;
}

# What the account's events leave of a purchase when nothing is spent.
sub left_of
{
    my ($p) = @_;
    return 0 if $p->{state} ne 'paid' || $p->{dispute} =~ /open|lost/;
    return $p->{credits} - POSIX::ceil($p->{credits} * $p->{refunded} / $p->{amount});
}

# The processor's side of what is scripted: sessions that were paid and payments, as they are in the end; with acts of their
# own as they begin.
sub processor_side
{
    my (%sessions, %payments);
    for my $p (grep { $_->{state} eq 'paid' } @_) {
        my $disputed = !$p->{returns} && $p->{dispute} =~ /open|lost/;
        $payments{"pi_$p->{n}"} = {
            amount => $p->{amount}, refunded => $p->{returns} ? 0 : $p->{refunded}, disputed => $disputed ? JSON::PP::true : JSON::PP::false,
            created => time, acts => $p->{acts} // [],
        };
        $sessions{"cs_$p->{n}"} = { %{session($p, 'complete', 'paid')}, id => "cs_$p->{n}", mode => 'payment', created => time } if defined $p->{id};
    }
    return { sessions => \%sessions, payments => \%payments };
}

# --- letting it happen ---

# One request in one piece, on a connection that is kept; its status, 0 without an answer.
my $connection;

sub post
{
    my ($body) = @_;
    my ($head, $answer) = ('', '');
    local $SIG{PIPE} = 'IGNORE';
    if (!$connection) {
        $connection = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $site->{port}, Timeout => 5) or return 0;
        setsockopt $connection, IPPROTO_TCP, TCP_NODELAY, 1;
    }
    my $sent = syswrite $connection, "POST /webhooks/payment HTTP/1.1\r\nHost: 127.0.0.1:$site->{port}\r\nContent-Type: application/json\r\nStripe-Signature: "
        . $processor->signature($body, secret => $secret) . "\r\nContent-Length: " . length($body) . "\r\n\r\n$body";
    while (defined $sent && $answer !~ /\r\n\r\n/) {
        sysread $connection, $answer, 65_536, length $answer or last;
    }
    my ($status) = $answer =~ m{\AHTTP/1\.1 (\d+)};
    my ($length) = $answer =~ /^Content-Length: (\d+)/im;
    undef $connection if !defined $status || !defined $length || $answer !~ /^Connection: keep-alive/im || length($answer) < length($answer =~ /\A(.*?\r\n\r\n)/s ? $1 : '') + $length;
    return $status // 0;
}

sub send_message
{
    my ($body) = @_;
    for (1 .. 600) {
        return 1 if post($body) == 200;
        sleep 0.05;    # the processor, too, sends again what was not taken
    }
    return 0;
}

# What a step does; false when it is lost. Wishes for money may fail for many reasons: nobody repeats them.
my %take = (
    message => sub { send_message($_[0]) },
    submit => sub {
        my ($step) = @_;
        # The painter's form is sent again until it is answered, with the same key; others try once.
        for (1 .. 200) {
            last if `@tool submit $step->{submit} $step->{model} 1 1 3 $step->{key} 2>&1` =~ /^[0-9a-z]{26}$/m || !$step->{painter};
            sleep 0.1;
        }
        return 1;
    },
    act => sub { eval { $processor->told('act', payment => $_[0]{act}); 1 } },
    ask => sub { run([build() . '/t/billing/refund_tool', $site->config('ctl'), $_[0]{ask}]); 1 },
    give => sub { run([$site->program('gempixctl'), '-c', $site->config('ctl'), 'refund', $_[0]{give}, '--amount', $_[0]{amount}, '--reason', 'A wish.']); 1 },
);

# Sends its steps; after each it says so by a byte, so that strikes come at known points.
sub sender
{
    my ($say, @steps) = @_;
    my $pid = fork // die "fork: $!";
    return $pid if $pid;
    my $lost = 0;
    undef $connection;
    for my $step (@steps) {
        my ($kind) = ref $step ? grep { exists $step->{$_} } keys %take : 'message';
        $lost++ if !$take{$kind}->($step);
        syswrite $say, '.';
    }
    POSIX::_exit($lost ? 1 : 0);
}

# --- strikes ---

my $worker;

sub start_worker
{
    $worker = spawn('worker', [@tool, 'work', 'tiny', "$store", 'second', 2000, 4, 3_600_000]);
    return;
}

my %strike = (
    web => sub {
        my $supervisor = $site->process('app')->pid;
        return kill 'KILL', split ' ', slurp("/proc/$supervisor/task/$supervisor/children");
    },
    worker => sub {
        $worker->signal('KILL');
        $worker->wait_end(5);
        start_worker();
        return 1;
    },
    daemon => sub {
        $site->process('render')->signal('KILL');
        $site->process('render')->wait_end(5);
        $site->start('render');
        return 1;
    },
    database => sub {
        $site->process('database')->signal('KILL');
        $site->process('database')->wait_end(5);
        $site->start('database');
        return 1;
    },
);

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
    } grep { defined $_->{id} } @purchases),
    (map {
        "INSERT INTO subscription (public_id, account_id, plan, plan_name, credits, amount, currency, expires, live, submit_key, created_at)"
            . " VALUES (UNHEX('$_->{plan}{id}'), $_->{account}, 'club', 'Club', 300, 900, 'eur', 'never', 0, UNHEX('$_->{plan}{id}'), 1)"
    } grep { $_->{plan} } @histories));
# One more account has credits from the beginning, for pictures that the daemon draws.
my ($rich, $painter) = ($first + $HISTORIES, $first + $HISTORIES + 1);
my %ten = (n => 'ten', account => $rich, credits => 100, amount => 500, id => '7f' x 16);
my %paint = (n => 'paint', account => $painter, credits => 3 * $REAL_JOBS, amount => 500, id => '7e' x 16, state => 'paid', refunded => 0, dispute => 'none');
$processor->load($SEED, processor_side(@purchases, \%paint))->told('mode', refund => 'mixed', twice => 1, delay => 1, shuffle => 1);
$site->sql(join ";\n", map {
    "INSERT INTO account (id, public_id, email, email_key, display_name, password_hash, age_confirmed_at, terms_version, created_at)"
        . " VALUES ($_->{account}, UNHEX('$_->{id}'), '$_->{n}\@example.org', '$_->{n}\@example.org', 'H', '', 1, '1', 1);"
        . "INSERT INTO purchase (public_id, account_id, plan, plan_name, credits, amount, currency, live, submit_key, created_at)"
        . " VALUES (UNHEX('$_->{id}'), $_->{account}, 'pack', 'Pack', $_->{credits}, $_->{amount}, 'eur', 0, UNHEX('$_->{id}'), 1)"
} \%ten, \%paint);
ok(send_message(event('checkout.session.completed', session(\%paint, 'complete', 'paid'))), 'credits for pictures');
my @steps = shuffle((map { @{$_->{steps}} } @histories), map { { submit => $painter, model => $model, painter => 1 } } 1 .. $REAL_JOBS);
$_->{key} = id_text(join '', map { sprintf '%02x', rand 256 } 1 .. 16) for grep { ref } @steps;
my @part;
push @{$part[$_ % $SENDERS]}, $steps[$_] for 0 .. $#steps;
my @victims = map { (qw(database web worker daemon))[$_ % 4] } 0 .. max(8, int(@steps / 250)) - 1;
my @points = sort { $a <=> $b } map { int(@steps * (0.02 + 0.9 * rand)) } @victims;
@victims = shuffle @victims;
start_worker();
my $began = time;
pipe my $hear, my $say or die "pipe: $!";
my @pids = map { sender($say, @$_) } grep { $_ } @part;
close $say;
my ($done, %struck) = (0);
while (sysread $hear, my $dots, 4096) {
    $done += length $dots;
    while (@points && $done >= $points[0]) {
        shift @points;
        my $victim = shift @victims;
        $struck{$victim} += $strike{$victim}->();
    }
}
my $bad = 0;
for (@pids) {
    waitpid $_, 0;
    $bad++ if $?;
}
diag sprintf '%d steps in %.1f s: %.0f histories a minute', $done, time - $began, 60 * $HISTORIES / (time - $began);
is($bad, 0, 'every message was taken at last');
is(join(' ', grep { ($struck{$_} // 0) > 0 } sort keys %strike), 'daemon database web worker', 'each was killed meanwhile: ' . join ', ', map { "$_ $struck{$_}" } sort keys %struck);
ok($site->running('render'), 'the daemon that lived through the last crash of the database is there');

# Jobs whose worker is gone go back into the queue when their lease is over, and are ended.
my $open = "SELECT COUNT(*) FROM job WHERE state IN ('queued', 'running')";
eval { wait_until(60, 'all jobs to end', sub { sleep 0.2; $site->sql($open) == 0 }); 1 } or diag $@, $site->logs(5);
is($site->sql($open), 0, 'every job has ended');
$worker->stop;
$site->stop('render');

# Messages whose time had not come are acted upon later; each round may enable others. What the processor's own messages were
# lost is sent again, shuffled and twice; refunds that waited at the bank go or come back.
$processor->told('mode', refund => '', lose => 1);
for my $round (1 .. 12) {
    my ($status, $out) = run([$site->program('gempix-steward'), '-c', $site->config('steward'), 'payments'], env => { GEMPIX_CLOCK_SHIFT => 30000 * $round });
    die $out, join("\n", $site->sql("SELECT id,amount,credits,refunded_amount,refunded_credits,disputed_credits,dispute,refund_doubts,refund_settled FROM purchase WHERE refund_doubts > refund_settled"), $site->sql("SELECT r.* FROM refund r JOIN purchase p ON p.id=r.purchase_id WHERE refund_doubts > refund_settled"), $site->sql("SELECT * FROM processor_event WHERE state=\"failed\"")) if $status != 0;
    $processor->told('refunded', refund => $_->{id}, ok => rand() < 0.6 ? 1 : 0) for grep { $_->{status} eq 'pending' } $processor->refunds;
    my %have = map { $_ => 1 } $site->sql("SELECT id FROM processor_event WHERE id LIKE 'evt\\_%'");
    my @late = grep { !$have{$_} } map { $_->{id} } $processor->events;
    send_message($processor->body($_)) or die "a late message was not taken\n" for shuffle(@late, @late);
}

# --- judging ---

sub rows
{
    return map { [split /\t/] } $site->sql($_[0]);
}

my %kept = map { $_->[0] => $_ } rows('SELECT COALESCE(invoice_id, HEX(public_id)), state, refunded_amount, dispute, refunded_credits, disputed_credits, credits FROM purchase');
my %sums;
$sums{$_->[0]}{$_->[1]} = $_->[2] for rows('SELECT account_id, book, SUM(amount) FROM ledger_entry GROUP BY account_id, book');
my @wrong;
my %there = %{$processor->payments};
$_->{refunded} = $there{"pi_$_->{n}"}{refunded} for grep { $_->{returns} } @purchases;
for my $h (@histories) {
    my $have = $sums{$h->{account}} // {};
    for my $p (@{$h->{purchases}}) {
        my ($id, $state, $refunded, $dispute) = @{$kept{$p->{invoice} // uc $p->{id}} // []};
        $_ //= 'none' for $state, $refunded, $dispute;
        push @wrong, "purchase $p->{n}: $state, $refunded back, dispute $dispute; to be $p->{state}, $p->{refunded}, $p->{dispute}"
            if $state ne $p->{state} || $refunded != $p->{refunded} || $dispute ne $p->{dispute};
    }
    my $sold = sum0(map { $_->{state} eq 'paid' ? $_->{credits} : 0 } @{$h->{purchases}});
    push @wrong, "account $h->{account}: sold " . -($have->{sold} // 0) . ", to be $sold" if -($have->{sold} // 0) != $sold;
    my $left = sum0(map { left_of($_) } @{$h->{purchases}});
    my $all = sum0(map { $have->{$_} // 0 } qw(available held spent));
    push @wrong, "account $h->{account}: $all left, to be $left" if $h->{spends} ? $all < $left : $all != $left;
}
my %plans = map { $_->[0] => $_->[1] } rows('SELECT account_id, state FROM subscription');
push @wrong, map { "account $_->{account}: plan $plans{$_->{account}}, to be $_->{plan}{state}" } grep { $_->{plan} && $plans{$_->{account}} ne $_->{plan}{state} } @histories;
is("@wrong[0 .. ($#wrong < 4 ? $#wrong : 4)]", '', 'every account and purchase ends as its messages say');
is($site->sql("SELECT COUNT(*) FROM processor_event WHERE state NOT IN ('done', 'ignored')"), 0, 'no message is left undone');
is($site->sql('SELECT COUNT(*) FROM processor_event'), $next + $processor->events, 'each is kept once');
is($site->sql('SELECT COUNT(*) - MAX(receipt) FROM purchase WHERE receipt IS NOT NULL'), 0, 'receipts have no gap');
is($site->sql('SELECT COUNT(*) FROM balance WHERE available < 0 OR held <> 0'), 0, 'nobody owes credits, and none are held');
ok(eval { $site->ctl('ledger', 'check'); 1 }, 'balances rebuilt from the entries are the kept ones') or diag $@;
cmp_ok($site->sql("SELECT COUNT(*) FROM ledger_transfer WHERE cause = 'capture'"), '>', 0, 'credits were spent, too');
is($site->sql("SELECT COUNT(*) FROM job WHERE account_id = $painter"), $REAL_JOBS, 'a form that is sent until it is answered is one job');
cmp_ok($site->sql("SELECT COUNT(*) FROM job WHERE account_id = $painter AND state = 'done'"), '>', 0, '... and pictures were drawn');

# --- refunds that were asked for, and the processor's lists ---

my %refund = map { $_->{id} => $_ } $processor->refunds;
my @asked = rows('SELECT state, COALESCE(refund_id, \'\'), amount FROM refund');
my @bad = grep {
    my ($state, $id, $amount) = @$_;
    my $other = delete $refund{$id};
    $other ? $amount != $other->{amount} || $state ne ($other->{status} eq 'succeeded' ? 'done' : 'failed') : $state ne 'failed';
} @asked;
is(join('; ', map { "@$_" } @bad[0 .. ($#bad < 4 ? $#bad : 4)]), '', @asked . ' refunds asked for here ended as the processor says');
is(scalar(grep { $_->{metadata}{refund} } values %refund), 0, '... and it made none of them twice');
my %ends;
$ends{"$_->[0] " . (length $_->[1] ? 'told' : 'refused')}++ for @asked;
diag join ', ', map { "$ends{$_} $_" } sort keys %ends;
cmp_ok($ends{"$_ told"} // 0, '>', 0, "... some $_") for $HISTORIES >= 200 ? qw(done failed) : 'done';

# Three days go by, so that nothing is too fresh to be judged.
$processor->told('older', seconds => 3 * 86400);
$site->sql('UPDATE purchase SET paid_at = paid_at - 3 * 86400000000 WHERE paid_at IS NOT NULL; UPDATE refund SET created_at = created_at - 3 * 86400000000, ended_at = ended_at - 3 * 86400000000');
my ($report, @differences) = split /\n/, $site->ctl('reconcile');
is("@differences[0 .. ($#differences < 4 ? $#differences : 4)]", '', "books and lists agree: $report");

# What nobody heard of has to be found: money that went back, a payment that is disputed, one that is not there.
my @victims_of = shuffle grep { !$_->{refunded} && $_->{dispute} eq 'none' && $_->{state} eq 'paid' } @purchases;
my %planted;
for my $p (splice @victims_of, 0, max(3, int($HISTORIES / 50))) {
    my $how = ('refund', 'dispute', 'forget')[keys(%planted) % 3];
    $processor->told($how, payment => "pi_$p->{n}", amount => 1, status => 'needs_response');
    $planted{$how eq 'forget' ? "pi_$p->{n}" : "ch_$p->{n}"} = $how;
}
($report, @differences) = split /\n/, $site->ctl('reconcile');
my %found = map { /: ((?:pi|ch)_\w+), purchase/ ? ($1 => $_) : () } @differences;
is(join(' ', sort keys %found), join(' ', sort keys %planted), keys(%planted) . ' differences were made, and all of them are found') or diag $report;

# --- fifty submissions at once ---

ok(send_message(event('checkout.session.completed', session(\%ten, 'complete', 'paid'))), 'credits for ten jobs');
my @all = map { spawn('queue_tool', [@tool, 'submit', $rich, 'tiny', 1, 1, 10]) } 1 .. 50;
wait_until(20, 'fifty submissions', sub { !grep { $_->alive } @all });
is($site->sql("SELECT COUNT(*) FROM job WHERE account_id = $rich"), 10, 'fifty submissions at once make ten jobs');
is($site->sql("SELECT CONCAT(available, ' ', held) FROM balance WHERE account_id = $rich"), '0 100', '... which hold everything');
diag "seed $SEED: to see it again, SEED=$SEED" if !Test::More->builder->is_passing;
done_testing;

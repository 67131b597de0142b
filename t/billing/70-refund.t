#!/usr/bin/perl
# Money back, asked for by a member or by the operator: credits are held meanwhile, the ledger moves when the processor says
# so, whatever it says first or twice, and a refund that cannot be gives everything back.
use Gempix::Test;
use HTTP::Tiny ();
use JSON::PP ();

skip_all_without(qw(nginx mariadbd));
require Gempix::Payment;
require Gempix::Pages;
my $processor = Gempix::Payment->new;
my $site = site(parts => [qw(database app nginx)], conf => { $processor->conf, 'credits.welcome' => 0 });
$processor->hook($site->url . '/webhooks/payment');
$site->{processor} = $processor;

sub control
{
    my ($path) = @_;
    return HTTP::Tiny->new->request(@_ > 1 ? $_[1] : 'POST', $processor->url . "/_/$path")->{content};
}

# A member who has bought the small plan, 100 credits for 5.00: [client, path of the purchase].
sub buyer
{
    my $member = $site->member(credits => 0);
    my $path = Gempix::Pages::buy($site, $member);
    wait_until(10, 'the credits', sub { books($member) eq '100+0' });
    return ($member, $path);
}

sub books
{
    my ($member) = @_;
    return join ' ', $site->sql("SELECT CONCAT(available, '+', held) FROM balance JOIN account ON account.id = account_id WHERE email = '$member->{email}'");
}

sub form_of
{
    my ($member, $path) = @_;
    my ($form) = grep { $_->{action} =~ m{/refund\z} } Gempix::Client::forms($member->get($path));
    return $form;
}

sub ask
{
    my ($member, $path) = @_;
    my $form = form_of($member, $path) or die "no offer on $path";
    return $member->post($form->{action}, $form->{fields});
}

sub wait_books
{
    my ($member, $want, $what) = @_;
    wait_until(10, $what, sub { books($member) eq $want });
    is(books($member), $want, $what);
    return;
}

sub spend
{
    my ($member, $n) = @_;
    $site->sql("UPDATE balance JOIN account ON account.id = account_id SET available = available - $n WHERE email = '$member->{email}'");
    my ($id) = $site->sql("SELECT id FROM account WHERE email = '$member->{email}'");
    $site->sql("INSERT INTO ledger_transfer (idempotency_key, cause, account_id, note, created_at) VALUES ('test:$id:$n', 'expire', $id, 'spent', 1)");
    $site->sql("INSERT INTO ledger_entry SELECT id, 'available', $id, -$n FROM ledger_transfer WHERE idempotency_key = 'test:$id:$n'"
        . " UNION SELECT id, 'expired', $id, $n FROM ledger_transfer WHERE idempotency_key = 'test:$id:$n'");
    return;
}

sub state_of
{
    my ($path) = @_;
    return join ' ', $site->sql('SELECT CONCAT(r.state, " ", r.amount, " ", r.credits) FROM refund r ORDER BY r.id DESC LIMIT 1');
}

# --- a member, at once ---

my ($ada, $path) = buyer();
my $page = $ada->get($path);
like($page->{content}, qr/100 credits of this purchase are unused/, 'the page says what can go back');
like($page->{content}, qr/Give 100 credits back for 5\.00/, '... and for how much');
my $r = ask($ada, $path);
is($r->{status}, 303, 'Ada asks');
wait_books($ada, '0+0', 'the credits are gone');
is(state_of(), 'done 500 100', '... and the money');
$page = $ada->get($path);
like($page->{content}, qr/Paid back.*5\.00/s, 'the page says so');
ok(!form_of($ada, $path), '... and offers nothing more');
like($ada->get('/credits')->{content}, qr/Set aside for a refund/, 'the account book tells the way');

# --- the unused part alone ---

(my $bob, $path) = buyer();
spend($bob, 33);
like($bob->get($path)->{content}, qr/Give 67 credits back for 3\.35/, '67 of 100 credits are worth 3.35');
my $form = form_of($bob, $path);
spend($bob, 1);
$r = $bob->post($form->{action}, $form->{fields});
is($r->{status}, 409, 'who has spent another credit meanwhile is asked to look again');
like($r->{content}, qr/look at the sum again/, '... in words');
is(books($bob), '66+0', '... and nothing has happened');
ask($bob, $path);
wait_books($bob, '0+0', 'then it works');
is(state_of(), 'done 330 66', '... for the new sum');

# --- on its way ---

control('mode?refund=pending');
(my $eve, $path) = buyer();
ask($eve, $path);
is(books($eve), '0+100', 'while it is on its way the credits are held');
like($eve->get($path)->{content}, qr/A refund of 5\.00.{0,6}€ is on its way/, '... and the page says so');
ok(!form_of($eve, $path), '... and cannot be asked twice');
$r = $eve->post("$path/refund", { csrf => $form->{fields}{csrf} });
my ($refund) = map { $_->{id} } grep { $_->{status} eq 'pending' } @{JSON::PP::decode_json(control('refunds', 'GET'))};
control('mode?twice=1');
control("refunded?refund=$refund&ok=1");
wait_books($eve, '0+0', 'it arrives, and is told twice');
is(state_of(), 'done 500 100', '... once');

(my $dan, $path) = buyer();
control('mode?refund=pending');
ask($dan, $path);
($refund) = map { $_->{id} } grep { $_->{status} eq 'pending' } @{JSON::PP::decode_json(control('refunds', 'GET'))};
control("refunded?refund=$refund&ok=0");
wait_books($dan, '100+0', 'it cannot be: the credits are back');
like($dan->get($path)->{content}, qr/A refund of 5\.00.{0,6}€ did not work/, '... and the page says so');
ok(form_of($dan, $path), '... and it can be asked again');
control('mode?refund=fail');
ask($dan, $path);
wait_books($dan, '100+0', 'it seems to go, and comes back from the bank');
is(state_of(), 'failed 500 100', '... which counts as failed');
is(($site->sql('SELECT refunded_amount + refunded_credits FROM purchase ORDER BY id DESC LIMIT 1'))[0], 0, '... and nothing is paid back');

# --- the processor is away ---

control('mode?away=1');
ask($dan, $path);
is(books($dan), '0+100', 'the processor cannot be reached: noted, and held');
is(state_of(), 'asked 500 100', '... to be told later');
control('mode');
$site->sql('UPDATE refund SET next_try_at = 0');
my ($status, $said) = run([$site->program('gempix-steward'), '-c', $site->config('steward'), 'payments']);
is($status, 0, 'the steward') or diag $said;
wait_books($dan, '0+0', '... tells it');
is(state_of(), 'done 500 100', '... once');

# --- refused, too late, not ours ---

(my $fay, $path) = buyer();
my ($payment) = $site->sql('SELECT payment_id FROM purchase ORDER BY id DESC LIMIT 1');
control('mode?lose=1');
control("dispute?payment=$payment&status=needs_response");
$r = ask($fay, $path);
is($r->{status}, 400, 'the processor refuses');
like($r->{content}, qr/Your credits are back/, '... the page says so');
is(books($fay), '100+0', '... and they are');
control('mode');
$site->sql('UPDATE purchase SET paid_at = paid_at - 15 * 86400000000 ORDER BY id DESC LIMIT 1');
ok(!form_of($fay, $path), 'after two weeks nothing is offered');
$r = $fay->post("$path/refund", { csrf => (Gempix::Client::forms($fay->get('/credits')))[0]{fields}{csrf}, amount => 500 });
is($r->{status}, 409, '... nor given');
$r = $ada->post("$path/refund", { csrf => (Gempix::Client::forms($ada->get('/credits')))[0]{fields}{csrf}, amount => 500 });
is($r->{status}, 404, 'nobody asks for the money of others');

# --- the operator ---

(my $gil, $path) = buyer();
my ($order) = $path =~ m{/(\w{26})\z};
($status, $said) = run([$site->program('gempixctl'), '-c', $site->config('ctl'), 'refund', $order]);
is($status, 2, 'a reason is needed') or diag $said;
spend($gil, 80);
$said = $site->ctl('refund', $order, '--reason', 'the pictures were late', '--amount', '200');
like($said, qr/refund of 200 in minor units, 20 credits/, 'money also for credits that are spent: those that are left go with it');
wait_books($gil, '0+0', '... they are gone');
is(($site->sql("SELECT reason FROM refund WHERE asked_by = 'operator'"))[0], 'the pictures were late', 'the reason is kept');
$said = $site->ctl('refund', $order, '--reason', 'the rest');
like($said, qr/refund of 300 in minor units, 0 credits/, 'the rest, without credits');
($status, $said) = run([$site->program('gempixctl'), '-c', $site->config('ctl'), 'refund', $order, '--reason', 'more']);
isnt($status, 0, 'more than was paid cannot go back');
like($said, qr/paid back already/, '... in words');

# --- the operator at the processor while a member's is on its way ---

control('mode?refund=pending');
(my $hal, $path) = buyer();
spend($hal, 50);
ask($hal, $path);
is(books($hal), '0+50', 'Hal\'s 50 are held');
($payment) = $site->sql('SELECT payment_id FROM purchase ORDER BY id DESC LIMIT 1');
control("refund?payment=$payment&amount=100");
wait_until(10, 'the other refund', sub { ($site->sql('SELECT refunded_amount FROM purchase ORDER BY id DESC LIMIT 1'))[0] == 100 });
is(books($hal), '0+50', 'another one, made at the processor, leaves them alone');
($refund) = map { $_->{id} } grep { $_->{status} eq 'pending' } @{JSON::PP::decode_json(control('refunds', 'GET'))};
control("refunded?refund=$refund&ok=1");
wait_books($hal, '0+0', 'then his own arrives');
is(($site->sql('SELECT refunded_amount FROM purchase ORDER BY id DESC LIMIT 1'))[0], 350, '... and both sums are known');

# --- a dispute while a refund is on its way ---

sub payment_of_last
{
    return ($site->sql('SELECT payment_id FROM purchase ORDER BY id DESC LIMIT 1'))[0];
}

sub pending
{
    my ($waits) = map { $_->{id} } grep { $_->{status} eq 'pending' } $processor->refunds;
    return $waits;
}

sub last_purchase
{
    return ($site->sql("SELECT CONCAT_WS(' ', refunded_amount, refunded_credits, disputed_credits) FROM purchase ORDER BY id DESC LIMIT 1"))[0];
}

sub failed_events
{
    return ($site->sql("SELECT COUNT(*) FROM processor_event WHERE state = 'failed'"))[0];
}

my $jim = $site->member(credits => 0);
Gempix::Pages::buy($site, $jim);
wait_until(10, 'the first', sub { books($jim) eq '100+0' });
$path = Gempix::Pages::buy($site, $jim);
wait_until(10, 'the second', sub { books($jim) eq '200+0' });
ask($jim, $path);
is(books($jim), '100+100', 'of two purchases one is asked back');
control('dispute?payment=' . payment_of_last() . '&status=needs_response');
wait_until(10, 'the dispute', sub { ($site->sql('SELECT dispute FROM purchase ORDER BY id DESC LIMIT 1'))[0] eq 'open' });
is(books($jim), '100+100', 'then it is disputed: the other one\'s credits do not pay for it');
control('refunded?refund=' . pending() . '&ok=1');
wait_books($jim, '100+0', '... and the refund can go');
is(last_purchase(), '500 100 0', '... once');
is(failed_events(), 0, '... without a message that cannot be acted upon');

(my $kim, $path) = buyer();
ask($kim, $path);
control('dispute?payment=' . payment_of_last() . '&status=needs_response');
wait_until(10, 'the dispute', sub { ($site->sql('SELECT dispute FROM purchase ORDER BY id DESC LIMIT 1'))[0] eq 'open' });
control('refunded?refund=' . pending() . '&ok=0');
wait_until(10, 'its end', sub { state_of() =~ /^failed/ });
is(books($kim), '0+0', 'a refund that cannot be gives its credits to the dispute that came meanwhile');
is(last_purchase(), '0 0 100', '... as the purchase says');

# --- sums that messages cannot tell ---

(my $leo, $path) = buyer();
spend($leo, 50);
ask($leo, $path);
my $paid = payment_of_last();
control('mode?lose=1');
my $old = $processor->events;
control("refund?payment=$paid&amount=100");
control('refunded?refund=' . pending() . '&ok=1');
my ($stale) = map { $_->{id} } grep { $_->{type} eq 'charge.refunded' } reverse((($processor->events))[$old .. $processor->events - 1]);
my ($refund_id) = map { $_->{id} } grep { $_->{payment_intent} eq $paid && $_->{amount} == 250 } $processor->refunds;
control('refunded?refund=' . $refund_id . '&ok=0');
control("send?id=$_") for map { $_->{id} } grep { $_->{type} eq 'refund.failed' } reverse((($processor->events))[$old .. $processor->events - 1]);
wait_until(10, 'the failure', sub { state_of() =~ /^failed/ });
control("send?id=$stale");
wait_until(10, 'the old message', sub { ($site->sql("SELECT COUNT(*) FROM processor_event WHERE id = '$stale' AND state = 'done'"))[0] });
is(last_purchase(), '0 0 0', 'a message that is older than the failure says too much, and is not believed');
sub steward
{
    my ($status, $said) = run([$site->program('gempix-steward'), '-c', $site->config('steward'), 'payments']);
    is($status, 0, 'the steward') or diag $said;
    return $said;
}
like(steward(), qr/sums of refunds asked for/, '... asks the processor');
is(last_purchase(), '100 20 0', '... how much went in all');
is(books($leo), '30+0', '... and the credits fit it');
unlike(steward(), qr/sums of refunds/, '... once');

# --- told before it was answered ---

control('mode?refund=pending');
(my $max, $path) = buyer();
ask($max, $path);
$site->sql('UPDATE refund SET refund_id = NULL ORDER BY id DESC LIMIT 1');
control('refunded?refund=' . pending() . '&ok=1');
wait_books($max, '0+0', 'a refund whose answer was lost ends by its message');
is(($site->sql('SELECT refund_id IS NOT NULL FROM refund ORDER BY id DESC LIMIT 1'))[0], 1, '... which tells the processor\'s name for it');
control('mode');

# --- a plan's own time for it ---

my $plans = "$processor->{dir}/plans.yaml";
my $before = slurp($plans);
Gempix::Test::spew($plans, $before =~ s/(  small:\n)/$1    refund_days: 30\n/r =~ s/(  large:\n)/$1    refund_days: 0\n/r);
$page = $site->client->get('/pricing')->{content};
like($page, qr/Unused credits can be given back for 30 days\./, 'a plan may give more time');
like($page, qr/Credits of this plan cannot be given back\./, '... or none');
(my $zoe, $path) = buyer();
Gempix::Test::spew($plans, $before);
$site->sql('UPDATE purchase SET paid_at = paid_at - 20 * 86400 * 1000000 ORDER BY id DESC LIMIT 1');
ok(form_of($zoe, $path), 'what was sold with 30 days has 30 days, whatever the plan says now');
$site->sql('UPDATE purchase SET refund_days = NULL ORDER BY id DESC LIMIT 1');
ok(!form_of($zoe, $path), 'what was sold before plans said it has the 14 of the configuration');
$site->sql('UPDATE purchase SET refund_days = 0, paid_at = paid_at + 20 * 86400 * 1000000 ORDER BY id DESC LIMIT 1');
ok(!form_of($zoe, $path), 'a plan without refunds offers none');
$r = $zoe->post("$path/refund", { csrf => form_of($ada, $path) // $form->{fields}{csrf} });
is(books($zoe), '100+0', '... and none is made by hand');

# --- the staff ---

control('mode');
(my $ida, $path) = buyer();
($order) = $path =~ m{/(\w{26})\z};
my $clerk = $site->staff('billing');
$page = $clerk->get("/admin/purchases/$order");
$r = $clerk->submit($page, qr{/refund\z}, { amount => '', reason => '' });
is($r->{status}, 422, 'no refund without a reason');
is(books($ida), '100+0', '... nothing has happened');
$r = $clerk->submit($page, qr{/refund\z}, { amount => '', reason => 'asked by letter' });
is($r->{status}, 303, 'the staff gives money back') or diag $r->{content};
wait_books($ida, '0+0', '... with the credits');
is(join(' ', $site->sql("SELECT reason FROM audit_event WHERE action = 'purchase.refund' AND staff_id <> 0")), 'asked by letter', '... and the audit log knows why');
unlike($site->staff('support')->get("/admin/purchases/$order")->{content}, qr{/refund"}, 'the support may look, and not give money');
like($clerk->get('/admin/books')->{content}, qr/Nothing was compared yet/, 'the books page');

like($site->ctl('ledger', 'check'), qr/unbalanced transfers 0\nwrong balances 0\nwrong holds 0/, 'the ledger agrees with itself');
done_testing;

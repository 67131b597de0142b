#!/usr/bin/perl
# Monthly plans against the simulated processor: each invoice that is paid brings its credits once, whatever is sent how often
# and in which order; one that is not paid brings nothing. The member ends a plan and takes that back; credits that are to be
# used within their month expire with it, and no others.
use Gempix::Test;
use HTTP::Tiny ();
use JSON::PP ();
use List::Util qw(shuffle);

skip_all_without(qw(nginx mariadbd));
require Gempix::Payment;
my $processor = Gempix::Payment->new;
my $site = site(parts => [qw(database app nginx)], conf => { $processor->conf, 'credits.welcome' => 0 });
my $hook = $site->url . '/webhooks/payment';
$processor->hook($hook);
$processor->told('mode', lose => 1);    # messages are sent by hand, one by one
my $day = 86_400;

sub credits
{
    my ($client) = @_;
    return $site->sql("SELECT COALESCE(available, 0) FROM account LEFT JOIN balance ON account_id = account.id WHERE email = '$client->{email}'");
}

sub months
{
    return $site->sql('SELECT COUNT(*) FROM purchase WHERE subscription_id IS NOT NULL');
}

# Goes to the payment page for a plan; its address.
sub order
{
    my ($client, $plan) = @_;
    my $page = $client->get('/pricing');
    my ($form) = grep { ($_->{fields}{plan} // '') eq $plan } Gempix::Client::forms($page);
    my $answer = $client->post($form->{action}, $form->{fields});
    is($answer->{status}, 303, "ordering \"$plan\" leads on") or diag $answer->{content}, $site->logs(8);
    return ($answer->{headers}{location}, $form->{fields});
}

sub paid
{
    my ($client, $plan) = @_;
    my ($pay) = order($client, $plan);
    return $processor->at_page($pay, 'pay') =~ s/\A\Q@{[$site->url]}\E//r;
}

# Messages that the processor has made and not sent yet; sent in this order they are acted upon before the answer.
my %told;
sub fresh
{
    return grep { !$told{$_->{id}}++ } $processor->events;
}

sub post_event
{
    my ($event) = @_;
    my $body = ref $event ? JSON::PP->new->canonical->encode($event) : $event;
    my $answer = HTTP::Tiny->new->post($hook, { content => $body, headers => { 'content-type' => 'application/json', 'stripe-signature' => $processor->signature($body) } });
    is($answer->{status}, 200, 'a message is taken') if $answer->{status} != 200;
    return;
}

sub deliver
{
    post_event($processor->body($_->{id})) for @_;
    return;
}

sub steward
{
    my ($duty, $seconds) = @_;
    my ($status, $out) = run([$site->program('gempix-steward'), '-c', $site->config('steward'), $duty], env => { GEMPIX_CLOCK_SHIFT => int $seconds });
    is($status, 0, "the steward's duty $duty") or diag $out;
    return $out;
}

sub spend
{
    my ($client, $credits) = @_;
    my $account = $site->sql("SELECT id FROM account WHERE email = '$client->{email}'");
    my ($status, $out) = run([build() . '/t/queue/queue_tool', $site->database->socket, 'gempix', 'root', 'submit', $account, 'tiny', 1, 1, $credits]);
    is($status, 0, "$credits credits are spent") or diag $out;
    return;
}

sub state
{
    my ($client) = @_;
    return $site->sql("SELECT CONCAT(s.state, IF(s.ends AND s.state <> 'ended', ' ends', '')) FROM subscription s JOIN account a ON a.id = s.account_id WHERE email = '$client->{email}' ORDER BY s.id DESC LIMIT 1");
}

sub of
{
    my ($client) = @_;
    return $site->sql("SELECT processor_id FROM subscription s JOIN account a ON a.id = s.account_id WHERE email = '$client->{email}' ORDER BY s.id DESC LIMIT 1");
}

# --- the page ---

my $ada = $site->member(credits => 0);
my $page = $site->client->get('/pricing');
like($page->{content}, qr/Every month.*Club.*300.*9\.00\S*€ a month.*expires with its month.*Studio.*stays yours.*Once.*Small/s, 'the prices show monthly plans and packs');

# --- the first month; all messages lost ---

my ($pay, $fields) = order($ada, 'club');
is($ada->post('/purchases', $fields)->{headers}{location}, $pay, 'the form sent twice is one plan');
like($processor->at_page($pay, 'decline'), qr/declined/, 'a card may be declined');
is(credits($ada), 0, '... which grants nothing');
my $back = $processor->at_page($pay, 'pay') =~ s/\A\Q@{[$site->url]}\E//r;
is(credits($ada), 0, 'paid, but all messages were lost');
$page = $ada->get($back);
is($page->{status}, 200, 'the page that the payment leads to') or diag $page->{content}, $site->logs(8);
like($page->{content}, qr/300 credits are on your account/, '... asks the processor itself');
is(credits($ada), 300, 'so the credits are there');
is($site->member(credits => 0)->get($back)->{status}, 404, 'another member does not see it');
deliver(fresh()) for 1 .. 1;
deliver($processor->events) for 1 .. 2;
is(credits($ada), 300, 'the messages that come late, three times, grant nothing more');
is($site->sql("SELECT COUNT(*) FROM processor_event WHERE state NOT IN ('done', 'ignored')"), 0, '... and all are acted upon');
is(months(), 1, 'one month is bought');
is(state($ada), 'active', 'the plan is active');
is($site->sql("SELECT COUNT(*) FROM mail_outbox WHERE subject LIKE 'Receipt 1:%'"), 1, 'one letter with the receipt');
like($ada->get('/credits')->{content}, qr/Club.*300 credits every month for 9\.00\S*€.*Active\. It renews on.*Receipt 1\b/s, 'the credits page shows the plan and the receipt');
is($site->sql("SELECT COUNT(*) FROM processor_event WHERE body REGEXP 'payer|P\\\\. Ayer|cus_'"), 0, 'of a name, an address and a customer nothing is kept');
like($ada->get('/pricing')->{content}, qr/See your monthly plan/, 'whoever has a plan is led to it');
my ($form) = grep { ($_->{fields}{plan} // '') eq 'club' } Gempix::Client::forms($site->member(credits => 0)->get('/pricing'));
is($ada->post('/purchases', { %$fields, submit_key => $form->{fields}{submit_key} })->{status}, 409, '... and gets no second one');

# --- the processor refuses what does not go together ---

sub refused
{
    my ($path, %fields) = @_;
    my $answer = $processor->{http}->post_form($processor->url . $path, \%fields, { headers => {
        authorization => 'Bearer ' . slurp("$processor->{dir}/key"), 'stripe-version' => '2024-06-20' } });
    return "$answer->{status} " . (JSON::PP::decode_json($answer->{content})->{error}{message} // '');
}
my %session_fields = (mode => 'subscription', 'line_items[0][price]' => 'price_club', 'line_items[0][quantity]' => 1, success_url => 'https://example.org/');
like(refused('/v1/checkout/sessions', %session_fields, 'line_items[0][price]' => 'price_small'), qr/^400 .*at least one recurring price/, 'a subscription of a price for once');
like(refused('/v1/checkout/sessions', %session_fields, mode => 'payment'), qr/^400 .*recurring price/, 'a payment of a monthly price');
like(refused('/v1/checkout/sessions', %session_fields, 'payment_intent_data[metadata][a]' => 1), qr/^400 You can not pass `payment_intent_data`/, 'a subscription with data of a payment');
like(refused('/v1/checkout/sessions', %session_fields, mode => 'monthly'), qr/^400 Invalid mode/, 'another mode');
like(refused('/v1/subscriptions/' . of($ada), cancel_at_period_end => 'yes'), qr/^400 Invalid boolean/, 'a wish that is no boolean');
like(refused('/v1/subscriptions/' . of($ada), price => 'price_studio'), qr/^400 Received unknown parameter/, 'an unknown parameter');
like(refused('/v1/subscriptions/sub_nothing', cancel_at_period_end => 'true'), qr/^404 No such subscription/, 'an unknown subscription');

# --- renewals: in any order, doubled ---

$processor->told('month', subscription => of($ada), pay => 1);
my @new = fresh();
deliver((reverse @new), @new);
is(credits($ada), 600, 'the next month brings its credits once, from messages in reverse order and doubled');
is(state($ada), 'active', '... and the plan is active');
$processor->told('month', subscription => of($ada), pay => 1) for 1 .. 3;
@new = fresh();
deliver(shuffle(@new, @new));
is(credits($ada), 1500, 'three months whose messages come shuffled bring three times the credits');
is(months(), 5, '... as five purchases in all');
is($site->sql('SELECT COUNT(*) - MAX(receipt) FROM purchase WHERE receipt IS NOT NULL'), 0, '... with receipts without a gap');

# --- a renewal that fails ---

$processor->told('month', subscription => of($ada), pay => 0);
deliver(reverse fresh());
is(credits($ada), 1500, 'a month that is not paid brings nothing');
is(state($ada), 'past_due', 'the plan is past due');
like($ada->get('/credits')->{content}, qr/Past due: it was to renew/, '... which the page says');
is($site->sql("SELECT COUNT(*) FROM mail_outbox WHERE mail_key LIKE 'invoice:%:failed'"), 1, '... and a letter');
my ($open) = $ada->get('/credits')->{content} =~ m{(/subscriptions/\w+/invoice)};
is($site->member(credits => 0)->get($open)->{status}, 404, 'nobody else sees the open invoice');
$pay = $ada->get($open)->{headers}{location};
like($pay, qr{\A\Q@{[$processor->url]}\E/pay/in_}, 'the member is led to it');
is($processor->{http}->post_form($pay, {})->{status}, 200, '... and pays it there');
deliver(reverse fresh());
is($ada->get($open)->{status}, 404, 'then none is open');
is(credits($ada), 1800, 'the credits of the month come');
is(state($ada), 'active', '... and the plan is active again');

# --- a renewal whose messages are all lost ---

$processor->told('month', subscription => of($ada), pay => 1);
fresh();
$site->sql('UPDATE subscription SET period_end = (UNIX_TIMESTAMP() - 3 * 3600) * 1000000');
steward('months', 60);
is(credits($ada), 2100, 'when a month is over and nothing was heard, the steward asks the processor');
is(months(), 7, '... and the month is bought');
$processor->told('month', subscription => of($ada), pay => 1);
fresh();
$site->sql('UPDATE subscription SET period_end = (UNIX_TIMESTAMP() - 3 * 3600) * 1000000');
like($ada->get('/credits')->{content}, qr/You have 2,400 credits/, '... and so does the page');

# --- ending it, and taking that back ---

sub wish
{
    my ($client, $ends) = @_;
    my $page = $client->get('/credits');
    my ($form) = grep { $_->{action} =~ m{/subscriptions/\w+/end\z} && $_->{fields}{ends} == $ends } Gempix::Client::forms($page);
    ok($form, $ends ? 'the plan can be ended' : 'ending can be taken back') or return;
    my $answer = $client->post($form->{action}, $form->{fields});
    is($answer->{status}, 303, '... by a click') or diag $answer->{content}, $site->logs(8);
    is($client->post($form->{action}, $form->{fields})->{status}, 303, '... and a second one') if $ends;
    return $client->follow($answer)->{content};
}

like(wish($ada, 1), qr/It ends on.*Nothing will be charged/s, 'the page says when it ends');
is(state($ada), 'active ends', '... before any message came');
is($site->sql("SELECT COUNT(*) FROM mail_outbox WHERE subject = 'Your monthly plan ends: Club'"), 1, 'a letter confirms it');
like(wish($ada, 0), qr/It renews on/, 'taken back, it renews');
like(wish($ada, 1), qr/It ends on/, 'ended once more');
deliver(shuffle fresh());
$ada->get('/credits');    # messages of one second: the page asks
is(state($ada), 'active ends', 'the messages about all that, shuffled, change nothing');
my $stranger = $site->member(credits => 0);
my $id = $site->sql("SELECT session_id FROM subscription ORDER BY id LIMIT 1");
my ($end) = $ada->get('/credits')->{content} =~ m{(/subscriptions/\w+/end)};
my ($csrf) = $stranger->get('/account')->{content} =~ /name="csrf" value="([^"]+)"/;
is($stranger->post($end, { csrf => $csrf, ends => 0, submit_key => $form->{fields}{submit_key} })->{status}, 404, 'nobody else can change it');
$processor->told('month', subscription => of($ada), pay => 1);
deliver(fresh());
is(credits($ada), 2400, 'after its month nothing comes');
is(state($ada), 'ended', 'the plan has ended');
like($ada->get('/credits')->{content}, qr/Ended\. It was paid until/, '... which the page says');

# --- expiry ---

my $bob = $site->member(credits => 50);
paid($bob, 'club');
deliver(fresh());
is(credits($bob), 350, 'fifty credits that stay and three hundred of a month');
spend($bob, 120);
spend($bob, 10);
# Months went by at the processor alone: its clock is ahead of the site's.
my @ends = map { $_ / 1e6 - time } $site->sql('SELECT expires_at FROM purchase WHERE expires_at IS NOT NULL ORDER BY id');
cmp_ok($ends[0], '>', 27.9 * $day, 'the first month can be used for its time');
cmp_ok($ends[0], '<', 31.1 * $day, '... which is a month');
steward('months', $ends[0] - 60);
is(credits($ada), 2400, 'nothing expires before its time');
steward('months', $ends[0] + 60);
is(credits($ada), 2100, 'of a member who used nothing a whole month expires');
steward('months', $ends[7] - 60);
is(credits($ada), 300, 'and one after the other');
is(credits($bob), 220, 'a month that goes on keeps its credits');
steward('months', $ends[8] + 60);
is(credits($ada), 0, 'the last one, too');
is(credits($bob), 50, 'at its end what is left of the month expires, and what stays stays') or diag join "\n", $site->sql('SELECT * FROM ledger_transfer');
is($site->sql("SELECT expired_credits FROM purchase ORDER BY id DESC LIMIT 1"), 170, '... as the purchase says');
steward('months', $ends[8] + $day);
is(credits($bob), 50, '... once');
like($bob->get('/credits')->{content}, qr/Expired.*Club.*170/s, 'the account book shows it');
my $payment = $site->sql("SELECT payment_id FROM purchase ORDER BY id DESC LIMIT 1");
$processor->told('refund', payment => $payment, amount => 900);
deliver(fresh());
is(credits($bob), 0, 'a refund of that month takes what jobs have not, at most what is there');
my $cid = $site->member(credits => 0);
paid($cid, 'studio');
deliver(reverse fresh());
is(credits($cid), 2000, 'another plan, its messages in reverse order');
steward('months', 400 * $day);
is(credits($cid), 2000, '... has credits that stay');

# --- what must not be granted ---

my $eve = $site->member(credits => 0);
my ($eve_pay) = order($eve, 'club');
my $reference = $site->sql("SELECT session_id FROM subscription ORDER BY id DESC LIMIT 1");
my %session = %{JSON::PP::decode_json(HTTP::Tiny->new->get($processor->url . "/v1/checkout/sessions/$reference", { headers => {
    authorization => 'Bearer ' . slurp("$processor->{dir}/key"), 'stripe-version' => '2024-06-20' } })->{content})};
my $n = 0;
sub invoice
{
    my (%o) = @_;
    my $type = delete $o{type} // 'invoice.paid';
    post_event({ id => 'evt_made_' . ++$n, object => 'event', type => $type, created => time, data => { object => {
        id => "in_made_$n", object => 'invoice', status => 'paid', subscription => 'sub_made', billing_reason => 'subscription_create', currency => 'eur', amount_paid => 900,
        livemode => JSON::PP::false, payment_intent => "pi_made_$n", subscription_details => { metadata => { subscription => $session{client_reference_id} } },
        lines => { data => [{ period => { start => time, end => time + 30 * $day } }] }, %o } } });
    return $site->sql("SELECT CONCAT_WS(' ', state, error) FROM processor_event WHERE id = 'evt_made_$n'");
}
like(invoice(amount_paid => 9), qr/^failed .*costs 900 eur, the invoice says 9 eur/, 'an invoice of another sum fails, visibly');
like(invoice(currency => 'jpy'), qr/^failed .*says 900 jpy/, 'or of another currency');
like(invoice(livemode => JSON::PP::true), qr/^failed/, 'or of real money for a test plan');
like(invoice(billing_reason => 'subscription_update'), qr/^failed .*an invoice for "subscription_update"/, 'or for another reason');
like(invoice(subscription_details => { metadata => { subscription => '0' x 26 } }), qr/^failed There is no such monthly plan/, 'or of a plan that is not here');
is(invoice(subscription_details => undef), 'done', 'one of something else with the same processor is none of ours');
is(invoice(status => 'open'), 'done', 'one that is not paid is no month');
is(credits($eve), 0, 'none of them brings a credit');
is(invoice(), 'done', 'a good one');
is(credits($eve), 300, '... brings the month');
like(invoice(subscription => 'sub_other'), qr/^failed .*is sub_made, the message says sub_other/, 'the same plan cannot belong to two');
is(invoice(id => 'in_made_8'), 'done', 'another message about the same invoice') for 1 .. 2;
is(credits($eve), 300, '... brings nothing more');

# --- the books; the processor is away ---

ok(eval { $site->ctl('ledger', 'check'); 1 }, 'the ledger balances') or diag $@;
is($site->sql('SELECT COUNT(*) - MAX(receipt) FROM purchase WHERE receipt IS NOT NULL'), 0, 'receipts are numbered without gaps');
my $csv = $ada->get('/credits.csv')->{content};
like($csv, qr/,expire,"Club",-300,/, 'expired credits are in the CSV');
$processor->{process}->stop;
$page = $cid->get('/credits');
($form) = grep { $_->{action} =~ m{/end\z} } Gempix::Client::forms($page);
is($cid->post($form->{action}, $form->{fields})->{status}, 503, 'without the processor a plan cannot be ended now');
is(state($cid), 'active', '... and nothing has changed');
done_testing;

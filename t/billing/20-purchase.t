#!/usr/bin/perl
# Buying credits against the simulated processor: paid once whatever is sent how often and in which order, never by opening
# a page; what fails stays visible and is done later; credits go back with the money.
use Gempix::Test;
use HTTP::Tiny ();
use JSON::PP ();

skip_all_without(qw(nginx mariadbd));
require Gempix::Payment;
my $processor = Gempix::Payment->new;
my $site = site(parts => [qw(database app nginx)], conf => { $processor->conf, 'credits.welcome' => 0 });
my $hook = $site->url . '/webhooks/payment';
$processor->hook($hook);
my $ada = $site->member(credits => 0);

sub credits
{
    my ($client) = @_;
    return $site->sql("SELECT COALESCE(available, 0) FROM account LEFT JOIN balance ON account_id = account.id WHERE email = '$client->{email}'");
}

sub wait_credits
{
    my ($client, $n, $what) = @_;
    wait_until(10, $what, sub { credits($client) == $n });
    is(credits($client), $n, $what);
    return;
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

sub post_event
{
    my ($event, %o) = @_;
    my $body = ref $event ? JSON::PP->new->canonical->encode($event) : $event;
    return HTTP::Tiny->new->post($hook, { content => $body, headers => {
        'content-type' => 'application/json', 'stripe-signature' => $o{signature} // $processor->signature($body, %o) } });
}

# --- the page ---

my $page = $site->client->get('/pricing');
is($page->{status}, 200, 'anybody sees the prices');
like($page->{content}, qr/5\.00\xc2\xa0\xe2\x82\xac/, '... with what they cost');
like($page->{content}, qr/Test mode/, '... and that no money moves here');
like($site->client->get($_)->{content}, qr/id="test-mode">Test mode/, "... as $_ does") for '/', '/about', '/signin', '/no/such/page';
like($page->{headers}{'content-security-policy'}, qr{form-action 'self' \Q@{[$processor->url]}\E(?:;|\z)}, 'forms may lead to the payment page');
unlike($ada->get('/create')->{headers}{'content-security-policy'}, qr{form-action 'self' http}, '... from here alone');

# --- paid ---

my ($pay, $fields) = order($ada, 'small');
like($pay, qr{\A\Q@{[$processor->url]}\E/pay/cs_}, 'on the processor\'s own page');
my $again = $ada->post('/purchases', $fields);
is($again->{headers}{location}, $pay, 'the form sent twice is one purchase');
my $back = $processor->at_page($pay, 'leave');
like($back, qr{/pricing\z}, 'who goes back comes back to the prices');
is(credits($ada), 0, '... and has bought nothing');
like($processor->at_page($pay, 'decline'), qr/declined/, 'a card may be declined');
is(credits($ada), 0, '... which grants nothing');
$processor->told('mode', lose => 1);
$back = $processor->at_page($pay, 'pay') =~ s/\A\Q@{[$site->url]}\E//r;
my ($event) = grep { $_->{type} eq 'checkout.session.completed' } $processor->events;
is(credits($ada), 0, 'paid, but the message was lost');
$page = $ada->get($back);
is($page->{status}, 200, 'the page that the payment leads to');
like($page->{content}, qr/Receipt 1\b.*100 credits are on your account/s, '... asks the processor itself');
is(credits($ada), 100, 'so the credits are there');
$processor->told('send', id => $event->{id}) for 1 .. 3;
sleep 1;
is(credits($ada), 100, 'the message that comes late, three times, grants nothing more');
is($site->sql("SELECT GROUP_CONCAT(state) FROM processor_event"), 'done', '... and is one event');
is($site->client->get($back)->{status}, 303, 'a stranger does not see the receipt');
is($site->member(credits => 0)->get($back)->{status}, 404, '... nor does another member');
is($site->sql("SELECT COUNT(*) FROM mail_outbox WHERE mail_key LIKE 'purchase:%'"), 1, 'one letter with the receipt');

# --- messages by themselves, twice each ---

$processor->told('mode', twice => 1);
my $bob = $site->member(credits => 0);
($pay) = order($bob, 'large');
$processor->at_page($pay, 'pay');
wait_credits($bob, 1000, 'a message that comes twice at once grants once');
my $eve = $site->member(credits => 0);
($pay) = order($eve, 'small');
$back = $processor->at_page($pay, 'later') =~ s/\A\Q@{[$site->url]}\E//r;
wait_until(10, 'waiting', sub { $site->sql("SELECT COUNT(*) FROM purchase WHERE state = 'waiting'") == 1 });
is(credits($eve), 0, 'a transfer on its way grants nothing yet');
like($eve->get($back)->{content}, qr/on its way/, '... and the page says so');
$processor->told('settle', session => $pay =~ m{(cs_\w+)} ? $1 : '', ok => 1);
wait_credits($eve, 100, 'when it arrives, the credits come');
($pay) = order($eve, 'small');
$processor->at_page($pay, 'later');
$processor->told('settle', session => $pay =~ m{(cs_\w+)} ? $1 : '', ok => 0);
wait_until(10, 'failed', sub { $site->sql("SELECT COUNT(*) FROM purchase WHERE state = 'failed'") == 1 });
is(credits($eve), 100, 'one that does not arrive grants nothing');

# --- money that goes back ---

my $payment = $site->sql("SELECT payment_id FROM purchase WHERE amount = 4000");
$processor->told('refund', payment => $payment, amount => 1000);
wait_credits($bob, 750, 'a quarter paid back takes a quarter of the credits');
$processor->told('refund', payment => $payment, amount => 3000);
wait_credits($bob, 0, 'the rest takes the rest');
$payment = $site->sql("SELECT payment_id FROM purchase WHERE receipt = 3");
$processor->told('dispute', payment => $payment, status => 'warning_needs_response');
$processor->told('dispute', payment => $payment, status => 'needs_response');
wait_credits($eve, 0, 'a disputed payment sets its credits aside, an inquiry does not');
$processor->told('dispute', payment => $payment, status => 'won');
wait_credits($eve, 100, 'a dispute that is won brings them back');
$payment = $site->sql("SELECT payment_id FROM purchase WHERE receipt = 1");
$processor->told('dispute', payment => $payment, status => 'needs_response');
wait_credits($ada, 0, 'a dispute takes all');
$processor->told('refund', payment => $payment, amount => 250);
wait_until(10, 'refunded', sub { $site->sql("SELECT refunded_amount FROM purchase WHERE receipt = 1") == 250 });
$processor->told('dispute', payment => $payment, status => 'won');
wait_credits($ada, 50, 'what was refunded during a dispute does not come back when it is won');

# --- any order ---

my $object = { object => 'charge', payment_intent => 'pi_early', amount => 500, amount_refunded => 500 };
is(post_event({ id => 'evt_early', object => 'event', type => 'charge.refunded', data => { object => $object } })->{status}, 200,
    'a refund that comes before its payment is taken');
is($site->sql("SELECT CONCAT(state, ' ', error) FROM processor_event WHERE id = 'evt_early'"), 'failed no purchase was paid by pi_early yet',
    '... and waits, visibly');
my $cid = $site->member(credits => 0);
order($cid, 'small');
my $session = $site->sql('SELECT session_id FROM purchase ORDER BY id DESC LIMIT 1');
my $reference = JSON::PP::decode_json(HTTP::Tiny->new->get($processor->url . "/v1/checkout/sessions/$session", { headers => {
    authorization => 'Bearer ' . slurp("$processor->{dir}/key"), 'stripe-version' => '2024-06-20' } })->{content})->{client_reference_id};
my %paid = (id => $session, object => 'checkout.session', client_reference_id => $reference, payment_status => 'paid', status => 'complete',
    amount_total => 500, currency => 'eur', livemode => JSON::PP::false, payment_intent => 'pi_early');
is(post_event({ id => 'evt_wrong', object => 'event', type => 'checkout.session.completed', data => { object => { %paid, amount_total => 5 } } })->{status},
    200, 'another sum than ordered is stored');
is(credits($cid), 0, '... and grants nothing');
like($site->sql("SELECT error FROM processor_event WHERE id = 'evt_wrong'"), qr/ordered 500 eur, the session says 5/, '... but says why');
post_event({ id => 'evt_paid', object => 'event', type => 'checkout.session.completed', data => { object => \%paid } });
is(credits($cid), 100, 'then the payment comes');
my ($status, $out) = run([$site->program('gempix-steward'), '-c', $site->config('steward'), 'payments'], env => { GEMPIX_CLOCK_SHIFT => 10 });
is($site->sql("SELECT attempts FROM processor_event WHERE id = 'evt_early'"), 1, 'the steward leaves it until its time has come');
($status, $out) = run([$site->program('gempix-steward'), '-c', $site->config('steward'), 'payments'], env => { GEMPIX_CLOCK_SHIFT => 60 });
is($status, 0, 'then the steward acts upon it') or diag $out;
is(credits($cid), 0, 'now the refund can be acted upon');
post_event({ id => 'evt_card', object => 'event', type => 'charge.succeeded', data => { object => { id => 'ch_1', object => 'charge', amount => 5,
    customer_email => 'zebra@example.org', receipt_email => 'zebra@example.org', customer_name => 'Zebra', customer => 'cus_zebra',
    payment_method_details => { card => { last4 => '4242', brand => 'visa' } }, billing_details => { name => 'Zebra', email => 'zebra@example.org' } } } });
like($site->sql("SELECT body FROM processor_event WHERE id = 'evt_card'"), qr/"amount":\s*5/, 'of a message only what is needed is kept');
is($site->sql("SELECT COUNT(*) FROM processor_event WHERE body REGEXP '4242|visa|zebra'"), 0, '... and nothing of a card or a name');
is(post_event({ id => 'evt_odd', object => 'event', type => 'plan.renamed', data => { object => {} } })->{status}, 200, 'what nobody knows is acknowledged');
is($site->sql("SELECT state FROM processor_event WHERE id = 'evt_odd'"), 'ignored', '... and kept');
like(join('', $site->ctl('events', 'list', '--state', 'failed')), qr/evt_wrong/, 'the operator sees what failed');

# --- signatures ---

my $body = '{"id":"evt_forged","object":"event","type":"x"}';
for my $case (
    ['no signature', signature => ''], ['another secret', secret => 'whsec_other'], ['six minutes old', time => time - 360],
    ['six minutes ahead', time => time + 360], ['no v1', signature => 't=' . time . ',v0=' . 'a' x 64], ['half a signature', signature => 't=' . time . ',v1=abc'],
) {
    my ($what, %o) = @$case;
    is(post_event($body, %o)->{status}, 400, "$what: refused");
}
is(post_event('{"id":')->{status}, 400, 'signed, but no JSON: refused');
is(post_event('{"id":"evt_t","object":"event","type":"\u00fcml\u00e4ut"}')->{status}, 400, 'signed, but of no type that can be: refused');
is($site->sql("SELECT COUNT(*) FROM processor_event WHERE id = 'evt_forged'"), 0, 'nothing of it is stored');
my $secrets = slurp("$processor->{dir}/hook-secret");
spew("$processor->{dir}/hook-secret", "whsec_new\n$secrets\n");
is(post_event('{"id":"evt_new","object":"event","type":"x"}', secret => 'whsec_new')->{status}, 200, 'two secrets while they are changed: the new');
is(post_event('{"id":"evt_old","object":"event","type":"x"}', secret => $secrets)->{status}, 200, '... and the old');

# --- the books ---

ok(eval { $site->ctl('ledger', 'check'); 1 }, 'the ledger balances') or diag $@;
is($site->sql('SELECT COUNT(*) - MAX(receipt) FROM purchase WHERE receipt IS NOT NULL'), 0, 'receipts are numbered without gaps');
$page = $bob->get('/credits');
like($page->{content}, qr/Bought.*Large/s, 'the account book shows what was bought');
like($page->{content}, qr/Paid back/, '... and what went back');
my $csv = $bob->get('/credits.csv');
like($csv->{headers}{'content-type'}, qr{text/csv}, 'as CSV, too');
my $sum = 0;
$sum += (split /,/)[3] for grep { /^\d{4}-/ } split /\r\n/, $csv->{content};
is($sum, credits($bob), '... which adds up to what is there');

# --- the processor is away ---

$processor->{process}->stop;
$page = $ada->get('/pricing');
my ($form) = grep { ($_->{fields}{plan} // '') eq 'small' } Gempix::Client::forms($page);
my $answer = $ada->post($form->{action}, $form->{fields});
is($answer->{status}, 503, 'without the processor nothing can be bought now');
like($answer->{content}, qr/payment service cannot be reached/, '... which is said');
done_testing;

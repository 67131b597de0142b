#!/usr/bin/perl
# From one monthly plan to another: asked for on the credits page, begun by the next invoice, granted as it was sold in whatever
# order messages come, and taken back until then.
use Gempix::Test;
use HTTP::Tiny ();
use JSON::PP ();
use List::Util qw(shuffle);

skip_all_without(qw(nginx mariadbd));
require Gempix::Payment;
require Gempix::Pages;
my $processor = Gempix::Payment->new;
my $site = site(parts => [qw(database app nginx)], conf => { $processor->conf, 'credits.welcome' => 0 });
$site->{processor} = $processor;

my %told;
sub fresh
{
    return map { $_->{id} } grep { !$told{$_->{id}}++ } $processor->events;
}

sub deliver
{
    for my $id (@_) {
        my $body = $processor->body($id);
        my $answer = HTTP::Tiny->new->post($site->url . '/webhooks/payment', { content => $body, headers => { 'content-type' => 'application/json', 'stripe-signature' => $processor->signature($body) } });
        is($answer->{status}, 200, 'a message is taken') if $answer->{status} != 200;
    }
    return;
}

sub credits
{
    my ($client) = @_;
    return join '', $site->sql("SELECT available FROM balance JOIN account ON id = account_id WHERE email = '$client->{email}'");
}

sub plan_of
{
    my ($client) = @_;
    return $site->sql("SELECT CONCAT_WS(' ', s.plan, s.credits, s.price, COALESCE(s.next_price, '-')) FROM subscription s JOIN account a ON a.id = s.account_id WHERE email = '$client->{email}'");
}

sub of
{
    my ($client) = @_;
    return $site->sql("SELECT processor_id FROM subscription s JOIN account a ON a.id = s.account_id WHERE email = '$client->{email}'");
}

sub months
{
    my ($client) = @_;
    return join ' ', $site->sql("SELECT CONCAT(p.plan, ':', p.credits, ':', p.amount) FROM purchase p JOIN account a ON a.id = p.account_id WHERE email = '$client->{email}' AND p.state = 'paid' ORDER BY p.id");
}

sub subscriber
{
    my ($plan) = @_;
    my $member = $site->member(credits => 0);
    Gempix::Pages::buy($site, $member, $plan);
    deliver(fresh());
    return $member;
}

sub choice
{
    my ($client, $plan) = @_;
    my ($form) = grep { $_->{action} =~ m{/change\z} && $_->{fields}{plan} eq $plan } Gempix::Client::forms($client->get('/credits'));
    return $form;
}

sub change
{
    my ($client, $plan) = @_;
    my $form = choice($client, $plan) or return ok(0, "a button for $plan");
    my $answer = $client->post($form->{action}, $form->{fields});
    is($answer->{status}, 303, "a click on $plan") or diag $answer->{content}, $site->logs(8);
    is($client->post($form->{action}, $form->{fields})->{status}, 303, '... and a second one');
    return $client->follow($answer)->{content};
}

# --- there, and back ---

my $ada = subscriber('club');
is(plan_of($ada), 'club 300 price_club -', 'a plan knows its price');
my $page = $ada->get('/credits')->{content};
like($page, qr/Change the plan.*Another plan begins on .*Change to Studio.*2,000 credits every month for 49\.00/s, 'the page offers the other plan, with its price and day');
unlike($page, qr/Change to Club|Change to Small/, '... not its own, and no packs');
like(change($ada, 'studio'), qr/Your monthly plan changes with its next month.*From .* on it is <b>Studio<\/b>: 2,000 credits every month for 49\.00.*Keep Club/s, 'the page says what begins when, and offers the way back');
is(plan_of($ada), 'club 300 price_club price_studio', '... before any message came');
is(credits($ada), 300, 'nothing is granted yet');
is($site->sql("SELECT COUNT(*) FROM mail_outbox WHERE subject = 'Your monthly plan changes: Studio'"), 1, 'one letter confirms it');
deliver(shuffle(fresh()));
is(plan_of($ada), 'club 300 price_club price_studio', 'its messages change nothing');
like(change($ada, 'club'), qr/Your monthly plan goes on.*Active\. It renews on/s, 'taken back');
is(plan_of($ada), 'club 300 price_club -', '... it stays what it was');
$processor->told('month', subscription => of($ada), pay => 1);
deliver(fresh());
is(months($ada), 'club:300:900 club:300:900', 'the next month is as ever');

# --- it begins ---

change($ada, 'studio');
$processor->told('month', subscription => of($ada), pay => 1);
my @new = fresh();
deliver(reverse(@new), @new);
is(months($ada), 'club:300:900 club:300:900 studio:2000:4900', 'the next invoice is the other plan\'s, from messages in reverse and doubled');
is(plan_of($ada), 'studio 2000 price_studio -', '... which is the plan now');
is(credits($ada), 2600, '... with its credits');
like($ada->get('/credits')->{content}, qr/<b>Studio<\/b>: 2,000 credits every month for 49\.00.*Change to Club/s, '... as the page says');
is($site->sql('SELECT COUNT(*) FROM purchase p JOIN account a ON a.id = p.account_id WHERE email = "' . $ada->{email} . '" AND p.expires_at IS NOT NULL'), 2, 'its credits stay; those of the former months expire');

# --- months of both, told late and in any order ---

my $bob = subscriber('studio');
$processor->told('month', subscription => of($bob), pay => 1);
my @late = fresh();
change($bob, 'club');
$processor->told('month', subscription => of($bob), pay => 1);
deliver(fresh());
is(plan_of($bob), 'club 300 price_club -', 'the newest month is the smaller plan\'s');
deliver(shuffle(@late));
is(plan_of($bob), 'club 300 price_club -', 'an older one that comes late does not change that');
is(join(' ', sort split / /, months($bob)), 'club:300:900 studio:2000:4900 studio:2000:4900', '... and is granted as it was sold');

# --- what the configuration says later ---

my $cid = subscriber('club');
change($cid, 'studio');
my $plans = slurp("$processor->{dir}/plans.yaml");
Gempix::Test::spew("$processor->{dir}/plans.yaml", $plans =~ s/credits: 2000/credits: 1500/r);
$processor->told('month', subscription => of($cid), pay => 1);
deliver(fresh());
is(months($cid), 'club:300:900 studio:2000:4900', 'what was offered counts, also when the plan brings less meanwhile');
Gempix::Test::spew("$processor->{dir}/plans.yaml", $plans);

# --- messages lost; nobody's business; what cannot be ---

my $dan = subscriber('club');
my $form = choice($dan, 'studio');
$processor->told('mode', away => 1);
is($dan->post($form->{action}, $form->{fields})->{status}, 503, 'the processor is away: in a moment again');
is(plan_of($dan), 'club 300 price_club -', '... nothing has changed');
$processor->told('mode');
is($dan->post($form->{action}, $form->{fields})->{status}, 303, '... the same form works then');
fresh();
is(plan_of($dan), 'club 300 price_club price_studio', '... without a message');
my $stranger = $site->member(credits => 0);
my ($csrf) = $stranger->get('/account')->{content} =~ /name="csrf" value="([^"]+)"/;
is($stranger->post($form->{action}, { %{$form->{fields}}, csrf => $csrf })->{status}, 404, 'nobody else can change it');
for my $bad (['small', 409, 'a pack'], ['nothing', 409, 'a plan that is not there'], ['', 400, 'no plan']) {
    is($dan->post($form->{action}, { %{$form->{fields}}, plan => $bad->[0] })->{status}, $bad->[1], "$bad->[2] is refused");
}
my ($end) = grep { $_->{action} =~ m{/end\z} } Gempix::Client::forms($dan->get('/credits'));
$dan->post($end->{action}, $end->{fields});
ok(!choice($dan, 'club'), 'a plan that ends offers no change');
is($dan->post($form->{action}, { %{$form->{fields}}, plan => 'club' })->{status}, 409, '... and takes none');

# --- changed at the processor itself ---

my $eve = subscriber('club');
my ($item) = JSON::PP::decode_json(HTTP::Tiny->new->get($processor->url . '/v1/subscriptions/' . of($eve), { headers => {
    authorization => 'Bearer ' . slurp("$processor->{dir}/key"), 'stripe-version' => '2024-06-20' } })->{content})->{items}{data}[0]{id};
sub post_there
{
    my (%fields) = @_;
    my $answer = $processor->{http}->post_form($processor->url . '/v1/subscriptions/' . of($eve), \%fields, { headers => {
        authorization => 'Bearer ' . slurp("$processor->{dir}/key"), 'stripe-version' => '2024-06-20' } });
    return "$answer->{status} " . (JSON::PP::decode_json($answer->{content})->{error}{message} // '');
}
like(post_there('items[0][id]' => 'si_other', 'items[0][price]' => 'price_studio'), qr/^400 Invalid subscription item/, 'the processor knows its items');
like(post_there('items[0][id]' => $item, 'items[0][price]' => 'price_small', proration_behavior => 'none'), qr/^400 .*recurring/, '... takes monthly prices alone');
like(post_there('items[0][id]' => $item, 'items[0][price]' => 'price_x', proration_behavior => 'none'), qr/^400 No such price/, '... that are there');
like(post_there('items[0][id]' => $item, 'items[0][price]' => 'price_studio', proration_behavior => 'some'), qr/^400 Invalid proration_behavior/, '... and known wishes');
is(post_there('items[0][id]' => $item, 'items[0][price]' => 'price_studio', proration_behavior => 'none'), '200 ', 'the operator changes it there');
deliver(fresh());
like($eve->get('/credits')->{content}, qr/Active\. It renews on/, 'the page does not know what it brings');
$processor->told('month', subscription => of($eve), pay => 1);
deliver(fresh());
is(months($eve), 'club:300:900', 'what was never offered here grants nothing');
like(($site->sql("SELECT error FROM processor_event WHERE state = 'failed' LIMIT 1"))[0], qr/nothing was offered at price_studio/, '... and somebody is to look');
ok(eval { $site->ctl('ledger', 'check'); 1 }, 'the ledger balances') or diag $@;
done_testing;

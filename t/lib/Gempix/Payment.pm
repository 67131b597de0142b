# The simulated payment processor (t/payment/simulator) beside a test's site, and what it can be told.
#
#   my $processor = Gempix::Payment->new;                     # started
#   my $site = site(conf => { $processor->conf });            # the site's keys for it
#   $processor->hook($site->url . '/webhooks/payment');       # now it knows where to send
package Gempix::Payment;

use strict;
use warnings;

use Digest::SHA qw(hmac_sha256_hex);
use HTTP::Tiny ();
use JSON::PP ();
use Time::HiRes qw(sleep);

use Gempix::Process;
use Gempix::Test ();

my @PLANS = (['small', 'Small', 100, 500], ['large', 'Large', 1000, 4000], ['club', 'Club', 300, 900, 'month'], ['studio', 'Studio', 2000, 4900, 'never']);

sub new
{
    my ($class, %o) = @_;
    my $dir = Gempix::Test::tempdir();
    my $self = bless { dir => $dir, http => HTTP::Tiny->new(timeout => 10, max_redirect => 0) }, $class;

    Gempix::Test::spew("$dir/plans.yaml", "currency: eur\nplans:\n" . join '', map {
        "  $_->[0]:\n    name: $_->[1]\n    credits: $_->[2]\n    amount: $_->[3]\n    price: price_$_->[0]\n"
            . ($_->[4] ? "    kind: monthly\n    expires: $_->[4]\n" : '')
    } @PLANS);
    # The site's address is known only when it runs; until then messages are kept back.
    $self->{port} = Gempix::Test::free_port();
    $self->_start($o{hook} // '');
    return $self;
}

sub _start
{
    my ($self, $hook) = @_;
    unlink "$self->{dir}/port";
    my @prices = map { ('--price', "price_$_->[0]=$_->[3]:eur" . ($_->[4] ? ':month' : '')) } @PLANS;
    $self->{process} = Gempix::Process->start(
        name => 'simulator', log => "$self->{dir}/log",
        command => ['/usr/bin/perl', Gempix::Test::source() . '/t/payment/simulator', '--dir', "$self->{dir}", '--port', $self->{port}, '--hook', $hook, @prices],
    );
    Gempix::Test::wait_until(10, 'the payment simulator', sub { -e "$self->{dir}/port" });
    return;
}

# Starts it anew with an address for its messages; what it knew is gone, its keys are new.
sub hook
{
    my ($self, $url) = @_;
    $self->{process}->stop;
    $self->_start($url);
    return $self;
}

sub url
{
    my ($self) = @_;
    return "http://127.0.0.1:$self->{port}";
}

sub conf
{
    my ($self) = @_;
    return (
        'billing.plans' => "$self->{dir}/plans.yaml", 'billing.key_file' => "$self->{dir}/key",
        'billing.webhook_secret_file' => "$self->{dir}/hook-secret", 'billing.api' => $self->url, 'billing.checkout' => $self->url,
        'billing.seller' => 'Example Pictures|1 Quiet Street|VAT XX123',
    );
}

# Does something on a payment page ("pay", "decline", "later", "leave", "expire"); where it leads.
sub at_page
{
    my ($self, $url, $what) = @_;
    my $answer = $self->{http}->post_form($url, { what => $what });
    return $answer->{headers}{location} // $answer->{content};
}

# Controls: told('refund', payment => ..., amount => 100).
sub told
{
    my ($self, $what, %p) = @_;
    my $answer = $self->{http}->post($self->url . "/_/$what?" . $self->{http}->www_form_urlencode(\%p));
    die "simulator: $what: $answer->{status} $answer->{content}" if !$answer->{success};
    return $self;
}

# Sessions and payments that it is to know, and the seed of what it does by chance.
sub load
{
    my ($self, $seed, $all) = @_;
    Gempix::Test::spew("$self->{dir}/load.json", JSON::PP::encode_json($all));
    return $self->told('load', file => "$self->{dir}/load.json", seed => $seed);
}

sub payments
{
    my ($self) = @_;
    return JSON::PP::decode_json($self->{http}->post($self->url . '/_/payments')->{content});
}

sub refunds
{
    my ($self) = @_;
    return @{JSON::PP::decode_json($self->{http}->get($self->url . '/_/refunds')->{content})};
}

sub events
{
    my ($self) = @_;
    return @{JSON::PP::decode_json($self->{http}->get($self->url . '/_/events')->{content})};
}

# An event as it would be sent.
sub body
{
    my ($self, $id) = @_;
    return $self->{http}->get($self->url . "/_/event?id=$id")->{content};
}

# The header of a message, as the processor signs; secret and time may be others.
sub signature
{
    my ($self, $body, %o) = @_;
    my $secret = $o{secret} // Gempix::Test::slurp("$self->{dir}/hook-secret");
    my $time = $o{time} // time;
    return "t=$time,v1=" . hmac_sha256_hex("$time.$body", $secret);
}

1;

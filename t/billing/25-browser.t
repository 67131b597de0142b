#!/usr/bin/perl
# From the prices to credits and back, as a person walks it, in a real browser: a pack is bought, its money asked back; a
# monthly plan is begun, changed and ended. Screenshots of each station land in the build folder, t/screenshots.
use Gempix::Test;

skip_all_without(qw(nginx mariadbd chromium chromedriver));
require Gempix::Browser;
require Gempix::Payment;
my $processor = Gempix::Payment->new;
my $site = site(parts => [qw(database app nginx)], conf => { $processor->conf, 'credits.welcome' => 0 });
$processor->hook($site->url . '/webhooks/payment');
my $shots = build() . '/t/screenshots';
mkdir $shots;

my $browser = Gempix::Browser->new(url => $site->url);
my @looks = (['desktop', 1280, 900, 0], ['desktop-dark', 1280, 900, 1], ['phone', 390, 844, 0], ['phone-dark', 390, 844, 1]);

# In every look where GEMPIX_LOOKS is set, for a person who wants to see them all; else on a desktop.
sub shoot
{
    my ($name) = @_;
    for my $look ($ENV{GEMPIX_LOOKS} ? @looks : $looks[0]) {
        my ($which, $width, $height, $dark) = @$look;
        $browser->look(width => $width, height => $height, dark => $dark, still => 1);
        $browser->screenshot("$shots/pay-$name-$which.png", whole => 1);
    }
    $browser->look(width => 1280, height => 900, dark => 0, still => 1);
    my @complaints = $browser->complaints;
    is(scalar @complaints, 0, "$name: nothing to complain about") or diag join "\n", @complaints;
    return;
}

# Presses the button that says so.
sub press_button
{
    my ($words) = @_;
    my $found = $browser->script('const b = [...document.querySelectorAll("button, summary")].find((b) => b.textContent.trim().startsWith(arguments[0])); if (b) b.id ||= "pressed-" + document.querySelectorAll("[id^=pressed-]").length; return b ? b.id : null;', $words);
    ok($found, "there is a button \"$words\"") or return;
    $browser->click("#$found");
    return;
}

sub sees
{
    my ($pattern, $what) = @_;
    eval { $browser->wait_for(15, $what, sub { $browser->text('main') =~ $pattern }) };
    like($browser->text('main'), $pattern, $what);
    return;
}

# --- a pack, and its money back ---

my $member = $site->member(credits => 0);
$browser->go('/')->become($member);
$browser->go('/pricing');
$browser->click('.consent-answers button') if $browser->has('.consent-answers');
$browser->go('/pricing');
sees(qr/Once.*Small.*100.*5\.00/s, 'the prices');
shoot('1-prices');
press_button('Buy Small');
$browser->wait_for(10, 'the payment page', sub { $browser->has('button[value=pay]') });
press_button('Pay with a card that is declined');
$browser->wait_for(10, 'the answer', sub { $browser->has('[role=alert]') });
press_button('Pay 5.00');
sees(qr/Receipt 1.*100 credits are on your account/s, 'paid: the receipt');
shoot('2-receipt');
like($browser->text('#credits'), qr/100/, 'the credits stand at the top');
press_button('Give 100 credits back for 5.00');
sees(qr/Paid back.*5\.00/s, 'given back: the receipt says so');
shoot('3-back');
like($browser->text('#credits'), qr/\b0/, '... and the credits are gone');
$browser->go('/credits');
sees(qr/Set aside for a refund.*100.*Bought.*Small/s, 'every movement stands in the account book');
shoot('4-book');

# --- a monthly plan, changed and ended ---

$browser->go('/pricing');
press_button('Subscribe to Club');
$browser->wait_for(10, 'the payment page', sub { $browser->has('button[value=pay]') });
press_button('Subscribe for 9.00');
sees(qr/300 credits are on your account/, 'subscribed');
shoot('5-subscribed');
$browser->go('/credits');
press_button('Change the plan');
shoot('6-change');
press_button('Change to Studio');
sees(qr/From .* on it is Studio: 2,000 credits/, 'it changes with its next month');
shoot('7-changed');
press_button('End it with this month');
sees(qr/It ends on .* Nothing will be charged/, '... or ends');
shoot('8-ends');
done_testing;

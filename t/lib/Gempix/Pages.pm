# Every page that a person can see, in one list: what the screenshots, the accessibility test and the weight test walk
# through. Whoever adds a page adds a line here. Knows no browser.
#
#   my $site = Gempix::Pages::site(qw(render));   # one that sells credits, so that every page is there
#   my $pages = Gempix::Pages->new($site);     # makes a member, two pictures and an unfinished job: seconds
#   my $pages = Gempix::Pages->new($site, guest => 1);    # only what strangers see: no time at all
#   for my $page ($pages->all) { … }           # { name, path, who ('guest', 'member', 'leaver' or 'staff'), click (CSS) or undef }
package Gempix::Pages;

use strict;
use warnings;

use File::Copy qw(copy);

use Gempix::Test ();

# name, who sees it, path ({job}, {picture}, {shown}: of the member's first job), and perhaps what is clicked there first.
my @PAGES = (
    ['home', 'guest', '/'],
    ['pricing', 'guest', '/pricing'],
    ['about', 'guest', '/about'],
    ['terms', 'guest', '/terms'],
    ['contact', 'guest', '/contact'],
    ['support', 'guest', '/support'],
    ['support-wrong', 'guest', '/support', 'form[action="/support"] [type=submit]'],
    ['support-pictures', 'guest', '/support?about=picture', 'details.more > summary'],
    ['ticket-gone', 'guest', '/support/ticket?token=nothing'],
    ['rights', 'guest', '/privacy/request'],
    ['rights-wrong', 'guest', '/privacy/request', 'form[action="/privacy/request"] [type=submit]'],
    ['rights-over', 'guest', '/privacy/request/state?token=nothing'],
    ['privacy', 'guest', '/privacy'],
    ['cookies', 'guest', '/privacy/cookies'],
    ['privacy-choices', 'guest', '/privacy/choices'],
    ['processors', 'guest', '/privacy/processors'],
    ['policy-versions', 'guest', '/privacy/versions'],
    ['policy-version', 'guest', '/privacy/version?date=2026-11-23'],
    ['receipt', 'guest', '/privacy/receipt'],
    ['receipt-wrong', 'guest', '/privacy/receipt', 'form[action="/privacy/receipt"] [type=submit]'],
    ['signin', 'guest', '/signin'],
    ['signup', 'guest', '/signup'],
    ['signup-wrong', 'guest', '/signup', 'form[action^="/signup"] [type=submit]'],
    ['move-stale', 'guest', '/move?token=nothing'],
    ['reset-stale', 'guest', '/reset?token=nothing'],
    ['explore-empty', 'guest', '/explore'],
    ['forgotten', 'guest', '/forgotten'],
    ['forgotten-wrong', 'guest', '/forgotten', 'form[action="/forgotten"] [type=submit]'],
    ['link-over', 'guest', '/confirm'],
    ['not-found', 'guest', '/no/such/page'],
    ['home-member', 'member', '/'],
    ['pricing-member', 'member', '/pricing'],
    ['purchase', 'member', '{purchase}'],
    ['subscription', 'member', '{subscription}'],
    ['create', 'member', '/create'],
    ['create-more', 'member', '/create', '.more > summary'],
    ['create-picture', 'member', '/create/picture'],
    ['create-edit', 'member', '/create/edit'],
    ['create-cleanup', 'member', '/create/cleanup'],
    ['job-done', 'member', '{job}'],
    ['picture', 'member', '{picture}'],
    ['picture-dialog', 'member', '{picture}', '#delete'],
    ['delete', 'member', '{picture}/delete'],
    ['pictures', 'member', '/pictures'],
    ['credits', 'member', '/credits'],
    ['pictures-filters', 'member', '/pictures', '.filters summary'],
    ['pictures-none', 'member', '/pictures?q=zeppelin'],
    ['publish', 'member', '{picture}/publish'],
    ['explore', 'member', '/explore'],
    ['shown', 'member', '{shown}'],
    ['rights-member', 'member', '/privacy/request'],
    ['rights-own', 'member', '{asked}'],
    ['tickets', 'member', '/support/tickets'],
    ['ticket', 'member', '{ticket}'],
    ['report', 'member', '{shown}/report'],
    ['report-wrong', 'member', '{shown}/report', 'form[action$="/report"] [type=submit]'],
    ['menu', 'member', '/pictures', '.menu > summary'],
    ['privacy-centre', 'member', '/privacy/centre'],
    ['account', 'member', '/account'],
    ['second', 'member', '/account/second'],
    ['copy-ready', 'member', '/account/copy'],
    ['copy-fetch', 'member', '{copy}'],
    ['erase', 'member', '/account/delete'],
    ['account-wrong', 'member', '/account', 'form[action="/account/password"] [type=submit]'],
    ['job-waiting', 'member', '{waiting}'],
    ['leaving', 'leaver', '/account/leaving'],
    ['copy', 'staff', '/account/copy'],
    ['copy-wrong', 'staff', '/account/copy', 'form[action="/account/copy"] [type=submit]'],
    ['admin', 'staff', '/admin'],
    ['admin-accounts', 'staff', '/admin/accounts'],
    ['admin-account', 'staff', '{person}'],
    ['admin-account-wrong', 'staff', '{person}', 'form[action$="/restrict"] [type=submit]'],
    ['admin-jobs', 'staff', '/admin/jobs'],
    ['admin-job', 'staff', '/admin{job}'],
    ['admin-reports', 'staff', '/admin/reports'],
    ['admin-report', 'staff', '{case}'],
    ['admin-flags', 'staff', '/admin/flags'],
    ['admin-requests', 'staff', '/admin/requests'],
    ['admin-request', 'staff', '{request}'],
    ['admin-erasures', 'staff', '/admin/deletions'],
    ['admin-tickets', 'staff', '/admin/tickets?state=waiting'],
    ['admin-ticket', 'staff', '{question}'],
    ['admin-purchases', 'staff', '/admin/purchases'],
    ['admin-books', 'staff', '/admin/books'],
    ['admin-purchase', 'staff', '/admin{purchase}'],
    ['admin-record', 'staff', '/admin/record'],
    ['admin-audit', 'staff', '/admin/audit'],
);

# A site with a simulated payment processor; parts beside database, application and nginx, then configuration as a hash.
sub site
{
    my (@parts) = @_;
    my %conf = ref $parts[-1] ? %{pop @parts} : ();
    require Gempix::Payment;
    my $processor = Gempix::Payment->new;
    my $site = Gempix::Test::site(parts => [qw(database app nginx), @parts], conf => { $processor->conf, %conf });
    $processor->hook($site->url . '/webhooks/payment');
    $site->{processor} = $processor;
    return $site;
}

# Buys a plan, the small one unless told otherwise; the page that the payment leads to.
sub buy
{
    my ($site, $member, $plan) = @_;
    $plan //= 'small';
    my ($form) = grep { ($_->{fields}{plan} // '') eq $plan } Gempix::Client::forms($member->get('/pricing'));
    my $pay = $member->post($form->{action}, $form->{fields})->{headers}{location};
    my $back = $site->{processor}->at_page($pay, 'pay') =~ s/\A\Q@{[$site->url]}\E//r;
    $member->get($back);
    return $back;
}

# The site needs the parts database, app, nginx and render; the daemon is stopped here, so that one job stays unfinished.
sub new
{
    my ($class, $site, %o) = @_;
    return bless { site => $site, guest => 1 }, $class if $o{guest};
    my $member = $site->member(credits => 500);
    my $self = bless { site => $site, member => $member }, $class;
    my ($support, $rights, $asked) = ($member->get('/support'), $member->get('/privacy/request'), time);

    my @jobs = map { $site->order($member, prompt => $_->[0], steps => 12, images => $_->[1]) }
        ['a red sun over a blue sea', 2], ['a white house on a green hill', 1];
    $site->wait_job($member, $_, 120) for @jobs;
    $site->stop('render');
    my ($picture) = $site->pictures($member, $jobs[0]);
    $member->submit($member->get("$picture/publish"), qr/publish/, { show_name => 1, show_prompt => 1 });
    my ($shown) = $member->get('/explore')->{content} =~ m{"(/explore/\w{26})"};
    $member->submit($member->get('/account'), qr{/account/second/begin}, { password => 'a quiet lighthouse' });
    sleep 1 while time < $asked + 3; # sooner, it would be a program's work
    my $ticket = $member->submit($support, qr{/support}, { kind => 'problem', words => "The big button does nothing.\n\nI pressed it twice.",
        picture1 => ['button.png', Gempix::Test::slurp(Gempix::Test::source() . '/app/static/icon-192.png')] })
        ->{headers}{location};
    $site->ctl('tickets', 'answer', $ticket =~ /(\w{26})/, { stdin => "Thank you for telling us. It is mended now: please press it once more.\n" });
    $self->{place} = { ticket => $ticket, job => $jobs[0], picture => $picture, shown => $shown, purchase => buy($site, $member),
        subscription => buy($site, $member, 'club'),
        asked => $member->submit($rights, qr{/privacy/request}, { kind => 'access', words => 'What do you know of me?', password => 'a quiet lighthouse' })->{headers}{location},
        waiting => $site->order($member, steps => 20) };
    $member->submit($member->get('/account/copy'), qr{/account/copy}, { password => 'a quiet lighthouse' });
    $site->run([$site->program('gempix-steward'), '-c', $site->config('steward'), 'copies']);
    ($self->{place}{copy}) = $site->sql("SELECT body FROM mail_outbox WHERE mail_key LIKE 'link:copy:%'") =~ m{(/account/copy/fetch\S{50})};
    my $guest = $site->client;
    $guest->submit($guest->get("$shown/report"), qr/report/, { reason => 'rights', note => 'This is my photograph.' });
    $self->{place}{case} = $shown =~ s{/explore}{/admin/reports}r;
    $self->{place}{request} = $self->{place}{asked} =~ s{\A.*/privacy}{/admin}r;
    $self->{place}{question} = '/admin/tickets/' . ($ticket =~ /(\w{26})/)[0];
    my $staff = $self->{staff} = $site->staff('owner');
    $self->{place}{person} = path($staff->submit($staff->get('/admin/accounts'), qr{/admin/accounts}, { email => $member->{email} }));
    $site->sql("INSERT INTO flag (kind, account_id, about, mark, created_at)
        SELECT 'burst', id, '240 jobs in an hour', 'page', 1700000000000000 FROM account WHERE email = '$member->{email}'");
    my $leaver = $self->{leaver} = $site->member(email => 'leaver@example.org');
    $site->ctl('erase', 'leaver@example.org');
    $leaver->submit($leaver->get('/signin'), qr{/signin}, { email => 'leaver@example.org', password => 'a quiet lighthouse' });
    return $self;
}

# The signed-in member's client, with its cookies.
sub member
{
    return $_[0]{member};
}

# The client of whoever sees a page: 'member', 'leaver' (asked to be erased) or 'staff'.
sub visitor
{
    return $_[0]{$_[1]};
}

# Where an answer leads.
sub path
{
    return $_[0]{headers}{location} =~ s{\Ahttps?://[^/]+}{}r;
}

# The paths as they stand in the list, with examples for what is filled in.
sub paths
{
    my %example = (job => '/jobs/x', waiting => '/jobs/y', picture => '/pictures/x', shown => '/explore/x', purchase => '/purchases/x',
        subscription => '/subscriptions/x', ticket => '/support/tickets/x', asked => '/privacy/requests/x', person => '/admin/accounts/x',
        case => '/admin/reports/x', copy => '/account/copy/fetch?token=x', question => '/admin/tickets/x', request => '/admin/requests/x');
    return map { $_->[2] =~ s/\{(\w+)\}/$example{$1} || "{$1}"/er } @PAGES;
}

sub all
{
    my ($self) = @_;
    return map {
        my ($name, $who, $path, $click) = @$_;
        { name => $name, who => $who, click => $click, path => $path =~ s/\{(\w+)\}/$self->{place}{$1}/r };
    } grep { !$self->{guest} || $_->[1] eq 'guest' } @PAGES;
}

# A site of its own that shows every part of the stylesheet (t/data/sheet.mustache) at /about.
sub sheet
{
    my $source = Gempix::Test::source();
    my $folder = Gempix::Test::tempdir();
    copy($_, "$folder") or die "$_: $!" for glob "$source/app/templates/*.mustache";
    my $sheet = Gempix::Test::slurp("$source/t/data/sheet.mustache");
    my @icons = Gempix::Test::slurp("$source/app/static/icons.svg") =~ /<symbol id="([\w-]+)"/g;
    my $icons = join "\n", map { "<li class=\"badge badge-plain\"><svg class=\"icon\" aria-hidden=\"true\"><use href=\"{{icons}}#$_\"></use></svg> $_</li>" } @icons;
    Gempix::Test::spew("$folder/about.mustache", $sheet =~ s/^ICONS$/$icons/mr);
    my $site = Gempix::Test::site(parts => [qw(database app nginx)], conf => { 'app.templates' => "$folder" });
    $site->{sheet} = $folder;
    return $site;
}

1;

#!/usr/bin/perl
# Accounts in the administration: every look stands in the audit log before it is shown, and without the log nothing is
# shown. A restricted account can neither make nor publish, knows why, and gets a letter.
use Gempix::Test;

skip_all_without(qw(nginx mariadbd));
my $site = site(parts => [qw(database app nginx)]);
my $eve = $site->member(email => 'eve@example.org');
my $moderator = $site->staff('moderator');
my $owner = $site->staff('owner');
my $support = $site->staff('support');

# The newest row: "who action subject reason".
sub newest
{
    my ($line) = $site->ctl(qw(audit list --count 1));
    return $line =~ s/\s+/ /gr =~ s/\A \d+ \S+ //r;
}

sub rows
{
    return $site->sql('SELECT COUNT(*) FROM audit_event');
}

# --- the search ---

my $page = $moderator->get('/admin/accounts');
my $r = $moderator->submit($page, qr{/admin/accounts}, { email => 'nobody@example.org' });
like($r->{content}, qr/No account has this address/, 'an unknown address');
like(newest(), qr/account\.search/, '... stands in the log');
unlike(newest(), qr/nobody/, '... without the address');
is($moderator->submit($page, qr{/admin/accounts}, { email => '' })->{status}, 422, 'an address is needed');
like($moderator->submit($page, qr{/admin/accounts}, { email => 'eve@exam' })->{content}, qr/No account/, 'a part of one finds nothing');
$r = $moderator->submit($page, qr{/admin/accounts}, { email => ' EVE@example.org' });
is($r->{status}, 303, 'the whole one leads to the account') or diag $r->{content}, $site->logs(10);
my $path = $r->{headers}{location} =~ s{\Ahttps?://[^/]+}{}r;
my ($id) = $path =~ m{(\w{26})\z};

# --- the look ---

my $before = rows();
$page = $moderator->get($path);
like($page->{content}, qr/eve\@example\.org/, 'the account');
like($page->{content}, qr/1[02]0 available/, '... its credits');
is(rows(), $before + 1, 'one look, one row');
like(newest(), qr/^\S+ account\.look account $id $/, '... of this look');
$site->sql('RENAME TABLE audit_event TO audit_away');
$r = $moderator->get($path);
is($r->{status}, 500, 'when the log cannot be written');
unlike($r->{content}, qr/eve\@example/, '... nothing is shown');
$r = $moderator->submit($page, qr{/restrict}, { reason => 'no log' });
is($r->{status}, 500, '... and nothing is done');
$site->sql('RENAME TABLE audit_away TO audit_event');
is($site->sql('SELECT COUNT(*) FROM account WHERE restricted_at IS NOT NULL'), 0, '... nothing');
is($site->sql("SELECT COUNT(*) FROM mail_outbox WHERE mail_key LIKE 'restricted%'"), 0, '... no letter either');
unlike($support->get($path)->{content}, qr{/restrict"}, 'who may not restrict sees no form for it');

# --- the restriction ---

my $form = $eve->get('/create');
my ($objection, $seen) = ($eve->get('/support?about=appeal'), time);
is($moderator->submit($page, qr{/restrict}, { reason => '' })->{status}, 422, 'a reason is needed');
$r = $moderator->submit($page, qr{/restrict}, { reason => 'Spam & <b>floods</b>' });
is($r->{status}, 303, 'restricted') or diag $r->{content};
like(newest(), qr/account\.restrict account $id Spam & <b>floods/, '... with the reason, in the log');
$page = $moderator->follow($r);
like($page->{content}, qr/Spam &amp; &lt;b&gt;floods/, '... and on the page');
$r = $eve->get('/create');
like($r->{content}, qr/Your account is restricted.*Spam &amp; &lt;b&gt;floods.*about=appeal/s, 'the member reads why, and how to object');
$before = $site->sql('SELECT COUNT(*) FROM job');
$r = $eve->submit($form, qr{/create}, { prompt => 'a red sun', steps => 4 });
is($r->{status}, 403, 'it makes no job');
is($site->sql('SELECT COUNT(*) FROM job'), $before, '... none at all');
is($eve->post('/pictures/0000000000000000000000000z/publish', {})->{status}, 403, 'it publishes nothing');
is($eve->get('/pictures')->{status}, 200, 'its pictures can be seen');
like($site->sql("SELECT CONCAT(recipient, body) FROM mail_outbox WHERE mail_key LIKE 'restricted%'"), qr{eve\@example\.org.*Spam & <b>floods.*/support\?about=appeal}s, 'a letter says why');
is($moderator->post($path . '/restrict', { reason => 'again', csrf => 'x' })->{status}, 403, 'nobody is restricted by a forged form');
like($objection->{content}, qr{value="appeal" selected}, 'objecting is chosen in the form that the notice leads to');
sleep 1 while time < $seen + 3;    # sooner, it would be a program's work
is($eve->submit($objection, qr{/support}, { kind => 'appeal', words => "It was my <i>brother</i>.\nPlease look again." })->{status}, 303, 'the member objects');
like($moderator->get($path)->{content}, qr{What the member says.*It was my &lt;i&gt;brother&lt;/i&gt;\.\nPlease look}s, '... and who may end the restriction reads it beside it');
unlike($support->get($path)->{content}, qr{It was my}, '... others among the questions only');
$r = $moderator->submit($page, qr{/release}, { reason => 'It was a mistake' });
is($r->{status}, 303, 'released');
like(newest(), qr/account\.release account $id It was a mistake/, '... in the log');
unlike($eve->get('/create')->{content}, qr/Your account is restricted/, '... the notice is gone');
is($site->sql("SELECT COUNT(*) FROM mail_outbox WHERE mail_key LIKE 'released%'"), 1, '... a letter');

# --- signing out, and who is safe ---

$page = $support->get($path);
$r = $support->submit($page, qr{/sessions}, { reason => 'asked for by phone' });
is($r->{status}, 303, 'signed out everywhere');
is($eve->get('/account')->{status}, 303, '... the session is over');
like(newest(), qr/account\.sessions account $id asked for by phone/, '... in the log');
$r = $owner->submit($owner->get('/admin/accounts'), qr{/admin/accounts}, { email => 'support@staff.example' });
$page = $owner->follow($r);
unlike($page->{content}, qr{/restrict"}, 'who works for the site is not restricted');

# --- the log's own page ---

$r = $owner->get("/admin/audit?subject=$id&action=account.restrict");
is(() = $r->{content} =~ m{<th scope="row" class="number">\d+</th>}g, 1, 'the log by subject and action');
like($r->{content}, qr/restricted an account.*Spam &amp; &lt;b&gt;/s, '... in words');
like(newest(), qr/audit\.look/, 'reading it stands in it');
$r = $owner->get("/admin/audit?subject=%22%3E%3Cb%3E&action=nonsense&staff=x&before=-1");
is($r->{status}, 200, 'senseless filters show everything');
my ($status, $out) = run([$site->program('gempixctl'), '-c', $site->config('ctl'), qw(audit verify)]);
is($status, 0, 'the chain is whole') or diag $out;

done_testing;

#!/usr/bin/perl
# The page of flags: who sees it, what a decision does, and its rows in the audit log.
use Gempix::Test;

skip_all_without(qw(nginx mariadbd));
my $site = site(parts => [qw(database app nginx)]);
my $now = int(time * 1e6);
my $eve = $site->member(email => 'eve@example.org', credits => 0);
my $moderator = $site->staff('moderator');
my $support = $site->staff('support');
my $id = $site->sql("SELECT id FROM account WHERE email = 'eve\@example.org'");
$site->sql("INSERT INTO flag (kind, account_id, about, mark, created_at)
    VALUES ('burst', $id, '<b>200</b> jobs in an hour', 'a', $now), ('travel', $id, 'signed in from DE, then from JP', 'b', $now + 1)");

sub rows
{
    return join ' ', $site->sql("SELECT CONCAT_WS('|', action, reason) FROM audit_event WHERE action LIKE 'flag.%' OR action IN ('account.restrict', 'account.write') ORDER BY id");
}

is($support->get('/admin/flags')->{status}, 403, 'the support does not see it');
is(rows(), '', '... and nothing is written');
my $page = $moderator->get('/admin/flags');
like($page->{content}, qr{Very many jobs.*&lt;b&gt;200&lt;/b&gt; jobs.*Two continents.*from DE, then from JP}s, 'a moderator does, the oldest first');
unlike($page->{content}, qr/eve\@/, '... without an address');
is(rows(), 'flag.list|', '... by one row');
like($moderator->get('/admin')->{content}, qr{/admin/flags">Flags</a></dt><dd>2</dd>}, 'the dashboard says how many wait');

my ($first, $second) = $page->{content} =~ /name="number" value="(\d+)"/g;
my ($csrf) = $page->{content} =~ /name="csrf" value="([^"]+)"/;
my $r = $moderator->post('/admin/flags/decide', { csrf => $csrf, number => $first, decision => 'nothing', note => '' });
is($r->{status}, 422, 'a decision needs a reason');
like($r->{content}, qr/wrong-why/, '... and says so');
$r = $moderator->post('/admin/flags/decide', { csrf => $csrf, number => $first, decision => 'nothing', note => 'a school class' });
is($r->{status}, 303, 'nothing is done') or diag $r->{content};
is($site->sql("SELECT restricted_at IS NULL FROM account WHERE id = $id"), 1, '... to the account');
like(rows(), qr/flag\.decide\|a school class$/, '... and that is written');
is($moderator->post('/admin/flags/decide', { csrf => $csrf, number => $first, decision => 'nothing', note => 'again' })->{status}, 404, '... once');
$r = $moderator->post('/admin/flags/decide', { csrf => $csrf, number => $second, decision => 'write', note => 'Were you in Japan on Monday?' });
is($r->{status}, 303, 'the member is asked') or diag $r->{content};
is($site->sql("SELECT COUNT(*) FROM mail_outbox WHERE account_id = $id AND body LIKE 'Were you in Japan on Monday?%/support/tickets/%'"), 1, '... by a letter');
like(rows(), qr/account\.write\|[0-9a-z]{26}$/, '... and that is written, without the words');
$page = $moderator->get('/admin/flags');
like($page->{content}, qr{number" value="$second".*Written to</dt><dd>\d}s, '... the flag stays and says so');
$r = $moderator->post('/admin/flags/decide', { csrf => $csrf, number => $second, decision => 'write', note => 'Were you in Japan on Monday?' });
is($r->{status}, 409, '... the same words go once');
my $asked = $eve->get($eve->get('/support/tickets')->{content} =~ m{"(/support/tickets/\w+)"});
like($asked->{content}, qr{Were you in Japan}, '... and the member reads them among the questions');
is($eve->submit($asked, qr{/support/tickets/\w+\z}, { words => 'Yes, on holiday.' })->{status}, 303, '... and answers');
like($support->get('/admin/tickets')->{content}, qr/Were you in Japan/, '... which comes to the support');
my ($person) = $page->{content} =~ m{"(/admin/accounts/\w+)"};
unlike($moderator->get($person)->{content}, qr{/write"}, 'on the page of the account the moderator does not write');
$page = $support->get($person);
$r = $support->submit($page, qr{/write$}, { words => '' });
is($r->{status}, 422, '... the support does, words are needed');
$r = $support->submit($page, qr{/write$}, { words => 'Your credits are back.' });
is($r->{status}, 303, '... with words it goes');
is($site->sql("SELECT COUNT(*) FROM ticket WHERE account_id = $id AND state = 'waiting' AND subject = 'Your credits are back.'"), 1, '... as a question that waits for the member');
$r = $moderator->post('/admin/flags/decide', { csrf => $csrf, number => $second, decision => 'restrict', note => 'shared with others' });
is($r->{status}, 303, 'or the account is restricted') or diag $r->{content};
is($site->sql("SELECT restricted_at IS NOT NULL FROM account WHERE id = $id"), 1, '... at once');
like(rows(), qr/account\.restrict\|shared with others flag\.decide\|shared with others$/, '... both are written');
is($site->sql("SELECT COUNT(*) FROM mail_outbox WHERE account_id = $id AND body LIKE '%shared with others%'"), 1, '... and a letter says why');
like($moderator->get('/admin/flags')->{content}, qr/No flag waits/, 'nothing waits');

done_testing;

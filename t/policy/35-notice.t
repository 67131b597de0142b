#!/usr/bin/perl
# A material change of the policy: every account holder is told once, by mail and on the pages, and it is recorded. A change
# that is none tells nobody.
use Gempix::Test;

skip_all_without(qw(nginx mariadbd));
my $source = source() . '/docs/policy';
my $folder = tempdir();
mkdir "$folder/versions";
spew("$folder/policy.yaml", slurp("$source/policy.yaml"));
my $register = slurp("$source/register.yaml") =~ s/^material: .*\n//mr;
my ($version) = $register =~ /^version: (\S+)/m;
spew("$folder/versions/$version.txt", slurp("$source/versions/$version.txt"));
spew("$folder/register.yaml", $register);
my $site = site(parts => [qw(database app nginx)], conf => { 'policy.dir' => "$folder" });
my $ada = $site->member(email => 'ada@example.org', credits => 5);
$site->member(email => 'eve@example.org', credits => 5);
$site->member(email => 'gone@example.org', credits => 5);
$site->sql('UPDATE account SET created_at = 1');
$site->sql("UPDATE account SET state = 'closed' WHERE email = 'gone\@example.org'");
$site->sql("UPDATE account SET verified_at = NULL WHERE email = 'eve\@example.org'");
$site->sql("DELETE FROM mail_outbox");

sub steward
{
    my ($status, $out) = run([$site->program('gempix-steward'), '-c', $site->config('steward'), 'notices']);
    is($status, 0, 'the duty') or diag $out;
    return $out;
}

like(steward(), qr/notices: nothing to do/, 'a change that is not material tells nobody');
unlike($ada->get('/privacy')->{content}, qr/policy has changed/, '... on no page either');

spew("$folder/register.yaml", $register =~ s/^(version: .*)$/$1\nmaterial: $version/mr);
like(steward(), qr/2 account holders told/, 'a material one tells everybody who has an open account');
is($site->sql('SELECT COUNT(*) FROM policy_notice WHERE told_at > 0 AND seen_at IS NULL'), 2, '... which is recorded');
is($site->sql('SELECT GROUP_CONCAT(recipient) FROM mail_outbox'), 'ada@example.org', '... with a letter where the address was proven');
like($site->sql('SELECT body FROM mail_outbox'), qr{/privacy/version\?date=$version}, '... that leads to what changed');
like(steward(), qr/nothing to do/, 'nobody is told twice');
$site->member(email => 'new@example.org', credits => 5);
$site->sql("UPDATE account SET created_at = UNIX_TIMESTAMP() * 1000000 + 400 * 86400000000 WHERE email = 'new\@example.org'");
like(steward(), qr/nothing to do/, '... nor who came later');

# The workers have read the register before it changed.
$site->stop('app');
$site->start('app');
my $page = $ada->get('/create');
like($page->{content}, qr/The privacy policy has changed\./, 'the notice stands on the pages');
like($page->{content}, qr{href="/privacy/version\?date=$version"}, '... and leads to what changed');
unlike($site->client->get('/')->{content}, qr/policy has changed/, '... of members');
my $r = $ada->post('/privacy/notice', {});
is($r->{status}, 303, 'it can be put away');
unlike($ada->get('/create')->{content}, qr/policy has changed/, '... and stays away');
is($site->sql('SELECT COUNT(*) FROM policy_notice WHERE seen_at > 0'), 1, '... which is recorded, too');

spew("$folder/register.yaml", $register =~ s/^(version: .*)$/$1\nmaterial: 2999-01-01/mr);
my ($status, $out) = run([$site->program('gempixctl'), '-c', $site->config('ctl'), 'register', 'list']);
is($status, 1, 'a material version of the future is refused');
like($out, qr/material: is later than version/, '... with the reason');

done_testing;

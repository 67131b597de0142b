#!/usr/bin/perl
# Consent: nothing is counted before it, refusing is as easy as accepting and costs nothing, the browser's Global Privacy
# Control is a refusal, every answer is in the log, and what is counted says nothing about anybody.
use Gempix::Test;

skip_all_without(qw(nginx mariadbd));
my $site = site(parts => [qw(database app nginx)]);
my $here = $site->url . '/';

sub events
{
    return $site->sql('SELECT COUNT(*) FROM usage_event');
}

sub answer
{
    my ($client, $choice, %headers) = @_;
    return $client->post('/privacy/choices', { choice => $choice }, headers => { origin => $site->url, referer => $here . 'about', %headers });
}

# --- unasked ---

my $visitor = $site->client;
my $page = $visitor->get('/');
my ($banner) = $page->{content} =~ m{(<section class="consent".*?</section>)}s;
ok($banner, 'who has not answered is asked');
ok(!exists $page->{headers}{'set-cookie'}, '... without a cookie');
my @answers = $banner =~ m{<button class="([^"]*)" type="submit" name="choice" value="(\w+)">}g;
is(scalar @answers, 4, '... with two answers');
is($answers[0], $answers[2], '... that look alike');
is("$answers[1] $answers[3]", 'refuse accept', '... no and yes');
unlike($banner, qr/checked|autofocus/, '... and none chosen for them');
$visitor->get($_) for '/about', '/terms', '/privacy';
is(events(), 0, 'nothing is counted before an answer');

# --- no ---

my $r = answer($visitor, 'refuse');
is($r->{status}, 303, 'no') or diag $site->logs(6);
like($r->{headers}{location}, qr{/about\z}, '... leads back to the page');
like($r->{headers}{'set-cookie'}, qr/gempix-consent=n-[\w-]{43};.*HttpOnly/, '... is remembered');
unlike($visitor->get('/')->{content}, qr/class="consent"/, '... and not asked again');
is(events(), 0, '... nothing is counted');
is($site->sql('SELECT CONCAT(choice, " ", IFNULL(account_id, "nobody")) FROM consent'), 'refuse nobody', '... and the log has it');
like($site->sql('SELECT version FROM consent'), qr/\A\d{4}-\d\d-\d\d\z/, '... with the version of the policy');
my $member = $site->member(credits => 5);
answer($member, 'refuse');
is($member->get('/create')->{status}, 200, 'who refuses can make pictures all the same');
is($site->sql('SELECT COUNT(*) FROM consent WHERE account_id IS NOT NULL'), 1, 'the answer of a member is theirs');

# --- yes, and no again ---

like($visitor->get('/about')->{content}, qr{href="/privacy/choices"}, 'the way to change one\'s mind is on every page');
answer($visitor, 'accept');
like($visitor->get('/privacy/choices')->{content}, qr/You have agreed\..*Noted on.*20\d\d/s, 'yes is shown, with its day');
my $before = events();
$visitor->get('/about') for 1 .. 3;
is(events() - $before, 3, '... and pages are counted');
is($site->sql("SELECT COUNT(*) FROM usage_event WHERE route = 'about'"), 3, '... by their name');
is(join(' ', $site->sql('SELECT column_name FROM information_schema.columns WHERE table_name = "usage_event" AND table_schema = DATABASE()
    ORDER BY 1', schema => 'gempix')), 'id opened_at route', '... and by nothing else');
is($site->sql('SELECT COUNT(DISTINCT word_hash) FROM consent WHERE account_id IS NULL'), 1, 'both answers stand under one word');
answer($visitor, 'refuse');
$before = events();
$visitor->get('/about');
is(events(), $before, 'withdrawing stops it at once');
is($site->sql('SELECT COUNT(*) FROM consent WHERE account_id IS NULL'), 3, 'the log keeps every answer');

# --- the browser's own no ---

my $gpc = $site->client;
my %no = (headers => { 'sec-gpc' => 1 });
unlike($gpc->get('/', %no)->{content}, qr/class="consent"/, 'Sec-GPC: 1 is an answer: nobody asks');
like($gpc->get('/privacy/choices', %no)->{content}, qr/Your browser says no for you/, '... as the page of choices says');
$r = answer($gpc, 'accept', 'sec-gpc' => 1);
like($r->{headers}{'set-cookie'}, qr/gempix-consent=n-/, '... and a yes beside it does not count');
$before = events();
answer($visitor, 'accept');
$visitor->get('/about', %no);
is(events(), $before, '... nor does an earlier one');
like($gpc->get('/', %no)->{headers}{vary}, qr/Sec-GPC/, '... and caches are told');

# --- forged ---

is(answer($gpc, 'accept', origin => 'https://evil.example', 'sec-fetch-site' => 'cross-site')->{status}, 403, 'another site cannot answer for a visitor');
is($gpc->post('/privacy/choices', { choice => 'accept' }, headers => { origin => '', 'sec-fetch-site' => '' })->{status}, 403, '... nor can a request from nowhere');
is($gpc->post('/privacy/choices', { choice => 'perhaps' }, headers => { origin => $site->url })->{status}, 400, 'there are two answers');

# --- added up ---

$site->sql('DELETE FROM usage_event');
my $day = (int(time / 86400) - 1) * 86400 * 1_000_000;
$site->sql("INSERT INTO usage_event (route, opened_at) SELECT 'home', $day + seq FROM seq_1_to_7");
$site->sql("INSERT INTO usage_event (route, opened_at) SELECT 'terms', $day + seq FROM seq_1_to_4");
my @steward = ($site->program('gempix-steward'), '-c', $site->config('steward'), 'usage');
my ($status, $out) = run(\@steward, env => { GEMPIX_CLOCK_SHIFT => 7200 });
like($out, qr/usage: 11 page views added up/, 'the views of a day are added up') or diag $out;
is($site->sql("SELECT GROUP_CONCAT(route, views) FROM usage_day WHERE starts_at = $day"), 'home7', '... and small sums thrown away');
is(events(), 0, '... with the views themselves');
($status, $out) = run(\@steward, env => { GEMPIX_CLOCK_SHIFT => 7200 });
is($status, 0, 'a second round finds nothing');
is($site->sql('SELECT SUM(views) FROM usage_day'), 7, '... and adds nothing');

done_testing;

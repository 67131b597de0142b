#!/usr/bin/perl
# Requests under the law of data protection: from members and from strangers, the month and its extension, answers and
# refusals, and that nobody learns whether an address has an account.
use Gempix::Html qw(problems);
use Gempix::Test;

skip_all_without(qw(nginx mariadbd));
my $site = site(parts => [qw(database app nginx)]);
my $ada = $site->member(email => 'ada@example.org');
my $eve = $site->member(email => 'eve@example.org');
my $guest = $site->client;
my $PROOF = 'a quiet lighthouse';

sub letter { return $site->sql("SELECT body FROM mail_outbox WHERE recipient = '$_[0]' ORDER BY id DESC LIMIT 1") =~ s/\\n/\n/gr }
sub state { return $site->sql("SELECT state FROM rights_request ORDER BY id DESC LIMIT 1") }
sub count { return $site->sql('SELECT COUNT(*) FROM rights_request') }

my %form = (ada => $ada->get('/privacy/request'), eve => $eve->get('/privacy/request'), guest => $guest->get('/privacy/request'));
is_deeply([problems($form{$_}{content})], [], "the form is clean HTML for $_") for qw(ada guest);
like($form{ada}{content}, qr{href="/account/delete".*}s, 'a member is shown what needs nobody');
unlike($form{guest}{content}, qr{href="/account/delete"}, '... a stranger is not');
like($guest->get('/contact')->{content}, qr{href="/privacy/request"}, 'the contact page leads to the form');
my %typed = (kind => 'access', words => "What do <you> store?");
is($guest->submit($form{guest}, qr{/privacy/request}, { %typed, email => 'gus@example.net' })->{status}, 422, 'who sends at once is a program');
sleep 2;

# --- a member ---

is($ada->submit($form{ada}, qr{/privacy/request}, { %typed, password => 'wrong' })->{status}, 422, 'a member proves who asks');
is($ada->submit($form{ada}, qr{/privacy/request}, { %typed })->{status}, 422, '... with a password');
is(count(), 0, '... or nothing is kept');
my $sent = $ada->submit($form{ada}, qr{/privacy/request}, { %typed, password => $PROOF });
is($sent->{status}, 303, 'a request');
$ada->submit($form{ada}, qr{/privacy/request}, { %typed, password => $PROOF });
is(count(), 1, '... sent twice is one');
is(state(), 'open', '... and its time runs');
is($site->sql("SELECT due_at = TIMESTAMPDIFF(MICROSECOND, '1970-01-01', DATE_ADD(TIMESTAMPADD(MICROSECOND, verified_at, '1970-01-01'), INTERVAL 1 MONTH))
    FROM rights_request"), 1, '... for one calendar month, as the database counts it');
my ($path) = $sent->{headers}{location} =~ m{(/privacy/requests/\w{26})};
my ($id) = $path =~ /(\w{26})$/;
my $page = $ada->get($path)->{content};
like($page, qr/What do &lt;you&gt; store\?/, 'the page shows the words');
like($page, qr/You have our answer by/, '... and the day');
is_deeply([problems($page)], [], '... in clean HTML');
is($eve->get($path)->{status}, 404, 'nobody else sees it');
isnt($guest->get($path)->{status}, 200, '... nor does a stranger');

# --- the operator ---

like($site->ctl(qw(rights list)), qr/^$id  due  \S+  open +access +member$/m, 'the operator sees what waits');
like($site->ctl(qw(rights show), $id), qr/from member ada\@example\.org.*What do <you> store\?.*asked/s, '... and reads it');
my $due = $site->sql('SELECT due_at FROM rights_request');
like($site->ctl(qw(rights extend), $id, 2, { stdin => "There is very much of it.\n" }), qr/extended; the letter/, 'more time');
is($site->sql("SELECT due_at = TIMESTAMPDIFF(MICROSECOND, '1970-01-01', DATE_ADD(TIMESTAMPADD(MICROSECOND, verified_at, '1970-01-01'), INTERVAL 3 MONTH))
    FROM rights_request"), 1, '... two months of it');
like(letter('ada@example.org'), qr/There is very much of it\..*You have our answer by.*supervisory authority.*\Q$path\E/s, '... is told with the reason');
sub fails { my @call = @_; return run([$site->program('gempixctl'), '-c', $site->config('ctl'), @call]) }
isnt((fails(qw(rights extend), $id, 1))[0], 0, 'once and no more');
like($site->ctl(qw(rights answer), $id, { stdin => "This and that.\n" }), qr/answered/, 'an answer');
is(state(), 'answered', '... ends it');
like(letter('ada@example.org'), qr/This and that\..*\Q$path\E/s, '... goes out');
like($ada->get($path)->{content}, qr/There is very much of it.*This and that\./s, '... and stands on the page, with the history');
isnt((fails(qw(rights refuse), $id, '--reason', 'law'))[0], 0, 'what is answered cannot be refused');
is(join(' ', map { $site->sql("SELECT COUNT(*) FROM audit_event WHERE action = 'rights.$_'") > 0 ? $_ : "no $_" } qw(list look extend answer)),
    'list look extend answer', 'all of it is in the audit log');

# --- without an account; the address may have one or not ---

my %answer;
my %open = map { $_ => $guest->get('/privacy/request') } qw(gus@example.net ada@example.org);
sleep 2;
for my $email ('gus@example.net', 'ada@example.org') {
    my $reply = $guest->submit($open{$email}, qr{/privacy/request}, { %typed, kind => 'delete', email => $email });
    $answer{$email} = $reply->{status} . $guest->follow($reply)->{content} =~ s/value="[^"]*"//gr;
    is(state(), 'unverified', "$email is not confirmed");
}
is($answer{'gus@example.net'}, $answer{'ada@example.org'}, 'the answer does not tell who has an account');
is($site->sql("SELECT COUNT(*) FROM rights_request WHERE account_id IS NOT NULL"), 1, '... and no account is tied to it');
my ($link) = letter('gus@example.net') =~ m{(/privacy/request/state\?token=\S+)};
ok($link, 'the letter has a link');
$guest->get($link) for 1 .. 2;
is($site->sql("SELECT state FROM rights_request WHERE email = 'gus\@example.net'"), 'unverified', 'who only opens it has confirmed nothing');
my $ask = $guest->get($link);
is_deeply([problems($ask->{content})], [], 'its page is clean HTML');
is($guest->submit($ask, qr{/privacy/request/state}, {})->{status}, 303, 'the button confirms');
is($site->sql("SELECT state, due_at = TIMESTAMPDIFF(MICROSECOND, '1970-01-01', DATE_ADD(TIMESTAMPADD(MICROSECOND, verified_at, '1970-01-01'), INTERVAL 1 MONTH))
    FROM rights_request WHERE email = 'gus\@example.net'"), "open\t1", '... and from then on it is one month');
my ($gus) = $site->ctl(qw(rights list)) =~ /^(\w{26}).*visitor$/m;
like($site->ctl(qw(rights refuse), $gus, '--reason', 'identity', { stdin => "Who are you?\n" }), qr/refused/, 'a refusal');
like(letter('gus@example.net'), qr/could not verify who asks\..*Who are you\?.*supervisory authority.*court.*\Q$link\E/s, '... names the reason and the ways to go on');
like($guest->get($link)->{content}, qr/could not verify.*supervisory authority.*Who are you\?/s, '... on the page, too');
is($guest->get('/privacy/request/state?token=' . 'A' x 43)->{status}, 410, 'a guess leads nowhere');

# --- too late ---

my ($late) = letter('ada@example.org') =~ m{(/privacy/request/state\?token=\S+)};
$site->sql("UPDATE rights_request SET asked_at = asked_at - 7 * 86400000000 WHERE state = 'unverified'");
is($guest->get($late)->{status}, 410, 'after a week a link confirms nothing');
$site->ctl('purge');
is($site->sql("SELECT COUNT(*) FROM rights_request WHERE state = 'unverified'"), 0, '... and the request goes');

done_testing();

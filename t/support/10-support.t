#!/usr/bin/perl
# Questions to the people who run the site: asking with an account and without, what keeps programs away without losing
# anybody's words, answers by page, letter and operator, closing, and whose eyes see what.
use Gempix::Html qw(problems);
use Compress::Zlib qw(crc32);
use Gempix::Test;

skip_all_without(qw(nginx mariadbd));
my $site = site(parts => [qw(database app nginx)], conf => { 'support.address' => 'help@example.org', 'mail.from' => 'site@example.org' });
my $ada = $site->member(email => 'ada@example.org');
my $eve = $site->member(email => 'eve@example.org');
my $guest = $site->client;
# A picture that says where it was taken, and a file that only begins like one.
my $png = slurp(source() . '/app/static/icon-180.png');
my $place = "tEXtComment\0taken at 52.5200 13.4050";
substr $png, 33, 0, pack('N', length($place) - 4) . $place . pack('N', crc32($place));
my $fake = "\x89PNG\r\n\x1a\n" . 'no picture, but it begins like one';

sub tickets { return $site->sql('SELECT COUNT(*) FROM ticket') }
sub letter { return $site->sql("SELECT body FROM mail_outbox WHERE recipient = '$_[0]' ORDER BY id DESC LIMIT 1") =~ s/\\n/\n/gr }

my $page = $guest->get('/support');
is($page->{status}, 200, 'writing needs no account');
is_deeply([problems($page->{content})], [], '... in clean HTML');
like($guest->get('/contact')->{content}, qr{href="/support"}, 'the contact page leads there');
my %forms = (ada => $ada->get('/support'), eve => $eve->get('/support'), guest => $page);

# --- too fast, and other marks of programs: nothing typed is lost ---

my %typed = (kind => 'problem', email => 'gus@example.net', words => "The blue button\ndoes <nothing>.");
my $back = $guest->submit($page, qr{/support}, \%typed);
is($back->{status}, 422, 'who sends at once is asked again');
like($back->{content}, qr/faster than anybody writes/, '... is told why');
like($back->{content}, qr/The blue button\ndoes &lt;nothing&gt;\./, '... and finds the words');
like($back->{content}, qr/value="gus\@example\.net"/, '... and the address');
is(tickets(), 0, '... and nothing was kept');
sleep 3;
for (['a filled trap', { website => 'http://x' }, qr/nobody can see/],
    ['many links', { words => 'buy ' . 'http://a.example ' x 4 }, qr/more than three links/],
    ['a stamp that is none', { stamp => '1.0123' }, qr/open for very long/],
    ['a stamp of another time', { stamp => (($back->{content} =~ /name="stamp" value="(\d+\.)/)[0] + 1) . ('.' . '0' x 32) }, qr/open for very long/],
    ['no words', { words => ' ' }, qr/write what it is about|is missing/],
    ['no address', { email => '' }, qr/cannot answer/],
    ['no address at all', { email => 'gus' }, qr/not an e-mail address/],
    ['no kind', { kind => '' }, qr/is missing/],
    ['a picture that only begins like one', { picture1 => ['a.png', $fake] }, qr/cannot be read/],
    ['a picture that ends in the middle', { picture1 => ['a.png', substr $png, 0, 1500] }, qr/cannot be read/],
    ['no picture', { picture1 => ['a.png', 'MZ program'] }, qr/Only PNG, JPEG and WebP/]) {
    my ($what, $change, $why) = @$_;
    my $answer = $guest->submit($back, qr{/support}, { %typed, %$change });
    is($answer->{status}, 422, "$what is refused");
    like($answer->{content}, $why, '... with the reason');
    like($answer->{content}, exists $change->{words} ? qr/textarea/ : qr/The blue button/, '... and the words');
    is_deeply([problems($answer->{content})], [], '... in clean HTML');
}
is(tickets(), 0, 'nothing of that was kept');

# --- without an account ---

my $sent = $guest->submit($back, qr{/support}, { %typed, picture2 => ['a.png', $png] });
is($sent->{status}, 303, 'sent');
$guest->submit($back, qr{/support}, { %typed });
is(tickets(), 1, 'sent twice it is one question');
like($guest->follow($sent)->{content}, qr/A letter with a link/, 'the page says that a letter comes');
my ($link) = letter('gus@example.net') =~ m{(/support/ticket\?token=\S+)};
ok($link, 'the letter has a link');
my ($token) = $link =~ /token=(.*)/;
is($site->sql("SELECT COUNT(*) FROM ticket WHERE token_hash = UNHEX(SHA2('$token', 256))"), 1, 'the database holds its hash');
like($site->sql('SELECT mail_key FROM mail_outbox WHERE recipient = "gus@example.net"'), qr/^link:/, '... and the letter loses its words once it was sent');
like($site->sql('SELECT reply_to FROM mail_outbox WHERE recipient = "gus@example.net"'), qr/^help\+\w{26}-[0-9a-f]{16}\@example\.org$/, 'answers go to an address of this question');
my $linked = $guest->get($link);
is($linked->{status}, 200, 'the link leads to the question');
is_deeply([problems($linked->{content})], [], '... in clean HTML');
like($linked->{content}, qr/does &lt;nothing&gt;.*with 1 picture|with 1 picture.*does &lt;nothing&gt;/s, '... with words and picture');
is($guest->get($link . 'x')->{status}, 410, 'another link leads nowhere');
is($ada->get('/support/ticket?token=' . 'A' x 43)->{status}, 410, '... nor does a guess');

# --- the operator ---

my ($id) = $site->ctl(qw(tickets list)) =~ /^(\w{26})  .*open +problem +visitor  The blue button$/m;
ok($id, 'the operator sees what waits') or diag $site->ctl(qw(tickets list));
like($site->ctl(qw(tickets show), $id), qr/gus\@example\.net.*does <nothing>.*picture \d+: webp/s, '... and reads it');
my $folder = tempdir();
$site->ctl('tickets', 'show', $id, '--files', "$folder");
my $kept = slurp(glob "$folder/*.webp");
like($kept, qr/\ARIFF....WEBP/s, '... and may take the picture, made anew');
unlike($kept, qr/52\.52|Comment/, '... without what its file said about itself');
is($site->sql("SELECT COUNT(*) FROM ticket_file WHERE data LIKE '%52.52%'"), 0, '... which nothing keeps');
like($site->ctl('tickets', 'answer', $id, { stdin => "Thank you.\nIt is mended.\n" }), qr/answered; the letter/, 'an answer');
like(letter('gus@example.net'), qr/\AThank you\.\nIt is mended\.\n.*\Q$token\E/s, '... goes out with the same link');
like($site->sql('SELECT subject FROM mail_outbox ORDER BY id DESC LIMIT 1'), qr/^Re: The blue button \[\Q$id\E-[0-9a-f]{16}\]$/, '... under a subject with a reference');
is($site->sql('SELECT state FROM ticket'), 'waiting', '... and the question waits');
$linked = $guest->get($link);
like($linked->{content}, qr/It is mended/, 'it stands on the page');
is($guest->submit($linked, qr{/support/ticket$}, { words => 'Not quite.' })->{status}, 303, 'she answers by the link');
is($site->sql('SELECT state FROM ticket'), 'open', '... and it is open again');
is($guest->submit($guest->get($link), qr{/close}, {})->{status}, 303, 'she closes it');
is($site->sql('SELECT state FROM ticket'), 'resolved', '... and it is closed');
like($site->ctl(qw(tickets list)), qr/\A\s*\z/, 'nothing waits');
is($guest->submit($guest->get($link), qr{/support/ticket$}, { words => ' ' })->{status}, 422, 'empty words are no answer');

# --- with an account ---

$sent = $ada->submit($forms{ada}, qr{/support}, { kind => 'account', words => 'Where are my pictures? ' . 'é' x 200 });
my ($own) = $sent->{headers}{location} =~ m{(/support/tickets/\w{26})$};
ok($own, 'a member is led to the question');
like($ada->get('/support/tickets')->{content}, qr{href="$own"}, '... and has a list');
is($site->sql('SELECT CHAR_LENGTH(subject) FROM ticket WHERE account_id IS NOT NULL'), 100, 'a long first line is cut for the subject');
is($site->sql('SELECT COUNT(*) FROM mail_outbox WHERE recipient = "ada@example.org" AND mail_key LIKE "%ticket%"'), 0, 'no letter is needed to say so');
is($eve->get($own)->{status}, 404, 'another member does not see it');
is($guest->get($own)->{status}, 303, '... nor does a guest');
unlike($eve->get('/support/tickets')->{content}, qr/Where are/, '... and not in her list');
is($eve->post("$own/close", { csrf => ($eve->get('/support/tickets')->{content} =~ /name="csrf" value="([^"]+)/)[0] })->{status}, 404, '... nor can she close it');
my ($number) = $own =~ /(\w{26})$/;
$site->ctl('tickets', 'answer', $number, '--close', { stdin => "In your library.\n" });
like(letter('ada@example.org'), qr{/support/tickets/$number}, 'the letter leads to the page');
unlike(letter('ada@example.org'), qr/token/, '... without a secret');
like($ada->get($own)->{content}, qr/In your library.*Ask further/s, 'the answer stands on the page, closed');
is($ada->submit($ada->get($own), qr{$own$}, { words => 'Found them.' })->{status}, 303, 'she may go on');
is($site->sql("SELECT COUNT(*) FROM ticket_message WHERE body = 'Found them.'"), 1, '... and it is kept');

# --- too many ---

$site->sql('UPDATE rate_window SET hits = 100');
$back = $eve->submit($forms{eve}, qr{/support}, { kind => 'other', words => 'again and again' });
is($back->{status}, 429, 'too many in an hour are refused');
like($back->{content}, qr/again and again/, '... and the words are still there');

done_testing;

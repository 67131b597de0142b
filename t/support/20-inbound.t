#!/usr/bin/perl
# Letters that come in: new questions and answers, who may answer what, programs that write, HTML, encodings, pictures,
# what is too large, what is no letter, and the headers of what goes out.
use Encode qw(encode);
use Gempix::Test;
use MIME::Base64 qw(encode_base64);

skip_all_without(qw(mariadbd));
my $site = site(parts => ['database'], conf => { 'support.address' => 'help@example.org', 'mail.from' => 'site@example.org' });
my $count = 0;

# One letter; headers as a hash over the usual ones, undef takes one away.
sub letter
{
    my ($body, %header) = @_;
    my %all = (From => 'Gus <gus@example.net>', To => 'help@example.org', Subject => 'A question', 'Message-ID' => '<' . ++$count . '@example.net>',
        Date => 'Mon, 23 Nov 2026 10:00:00 +0000', 'MIME-Version' => '1.0', 'Content-Type' => 'text/plain; charset=utf-8', %header);
    return join('', map { "$_: $all{$_}\r\n" } grep { defined $all{$_} } sort keys %all) . "\r\n$body";
}

sub take
{
    my ($letter, @recipient) = @_;
    my ($status, $out) = run([$site->program('gempix-inbound'), '-c', $site->config('ctl'), @recipient], stdin => $letter);
    diag $out if $out =~ /Sanitizer|signal/;
    return $status;
}

sub tickets { return $site->sql('SELECT COUNT(*) FROM ticket') }
sub newest { return $site->sql('SELECT body FROM ticket_message ORDER BY id DESC LIMIT 1') =~ s/\\n/\n/gr }

# --- a new question ---

my $first = letter("Where is\r\nmy picture?\r\n");
is(take($first), 0, 'a letter is taken');
is(newest() =~ s/\s+\z//r, "A question\n\nWhere is\nmy picture?", '... with subject and words');
is(take($first), 0, 'the same letter once more');
is($site->sql('SELECT COUNT(*) FROM ticket_message'), 1, '... is kept once');
is($site->sql('SELECT account_id IS NULL, email FROM ticket'), "1\tgus\@example.net", 'it belongs to its address, to no account');
my ($to, $answers) = split /\t/, $site->sql('SELECT reply_to, answers FROM mail_outbox');
like($to, qr/^help\+\w{26}-[0-9a-f]{16}\@example\.org$/, 'the confirmation can be answered');
like($answers, qr/^<ticket\.\w{26}\@example\.org> <1\@example\.net>$/, '... and belongs to the conversation');
my ($token) = $site->sql('SELECT body FROM mail_outbox') =~ /token=([\w-]{43})/;

# --- an answer ---

is(take(letter("One more thing.\r\n\r\nOn Monday Gempix wrote:\r\n> thank you\r\n> http://x/support/ticket?token=$token\r\n"), $to), 0, 'an answer by the envelope');
is(tickets(), 1, '... belongs to the question');
unlike(newest(), qr/thank you/, '... without the quotation at its end');
is(take(letter("See http://x/support/ticket?token=$token please", To => "Help <\U$to\E>")), 0, 'an answer by a header, in capitals');
unlike(newest(), qr/\Q$token\E/, '... and a secret in it is not kept');
my ($reference) = $to =~ /\+(.*)@/;
is(take(letter('by the subject', Subject => "Re: A question [$reference]")), 0, 'an answer by the subject');
is(tickets(), 1, 'all are of one question');
is($site->sql('SELECT COUNT(*) FROM ticket_message'), 4, '... with four messages');
take(letter('I am somebody else', From => 'mallory@example.com'), $to);
is(tickets(), 2, 'another sender opens a question of his own');
my $forged = $to =~ s/-[0-9a-f]{16}/-0123456789abcdef/r;
take(letter('a forged reference'), $forged);
is(tickets(), 3, 'a reference that we did not sign leads nowhere');

# --- programs ---

my $before = $site->sql('SELECT COUNT(*) FROM ticket_message') . $site->sql('SELECT COUNT(*) FROM mail_outbox');
for ({ 'Auto-Submitted' => 'auto-replied' }, { 'Return-Path' => '<>' }, { Precedence => 'bulk' }, { 'List-Id' => '<x>' }, { From => 'MAILER-DAEMON@example.net' },
    { From => 'help+x@example.org' }, { From => 'site@example.org' }, { From => undef }, { 'Content-Type' => 'multipart/report; boundary=x' }) {
    is(take(letter('I am not here', %$_), $to), 0, join(' ', map { $_ . ' ' . ($_[0] // '') } keys %$_) . ': left alone');
}
is($site->sql('SELECT COUNT(*) FROM ticket_message') . $site->sql('SELECT COUNT(*) FROM mail_outbox'), $before, '... and nothing is written or sent');

# --- forms of letters ---

take(letter('<html><head><title>no</title><style>p{}</style></head><body><p>Gr&uuml;&#223;e &amp; <b>dank</b></p><script>evil()</script><div>zwei</div></body></html>',
    'Content-Type' => 'text/html; charset=utf-8'), $to);
like(newest(), qr/Gr&uuml;ß?.*e & dank\n+zwei/s, 'HTML becomes text');
unlike(newest(), qr/evil|<|p\{|no\n/, '... without what no reader sees');
take(letter(encode_base64(encode('iso-2022-jp', "\x{65e5}\x{672c}")), 'Content-Type' => 'text/plain; charset=iso-2022-jp', 'Content-Transfer-Encoding' => 'base64'), $to);
like(newest(), qr/日本/, 'another character set');
my $png = slurp(source() . '/app/static/icon-180.png');
sub part { return "--b\r\nContent-Type: $_[0]\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=\"$_[1]\"\r\n\r\n" . encode_base64($_[2], "\r\n") }
my $parts = "--b\r\nContent-Type: text/plain\r\n\r\nlook\r\n" . part('image/png', 'a.png', $png) . part('application/pdf', 'b.pdf', '%PDF') .
    part('image/png', 'fake.png', 'MZ') . part('image/png', 'big.png', $png . 'y' x 2_200_000) . "--b--\r\n";
take(letter($parts, 'Content-Type' => 'multipart/mixed; boundary=b'), $to);
is($site->sql('SELECT COUNT(*), MAX(bytes) FROM ticket_file'), "1\t" . $site->sql('SELECT LENGTH(data) FROM ticket_file LIMIT 1'), 'a picture is kept');
like($site->sql('SELECT HEX(LEFT(data, 12)) FROM ticket_file LIMIT 1'), qr/^52494646.{8}57454250$/, '... made anew');
take(letter($parts, 'Content-Type' => 'multipart/mixed; boundary=b', Subject => 'lines as mail servers hand them over') =~ s/\r\n/\n/gr, $to);
is($site->sql('SELECT COUNT(*), COUNT(DISTINCT data) FROM ticket_file'), "2\t1", '... with either kind of line ends');
like(newest(), qr/^look.*Not kept.*b\.pdf\nfake\.png\nbig\.png/s, '... the rest is named');
take(letter("--b\r\nContent-Type: text/plain\r\n\r\nlook at this\r\n" . part('image/png', 'half.png', substr $png, 0, 1500) . "--b--\r\n", 'Content-Type' => 'multipart/mixed; boundary=b', Subject => 'half a picture'), $to);
is($site->sql('SELECT COUNT(*) FROM ticket_file'), 2, 'a picture that cannot be read is not kept');
like(newest(), qr/look at this.*Not kept.*cannot be read/s, '... the words are, and say so');
take(letter("\xff\xfe broken \x01\x1b[31m bytes"), $to);
is($site->sql("SELECT COUNT(*) FROM ticket_message WHERE body LIKE '%broken%' AND body NOT LIKE CONCAT('%', CHAR(27), '%')"), 1, 'broken bytes do no harm');

# --- bounds ---

is(take(letter('x' x 13_000_000), $to), 65, 'what is too large is refused');
is(take(''), 65, 'nothing at all is no letter');
is(take(letter("line\r\n" x 100_000), $to), 0, 'a long one is taken');
cmp_ok($site->sql('SELECT MAX(LENGTH(body)) FROM ticket_message'), '<=', 20_000, '... and cut');
take(letter("again $_")) for 1 .. 9;
is(take(letter('too much')), 75, 'one address opens ten a day, the next waits in the queue');
is(tickets(), 11, '... and opens nothing');

done_testing;

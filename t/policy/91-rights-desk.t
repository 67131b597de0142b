#!/usr/bin/perl
# The desk for requests about personal data: who sees it, what is due, texts to begin an answer with, answering, more time,
# refusing, each with its letter and its row in the audit log; and the operator's reminders.
use Gempix::Test;

skip_all_without(qw(nginx mariadbd));
my $site = site(parts => [qw(database app nginx)], conf => { 'site.contact' => 'office@example.org' });
my $day = 86400e6;
my $ada = $site->member(email => 'ada@example.org');
my $id = $site->sql("SELECT id FROM account WHERE email = 'ada\@example.org'");
my $privacy = $site->staff('privacy');
my $support = $site->staff('support');
my $number = 0;

# A request as the form makes it (t/policy/90-rights.t fills the form in); its path on the desk.
sub request
{
    my ($kind, $left, %row) = @_;
    my $now = int(time * 1e6);
    $number++;
    $site->sql(sprintf "INSERT INTO rights_request (public_id, account_id, email, language, kind, body, state, submit_key, asked_at, verified_at, due_at)
        VALUES (UNHEX(MD5('%d')), %s, '%s', '%s', '%s', '%s', 'open', UNHEX(SHA2('%d', 256)), %d, %d, %d)",
        $number, $row{email} ? 'NULL' : $id, $row{email} // '', $row{language} // '', $kind, $row{body} // "What <b>$number</b> is stored?", $number,
        $now + ($left - 30) * $day, $now + ($left - 30) * $day, $now + $left * $day);
    my ($path) = $privacy->get('/admin/requests')->{content} =~ m{"(/admin/requests/\w{26})"};
    return $path;
}

sub noted
{
    return $site->sql("SELECT COALESCE(GROUP_CONCAT(SUBSTRING(action, 8) ORDER BY id SEPARATOR ' '), '') FROM audit_event WHERE action LIKE 'rights.%'");
}

sub reminders
{
    my ($status, $out) = run([$site->program('gempix-steward'), '-c', $site->config('steward'), 'rights']);
    diag $out if $status != 0;
    return $site->sql("SELECT COUNT(*) FROM mail_outbox WHERE recipient = 'office\@example.org' AND mail_key LIKE 'rights-%'");
}

# --- the queue ---

is($support->get('/admin/requests')->{status}, 403, 'the support does not see it');
is(noted(), '', '... and nothing is written');
like($privacy->get('/admin/requests')->{content}, qr/There is none/, 'nothing waits');
request('export', 20);
my $path = request('access', 12.5);
is($site->sql("SELECT COUNT(*) FROM audit_event WHERE action = 'rights.list'"), 3, 'each look at the queue is written');
my $page = $privacy->get('/admin/requests')->{content};
like($page, qr{See what is stored about me.*due in 12 days.*Get a copy.*due in (?:19|20) days}s, 'the first due stands first');
unlike($page, qr/ada\@|is stored\?/, '... without addresses and words');
like($privacy->get('/admin')->{content}, qr{/admin/requests">Requests</a></dt><dd>2</dd>}, 'the dashboard says how many wait');

# --- an answer ---

my $look = $privacy->get($path);
like($look->{content}, qr{ada\@example\.org.*What &lt;b&gt;2&lt;/b&gt; is stored\?}s, 'one request, with the words');
like($look->{content}, qr{<textarea[^>]*>Hello,\n\nyou asked what we store.*\[…\].*http://127}s, 'a text for its kind to begin with');
unlike($look->{content}, qr/Please sign in|Nothing found/, '... and none for strangers');
my ($text) = $look->{content} =~ m{<textarea[^>]*>(.*?)</textarea>}s;
my $r = $privacy->submit($look, qr{/answer}, { words => $text, act => 'answer' });
is($r->{status}, 422, 'with a gap in it nothing goes out');
like($r->{content}, qr/in brackets/, '... and it says why');
is($privacy->submit($look, qr{/answer}, { words => '', act => 'answer' })->{status}, 422, 'nor without words');
$r = $privacy->submit($look, qr{/answer}, { words => $text =~ s/\[…\]/Your name and pictures./r, act => 'answer' });
is($r->{status}, 303, 'filled in it does') or diag $r->{content};
is($site->sql("SELECT COUNT(*) FROM mail_outbox WHERE account_id = $id AND body LIKE '%Your name and pictures.%'"), 1, '... as a letter');
is($site->sql("SELECT COUNT(*) FROM rights_request WHERE kind = 'access' AND state = 'answered' AND answered_at IS NOT NULL"), 1, '... and the request is answered');
like(noted(), qr/look answer\b/, '... which is written');
unlike($privacy->get($path)->{content}, qr/<textarea/, 'what is answered is not answered again');
like($privacy->get('/admin/requests?done=1')->{content}, qr/See what is stored/, '... and stands among what is done');

# --- more time, a refusal, another language ---

$path = request('delete', 5);
$look = $privacy->get($path);
$r = $privacy->submit($look, qr{/answer}, { words => 'There is very much of it.', act => 'extend', months => 2 });
is($r->{status}, 303, 'more time') or diag $r->{content};
is($site->sql("SELECT state FROM rights_request WHERE kind = 'delete'"), 'extended', '... once');
unlike($privacy->get($path)->{content}, qr/value="extend"/, '... and no more');
$r = $privacy->submit($look, qr{/answer}, { words => 'The invoices stay.', act => 'refuse', reason => '' });
is($r->{status}, 422, 'a refusal needs a legal reason');
like($r->{content}, qr/The invoices stay\./, '... and keeps the words');
is($privacy->submit($look, qr{/answer}, { words => 'The invoices stay.', act => 'refuse', reason => 'law' })->{status}, 303, 'with one it goes out');
is($site->sql("SELECT COUNT(*) FROM mail_outbox WHERE account_id = $id AND body LIKE '%The invoices stay.%supervisory%'"), 1, '... and names the authority');
like(noted(), qr/extend\b.*refuse\b/, '... both are written');
$path = request('restrict', 4, email => 'hans@example.net', language => 'de');
$look = $privacy->get($path)->{content};
like($look, qr{lang="de"[^>]*>Guten Tag}, 'a text in the language of the asker');
like($look, qr/Please sign in.*Nothing found/s, '... and for strangers those for strangers');
like($privacy->get("$path?text=8")->{content}, qr{aria-current="true">Nothing found}, 'another text is a link away');

# --- restricting has an effect ---

my $now = int(time * 1e6);
my $limited = "SELECT limited_at IS NOT NULL FROM account WHERE id = $id";
$path = request('object', 3.5);
$look = $privacy->get($path);
like($look->{content}, qr{name="limit" value="1" checked}, 'an objection is followed in the program, too');
is($privacy->submit($look, qr{/answer}, { words => 'We only store them now.', act => 'answer', limit => 1 })->{status}, 303, 'answered');
is($site->sql($limited), 1, '... and the data of the account are only stored');
like($support->get('/admin/accounts/' . ($support->submit($support->get('/admin/accounts'), qr{/admin/accounts}, { email => 'ada@example.org' })->{headers}{location} =~ m{(\w{26})})[0])->{content},
    qr/only stored/, '... as the staff sees');
my $centre = $ada->get('/privacy/centre');
like($centre->{content}, qr/Since \d.* your data are stored, and used for nothing/, '... and the member in the privacy centre');
is($ada->submit($centre, qr{/privacy/centre/limit}, { limit => 'no' })->{status}, 303, 'who allows it again');
is($site->sql($limited), 0, '... at once');
is($ada->submit($ada->get('/privacy/centre'), qr{/privacy/centre/limit}, { limit => 'yes' })->{status}, 303, '... or restricts it without asking anybody');
is($site->sql($limited), 1, '... at once');
my $flags = "SELECT COUNT(*) FROM flag WHERE account_id = $id";
my @steward = ($site->program('gempix-steward'), '-c', $site->config('steward'), 'flags');
$site->sql("INSERT INTO session (token_hash, account_id, created_at, last_seen_at, expires_at, region)
    SELECT UNHEX(SHA2(CONCAT('far', seq), 256)), $id, $now - 60000000 * seq, $now, $now + $day, ELT(seq, 'JP', 'DE') FROM seq_1_to_2");
run([@steward]);
is($site->sql($flags), 0, 'then no program looks for unusual behaviour');
$site->sql("UPDATE account SET limited_at = NULL WHERE id = $id");
run([@steward]);
is($site->sql($flags), 1, '... which would have found some');

# --- reminders ---

is(reminders(), 1, 'a request that is due within a week: a letter to the operator');
is(reminders(), 1, '... once');
$site->sql("UPDATE rights_request SET due_at = due_at - 3 * $day WHERE kind = 'restrict'");
is(reminders(), 2, 'two days before: another');
$site->sql("UPDATE rights_request SET due_at = due_at - 2 * $day WHERE kind = 'restrict'");
is(reminders(), 3, 'when it is late');
is(reminders(), 3, '... once');
like($site->sql("SELECT CONCAT(subject, body) FROM mail_outbox WHERE mail_key LIKE 'rights-late:%'"), qr{OVERDUE.*/admin/requests/\w{26}}s, '... with its address');
is($site->sql("SELECT COUNT(*) FROM mail_outbox WHERE mail_key LIKE 'rights-%' AND (body LIKE '%hans%' OR body LIKE '%is stored%')"), 0, '... and nothing of what was asked, or by whom');
like($privacy->get('/admin/requests')->{content}, qr/badge-bad">\d days? late/, 'the queue says so');
$site->sql("UPDATE rights_request SET due_at = due_at - 8 * $day WHERE kind = 'restrict'");
is(reminders(), 4, 'and again every week that it is late');

done_testing;

#!/usr/bin/perl
# Every look of the staff at a person's data is one row of the audit log: account, job, its words, its pictures, a reported
# picture, a purchase, the log and the record. And what the staff decides about a reported picture.
use Gempix::Test;

skip_all_without(qw(nginx mariadbd));
my $site = site(parts => [qw(database app nginx render)]);
my $eve = $site->member(email => 'eve@example.org');
my $job = $site->order($eve, prompt => 'a zebra in the snow', steps => 4);
is($site->wait_job($eve, $job, 60)->{state}, 'done', 'a picture');
my ($picture) = $site->pictures($eve, $job);
$eve->submit($eve->get("$picture/publish"), qr/publish/, { show_name => 0, show_prompt => 0 });
my ($shown) = $site->client->get('/explore')->{content} =~ m{"/explore/(\w{26})"};
my $guest = $site->client;
is($guest->submit($guest->get("/explore/$shown/report"), qr/report/, { reason => 'rights', note => '<b>mine</b>' })->{status}, 303, 'reported');
$site->sql("INSERT INTO purchase (public_id, account_id, plan, plan_name, credits, amount, currency, state, live, submit_key, receipt, created_at, paid_at)
    SELECT UNHEX(MD5('p')), id, 'small', 'Small', 100, 500, 'eur', 'paid', 0, UNHEX(MD5('p')), 1, 1700000000000000, 1700000000000000 FROM account WHERE email_key = 'eve\@example.org'");
my $owner = $site->staff('owner');
my $support = $site->staff('support');

# What an act wrote into the log, as "action …"; '' = nothing.
sub written
{
    my ($act) = @_;
    my $last = $site->sql('SELECT last_id FROM audit_head');
    my $answer = $act->();
    my @rows = $site->sql("SELECT CONCAT_WS(' ', action, subject_id, reason) FROM audit_event WHERE id > $last ORDER BY id");
    return ($answer, join ' | ', @rows);
}

# --- jobs ---

my ($id) = $job =~ m{(\w{26})};
my ($r, $log) = written(sub { $owner->get('/admin/jobs') });
is("$r->{status} $log", '200 ', 'the list of jobs says nothing about persons and is not written down');
unlike($r->{content}, qr/zebra|eve\@|>eve</, '... nothing at all');
like($owner->get('/admin/jobs?state=failed')->{content}, qr/There is no such job/, '... by state');
($r, $log) = written(sub { $owner->get("/admin/jobs/$id") });
is($log, "job.look $id ", 'one job: one row');
unlike($r->{content}, qr/zebra/, '... without its words');
my $page = $r;
($r, $log) = written(sub { $owner->submit($page, qr{/prompt}, { reason => '' }) });
is("$r->{status} $log", "422 job.look $id ", 'its words need a reason');
unlike($r->{content}, qr/zebra/, '... and do not come without');
($r, $log) = written(sub { $owner->submit($page, qr{/prompt}, { reason => 'ticket 7' }) });
is($log, "job.prompt $id ticket 7", 'with one: one row, with the reason');
like($r->{content}, qr/a zebra in the snow/, '... and the words');
my ($path) = $r->{content} =~ m{<img src="(/admin/jobs/[^"]+)"};
($r, $log) = written(sub { $owner->get($path) });
is($log, "job.picture $id ", 'a picture: one row');
like($r->{headers}{'content-type'}, qr{^image/}, '... and the picture');
like($r->{headers}{'cache-control'}, qr/no-store/, '... that no cache keeps, so that every look is seen');
my $other = $site->order($eve, prompt => 'another', steps => 4);
is($owner->get($path =~ s/$id/$other =~ s{.*\/}{}r/er)->{status}, 404, 'a picture of another job is not found');
unlike($support->get("/admin/jobs/$id")->{content}, qr{/prompt"}, 'the support sees no form for the words');
is($support->get($path)->{status}, 403, '... and no picture');

# --- purchases, the record, the log ---

my ($purchase) = $owner->get('/admin/purchases')->{content} =~ m{/admin/purchases/(\w{26})};
($r, $log) = written(sub { $owner->get("/admin/purchases/$purchase") });
is($log, "purchase.look $purchase ", 'a purchase: one row');
like($r->{content}, qr/5\.00/, '... and the sum');
($r, $log) = written(sub { $owner->get('/admin/record') });
is($log, 'record.look  ', 'the record of processing: one row');
like($r->{content}, qr/Where you are signed in/, '... and the record');
($r, $log) = written(sub { $owner->get('/admin/record.csv') });
is($log, 'record.look  CSV', '... as a file');
like($r->{content}, qr/^"Kind","Name".*\r\n"table","account"/, '... of lines');
($r, $log) = written(sub { $owner->get('/admin/audit') });
is($log, 'audit.look  ', 'the log: one row');

# --- a question ---

$page = $eve->get('/support');
sleep 3; # sooner, it would be a program's work
$r = $eve->submit($page, qr{/support}, { kind => 'problem', words => "It is <b>late</b>.\n\nWhen?" });
my ($ticket) = ($r->{headers}{location} // '') =~ m{(\w{26})};
ok($ticket, 'a question') or diag $r->{content};
($r, $log) = written(sub { $support->get('/admin/tickets') });
is($log, 'ticket.list  ', 'the queue: one row');
($r, $log) = written(sub { $support->get("/admin/tickets/$ticket") });
is($log, "ticket.look $ticket ", 'a question: one row');
like($r->{content}, qr{It is &lt;b&gt;late}, "... and what was asked");
$page = $r;
is($support->submit($page, qr{/answer}, { answer => '' })->{status}, 422, 'an answer needs words');
($r, $log) = written(sub { $support->submit($page, qr{/answer}, { answer => 'Tomorrow.' }) });
is("$r->{status} $log", "303 ticket.answer $ticket ", 'the answer: one row');
like($eve->get("/support/tickets/$ticket")->{content}, qr/Tomorrow\./, '... and the member reads it');
($r, $log) = written(sub { $support->submit($page, qr{/close}, {}) });
is("$r->{status} $log", "303 ticket.close $ticket ", 'closed: one row');

# --- a reported picture ---

($r, $log) = written(sub { $owner->get('/admin/reports') });
like($r->{content}, qr{/admin/reports/$shown.*copyright}s, 'the queue');
like($owner->get('/admin')->{content}, qr{/admin/reports">Reports</a></dt><dd>1</dd>}, '... and on the dashboard');
($r, $log) = written(sub { $owner->get("/admin/reports/$shown") });
is($log, "report.look $shown ", 'a reported picture: one row');
like($r->{content}, qr/&lt;b&gt;mine/, '... and what was said');
$page = $r;
is($owner->submit($page, qr{/dismiss}, { reason => '' })->{status}, 422, 'a decision needs a reason');
($r, $log) = written(sub { $owner->submit($page, qr{/dismiss}, { reason => 'not hers' }) });
is("$r->{status} $log", "303 report.dismiss $shown not hers", 'dismissed');
like($owner->get('/admin/reports')->{content}, qr/No report waits/, '... nothing waits');
is($guest->get("/explore/$shown")->{status}, 200, '... the picture is still shown');
is($owner->submit($page, qr{/dismiss}, { reason => 'again' })->{status}, 409, '... and cannot be dismissed twice');
$guest->submit($guest->get("/explore/$shown/report"), qr/report/, { reason => 'hate' });
($r, $log) = written(sub { $owner->submit($page, qr{/hide}, { reason => 'It is a copy' }) });
is("$r->{status} $log", "303 report.hide $shown It is a copy", 'taken down');
is($guest->get("/explore/$shown")->{status}, 404, '... it is gone');
like($site->sql("SELECT CONCAT(recipient, body) FROM mail_outbox WHERE mail_key LIKE 'taken-down%'"), qr/eve\@example\.org.*It is a copy.*about=appeal/s, '... its owner reads why');
is($eve->get($picture)->{status}, 200, '... and still has it');
$eve->submit($eve->get("$picture/publish"), qr/publish/, { show_name => 0 });
is($guest->get("/explore/$shown")->{status}, 404, '... but cannot show it again');
my ($status, $out) = run([$site->program('gempixctl'), '-c', $site->config('ctl'), qw(audit verify)]);
is($status, 0, 'the chain is whole') or diag $out;

done_testing;

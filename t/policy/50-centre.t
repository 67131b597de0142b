#!/usr/bin/perl
# The privacy centre: a member sees what the tables really hold of them, and nothing of anybody else.
use Gempix::Test;

skip_all_without(qw(nginx mariadbd));
my $site = site(parts => [qw(database app nginx)]);
my $ada = $site->member(email => 'ada@example.org', credits => 50);
my $eve = $site->member(email => 'eve@example.org', credits => 50);
my ($id) = $site->sql("SELECT id FROM account WHERE email = 'ada\@example.org'");
my $us = time . '000000';

sub centre
{
    my ($client) = @_;
    my $answer = $client->get('/privacy/centre');
    is($answer->{status}, 200, 'the privacy centre') or diag $site->logs(10);
    my %row;
    for my $line ($answer->{content} =~ m{<tr>(<th scope="row".*?)</tr>}gs) {
        my ($what) = $line =~ m{<th[^>]*>\s*([^<]*?)\s*<};
        my @cells = $line =~ m{<td[^>]*>\s*(.*?)\s*</td>}gs;
        $row{$what} = { count => $cells[0] =~ s/\D//gr, oldest => $cells[1], next => $cells[2], kept => $cells[3] };
    }
    return %row;
}

is($site->client->get('/privacy/centre')->{status}, 303, 'a stranger is sent to sign in');
is((() = $site->client->get('/privacy')->{content} =~ m{/privacy/centre}g), 0, '... and sees no way there');
like($ada->get('/privacy')->{content}, qr{href="/privacy/centre"}, 'the policy leads a member there');

my $n = 0;
# Something of everything, of both.
for my $owner ($id, $id, $site->sql("SELECT id FROM account WHERE email = 'eve\@example.org'")) {
    $n++;
    $site->sql("INSERT INTO job (id, public_id, account_id, kind, state, turn, cost, model, images, params_version, params, price, submit_key, steps,
        queued_at, finished_at) VALUES ($n, UNHEX(MD5('j$n')), $owner, 'generate', 'done', 1, 1, 'm', 1, 1, '{\"prompt\":\"x\",\"negative_prompt\":\"\"}', 0,
        UNHEX(MD5('s$n')), 4, $us, $us)");
    $site->sql("INSERT INTO media (public_id, account_id, job_id, kind, state, extension, width, height, bytes, sha256, created_at, expires_at)
        VALUES (UNHEX(MD5('m$n')), $owner, $n, 'result', 'stored', 'png', 8, 8, 1, REPEAT('x', 32), $us, $us + 3000000000)");
    $site->sql("INSERT INTO job_preview VALUES ($n, 1, 'x', $us)");
}

my %row = centre($ada);
my %sql = (
    'The account itself' => 'account WHERE id', 'Where you are signed in' => 'session WHERE account_id',
    'Every movement of credits' => 'ledger_transfer WHERE account_id', 'How many credits you have' => 'balance WHERE account_id',
    'What you asked for' => 'job WHERE account_id', 'Your pictures and uploads' => 'media WHERE account_id',
    'Letters to you' => 'mail_outbox WHERE account_id',
    'Small pictures of work in progress' => 'job_preview WHERE job_id IN (SELECT id FROM job WHERE account_id = ' . $id . ') AND ',
);
for my $what (sort keys %sql) {
    my $from = $sql{$what} =~ s/ AND \z/ AND $id/r;
    $from .= " = $id";
    is($row{$what}{count}, $site->sql("SELECT COUNT(*) FROM $from"), "$what: as many as there are");
}
is($row{'What you asked for'}{count}, 2, 'two jobs of her own, none of the other member');
like($row{'Your pictures and uploads'}{next}, qr/\Ain (?:49|50|51) min\z/, 'a picture vanishes in 50 minutes');
like($row{'What you asked for'}{oldest}, qr/20\d\d/, 'the oldest has its day');
like($row{'Where you are signed in'}{next}, qr/20\d\d/, 'a session has its end');
is($row{'your prompt and settings'}{count}, 2, 'words that will be forgotten are counted by themselves');
like($row{'your prompt and settings'}{kept}, qr/90 days after the work ended/, '... and it says when');

$site->sql("UPDATE job SET params = JSON_REPLACE(params, '\$.prompt', '(forgotten)', '\$.negative_prompt', '(forgotten)') WHERE id = 1");
%row = centre($ada);
is($row{'your prompt and settings'}{count}, 1, 'forgotten words are no longer counted');
is($row{'What you asked for'}{count}, 2, '... their job is');

my ($register) = slurp(source() . '/docs/policy/register.yaml') =~ /^tables:\n(.*?)^files:/ms;
my @mine = map { /whose: member/ && /^    owner: /m && /^    about: (.*)/m ? $1 : () } split /^  (?=\w)/m, $register;
is_deeply([grep { !$row{$_} } @mine], [], 'every table about account holders has its line');

# Who sees a line can do something about it.
my $page = $ada->get('/privacy/centre')->{content};
my @lines = map { [/<th scope="row">([^<]*?) *(?:<a class="centre-act" href="([^"]+)">|<)/, /class="number"[^>]*>(\d+)</] } $page =~ m{(<tr><th scope="row">.*?</tr>)}gs;
cmp_ok(scalar @lines, '>', 10, 'the lines of whole tables');
is_deeply([map { $_->[0] } grep { $_->[2] > 0 && !$_->[1] } @lines], [], 'each line that counts something leads to where one can act');
my %leads = map { $_->[1] => 1 } grep { $_->[1] } @lines;
is_deeply([grep { $ada->get($_)->{status} != 200 } sort keys %leads], [], '... and every one of these pages opens');

done_testing;

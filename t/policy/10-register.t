#!/usr/bin/perl
# The data register is true: what the database, the store, the logs and the cookies of a working site really hold is
# declared, and what is declared is there.
use Gempix::Test;
use JSON::PP ();

skip_all_without(qw(nginx mariadbd));
my $site = site(parts => [qw(database app nginx mail render steward)], conf => { 'log.json' => 'true', 'log.level' => 'debug' });
my $register = source() . '/docs/policy/register.yaml';
my %declared = map { /\A(\w+) (\S+)/ ? ("$1 $2" => 1) : () } split /\n/, $site->ctl('register', 'list');

sub command
{
    return run([$site->program('gempixctl'), '-c', $site->config('ctl'), @_]);
}

# --- tables and columns ---

my ($status, $out) = command('register', 'check');
is($status, 0, 'every column is declared, and every declaration is there') or diag $out;
$site->sql('CREATE TABLE diary (id INT PRIMARY KEY, secret TEXT)');
$site->sql('ALTER TABLE session ADD COLUMN shoe_size INT');
($status, $out) = command('register', 'check');
is($status, 1, 'a table and a column that nobody declared fail');
like($out, qr/^\Q$_\E: not declared/m, "... $_ by name") for qw(diary.id diary.secret session.shoe_size);
$site->sql('DROP TABLE diary');
$site->sql('ALTER TABLE session DROP COLUMN shoe_size');
$site->sql('ALTER TABLE ledger_transfer DROP COLUMN note');
($status, $out) = command('register', 'check');
is($status, 1, 'a declaration without a column fails');
like($out, qr/^ledger_transfer\.note: declared, and not in the database/m, '... by name');
$site->sql("ALTER TABLE ledger_transfer ADD COLUMN note VARCHAR(200) NOT NULL DEFAULT ''");

# --- a strict reader ---

my $folder = tempdir();
my $text = slurp($register);

sub refused
{
    my ($what, $from, $to, $want) = @_;
    (my $wrong = $text) =~ s/$from/$to/ or die "$what: nothing to replace";
    spew("$folder/register.yaml", $wrong);
    my $config = slurp($site->config('ctl')) =~ s{dir: '[^']*/docs/policy'}{dir: '$folder'}r;
    spew($site->path('etc/wrong.yaml'), $config);
    my ($code, $said) = run([$site->program('gempixctl'), '-c', $site->path('etc/wrong.yaml'), 'register', 'list']);
    is($code, 1, "refused: $what");
    like($said, qr/register\.yaml:\d+: .*$want/s, '... with the place and the reason');
    return;
}

refused('an unknown key', qr/    whose: member\n/, "    whose: member\n    colour: red\n", 'unknown');
refused('an unknown word', qr/whose: member/, 'whose: neighbour', 'none of');
refused('a promise that was not given', qr/promises: P2 P12/, 'promises: P22', 'P1 to P21');
refused('a purpose that is not declared', qr/    purpose: account\n/, "    purpose: fun\n", 'not declared');
refused("no $_", qr/^  session:\n(?:    [^\n]*\n)*?\K    $_: [^\n]*\n/m, "", "needed|its table is not") for qw(category promises purpose basis export erase processors);
refused('a span that is none', qr/for: 14 days/, 'for: a while', 'for:');
refused('a rule on a column that is not declared', qr/after: expires_at/, 'after: expired_at', 'not declared');
refused('a table twice', qr/\n  session:/, "\n  account:", 'twice');
refused('personal data for ever', qr/keep: \{after: starts_at, for: 1 hour\}/, 'keep: always', 'for ever');
refused('a column twice', qr/token_hash: no/, 'account_id: no', 'twice');

# --- a visit: sign-up, a choice of language, a picture, a mistake, a farewell ---

my %cookies;
my $marker = 'zebra' . $$;

sub visit
{
    my ($answer) = @_;
    for my $header (map { ref $_ ? @$_ : $_ // () } $answer->{headers}{'set-cookie'}) {
        $cookies{$1 =~ s/\A__Host-//r} = 1 if $header =~ /\A([^=]+)=[^;]/;
    }
    return $answer;
}

my $guest = $site->client;
is_deeply([map { visit($guest->get($_))->{status} } qw(/ /about /privacy /terms)], [200, 200, 200, 200], 'looking around');
is_deeply([sort keys %cookies], [], '... sets no cookie');
visit($guest->get('/language?to=de'));
visit($guest->get('/language?to=en'));
visit($guest->get('/theme?to=dark'));
visit($guest->post('/privacy/choices', { choice => 'refuse' }, headers => { referer => $site->url . '/' }));
my $form = visit($guest->get("/signup?note=$marker"));
my $answer = visit($guest->submit($form, qr{/signup}, {
    email => "$marker\@example.org", display_name => $marker, password => "$marker quiet boats", of_age => 1, terms => 1,
}));
is($answer->{status}, 303, 'signing up') or diag $answer->{content};
my $job = $site->order($guest, prompt => "a $marker at night");
is($site->wait_job($guest, $job, 60)->{state}, 'done', 'a picture');
my ($picture) = $site->pictures($guest, $job);
visit($guest->submit(visit($guest->get($picture)), qr{/keep|/save}, {}));
visit($guest->submit(visit($guest->get('/create')), qr{/signout}, {}));
$guest->get('/no/such/page');
$site->sql("INSERT INTO data_copy (account_id, asked_at, due_at) SELECT MAX(id), 1, 1 FROM account");
run([$site->program('gempix-steward'), '-c', $site->config('steward'), 'copies']);

is_deeply([grep { !$declared{"cookie $_"} } sort keys %cookies], [], 'every cookie that is set is declared');
is_deeply([grep { !$cookies{s/\Acookie //r} } sort grep { /\Acookie / } keys %declared], [],
    'every cookie that is declared is set by somebody');

# --- files: what lies in the site's folder and is neither the database, the configuration nor a log ---

my @patterns = map { /\Afile \S+ (\S+)/ ? $1 : () } split /\n/, $site->ctl('register', 'list');
my %matched;
for my $path (map { chomp; s{\A\./}{}r } `cd $site->{dir} && find . -type f`) {
    next if $path =~ m{\A(?:mariadb|etc|secret|run|mail|log|nginx)/} || $path =~ m{\A[^/]+\.(?:pid|conf)\z};
    my ($pattern) = grep { my $re = quotemeta; $re =~ s/\\\*/[^\/]*/g; $re =~ s/\\\?/[^\/]/g; $path =~ /\A$re\z/ } @patterns;
    ok(defined $pattern, "a file that is declared: $path") or next;
    $matched{$pattern} = 1;
}
is_deeply([grep { !$matched{$_} } @patterns], [], 'every kind of file that is declared was written');

# --- logs ---

my ($format) = slurp(source() . '/nginx/gempix.conf.in') =~ /^log_format\s+\@zone\@\s+(.*?);/ms;
is_deeply([sort map { "log access.$_" } $format =~ s/\@zone\@_//gr =~ /\$(\w+)/g], [sort grep { /\Alog access\./ } keys %declared],
    'the access log has the fields that are declared');
my $access = slurp($site->path('log/gempix-access.log'));
like($access, qr/^127\.0\.0\.0 \[/m, 'it has the network of a visitor');
unlike($access, qr/127\.0\.0\.1/, '... and never the address');
wait_until(10, 'the render daemon to report its job', sub { grep { slurp($_) =~ /"context"/ } glob $site->path('log/*.log') });
my %fields;
my $lines = 0;
for my $log (glob $site->path('log/*.log')) {
    my $content = slurp($log);
    unlike($content, qr/\Q$marker/, 'neither words, name, address nor query of the visitor: ' . $log =~ s{.*/}{}r);
    for (grep { /\A\{/ } split /\n/, $content) {
        my $entry = eval { JSON::PP::decode_json($_) } or next;
        $fields{"log programs.$_"} = 1 for keys %$entry;
        $lines++;
    }
}
ok($lines > 0, 'the programs wrote lines');
is_deeply([sort keys %fields], [sort grep { /\Alog programs\./ } keys %declared], 'with the fields that are declared');

done_testing;

#!/usr/bin/perl
# The privacy policy as visitors read it: every promise, the tables of the register, older versions with what changed,
# and the record of processing.
use Gempix::Test;

skip_all_without(qw(nginx mariadbd));
my $source = source() . '/docs/policy';
my $folder = tempdir();
mkdir "$folder/versions";
spew("$folder/$_", slurp("$source/$_")) for qw(register.yaml policy.yaml);
my ($version) = slurp("$source/register.yaml") =~ /^version: (\S+)/m;
my $now = slurp("$source/versions/$version.txt");
(my $before = $now) =~ s/^Your data is not sold\. /Your data is never lent. /m or die 'nothing to change';
spew("$folder/versions/$version.txt", $now);
spew("$folder/versions/2025-01-31.txt", $before);
my $site = site(parts => [qw(database app nginx)], conf => { 'policy.dir' => "$folder", 'site.name' => 'Zebra & Sons' });
my $visitor = $site->client;

sub words
{
    my ($html) = @_;
    $html =~ s/<[^>]*>/ /g;
    $html =~ s/&amp;/&/g;
    $html =~ s/&quot;/"/g;
    $html =~ s/&#(?:39|x27);/'/g;
    return $html =~ s/\s+/ /gr;
}

sub command
{
    my ($dir, @arguments) = @_;
    spew($site->path('etc/policy.yaml'), slurp($site->config('ctl')) =~ s{dir: '\Q$folder\E'}{dir: '$dir'}r);
    return run([$site->program('gempixctl'), '-c', $site->path('etc/policy.yaml'), @arguments]);
}

# --- the page ---

my $answer = $visitor->get('/privacy');
is($answer->{status}, 200, 'the policy') or diag $site->logs(10);
my $page = words($answer->{content});
my %stated = map { $_ => 1 } map { split ' ' } $page =~ /Promises ?: ((?:P\d+ ?)+)/g;
is_deeply([sort keys %stated], [sort map { "P$_" } 1 .. 21], 'states every promise, P1 to P21');
like($page, qr/In force since \Q$version\E/, '... and its date');
like($page, qr/Zebra & Sons/, '... the name of the site (P21)');
like($page, qr/operator\@example\.org/, '... and whom to write to');
unlike($page, qr/\{\w+\}/, 'no placeholder is left');
my $register = slurp("$source/register.yaml");
my ($tables) = $register =~ /^tables:\n(.*?)^files:/ms;
my @kept = map { /whose: (?:member|visitor)/ && /^    about: (.*)/m ? $1 : () } split /^  (?=\w)/m, $tables;
cmp_ok(scalar @kept, '>', 8, 'the register has tables about persons');
is_deeply([grep { index($page, $_) < 0 } @kept], [], '... and the policy shows each of them');
like($page, qr/30 days after the letter was sent/, '... with how long it is kept');
like($page, qr/1 day after they were made/, '... and the configured span of transient pictures');

# --- its parts ---

my $cookies = words($visitor->get('/privacy/cookies')->{content});
my ($declared) = $register =~ /^cookies:\n(.*)/ms;
like($cookies, qr/ \Q$_\E /, "the cookie page names $_") for $declared =~ /^  ([\w-]+):/mg;
my $processors = words($visitor->get('/privacy/processors')->{content});
my ($list) = $register =~ /^processors:\n(.*?)^# /ms;
like($processors, qr/\Q$_\E/, "the list of processors names $_") for $list =~ /^    name: (.*)/mg;

# --- versions ---

my $versions = $visitor->get('/privacy/versions')->{content};
like(words($versions), qr/\Q$version\E in force.*2025-01-31 the first/, 'all versions are listed, the newest first');
$answer = $visitor->get("/privacy/version?date=$version");
is($answer->{status}, 200, 'a version can be read');
like($answer->{content}, qr{<del>Your data is never lent\.[^<]*</del>}, '... what it took away is marked');
like($answer->{content}, qr{<ins>Your data is not sold\.[^<]*</ins>}, '... and what it added');
is(() = $answer->{content} =~ m{<(?:ins|del)>}g, 4, '... and nothing else (two of four explain the marks)');
$answer = $visitor->get('/privacy/version?date=2025-01-31');
like(words($answer->{content}), qr/Your data is never lent/, 'the older one too');
unlike($answer->{content}, qr/<ins>|<del>/, '... of which nothing is marked: there is none before it');
is($visitor->get("/privacy/version?date=$_")->{status}, 404, "no version: $_") for '2024-01-01', '../../../x', '';

# --- the text that is kept is the text that is shown ---

my ($status, $text) = command($source, 'policy', 'print');
is($status, 0, 'the policy as text');
is($text, $now, "versions/$version.txt is the policy of today. After a change: make policy")
    or diag 'See docs/policy/README.md, "A new version".';

my $words = slurp("$source/policy.yaml");
spew("$folder/policy.yaml", $words =~ s/promises: P7\n/promises: P1\n/r);
($status, $text) = command("$folder", 'policy', 'print');
is($status, 1, 'a policy that leaves a promise out is refused');
like($text, qr/no section states P7/, '... by its number');

# --- the record of processing ---

($status, my $csv) = command($source, 'register', 'record', '--csv');
is($status, 0, 'the record of processing as CSV');
my @lines = split /\r\n/, $csv;
like($lines[0], qr/^"Kind","Name","What it is".*"Legal ground","Kept"/, '... with a head');
is_deeply([grep { my $l = $_; (() = $l =~ /"((?:[^"]|"")*)"/g) != 11 } @lines], [], '... and as many cells in every line');
ok((grep { /^"table","session",/ } @lines), '... has what is about persons');
ok(!(grep { /"render_worker"/ } @lines), '... and nothing else');
($status, my $html) = command($source, 'register', 'record', '--html');
like($html, qr/<h1>Record of processing: Zebra &amp; Sons/, 'the same as HTML');
is((command($source, 'register', 'record'))[0], 2, 'one of the two must be chosen');

# --- links that lead away are marked (P1, P19) ---

my %seen;
my @next = ('/');
while (defined(my $path = shift @next)) {
    next if $seen{$path}++ || $path =~ m{\A/(?:language|theme)\?};
    my $content = $visitor->get($path)->{content} // '';
    push @next, grep { !m{\A/static/} } $content =~ /<a\b[^>]*href="(\/[^"#]*)/g;
    my @foreign = grep { /href="https?:/ && !/rel="[^"]*external/ } $content =~ /(<a\b[^>]*>)/g;
    is_deeply(\@foreign, [], "no unmarked link leads away from $path");
    last if keys %seen > 40;
}

done_testing;

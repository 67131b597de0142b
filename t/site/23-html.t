#!/usr/bin/perl
# Walks the site along its own links, as a stranger and as a member: every page is well-formed and labelled, every link
# leads somewhere, every static file exists and is stamped.
use Gempix::Test;
use Gempix::Html qw(problems links);
use Gempix::Tidy qw(complaints tidy_program);

skip_all_without(qw(nginx mariadbd));

# The checker itself first: it must see what it is there for.
my $good = '<!DOCTYPE html><html><body><h1>x</h1><p>a &amp; b<br></p></body></html>';
is_deeply([problems($good)], [], 'a good page has no problems');
my %bad = (
    'crossed elements' => ['<p>', '<p><b></p></b>'], 'an open element' => ['<p>', '<div><p>'], 'a double id' => ['<p>', '<p id="a"><i id="a"></i>'],
    'a stray <' => ['a ', 'a < '], 'a stray &' => ['&amp;', '&'], 'no heading' => ['<h1>x</h1>', ''], 'a left-over name' => ['a ', '{{a}} '],
    'a field without label' => ['<br>', '<input name="x">'], 'an inline script' => ['<p>', '<p onclick="x()">'], 'a picture without alt' => ['<br>', '<img src="/x" width="1" height="1">'],
);
for my $what (sort keys %bad) {
    my ($from, $to) = @{$bad{$what}};
    my $page = $good =~ s/\Q$from\E/$to/r;
    ok(scalar problems($page), "... it sees $what");
}

# So must tidy, which looks at every page of every test (Gempix::TestClient).
SKIP: {
    skip 'tidy is not installed', 4 if !defined tidy_program();
    my $page = "<!DOCTYPE html>\n<html lang=\"en\"><head><title>x</title></head><body><h1>x</h1><dl><div><dt>a</dt><dd>b</dd></div></dl></body></html>\n";
    is_deeply([complaints($page)], [], 'tidy finds a good page good');
    ok(scalar complaints($page =~ s{<h1>}{<h1><p>}r), '... not a paragraph in a heading');
    ok(scalar complaints($page =~ s{<dl>}{<dl><table></dl>}r), '... not crossed elements');
    ok(scalar complaints($page =~ s{<h1>}{<h1 colour="red">}r), '... not an attribute that there is not');
}

my $site = site(parts => [qw(database app nginx render)]);

# Visits everything that can be reached from a path; returns how many pages that were.
sub walk
{
    my ($who, $client, @open) = @_;
    my (%seen, $pages);
    while (defined(my $path = shift @open)) {
        next if $seen{$path}++;
        my $r = $client->get($path);
        if ($path =~ m{^/static/}) {
            is($r->{status}, 200, "$who: $path");
            like($path, qr/\?v=[\w-]+/, '... is stamped, so that it can be kept for ever');
            next;
        }
        if ($r->{status} == 303) {
            push @open, $r->{headers}{location};
            next;
        }
        is($r->{status}, 200, "$who: $path");
        next if ($r->{headers}{'content-type'} // '') !~ m{text/html};
        $pages++;
        my @problems = problems($r->{content});
        is(scalar @problems, 0, '... is well-formed') or diag join "\n", @problems;
        my $short = sub { $_[0] =~ s{[\w-]{16,}}{ID}gr =~ s{=[^&]*}{=}gr };
        push @open, grep { !$seen{$short->($_) . ' kind'}++ } links($r->{content});
    }
    return $pages;
}

cmp_ok(walk('stranger', $site->client, '/'), '>=', 5, 'a stranger finds some pages');
my $member = $site->member(credits => 20);
my $job = $site->order($member);
my @problems = problems($member->get($job)->{content});
is(scalar @problems, 0, 'an unfinished job is well-formed') or diag join "\n", @problems;
$site->wait_job($member, $job, 60);
cmp_ok(walk('member', $member, '/create', '/pictures', $job), '>=', 5, 'a member finds some more');

# Pages that say that something is wrong.
my @wrong = (
    $site->client->get('/no/such/page'), $member->get('/jobs/0000000000000000000000'), $site->client->post('/', { a => 1 }),
    $member->post('/create', { prompt => 'forged' }),
    $member->submit($member->get('/create'), qr{/create}, { prompt => '', steps => 'many' }),
    $site->client->submit($site->client->get('/signup'), qr{/signup}, { email => '"><script>', password => '' }),
);
for my $r (@wrong) {
    cmp_ok($r->{status}, '>=', 400, "$r->{url}: $r->{status}");
    @problems = problems($r->{content});
    is(scalar @problems, 0, '... is well-formed') or diag join "\n", @problems;
    unlike($r->{content}, qr/"><script>/, '... and escapes what came in');
}

done_testing;

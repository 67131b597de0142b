#!/usr/bin/perl
# Publishing and Explore: what becomes public and what never does, taking back, reports, the feed.
use FindBin;
use lib "$FindBin::Bin/../library";
use Gallery qw(fill hang base32);
use Gempix::Html qw(problems);
use Gempix::Test;

skip_all_without(qw(nginx mariadbd));
my $site = site(parts => [qw(database app nginx)]);
my $ada = $site->member(email => 'ada@example.org');
my $eve = $site->member(email => 'eve@example.org');
my $anybody = $site->client;

my $page = $anybody->get('/explore');
is($page->{status}, 200, 'Explore needs no account');
like($page->{content}, qr/Nothing here yet/, '... and says when there is nothing');
is_deeply([problems($page->{content})], [], '... in clean HTML');
ok(!exists $page->{headers}{'set-cookie'}, '... without a cookie');
like($page->{headers}{'cache-control'}, qr/public, max-age=\d+/, '... so that caches may keep it');

fill($site, 'ada@example.org', 40, views => 1);
hang($site, 48, 32);
my @own = map { base32($_) } $site->sql("SELECT LOWER(HEX(public_id)) FROM media WHERE kind = 'result' ORDER BY id DESC");
my $private = "/pictures/$own[0]";

sub shown { return $anybody->get('/explore')->{content} =~ m{href="(/explore/\w{26})"}g }

# --- one picture ---

is($eve->get("$private/publish")->{status}, 404, 'a stranger cannot even ask');
is($anybody->get("$private/publish")->{status}, 303, '... and a guest signs in first');
$page = $ada->get("$private/publish");
is_deeply([problems($page->{content})], [], 'the page that asks is clean HTML');
unlike($page->{content}, qr/checked/, '... and shows nothing of the person unless she wants it');
is($ada->submit($page, qr/publish/, {})->{status}, 303, 'published');
my ($public) = shown();
ok(defined $public, 'it is on Explore');
isnt($public, "/explore/$own[0]", '... under an address of its own');
$page = $anybody->get('/explore')->{content} . $anybody->get($public)->{content};
unlike($page, qr/\Q$own[0]\E/, 'the private address is not told');
unlike($page, qr/\Q@{[Gallery::word_of(40)]}\E|ada/, '... nor words, nor name');
is(unpack('H*', substr $anybody->get("$public/view")->{content}, 0, 3), 'ffd8ff', 'everybody gets the copy for pages');
like($anybody->get("$public/thumb")->{headers}{'cache-control'}, qr/public, max-age=\d+/, '... and the small one, which caches may keep');
is($anybody->get("$private/file")->{status}, 303, 'the file itself stays private');
is($eve->get($private)->{status}, 404, '... and so does its page');
like($ada->get($private)->{content}, qr/Unpublish/, 'its owner can take it back');

# Data that are only stored are not shown either, until their owner allows it.
$ada->submit($ada->get('/privacy/centre'), qr{/privacy/centre/limit}, { limit => 'yes' });
is(scalar(my @none = shown()), 0, 'whose data are only stored is not on Explore');
is_deeply([map { $anybody->get("$public$_")->{status} } '', '/view', '/thumb'], [404, 404, 404], '... nor under the address');
$ada->submit($ada->get('/privacy/centre'), qr{/privacy/centre/limit}, { limit => 'no' });
is_deeply([shown()], [$public], '... and is again, when she allows it');

$ada->submit($ada->get("$private/publish"), qr/publish/, { show_name => 1, show_prompt => 1 });
is(scalar(my @one = shown()), 1, 'published twice is published once');
$page = $anybody->get($public);
like($page->{content}, qr/\Q@{[Gallery::word_of(40)]}\E/, 'the words, when she wants it');
like($page->{content}, qr/by ada/, '... and the name');
like($page->{content}, qr{href="/start\?prompt=a%20}, '... and a way to try the words');
is_deeply([problems($page->{content})], [], '... in clean HTML');

# --- it shows only while it is kept ---

$ada->submit($ada->get($private), qr/keep/, { keep => 'no' });
is($anybody->get($public)->{status}, 404, 'a picture that is no longer kept is not shown');
$ada->submit($ada->get($private), qr/keep/, { keep => 'yes' });
is($anybody->get($public)->{status}, 200, '... and again when it is');
$ada->submit($ada->get($private), qr/unpublish/, {});
is($anybody->get($public)->{status}, 404, 'taken back');
is($anybody->get("$public/view")->{status}, 404, '... with its copies');
is($ada->get($private)->{status}, 200, '... and still there for its owner');

# --- many, in pages ---

sub choose
{
    my ($what, @ids) = @_;
    my ($form) = grep { $_->{action} =~ /selection/ } Gempix::Client::forms($ada->get('/pictures'));
    return $ada->request('POST', '/pictures/selection', content => join('&', "do=$what", "csrf=$form->{fields}{csrf}", map { "id=$_" } @ids),
        headers => { 'content-type' => 'application/x-www-form-urlencoded' });
}

is(choose('publish', @own)->{status}, 303, 'forty at once');
is($site->sql('SELECT COUNT(*) FROM publication WHERE show_name = 1 OR show_prompt = 1'), 0, '... without name and words');
is($site->sql("SELECT COUNT(*) FROM media WHERE kind = 'result' AND saved = 0"), 0, '... and kept');
$page = $anybody->get('/explore');
is(scalar(my @first = $page->{content} =~ m{href="(/explore/\w{26})"}g), 24, 'a page of 24');
my ($older) = $page->{content} =~ m{href="([^"]*)" rel="next"};
is(scalar(my @rest = $anybody->get($older)->{content} =~ m{href="(/explore/\w{26})"}g), 16, '... and the rest');
is(scalar(grep { my $one = $_; grep { $_ eq $one } @rest } @first), 0, '... that are others');
is(choose('delete', $own[3])->{status}, 303, 'deleting a published one');
is(scalar(my @after = (shown(), $anybody->get($older)->{content} =~ m{href="(/explore/\w{26})"}g)) >= 38, 1, '... takes it alone away');
is($site->sql("SELECT COUNT(*) FROM publication p JOIN media m ON m.id = p.media_id WHERE m.state = 'doomed'"), 1, '... until it comes back');

# --- reports ---

($public) = shown();
$page = $anybody->get("$public/report");
is_deeply([problems($page->{content})], [], 'the page for reports is clean HTML');
is($anybody->submit($page, qr/report/, { reason => 'hate', note => 'look at <this>' })->{status}, 303, 'a report without an account');
is($site->sql("SELECT CONCAT_WS('|', reason, note, COALESCE(account_id, '-'), state) FROM report"), 'hate|look at <this>|-|open', '... is in the queue');
like($anybody->get('/explore')->{content}, qr/Thank you/, '... and thanked for');
$page = $anybody->submit($anybody->get("$public/report"), qr/report/, { note => 'no reason' });
is($page->{status}, 422, 'a reason is needed');
like($page->{content}, qr/no reason/, '... and what was written stays');
is($anybody->post("$public/report", { reason => 'hate' })->{status}, 403, 'not without the form');
$eve->submit($eve->get("$public/report"), qr/report/, { reason => 'other' }) for 1 .. 25;
is($site->sql('SELECT COUNT(*) FROM report'), 20, 'twenty open reports of a picture are enough');
$site->sql("UPDATE publication SET state = 'hidden' WHERE public_id = (SELECT * FROM (SELECT p.public_id FROM report r JOIN publication p ON p.id = r.publication_id LIMIT 1) x)");
is($anybody->get($public)->{status}, 404, 'what the operator hides is gone');
choose('unpublish', @own);
choose('publish', @own);
is($site->sql("SELECT COUNT(*) FROM publication WHERE state = 'hidden'"), 1, '... and its owner cannot bring it back');

# --- the feed ---

$page = $anybody->get('/explore/feed');
like($page->{headers}{'content-type'}, qr{application/atom\+xml}, 'a feed');
ok(!exists $page->{headers}{'set-cookie'}, '... without a cookie');
$site->sql("UPDATE account SET display_name = 'A & <B>' WHERE email_key = 'ada\@example.org'");
$site->sql('UPDATE publication SET show_name = 1, show_prompt = 1');
$page = $anybody->get('/explore/feed');
my ($status, $out) = run(['python3', '-c', 'import sys, xml.etree.ElementTree as E; t = E.fromstring(sys.stdin.buffer.read()); n = "{http://www.w3.org/2005/Atom}"; e = t.findall(n + "entry"); print(t.tag, len(e), e[0].find(n + "author/" + n + "name").text, e[0].find(n + "link").get("href"))'],
    stdin => $page->{content});
like($out, qr{^\{http://www.w3.org/2005/Atom\}feed 38 A & <B> \Q@{[$site->url]}\E/explore/\w{26}$}, '... well-formed, with addresses of the site') or diag $out;
done_testing();

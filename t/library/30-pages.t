#!/usr/bin/perl
# The library as a member uses it without JavaScript: pages, filters, search, several at once, undo.
use FindBin;
use lib $FindBin::Bin;
use Gallery qw(fill hang);
use Gempix::Html qw(problems);
use Gempix::Test;

skip_all_without(qw(nginx mariadbd));
my $site = site(parts => [qw(database app nginx)]);
my $ada = $site->member(email => 'ada@example.org');
my $eve = $site->member(email => 'eve@example.org');

my $page = $ada->get('/pictures');
like($page->{content}, qr/No pictures yet/, 'an empty library says what will be there');
fill($site, 'ada@example.org', 60);
fill($site, 'eve@example.org', 3);
hang($site, 32, 32);

# The pictures of a page, by the numbers in their words, in its order.
sub numbers
{
    my ($answer) = @_;
    return $answer->{content} =~ m{class="tile-words">[^<]*number (\d+)}g;
}

sub count
{
    my @all = numbers(@_);
    return scalar @all;
}

sub ids
{
    my ($answer) = @_;
    return $answer->{content} =~ m{name="id" value="(\w+)"}g;
}

sub older
{
    my ($answer) = @_;
    my ($link) = $answer->{content} =~ m{href="([^"]*)" rel="next"};
    return defined $link ? $link =~ s/&amp;/&/gr : undef;
}

# --- pages ---

$page = $ada->get('/pictures');
is(join(',', numbers($page)), join(',', reverse 37 .. 60), 'the newest 24 first');
is_deeply([problems($page->{content})], [], 'clean HTML');
$page = $ada->get(older($page));
is(join(',', numbers($page)), join(',', reverse 13 .. 36), 'older ones by a link');
$page = $ada->get(older($page));
is(join(',', numbers($page)), join(',', reverse 1 .. 12), '... to the first');
ok(!defined older($page), '... and no further');
unlike($page->{content}, qr/OFFSET|page=/, 'places are pictures, not counts');

# --- filters ---

$page = $ada->get('/pictures?saved=1');
is(join(',', numbers($page)), join(',', map { $_ * 5 } reverse 1 .. 12), 'the kept alone');
$page = $ada->get('/pictures?q=balloon');
my @found = numbers($page);
ok(@found > 1 && @found < 24, 'a word of the prompts');
is(scalar(grep { Gallery::word_of($_) =~ /balloon/ } 1 .. 60), scalar(@found), '... finds all that have it');
$page = $ada->get('/pictures?q=by+a');
is(count($page), 24, 'a common word fills pages');
my $next = older($page);
like($next, qr/q=by%20a/, '... and stays in the link to older ones');
is((numbers($ada->get($next)))[0], 36, '... which goes on below');
is(count($ada->get('/pictures?kind=picture')), 0, 'kinds');
is(count($ada->get('/pictures?kind=words')), 24, '... are told apart');
is(count($ada->get('/pictures?to=2020-01-01')), 0, 'dates');
is(count($ada->get('/pictures?from=2020-01-01')), 24, '... limit');
$page = $ada->get('/pictures?to=soon&q=%3Cb%3E');
like($page->{content}, qr/not understood/, 'a wrong date is said');
like($page->{content}, qr/value="&lt;b&gt;"/, '... and what was typed comes back escaped');
is_deeply([problems($page->{content})], [], '... in clean HTML');

# --- several at once ---

sub choose
{
    my ($client, $answer, $what, @ids) = @_;
    my ($form) = grep { $_->{action} =~ /selection/ } Gempix::Client::forms($answer);
    my $body = join '&', "do=$what", "csrf=$form->{fields}{csrf}", 'here=' . ($form->{fields}{here} // ''), map { "id=$_" } @ids;
    return $client->request('POST', '/pictures/selection',
        content => $body, headers => { 'content-type' => 'application/x-www-form-urlencoded' });
}

sub state_of
{
    my ($where) = @_;
    return scalar $site->sql("SELECT COUNT(*) FROM media JOIN account ON account.id = account_id WHERE email_key = 'ada\@example.org' AND $where");
}

$page = $ada->get('/pictures');
my @ids = (ids($page))[0 .. 2];
is(choose($ada, $page, 'keep', @ids)->{status}, 303, 'three are kept');
is(state_of('saved = 1 AND expires_at IS NULL'), 14, '... 60 was already');
choose($ada, $page, 'unkeep', @ids);
is(state_of('saved = 1 AND expires_at IS NULL'), 11, '... and no longer');
my $answer = choose($ada, $ada->get('/pictures?q=by'), 'delete', @ids, ids($eve->get('/pictures')));
like($answer->{headers}{location}, qr{/pictures\?(?:q=by&)?deleted=\w{26}$}, 'deleting comes back with an offer');
is(state_of("media.state = 'doomed'"), 3, '... one\'s own alone are gone');
is(scalar(my @hers = ids($eve->get('/pictures'))), 3, '... a stranger\'s are not touched');
$page = $ada->get($answer->{headers}{location});
like($page->{content}, qr/3 pictures are deleted/, 'the page says so');
is_deeply([problems($page->{content})], [], '... in clean HTML');
unlike($page->{content}, qr/\Q$ids[0]\E/, '... and does not show them');
is($ada->get("/pictures/$ids[0]/file")->{status}, 404, '... nor hands out the file');
my ($key) = $answer->{headers}{location} =~ /deleted=(\w+)/;
unlike($eve->get("/pictures?deleted=$key")->{content}, qr/are deleted/, 'a stranger is not told');
is($ada->submit($page, qr/restore/, {})->{status}, 303, 'undo');
is(scalar(grep { $_ eq $ids[0] } ids($ada->get('/pictures'))), 1, '... brings them back');
is($ada->submit($page, qr/restore/, {})->{status}, 404, '... once');
# --- one picture ---

$page = $ada->get('/pictures');
my ($own) = ids($page);
$page = $ada->get("/pictures/$own");
is_deeply([problems($page->{content})], [], 'the page of a picture is clean HTML');
like($page->{content}, qr{/create\?from=\w+&amp;seed=60}, '... leads back into the studio');
unlike($page->{content}, qr/<img(?![^>]*width=")[^>]*>/, '... knows the size of every picture');
my %begins = ('' => '89504e47', 'png' => '89504e47', 'jpeg' => 'ffd8ff', 'webp' => '52494646');
my %type = ('' => 'image/png', 'png' => 'image/png', 'jpeg' => 'image/jpeg', 'webp' => 'image/webp');
my %ending = ('' => 'png', 'png' => 'png', 'jpeg' => 'jpg', 'webp' => 'webp');
for my $format ('', qw(png jpeg webp)) {
    my $file = $ada->get("/pictures/$own/download" . ($format ? "?as=$format" : ''));
    is("$file->{status} $file->{headers}{'content-type'}", "200 $type{$format}", "a download" . ($format && " as $format"));
    like(unpack('H*', $file->{content}), qr/^$begins{$format}/, '... is one');
    like($file->{headers}{'content-disposition'}, qr/attachment; filename="a-red-sun-by-a-blue-lighthouse-number-60-\w{8}\.$ending{$format}"/,
        '... named by its words');
}
is($ada->get("/pictures/$own/download?as=bmp")->{status}, 400, 'no other format');
is($eve->get("/pictures/$own/download?as=jpeg")->{status}, 404, 'no stranger has it converted');

# --- an archive ---

$page = $ada->get('/pictures');
@ids = ids($page);
$answer = choose($ada, $page, 'zip', @ids);
is($answer->{status}, 200, 'an archive of a page');
is($answer->{headers}{'content-type'}, 'application/zip', '... is said to be one');
like($answer->{headers}{'content-disposition'}, qr/attachment; filename="gempix-20\d\d-\d\d-\d\d\.zip"/, '... with a name');
my $folder = tempdir();
spew("$folder/x.zip", $answer->{content});
my ($status, $listing) = run(['python3', '-c', 'import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); print(z.testzip()); [print(i.filename, i.file_size) for i in z.infolist()]', "$folder/x.zip"]);
my @listed = split /\n/, $listing;
is(shift @listed, 'None', '... that is whole') or diag $listing;
is(scalar @listed, 24, '... with every picture');
like($listed[0], qr/^a-red-sun-by-a-blue-lighthouse-number-60-\w{8}\.png [1-9]/, '... under its words');
is(choose($ada, $page, 'zip', ids($eve->get('/pictures')))->{status}, 404, 'not of a stranger\'s pictures');
unlink glob $site->path('media') . '/*/*/*.png';
is(choose($ada, $page, 'zip', @ids)->{status}, 500, 'without files an error, not half an archive');

is(choose($ada, $page, 'burn', @ids)->{status}, 400, 'an unknown action is refused');
is(choose($ada, $page, 'keep')->{status}, 303, 'nothing selected');
like($ada->get('/pictures')->{content}, qr/Select one or more/, '... is said');
$answer = $ada->request('POST', '/pictures/selection', content => 'do=delete&id=' . $ids[0],
    headers => { 'content-type' => 'application/x-www-form-urlencoded' });
is($answer->{status}, 403, 'no change without the form\'s token');
done_testing();

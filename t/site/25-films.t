#!/usr/bin/perl
# Films and enlarged pictures over HTTP, where the site has motion modules and an upscaler: the tiny random ones of t/data.
use Gempix::Html qw(problems);
use Gempix::Test;

skip_all_without(qw(nginx mariadbd));
my $data = source() . '/t/data';
my $site = site(
    parts => [qw(database app nginx render)], model => "$data/tiny-lcm",
    conf => { 'models.dir' => $data, 'model.motion' => 'motion/continue', 'model.upscaler' => 'nets/compact.safetensors', 'model.size' => 128 },
);
my $ada = $site->member(credits => 100);
my $job = $site->order($ada, steps => 2);
$site->wait_job($ada, $job, 60);
my ($picture) = map { m{/pictures/([\w-]+)} } $site->pictures($ada, $job);

sub result
{
    my ($mode, %fields) = @_;
    my $answer = $ada->submit($ada->get("/create/$mode?picture=$picture"), qr{/create/$mode}, \%fields);
    is($answer->{status}, 303, "$mode is taken") or diag $answer->{content} =~ /wrong-why[^>]*>([^<]*)/g;
    my ($path) = $answer->{headers}{location} =~ m{(/jobs/[\w-]+)};
    my $status = $site->wait_job($ada, $path, 120);
    is($status->{state}, 'done', '... and done') or diag $site->logs(12), $ada->get($path)->{content} =~ /<p>([^<]*)/g;
    return ($path, ($site->pictures($ada, $path))[0]);
}

my ($film_job, $film) = result('animate', prompt => 'the boat sails', frames => 4, fps => 8, steps => 2, seed => 5);
my $page = $ada->get($film_job);
like($page->{content}, qr/<video /, 'the job page plays the film');
my $file = $ada->get("$film/file");
is($file->{headers}{'content-type'}, 'video/mp4', 'it is an MP4');
like($file->{content}, qr/\A....ftyp/s, '... really');
like($file->{content}, qr/compositeWithTrainedAlgorithmicMedia/, '... and says that a model made it of a picture');
my $part = $ada->get("$film/file", headers => { range => 'bytes=0-99' });
is($part->{status}, 206, 'players may ask for parts of it');
is(length $part->{content}, 100, '... and get those');
is(substr($ada->get("$film/thumb")->{content}, 0, 2), "\xff\xd8", 'it has a still');

# --- shown to everybody ---

my $anybody = $site->client;
is($ada->submit($ada->get("$film/publish"), qr/publish/, {})->{status}, 303, 'a film can be published');
$page = $anybody->get('/explore')->{content};
my ($public) = $page =~ m{href="(/explore/\w{26})"};
like($page, qr/badge[^>]*>film/, '... and is called one');
$page = $anybody->get($public)->{content};
like($page, qr{<video [^>]*src="\Q$public\E/film"}, '... which its page plays');
is_deeply([problems($page)], [], '... in clean HTML');
unlike($page, qr/sails/, '... without its words');
my $shown = $anybody->get("$public/film");
is($shown->{headers}{'content-type'}, 'video/mp4', 'everybody gets the film');
like($shown->{content}, qr/compositeWithTrainedAlgorithmicMedia/, '... which says who made it');
unlike($shown->{content}, qr/sails/, '... but not of which words');
like($ada->get("$film/file")->{content}, qr/sails/, '... as its own file does');
is($anybody->get("$film/file")->{status}, 303, '... which stays private');
like($anybody->get('/explore/feed')->{content}, qr{type="video/mp4" href="[^"]*\Q$public\E/film"}, 'the feed has it');
$ada->submit($ada->get($film), qr/unpublish/, {});
is($anybody->get("$public/film")->{status}, 404, 'taken back, it is gone');
$site->sql("UPDATE media SET state = 'doomed', expires_at = 1 WHERE kind = 'shown'");
is($ada->submit($ada->get("$film/publish"), qr/publish/, {})->{status}, 409, 'a film that has no copy without words cannot be published');

my (undef, $large) = result('upscale', factor => 2);
$file = $ada->get("$large/file");
is(join('x', unpack 'x16 NN', $file->{content}), '256x256', 'a picture twice as wide and high');
like($file->{content}, qr/algorithmicallyEnhanced/, '... that says it was enlarged');
ok(eval { $site->ctl('ledger', 'check'); 1 }, 'the ledger balances') or diag $@;
done_testing;

#!/usr/bin/perl
# The site in the language of its visitor: the browser's, or the one chosen, which a cookie keeps and nothing else does.
use Gempix::Test;
use utf8;

skip_all_without(qw(nginx mariadbd));
my $site = site(parts => [qw(database app nginx)]);
my $anybody = $site->client;

my $page = $anybody->get('/');
like($page->{content}, qr/<html lang="en">/, 'English where the browser asks for nothing');
ok(!exists $page->{headers}{'set-cookie'}, 'looking at a page sets no cookie');
my $vary = ref $page->{headers}{vary} ? join ', ', @{$page->{headers}{vary}} : $page->{headers}{vary};
like($vary, qr/Accept-Language/, 'a cache is told that pages differ by language');
like($vary, qr/Cookie/, '... and by cookie');

my %expect = (
    'de-CH,de;q=0.9' => ['de', 'Hier ist nichts'], 'fr' => ['fr', 'Il n’y a rien ici'], 'es-MX' => ['es', 'Aquí no hay nada'],
    'ja'             => ['ja', 'ここには何もありません'], 'zh-CN' => ['zh-Hans', '这里什么也没有'], 'nl' => ['en', 'Nothing here'],
);
for my $header (sort keys %expect) {
    my ($tag, $words) = @{$expect{$header}};
    utf8::encode($words);
    $page = $anybody->get('/no-such-page', headers => { 'accept-language' => $header });
    is($page->{status}, 404, "Accept-Language: $header");
    like($page->{content}, qr/<html lang="$tag">/, "... gives $tag");
    like($page->{content}, qr/\Q$words\E/, '... in its words');
}

my $chooser = $site->client;
$page = $chooser->get('/language?to=de', headers => { referer => $site->url . '/about' });
is($page->{status}, 303, 'a link chooses a language');
like($page->{headers}{location}, qr{/about\z}, '... and goes back to where it was');
like($page->{headers}{'set-cookie'}, qr/\blocale=de;.*HttpOnly/i, '... the cookie holds the language and nothing else');
$page = $chooser->get('/no-such-page', headers => { 'accept-language' => 'ja' });
like($page->{content}, qr/Hier ist nichts/, 'what was chosen counts more than the browser');
is($chooser->get('/language?to=tlh')->{status}, 400, 'a language that is not offered is refused');
is($chooser->get('/language')->{status}, 400, '... and none at all');
$page = $chooser->get('/language?to=en', headers => { referer => 'http://elsewhere.example/about' });
like($page->{headers}{location}, qr{\A(?:http://[^/]+)?/\z}, 'the way back never leads to another site');
done_testing;

#!/usr/bin/perl
# The account's page over HTTP: name, address, password, where one is signed in; and the letter about a new browser.
use Gempix::Test;

skip_all_without(qw(nginx mariadbd));
my $site = site(parts => [qw(database app nginx)], http => 'geoip_proxy 127.0.0.1;');
my $base = $site->url;

# The letters to an address so far, newest first, as the outbox has them.
sub letters
{
    my ($to) = @_;
    return map { s/\\n/\n/gr } $site->sql("SELECT CONCAT(subject, '\n', body) FROM mail_outbox WHERE recipient = '$to' ORDER BY id DESC");
}

sub signin
{
    my ($email, $password, $agent, %headers) = @_;
    my $client = $site->client;
    my $form = $client->get('/signin');
    my ($fields) = grep { $_->{action} =~ m{/signin} } Gempix::Client::forms($form);
    my $answer = $client->post('/signin', { %{$fields->{fields}}, email => $email, password => $password },
        headers => { 'user-agent' => $agent, %headers });
    return ($client, $answer);
}

# What an answer sets, one to a line.
sub cookies
{
    my ($set) = $_[0]{headers}{'set-cookie'};
    return ref $set ? join "\n", @$set : $set;
}

my $firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
my $phone = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1';

$site->member(email => 'ada@example.org', password => 'seven quiet boats');
my ($desk) = signin('ada@example.org', 'seven quiet boats', $firefox);
my ($mobile) = signin('ada@example.org', 'seven quiet boats', $phone);
like((letters('ada@example.org'))[0], qr/new sign-in.*Safari on iPhone.*Country: unknown/s, 'a sign-in from a new kind of browser is told by letter');
my $count = () = letters('ada@example.org');
signin('ada@example.org', 'seven quiet boats', $phone);
is(scalar(() = letters('ada@example.org')), $count, '... once');
is($site->client->get('/account')->{status}, 303, 'strangers have no account page');

my $page = $desk->get('/account');
is($page->{status}, 200, 'the page') or diag $site->logs(10);
like($page->{content}, qr/Firefox on Linux.*this one/s, '... shows this browser');
like($page->{content}, qr/Safari on iPhone/, '... and the other one');

# --- name ---

my $r = $desk->submit($page, qr{/account/name}, { display_name => 'Ada <i>' });
is($r->{status}, 303, 'a new name');
$page = $desk->follow($r);
like($page->{content}, qr/Ada &lt;i&gt;/, '... escaped');
is($desk->submit($page, qr{/account/name}, { display_name => ' ' })->{status}, 422, 'no name is none');

# --- address ---

$r = $desk->submit($page, qr{/account/email}, { email => 'lovelace@example.org', password => 'not this one' });
is($r->{status}, 422, 'a new address needs the password');
like($r->{content}, qr/not your present password/, '... which is told');
is(scalar(() = letters('lovelace@example.org')), 0, '... and nobody is written to');
is($desk->submit($page, qr{/account/email}, { email => 'nowhere', password => 'seven quiet boats' })->{status}, 422, 'it must be one');
is($desk->submit($page, qr{/account/email}, { email => 'ADA@example.org', password => 'seven quiet boats' })->{status}, 422, '... another one');
$r = $desk->submit($page, qr{/account/email}, { email => 'lovelace@example.org', password => 'seven quiet boats' });
is($r->{status}, 200, 'asked with the password');
like($r->{content}, qr/on its way to lovelace\@example\.org/, '... a letter is on its way');
like((letters('ada@example.org'))[0], qr/asked to change.*lovelace\@example\.org/s, '... the old address is told');
my ($link) = (letters('lovelace@example.org'))[0] =~ m{\Q$base\E(/move\?token=[\w-]+)};
ok($link, '... the new one gets a link');
is($site->sql('SELECT email FROM account'), 'ada@example.org', 'nothing has changed yet');
my $anywhere = $site->client;
$r = $anywhere->submit($anywhere->get($link), qr{/move}, {});
is($r->{status}, 303, 'the link\'s button') or diag $r->{content};
is($site->sql('SELECT email_key FROM account WHERE verified_at IS NOT NULL'), 'lovelace@example.org', '... changes the address');
like((letters($_))[0], qr/now has the address lovelace/, "... $_ is told") for 'ada@example.org', 'lovelace@example.org';
is($anywhere->get($link)->{status}, 410, '... once');

# an address that has an owner: the same answer, another letter
$site->member(email => 'bob@example.org');
$r = $desk->submit($desk->get('/account'), qr{/account/email}, { email => 'bob@example.org', password => 'seven quiet boats' });
like($r->{content}, qr/on its way to bob\@example\.org/, 'an address that is taken: the same answer');
unlike((letters('bob@example.org'))[0], qr/token=/, '... and a letter without a link');

# --- password and sessions ---

is($mobile->get('/account')->{status}, 200, 'the phone is signed in');
$page = $desk->get('/account');
$r = $desk->submit($page, qr{/account/password}, { now => 'wrong', next => 'nine loud trains' });
is($r->{status}, 422, 'a new password needs the present one');
is($desk->submit($page, qr{/account/password}, { now => 'seven quiet boats', next => 'password1' })->{status}, 422, '... and must not be common');
$r = $desk->submit($page, qr{/account/password}, { now => 'seven quiet boats', next => 'nine loud trains' });
is($r->{status}, 303, 'a new password');
is($desk->get('/account')->{status}, 200, '... keeps this browser signed in');
is($mobile->get('/account')->{status}, 303, '... and ends all other sessions');
like((letters('lovelace@example.org'))[0], qr/password .* was changed/, '... a letter tells');

($mobile) = signin('lovelace@example.org', 'nine loud trains', $phone);
my ($third) = signin('lovelace@example.org', 'nine loud trains', $phone);
my ($fourth) = signin('lovelace@example.org', 'nine loud trains', $firefox);
$page = $desk->get('/account');
my @ends = map { $_->{action} } grep { $_->{action} =~ m{/sessions/.+/end} } Gempix::Client::forms($page);
is(scalar @ends, 3, 'three others can be ended one by one');
my ($bob) = signin('bob@example.org', 'a quiet lighthouse', $firefox);
my ($any) = Gempix::Client::forms($bob->get('/account'));
is($bob->post($ends[0], { csrf => $any->{fields}{csrf} })->{status}, 303, 'Bob ends one of them');
is($site->sql("SELECT COUNT(*) FROM session s JOIN account a ON a.id = s.account_id WHERE email_key = 'lovelace\@example.org'"), 4, '... in vain: they are not his');
$r = $desk->submit($page, qr{\Q$ends[0]\E}, {});
is($r->{status}, 303, 'Ada does');
is(scalar(grep { $_->get('/account')->{status} == 303 } $mobile, $third, $fourth), 1, '... one of them is out');
$r = $desk->submit($page, qr{/account/sessions/end}, {});
is(scalar(grep { $_->get('/account')->{status} == 303 } $mobile, $third, $fourth), 3, 'and all others');
is($desk->get('/account')->{status}, 200, '... but this one');
is($bob->get('/account')->{status}, 200, '... and nobody else');

# The country comes from nginx, which these tests let believe in an address; a visitor's own word for it counts nothing.
signin('bob@example.org', 'a quiet lighthouse', $phone, 'x-forwarded-for' => '2a01:4f8::1', 'geoip-country' => 'FR');
like((letters('bob@example.org'))[0], qr/Country: DE/, 'a country that is new is told by letter');
like($bob->get('/account')->{content}, qr/Safari on iPhone[^<]*(?:<[^>]*>[^<]*)*\bDE\b/, '... and shown beside the session');

# The language of pages and letters.
$page = $bob->get('/account');
$r = $bob->submit($page, qr{/account/language}, { language => 'de' });
is($r->{status}, 303, 'Bob chooses German');
like(cookies($r), qr/\blocale=de;/, '... in this browser');
like($bob->get('/account')->{content}, qr/<html lang="de">.*value="de" lang="de" selected/s, '... and for the account');
my ($abroad) = signin('bob@example.org', 'a quiet lighthouse', $phone);
like($abroad->get('/account')->{content}, qr/<html lang="de">/, 'another browser without a cookie shows it too');
like((letters('bob@example.org'))[0], qr/Safari on iPhone.*, \d\d:\d\d UTC/s, 'there is a letter about that browser');
like((letters('bob@example.org'))[0], qr/\n\d+\. \S+ \d{4}, /, '... in German');
is($bob->submit($page, qr{/account/language}, { language => 'tlh' })->{status}, 400, 'a language that is not offered is refused');
$r = $bob->submit($page, qr{/account/language}, { language => '' });
like(cookies($r), qr/\blocale=;.*Max-Age=0/, 'none: the cookie goes');
is($site->sql("SELECT language FROM account WHERE email_key = 'bob\@example.org'"), '', '... and the account forgets it');
done_testing;

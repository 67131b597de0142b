#!/usr/bin/perl
# Mailed links over HTTP: confirming an address, a forgotten password. What a link shows, that only its button does
# anything, and that no answer tells which addresses are known.
use Gempix::Test;

skip_all_without(qw(nginx mariadbd));
my $site = site(parts => [qw(database mail app nginx steward)]);

my %seen;

# The next letter to the address; dies when none comes.
sub letter
{
    my ($to) = @_;
    my $found;
    wait_until(20, "a letter to $to", sub {
        for my $file (grep { !$seen{$_} } glob $site->path('mail/*.eml')) {
            my $text = slurp($file);
            next if $text !~ /^X-Envelope-To: \Q$to\E$/mi;
            $seen{$file} = 1;
            $text =~ s/=\r?\n//g;
            $text =~ s/=([0-9A-F]{2})/chr hex $1/ge;
            $found = $text;
            return 1;
        }
        return 0;
    });
    return $found;
}

# The path of the link in a letter.
sub link_of
{
    my ($letter) = @_;
    return $letter =~ m{^\Q@{[$site->url]}\E(/\w+\?token=[\w-]+)\s*$}m ? $1 : undef;
}

sub signup
{
    my ($email, $password, $name) = @_;
    my $client = $site->client;
    my $answer = $client->submit($client->get('/signup'), qr{/signup},
        { email => $email, display_name => $name // 'Ada', password => $password, of_age => 1, terms => 1, country => 'de' });
    return ($client, $answer);
}

# --- confirming ---

my ($ada, $r) = signup('ada@example.org', 'seven quiet boats');
is($r->{status}, 303, 'signing up') or diag $r->{content}, $site->logs(10);
my $page = $ada->follow($r);
like($page->{content}, qr/Please confirm your address.*ada\@example\.org/s, 'the studio says that the address is not confirmed');
my $welcome = letter('ada@example.org');
my $link = link_of($welcome);
ok($link, 'the letter holds a link') or diag $welcome;
$r = $ada->submit($page, qr{/confirm/again}, {});
is($r->{status}, 303, 'the letter can be asked for again');
like($ada->follow($r)->{content}, qr/The letter is on its way/, '... which is told');
my $second = link_of(letter('ada@example.org'));
ok($second && $second ne $link, '... and has a link of its own');

my $any = '0' x 26;
is($ada->get("/pictures/$any/publish")->{status}, 403, 'before that, nothing can be published');
like($ada->get("/pictures/$any/publish")->{content}, qr/confirm your e-mail address first/, '... which is explained');
my $elsewhere = $site->client;
$page = $elsewhere->get($link);
is($page->{status}, 200, 'the link opens a page in any browser');
like($page->{headers}{'cache-control'}, qr/no-store/, '... that no cache keeps');
is($site->sql('SELECT COUNT(*) FROM account WHERE verified_at IS NOT NULL'), 0, '... and does nothing by itself');
$r = $elsewhere->submit($page, qr{/confirm}, {});
is($r->{status}, 303, 'its button confirms');
is($site->sql('SELECT COUNT(*) FROM account WHERE verified_at IS NOT NULL'), 1, '... the address');
unlike($ada->get('/create')->{content}, qr/Please confirm your address/, '... and the studio is content');
is($ada->get("/pictures/$any/publish")->{status}, 404, '... publishing is open: there is only no such picture');
is($elsewhere->get($_)->{status}, 410, 'a used link is over') for $link, $second;
is($elsewhere->get($_)->{status}, 410, "$_: neither is anything else one") for '/confirm', '/confirm?token=x', '/reset?token=' . 'A' x 43;
is($site->sql("SELECT COUNT(*) FROM mail_outbox WHERE state = 'sent' AND body LIKE '%token=%'"), 0, 'a link leaves the outbox with its letter');

# --- an address that has an owner ---

my ($eve, $same) = signup('ADA@example.org', 'words of a stranger', 'Eve');
is($same->{status}, 303, 'signing up with an address that is taken');
my ($new, $fresh) = signup('new@example.org', 'words of a newcomer', 'Eve');
is($same->{headers}{location}, $fresh->{headers}{location}, '... leads where a new one leads');
my $plain = sub { $_[0] =~ s/[\w-]{43}|[0-9a-hjkmnp-tv-z]{26}|(?:ada|ADA|new)\@example\.org//gr };
is($plain->($eve->follow($same)->{content}), $plain->($new->follow($fresh)->{content}), '... to the same page');
my $taken = letter('ada@example.org');
like($taken, qr/You have one\s+already/, '... and the owner is told');
is(link_of($taken), undef, '... without a link');

# --- a forgotten password ---

my %answers;
for my $email ('ada@example.org', 'nobody@example.org') {
    my $client = $site->client;
    $r = $client->submit($client->get('/forgotten'), qr{/forgotten}, { email => $email });
    is($r->{status}, 200, "a forgotten password: $email");
    $answers{$plain->($r->{content}) =~ s/nobody\@example\.org//gr} = 1;
}
is(keys %answers, 1, '... the answers are the same');
is($elsewhere->submit($elsewhere->get('/forgotten'), qr{/forgotten}, { email => 'no address' })->{status}, 422, 'what is no address is told');
$link = link_of(letter('ada@example.org'));
like($link, qr{^/reset\?}, 'the letter holds a link');
$elsewhere = $site->client;
$page = $elsewhere->get($link);
$r = $elsewhere->submit($page, qr{/reset}, { password => 'password1' });
is($r->{status}, 422, 'a common password is refused');
like($r->{content}, qr/tried first/, '... with the reason');
is($ada->get('/create')->{status}, 200, 'Ada is still signed in');
$r = $elsewhere->submit($r, qr{/reset}, { password => 'nine loud trains' });
is($r->{status}, 303, 'a new password');
is($elsewhere->follow($r)->{status}, 200, '... signs in');
is($ada->get('/create')->{status}, 303, '... and ends every other session');
like(letter('ada@example.org'), qr/was just changed/, '... a letter tells');
is($elsewhere->get($link)->{status}, 410, '... once');
my $log = join '', map { slurp($_) } glob $site->path('log/*');
unlike($log, qr/token=|\Q@{[$link =~ s{.*=}{}r]}\E/, 'no log holds a token');
done_testing;

#!/usr/bin/perl
# Every sentence of every page is marked for translation: in a language whose words are the English ones in ⟦brackets⟧, nothing
# but names, numbers and what people wrote stands outside of them.
use Gempix::Test;
use Gempix::Pages;
use utf8;

skip_all_without(qw(nginx mariadbd msgen msgfmt));
my $temporary = tempdir();

# The catalogue takes the place of the German one.
my ($status, $po) = run(['msgen', '--no-wrap', source() . '/po/gempix.pot']);
is($status, 0, 'the sentences') or diag $po;
my $head = $po =~ s/\A(.*?\n\n)//s ? $1 : '';
my ($open, $close) = map { my $c = $_; utf8::encode($c); $c } '⟦', '⟧';
$po =~ s{^(msgstr(?:\[\d\])? )((?:".*"\n?)+)}{
    my ($key, $lines) = ("$1", "$2");
    my $words = join '', $lines =~ /^"(.*)"$/mg;
    my $end = $words =~ s/\\n\z// ? '\n' : '';
    qq($key"$open$words$close$end"\n)
}gem;
mkdir $_ for "$temporary/de", "$temporary/de/LC_MESSAGES";
spew("$temporary/pseudo.po", qq{msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n"Plural-Forms: nplurals=2; plural=n != 1;\\n"\n\n$po});
($status, my $said) = run(['msgfmt', '-o', "$temporary/de/LC_MESSAGES/gempix.mo", "$temporary/pseudo.po"]);
is($status, 0, 'the bracketed catalogue') or diag $said;

my $site = Gempix::Pages::site(qw(render), { 'app.languages' => "$temporary" });
my $pages = Gempix::Pages->new($site);

# What is not ours to translate: names, addresses, prompts, numbers with their units, what machines call things.
my $DATA = qr/\A(?:
      [\W\d_]* | (?:·\s)?Gempix\s2 | member\d+(?:,\s\S+@\S+)? | [\w.+-]+@[\w.-]+ | :\s(?:P\d+\s?)+ | gempix(?:-\w+)? | theme | locale
    | DDIM | Euler(?:\ ancestral)? | DPM\+\+\ 2M(?:\ Karras)? | English | Deutsch | Français | Español | PNG | JPEG | WebP | (?:[A-Z2-7]{4}\s?){8} # a key for an authenticator
    | [0-9a-hjkmnp-tv-z]{26} | owner | pi_\w+ | (?:\w+[.\/])*[a-z]+(?:_[a-z]+)+ # public ids, one of the staff, names of the register
    | \d+\ jobs\ in\ an\ hour | from\ the\ operator      # notes that programs left in English
    | Small | Large | Club | Studio | Example\ Pictures | 1\ Quiet\ Street | VAT\ XX123                  # plans and seller of the configuration
)\z/x;
# Prompts stay English: the models know no other language. What people wrote is theirs.
my @PROMPTS = ('What do you know of me?', 'This is my photograph.', 'a red sun over a blue sea', 'a white house on a green hill', 'zeppelin', 'leaver', 'The big button does nothing.', 'I pressed it twice.',
    'Thank you for telling us. It is mended now: please press it once more.', 'an orange hot-air balloon over the desert', 'a red car in the mountains', 'a castle in the snow at night',
    'a purple planet in space', 'a lighthouse by the sea at sunset', 'a rocket in space', 'a boat on the lake at sunset',
    'a snowman in the snow at night');

sub outside
{
    my ($html) = @_;
    my @left;
    $html =~ s{<(script|style|svg)\b.*?</\1>}{}gs;
    $html =~ s{<!--.*?-->}{}gs;
    $html =~ s{<code>.*?</code>}{}gs; # what machines call things
    while ($html =~ m{\b(?:alt|title|placeholder|aria-label)="([^"]*)"}g) {
        my $words = $1;
        push @left, $words if $words !~ /⟦/;
    }
    # What has a language of its own is not of the page's.
    $html =~ s{<(\w+)[^>]*\slang="[^"]*"[^>]*>.*?</\1>}{}gs if $html =~ s{<html[^>]*>}{};
    $html =~ s{<[^>]*>}{\n}g;
    $html =~ s/&(?:amp|middot|times|nbsp|rarr|larr|hellip);/ /g;
    my $depth = 0;
    for my $piece (grep { defined } split /([⟦⟧\n])/, $html) {
        $depth++ if $piece eq '⟦';
        $depth-- if $piece eq '⟧';
        next if $depth > 0 || $piece !~ /\p{L}/;
        push @left, $piece =~ s/\A\s+|\s+\z//gr;
    }
    return grep { defined && /\p{L}/ } @left;
}

is_deeply([outside('<p>⟦In <b>⟦brackets⟧</b>⟧, 7 and <i>not</i></p><img alt="x">')], ['x', ', 7 and', 'not'], 'what is not marked is found');
for my $page ($pages->all) {
    next if $page->{click};
    my $client = $pages->visitor($page->{who}) // $site->client;
    my $answer = $client->get($page->{path}, headers => { 'accept-language' => 'de' });
    my $html = $answer->{content};
    utf8::decode($html);
    my @left = grep { my $words = $_; $words !~ $DATA && !grep { $words eq $_ } @PROMPTS } outside($html);
    my %seen;
    @left = grep { !$seen{$_}++ } @left;
    is(scalar @left, 0, "$page->{name}: all is marked") or diag join "\n", map { my $l = "  $_"; utf8::encode($l); $l } @left;
}
done_testing;

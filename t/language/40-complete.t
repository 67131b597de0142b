#!/usr/bin/perl
# Every language says everything: the catalogues hold each sentence of the sources as it stands there now, none of them empty,
# fuzzy or with other tags than the English one.
use Gempix::Test;
use utf8;

skip_all_without(qw(xgettext msgcmp));
my $temporary = tempdir();
my $copy = "$temporary/source";

# The sentences as they are collected from this very source, beside what was written down.
mkdir $copy;
my ($status, $said) = run(['cp', '-rL', (map { source() . "/$_" } qw(app common render docs scripts po)), $copy]);
is($status, 0, 'a copy') or diag $said;
($status, $said) = run(['/bin/sh', 'scripts/messages', 'de'], dir => $copy);
is($status, 0, 'the sentences are collected') or diag $said;

sub entries
{
    my ($path) = @_;
    my %found;
    for my $block (split /\n\n/, slurp($path)) {
        my %part;
        $part{$1} = join '', map { /\A"(.*)"\z/ } split /\n/, $2 while $block =~ /^(msgid|msgid_plural|msgstr(?:\[\d\])?) ((?:".*"\n?)+)/gm;
        $part{fuzzy} = 1 if $block =~ /^#,.*\bfuzzy\b/m;
        $found{$part{msgid}} = \%part if ($part{msgid} // '') ne '';
    }
    return \%found;
}

# What must stand in a translation as in the sentence, in any order but for the percent signs of C.
sub marks
{
    my ($words) = @_;
    return join ' ', sort $words =~ /\{\{[^}]*\}\}|\{\w+\}|%(?:[-0-9.]*l*[a-z]|%)|<[^>]+>/g;
}

my $now = entries("$copy/po/gempix.pot");
my $written = entries(source() . '/po/gempix.pot');
cmp_ok(scalar keys %$now, '>=', 1000, scalar(keys %$now) . ' sentences');
is_deeply([grep { !$written->{$_} } sort keys %$now], [], 'po/gempix.pot has them all (make messages)');
for my $code (qw(de fr es ja zh_CN)) {
    my $catalogue = entries(source() . "/po/$code.po");
    my (@missing, @differ);
    for my $sentence (sort keys %$now) {
        my $entry = $catalogue->{$sentence};
        my @forms = map { $entry->{$_} } sort grep { /\Amsgstr/ } keys %{$entry // {}};
        if (!@forms || $entry->{fuzzy} || grep { $_ eq '' } @forms) {
            push @missing, $sentence;
            next;
        }
        my %fits = map { marks($_) => 1 } $sentence, $now->{$sentence}{msgid_plural} // ();
        push @differ, $sentence if $sentence ne '{day} {month} {year}' && grep { !$fits{marks($_)} } @forms; # a date may need the month's number
    }
    is_deeply(\@missing, [], "$code: nothing is missing");
    is_deeply(\@differ, [], "$code: tags and values are kept");
}
done_testing;

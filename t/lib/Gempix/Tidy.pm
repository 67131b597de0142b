# Is a page good HTML? Asked of Debian's tidy, whose rules are those of 2017: what the standard allows since then is taken
# out before. Where tidy is not installed nothing is said.
package Gempix::Tidy;

use strict;
use warnings;

use Digest::SHA qw(sha256);
use Exporter qw(import);

use Gempix::MariaDB;
use Gempix::Test ();

our @EXPORT_OK = qw(complaints tidy_program);

# Younger than tidy: attributes, and elements that it would want to fill.
my $YOUNGER = qr/proprietary attribute "(?:aria-[a-z]+|inputmode|enterkeyhint|loading|decoding|fetchpriority|focusable|popover\w*|as|imagesizes|imagesrcset|muted|playsinline)"/;

my (%known, $program, $searched);

sub tidy_program
{
    return $program if $searched++;
    return $program = eval { Gempix::MariaDB->program('tidy') };
}

# tidy's sentences about a page. The same page with other numbers and keys is asked about once.
sub complaints
{
    my ($html) = @_;
    return if !defined tidy_program();
    my $key = sha256($html =~ s/[\w-]{16,}|[0-9]+/#/gr);
    return @{$known{$key}} if $known{$key};

    $html =~ s{(<dl\b[^>]*>)(.*?)</dl>}{my ($open, $inside) = ($1, $2); $inside =~ s{</?div\b[^>]*>}{}g; "$open$inside</dl>"}gse;
    $html =~ s/method="dialog"/method="get" action="#"/g;
    $html =~ s{<(/?)(?:search|picture)\b}{<$1div}g;
    my ($status, $out) = Gempix::Test::run(
        [tidy_program(), '-q', '-e', '-utf8', '--drop-empty-elements', 'no', '--drop-empty-paras', 'no'], stdin => $html);
    my @all = grep { !/$YOUNGER/ } split /\n/, $out;
    push @all, "tidy ended with $status" if $status > 2;
    $known{$key} = \@all;
    return @all;
}

1;

# Is a page well-formed HTML? Elements nest and close, attributes are quoted and come once, ids are unique, labels and
# headings are there, entities are known. Stricter than a browser, and stricter than the standard where that helps.
package Gempix::Html;

use strict;
use warnings;

use Exporter qw(import);

our @EXPORT_OK = qw(problems links);

my %VOID = map { $_ => 1 } qw(area base br col embed hr img input link meta source track wbr);
my %INLINE = map { $_ => 1 } qw(a abbr b code em i kbd label q s small span strong sub sup time);
my %BLOCK = map { $_ => 1 } qw(article aside div dl fieldset figure footer form h1 h2 h3 h4 header main nav ol p pre section table ul);
my $ENTITY = qr/(?:amp|lt|gt|quot|apos|nbsp|middot|hellip|rarr|larr|times|ndash|mdash|copy|#[0-9]+|#x[0-9A-Fa-f]+);/;

# Sentences about what is wrong; none for a good page.
sub problems
{
    my ($html) = @_;
    my (@open, @wrong, %id, %label, @controls, $h1);

    push @wrong, 'no doctype' if $html !~ /\A\s*<!doctype html>/i;
    push @wrong, "a stray ampersand: $1" while $html =~ /(&(?!$ENTITY).{0,20})/gs && 1 > @wrong;
    push @wrong, "a template name is left: $1" if $html =~ /(\{\{[^}]*\}\})/;
    $html =~ s/<!doctype[^>]*>//i;
    $html =~ s/<!--.*?-->//gs;
    while ($html =~ m{<(/?)([a-zA-Z][a-zA-Z0-9-]*)((?:\s+[^\s=>"'/]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'>]+))?)*)\s*(/?)>|(<)}gs) {
        my ($end, $name, $attributes, $self, $stray) = ($1, lc($2 // ''), $3 // '', $4, $5);
        if (defined $stray) {
            push @wrong, 'a stray < before: ' . substr $html, pos($html), 30;
            next;
        }
        my $svg = grep { $_ eq 'svg' } @open;
        if ($end) {
            push @wrong, "</$name> closes <" . ($open[-1] // 'nothing') . '>' if ($open[-1] // '') ne $name;
            pop @open;
            next;
        }
        my ($a, @double) = attributes($attributes);
        push @wrong, map { "<$name> has $_ twice" } @double;
        push @wrong, "id $a->{id} is there twice" if defined $a->{id} && $id{$a->{id}}++;
        push @wrong, "<$name> has a script or a style" if grep { /\Aon/ || $_ eq 'style' } keys %$a;
        push @wrong, '<img> without alt' if $name eq 'img' && !exists $a->{alt};
        push @wrong, '<img> without width and height' if $name eq 'img' && !(exists $a->{width} && exists $a->{height});
        push @wrong, "<$name> inside <$open[-1]>" if @open && $BLOCK{$name} && ($INLINE{$open[-1]} || $open[-1] eq 'p') && $open[-1] ne 'a';
        push @wrong, '<form> inside <form>' if $name eq 'form' && grep { $_ eq 'form' } @open;
        $label{$a->{for}} = 1 if $name eq 'label' && defined $a->{for};
        $h1++ if $name eq 'h1';
        my $hidden = $name eq 'input' && ($a->{type} // '') =~ /\A(?:hidden|submit)\z/;
        push @controls, $a if $name =~ /\A(?:input|select|textarea)\z/ && !$hidden && !grep { $_ eq 'label' } @open;
        push @open, $name if !$VOID{$name} && !($self && $svg) && !($self && $name eq 'svg');
    }
    push @wrong, "<$_> is never closed" for @open;
    push @wrong, ($h1 // 0) . ' headings of the first rank' if ($h1 // 0) != 1;
    for my $a (@controls) {
        push @wrong, 'the field ' . ($a->{name} // '?') . ' has no label'
            if !(defined $a->{id} && $label{$a->{id}}) && !$a->{'aria-label'} && !$a->{'aria-labelledby'};
    }
    return @wrong;
}

sub attributes
{
    my ($text) = @_;
    my (%a, @double);
    while ($text =~ /([^\s=>"'\/]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/g) {
        push @double, $1 if exists $a{lc $1};
        $a{lc $1} = $2 // $3 // $4 // '';
    }
    return \%a, @double;
}

# Addresses on the same site that the page refers to.
sub links
{
    my ($html) = @_;
    my %seen;
    return grep { m{\A/(?!/)} && !$seen{$_}++ } map { s/#.*//r =~ s/&amp;/&/gr } $html =~ /\s(?:href|src)="([^"]*)"/g;
}

1;

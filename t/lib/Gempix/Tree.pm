# The source tree as the checks of layers and style see it: which files there are, their lines, their includes.
package Gempix::Tree;

use strict;
use warnings;

use Exporter qw(import);

our @EXPORT_OK = qw(files lines code_lines includes functions);

# Paths, relative to the source folder, of the text files below the given folders whose name matches. Folders that a
# build made are left out.
sub files
{
    my ($pattern, @folders) = @_;
    my $root = $ENV{GEMPIX_SRC};
    my @found;
    my @open = grep { -d "$root/$_" } @folders;

    while (defined(my $folder = shift @open)) {
        opendir my $dir, "$root/$folder" or die "$folder: $!";
        for my $name (sort grep { !/\A\./ && $_ ne '__pycache__' } readdir $dir) {
            my $path = $folder eq '.' ? $name : "$folder/$name";
            push @open, $path if -d "$root/$path" && $name !~ /\A(?:_|autom4te|build-aux)/ && !-e "$root/$path/config.status";
            push @found, $path if $path =~ $pattern && -f "$root/$path" && -T _;
        }
    }
    return sort @found;
}

sub lines
{
    my ($path) = @_;
    open my $in, '<:raw', "$ENV{GEMPIX_SRC}/$path" or die "$path: $!";
    my @lines = <$in>;
    chomp @lines;
    return @lines;
}

# The lines of a C file without comments and without the content of strings; numbering is kept.
sub code_lines
{
    my ($path) = @_;
    my $text = join "\n", lines($path);
    $text =~ s{(/\*.*?\*/)|(//[^\n]*)|("(?:[^"\\\n]|\\.)*")|('(?:[^'\\\n]|\\.)+')}
        {defined $3 ? '""' : defined $4 ? "' '" : ($1 // $2) =~ s/[^\n]//gr}gse;
    return split /\n/, $text, -1;
}

# [line number, quote ("<" or '"'), name] of every include.
sub includes
{
    my ($path) = @_;
    my ($number, @found) = (0);
    for my $line (lines($path)) {
        $number++;
        push @found, [$number, $1, $2] if $line =~ /\A\s*#\s*include\s*([<"])([^>"]+)[>"]/;
    }
    return @found;
}

# [name, first line, number of lines] of every function defined in the house style.
sub functions
{
    my ($path) = @_;
    my ($name, $begin, $number, @found) = (undef, 0, 0);
    for my $line (code_lines($path)) {
        $number++;
        ($name, $begin) = ($1, $number) if $line =~ /\A([a-z_][a-z0-9_]*)\(/i;
        if ($line =~ /\A\}/ && defined $name) {
            push @found, [$name, $begin, $number - $begin + 1];
            $name = undef;
        }
        $name = undef if $line =~ /\A[^\s\{].*;\s*\z/;
    }
    return @found;
}

1;

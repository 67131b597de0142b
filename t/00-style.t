#!/usr/bin/perl
# What a machine can check of docs/style.md.
use Gempix::Test;
use Gempix::Tree qw(files lines code_lines functions);

use constant { FILE_LINES => 700, FUNCTION_LINES => 80, HEADER_LINES => 200, COLUMNS => 100 };

sub report
{
    my ($what, @wrong) = @_;
    ok(!@wrong, $what) or diag(join "\n", @wrong);
    return;
}

my @c = files(qr/\.[ch]\z/, qw(common app render bench t));
my @text = grep { $_ ne 'Makefile.in' } files(qr/\.(?:[ch]|pm|t|pl|py|sh|sql|mk|am|ac|in|md|mustache|css|js|html|yaml|conf|mail)\z/, '.');
push @text, grep { -e source() . "/$_" } qw(quickstart bootstrap scripts/site scripts/check scripts/fill scripts/workers
    scripts/mailcatcher scripts/progress scripts/install-packages scripts/link-tree scripts/list-files .ci/run);
ok(@c > 50 && @text > @c, 'the tree is there');

my (@long, @functions, @wide, @start, @tabs, @typedefs, %name);
for my $path (@c) {
    my @lines = lines($path);
    my $limit = $path =~ /\.h\z/ ? HEADER_LINES : FILE_LINES;
    my $table = $path =~ /_(?:tables|cases)\.[ch]\z/; # data
    push @long, sprintf '%s: %d lines', $path, scalar @lines if @lines > $limit && !$table;
    push @start, $path if ($lines[0] // '') !~ m{\A/\*};
    push @{$name{$1}}, $path if $path =~ m{([^/]+)\z};
    if ($path =~ /\.c\z/) {
        push @functions, map { "$path:$_->[1]: $_->[0] has $_->[2] lines" } grep { $_->[2] > FUNCTION_LINES } functions($path);
    }
    my $number = 0;
    for my $line (@lines) {
        $number++;
        my $columns = length do { my $copy = $line; utf8::decode($copy); $copy };
        push @wide, "$path:$number: $columns columns" if $columns > COLUMNS && $path =~ /\.c\z/ && !$table;
        push @tabs, "$path:$number" if $line =~ /\t/;
    }
    push @typedefs, map { "$path: $_" } grep { /\btypedef\s+(?:struct|union|enum)\b/ } code_lines($path);
}
report('no C file is too long', @long);
report('no function is too long', @functions);
report('no line of a C file is too wide', @wide);
report('every C file begins by saying what it is for', @start);
report('no tabs in C', @tabs);
report('no typedef hides a struct', @typedefs);
report('file names are unique', map { "@{$name{$_}}" } grep { @{$name{$_}} > 1 } sort keys %name);

# Words that have no place in a finished file. They are put together here so that this file passes itself.
my @marker = map { join '', @$_ } ['TO', 'DO'], ['FIX', 'ME'], ['X', 'XX'], ['HA', 'CK'];
my @place = ('/wo' . 'rk/', '/tmp/br' . 'ief', '/tmp/bui' . 'ld-');
my $marker = join '|', map { "\\b$_\\b" } @marker;
my $place = join '|', map { '(?<![\w.}])' . quotemeta } @place;
my (@left, @spaces);
for my $path (@text) {
    my $number = 0;
    for my $line (lines($path)) {
        $number++;
        push @left, "$path:$number: $line" if $line =~ /$marker/ || $line =~ /$place/;
        push @spaces, "$path:$number" if $line =~ /[ \t]\z/ && $path !~ /\.md\z/;
    }
}
report('no marker and no private path is left over', @left);
report('no line ends in blanks', @spaces);

# A switched-off statement is neither code nor comment.
my @dead;
for my $path (@c) {
    my $number = 0;
    for my $line (lines($path)) {
        $number++;
        push @dead, "$path:$number: $line"
            if $line =~ m{\A\s*//.*;\s*\z} || $line =~ m{\A\s*#\s*if\s+0\b} || $line =~ m{\A\s*/\*\s*\w+\([^)]*\);\s*\*/\s*\z};
    }
}
report('no code is commented out', @dead);

my @shebang = grep { (lines($_))[0] =~ /\A#!/ && !-x source() . "/$_" } files(qr/\.t\z/, 't');
report('every test script is executable', @shebang);

my @broken;
for my $path (grep { !m{/\.} } files(qr/\.md\z/, '.')) {
    my $folder = $path =~ m{(.*/)} ? $1 : '';
    for my $link (map { /\]\(([^)\s#]+)[^)]*\)/g } lines($path)) {
        push @broken, "$path: $link" if $link !~ /\A[a-z]+:/ && !-e source() . "/$folder$link";
    }
}
report('every link in the documents leads to a file', @broken);

my @fast;
for my $path ('configure.ac', 'Makefile.am', files(qr/local\.mk\z/, '.')) {
    push @fast, $path if grep { /-ffast-math|-Ofast|-funsafe-math/ } lines($path);
}
report('no build file asks for careless arithmetic', @fast);

# A stylesheet forgives everything, so a lost brace would hide half of it in silence.
my @braces;
for my $path (files(qr/\.css\z/, 'app/static')) {
    my ($depth, $number) = (0, 0);
    for my $line (split /\n/, join("\n", lines($path)) =~ s{/\*.*?\*/}{$& =~ s/[^\n]//gr}gser) {
        $number++;
        push @braces, "$path:$number: $line" if $depth == 0 ? $line =~ /\A\s+\S/ : $line =~ /\A[^\s}]/;
        $depth += ($line =~ tr/{//) - ($line =~ tr/}//);
    }
    push @braces, "$path: $depth braces are not closed" if $depth != 0;
}
report('every block of a stylesheet is closed where it ends', @braces);

done_testing;

#!/usr/bin/perl
# common/banned.h stops the words it names, and does not stop the libraries' headers.
use Gempix::Test;

my $dir = tempdir();
my @flags = ('-std=c17', '-D_POSIX_C_SOURCE=200809L', '-D_DEFAULT_SOURCE', '-O2', '-include',
    source() . '/common/banned.h');
my $cc = $ENV{CC} // 'cc';

# Exit status and words of the compiler.
sub compile
{
    my ($text) = @_;
    spew("$dir/x.c", $text);
    return run([$cc, @flags, '-I/usr/include/mariadb', '-c', "$dir/x.c", '-o', "$dir/x.o"]);
}

my %calls = (
    strcpy => 'strcpy(a, b)', strncpy => 'strncpy(a, b, 2)', strcat => 'strcat(a, b)',
    sprintf => 'sprintf(a, "x")', strtok => 'strtok(a, b)', atoi => 'atoi(a)',
    gmtime => 'gmtime(0)', localtime => 'localtime(0)', ctime => 'ctime(0)', rand => 'rand()',
    vsprintf => 'vsprintf(a, b, 0)', gets => 'gets(a)', mktemp => 'mktemp(a)',
);
my $frame = "#include <stdio.h>\nvoid f(char *a, char *b);\nvoid f(char *a, char *b) { %s; }\n";
for my $word (sort keys %calls) {
    my ($status, $out) = compile(sprintf $frame, $calls{$word});
    ok($status != 0 && $out =~ /$word/, "$word is an error");
}
is((compile(sprintf $frame, 'snprintf(a, 2, "%s", b)'))[0], 0, 'snprintf is none');
my ($status, $out) = compile("#include <mysql.h>\n#include <yaml.h>\n#include <sodium.h>\n");
is($status, 0, 'the headers of libraries compile') or diag($out);
done_testing();

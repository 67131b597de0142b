#!/usr/bin/perl
# The tests of the tests: a failing test, planted on purpose, must turn `make check` red, whether it is a script or
# a C program, fails, dies, is killed, runs nothing or stops early. A door that lets everybody through is no door.
use Gempix::Test;

my $temporary = tempdir();

# Runs `make check-local` on one planted test; its exit status.
sub check
{
    my ($test) = @_;
    my ($status, $output) = run(
        ['make', '-C', build(), '--no-print-directory', 'check-local', "T=$test"],
        env => { MAKEFLAGS => '', GEMPIX_JOBS => 1 }, timeout => 60,
    );
    return $status;
}

sub plant
{
    my ($name, $text) = @_;
    spew("$temporary/$name", "#!/usr/bin/perl\n$text");
    chmod 0755, "$temporary/$name";
    return "$temporary/$name";
}

my %script = (
    'a test point fails'             => "print qq{1..1\\nnot ok 1\\n};",
    'the exit status is not 0'       => "print qq{1..1\\nok 1\\n}; exit 3;",
    'it dies'                        => "die 'on purpose';",
    'it is killed'                   => "print qq{1..1\\nok 1\\n}; \$| = 1; kill 'KILL', \$\$; sleep 5;",
    'it runs nothing'                => "exit 0;",
    'it stops before its plan is up' => "print qq{1..2\\nok 1\\n};",
    'a point comes that nobody planned' => "print qq{1..1\\nok 1\\nok 2\\n};",
);
is(check(plant('good.t', "print qq{1..1\\nok 1\\n};")), 0, 'a good test passes');
my $number = 0;
isnt(check(plant(++$number . '.t', $script{$_})), 0, "red when $_") for sort keys %script;
isnt(check("$temporary/missing.t"), 0, 'red when a test does not exist');
spew("$temporary/plain.t", "#!/bin/sh\necho 1..1; echo ok 1\n");
isnt(check("$temporary/plain.t"), 0, 'red when a test is not executable');

# The C side: the plan and the status come from tap.h.
sub compile
{
    my ($name, $body) = @_;
    spew("$temporary/$name.c", "#include \"t/lib/tap.h\"\nint\nmain(void)\n{\n$body}\n");
    my ($status, $output) = run(
        [split(' ', $ENV{CC} // 'gcc'), '-std=c17', '-I' . source(), '-o', "$temporary/$name", "$temporary/$name.c", '-lm'],
    );
    is($status, 0, "$name compiles") or diag $output;
    return "$temporary/$name";
}

is(check(compile('c-good', "    ok(1, \"holds\");\n    return tap_done();\n")), 0, 'a good C test passes');
my %program = (
    'c-fails'   => "    ok(0, \"does not hold\");\n    return tap_done();\n",
    'c-empty'   => "    return tap_done();\n",
    'c-aborts'  => "    ok(1, \"holds\");\n    abort();\n",
    'c-no-plan' => "    ok(1, \"holds\");\n    return 0;\n",
    'c-integer' => "    is_int(1, 2, \"same\");\n    return tap_done();\n",
    'c-text'    => "    is_str(\"a\", NULL, \"same\");\n    return tap_done();\n",
    'c-nan'     => "    is_real(NAN, 0, 1, \"near\");\n    return tap_done();\n",
);
isnt(check(compile($_, $program{$_})), 0, "red: $_") for sort keys %program;

# Nothing to run is a failure too.
my ($status) = run([source() . '/scripts/check'], env => { GEMPIX_SRC => "$temporary", GEMPIX_BUILD => "$temporary" });
isnt($status, 0, 'red when there is no test at all');

# What a stopped program leaves behind goes with it, when that was asked for.
my $mark = "$temporary/left-behind";
my $process = Gempix::Process->start(name => 'shell', group => 1,
    command => ['/bin/sh', '-c', "tail -f /dev/null $mark & echo > $mark; wait"], log => "$temporary/shell.log");
$process->wait_ready(10, sub { -e $mark && processes($mark) >= 2 });
$process->stop;
for (1 .. 50) {
    last if processes($mark) == 0;
    select undef, undef, undef, 0.05;
}
is(processes($mark), 0, 'a program that is stopped with its group leaves nothing behind');

done_testing;

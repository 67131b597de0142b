#!/usr/bin/perl
# .ci/run: it is as green or red as the tests are, and red when they leave something in the sources. The checkout here is
# a small one, whose `quickstart` does what each case says.
use Gempix::Test;
use File::Copy qw(copy);
use File::Path qw(make_path);

my $run = source() . '/.ci/run';
Test::More::plan(skip_all => 'there is no .ci/run here') if !-e $run;
my ($git) = eval { run(['git', '--version']) };
Test::More::plan(skip_all => 'git is not installed') if !defined $git || $git != 0;

my $root = tempdir();
my @git = ('git', '-C', $root, '-c', 'user.name=t', '-c', 'user.email=t@localhost', '-c', 'commit.gpgsign=false');

# What .ci/run says and returns when quickstart is this script.
sub ci
{
    my ($script) = @_;
    spew("$root/quickstart", "#!/bin/sh\n$script\n");
    chmod 0755, "$root/quickstart";
    run([@git, 'add', '-A']);
    run([@git, 'commit', '-q', '--allow-empty', '-m', 'x']);
    return run(["$root/.ci/run"], env => { GIT_CONFIG_NOSYSTEM => 1 });
}

make_path("$root/.ci");
copy($run, "$root/.ci/run") or die;
chmod 0755, "$root/.ci/run";
spew("$root/file", "one\n");
spew("$root/.gitignore", "*.o\n");
my ($status, $out) = run([@git, 'init', '-q']);
is($status, 0, 'a checkout') or diag($out);

($status, $out) = ci('exit 0');
ok($status == 0 && $out =~ /green/, 'green') or diag($out);
($status, $out) = ci('exit 3');
ok($status == 3 && $out =~ /RED/, 'red when the tests are') or diag($out);
($status, $out) = ci('touch a.o');
is($status, 0, 'what is ignored may be made') or diag($out);
($status, $out) = ci('echo two >file');
ok($status == 1 && $out =~ /changed the sources:\n M file\n.*RED/, 'red when a file was changed') or diag($out);
($status, $out) = ci('mkdir -p t; echo x >t/left');
ok($status == 1 && $out =~ m{\?\? t/left}, '... or left behind') or diag($out);
($status, $out) = ci('rm file');
ok($status == 1 && $out =~ / D file/, '... or removed') or diag($out);
spew("$root/file", "one\n");
ci('exit 0');
spew("$root/file", "changed before\n");
($status, $out) = run(["$root/.ci/run"]);
is($status, 0, 'what was changed before is nobody\'s fault') or diag($out);
spew("$root/quickstart", "#!/bin/sh\necho more >>file\n");
($status, $out) = run(["$root/.ci/run"]);
is($status, 1, '... unless it is changed again') or diag($out);
rename "$root/.git", "$root/git-was-here" or die;
($status, $out) = run(["$root/.ci/run"]);
is($status, 0, 'without a checkout nobody looks') or diag($out);
done_testing();

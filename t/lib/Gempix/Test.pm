# What the Perl tests lean on: a folder that vanishes, free ports, waiting, a private MariaDB, a whole site, an
# HTTP client. Everything started dies with the variable that holds it, also when the test dies.
#
#   use Gempix::Test;                 # with Test::More, strict, warnings
#   my $db = mariadb();               # a running server with system tables only
#   $db->sql('CREATE SCHEMA x');      # ->socket, ->stop, ->start, ->restart, ->process->pid
#   my $site = site(workers => 2);    # MariaDB, schema, nginx, application; see Gempix::Stack
#   my $visitor = $site->client;      # ->get ->post ->submit; see Gempix::Client
#
# Servers that need no system privileges, on UNIX sockets or free loopback ports: safe beside other tests.
package Gempix::Test;

use strict;
use warnings;

use Carp qw(croak);
use Fcntl qw(:flock);
use File::Path qw(make_path remove_tree);
use File::Temp ();
use IO::Socket::INET;
use POSIX ();
use Test::More ();
use Time::HiRes qw(sleep time);

use Gempix::MariaDB;
use Gempix::Process;

our @EXPORT = qw(source build tempdir free_port wait_until mariadb site spawn run processes slurp spew
    skip_all_without);

# Started with `use Gempix::Test`, a test also gets strict, warnings and Test::More.
sub import
{
    my ($class) = @_;
    my $caller = caller;
    strict->import;
    warnings->import;
    Test::More->export_to_level(1);
    no strict 'refs';
    *{"${caller}::$_"} = \&{$_} for @EXPORT;
    return;
}

# The source folder and the build folder, both absolute.
sub source
{
    return $ENV{GEMPIX_SRC} // croak 'GEMPIX_SRC is not set; run: make check T=THIS_TEST';
}

sub build
{
    return $ENV{GEMPIX_BUILD} // croak 'GEMPIX_BUILD is not set; run: make check T=THIS_TEST';
}

# An object that is the path of a new private folder, removed with the object. It lies in /tmp, not in TMPDIR:
# paths of sockets must stay short.
sub tempdir
{
    return File::Temp->newdir('/tmp/gempix-test-XXXXXXXX', CLEANUP => 1);
}

# A loopback port that was free a moment ago.
sub free_port
{
    my $probe = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0, Listen => 1, Proto => 'tcp')
        or croak "no free port: $!";
    return $probe->sockport;
}

# Calls check() until it returns a true value, which is returned; dies after `seconds`.
sub wait_until
{
    my ($seconds, $what, $check) = @_;
    my $deadline = time + $seconds;
    while (1) {
        my $value = $check->();
        return $value if $value;
        croak "waited $seconds s for: $what" if time > $deadline;
        sleep 0.05;
    }
}

# A running private server with nothing but system tables. Options as for Gempix::MariaDB->new.
sub mariadb
{
    my (%o) = @_;
    my $temporary = tempdir();
    my $db = Gempix::MariaDB->new(dir => "$temporary", %o);

    $db->{temporary} = $temporary;
    copy_system_tables("$temporary/data");
    return $db->start;
}

# Making the system tables takes seconds, so it is done once per build folder, whoever comes first.
sub copy_system_tables
{
    my ($data) = @_;
    my $home = build() . '/t/.mariadb';
    my $version = `@{[Gempix::MariaDB->program('mariadbd')]} --version`;
    $version =~ s/.*Ver (\S+).*/$1/s;

    make_path($home);
    open my $lock, '>', "$home/lock" or croak "$home/lock: $!";
    flock $lock, LOCK_EX or croak "lock: $!";
    if (!-d "$home/$version") {
        remove_tree("$home/new");
        Gempix::MariaDB->new(dir => "$home/new", data => "$home/new/data")->install;
        rename "$home/new/data", "$home/$version" or croak "rename: $!";
    }
    system('cp', '-a', '--sparse=auto', "$home/$version", $data) == 0 or croak 'copying the system tables failed';
    return;
}

# A whole site in a temporary folder, started; options as for Gempix::Stack->new and the names of parts.
sub site
{
    require Gempix::TestSite;
    return Gempix::TestSite->new(@_);
}

# Starts a program in the background: spawn('name', ['command', …], env => {}). Its log is ->log_tail(N).
sub spawn
{
    my ($name, $command, %o) = @_;
    my $temporary = tempdir();
    my $process = Gempix::Process->start(
        name => $name, command => $command, log => "$temporary/log", %o,
    );
    $process->{temporary} = $temporary;
    return $process;
}

# Runs a program to its end: run(['command', …], stdin => text, env => {}, timeout => s). Returns the exit status
# (128 + signal when killed, 124 when out of time) and its standard output and error as one text, or with
# apart => 1 as two.
sub run
{
    my ($command, %o) = @_;
    my $temporary = tempdir();
    my $apart = $o{apart} // 0;

    spew("$temporary/in", $o{stdin} // '');
    open my $in, '<', "$temporary/in" or croak $!;
    my $redirect = $apart ? '2>"$2"' : '2>&1';
    my $process = Gempix::Process->start(
        name => 'run', stdin => $in, env => $o{env}, dir => $o{dir},
        command => ['/bin/sh', '-c', 'out=$1 err=$2; shift 2; exec "$@" >"$out" ' .
            ($apart ? '2>"$err"' : '2>&1'), 'sh', "$temporary/out", "$temporary/err", @$command],
    );
    my $status = $process->wait_end($o{timeout} // 60);
    if (!defined $status) {
        $process->stop(signal => 'KILL');
        return (124, slurp("$temporary/out"));
    }
    my $code = $status & 127 ? 128 + ($status & 127) : $status >> 8;
    return $apart ? ($code, slurp("$temporary/out"), slurp("$temporary/err"))
        : ($code, slurp("$temporary/out"));
}

# How many other processes have this text in their command line.
sub processes
{
    my ($text) = @_;
    my $count = 0;
    for my $file (glob '/proc/[0-9]*/cmdline') {
        next if $file eq "/proc/$$/cmdline";
        my $line = eval { slurp($file) } // '';
        $count++ if index($line, $text) >= 0;
    }
    return $count;
}

sub slurp
{
    my ($path) = @_;
    open my $in, '<:raw', $path or croak "$path: $!";
    local $/;
    return scalar <$in> // '';
}

sub spew
{
    my ($path, $bytes) = @_;
    open my $out, '>:raw', $path or croak "$path: $!";
    print {$out} $bytes;
    close $out or croak "$path: $!";
    return;
}

# A file of a package of npm (scripts/npm-packages); a test that needs one where there is none is skipped.
sub npm
{
    my ($name) = @_;
    for my $folder ($ENV{GEMPIX_NPM}, build() . '/npm/node_modules', source() . '/.quickstart/npm/node_modules') {
        return "$folder/$name" if defined $folder && -e "$folder/$name";
    }
    Test::More::plan(skip_all => "$name is not there: scripts/npm-packages " . build() . '/npm');
    exit 0;
}


# Skips the whole test, with the reason, unless every program named is installed.
sub skip_all_without
{
    for my $program (@_) {
        eval { Gempix::MariaDB->program($program) }
            or Test::More::plan(skip_all => "$program is not installed");
    }
    return;
}

1;

# A child process that cannot outlive its parent: started in a process group of its own with its output in a
# log file, stopped by its pid, and signalled by the kernel should the parent die without stopping it.
# Knows nothing of what it runs. Next: Gempix::MariaDB, Gempix::Stack.
package Gempix::Process;

use strict;
use warnings;

use Carp qw(croak);
use Errno ();
use Fcntl qw(F_SETFD FD_CLOEXEC);
use POSIX qw(WNOHANG);
use Time::HiRes qw(sleep time);

# prctl(PR_SET_PDEATHSIG, SIGTERM) has no Perl function; these are its system call numbers.
my %PRCTL = (x86_64 => 157, aarch64 => 167, i686 => 172, armv7l => 172, riscv64 => 167, ppc64le => 171);

# start(name => , command => [], log => , env => {}, dir => , stdin => handle, group => bool): returns once exec has succeeded.
# With group, stopping it also ends what it has started and left behind.
sub start
{
    my ($class, %o) = @_;
    my $parent = $$;

    pipe(my $read, my $write) or croak "pipe: $!";
    my $pid = fork() // croak "fork: $!";
    if ($pid == 0) {
        close $read;
        eval { _become($parent, \%o) };
        print {$write} $@ || "unknown\n";
        close $write;
        POSIX::_exit(127);
    }
    close $write;
    my $failure = do { local $/; <$read> };
    if (defined $failure && $failure ne '') {
        waitpid $pid, 0;
        croak "$o{name}: cannot start $o{command}[0]: $failure";
    }
    return bless { %o, pid => $pid, owner => $parent, status => undef }, $class;
}

# In the child: never returns unless something failed.
sub _become
{
    my ($parent, $o) = @_;
    my $machine = (POSIX::uname())[4];

    POSIX::setpgid(0, 0);
    $SIG{$_} = 'DEFAULT' for qw(INT TERM HUP PIPE CHLD);
    if (my $number = $PRCTL{$machine}) {
        syscall($number, 1, 15, 0, 0, 0);
        die "the parent is gone\n" if getppid() != $parent;
    }
    if (defined $o->{stdin}) {
        open STDIN, '<&', $o->{stdin} or die "stdin: $!\n";
    } else {
        open STDIN, '<', '/dev/null' or die "stdin: $!\n";
    }
    if (defined $o->{log}) {
        open STDOUT, '>>', $o->{log} or die "$o->{log}: $!\n";
        open STDERR, '>&', \*STDOUT or die "stderr: $!\n";
    }
    chdir $o->{dir} or die "$o->{dir}: $!\n" if defined $o->{dir};
    $ENV{$_} = $o->{env}{$_} for keys %{$o->{env} // {}};
    no warnings 'exec';
    exec { $o->{command}[0] } @{$o->{command}} or die "$!\n";
}

sub pid
{
    return $_[0]{pid};
}

# The wait status once it has ended, else undef.
sub status
{
    my ($self) = @_;
    if (!defined $self->{status} && waitpid($self->{pid}, WNOHANG) == $self->{pid}) {
        $self->{status} = $?;
    }
    return $self->{status};
}

sub alive
{
    return !defined $_[0]->status;
}

# Sends a signal, by name or number, to this process alone.
sub signal
{
    my ($self, $signal) = @_;
    return $self->alive ? kill($signal, $self->{pid}) : 0;
}

# Waits until it has ended by itself; the wait status, or undef when the time (s) is over.
sub wait_end
{
    my ($self, $seconds) = @_;
    my $deadline = time + $seconds;
    while ($self->alive) {
        return undef if time > $deadline;
        sleep 0.02;
    }
    return $self->{status};
}

# Ends it: the signal (TERM), patience (10 s), then KILL. Returns the wait status.
sub stop
{
    my ($self, %o) = @_;
    return $self->{status} if !$self->alive;
    kill $o{signal} // 'TERM', $self->{pid};
    if (!defined $self->wait_end($o{patience} // 10)) {
        kill 'KILL', $self->{pid};
        $self->wait_end(5);
    }
    kill 'KILL', -$self->{pid} if $self->{group};
    return $self->{status};
}

# The last lines of its log, for messages about a failure.
sub log_tail
{
    my ($self, $lines) = @_;
    open my $in, '<', $self->{log} // '/dev/null' or return '';
    my @all = <$in>;
    $lines = @all if $lines > @all;
    return $lines > 0 ? join '', @all[-$lines .. -1] : '';
}

# Waits until check() is true; dies when the process ends first or the time (s) is over.
sub wait_ready
{
    my ($self, $seconds, $check) = @_;
    my $deadline = time + $seconds;
    until ($check->()) {
        die "$self->{name} ended while starting:\n" . $self->log_tail(15) if !$self->alive;
        die "$self->{name} was not ready after $seconds s:\n" . $self->log_tail(15) if time > $deadline;
        sleep 0.03;
    }
    return $self;
}

sub DESTROY
{
    my ($self) = @_;
    return if $$ != $self->{owner};
    local ($?, $!, $@);
    $self->stop;
    return;
}

1;

# A private MariaDB server: own folder, UNIX socket only, started and stopped by its pid. It never touches the
# system's server or its configuration. Knows nothing of Gempix's schema. Next: Gempix::Stack.
package Gempix::MariaDB;

use strict;
use warnings;

use Carp qw(croak);
use File::Path qw(make_path);
use IO::Socket::UNIX;

use Gempix::Process;

# A socket address holds 107 bytes and a NUL.
use constant SOCKET_MAX => 107;

# new(dir => , data => , durable => 0|1, options => [])
sub new
{
    my ($class, %o) = @_;
    my $self = bless { options => [], data => "$o{dir}/data", %o }, $class;
    $self->{socket} = "$o{dir}/mariadb.sock";
    croak "The folder name is too long for a socket: $self->{socket}\n"
        if length $self->{socket} > SOCKET_MAX;
    make_path($o{dir}, { mode => 0700 });
    return $self;
}

sub socket
{
    return $_[0]{socket};
}

sub process
{
    return $_[0]{process};
}

# Server programs live in sbin, which an ordinary user's PATH may lack.
sub program
{
    my ($class, @names) = @_;
    for my $name (@names) {
        for my $dir (split(/:/, $ENV{PATH} // ''), '/usr/sbin', '/usr/local/sbin', '/sbin') {
            return "$dir/$name" if -x "$dir/$name";
        }
    }
    croak "The program $names[0] is not installed.\n";
}

# Makes the system tables in an empty data folder. The only account is root, without a password: the socket lies
# in a folder that nobody else can enter.
sub install
{
    my ($self) = @_;
    make_path($self->{data}, { mode => 0700 });
    my @command = (
        $self->program('mariadb-install-db'), '--no-defaults', "--datadir=$self->{data}",
        '--auth-root-authentication-method=normal', '--skip-test-db', '--skip-name-resolve',
        $> == 0 ? '--user=root' : (), '--innodb-log-file-size=16M',
    );
    my $made = Gempix::Process->start(
        name => 'mariadb-install-db', command => \@command, log => "$self->{dir}/install.log",
    );
    my $status = $made->wait_end(120);
    die "mariadb-install-db failed:\n" . $made->log_tail(15) if !defined $status || $status != 0;
    return $self;
}

sub start
{
    my ($self) = @_;
    my @command = (
        $self->program('mariadbd'), '--no-defaults', "--datadir=$self->{data}",
        "--socket=$self->{socket}", "--pid-file=$self->{dir}/mariadb.pid", "--tmpdir=$self->{dir}",
        $> == 0 ? '--user=root' : (), '--skip-networking', '--skip-name-resolve', '--skip-log-bin',
        '--character-set-server=utf8mb4', '--max-allowed-packet=32M', '--performance-schema=OFF',
        '--innodb-buffer-pool-size=64M', '--innodb-log-file-size=16M', '--innodb-use-native-aio=0',
        '--innodb-flush-log-at-trx-commit=' . ($self->{durable} ? 1 : 2), '--aria-pagecache-buffer-size=8M',
        '--key-buffer-size=1M', '--max-connections=100', @{$self->{options}},
    );
    $self->{process} = Gempix::Process->start(
        name => 'mariadbd', command => \@command, log => "$self->{dir}/mariadb.log",
    );
    $self->{process}->wait_ready(60, sub {
        return -S $self->{socket}
            && defined IO::Socket::UNIX->new(Type => SOCK_STREAM, Peer => $self->{socket});
    });
    return $self;
}

sub stop
{
    my ($self, %o) = @_;
    $self->{process}->stop(patience => 30, %o) if $self->{process};
    return;
}

sub restart
{
    my ($self) = @_;
    $self->stop;
    return $self->start;
}

# Runs SQL (several statements allowed) and returns the result as lines of tab-separated columns. Options:
# schema, user, password.
sub sql
{
    my ($self, $sql, %o) = @_;
    my @command = (
        $self->program('mariadb', 'mysql'), '--no-defaults', "--socket=$self->{socket}", '--batch',
        '--skip-column-names', '--default-character-set=utf8mb4', '--user=' . ($o{user} // 'root'),
        defined $o{schema} ? "--database=$o{schema}" : (),
    );
    local $ENV{MYSQL_PWD} = $o{password} // '';
    open my $script, '+>', undef or croak "temporary file: $!";
    print {$script} $sql;
    seek $script, 0, 0;
    my $pid = open(my $out, '-|') // croak "fork: $!";
    if ($pid == 0) {
        open STDIN, '<&', $script or POSIX::_exit(127);
        open STDERR, '>&', \*STDOUT or POSIX::_exit(127);
        exec { $command[0] } @command or POSIX::_exit(127);
    }
    my @lines = <$out>;
    close $out;
    die "SQL failed: @lines\n" if $? != 0;
    chomp @lines;
    return wantarray ? @lines : $lines[0];
}

1;

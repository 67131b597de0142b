# What the queue's race and fault tests share: a private server with the schema, a store, and queue_tool in the
# foreground or background. Each object is a world of its own and vanishes with its variable.
package QueueTest;

use strict;
use warnings;

use Gempix::Test;

# Numbers of `enum kit_number` in queue_kit.h.
our %COUNT = (
    jobs => 0, results_twice => 1, done_without => 2, holds => 3, previews => 5, negative => 6,
);

sub new
{
    my ($class, %o) = @_;
    my $self = bless { db => mariadb(%o), dir => tempdir() }, $class;
    $self->{store} = "$self->{dir}/store";
    $self->db->sql('CREATE SCHEMA queue');
    $self->tool('schema', source() . '/sql');
    return $self;
}

sub db
{
    return $_[0]{db};
}

sub store
{
    return $_[0]{store};
}

sub command
{
    my ($self, @arguments) = @_;
    return [build() . '/t/queue/queue_tool', $self->db->socket, 'queue', 'root', @arguments];
}

# Runs the tool to its end; returns its lines, or the first in scalar context. Dies when it fails. A hash
# reference as the last argument is its environment.
sub tool
{
    my ($self, @arguments) = @_;
    my $env = ref $arguments[-1] ? pop @arguments : {};
    my ($status, $out) = run($self->command(@arguments), env => $env);
    die "queue_tool @arguments: status $status\n$out" if $status != 0;
    my @lines = split /\n/, $out;
    return wantarray ? @lines : $lines[0];
}

# Starts the tool in the background; ->log_tail and the methods of Gempix::Process.
sub start
{
    my ($self, @arguments) = @_;
    return spawn('queue_tool', $self->command(@arguments));
}

# A worker of a model: lease and time per image in ms; ends after it was idle for `idle` ms.
sub worker
{
    my ($self, $model, %o) = @_;
    my $name = 'worker:' . ++$self->{workers};
    return $self->start('work', $model, $self->store, $name, $o{lease} // 20000, $o{image} // 0, $o{idle} // 400);
}

# Lines that a background process has written so far.
sub said
{
    my ($process) = @_;
    return split /\n/, slurp($process->{log});
}

sub wait_said
{
    my ($process, $pattern) = @_;
    return wait_until(20, "a line like $pattern", sub { scalar grep { /$pattern/ } said($process) });
}

sub count
{
    my ($self, $what, @argument) = @_;
    return scalar $self->tool('count', $COUNT{$what}, @argument);
}

sub balance
{
    my ($self, $account) = @_;
    my $row = $self->db->sql("SELECT available, held FROM balance WHERE account_id = $account", schema => 'queue');
    return $row =~ s/\t/+/r;
}

# What must hold after anything: the ledger agrees, no picture twice, none missing; and after the sweep of
# an hour later no file without a row, no row without a file, no row left unfinished.
sub is_clean
{
    my ($self, $when) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my ($status, $out) = run($self->command('check', $self->store));

    is($status, 0, "$when: ledger and media are clean") or diag($out);
    is($self->count('results_twice'), 0, "$when: no picture twice");
    is($self->count('done_without'), 0, "$when: no job done without its pictures");
    is($self->count('negative'), 0, "$when: no balance below zero");
    $self->tool('sweep', $self->store, { GEMPIX_CLOCK_SHIFT => 3600 }) for 1 .. 2;
    my $rows = $self->db->sql('SELECT COUNT(*), SUM(state <> "stored") FROM media', schema => 'queue');
    my ($media, $unfinished) = split /\t/, $rows;
    is($unfinished eq 'NULL' ? 0 : $unfinished, 0, "$when: the sweep leaves nothing unfinished");
    my @files = split /\n/, `find $self->{store} -type f 2>/dev/null`;
    is(scalar @files, $media, "$when: a file per row");
    ($status, $out) = run($self->command('check', $self->store));
    is($status, 0, "$when: still clean after the sweep") or diag($out);
    return;
}

1;

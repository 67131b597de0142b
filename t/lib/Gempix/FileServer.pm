# A small HTTP server for the tests of clients: files of a folder with ETag and ranges, and misbehaviour on order.
#
#   my $server = Gempix::FileServer->new(root => $dir, rules => {'/a' => [{cut => 100}, {status => 503}]});
#   $server->url('/a');  $server->requests;   # [{method, path, headers => {range => …}, body}, …]
#
# Each request for a path uses up its next rule; after the last one the file is served as it is. Rules:
#   status => 503, headers => {…}   this answer, without a body        redirect => URL    301 to there
#   cut => N       the connection ends after N bytes of the body       stall => S         after the head nothing for S seconds
#   whole => 1     the range is ignored                                 tag => '"x"'       another ETag ('' = none)
#   shift => N     a range begins N bytes too late
#   body => TEXT   this instead of the file                             forever => 1       the rule is not used up
# The server ends with the variable that holds it, or with the test.
package Gempix::FileServer;

use strict;
use warnings;

use Carp qw(croak);
use Digest::SHA qw(sha256_hex);
use File::Temp ();
use IO::Select;
use IO::Socket::INET;
use JSON::PP ();
use POSIX ();

my $JSON = JSON::PP->new->canonical;

sub new
{
    my ($class, %o) = @_;
    my $listen = IO::Socket::INET->new(
        LocalAddr => '127.0.0.1', LocalPort => $o{port} // 0, Listen => 16, Proto => 'tcp', ReuseAddr => 1,
    ) or croak "no port: $!";
    my $log = File::Temp->new(TEMPLATE => '/tmp/gempix-test-XXXXXXXX');
    my $parent = $$;
    my $pid = fork() // croak "fork: $!";
    if ($pid == 0) {
        $SIG{$_} = 'DEFAULT' for qw(INT TERM HUP);
        $SIG{PIPE} = 'IGNORE';
        eval { _serve($listen, $parent, "$log", \%o); 1 } or print STDERR "FileServer: $@";
        POSIX::_exit(0);
    }
    return bless { port => $listen->sockport, pid => $pid, owner => $parent, log => $log }, $class;
}

sub port { return $_[0]{port} }

sub url
{
    my ($self, $path) = @_;
    return "http://127.0.0.1:$self->{port}" . ($path // '');
}

# What was asked for so far.
sub requests
{
    my ($self) = @_;
    open my $in, '<', "$self->{log}" or croak $!;
    return [map { $JSON->decode($_) } <$in>];
}

sub stop
{
    my ($self) = @_;
    return if !$self->{pid} || $self->{owner} != $$;
    kill TERM => $self->{pid};
    waitpid $self->{pid}, 0;
    $self->{pid} = 0;
    return;
}

sub DESTROY
{
    my ($self) = @_;
    local ($?, $!, $@);
    $self->stop;
    return;
}

sub _serve
{
    my ($listen, $parent, $log, $o) = @_;
    my $select = IO::Select->new($listen);

    while (getppid() == $parent) {
        next if !$select->can_read(0.5);
        my $peer = $listen->accept or next;
        $peer->autoflush(1);
        _answer($peer, $log, $o);
        close $peer;
    }
    return;
}

sub _read_request
{
    my ($peer) = @_;
    local $/ = "\r\n";
    my $line = <$peer> // return;
    my ($method, $path) = $line =~ m{\A(\S+) (\S+) HTTP/1} or return;
    my (%headers, $body);
    while (defined(my $header = <$peer>)) {
        last if $header eq "\r\n";
        $headers{lc $1} = $2 if $header =~ /\A([^:]+):\s*(.*?)\r\n\z/;
    }
    read $peer, $body, $headers{'content-length'} if $headers{'content-length'};
    return { method => $method, path => $path, headers => \%headers, body => $body // '' };
}

sub _answer
{
    my ($peer, $log, $o) = @_;
    my $request = _read_request($peer) or return;
    my $name = $request->{path} =~ s/\?.*//sr;
    my $rules = $o->{rules}{$name};
    my $rule = $rules && @$rules ? ($rules->[0]{forever} ? $rules->[0] : shift @$rules) : {};
    open my $out, '>>', $log or die "$log: $!";
    print {$out} $JSON->encode($request), "\n";
    close $out;
    $rule = { status => 301, headers => { Location => $rule->{redirect} } } if $rule->{redirect};
    return _head($peer, $rule->{status}, 'Content-Length' => 0, %{$rule->{headers} // {}}) if $rule->{status};

    $name =~ s/%([0-9A-Fa-f]{2})/chr hex $1/ge;
    my $bytes = $rule->{body} // _slurp("$o->{root}$name") // return _head($peer, 404, 'Content-Length' => 0);
    my $tag = $rule->{tag} // '"' . substr(sha256_hex($bytes), 0, 16) . '"';
    return _send($peer, $request, $rule, $bytes, $tag);
}

sub _send
{
    my ($peer, $request, $rule, $bytes, $tag) = @_;
    my ($range, $condition) = @{$request->{headers}}{qw(range if-range)};
    my ($from) = ($range // '') =~ /\Abytes=(\d+)-\z/;
    my @headers = $tag eq '' ? () : (ETag => $tag);
    my $total = length $bytes;

    $from = undef if $rule->{whole} || (defined $condition && $condition ne $tag);
    return _head($peer, 416, 'Content-Length' => 0) if defined $from && $from >= $total;
    $from += $rule->{shift} // 0 if defined $from;
    push @headers, 'Content-Range' => "bytes $from-" . ($total - 1) . "/$total" if defined $from;
    $bytes = substr $bytes, $from if defined $from;
    _head($peer, defined $from ? 206 : 200, 'Content-Length' => length $bytes, @headers);
    if ($rule->{stall}) {
        sleep $rule->{stall};
        return;
    }
    $bytes = substr $bytes, 0, $rule->{cut} if defined $rule->{cut};
    print {$peer} $bytes;
    return;
}

sub _head
{
    my ($peer, $status, @headers) = @_;
    my $head = "HTTP/1.1 $status Answer\r\nConnection: close\r\n";
    $head .= shift(@headers) . ': ' . shift(@headers) . "\r\n" while @headers;
    print {$peer} "$head\r\n";
    return;
}

sub _slurp
{
    my ($path) = @_;
    return undef if $path =~ m{/\.\.(?:/|\z)} || !-f $path;
    open my $in, '<:raw', $path or return undef;
    local $/;
    return scalar <$in> // '';
}

1;

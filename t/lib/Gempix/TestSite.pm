# A whole site for one test, in a folder that vanishes with it: Gempix::Stack, with system tables copied instead
# of made, generous request limits, and helpers that most site tests want. Use it through Gempix::Test::site.
package Gempix::TestSite;

use strict;
use warnings;

use parent 'Gempix::Stack';

use Gempix::Client;
use Gempix::MariaDB;
use Gempix::Test ();

# new(parts => [names], other options of Gempix::Stack): prepared and started. Standard parts: database, app, nginx.
sub new
{
    my ($class, %o) = @_;
    my $parts = delete $o{parts} // [qw(database app nginx)];
    my $temporary = Gempix::Test::tempdir();
    my $dir = "$temporary";

    my $database = Gempix::MariaDB->new(dir => "$dir/mariadb");
    Gempix::Test::copy_system_tables($database->{data});
    my $self = $class->SUPER::new(
        dir => $dir, source => Gempix::Test::source(), build => Gempix::Test::build(), database => $database,
        rate => 1000, burst => 1000, temporary => $temporary, %o,
    );
    $self->prepare;
    $self->start(@$parts);
    return $self;
}

# A new visitor without cookies.
sub client
{
    my ($self) = @_;
    return Gempix::Client->new(url => $self->url);
}

# A new member, signed in: makes the account with the operator's command. Options: email, password, credits.
sub member
{
    my ($self, %o) = @_;
    my $email = $o{email} // 'member' . ++$self->{members} . '@example.org';
    my $password = $o{password} // 'a quiet lighthouse';

    $self->ctl('account', 'create', $email, '--credits', $o{credits} // 100, { stdin => "$password\n" });
    my $client = $self->client;
    my $answer = $client->submit($client->get('/signin'), qr{/signin}, { email => $email, password => $password });
    die "sign-in of $email: status $answer->{status}\n$answer->{content}" if $answer->{status} != 303;
    $client->{email} = $email;
    return $client;
}

# What a test says about the site when something went wrong: the ends of the logs.
sub logs
{
    my ($self, $lines) = @_;
    my $all = '';
    for my $file (glob($self->path('log/*.log')), "$self->{dir}/mariadb/mariadb.log") {
        open my $in, '<', $file or next;
        my @lines = <$in>;
        my $first = @lines > $lines ? @lines - $lines : 0;
        $all .= "--- $file\n" . join '', @lines[$first .. $#lines];
    }
    return $all;
}

1;

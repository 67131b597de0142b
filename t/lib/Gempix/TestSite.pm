# A whole site for one test, in a folder that vanishes with it: Gempix::Stack, with system tables copied instead
# of made, generous request limits, and helpers that most site tests want. Use it through Gempix::Test::site.
package Gempix::TestSite;

use strict;
use warnings;

use parent 'Gempix::Stack';

use JSON::PP ();

use Gempix::MariaDB;
use Gempix::Test ();
use Gempix::TestClient;

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
        rate => 1000, burst => 1000, model => model(), temporary => $temporary, %o,
        conf => { 'model.size' => 128, 'model.size_max' => 256, %{ $o{conf} // {} } }, # small pictures, quick tests
    );
    $self->prepare;
    $self->start(@$parts);
    return $self;
}

# The bundled model; a test that needs pictures skips itself where there is none.
sub model
{
    my $folder = Gempix::Test::source() . '/models/gempix-tiny';
    return -f "$folder/model_index.json" ? $folder : Gempix::Test::source() . '/t/data/tiny-a';
}

# A new visitor without cookies, for whom every page must be good HTML.
sub client
{
    my ($self) = @_;
    return Gempix::TestClient->new(url => $self->url);
}

# A new member, signed in: makes the account with the operator's command. Options: email, password, credits.
sub member
{
    my ($self, %o) = @_;
    my $email = $o{email} // 'member' . ++$self->{members} . '@example.org';
    my $password = $o{password} // 'a quiet lighthouse';

    my $credits = $o{credits} // 100;
    $self->ctl('account', 'create', $email, $credits ? ('--credits', $credits) : (), { stdin => "$password\n" });
    my $client = $self->client;
    my $answer = $client->submit($client->get('/signin'), qr{/signin}, { email => $email, password => $password });
    die "sign-in of $email: status $answer->{status}\n$answer->{content}" if $answer->{status} != 303;
    $client->{email} = $email;
    return $client;
}

# A member of the staff, signed in with password and code (the latter put into the database; t/admin/20-roles.t takes the
# whole way once).
sub staff
{
    my ($self, $role) = @_;
    my $client = $self->member(email => "$role\@staff.example", credits => 0);
    my $account = "SELECT id FROM account WHERE email_key = '$client->{email}'";
    my $now = time . '000000';
    $self->ctl('staff', 'add', $client->{email}, $role);
    $self->sql("INSERT INTO account_second (account_id, nonce, created_at, confirmed_at) SELECT id, REPEAT('n', 16), $now, $now FROM account WHERE id = ($account);
        UPDATE session SET second_at = $now WHERE account_id = ($account)");
    return $client;
}

# Submits the create form; the path of the job's page. Few steps, one picture, unless `fields` say otherwise.
sub order
{
    my ($self, $client, %fields) = @_;
    my $answer = $client->submit($client->get('/create'), qr{/create}, {
        prompt => 'a red sun over a blue sea', steps => 4, seed => 7, %fields,
    });
    die "order: status $answer->{status}\n$answer->{content}" if $answer->{status} != 303;
    $answer->{headers}{location} =~ m{(/jobs/[\w-]+)} or die "order leads to $answer->{headers}{location}";
    return $1;
}

# The snapshot that the page's script polls.
sub status
{
    my ($self, $client, $job) = @_;
    my $answer = $client->get("$job/status");
    die "$job/status: $answer->{status}" if $answer->{status} != 200;
    return JSON::PP::decode_json($answer->{content});
}

# Waits until the job has ended; its last snapshot.
sub wait_job
{
    my ($self, $client, $job, $seconds) = @_;
    my $status;
    eval {
        Gempix::Test::wait_until($seconds, "$job to end", sub {
            $status = $self->status($client, $job);
            return $status->{ended};
        });
        1;
    } or die $@, JSON::PP::encode_json($status), "\n", $self->logs(8);
    return $status;
}

# The pages of the pictures that a finished job shows, each once.
sub pictures
{
    my ($self, $client, $job) = @_;
    my $page = $client->get($job);
    my %seen;
    return grep { !$seen{$_}++ } $page->{content} =~ m{"(/pictures/[\w-]{16,})"}g;
}

# Nothing may be lost or doubled: the ledger balances, and rows and files of the store agree.
sub accounts_balance
{
    my ($self) = @_;
    $self->ctl('ledger', 'check');
    my %rows = map { $_ => 1 } $self->sql(
        "SELECT CONCAT(LOWER(HEX(public_id)), '.', extension) FROM media WHERE state = 'stored'");
    my @files = map { chomp; s{.*/}{}; $_ } `find @{[$self->path('media')]} -type f`;
    return scalar(keys %rows) == scalar(@files);
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

# One picture through the whole site, as a visitor would make it: sign in, submit, wait, download. Talks HTTP
# alone. Used by `quickstart once`.
package Gempix::Once;

use strict;
use warnings;

use JSON::PP ();
use Time::HiRes qw(sleep time);

use Gempix::Client;

# new(url => , email => , password => )
sub new
{
    my ($class, %o) = @_;
    return bless { %o, client => Gempix::Client->new(url => $o{url}) }, $class;
}

# Makes the picture and writes it to `file`. Returns a list of [stage, seconds].
sub make
{
    my ($self, $prompt, $file) = @_;
    my ($job, $status);
    my @stages = (
        ['sign in', sub { $self->sign_in }],
        ['submit', sub { $job = $self->submit($prompt) }],
        ['queue and render', sub { $status = $self->wait_for($job) }],
        ['download', sub { $self->download($job, $file) }],
    );
    my @took;
    for my $stage (@stages) {
        my $begun = time;
        $stage->[1]->();
        push @took, [$stage->[0], time - $begun];
    }
    return @took;
}

sub sign_in
{
    my ($self) = @_;
    my $page = $self->{client}->get('/signin');
    my $answer = $self->{client}->submit($page, qr{/signin}, { map { $_ => $self->{$_} } qw(email password) });
    die "Signing in failed with status $answer->{status}.\n" if $answer->{status} != 303;
    return;
}

# The address of the new job's page.
sub submit
{
    my ($self, $prompt) = @_;
    my $page = $self->{client}->get('/create');
    my $answer = $self->{client}->submit($page, qr{/create}, { prompt => $prompt });
    if ($answer->{status} != 303) {
        my ($error) = $answer->{content} =~ m{class="[^"]*error[^"]*"[^>]*>\s*([^<]+)};
        die 'The prompt was not accepted (status ' . $answer->{status} . ')' . ($error ? ": $error\n" : ".\n");
    }
    my ($job) = $answer->{headers}{location} =~ m{(/jobs/[0-9A-Za-z_-]+)}
        or die "The site answered with an unexpected address: $answer->{headers}{location}\n";
    return $job;
}

# Follows the job's status until it ends; shows a bar.
sub wait_for
{
    my ($self, $job) = @_;
    my $etag;
    my $terminal = -t STDOUT;
    my ($shown, $status) = ('', {});

    while (1) {
        my $answer = $self->{client}->get("$job/status", headers => $etag ? { 'if-none-match' => $etag } : {});
        $etag = $answer->{headers}{etag} // $etag;
        $status = JSON::PP::decode_json($answer->{content}) if $answer->{status} == 200;
        die "The job's status is not available (status $answer->{status}).\n" if $answer->{status} !~ /\A(?:200|304)\z/;
        my $line = bar($status);
        print $terminal ? "\r$line" : "$line\n" if $line ne $shown;
        $shown = $line;
        last if $status->{state} =~ /\A(?:done|failed|cancelled)\z/;
        sleep 0.25;
    }
    print "\n" if $terminal;
    die "The job ended as $status->{state}" . ($status->{message} ? ": $status->{message}\n" : ".\n")
        if $status->{state} ne 'done';
    return $status;
}

sub bar
{
    my ($status) = @_;
    my $steps = $status->{steps} || 1;
    my $done = $status->{state} eq 'done' ? $steps : $status->{step} // 0;
    return sprintf '  %-8s [%-30s] step %2d of %2d', $status->{state}, '#' x int(30 * $done / $steps), $done, $steps;
}

# The job's page links to its pictures; the first one's file is what we want.
sub download
{
    my ($self, $job, $file) = @_;
    my $page = $self->{client}->get($job);
    my ($picture) = $page->{content} =~ m{(/pictures/[0-9A-Za-z_-]+)} or die "The finished job shows no picture.\n";
    my $answer = $self->{client}->get("$picture/file");
    die "Downloading the picture failed with status $answer->{status}.\n" if $answer->{status} != 200;
    open my $out, '>:raw', $file or die "$file cannot be written: $!.\n";
    print {$out} $answer->{content};
    close $out or die "$file cannot be written: $!.\n";
    return;
}

1;

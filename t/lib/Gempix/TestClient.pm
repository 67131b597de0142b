# The visitor of the tests: a Gempix::Client for whom every page must be good HTML. A page that is not fails the test that
# asked for it, by one failed line with tidy's words.
package Gempix::TestClient;

use strict;
use warnings;

use parent 'Gempix::Client';

use Gempix::Tidy ();
use Test::More ();

sub request
{
    my ($self, $method, $path, %o) = @_;
    my $answer = $self->SUPER::request($method, $path, %o);

    return $answer if ($answer->{headers}{'content-type'} // '') !~ m{\Atext/html} || ($answer->{content} // '') eq ''
        || ($answer->{headers}{'content-encoding'} // '') ne '';
    my @complaints = Gempix::Tidy::complaints($answer->{content});
    if (@complaints) {
        local $Test::Builder::Level = $Test::Builder::Level + 2;
        Test::More::fail("$method $path is good HTML");
        Test::More::diag(join "\n", @complaints);
    }
    return $answer;
}

1;

#!/usr/bin/perl
# docs/policy/promises.md is complete and true as far as a program can tell: a row for each promise, files that exist, tests
# that could fail, and a register and policy that refer to every promise.
use Gempix::Test;

my $root = source();
my %row;
for (split /\n/, slurp("$root/docs/policy/promises.md")) {
    my ($id, $promise, $code, $test, $not_yet) = /^\| (P\d+) \| (.*?) \| (.*?) \| (.*?) \| ?(.*?) ?\|$/ or next;
    ok(!$row{$id}, "$id has one row");
    $row{$id} = { promise => $promise, code => [$code =~ /`([^`]+)`/g], test => [$test =~ /`([^`]+)`/g], not_yet => $not_yet };
}
is_deeply([sort keys %row], [sort map { "P$_" } 1 .. 21], 'every promise has its row');

my ($register, $policy) = map { slurp("$root/docs/policy/$_.yaml") } qw(register policy);
for my $id (map { "P$_" } 1 .. 21) {
    my $row = $row{$id} or next;
    ok(@{$row->{code}} > 0, "$id: code holds it");
    ok(@{$row->{test}} > 0, "$id: a test watches it");
    is_deeply([grep { !-f "$root/$_" } @{$row->{code}}, @{$row->{test}}], [], "$id: the files are there");
    is_deeply([grep { !m{\At/.*\.t\z} || !-x "$root/$_" } @{$row->{test}}], [], "$id: the tests are tests");
    like($policy, qr/promises:[^\n]*\b$id\b/, "$id: the policy states it");
}
my %referred = map { $_ => 1 } map { split ' ' } $register =~ /promises: ((?:P\d+ ?)+)/g;
is_deeply([grep { !$row{$_} } sort keys %referred], [], 'the register refers to promises that were given');
my @data = grep { !$referred{$_} } map { "P$_" } 2 .. 10, 12 .. 15, 17, 18;
is_deeply(\@data, [], 'every promise about data is the reason for some declaration');

done_testing;

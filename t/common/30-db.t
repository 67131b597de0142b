#!/usr/bin/perl
# The database layer against a private server; db_probe speaks for itself.
use Gempix::Test;

my $db = mariadb();
$db->sql('CREATE SCHEMA probe');
my ($status, $out) = run([build() . '/t/common/db_probe', $db->socket, 'probe', 'root'],
    timeout => 120);
print $out =~ s/^(?=.)/    /mgr;
is($status, 0, 'db_probe');
like($out, qr/^1\.\.\d+$/m, 'ran to its end');
done_testing();

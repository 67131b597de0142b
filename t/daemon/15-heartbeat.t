#!/usr/bin/perl
# The daemon's second thread against a real database; heartbeat_probe speaks for itself.
use Gempix::Test;

my $db = mariadb();
my @target = ($db->socket, 'queue', 'root');

$db->sql('CREATE SCHEMA queue');
my ($status, $out) = run([build() . '/t/queue/queue_tool', @target, 'schema', source() . '/sql']);
is($status, 0, 'schema') or diag($out);
($status, $out) = run([build() . '/t/daemon/heartbeat_probe', @target], timeout => 60);
print $out =~ s/^(?=.)/    /mgr;
is($status, 0, 'heartbeat_probe') or diag(join "\n", grep { /^(not|#)/ } split /\n/, $out);
like($out, qr/^1\.\.\d+$/m, 'ran to its end');
done_testing();

#!/usr/bin/perl
# Delays and the gate against a private server; throttle_probe speaks for itself.
use Gempix::Test;

my $db = mariadb();
$db->sql('CREATE SCHEMA accounts');
my ($status, $out) = run([build() . '/t/queue/queue_tool', $db->socket, 'accounts', 'root', 'schema', source() . '/sql']);
is($status, 0, 'schema') or diag($out);
($status, $out) = run([build() . '/t/account/throttle_probe', $db->socket, 'accounts', 'root'], timeout => 120);
print $out =~ s/^(?=.)/    /mgr;
is($status, 0, 'throttle_probe') or diag(join "\n", grep { /^(not|#)/ } split /\n/, $out);
like($out, qr/^1\.\.\d+$/m, 'ran to its end');
done_testing();

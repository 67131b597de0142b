#!/usr/bin/perl
# The rules of the job queue and of media rows, in one process: queue_probe speaks for itself.
use Gempix::Test;

my $db = mariadb();
my $dir = tempdir();
my @target = ($db->socket, 'queue', 'root');

$db->sql('CREATE SCHEMA queue');
my ($status, $out) = run([build() . '/t/queue/queue_tool', @target, 'schema', source() . '/sql']);
is($status, 0, 'schema') or diag($out);
($status, $out) = run([build() . '/t/queue/queue_probe', @target, "$dir/store"], timeout => 120);
print $out =~ s/^(?=.)/    /mgr;
is($status, 0, 'queue_probe') or diag(join "\n", grep { /^(not|#)/ } split /\n/, $out);
like($out, qr/^1\.\.\d+$/m, 'ran to its end');
done_testing();

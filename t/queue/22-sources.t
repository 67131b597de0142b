#!/usr/bin/perl
# Pictures that jobs are made from, and how long uploads stay: sources_probe speaks for itself.
use Gempix::Test;

my $db = mariadb();
my $dir = tempdir();
my @target = ($db->socket, 'queue', 'root');

$db->sql('CREATE SCHEMA queue');
my ($status, $out) = run([build() . '/t/queue/queue_tool', @target, 'schema', source() . '/sql']);
is($status, 0, 'schema') or diag($out);
($status, $out) = run([build() . '/t/queue/sources_probe', @target, "$dir/store"], timeout => 60);
print $out =~ s/^(?=.)/    /mgr;
is($status, 0, 'sources_probe') or diag(join "\n", grep { /^(not|#)/ } split /\n/, $out);
like($out, qr/^1\.\.\d+$/m, 'ran to its end');
done_testing();

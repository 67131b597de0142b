#!/usr/bin/perl
# Random histories of buying: books_probe speaks for itself. A failure prints the seed that replays it (environment
# GEMPIX_SEED); GEMPIX_HISTORIES says how many: 5,000 take a while (a few minutes).
use Gempix::Test;

my $db = mariadb();
my $dir = tempdir();
my @target = ($db->socket, 'queue', 'root');

$db->sql('CREATE SCHEMA queue');
my ($status, $out) = run([build() . '/t/queue/queue_tool', @target, 'schema', source() . '/sql']);
is($status, 0, 'schema') or diag($out);
($status, $out) = run([build() . '/t/billing/books_probe', @target, "$dir/store"], timeout => 36000);
print $out =~ s/^(?=.)/    /mgr;
is($status, 0, 'books_probe') or diag(join "\n", grep { /^(not|#)/ } split /\n/, $out);
like($out, qr/^1\.\.\d+$/m, 'ran to its end');
done_testing();

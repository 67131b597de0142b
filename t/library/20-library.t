#!/usr/bin/perl
# The gallery against a private server; library_probe speaks for itself.
use Gempix::Test;

my $db = mariadb();
$db->sql('CREATE SCHEMA gallery');
my $folder = tempdir();
my ($status, $out) = run([build() . '/t/queue/queue_tool', $db->socket, 'gallery', 'root', 'schema', source() . '/sql']);
is($status, 0, 'schema') or diag($out);
($status, $out) = run([build() . '/t/library/library_probe', $db->socket, 'gallery', 'root', "$folder/store"], timeout => 120);
print $out =~ s/^(?=.)/    /mgr;
is($status, 0, 'library_probe') or diag(join "\n", grep { /^(not|#)/ } split /\n/, $out);
like($out, qr/^1\.\.\d+$/m, 'ran to its end');
done_testing();

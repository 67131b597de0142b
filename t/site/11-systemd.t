#!/usr/bin/perl
# The units as they are installed: systemd must find nothing to complain about, each duty of the steward has a timer,
# and the services stay locked down.
use Gempix::Test;

skip_all_without('systemd-analyze');
my $temporary = tempdir();
my ($status, $output) = run(['make', '-s', '-C', build(), 'install', "DESTDIR=$temporary/root"], env => { MAKEFLAGS => '' }, timeout => 300);
is($status, 0, 'make install') or die $output;
my ($unit_dir) = grep { -d } glob("$temporary/root/usr/local/lib/systemd/system $temporary/root/*/lib/systemd/system $temporary/root/usr/lib/systemd/system");
$unit_dir //= (map { chomp; $_ } `find $temporary/root -path '*/systemd/system' -type d`)[0];
my @units = map { s{.*/}{}r } glob("$unit_dir/gempix*");
ok(@units >= 9, scalar(@units) . ' units are installed');

# Programs and users exist on the installed system only; the copy to be verified names ones that exist here.
mkdir "$temporary/units";
for my $unit (@units) {
    my $text = slurp("$unit_dir/$unit");
    for my $program ($text =~ m{^Exec\w+=(\S+)}mg) {
        ok(-x "$temporary/root$program", "$unit: $program is installed");
    }
    unlike($text, qr/\@\w+dir\@/, "$unit: nothing is left to fill in");
    $text =~ s{^(Exec\w+=)\S+}{$1/bin/true}mg;
    spew("$temporary/units/$unit", $text);
}
($status, $output) = run(['systemd-analyze', 'verify', '--man=no', glob("$temporary/units/*")]);
is($status, 0, 'systemd-analyze verify');
is($output, '', '... has nothing to say');

# Payments: the services that talk to the processor get its secrets and a way to it, the web workers no way without.
my ($dropin) = map { chomp; $_ } `find $temporary/root -path '*/gempix/systemd/payments.conf'`;
ok($dropin, 'what opens the services for payments is installed');
like(slurp("$unit_dir/gempix-app\@.service"), qr/^IPAddressDeny=any$/m, 'a web worker has no network');
for my $unit ('gempix-app@', 'gempix-steward@') {
    mkdir "$temporary/units/$unit.service.d";
    symlink $dropin, "$temporary/units/$unit.service.d/payments.conf";
    ($status, $output) = run(['systemd-analyze', 'verify', '--man=no', "$temporary/units/${unit}1.service"]);
    is("$status $output", '0 ', "$unit.service with payments.conf is accepted");
}
my ($yaml) = slurp(source() . '/docs/operating.md') =~ /^   billing:\n(.*?)^   ```/ms;
is_deeply([sort $yaml =~ /credential:(\S+)/g], [sort(slurp($dropin) =~ /^LoadCredential=([^:]+):/mg)], '... and brings the credentials that the manual names');

for my $service (grep { /\.service\z/ } @units) {
    (undef, $output) = run(['systemd-analyze', 'security', '--offline=yes', '--no-pager', "$temporary/units/$service"]);
    my ($exposure) = $output =~ /Overall exposure level for \S+: ([0-9.]+)/;
    cmp_ok($exposure // 10, '<=', 2.0, "$service: exposure @{[$exposure // 'unknown']} of 10");
}

my ($help_status, $help) = run([build() . '/gempix-steward', '--help']);
for my $duty (map { /gempix-steward-(\w+)\.timer\z/ ? $1 : () } @units) {
    like($help, qr/\b$duty\b/, "the steward knows the duty $duty that a timer asks for");
    like(slurp("$unit_dir/gempix-steward-$duty.timer"), qr/^Unit=gempix-steward\@$duty\.service$/m, '... and the timer asks for it');
}

SKIP: {
    skip 'systemd-sysusers is not installed', 1 if !eval { Gempix::MariaDB->program('systemd-sysusers') };
    my ($file) = map { chomp; $_ } `find $temporary/root -name gempix.sysusers.conf`;
    ($status, $output) = run(['systemd-sysusers', '--dry-run', $file]);
    is($status, 0, 'systemd-sysusers accepts the users') or diag $output;
}

done_testing;

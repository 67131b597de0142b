#!/usr/bin/perl
# Logs end when the register says: logrotate and journald, as they are installed, keep nothing longer (P13).
use Gempix::Test;

skip_all_without(qw(logrotate));
my $temporary = tempdir();
my ($status, $output) = run(['make', '-s', '-C', build(), 'install', "DESTDIR=$temporary/root"], env => { MAKEFLAGS => '' }, timeout => 300);
is($status, 0, 'make install') or die $output;

# What the register promises.
my ($logs) = slurp(source() . '/docs/policy/register.yaml') =~ /^logs:\n(.*?)^\S/ms;
my @days = $logs =~ /keep: \{after: written, for: (\d+) days/g;
is(scalar @days, 3, 'three kinds of logs, each with its days');

# The web server's: twenty days, a rotation at the end of each.
my ($rules) = map { chomp; $_ } `find $temporary/root -path '*/logrotate.d/gempix'`;
my $text = slurp($rules);
mkdir "$temporary/log";
ok($text =~ s{/var/log/gempix/}{$temporary/log/}, 'the rules are for our folder');
$text =~ s{/run/nginx\.pid}{$temporary/no-pid};
my $user = getpwuid($>);
my $group = getgrgid((split / /, $))[0]);
spew("$temporary/rules", "su $user $group\n$text");
chmod 0600, "$temporary/rules";
for my $day (1 .. 20) {
    spew("$temporary/log/gempix-access.log", "written on day $day.\n");
    spew("$temporary/log/gempix-error.log", "written on day $day.\n");
    for my $file (glob "$temporary/log/*") {
        my $written = (stat $file)[9];
        utime $written - 86_400, $written - 86_400, $file;
    }
    ($status, $output) = run(['logrotate', '--force', '--state', "$temporary/state", "$temporary/rules"]);
    $status == 0 or die "logrotate: $output";
}
for my $name (qw(access error)) {
    my @kept = sort { $a <=> $b } map { /day (\d+)\./ ? $1 : () } map { /\.gz\z/ ? `gzip -dc '$_'` : slurp($_) } glob "$temporary/log/gempix-$name.log*";
    ok(@kept > 0 && $kept[-1] == 20, "$name: yesterday is there");
    # Written during day N, seen at the end of day 20.
    cmp_ok(20 - $kept[0] + 1, '<=', $days[0], '... nothing is older than ' . $days[0] . " days (the oldest is of day $kept[0])");
    cmp_ok(20 - $kept[0] + 1, '>=', $days[0] - 2, '... and nothing went much earlier');
}

# The journal of our programs: a file is kept as long as its youngest line.
my ($journal) = map { chomp; $_ } `find $temporary/root -name 'journald\@gempix.conf'`;
my ($keep) = slurp($journal) =~ /^MaxRetentionSec=(\d+)day$/m;
my ($file) = slurp($journal) =~ /^MaxFileSec=(\d+)day$/m;
cmp_ok($keep + $file, '<=', $days[2], "the journal keeps $keep days in files of $file");
for my $service (map { chomp; $_ } `find $temporary/root -name 'gempix*.service'`) {
    like(slurp($service), qr/^LogNamespace=gempix$/m, $service =~ s{.*/}{}r . ' writes into that journal');
}
done_testing;

#!/usr/bin/perl
# No page is forgotten: every route that shows one is in t/lib/Gempix/Pages.pm, so that somebody looks at it and axe-core does.
use Gempix::Test;
use Gempix::Pages;

# What answers with something else than a page of its own.
my @OTHER = (
    qr/_(?:file|film|picture|thumb|view|download|source|preview|status|feed|csv|zip|archive|export)\z/, # pictures, JSON, files
    qr/\A(?:start|language|theme|robots|sitemap|manifest|subscription_pay)\z/,                           # redirects, what machines read
);

my (%route, @missing);
for my $file (glob source() . '/app/*/*.c') {
    my $text = slurp($file);
    $route{$1} = $2 while $text =~ /\{\s*"(\w+)",\s*METHOD_GET,\s*"([^"]+)"/g;
}
cmp_ok(scalar keys %route, '>=', 30, 'the routes are found');
my @patterns = map { s/[?#].*//r } Gempix::Pages::paths();
for my $name (sort keys %route) {
    next if grep { $name =~ $_ } @OTHER;
    my $path = $route{$name} =~ s/\{id\}/[^\/]+/gr;
    push @missing, "$name: $route{$name}" if !grep { /\A$path\z/ } @patterns;
}
is(scalar @missing, 0, 'every page is looked at') or diag join "\n", 'add to t/lib/Gempix/Pages.pm:', @missing;
done_testing;

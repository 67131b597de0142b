#!/usr/bin/perl
# What strangers see can be used by everybody: the pages that 31-access.t leaves, and the parts that no page uses yet.
use Gempix::Test;
use Gempix::Access qw(problems walk);
use Gempix::Pages;

skip_all_without(qw(nginx mariadbd chromium chromedriver));
Gempix::Test::npm('axe-core/axe.min.js');
require Gempix::Browser;
my $site = Gempix::Pages::site();
my $browser = Gempix::Browser->new(url => $site->url);
walk($browser, Gempix::Pages->new($site, guest => 1), 'guest', part => [2, 2]);

my $sheet = Gempix::Pages::sheet();
$browser->{url} = $sheet->url;
for my $width (1280, 390) {
    my @problems = problems($browser, '/about', $width, 900);
    is(scalar @problems, 0, "every part of the stylesheet, $width wide") or diag join "\n", @problems;
}
done_testing;

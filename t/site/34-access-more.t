#!/usr/bin/perl
# What members see can be used by everybody: the pages that 32-access-member.t leaves.
use Gempix::Test;
use Gempix::Access qw(walk);
use Gempix::Pages;

skip_all_without(qw(nginx mariadbd chromium chromedriver));
Gempix::Test::npm('axe-core/axe.min.js');
require Gempix::Browser;
my $site = Gempix::Pages::site('render');
my $pages = Gempix::Pages->new($site);
walk(Gempix::Browser->new(url => $site->url), $pages, 'member', part => [2, 2]);
done_testing;

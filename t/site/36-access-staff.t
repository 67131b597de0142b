#!/usr/bin/perl
# What the staff sees can be used by everybody, as far as axe-core can tell: desktop and phone, light and dark.
use Gempix::Test;
use Gempix::Access qw(walk);
use Gempix::Pages;

skip_all_without(qw(nginx mariadbd chromium chromedriver));
Gempix::Test::npm('axe-core/axe.min.js');
require Gempix::Browser;
my $site = Gempix::Pages::site('render');
my $pages = Gempix::Pages->new($site);
walk(Gempix::Browser->new(url => $site->url), $pages, 'staff');
walk(Gempix::Browser->new(url => $site->url), $pages, 'leaver');
done_testing;

#!/usr/bin/perl
# What strangers see can be used by everybody, as far as axe-core can tell: desktop and phone, light and dark. Every second
# page; 35-access-guest.t has the others.
use Gempix::Test;
use Gempix::Access qw(walk);
use Gempix::Pages;

skip_all_without(qw(nginx mariadbd chromium chromedriver));
Gempix::Test::npm('axe-core/axe.min.js');
require Gempix::Browser;
my $site = Gempix::Pages::site();
my $browser = Gempix::Browser->new(url => $site->url);
walk($browser, Gempix::Pages->new($site, guest => 1), 'guest', part => [1, 2]);

# The checker must see what it is there for.
$browser->go('/about');
$browser->script('document.querySelector("main").insertAdjacentHTML("beforeend", ' .
    '"<img src=\\"/favicon.ico\\"><p id=pale>pale words</p>"); Object.assign(document.getElementById("pale").style, { color: "#ccd", background: "#eef" })');
my $found = join ' ', @{$browser->script_async('const done = arguments[0]; axe.run().then((r) => done(r.violations.map((v) => v.id)))')};
like($found, qr/image-alt/, 'axe sees a picture without words');
like($found, qr/color-contrast/, '... and pale letters');
done_testing;

# What a program can tell about whether everybody can use a page: axe-core's rules (WCAG 2.2 A and AA, and good practice), in
# light and in dark; nothing that the browser complains about; nothing loaded from elsewhere; nothing that sticks out or
# jumps; and no more to load than was promised. In every language of the site.
package Gempix::Access;

use strict;
use warnings;

use Exporter qw(import);

use Gempix::Test ();

use constant FIRST_LOAD => 60_000; # bytes on the wire for the first page of a visit, without pictures

my @LANGUAGES = qw(de fr es ja zh-Hans);

our @EXPORT_OK = qw(prepare problems walk);

# In the second theme only colours can differ, so only their rules run again.
my $RUN = <<'END_SCRIPT';
const [again, done] = arguments;
axe.run(document, { resultTypes: ['violations'], runOnly: again
    ? { type: 'rule', values: ['color-contrast', 'link-in-text-block'] }
    : { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] } }).then(
    (r) => done(r.violations.flatMap((v) => v.nodes.map((n) =>
        `${v.id}: ${n.target.join(' ')}: ${(n.any.concat(n.all, n.none)[0] || v).message || v.help}`))),
    (e) => done(['axe failed: ' + e]));
END_SCRIPT

# What came over the wire for this page, or would have without the browser's cache: all but pictures.
my $WEIGHT = <<'END_SCRIPT';
const all = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')];
return all.filter((e) => e.initiatorType !== 'img' && e.initiatorType !== 'fetch').reduce((sum, e) => sum + e.encodedBodySize, 0);
END_SCRIPT

# How much of what was there was pushed away while the page loaded: the browser's cumulative layout shift.
my $SHIFT = <<'END_SCRIPT';
const done = arguments[0];
let sum = 0;
new PerformanceObserver((list) => {
    for (const e of list.getEntries()) sum += e.hadRecentInput ? 0 : e.value;
}).observe({ type: 'layout-shift', buffered: true });
setTimeout(() => done(sum), 50);
END_SCRIPT

# Makes axe-core known to every page that this browser opens.
sub prepare
{
    my ($browser) = @_;
    $browser->script_always(Gempix::Test::slurp(Gempix::Test::npm('axe-core/axe.min.js')));
    return;
}

# Opens a page, clicks where it says; sentences about what is wrong with it.
sub problems
{
    my ($browser, $path, $width, $height, $click) = @_;
    my @wrong;

    for my $dark (0, 1) {
        $browser->look(width => $width, height => $height, dark => $dark, still => 1);
        $browser->go($path) if !$dark;
        $browser->click($click) if !$dark && defined $click;
        push @wrong, map { ($dark ? 'dark: ' : 'light: ') . $_ } @{$browser->script_async($RUN, $dark)};
    }
    my $over = $browser->script('return document.documentElement.scrollWidth - window.innerWidth');
    push @wrong, "it is $over pixels wider than the window" if $over > 0;
    push @wrong, map { "loaded from elsewhere: $_" } grep { index($_, "$browser->{url}/") != 0 }
        @{$browser->script('return performance.getEntriesByType("resource").map((e) => e.name)')};
    my $weight = $browser->script($WEIGHT);
    push @wrong, "its first load has $weight bytes" if $weight > FIRST_LOAD || $weight < 8_000;
    my $jump = $browser->script_async($SHIFT);
    push @wrong, "what is shown jumps by $jump of the window" if $jump > 0.01;
    my $page = $browser->script('return location.href'); # whose own status may be one of an error
    push @wrong, map { "the browser says: $_" } grep { !/\A\Q$page\E - Failed to load resource: the server responded with a status of 4/ } $browser->complaints;
    return @wrong;
}

# Every page of Gempix::Pages that this one sees ('guest', 'member' or 'staff'): on the desktop in English, on a phone in the other
# languages in turn, whose words are longer or break elsewhere. A test each. With part => [1, 2]
# the first half of them, so that two tests can share the work.
sub walk
{
    my ($browser, $pages, $who, %o) = @_;
    my ($part, $parts) = @{$o{part} // [1, 1]};
    my $number = 0;
    prepare($browser);
    $browser->go('/');
    $browser->become($pages->visitor($who)) if $who ne 'guest';
    for my $page (grep { $_->{who} eq $who && $number++ % $parts == $part - 1 } $pages->all) {
        my $other = $LANGUAGES[$number % @LANGUAGES];
        for my $way ([1280, 900, 'en'], [390, 844, $other]) {
            my ($width, $height, $language) = @$way;
            $browser->go("/language?to=$language");
            my @problems = problems($browser, $page->{path}, $width, $height, $page->{click});
            Test::More::is(scalar @problems, 0, "$page->{name}, $width wide, $language")
                or Test::More::diag(join "\n", @problems);
        }
    }
    return;
}

1;

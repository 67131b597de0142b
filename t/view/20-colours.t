#!/usr/bin/perl
# The colours of app/static/site.css can be read by people who see less: contrast as WCAG 2.2 AA asks (1.4.3, 1.4.11), in
# light and in dark, computed from the roles.
use Gempix::Test;

my $css = slurp(source() . '/app/static/site.css');

# #rrggbb to relative luminance, WCAG's formula.
sub luminance
{
    my @c = map { hex($_) / 255 } $_[0] =~ /\A#(..)(..)(..)\z/ or die "no colour: $_[0]";
    @c = map { $_ <= 0.04045 ? $_ / 12.92 : (($_ + 0.055) / 1.055) ** 2.4 } @c;
    return 0.2126 * $c[0] + 0.7152 * $c[1] + 0.0722 * $c[2];
}

sub contrast
{
    my ($low, $high) = sort { $a <=> $b } map { luminance($_) } @_;
    return ($high + 0.05) / ($low + 0.05);
}

cmp_ok(abs(contrast('#ffffff', '#000000') - 21), '<', 0.01, 'black on white is 21');
cmp_ok(abs(contrast('#777777', '#ffffff') - 4.48), '<', 0.01, 'a known grey on white is 4.48');

my %role;
while ($css =~ /^    --([\w-]+): (?:var\(--light, (#\w{6})\) var\(--dark, (#\w{6})\)|(#\w{6}));$/mg) {
    $role{$1} = { light => $2 // $4, dark => $3 // $4 };
}
cmp_ok(scalar keys %role, '>=', 20, 'the roles are found');

# [least contrast, what is seen, on what]
my @pairs = (
    (map { [4.5, 'ink', $_] } qw(paper surface sunken sunken-hover accent-wash)),
    (map { [4.5, 'ink-soft', $_] } qw(paper surface sunken accent-wash)),
    (map { [4.5, 'link', $_] } qw(paper surface accent-wash)),
    (map { [4.5, 'bad', $_] } qw(paper surface bad-wash)),
    [4.5, 'time', 'time-wash'], [4.5, 'on-accent', 'accent'], [4.5, 'on-accent', 'accent-hover'],
    [4.5, 'on-spark', 'spark'], [4.5, 'on-spark', 'spark-hover'], [4.5, 'on-deep', 'deep'], [4.5, 'on-deep-soft', 'deep'],
    [4.5, 'spark', 'deep'], [4.5, 'spark', 'deep-raised'], [4.5, 'on-deep', 'deep-raised'],
    (map { [3, 'line-strong', $_] } qw(paper surface sunken)), # edges of fields
    (map { [3, 'focus', $_] } qw(paper surface sunken accent-wash)), [3, 'accent', 'sunken-hover'], [3, 'spark', 'deep'],
);
for my $theme (qw(light dark)) {
    for my $pair (@pairs) {
        my ($least, $front, $back) = @$pair;
        my $is = contrast($role{$front}{$theme}, $role{$back}{$theme});
        cmp_ok($is, '>=', $least, sprintf '%s: %s on %s', $theme, $front, $back);
    }
}

like($css, qr/prefers-reduced-motion: reduce/, 'motion stops where it is not wanted');
unlike($css, qr{url\("?(?:https?:|//|data:)}, 'nothing comes from elsewhere');
my @gone = grep { !/focus-within|:focus-visible|\.prompt-row input|\Amain\b|\.skip/ } $css =~ /^([^\n{}]+)\{[^}]*outline: (?:none|0)/mg;
is("@gone", '', 'no part loses its focus ring');
done_testing;

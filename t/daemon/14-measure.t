#!/usr/bin/perl
# While nobody waits, a renderer measures the models in memory and publishes what their pictures cost; the application's
# page shows prices by it, and charges them.
use Gempix::Test;
use Time::HiRes qw(sleep time);

skip_all_without(qw(mariadbd nginx));
my $site = site(
    model => source() . '/t/data/tiny-a',
    conf => { 'render.poll_min' => 50, 'render.poll_max' => 200, 'render.threads' => 1, 'model.size_max' => 512 },
);
my $member = $site->member(credits => 500);

# --- before anything is measured ---

unlike($member->get('/create')->{content}, qr/data-unit-shape/, 'nothing is measured yet');
$site->order($member, size => 'exact', width => 512, height => 512, steps => 25);
is($site->sql('SELECT price FROM job ORDER BY id DESC LIMIT 1'), 4, 'a price in proportion to pixels and steps');
is($site->sql('SELECT cost FROM job ORDER BY id DESC LIMIT 1'), 512 * 512 * 25, '... and a turn');
$site->sql('UPDATE job SET state = "cancelled"');
$site->sql('UPDATE balance SET available = available + held, held = 0');

# --- a renderer with nothing to do ---

my $daemon = $site->start_render('render-1');
wait_until(60, "a measurement\n" . $site->logs(5), sub { $site->sql('SELECT COUNT(*) FROM model_cost WHERE step_a IS NOT NULL') });
my ($speed, $prompt, $step, $decode) = split /\t/, $site->sql('SELECT speed, prompt_a, step_a + step_b * 65536 + step_c * 65536 * 65536,
    decode_a + decode_b * 65536 + decode_c * 65536 * 65536 FROM model_cost');
cmp_ok($_->[0], '>', 0, "$_->[1] takes time") for [$prompt, 'a prompt'], [$step, 'a step'], [$decode, 'decoding'];
my $expected = 65536 * 25 / ($prompt + 25 * $step + $decode);
cmp_ok(abs($speed / $expected - 1), '<', 0.01, 'the first speed is the measured one');
is($site->sql('SELECT COUNT(*) FROM model_cost'), 1, 'a row per model');

# --- what the page makes of it ---

my ($shape) = $member->get('/create')->{content} =~ /data-unit-shape="([^"]*)"/;
my @k = split / /, $shape // '';
is(scalar(@k), 6, 'the browser gets the shape');
my $at = sub { my ($i, $px) = @_; return $k[$i] + $k[$i + 1] * $px + $k[$i + 2] * $px * $px };
cmp_ok(abs($at->(0, 65536) + 25 * $at->(3, 65536) - 1), '<', 0.001, '... where one unit is one');
$site->order($member, size => 'exact', width => 256, height => 256, steps => 25);
is($site->sql('SELECT price FROM job ORDER BY id DESC LIMIT 1'), 1, 'one unit costs what it should');
wait_until(60, 'the picture', sub { $site->sql('SELECT state FROM job ORDER BY id DESC LIMIT 1') eq 'done' });
$site->order($member, size => 'exact', width => 512, height => 512, steps => 25);
my ($price, $cost) = split /\t/, $site->sql('SELECT price, cost FROM job ORDER BY id DESC LIMIT 1');
my $units = $at->(0, 512 * 512) + 25 * $at->(3, 512 * 512);
cmp_ok(abs($cost / ($units * 65536 * 25) - 1), '<', 0.01, 'a large picture has the turn of its time');
cmp_ok(abs($price - $units), '<', 1, '... and the price');
is($daemon->stop(patience => 20), 0, 'ends in order');
is($site->sql('SELECT COUNT(*) FROM model_cost'), 0, '... and takes its row along');

# --- waiting, as the page tells it ---

$site->sql("INSERT INTO model_cost (worker, model, seen_at, speed) VALUES ('w:1', 'gempix-tiny', UNIX_TIMESTAMP() * 1000000, 65536)");
$site->sql('UPDATE job SET state = "cancelled", lease_until = NULL WHERE state IN ("queued", "running")');
my $job = $site->order($member, size => 'exact', width => 256, height => 256, steps => 25);
my $status = $site->status($member, $job);
is($status->{seconds}, 25, 'seconds until it is done, by the speed of the workers with this model') or diag explain $status;
done_testing;

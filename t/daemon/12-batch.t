#!/usr/bin/perl
# gempix-render with several jobs and several models: jobs of different accounts in one pass, each with its own end and the
# picture it would have alone; models that are opened when a job needs one, and leave when memory asks for it.
use Gempix::Test;
use Compress::Zlib qw(uncompress);
use Digest::SHA qw(sha256_hex);
use Time::HiRes qw(sleep time);

skip_all_without(qw(mariadbd));
my $site = site(
    parts => ['database'], model => source() . '/t/data/tiny-a',
    conf => {
        'render.lease' => 5, 'render.poll_min' => 50, 'render.poll_max' => 200, 'render.batch' => 4, 'render.threads' => 1,
        'log.level' => 'debug',
    },
);
my @members = map { tool('account', 1000) } 1 .. 3;
my @command = ($site->program('gempix-render'), '-c', $site->config('render'));

sub tool
{
    my (@arguments) = @_;
    my ($status, $out) = run([build() . '/t/queue/queue_tool', $site->database->socket, 'gempix', 'root', @arguments]);
    die "queue_tool @arguments: $out" if $status != 0;
    chomp $out;
    return $out;
}

# A queued job of 128 x 128 pixels; its public id. Nobody sees it before its settings are complete.
sub submit
{
    my (%o) = @_;
    my $name = tool('submit', $o{member} // $members[0], 'not-yet', 1, $o{images} // 1, 2);
    my ($steps, $seed, $side) = ($o{steps} // 6, $o{seed} // 17, $o{side} // 128);
    my $model = $o{model} // 'gempix-tiny';
    $site->sql("UPDATE job SET params = JSON_SET(params, '\$.steps', $steps, '\$.seed', $seed, '\$.width', $side),
        steps = $steps * images, model = '$model' WHERE model = 'not-yet'");
    return $name;
}

sub draw_all
{
    my ($status, $out) = run([@command, '--once'], timeout => 120);
    is($status, 0, 'all is drawn') or diag $out;
    return $out;
}

sub states
{
    return join ' ', $site->sql('SELECT state FROM job ORDER BY id');
}

# The bytes of an RGB picture in a PNG file.
sub pixels
{
    my ($png) = @_;
    my ($at, $packed, $width) = (8, '');
    while ($at < length $png) {
        my ($size, $type) = unpack 'N a4', substr $png, $at, 8;
        $width = unpack 'N', substr $png, $at + 8, 4 if $type eq 'IHDR';
        $packed .= substr $png, $at + 8, $size if $type eq 'IDAT';
        $at += 12 + $size;
    }
    my $row = 3 * $width;
    my @lines = unpack "(a@{[$row + 1]})*", uncompress($packed);
    my @above = (0) x $row;
    my @out;
    for my $line (@lines) {
        my ($filter, @in) = unpack 'C*', $line;
        my @now;
        for my $i (0 .. $row - 1) {
            my ($left, $up, $corner) = ($i < 3 ? 0 : $now[$i - 3], $above[$i], $i < 3 ? 0 : $above[$i - 3]);
            my $guess = $filter == 1 ? $left : $filter == 2 ? $up : $filter == 3 ? ($left + $up) >> 1 : 0;
            if ($filter == 4) {
                my ($l, $u, $c) = map { abs($left + $up - $corner - $_) } $left, $up, $corner;
                $guess = $l <= $u && $l <= $c ? $left : $u <= $c ? $up : $corner;
            }
            push @now, ($in[$i] + $guess) & 255;
        }
        push @out, @now;
        @above = @now;
    }
    return \@out;
}

# The largest difference of two pictures, in levels of a colour.
sub distance
{
    my ($one, $two) = @_;
    my $most = 0;
    return 256 if @$one != @$two;
    for my $i (0 .. $#$one) {
        my $d = abs $one->[$i] - $two->[$i];
        $most = $d if $d > $most;
    }
    return $most;
}

# The pictures of the newest jobs, oldest first, each job with one.
sub pictures
{
    my ($count) = @_;
    my @digests = reverse $site->sql("SELECT LOWER(HEX(sha256)) FROM media WHERE kind = 'result' AND state = 'stored'
        ORDER BY job_id DESC LIMIT $count");
    my %file = map { chomp; sha256_hex(slurp($_)) => $_ } `find @{[$site->path('media')]} -name '*.png'`;
    return map { pixels(slurp($file{$_})) } @digests;
}

# --- three accounts, one pass; the same pictures as alone ---

for my $i (0 .. 2) {
    submit(member => $members[$i], seed => 100 * $i);
    draw_all();
}
my @alone = pictures(3);
submit(member => $members[$_], seed => 100 * $_) for 0 .. 2;
my $log = draw_all();
my @company = pictures(3);
is(states(), 'done ' x 5 . 'done', 'every job is done');
for my $i (0 .. 2) {
    cmp_ok(distance($company[$i], $alone[$i]), '<=', 1, 'a picture drawn in company is the one drawn alone');
    cmp_ok(distance($company[$i], $alone[$i - 1]), '>', 20, '... and not its neighbour');
}
my @took = $site->sql('SELECT started_at FROM job ORDER BY id DESC LIMIT 3');
is(scalar(keys %{{map { $_ => 1 } @took}}), 1, '... and they were claimed together');
is($site->sql('SELECT GROUP_CONCAT(available ORDER BY account_id) FROM balance'), '996,996,996', 'each paid for its own');
$site->ctl('ledger', 'check');

# --- who may join ---

submit(member => $members[0]);
submit(member => $members[1], side => 64);
submit(member => $members[2]);
submit(member => $members[1], images => 3);
submit(member => $members[2], images => 2);
$log = draw_all();
@took = $site->sql('SELECT started_at FROM job ORDER BY id DESC LIMIT 5');
my ($d, $c, $b2, $b, $a) = @took;
is($a, $b2, 'the same size joins');
isnt($a, $b, 'another size does not');
ok($a != $c || $a != $d, 'no more pictures than render.batch');
is($site->sql("SELECT COUNT(*) FROM job WHERE state <> 'done'"), 0, 'all are done');

# --- every method that the page offers ---

for my $sampler (qw(ddim euler euler-a dpm dpm-karras)) {
    submit(member => $members[1], steps => 4);
    $site->sql("UPDATE job SET params = JSON_SET(params, '\$.sampler', '$sampler') WHERE state = 'queued' AND params LIKE '%ddim%'
        ORDER BY id DESC LIMIT 1");
}
draw_all();
@took = $site->sql('SELECT started_at FROM job ORDER BY id DESC LIMIT 5');
is(scalar(keys %{{map { $_ => 1 } @took}}), 5, 'methods are not mixed in a pass');
is($site->sql("SELECT COUNT(*) FROM job WHERE state <> 'done'"), 0, '... and each draws');

# --- one of three is cancelled ---

my @jobs = map { submit(member => $members[$_], steps => 50, images => 1) } 0 .. 2;
my $daemon = $site->start_render('render-1');
wait_until(60, 'a step', sub { $site->sql("SELECT COUNT(*) FROM job WHERE state = 'running' AND step >= 2") == 3 });
tool('cancel', $members[1], $jobs[1]);
wait_until(20, 'the job to be cancelled', sub { $site->sql("SELECT COUNT(*) FROM job WHERE state = 'cancelled'") });
is($site->sql("SELECT COUNT(*) FROM job WHERE state = 'running'"), 2, 'a cancelled job does not wait for the others');
wait_until(60, 'the end', sub { !$site->sql("SELECT COUNT(*) FROM job WHERE state IN ('queued', 'running')") });
is(join(' ', reverse $site->sql('SELECT state FROM job ORDER BY id DESC LIMIT 3')), 'done cancelled done', 'only the one that was cancelled is');
is($daemon->stop(patience => 20), 0, 'ends in order');
$site->ctl('ledger', 'check');

# --- other models: opened when needed, closed when memory asks for it ---

my $other = $site->path('models/other');
mkdir $site->path('models');
system 'cp', '-rL', source() . '/t/data/tiny-b', $other;
mkdir $site->path('models/no-model');
mkdir $site->path('models/enlarger');
spew($site->path('models/enlarger/gempix-model.json'), '{"format": 1, "family": "compact", "weights": "x.safetensors"}');
submit(model => 'other', side => 64, steps => 2);
submit(steps => 2);
submit(model => 'not-here', steps => 2);
$log = draw_all();
is($site->sql("SELECT state FROM job WHERE model = 'other'"), 'done', 'a model that was installed draws') or diag $log;
is($site->sql("SELECT state FROM job WHERE model = 'not-here'"), 'queued', 'a job for another host waits');
like($log, qr/ready for \S+ and 1 more models/, 'an upscaler in the same place is no model');
unlike($log, qr/leaves memory/, 'with room for both, both stay');
$site->sql("UPDATE job SET state = 'cancelled' WHERE state = 'queued'");

sub set_memory
{
    my ($mib) = @_;
    my $file = $site->config('render');
    my $yaml = slurp($file);
    $yaml =~ s/^  memory:.*\n//m;
    $yaml =~ s/^render:\n/render:\n  memory: $mib\n/m or die $yaml;
    spew($file, $yaml);
    return;
}

set_memory(3);
submit(side => 256, steps => 2);
$log = draw_all();
is($site->sql("SELECT CONCAT(state, ' ', error_code) FROM job ORDER BY id DESC LIMIT 1"), 'failed out_of_memory', 'what can never fit is refused')
    or diag $log;
like($log, qr/needs \d+ MiB, \d+ MiB are free of the limit of 3 MiB/, '... with numbers for the log');
my ($needs) = $log =~ /needs (\d+) MiB/;
set_memory($needs + 3); # one model and its pictures, not two
submit(model => 'other', side => 256, steps => 2);
submit(side => 256, steps => 2);
$log = draw_all();
is(join(' ', $site->sql('SELECT state FROM job ORDER BY id DESC LIMIT 2')), 'done done', 'with just enough memory it draws') or diag $log;
like($log, qr/leaves memory for/, '... one model at a time') or diag $log;
set_memory(0);

# A model that cannot be opened harms no other.
system "echo '{' > $other/unet/config.json";
submit(model => 'other', side => 64, steps => 2);
submit(steps => 2);
$log = draw_all();
is(join(' ', reverse $site->sql('SELECT state FROM job ORDER BY id DESC LIMIT 2')), 'queued done', 'a broken model stops nobody else');
like($log, qr/config\.json/, '... and the log names the file');

done_testing;

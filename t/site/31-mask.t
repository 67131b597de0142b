#!/usr/bin/perl
# Painting over a picture in a real browser, by pointer and by keyboard alone: what is painted arrives as a mask, and only
# there the picture is drawn anew.
use Gempix::Test;

skip_all_without(qw(nginx mariadbd chromium chromedriver));
require Gempix::Browser;
my $site = site(parts => [qw(database app nginx render)]);
my $ada = $site->member(credits => 50);
my $browser = Gempix::Browser->new(url => $site->url);
$browser->go('/')->become($ada);

my $job = $site->order($ada, prompt => 'a red sun over a blue sea');
$site->wait_job($ada, $job, 60);
my ($picture) = map { m{/pictures/([\w-]+)} } $site->pictures($ada, $job);

sub painted # pixels of the canvas that are painted, in per cent
{
    return $browser->script('const p = document.getElementById("mask-paint");
        const d = p.getContext("2d").getImageData(0, 0, p.width, p.height).data;
        let n = 0; for (let i = 3; i < d.length; i += 4) n += d[i] > 127; return 100 * n / (p.width * p.height)');
}

sub drag # a stroke, in parts of the canvas
{
    my (@points) = @_;
    $browser->script('const p = document.getElementById("mask-paint"), r = p.getBoundingClientRect();
        p.setPointerCapture = () => {};
        const at = (type, q) => p.dispatchEvent(new PointerEvent(type, {bubbles: true, cancelable: true, button: 0, pointerId: 7,
            clientX: r.left + r.width * q[0], clientY: r.top + r.height * q[1]}));
        const all = arguments[0]; at("pointerdown", all[0]); all.forEach((q) => at("pointermove", q)); at("pointerup", all.at(-1))', \@points);
    return;
}

sub button
{
    my ($what) = @_;
    $browser->click("#mask button[$what]");
    return;
}

# --- pointer ---

$browser->go("/create/edit?picture=$picture");
$browser->wait_for(10, 'the picture under the brush', sub { $browser->script('return !document.getElementById("mask").hidden') });
ok(!$browser->script('return document.getElementById("mask-own").offsetParent !== null'), 'painting takes the place of a file');
is(painted(), 0, 'nothing is painted at first');
drag([0.3, 0.3], [0.5, 0.4], [0.7, 0.3]);
my $one = painted();
ok($one > 2 && $one < 40, sprintf 'a stroke paints (%.1f %%)', $one);
drag([0.3, 0.7], [0.7, 0.7]);
my $two = painted();
ok($two > $one, 'a second one adds');
button('data-do=undo');
is(painted(), $one, 'undo takes the second back');
button('data-do=redo');
is(painted(), $two, 'redo brings it again');
button('data-tool=eraser');
drag([0.3, 0.7], [0.7, 0.7]);
ok(painted() < $two, 'the eraser takes away');
button('data-do=clear');
is(painted(), 0, 'clear takes all away');
button('data-do=undo');
ok(painted() > 0, '... and can be taken back');

# --- keyboard alone ---

button('data-do=clear');
$browser->script('document.getElementById("mask-view").focus()');
my $before = $browser->text('#mask-said');
$browser->press('b', 'Left', 'Left');
isnt($browser->text('#mask-said'), $before, 'the place of the brush is said aloud');
$browser->press('Space');
my $dab = painted();
ok($dab > 0, 'the space bar paints a dab');
$browser->press(']', ']', ']', 'Right', 'Space');
ok(painted() > $dab, 'a larger brush elsewhere paints more');
$browser->press('e', 'Space');
my $less = painted();
$browser->press('+');
ok($browser->script('return document.getElementById("mask-sheet").offsetWidth > document.getElementById("mask-view").clientWidth'), 'plus zooms in');
$browser->press('-', '-', '-');

# --- and off it goes ---

$browser->type('[name=prompt]', 'a green boat');
button('data-do=clear');
$browser->click('#submit');
like($browser->text('#mask-trouble'), qr/Paint over the part first/, 'where nothing is painted, that is said before anything is sent');

$browser->type('[name=prompt]', 'a green boat');
$browser->script('document.querySelector("details.more").open = true');
$browser->type('[name=steps]', '4');
button('data-do=clear');
button('data-tool=brush');
drag([0.45, 0.45], [0.55, 0.55]);
$browser->click('#submit');
$browser->wait_for(20, 'the job page', sub { $browser->path =~ m{^/jobs/} });
my ($path) = $browser->path =~ m{(/jobs/[\w-]+)};
is($site->wait_job($ada, $path, 60)->{state}, 'done', 'the part is drawn anew') or diag $site->logs(20);
is($site->sql('SELECT kind FROM job ORDER BY id DESC LIMIT 1'), 'repaint', 'what was painted arrived as a mask');
my ($new) = $site->pictures($ada, $path);
my $differ = $browser->script_async('const done = arguments[2]; Promise.all([arguments[0], arguments[1]].map((u) =>
    fetch(u).then((r) => r.blob()).then(createImageBitmap))).then(([a, b]) => {
        const c = document.createElement("canvas"); c.width = a.width; c.height = a.height;
        const x = c.getContext("2d"); x.drawImage(a, 0, 0); const p = x.getImageData(0, 0, a.width, a.height).data;
        x.drawImage(b, 0, 0); const q = x.getImageData(0, 0, a.width, a.height).data;
        const off = (l, t, r, m) => { let n = 0; for (let j = t; j < m; j++) for (let i = l; i < r; i++)
            for (let k = 0; k < 3; k++) n += p[4 * (j * a.width + i) + k] !== q[4 * (j * a.width + i) + k]; return n; };
        done([off(0, 0, a.width, 16), off(48, 48, 80, 80)]); })', "/pictures/$picture/file", "$new/file");
is($differ->[0], 0, 'outside the mask every pixel is as it was');
ok($differ->[1] > 100, '... inside it is new');

# --- a file of one's own, by drop ---

$browser->go('/create/picture');
$browser->script('const c = document.createElement("canvas"); c.width = 64; c.height = 96; c.getContext("2d").fillRect(0, 0, 40, 40);
    c.toBlob((b) => { const t = new DataTransfer(); t.items.add(new File([b], "a.png", {type: "image/png"}));
        document.dispatchEvent(new DragEvent("drop", {bubbles: true, cancelable: true, dataTransfer: t})); })');
$browser->wait_for(5, 'the dropped picture', sub { $browser->script('return !document.getElementById("drop-picture").hidden') });
is($browser->script('return document.querySelector("input[name=size]:checked").value'), 'portrait', 'the shape follows the picture');
$browser->script('const t = new DataTransfer(); t.items.add(new File(["no picture"], "a.png", {type: "image/png"}));
    const f = document.getElementById("picture"); f.files = t.files; f.dispatchEvent(new Event("change", {bubbles: true}))');
$browser->wait_for(5, 'a sentence', sub { $browser->script('return !document.getElementById("picture-trouble").hidden') });
like($browser->text('#picture-trouble'), qr/no PNG, JPEG or WebP/, 'what is no picture is refused at once');
my @complaints = $browser->complaints;
is("@complaints", '', 'the browser has nothing to complain about');
done_testing;

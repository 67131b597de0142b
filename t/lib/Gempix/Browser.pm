# A headless Chromium under a test's control, by the WebDriver protocol over HTTP. Profile, cache and home lie in a
# folder that vanishes; it speaks to the loopback address alone.
package Gempix::Browser;

use strict;
use warnings;

use Carp qw(croak);
use HTTP::Tiny;
use JSON::PP ();
use MIME::Base64 qw(decode_base64);
use Time::HiRes qw(sleep time);

use Gempix::MariaDB;
use Gempix::Process;
use Gempix::Stack;
use Gempix::Test ();

# The key under which WebDriver hands out elements.
use constant ELEMENT => 'element-6066-11e4-a52e-4f735466cecf';

# new(url => address of the site, width => 1280, height => 900, dark => 0)
sub new
{
    my ($class, %o) = @_;
    my $temporary = Gempix::Test::tempdir();
    my $port = Gempix::Stack::free_port();
    my $self = bless { width => 1280, height => 900, dark => 0, %o, temporary => $temporary }, $class;

    $self->{http} = HTTP::Tiny->new(timeout => 60);
    $self->{json} = JSON::PP->new->utf8;
    $self->{base} = "http://127.0.0.1:$port";
    mkdir "$temporary/home";
    $self->{driver} = Gempix::Process->start(
        name => 'chromedriver', group => 1, log => "$temporary/driver.log", dir => "$temporary",
        command => [Gempix::MariaDB->program('chromedriver'), "--port=$port"],
        env => { HOME => "$temporary/home", TMPDIR => "$temporary", XDG_CONFIG_HOME => "$temporary/home",
            XDG_CACHE_HOME => "$temporary/home" },
    );
    $self->{driver}->wait_ready(20, sub { $self->{http}->get("$self->{base}/status")->{status} == 200 });
    $self->_open;
    return $self;
}

sub _open
{
    my ($self) = @_;
    my @flags = (
        '--headless=new', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
        '--disable-component-update', '--disable-sync', '--disable-default-apps', '--disable-dev-shm-usage',
        '--no-proxy-server', '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1', '--hide-scrollbars',
        "--user-data-dir=$self->{temporary}/profile", "--window-size=$self->{width},$self->{height}",
        '--no-sandbox', # root and many containers have none to offer, and only our own pages are shown
    );
    my $value = $self->call('POST', '/session', { capabilities => { alwaysMatch => {
        'goog:chromeOptions' => { binary => Gempix::MariaDB->program('chromium'), args => \@flags },
        'goog:loggingPrefs' => { browser => 'ALL' },
    } } });
    $self->{session} = "/session/$value->{sessionId}";
    $self->look(map { $_ => $self->{$_} } qw(width height dark));
    return;
}

# Changes the size of the window (CSS pixels) and between light and dark; with still => 1 nothing moves.
sub look
{
    my ($self, %o) = @_;
    my %size = (width => 0 + $o{width}, height => 0 + $o{height});
    $self->devtools('Emulation.setDeviceMetricsOverride', { %size, deviceScaleFactor => 1, mobile => JSON::PP::false });
    $self->devtools('Emulation.setEmulatedMedia', { features => [
        { name => 'prefers-color-scheme', value => $o{dark} ? 'dark' : 'light' },
        { name => 'prefers-reduced-motion', value => $o{still} ? 'reduce' : 'no-preference' },
    ] });
    return $self;
}

# One WebDriver call; dies with its message when it fails.
sub call
{
    my ($self, $method, $path, $body) = @_;
    my $answer = $self->{http}->request($method, "$self->{base}$path", {
        headers => { 'content-type' => 'application/json' },
        $method eq 'POST' ? (content => $self->{json}->encode($body // {})) : (),
    });
    my $value = eval { $self->{json}->decode($answer->{content})->{value} };
    if ($answer->{status} != 200) {
        my $message = ref $value ? $value->{message} : $answer->{content};
        croak "WebDriver $path: " . substr($message, 0, 400);
    }
    return $value;
}

sub devtools
{
    my ($self, $command, $parameters) = @_;
    return $self->call('POST', "$self->{session}/goog/cdp/execute", { cmd => $command, params => $parameters });
}

sub go
{
    my ($self, $path) = @_;
    $self->call('POST', "$self->{session}/url", { url => "$self->{url}$path" });
    return $self;
}

# Takes over the cookies of a Gempix::Client, so that the browser is signed in as that visitor is.
sub become
{
    my ($self, $client) = @_;
    for my $name (sort keys %{$client->{cookies}}) {
        my %cookie = (name => $name, value => $client->{cookies}{$name}, path => '/', httpOnly => JSON::PP::true);
        $self->call('POST', "$self->{session}/cookie", { cookie => \%cookie });
    }
    return $self;
}

# The path of the page that is shown.
sub path
{
    my ($self) = @_;
    my $url = $self->call('GET', "$self->{session}/url");
    $url =~ s/\A\Q$self->{url}\E//;
    return $url;
}

sub title
{
    my ($self) = @_;
    return $self->call('GET', "$self->{session}/title");
}

sub _all
{
    my ($self, $css) = @_;
    my $found = $self->call('POST', "$self->{session}/elements", { using => 'css selector', value => $css });
    return map { $_->{+ELEMENT} } @$found;
}

sub has
{
    my ($self, $css) = @_;
    return scalar(my @found = $self->_all($css));
}

sub _one
{
    my ($self, $css) = @_;
    my ($element) = $self->_all($css);
    croak "nothing on " . $self->path . " fits $css" if !defined $element;
    return $element;
}

sub click
{
    my ($self, $css) = @_;
    my $element = $self->_one($css);
    $self->script('arguments[0].scrollIntoView({ block: "center", behavior: "instant" })', { ELEMENT, $element });
    $self->call('POST', "$self->{session}/element/$element/click");
    return $self;
}

# Replaces what a field holds.
sub type
{
    my ($self, $css, $text) = @_;
    my $element = $self->_one($css);
    $self->call('POST', "$self->{session}/element/$element/clear");
    $self->call('POST', "$self->{session}/element/$element/value", { text => $text });
    return $self;
}

sub text
{
    my ($self, $css) = @_;
    return $self->call('GET', "$self->{session}/element/" . $self->_one($css) . '/text');
}

# Runs script in the page as a function body; its value.
sub script
{
    my ($self, $script, @arguments) = @_;
    return $self->call('POST', "$self->{session}/execute/sync", { script => $script, args => \@arguments });
}

# The same for a body that answers later: by calling its last argument.
sub script_async
{
    my ($self, $script, @arguments) = @_;
    return $self->call('POST', "$self->{session}/execute/async", { script => $script, args => \@arguments });
}

# Presses keys one after the other, by letter or by name.
my %KEY = (Tab => "\x{E004}", Enter => "\x{E007}", Escape => "\x{E00C}", Space => ' ', Shift => "\x{E008}", Left => "\x{E012}",
    Up => "\x{E013}", Right => "\x{E014}", Down => "\x{E015}");

sub press
{
    my ($self, @keys) = @_;
    my @actions = map { my $key = $KEY{$_} // $_; map { { type => $_, value => $key } } qw(keyDown keyUp) } @keys;
    $self->call('POST', "$self->{session}/actions", { actions => [{ type => 'key', id => 'keys', actions => \@actions }] });
    return $self;
}

# Runs the script in every page that is opened from now on, before the page's own.
sub script_always
{
    my ($self, $script) = @_;
    $self->devtools('Page.addScriptToEvaluateOnNewDocument', { source => $script });
    return $self;
}

# Waits until check() is true.
sub wait_for
{
    my ($self, $seconds, $what, $check) = @_;
    my $deadline = time + $seconds;
    until (eval { $check->() }) {
        croak "waited $seconds s for $what on " . $self->path . ":\n" . substr($self->text('body'), 0, 600) if time > $deadline;
        sleep 0.1;
    }
    return $self;
}

# The visible part as a PNG file; with whole => 1 the whole page.
sub screenshot
{
    my ($self, $file, %o) = @_;
    my $picture = $o{whole}
        ? $self->devtools('Page.captureScreenshot', { format => 'png', captureBeyondViewport => JSON::PP::true })->{data}
        : $self->call('GET', "$self->{session}/screenshot");
    Gempix::Test::spew($file, decode_base64($picture));
    return $self;
}

# What the browser complained about since the last call: script errors, policy violations, failed loads.
sub complaints
{
    my ($self) = @_;
    my $log = $self->call('POST', "$self->{session}/se/log", { type => 'browser' });
    return map { $_->{message} } grep { $_->{level} eq 'SEVERE' } @$log;
}

sub DESTROY
{
    my ($self) = @_;
    local ($?, $!, $@);
    return if !$self->{driver} || $$ != $self->{driver}{owner};
    eval { $self->call('DELETE', $self->{session}) } if $self->{session};
    $self->{driver}->stop;
    return;
}

1;

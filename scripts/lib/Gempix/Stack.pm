# A whole site in one folder: MariaDB, schema and users, configuration files, nginx, application workers, render
# daemon, steward, mail catcher. quickstart runs it for a visitor, the tests run it for themselves; it is the same.
# Each part is started and stopped by name. Next: Gempix::Process, Gempix::MariaDB.
package Gempix::Stack;

use strict;
use warnings;

use Carp qw(croak);
use File::Path qw(make_path);
use IO::Socket::INET;
use IO::Socket::UNIX;
use Time::HiRes qw(sleep time);

use Gempix::MariaDB;
use Gempix::Process;

# The parts in the order they start; they stop in the opposite one.
my @PARTS = qw(database mail payment app nginx render steward);

# The programs, and the names of their database users. The operator's command administers the private server.
my %USER = (app => 'gempix-app', render => 'gempix-render', steward => 'gempix-steward', ctl => 'root');

# new(dir => , source => , build => , …). Options:
#   port      of nginx on 127.0.0.1 (0: a free one)     workers   of the application (2)
#   durable   1: commits reach the disk                 conf      { 'key.name' => value } over the standard ones
#   database  a Gempix::MariaDB that has system tables  model     folder of the model
#   payment   1: a simulated payment processor, so that credits can be bought without money
#   rate, burst  requests per second and address that nginx lets through
sub new
{
    my ($class, %o) = @_;
    for my $folder (qw(dir source build)) {
        croak "the $folder folder is not given" if !defined $o{$folder} || $o{$folder} !~ m{\A/};
    }
    my $self = bless {
        port => 0, workers => 2, durable => 0, conf => {}, rate => 30, burst => 120, http => '', processes => {}, owner => $$, %o,
    }, $class;

    $self->{port} ||= free_port();
    $self->{payment_port} = free_port() if $self->{payment};
    $self->{model} //= "$self->{source}/models/gempix-tiny";
    $self->{database} //= Gempix::MariaDB->new(dir => $self->path('mariadb'), durable => $self->{durable});
    make_path((map { $self->path($_) } qw(etc secret log run mail media)), { mode => 0700 });
    return $self;
}

sub path
{
    my ($self, $name) = @_;
    return "$self->{dir}/$name";
}

sub url
{
    return "http://127.0.0.1:$_[0]{port}";
}

sub database
{
    return $_[0]{database};
}

# SQL in the site's schema.
sub sql
{
    my ($self, $sql) = @_;
    return $self->{database}->sql($sql, schema => 'gempix');
}

sub free_port
{
    my $probe = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0, Listen => 1) or croak "port: $!";
    return $probe->sockport;
}

sub program
{
    my ($self, $name) = @_;
    my $path = "$self->{build}/$name";
    -x $path or croak "$name has not been built in $self->{build}\n";
    return $path;
}

# --- preparation: done once per folder, harmless when repeated ---

# Starts the database and brings schema, users and secrets into shape.
sub prepare
{
    my ($self) = @_;
    my $db = $self->{database};

    $db->install if !-d "$db->{data}/mysql";
    $self->start('database');
    $self->_write_secrets;
    $self->write_configuration;
    $db->sql('CREATE SCHEMA IF NOT EXISTS gempix CHARACTER SET utf8mb4 COLLATE utf8mb4_bin');
    $self->ctl('migrate', '--sql', "$self->{source}/sql");
    $self->ctl('grant-users', '--sql', "$self->{source}/sql/grants.sql");
    for my $program (grep { $USER{$_} ne 'root' } sort keys %USER) {
        $db->sql("ALTER USER '$USER{$program}'\@localhost IDENTIFIED BY '" . read_file($self->path("secret/$program")) . "'");
    }
    return $self;
}

sub _write_secrets
{
    my ($self) = @_;
    my $site = $self->path('secret/site');

    $self->run([$self->program('gempixctl'), 'secret', 'new', $site]) if !-s $site;
    for my $program (grep { $USER{$_} ne 'root' } keys %USER) {
        my $file = $self->path("secret/$program");
        write_file($file, random_word(32), 0600) if !-s $file;
    }
    return;
}

sub random_word
{
    my ($length) = @_;
    my @letters = ('a' .. 'k', 'm' .. 'z', 2 .. 9);
    open my $in, '<:raw', '/dev/urandom' or croak "urandom: $!";
    my $word = '';
    while (length $word < $length) {
        read $in, my $byte, 1;
        $word .= $letters[ord $byte] if ord $byte < @letters;
    }
    return $word;
}

# One configuration file per program; they differ in the database user alone.
sub write_configuration
{
    my ($self) = @_;
    my %common = (
        'site.url' => $self->url, 'site.contact' => 'operator@example.org',
        'site.secret_file' => $self->path('secret/site'), 'db.socket' => $self->{database}->socket,
        'db.name' => 'gempix', 'media.root' => $self->path('media'), 'media.transient' => 86400,
        'app.templates' => "$self->{source}/app/templates", 'app.languages' => "$self->{build}/po",
        'safety.prompts' => "$self->{source}/etc/prompt-rules.yaml",
        'policy.dir' => "$self->{source}/docs/policy",
        'render.decode' => "$self->{build}/gempix-decode",
        'app.static_dir' => "$self->{source}/app/static",
        'app.helpers' => $self->{build},
        'model.path' => $self->{model}, 'models.dir' => $self->path('models'),
        'models.engine' => "$self->{build}/gempix-image", 'mail.from' => 'gempix@example.org',
        $self->{mail_port} ? ('mail.smtp' => "smtp://127.0.0.1:$self->{mail_port}") : (),
        %{$self->{conf}},
    );
    %common = (%common, $self->payment_conf) if $self->{payment};
    for my $program (keys %USER) {
        my %file = (%common, 'db.user' => $USER{$program});
        $file{'db.password_file'} = $self->path("secret/$program") if $USER{$program} ne 'root';
        write_file($self->config($program), yaml(\%file), 0600);
    }
    return;
}

sub config
{
    my ($self, $program) = @_;
    return $self->path("etc/$program.yaml");
}

# A flat table of "section.key" as YAML. Every value is quoted where it is no plain number or boolean.
sub yaml
{
    my ($values) = @_;
    my ($out, $section) = ('', '');
    for my $key (sort keys %$values) {
        my ($group, $name) = split /\./, $key, 2;
        my $value = $values->{$key};
        $out .= "$group:\n" if $group ne $section;
        $section = $group;
        if ($value !~ /\A(?:-?[0-9]+(?:\.[0-9]+)?|true|false)\z/) {
            $value =~ s/'/''/g;
            $value = "'$value'";
        }
        $out .= "  $name: $value\n";
    }
    return $out;
}

# Runs a program to its end; dies with its output unless it ends with 0. Returns the output.
sub run
{
    my ($self, $command, %o) = @_;
    my $log = $self->path("log/command.$$");
    my $in;

    unlink $log;
    if (defined $o{stdin}) {
        open $in, '+>', undef or croak $!;
        print {$in} $o{stdin};
        seek $in, 0, 0;
    }
    my $process = Gempix::Process->start(name => $command->[0], command => $command, log => $log, stdin => $in);
    my $status = $process->wait_end($o{timeout} // 120);
    my $output = read_file($log);
    unlink $log;
    die "@$command:\n$output" if !defined $status || $status != 0;
    return $output;
}

# The operator's command: ctl('migrate', …).
sub ctl
{
    my ($self, @arguments) = @_;
    my %o = ref $arguments[-1] ? %{pop @arguments} : ();
    return $self->run([$self->program('gempixctl'), '-c', $self->config('ctl'), @arguments], %o);
}

# --- the parts ---

# Starts parts by name, all of them without names.
sub start
{
    my ($self, @names) = @_;
    for my $name (@names ? @names : @PARTS) {
        my $start = $self->can("_start_$name") or croak "no part is called $name";
        $self->$start if !$self->running($name);
    }
    return $self;
}

sub process
{
    my ($self, $name) = @_;
    return $name eq 'database' ? $self->{database}->process : $self->{processes}{$name};
}

sub running
{
    my ($self, $name) = @_;
    my $process = $self->process($name);
    return defined $process && $process->alive;
}

# Stops parts by name, all of them without names, the last started first.
sub stop
{
    my ($self, @names) = @_;
    my %wanted = map { $_ => 1 } @names ? @names : @PARTS;
    for my $name (grep { $wanted{$_} } reverse @PARTS) {
        if ($name eq 'database') {
            $self->{database}->stop;
        } elsif (my $process = delete $self->{processes}{$name}) {
            $process->stop;
        }
    }
    return $self;
}

# The first part that ended without being asked, or undef.
sub ended
{
    my ($self) = @_;
    return (grep { $self->process($_) && !$self->running($_) } @PARTS)[0];
}

sub _spawn
{
    my ($self, $name, $command, %o) = @_;
    my $process = Gempix::Process->start(
        name => $name, command => $command, log => $self->path("log/$name.log"), %o,
    );
    return $self->{processes}{$name} = $process;
}

sub _start_database
{
    my ($self) = @_;
    $self->{database}->start;
    return;
}

sub _start_mail
{
    my ($self) = @_;
    my $listen = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0, Listen => 20) or croak "port: $!";

    $self->{mail_port} = $listen->sockport;
    $self->_spawn('mail', [$^X, "$self->{source}/scripts/mailcatcher", '--dir', $self->path('mail')], stdin => $listen);
    $self->write_configuration;
    return;
}

sub _start_app
{
    my ($self) = @_;
    my $socket = $self->path('run/app.sock');
    my $process = $self->_spawn('app', [
        $^X, "$self->{source}/scripts/workers", '--socket', $socket, '--count', $self->{workers}, '--',
        $self->program('gempix-app'), '-c', $self->config('app'),
    ]);
    $process->wait_ready(10, sub { -S $socket });
    return;
}

sub _start_nginx
{
    my ($self) = @_;
    $self->write_nginx;
    my $process = $self->_spawn('nginx', $self->nginx_command);
    $process->wait_ready(10, sub {
        return defined IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $self->{port}, Timeout => 2);
    });
    return;
}

sub nginx_command
{
    my ($self, @more) = @_;
    return [
        Gempix::MariaDB->program('nginx'), '-p', $self->path('run'), '-c', $self->path('etc/nginx.conf'),
        '-e', $self->path('log/nginx-error.log'), @more,
    ];
}

# What the site file needs beyond nginx itself, by the place where Debian puts it.
sub nginx_modules
{
    return 'load_module /usr/lib/nginx/modules/ngx_http_geoip_module.so;';
}

# The shipped site file with this folder's places, and the smallest main file around it.
sub write_nginx
{
    my ($self) = @_;
    my $site = $self->run([
        '/bin/sh', "$self->{source}/scripts/fill", "$self->{source}/nginx/gempix.conf.in", 'zone=gempix',
        "rate=$self->{rate}", "burst=$self->{burst}", "listen=listen 127.0.0.1:$self->{port};", 'server_name=_',
        'app_socket=' . $self->path('run/app.sock'), "static=$self->{source}/app/static",
        "pages=$self->{source}/nginx/pages", 'media=' . $self->path('media'),
        'copies=' . $self->path('copies'), 'log=' . $self->path('log'),
        'countries=/usr/share/GeoIP/GeoIPv6.dat', 'cache=' . $self->path('run/pages'),
    ]);
    my $run = $self->path('run');
    my $user = $> == 0 ? 'user ' . getpwuid(0) . ' ' . getgrgid(0) . ";\n" : '';
    write_file($self->path('etc/gempix.conf'), $site, 0600);
    write_file($self->path('etc/nginx.conf'), <<"END", 0600);
${user}@{[nginx_modules()]}
daemon off;
worker_processes 1;
pid $run/nginx.pid;
events { worker_connections 512; }
http {
    include /etc/nginx/mime.types;
    sendfile on;
    client_body_temp_path $run/body;
    fastcgi_temp_path $run/fastcgi;
    proxy_temp_path $run/proxy;
    scgi_temp_path $run/scgi;
    uwsgi_temp_path $run/uwsgi;
    include @{[$self->path('etc/gempix.conf')]};
    $self->{http}
}
END
    return;
}

# Waits for the daemon's own word (sd_notify) that it is ready: the model takes a moment to load.
sub _start_render
{
    my ($self) = @_;
    $self->start_render('render');
    return;
}

# A render daemon under any name, so that a test can race two of them.
sub start_render
{
    my ($self, $name) = @_;
    my $socket = $self->path("run/$name.notify");
    my $said = '';

    unlink $socket;
    my $notify = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => $socket) or croak "$socket: $!";
    $notify->blocking(0);
    my $process = $self->_spawn($name, [$self->program('gempix-render'), '-c', $self->config('render')],
        env => { NOTIFY_SOCKET => $socket });
    $process->wait_ready(60, sub {
        while (defined $notify->recv(my $message, 4096)) {
            $said .= "$message\n";
        }
        return $said =~ /^READY=1$/m;
    });
    close $notify; # a socket that nobody reads would block the daemon once it is full
    unlink $socket;
    return $process;
}

# --- the simulated payment processor ---

my @PLANS = (['small', 'Small', 100, 500], ['medium', 'Medium', 500, 2000], ['large', 'Large', 2000, 6000],
    ['club', 'Club', 300, 900, 'month'], ['studio', 'Studio', 1500, 3900, 'never']);

sub payment_conf
{
    my ($self) = @_;
    my $url = "http://127.0.0.1:$self->{payment_port}";
    write_file($self->path('etc/plans.yaml'), "currency: eur\nplans:\n" . join('', map {
        "  $_->[0]:\n    name: $_->[1]\n    credits: $_->[2]\n    amount: $_->[3]\n    price: price_$_->[0]\n"
            . ($_->[4] ? "    kind: monthly\n    expires: $_->[4]\n" : '')
    } @PLANS), 0600);
    return (
        'billing.plans' => $self->path('etc/plans.yaml'), 'billing.key_file' => $self->path('secret/key'),
        'billing.webhook_secret_file' => $self->path('secret/hook-secret'), 'billing.api' => $url, 'billing.checkout' => $url,
        'billing.seller' => 'Gempix 2, tried out|Nobody\'s Street 1|no tax number',
    );
}

sub _start_payment
{
    my ($self) = @_;
    unlink $self->path('secret/port');
    my $process = $self->_spawn('payment', [
        '/usr/bin/perl', "$self->{source}/t/payment/simulator", '--dir', $self->path('secret'), '--port', $self->{payment_port},
        '--hook', $self->url . '/webhooks/payment', map { ('--price', "price_$_->[0]=$_->[3]:eur" . ($_->[4] ? ':month' : '')) } @PLANS,
    ]);
    $process->wait_ready(10, sub { -e $self->path('secret/port') });
    return;
}

sub _start_steward
{
    my ($self) = @_;
    $self->_spawn('steward', [$self->program('gempix-steward'), '-c', $self->config('steward'), 'all', '--every', 2]);
    return;
}

# --- small helpers ---

sub read_file
{
    my ($path) = @_;
    open my $in, '<:raw', $path or croak "$path: $!";
    local $/;
    return scalar <$in> // '';
}

sub write_file
{
    my ($path, $bytes, $mode) = @_;
    open my $out, '>:raw', "$path.new" or croak "$path: $!";
    chmod $mode, "$path.new" if defined $mode;
    print {$out} $bytes;
    close $out or croak "$path: $!";
    rename "$path.new", $path or croak "$path: $!";
    return;
}

sub DESTROY
{
    my ($self) = @_;
    return if $$ != $self->{owner};
    local ($?, $!, $@);
    eval { $self->stop };
    return;
}

1;

#!/usr/bin/perl
# Who may include what. A folder's place in the tree tells what its files may know; this test holds them to it,
# and keeps each third-party header in exactly one C file.
use Gempix::Test;
use Gempix::Tree qw(files lines code_lines includes);

# What every domain of the site may see: the web layer and the list of routes.
my @SITE = qw(app/http app/view app/routes.h);

# Folder => folders whose headers its files may include. The longest matching folder counts.
my %MAY = (
    'common'          => ['common'],
    'app'             => ['common', 'app'],
    'app/http'        => ['common', 'app/http', 'app/view'],
    'app/view'        => ['common', 'app/http', 'app/view'],
    'app/admin'       => ['common', @SITE, 'app/account', 'app/admin', 'app/privacy/policy.h', 'app/privacy/policy_cache.h', 'app/privacy/record.h'],
    'app/account'     => ['common', @SITE, 'app/account'],
    'app/studio'      => ['common', @SITE, 'app/studio', 'app/account'],
    'app/explore'     => ['common', @SITE, 'app/explore'],
    'app/inbound'     => ['common', 'app/inbound'],
    'app/library'     => ['common', @SITE, 'app/explore', 'app/library', 'app/studio'],
    'app/billing'     => ['common', @SITE, 'app/billing'],
    'app/home'        => ['common', @SITE, 'app/home', 'app/studio'],
    'app/pack'        => ['common', 'app/pack'],
    'app/privacy'     => ['common', @SITE, 'app/privacy', 'app/account/profile.h', 'app/account/second.h'],
    'app/support'     => ['common', @SITE, 'app/support'],
    'app/steward'     => ['common', 'app/steward'],
    'app/ctl'         => ['common', 'app/ctl', 'app/account', 'app/admin/staff.h', 'app/admin/roles.h', 'app/privacy/policy.h', 'app/privacy/record.h'],
    'render/engine'   => ['common', 'render/engine'],
    'render/weights'  => ['common', 'render/engine', 'render/weights'],
    'render/model'    => ['common', 'render/engine', 'render/weights', 'render/model'],
    'render/sampler'  => ['common', 'render/engine', 'render/model', 'render/sampler'],
    'render/pipeline' => ['common', 'render/engine', 'render/weights', 'render/model', 'render/sampler', 'render/pipeline'],
    'render/media'    => ['common', 'render/media', 'render/pipeline/generate.h'],
    'render/intake'   => ['common', 'render/media/picture.h', 'render/pipeline/generate.h', 'render/intake'],
    'render/daemon'   => ['common', 'render/pipeline', 'render/media', 'render/intake', 'render/daemon'],
    'render/cli'      => ['common', 'render/pipeline', 'render/media', 'render/cli'],
);

# Third-party header => the one C file that includes it.
my %HOME = (
    'mysql.h'             => 'common/db.c',
    'errmsg.h'            => 'common/db_error.c',
    'mysqld_error.h'      => 'common/db_error.c',
    'yaml.h'              => 'common/yaml_tree.c',
    'sodium.h'            => 'common/crypto.c',
    'jansson.h'           => 'common/json.c',
    'curl/curl.h'         => 'common/transfer.c',
    'dlfcn.h'             => 'common/transfer.c',
    'liboath/oath.h'      => 'app/account/totp.c',
    'gmime/gmime.h'       => 'app/inbound/letter.c',
    'qrencode.h'          => 'app/account/qr_picture.c',
    'fcgiapp.h'           => 'app/http/fcgi.c',
    'turbojpeg.h'         => 'render/media/jpeg.c',
    'png.h'               => 'render/media/png.c',
    'wels/codec_api.h'    => 'render/media/h264.c',
    'webp/decode.h'       => 'render/media/webp.c',
    'webp/encode.h'       => 'render/media/webp.c',
    'webp/mux.h'          => 'render/media/webp.c',
    'archive.h'           => 'app/pack/main_pack.c',
    'archive_entry.h'     => 'app/pack/main_pack.c',
    'seccomp.h'           => 'render/intake/sandbox.c',
    'zlib.h'              => 'render/media/png.c',
    'cblas.h'             => 'render/engine/gemm.c',
);

# The C library's and POSIX headers that anybody may use.
my %SYSTEM = map { $_ => 1 } qw(
    assert.h complex.h ctype.h dirent.h errno.h fcntl.h fenv.h float.h getopt.h immintrin.h inttypes.h libintl.h limits.h link.h malloc.h locale.h math.h
    netdb.h poll.h pthread.h pwd.h sched.h signal.h spawn.h stdalign.h stdarg.h stdatomic.h stdbool.h stddef.h stdint.h stdio.h
    stdlib.h stdnoreturn.h string.h strings.h sys/file.h sys/mman.h sys/random.h sys/resource.h sys/epoll.h sys/select.h sys/socket.h
    sys/stat.h sys/statvfs.h sys/time.h sys/types.h sys/uio.h sys/un.h sys/wait.h syslog.h termios.h time.h unistd.h wchar.h
    arpa/inet.h netinet/in.h sys/ioctl.h
);

sub layer_of
{
    my ($path) = @_;
    my @parts = split m{/}, $path;
    while (pop @parts, @parts) {
        my $folder = join '/', @parts;
        return $folder if $MAY{$folder};
    }
    return undef;
}

sub report
{
    my ($what, @wrong) = @_;
    ok(!@wrong, $what) or diag(join "\n", @wrong);
    return;
}

my @sources = files(qr/\.[ch]\z/, qw(common app render));
ok(@sources > 50, 'the tree is there');

my (@foreign, @unknown, @unplaced, %seen);
for my $path (@sources) {
    my $layer = layer_of($path);
    if (!defined $layer) {
        push @unplaced, "$path lies in a folder that has no rule";
        next;
    }
    for my $include (includes($path)) {
        my ($line, $quote, $name) = @$include;
        if ($quote eq '<') {
            push @unknown, "$path:$line: <$name>" if !$SYSTEM{$name} && !$HOME{$name};
            push @{$seen{$name}}, $path if $HOME{$name};
        } elsif (!grep { $name eq $_ || index($name, "$_/") == 0 } @{$MAY{$layer}}) {
            push @foreign, "$path:$line: $layer may not know $name";
        }
    }
}
report('every folder has a rule', @unplaced);
report('no file includes what its folder may not know', @foreign);
report('every header in angle brackets is of the system or has a home', @unknown);
report('a third-party header is included by its home alone',
    map { my $h = $_; map { " $HOME{$h} " =~ / \Q$_\E / ? () : "<$h> in $_, its home is $HOME{$h}" } @{$seen{$h}} } sort keys %seen);

my $dependencies = slurp(source() . '/docs/dependencies.md');
report('docs/dependencies.md has a line for every third-party header',
    grep { index($dependencies, "`$_`") < 0 || index($dependencies, "`$HOME{$_}`") < 0 } sort keys %HOME);

# Inside a domain: pages -> rules -> store.
my (@sideways, @http, @sql);
for my $path (grep { m{\Aapp/(?!http|view)[a-z]+/} } @sources) {
    my ($domain) = $path =~ m{\Aapp/([a-z]+)/};
    for my $include (includes($path)) {
        my ($line, undef, $name) = @$include;
        push @sideways, "$path:$line: $name" if $name =~ m{\Aapp/([a-z]+)/\w+_store\.h\z} && $1 ne $domain;
        push @http, "$path:$line: $name"
            if $name =~ m{\Aapp/(?:http|view)/} && $path !~ /_(?:pages|view|forms?|json)\.[ch]\z/;
    }
}
report('no domain includes the store of another', @sideways);
report('rules and stores know no HTTP', @http);

for my $path (grep { /\.c\z/ && !/_store\.c\z/ } @sources) {
    next if $path =~ m{\Acommon/(?:db|db_\w+|migrate)\.c\z} || $path =~ m{\Arender/train/};
    my $number = 0;
    for my $line (lines($path)) {
        $number++;
        push @sql, "$path:$number" if $line =~ /"\s*(?:SELECT\s.+\sFROM|INSERT\s+INTO|UPDATE\s.+\sSET|DELETE\s+FROM)\b/;
    }
}
report('SQL text stands in *_store.c alone', @sql);

# Programs end where they begin: in their main file.
my @exits;
for my $path (grep { /\.c\z/ } @sources) {
    my @code = code_lines($path);
    next if grep { /\Amain\(/ } @code;
    my $number = 0;
    for (@code) {
        $number++;
        push @exits, "$path:$number" if /(?<![\w.>])_?exit\s*\(/;
    }
}
report('only a main file calls exit', @exits);

my @braces;
for my $path (files(qr/\.mustache\z/, 'app/templates')) {
    push @braces, $path if $path !~ m{/frame\.mustache\z} && grep { /\{\{\{|\{\{\s*&/ } lines($path);
}
report('only the frame inserts text without escaping', @braces);

done_testing;

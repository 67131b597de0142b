# What the tests of `gempixctl model` share: a configuration, the command, copies of the tiny model, and a hub's folder.
package ModelTest;

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use Exporter qw(import);
use File::Path qw(make_path);
use Gempix::Test;
use JSON::PP qw(encode_json);

our @EXPORT = qw($dir $models $www $tiny @tiny configure ctl check copy_of_tiny inside repository);

our $dir = tempdir();
our $models = "$dir/models";
our $www = "$dir/www";
our $tiny = source() . '/models/gempix-tiny';
our @tiny = map { s{\A\Q$tiny\E/}{}r } grep { -f && !/SHA256SUMS/ } glob "$tiny/* $tiny/*/*";

# The configuration; the engine is the one just built.
sub configure
{
    my (%o) = @_;
    my $more = join '', map { "  $_: $o{$_}\n" } sort keys %o;
    spew("$dir/gempix.yaml", "site:\n  url: http://127.0.0.1\n  secret_file: secret\nmedia:\n  root: media\n"
        . "db:\n  socket: $dir/none\nmodel:\n  path: $tiny\nmodels:\n  dir: $models\n$more"
        . ($o{engine} ? '' : "  engine: @{[build()]}/gempix-image\n"));
    return;
}

sub ctl
{
    my @words = @_;
    return run([build() . '/gempixctl', '-c', "$dir/gempix.yaml", 'model', @words], apart => 1);
}

# One command line, its exit status, and what its outputs match.
sub check
{
    my ($words, $status, $pattern, $name) = @_;
    my ($got, $out, $err) = ctl(@$words);
    $name //= join ' ', 'model', map { s{.*/}{}r } @$words;
    ok($got == $status && "$out$err" =~ $pattern, $name) or diag("status $got\n$out$err");
    return $out;
}

sub copy_of_tiny
{
    my ($to, @without) = @_;
    my %without = map { $_ => 1 } @without;
    for my $file (grep { !$without{$_} } @tiny) {
        make_path("$to/$file" =~ s{/[^/]*\z}{}r);
        link("$tiny/$file", "$to/$file") or system('cp', "$tiny/$file", "$to/$file");
    }
    return $to;
}

# What lies in the models folder, also hidden.
sub inside
{
    opendir my $handle, $models or return '';
    return join ' ', sort grep { !/\A\.\.?\z/ } readdir $handle;
}

# A repository owner/NAME with the tiny model's files and what else is given; options: list => code that changes the list.
sub repository
{
    my ($name, %o) = @_;
    my $commit = sha256_hex($name . rand) =~ s/\A(.{40}).*/$1/r;
    my $root = "$www/owner/$name/resolve/$commit";
    copy_of_tiny($root);
    my %extra = ('README.md' => "---\nlicense: mit\n---\n# A model\n", 'LICENSE.md' => "Do what is right.\n",
        'unet/diffusion_pytorch_model.bin' => 'pickle', '.gitattributes' => 'x', %{$o{extra} // {}});
    spew("$root/$_", $extra{$_}) for keys %extra;
    my @list = map {
        my $bytes = slurp("$root/$_");
        my $entry = { rfilename => $_, size => length $bytes, blobId => 'x' };
        $entry->{lfs} = { sha256 => sha256_hex($bytes), size => length $bytes } if /safetensors\z/;
        $entry;
    } sort @tiny, keys %extra;
    $o{list}->(\@list) if $o{list};
    make_path("$www/api/models/owner/$name/revision");
    spew("$www/api/models/owner/$name/revision/main",
        encode_json({ sha => $commit, siblings => \@list, cardData => { license => $o{licence} // 'openrail++' } }));
    return "/owner/$name/resolve/$commit";
}

1;

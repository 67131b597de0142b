#!/usr/bin/perl
# gempixctl model: from a hub, with broken connections, when killed, and against lies.
use Gempix::Test;
use lib source() . '/t/ctl';
use ModelTest;
use Gempix::FileServer;
use JSON::PP qw(decode_json encode_json);

# A safetensors file of one tensor [2, 4].
sub tensor
{
    my ($name) = @_;
    my $json = encode_json({ $name => { dtype => 'F32', shape => [2, 4], data_offsets => [0, 32] } });
    return pack('Q<', length $json) . $json . pack('f<*', (0.5) x 8);
}

subtest 'from a hub' => sub {
    my $path = repository('Tiny-Model');
    my $unet = "$path/unet/diffusion_pytorch_model.safetensors";
    my $store = Gempix::FileServer->new(root => $www);
    my $hub = Gempix::FileServer->new(root => $www, rules => {
        $unet => [{ cut => 1_000_000 }, { redirect => $store->url($unet) }],
        "$path/vae/config.json" => [{ status => 429 }],
    });
    spew("$dir/token", "hf_secret\n");
    configure(hub => $hub->url, token_file => 'token');
    check(['install', 'owner/Tiny-Model'], 1, qr/RAIL\+\+.*forbids a list of harmful uses.*LICENSE\.md.*--accept-licence/s);
    is(inside(), '', 'nothing was made');
    my $out = check(['install', 'owner/Tiny-Model', '--accept-licence'], 0, qr/tiny-model is installed/);
    unlike($out, qr/\.bin|gitattributes/, 'pickles are not even asked for');
    my @asked = @{$hub->requests};
    is(scalar(grep { ($_->{headers}{authorization} // '') ne 'Bearer hf_secret' } @asked), 0, 'the hub gets the token');
    is(scalar(grep { exists $_->{headers}{authorization} } @{$store->requests}), 0, 'others do not');
    is($store->requests->[0]{headers}{range}, 'bytes=1000000-', 'the rest was asked for');
    my $shown = decode_json(check(['show', 'tiny-model', '--json'], 0, qr/^\{/));
    like($path, qr/\Q$shown->{revision}\E/, 'the commit is noted');
    is($shown->{source}, $hub->url('/owner/Tiny-Model'), 'and the source');
    check(['show', 'tiny-model', '--licence'], 0, qr/^Do what is right\.$/, 'the text of the licence');
    check(['show', 'tiny-model'], 0, qr/openrail\+\+\n.*RAIL.*\n.*harmful.*\n.*accepted 20/, 'its name and terms');
    check(['verify', 'tiny-model'], 0, qr/unchanged, and the engine draws/);
    check(['install', $store->url('/owner/Tiny-Model@main'), '--name', 'again', '--accept-licence', '--no-test'], 0,
        qr/again is installed/, 'by the address of another hub');
    is(scalar(grep { exists $_->{headers}{authorization} } @{$store->requests}), 0, 'which does not get the token');
    check(['remove', 'again', '--force'], 0, qr/removed/);
    check(['install', 'owner/none'], 1, qr/no such repository/, 'another repository');
    check(['install', 'owner/name@../../x'], 1, qr/no such file or folder, and no repository/, 'a strange revision');
    repository('two', list => sub { @{$_[0]} = grep { $_->{rfilename} ne 'model_index.json' } @{$_[0]} },
        extra => { 'a.safetensors' => 'x', 'b.safetensors' => 'y', 'c.ckpt' => 'z',
            'whole.safetensors' => tensor('model.diffusion_model.x'), 'word.safetensors' => tensor('emb_params') });
    check(['install', 'owner/two'], 1, qr/4 files that end in \.safetensors; choose one with --file, for example/);
    check(['install', 'owner/two', '--file', 'b.safetensors', '--accept-licence'], 1, qr/b\.safetensors is no safetensors file/,
        'one of two, which is none');
    check(['install', 'owner/two', '--file', 'whole.safetensors', '--accept-licence'], 1, qr/goes on from there.*--tokenizer/s,
        'a model needs a vocabulary, as is seen when it is here');
    ok(-s "$models/.two.part/whole.safetensors", 'it need not be fetched again');
    check(['install', 'owner/two', '--file', 'word.safetensors', '--accept-licence', '--name', 'word'], 0,
        qr/the engine can use it: a textual inversion, the word word, .*word is installed/s, 'what stands beside a model needs none');
    check(['install', 'owner/two', '--file', 'c.ckpt'], 1, qr/pickle/, 'but no pickle');
    check(['install', 'owner/two', '--file', '../x'], 1, qr/no file \.\./, 'nor anything else');
    $hub->stop;
    configure(hub => 'http://example.org');
    check(['install', 'owner/name'], 1, qr/must begin with https/, 'only https');
    configure();
};

subtest 'killed in the middle' => sub {
    my $path = repository('slow', licence => 'mit');
    my $unet = "$path/unet/diffusion_pytorch_model.safetensors";
    my $hub = Gempix::FileServer->new(root => $www, rules => { $unet => [{ cut => 3_000_000 }, { stall => 20 }] });
    my $port = $hub->port;
    configure(hub => $hub->url);
    my $process = spawn('ctl', [build() . '/gempixctl', '-c', "$dir/gempix.yaml", 'model', 'install', 'owner/slow']);
    my $part = "$models/.slow.part/unet/diffusion_pytorch_model.safetensors.part";
    wait_until(10, 'a part', sub { (-s $part // 0) >= 3_000_000 });
    $process->stop(signal => 'KILL');
    $hub->stop;
    ok(!-e "$models/slow", 'nothing is half installed');
    check(['list'], 0, qr/^slow .* partial$/m, 'but something is there');
    $hub = Gempix::FileServer->new(root => $www, port => $port);
    check(['install', 'owner/slow'], 0, qr/diffusion_pytorch_model\.safetensors  [\d.]+ MB, resumed.*slow is installed/s);
    my ($again) = grep { $_->{path} eq $unet } @{$hub->requests};
    is($again->{headers}{range}, 'bytes=3000000-', 'it goes on where it ended');
    check(['verify', 'slow'], 0, qr/unchanged, and the engine draws/);
};

subtest 'a hub that lies' => sub {
    my %lie = (
        digest => [sub { $_->{lfs} && ($_->{lfs}{sha256} = '0' x 64) for @{$_[0]} }, qr/SHA-256 is wrong/],
        short  => [sub { $_->{rfilename} eq 'vae/config.json' && ($_->{size} = 10) for @{$_[0]} }, qr/longer than the 10/],
        climb  => [sub { push @{$_[0]}, { rfilename => '../../evil', size => 1 } }, qr{may not be: \.\./\.\./evil}],
        inner  => [sub { push @{$_[0]}, { rfilename => 'unet/../../evil', size => 1 } }, qr/may not be/],
        room   => [sub { $_->{lfs} && ($_->{lfs}{size} = 4_000_000_000_000_000) for @{$_[0]} }, qr/There is no room .*GB more/],
        huge   => [sub { $_->{lfs} && ($_->{lfs}{size} = 9223372036854775807) for @{$_[0]} }, qr/There is no room/],
    );
    repository("lie-$_", list => $lie{$_}[0], licence => 'mit') for sort keys %lie;
    my $hub = Gempix::FileServer->new(root => $www, rules => {
        '/api/models/owner/text/revision/main' => [{ body => 'no JSON' }], '/api/models/owner/shut/revision/main' => [{ status => 403 }],
    });
    configure(hub => $hub->url);
    for my $name (sort keys %lie) {
        check(['install', "owner/lie-$name"], 1, $lie{$name}[1], "lie: $name");
        ok(!-e "$models/lie-$name", 'is not installed');
    }
    check(['install', 'owner/text'], 1, qr/not JSON/);
    check(['install', 'owner/shut'], 1, qr/models\.token_file/, 'a repository with terms');
    ok(!-e "$dir/evil" && !-e "$models/evil" && !-e "$models/.lie-climb.part", 'nothing came out of its folder');
};

done_testing();

#!/usr/bin/perl
# gempixctl model: from folders and files; licences; damage; removal.
use Gempix::Test;
use lib source() . '/t/ctl';
use ModelTest;
use Digest::SHA qw(sha256_hex);
use Fcntl qw(:flock);
use JSON::PP qw(decode_json encode_json);

configure();

subtest 'command line' => sub {
    check(['instal'], 2, qr/Did you mean model install/);
    check(['install'], 2, qr/something is missing/);
    check(['install', 'x', '--fp61'], 2, qr/unknown option --fp61/);
    check(['install', "$dir/nowhere"], 1, qr/No such file/);
    check(['install', 'owner/name'], 1, qr/set models\.hub/);
    check(['install', 'what is this'], 1, qr/no such file or folder/);
    check(['install', "$dir/gempix.yaml"], 1, qr/a folder or a \.safetensors file/);
    spew("$dir/model.ckpt", 'x');
    check(['install', "$dir/model.ckpt"], 1, qr/pickle/);
    check(['install', $tiny, '--prediction', 'x'], 1, qr/epsilon or v_prediction/);
    check(['install', $tiny, '--name', '../x'], 1, qr/cannot be a model's name/);
    check(['show', 'gempix-tyni'], 1, qr/Did you mean gempix-tiny/);
    is(inside(), '', 'nothing was made');
};

subtest 'from a folder' => sub {
    my $from = copy_of_tiny("$dir/My Model");
    spew("$from/notes.bin", 'x');
    check(['install', $from], 1, qr/licence that is not known here.*--accept-licence/s, 'the licence comes first');
    is(inside(), '', 'nothing was made');
    check(['install', $from, '--accept-licence'], 0, qr/the engine can use it: 256 pixels .* 25 MB of weights.*my-model is installed/s);
    is(inside(), 'my-model', 'nothing else is left');
    ok(!-e "$models/my-model/notes.bin", 'what is not needed is left out');
    my ($model) = grep { $_->{name} eq 'my-model' } @{decode_json(check(['list', '--json'], 0, qr/^\[/))};
    is($model->{state}, 'ok', 'state');
    is($model->{files}, scalar @tiny, 'files');
    is($model->{prediction}, 'v_prediction', 'prediction');
    is($model->{scheduler}, 'DDIMScheduler', 'scheduler');
    like($model->{licence_accepted}, qr/^20\d\d-/, 'when the licence was accepted');
    my $manifest = decode_json(slurp("$models/my-model/gempix-model.json"));
    my ($unet) = grep { $_->{name} eq 'unet/config.json' } @{$manifest->{files}};
    is($unet->{sha256}, sha256_hex(slurp("$tiny/unet/config.json")), 'digest');
    is($manifest->{defaults}{width}, 256, 'size');
    check(['install', $from, '--accept-licence'], 1, qr/already/, 'not twice');
    check(['list'], 0, qr/^gempix-tiny +sd .* ok, default\nmy-model .* ok$/m);
    check(['install', $from, '--name', 'linked', '--link', '--licence', 'mit'], 0, qr/MIT License.*linked is installed/s);
    is((stat "$models/linked/vae/config.json")[1], (stat "$from/vae/config.json")[1], 'the same file, not a copy');
};

subtest 'verify' => sub {
    my $seen = check(['verify', 'my-model'], 0, qr/\d+ files are unchanged, and the engine draws/);
    my $json = decode_json(check(['verify', 'my-model', '--json'], 0, qr/^\{/));
    is($json->{engine}{native_size}, 256, 'the report of the engine');
    cmp_ok($json->{engine}{work_bytes}, '>', 1_000_000, 'with the need of memory');
    check(['verify', 'gempix-tiny'], 0, qr/\d+ files are unchanged, and the engine draws/, 'by SHA256SUMS');
    my $bare = copy_of_tiny("$models/bare");
    check(['verify', 'bare'], 0, qr/no manifest.*the engine draws/);
    spew("$bare/SHA256SUMS", join '', map { '0' x 64 . "  $_\n" } @tiny);
    check(['verify', 'bare'], 1, qr{unet/config\.json: was changed.*damaged}s, 'SHA256SUMS of other files');
    spew("$bare/SHA256SUMS", '0' x 64 . "  ../../x\n");
    check(['show', 'bare'], 0, qr/no manifest/, 'SHA256SUMS that leads out is not used');
    check(['remove', 'bare', '--force'], 0, qr/removed/);
    my $file = "$models/my-model/unet/config.json";
    my $good = slurp($file);
    spew($file, $good =~ s/"act_fn"/"act_fm"/r);
    check(['list'], 0, qr/^my-model .* ok$/m, 'the list does not read contents');
    check(['verify', 'my-model'], 1, qr{unet/config\.json: was changed.*my-model: damaged}s, 'verify does');
    spew($file, $good . ' ');
    check(['list'], 0, qr/^my-model .* damaged$/m, 'another size');
    check(['verify', 'my-model', '--no-test'], 1, qr{unet/config\.json: has another size}, 'is told as such');
    unlink $file;
    check(['show', 'my-model'], 0, qr{missing files: unet/config\.json: missing}, 'a missing file');
    check(['verify', 'my-model', '--no-test'], 1, qr/missing files/);
    spew($file, $good);
    check(['verify', 'my-model', '--no-test'], 0, qr/are unchanged$/, 'mended');
    my $manifest = slurp("$models/my-model/gempix-model.json");
    spew("$models/my-model/gempix-model.json", $manifest =~ s/"family"/"famliy"/r);
    check(['show', 'my-model'], 0, qr/unknown key "famliy"\. Did you mean "family"/, 'a manifest with a typing error');
    spew("$models/my-model/gempix-model.json", $manifest =~ s{"unet/config}{"../unet/config}r);
    check(['show', 'my-model'], 0, qr{\.\./unet/config.*not a valid entry}, 'a manifest that leads out');
    spew("$models/my-model/gempix-model.json", $manifest);
};

subtest 'a model that the engine cannot use' => sub {
    my $from = copy_of_tiny("$dir/broken", 'vae/config.json');
    spew("$from/vae/config.json", '{"_class_name": "AutoencoderOdd", "block_out_channels": [8, 8]}');
    check(['install', $from, '--accept-licence'], 1, qr/engine cannot use the model: .*AutoencoderOdd/, 'is refused');
    unlike(inside(), qr/broken/, 'and leaves nothing');
    configure(engine => "$dir/no-engine");
    check(['install', $from, '--accept-licence'], 1, qr/engine .*cannot be started.*models\.engine/, 'no engine');
    configure(engine => '/bin/false');
    check(['verify', 'my-model'], 1, qr/it says nothing/, 'an engine that fails');
    configure();
    $from = copy_of_tiny("$dir/odd", 'model_index.json', 'unet/diffusion_pytorch_model.safetensors');
    spew("$from/model_index.json", '{"unet": ["diffusers", "X"], "vae": ["diffusers", "Y"]}');
    spew("$from/unet/diffusion_pytorch_model.bin", 'x');
    check(['install', $from], 1, qr/diffusion_pytorch_model\.bin only\. Such a file can run code/, 'pickles only');
    spew("$from/model_index.json", '{"transformer": ["diffusers", "SD3Transformer2DModel"]}');
    check(['install', $from], 1, qr/a part "transformer" \(SD3Transformer2DModel\)/, 'another kind of model');
    check(['list'], 0, qr/^broken .* partial$/m, 'what could go on is shown');
    check(['remove', 'broken'], 0, qr/removed/, 'and can be removed');
};

# Nothing but the two tensors that tell the family.
sub single_file
{
    my ($path, $channels, $context) = @_;
    my %shape = ('model.diffusion_model.input_blocks.0.0.weight' => [320, $channels, 3, 3],
        'model.diffusion_model.input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight' => [320, $context]);
    my $header = encode_json({ map { $_ => { dtype => 'F16', shape => $shape{$_}, data_offsets => [0, 0] } } keys %shape });
    spew($path, pack('Q<', length $header) . $header);
    return;
}

subtest 'a single file' => sub {
    single_file("$dir/Odd Name.safetensors", 9, 768);
    my @install = ('install', "$dir/Odd Name.safetensors", '--licence', 'apache-2.0', '--no-test');
    check([@install], 1, qr/--tokenizer/, 'needs a vocabulary');
    check([@install, '--tokenizer', $dir], 1, qr/vocab\.json/, 'that is there');
    check(['remove', 'odd-name'], 0, qr/removed/);
    check([@install, '--tokenizer', "$tiny/tokenizer", '--prediction', 'v_prediction'], 0, qr/odd-name is installed/);
    my $model = decode_json(slurp("$models/odd-name/gempix-model.json"));
    is("@$model{qw(family variant prediction tokenizer weights)}",
        'sd1 inpaint v_prediction tokenizer Odd Name.safetensors', 'what the shapes and the operator say');
    check(['remove', 'odd-name', '--force'], 0, qr/removed/);
    single_file("$dir/two.safetensors", 4, 1024);
    @install = ('install', "$dir/two.safetensors", '--licence', 'mit', '--no-test', '--tokenizer', "$tiny/tokenizer");
    check([@install], 1, qr/goes on from there.*--prediction v_prediction/s, 'SD 2 may predict either');
    check([@install, '--prediction', 'v_prediction'], 0, qr/two is installed/, 'and is told');
    is(decode_json(slurp("$models/two/gempix-model.json"))->{defaults}{width}, 768, 'its size follows');
    check(['remove', 'two', '--force'], 0, qr/removed/);
    spew("$dir/empty.safetensors", '');
    check(['install', "$dir/empty.safetensors", '--licence', 'mit', '--tokenizer', "$tiny/tokenizer"], 1,
        qr/no safetensors file/, 'an empty file');
    unlike(inside(), qr/empty/, 'leaves nothing');
};

subtest 'remove' => sub {
    open my $lock, '>', "$models/.taken.lock" or die;
    flock $lock, LOCK_EX or die;
    check(['install', $tiny, '--name', 'taken', '--licence', 'mit'], 1, qr/Another gempixctl is at work/, 'one at a time');
    close $lock;
    check(['remove', 'gempix-tiny', '--force'], 1, qr/not installed by this command/, 'the bundled model stays');
    check(['remove', 'my-model'], 1, qr/none/, 'without a database nobody knows who waits');
    my $from = "$dir/My Model/vae/config.json";
    check(['remove', 'linked', '--force'], 0, qr/linked is removed/);
    ok(-s $from, 'what a model refers to stays');
    check(['remove', 'linked', '--force'], 1, qr/no model linked/);
};

done_testing();

#!/usr/bin/perl
# gempixctl model: networks that are one file and stand beside a model, each of its kind; they are recognised by their
# tensors, tested by the engine, and used from where they were installed.
use Gempix::Test;
use lib source() . '/t/ctl';
use ModelTest;
use JSON::PP qw(decode_json encode_json);

configure();
my $data = source() . '/t/data';
my $image = build() . '/gempix-image';

# A safetensors file of NAME => [[shape], [values]].
sub tensors
{
    my ($path, %tensors) = @_;
    my ($header, $body) = ({}, '');
    for my $name (sort keys %tensors) {
        my ($shape, $values) = @{$tensors{$name}};
        my $begin = length $body;
        $body .= pack 'f<*', @$values;
        $header->{$name} = { dtype => 'F32', shape => $shape, data_offsets => [$begin, length $body] };
    }
    my $json = encode_json($header);
    $json .= ' ' x (-length($json) % 8);
    spew($path, pack('Q<', length $json) . $json . $body);
    return $path;
}

sub lora
{
    my ($path, %more) = @_;
    return tensors($path, 'lora_unet_a_to_q.lora_down.weight' => [[2, 8], [(0.5) x 16]],
        'lora_unet_a_to_q.lora_up.weight' => [[4, 2], [(0.25) x 8]], 'lora_unet_a_to_q.alpha' => [[], [2]], %more);
}

sub family
{
    my ($name) = @_;
    return decode_json(check(['show', $name, '--json'], 0, qr/^\{/, "show $name"))->{family};
}

my $tests = "$dir/from";
mkdir $tests;
my %kinds = (
    compact => ["$data/nets/compact.safetensors", qr/an upscaler \(compact\), pictures 4 times/],
    rrdb => ["$data/nets/rrdb2.safetensors", qr/an upscaler \(RRDB\), pictures 2 times/],
    lama => ["$data/nets/lama.safetensors", qr/a LaMa, which fills holes/],
    safety => ["$data/nets/safety", qr/a safety checker, 17 concepts and 3 special/],
    motion => ["$data/motion/diffusion_pytorch_model.safetensors", undef],
    lora => [lora("$tests/My Style.safetensors"), qr/a LoRA, for 1 modules, rank 2/],
    embedding => [tensors("$tests/cat-toy.safetensors", emb_params => [[2, 8], [(0.5) x 16]]),
        qr/a textual inversion, the word cat-toy, 2 vectors of width 8/],
);
# Motion modules of fewer than 32 groups need their configuration, so they come as a folder.
mkdir "$tests/modules";
system('cp', '-L', "$data/motion/diffusion_pytorch_model.safetensors", "$data/motion/config.json", "$tests/modules") == 0 or die;
$kinds{motion} = ["$tests/modules", qr/motion modules, clips of up to \d+ frames, for 2 levels/];

for my $kind (sort keys %kinds) {
    my ($from, $says) = @{$kinds{$kind}};
    subtest $kind => sub {
        my @words = ('install', $from, '--name', "a-$kind", '--licence', 'mit');
        my $said = check([@words], 0, qr/the engine can use it: .*a-$kind is installed/s, 'is installed without a vocabulary');
        like($said, $says, 'and told what it is');
        is(family("a-$kind"), $kind, 'by its tensors');
        check(['verify', "a-$kind"], 0, qr/files are unchanged, and the engine can use it/, 'verify');
        is(decode_json(check(['verify', "a-$kind", '--json'], 0, qr/^\{/, 'in JSON'))->{engine}{family}, $kind, 'the engine sees the same');
        my $weights = "$models/a-$kind/" . decode_json(slurp("$models/a-$kind/gempix-model.json"))->{weights};
        my $good = slurp($weights);
        my $header = 8 + unpack 'Q<', $good;
        spew($weights, substr($good, 0, $header) . "\xff" x (length($good) - $header));
        check(['verify', "a-$kind"], 1, qr/was changed/, 'damage');
        my ($status, undef, $err) = run([$image, '--self-test', "$models/a-$kind"], apart => 1);
        ok($status == 1 && $err =~ /finite/, 'numbers that are none are found by the engine') or diag("$status $err");
        spew($weights, $good);
    };
}

my $list = check(['list'], 0, qr/^a-compact +compact .* ok$/m);
like($list, qr/^a-\Q$_\E +\Q$_\E .* ok$/m, "$_ is listed") for sort keys %kinds;
check(['show', 'a-rrdb'], 0, qr/family      rrdb: an upscaler \(RRDB\)/);

# The commands take the folder that was installed.
my @small = ($image, '-m', $tiny, '-p', 'x', '-W', 64, '-H', 64, '-s', 1, '-S', 1, '-q');
is((run([@small, '-o', "$dir/small.png"]))[0], 0, 'a picture');
my ($status, $out) = run([$image, 'upscale', '-m', "$models/a-compact", '-i', "$dir/small.png", '-o', "$dir/large.png"]);
is($status, 0, 'upscale -m FOLDER') or diag($out);
($status, $out) = run([@small, '--lora', "$models/a-lora", '-o', "$dir/with.png"]);
like($out, qr/is for a module lora_unet_a_to_q/, '--lora FOLDER is read');
($status, $out) = run([@small, '--embedding', "$models/a-embedding", '-o', "$dir/with.png"]);
like($out, qr/cat-toy has vectors of width 8/, '--embedding FOLDER is read, and keeps its word');

lora("$tests/bad.safetensors", 'lora_unet_b.lora_down.weight' => [[2, 8], [(0.5) x 16]]);
check(['install', "$tests/bad.safetensors", '--licence', 'mit'], 1, qr/only one of down and up for lora_unet_b/, 'a LoRA with a part missing');
tensors("$tests/other.safetensors", map { ("tensor.$_" => [[2, 2, 2], [(1) x 8]]) } 1 .. 3);
check(['install', "$tests/other.safetensors", '--licence', 'mit'], 1, qr/--tokenizer/, 'what nobody knows is taken for a model');
check(['install', "$tests/other.safetensors", '--licence', 'mit', '--tokenizer', "$tiny/tokenizer"], 1, qr/no Stable Diffusion model/, 'and is none');
check(['remove', 'a-lora', '--force'], 0, qr/a-lora is removed/);
done_testing();

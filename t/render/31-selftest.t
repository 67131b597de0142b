#!/usr/bin/perl
# gempix-image --self-test: its report, and what it says of models that do not work.
use Gempix::Test;
use JSON::PP qw(decode_json);

my $image = build() . '/gempix-image';
my $tiny = source() . '/models/gempix-tiny';
my ($status, $out) = run([$image, '--self-test', $tiny], apart => 1);
is($status, 0, 'the bundled model works');
my $report = eval { decode_json($out) } // {};
is($report->{native_size}, 256, 'native size');
is($report->{test}{side}, 64, 'the test is smaller');
cmp_ok($report->{weight_bytes}, '>', 20_000_000, 'bytes of weights');
cmp_ok($report->{work_bytes}, '>', 4_000_000, 'bytes to work in');

my $dir = tempdir();
system('cp', '-rL', $tiny, "$dir/m");
sub says
{
    my ($pattern, $name) = @_;
    my ($code, $stdout, $stderr) = run([$image, '--self-test', "$dir/m"], apart => 1);
    ok($code == 1 && $stdout eq '' && $stderr =~ $pattern, $name) or diag("$code $stdout$stderr");
    return;
}
# Weights that are not numbers: NaN is found by the engine itself.
my $file = "$dir/m/vae/diffusion_pytorch_model.safetensors";
my $good = slurp($file);
my $header = 8 + unpack 'Q<', $good;
spew($file, substr($good, 0, $header) . "\xff" x (length($good) - $header));
says(qr/\S/, 'weights that are no numbers');
spew($file, substr($good, 0, $header) . "\0" x (length($good) - $header));
says(qr/one colour/, 'weights that are all zero');
spew($file, substr $good, 0, 1000);
says(qr/\S/, 'weights that are cut off');
unlink $file;
says(qr/safetensors/, 'no weights');
done_testing();

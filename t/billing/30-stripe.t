#!/usr/bin/perl
# The processor's own library (npm "stripe") as the judge of signatures: what it signs we accept, what it refuses we refuse.
use Gempix::Test;
use HTTP::Tiny ();
use JSON::PP ();

skip_all_without(qw(nginx mariadbd node));
my $library = Gempix::Test::npm('stripe/package.json') =~ s{/package\.json\z}{}r;
require Gempix::Payment;
my $processor = Gempix::Payment->new;
my $site = site(parts => [qw(database app nginx)], conf => { $processor->conf });
my $hook = $site->url . '/webhooks/payment';
my $secret = slurp("$processor->{dir}/hook-secret");

# The library's header for a body, and its verdict on headers: each a list in, a list out, as JSON.
my $dir = tempdir();
spew("$dir/judge.js", <<'END');
const [library, secret, file] = process.argv.slice(2);
const stripe = new (require(library))('sk_test_nothing');
const cases = JSON.parse(require('fs').readFileSync(file, 'utf8'));
console.log(JSON.stringify(cases.map((c) => {
    const header = c.header ?? stripe.webhooks.generateTestHeaderString({
        payload: c.body, secret: c.secret ?? secret, timestamp: c.time ?? Math.floor(Date.now() / 1000),
    });
    const sent = (c.prefix ?? '') + header + (c.suffix ?? '');
    let good = true;
    try { stripe.webhooks.constructEvent(c.sent ?? c.body, sent, secret); } catch (e) { good = false; }
    return {header: sent, good};
})));
END
my $body = sub { '{"id":"evt_' . $_[0] . '","object":"event","type":"unknown.thing","data":{"object":{"note":"ümläut ✓"}}}' };
my $now = time;
my @cases = (
    { what => 'as it signs', body => $body->(1) },
    { what => 'four minutes old', body => $body->(2), time => $now - 240 },
    { what => 'another scheme beside it', body => $body->(3), suffix => ',v0=' . '0' x 64 },
    { what => 'another signature beside it', body => $body->(4), suffix => ',v1=' . '0' x 64 },
    { what => 'six minutes old', body => $body->(5), time => $now - 360 },
    { what => 'another secret', body => $body->(6), secret => 'whsec_another' },
    { what => 'another body than signed', body => $body->(7), sent => $body->(8) },
    { what => 'a blank more in the body', body => $body->(9), sent => $body->(9) . ' ' },
    { what => 'no header', body => $body->(10), header => '' },
    { what => 'no time', body => $body->(11), header => 'v1=' . 'a' x 64 },
    { what => 'no signature', body => $body->(12), header => "t=$now" },
    { what => 'v0 alone', body => $body->(13), header => "t=$now,v0=" . 'a' x 64 },
    { what => 'nonsense', body => $body->(14), header => 'what is this' },
);
spew("$dir/cases.json", JSON::PP->new->encode(\@cases));
my ($status, $out) = run(['node', "$dir/judge.js", $library, $secret, "$dir/cases.json"], timeout => 60);
is($status, 0, 'the library speaks') or diag $out;
my @verdicts = @{JSON::PP->new->decode($out)};
is(scalar @verdicts, scalar @cases, '... about every case');
my %seen;
for my $i (0 .. $#cases) {
    my ($case, $verdict) = ($cases[$i], $verdicts[$i]);
    my $answer = HTTP::Tiny->new->post($hook, { content => $case->{sent} // $case->{body},
        headers => { 'content-type' => 'application/json', 'stripe-signature' => $verdict->{header} } });
    is($answer->{status}, $verdict->{good} ? 200 : 400, "$case->{what}: " . ($verdict->{good} ? 'accepted' : 'refused') . ' by both');
    $seen{$verdict->{good} ? 1 : 0}++;
}
is($site->sql('SELECT COUNT(*) FROM processor_event'), $seen{1}, 'what was accepted is stored, and nothing else');
done_testing;

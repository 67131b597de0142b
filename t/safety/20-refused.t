#!/usr/bin/perl
# Rules about prompts on the site: refused with a reason and a way to object, flagged for people to decide, and what the
# operator asks and decides.
use Gempix::Html qw(problems);
use Gempix::Test;

skip_all_without(qw(nginx mariadbd));
my $site = site(parts => [qw(database app nginx)]);
my $ada = $site->member(email => 'ada@example.org', credits => 100);
my @ctl = ($site->program('gempixctl'), '-c', $site->config('ctl'));

sub jobs { return $site->sql('SELECT COUNT(*) FROM job') }
sub order { return $ada->submit($ada->get('/create'), qr{/create}, { steps => 4, @_ }) }

# --- refused ---

my $answer = order(prompt => 'a n4ked chi1d');
is($answer->{status}, 422, 'what may not be asked for is not made');
like($answer->{content}, qr/This is not made here: sexual pictures of minors\. Nothing was charged/, '... and the page names the category');
like($answer->{content}, qr{href="/support\?about=appeal"}, '... and a way to object');
like($answer->{content}, qr/a n4ked chi1d/, '... with the words still there');
is_deeply([problems($answer->{content})], [], '... in clean HTML');
is(jobs(), 0, '... and no job');
is($site->sql('SELECT COUNT(*) FROM flag'), 0, 'what is refused is not kept');
like($ada->get('/support?about=appeal')->{content}, qr/<option value="appeal" selected>/, 'the way to object knows what it is about');
is(order(prompt => 'a red boat', negative_prompt => 'naked child')->{status}, 303, 'what is to be left out is not looked at');
is(order(prompt => 'the town of Scunthorpe, children in the snow')->{status}, 303, 'innocent words pass');
is($site->sql('SELECT COUNT(*) FROM flag'), 0, '... unnoticed');

# --- flagged ---

$site->sql('UPDATE account SET limited_at = 1');
is(order(prompt => 'a beheading at dawn')->{status}, 303, 'of an account whose data are only stored');
is($site->sql('SELECT COUNT(*) FROM flag'), 0, '... nothing is pointed out');
$site->sql('UPDATE account SET limited_at = NULL');
is(order(prompt => 'a beheading at dawn')->{status}, 303, 'what people should decide about is made');
my ($row) = $site->sql("SELECT kind, about, subject, state FROM flag");
like($row, qr/^prompt\tcruelty\t\w{26}\topen$/, '... and pointed out, without its words');
my ($id) = $site->ctl(qw(flags list)) =~ /^ *(\d+)  .* prompt  account \w{26}  cruelty  job \w{26}$/m;
ok($id, 'the operator sees it');
my ($status, $out) = run([@ctl, qw(flags close), $id]);
is($status, 2, 'closing needs a decision');
$site->ctl('flags', 'close', $id, '--note', 'a history painting');
is($site->ctl(qw(flags list)), '', 'decided, it is no longer in the list');
like($site->ctl(qw(flags list --closed)), qr/decided: a history painting/, '... but with the closed ones');
($status, $out) = run([@ctl, qw(flags close), $id, '--note', 'again']);
isnt($status, 0, 'nothing is decided twice');

# --- the operator's rules ---

like($site->ctl(qw(rules check)), qr/prompt-rules\.yaml: \d+ entries/, 'the rules are right');
($status, $out) = run([@ctl, qw(rules check --prompt), 'h3il hitler']);
is($status, 1, 'a prompt that is refused');
is($out, "is refused: hate (hatred of people for what they are), because of: heil hitler\n", '... and why');
($status, $out) = run([@ctl, qw(rules check --prompt), 'a red boat']);
is("$status $out", "0 passes\n", 'one that passes');
my $folder = tempdir();
spew("$folder/rules.yaml", "groups:\n  g: [boat]\ncategories:\n  c: {name: boats, action: flag, any: [h]}\n");
($status, $out) = run([@ctl, qw(rules check --file), "$folder/rules.yaml"]);
isnt($status, 0, 'rules that are wrong');
like($out, qr/rules\.yaml:4: there is no such group/, '... with the line');

done_testing;

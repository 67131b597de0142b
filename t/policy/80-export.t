#!/usr/bin/perl
# A copy of a member's data: every column that the register exports is in it with its value, and nothing of another
# member. Tables and columns come from the register, values from the columns' types: a new column is seeded by itself.
use Gempix::Test;
use JSON::PP ();
use POSIX ();

skip_all_without(qw(mariadbd python3));
my $site = site(parts => ['database']);

# --- what the register exports: table => its list's name, its owner, column => form and exported name ---

my ($tables) = slurp(source() . '/docs/policy/register.yaml') =~ /^tables:\n(.*?)^files:/ms;
my %table;
for my $thing (split /^  (?=\w)/m, $tables) {
    my ($name) = $thing =~ /\A(\w+):\n/ or next;
    my ($as) = $thing =~ /^    export: (.+)/m;
    my ($owner, $through) = $thing =~ /^    owner: (\w+)(?: by (\w+))?/m;
    next if !$as || $as eq 'no';
    my %t = (as => $as =~ tr/ /_/r, owner => $through // $owner, through => $through ? $owner : undef);
    my ($columns) = $thing =~ /^    columns:\n(.*)/ms;
    for my $part (split /^      (?=\w)/m, $columns) {
        my ($names, $rest) = $part =~ /\A([\w ]+):\s*(.*)/s or next;
        my ($form, $called) = $rest =~ /\bexport: (\w+)(?: as (\w+))?/ ? ($1, $2) : $rest =~ /\A(\w+),/;
        next if $form eq 'no';
        $t{columns}{$_} = { form => $form, name => $called // $_ } for split ' ', $names;
    }
    $table{$name} = \%t if $t{columns};
}
cmp_ok(scalar keys %table, '>', 15, 'the register exports tables');
for my $own (qw(job.params mail_outbox.body ticket_message.body account.email session.browser)) {
    my ($name, $column) = split /[.]/, $own;
    ok(exists $table{$name} && exists $table{$name}{columns}{$column}, "$own is part of a copy");
}

# --- two members, every column of every exported table with a value of its own ---

my $next = 0;
my (%seed, %marker);
my %fixed = (media => { state => 'stored', extension => 'png', kind => 'result' });

# The value as SQL, and as the copy should show it.
sub value
{
    my ($who, $table, $column, $type, $length, $full, $form) = @_;
    my $n = ++$next;
    my $fixed = $fixed{$table}{$column};
    return ("'$fixed'", $fixed) if defined $fixed;
    if ($type =~ /binary|blob/) {
        my $hex = substr sprintf('%08x', 0x51000000 + $n) . '0' x 128, 0, 2 * ($length && $length < 32 ? $length : 32);
        $marker{$who}{$hex} = 1 if $form;
        return ("X'$hex'", $hex);
    }
    if ($type eq 'enum') {
        my ($first) = $full =~ /'([^']*)'/;
        return ("'$first'", $first);
    }
    if ($type =~ /char|text/) {
        my $text = $length < 6 ? 'x' x $length : sprintf 'mk%04d', $n;
        $marker{$who}{$text} = 1 if $form && $length >= 6;
        return ("'{\"prompt\":\"$text\"}'", { prompt => $text }) if $form eq 'json';
        return ("'$text'", $text);
    }
    if ($type =~ /int/) {
        return (1, $form eq 'flag' ? JSON::PP::true() : 1) if $type eq 'tinyint';
        return (100 + $n % 100, 100 + $n % 100) if $type eq 'smallint';
        my $number = $form eq 'time' ? 1_700_000_000 + 1000 * $n : 7_000_000 + $n;
        my $shown = $form eq 'time' ? POSIX::strftime('%Y-%m-%dT%H:%M:%SZ', gmtime $number) : $number;
        $marker{$who}{$shown} = 1 if $form;
        return ($form eq 'time' ? $number . '000000' : $number, $shown);
    }
    die "$table.$column: no seed for the type $type";
}

my %columns;
for my $line ($site->sql("SELECT CONCAT_WS('|', table_name, column_name, data_type, IFNULL(character_maximum_length, 0), column_type)
    FROM information_schema.columns WHERE table_schema = DATABASE() AND extra NOT LIKE '%GENERATED%'")) {
    my ($table, @rest) = split /\|/, $line;
    push @{$columns{$table}}, \@rest;
}
for my $who (1, 2) {
    for my $name (sort keys %table) {
        my $t = $table{$name};
        my (@names, @values);
        for my $c (@{$columns{$name}}) {
            my ($column, $type, $length, $full) = @$c;
            my $form = exists $t->{columns}{$column} ? $t->{columns}{$column}{form} : '';
            my ($sql, $shown) = value($who, $name, $column, $type, $length, $full, $form);
            $sql = $who if $column eq $t->{owner} || $column eq 'id' && $name =~ /^(ticket|job|rights_request|subscription)$/;
            $sql = "'w$who\@x.org'" if $column eq 'email_key';
            push @names, $column;
            push @values, $sql;
            $seed{$who}{$name}{$column} = $shown if $form;
        }
        $site->sql("SET foreign_key_checks = 0, check_constraint_checks = 0;
            INSERT INTO $name (@{[join ', ', @names]}) VALUES (@{[join ', ', @values]})");
    }
}

# --- a picture of each ---

my %picture;
for my $who (1, 2) {
    my $bits = '00' . unpack 'B*', pack 'H*', $seed{$who}{media}{public_id};
    my $id = join '', map { substr '0123456789abcdefghjkmnpqrstvwxyz', oct "0b$_", 1 } $bits =~ /(.{5})/g;
    my $folder = $site->path('media');
    for my $part ('', substr($id, 22, 2), substr($id, 24, 2)) {
        $folder .= "/$part" if $part ne '';
        mkdir $folder if !-d $folder;
    }
    $picture{$who} = "result-$id.png";
    spew("$folder/$id.png", "picture of $who");
}

# --- the copy of the first ---

sub copy
{
    my ($email, $file) = @_;
    return run([$site->program('gempixctl'), '-c', $site->config('ctl'), 'export', $email, '--out', $file]);
}

my $dir = tempdir();
my ($status, $out) = copy('w1@x.org', "$dir/copy.zip");
is($status, 0, 'the command ends well') or diag $out;
is((stat "$dir/copy.zip")[2] & 0777, 0600, 'nobody else may read the file');
mkdir "$dir/copy";
is((run(['python3', '-m', 'zipfile', '-e', "$dir/copy.zip", "$dir/copy"]))[0], 0, 'it is an archive');
my $all = join "\n", map { slurp($_) } glob "$dir/copy/*";
for my $name (sort keys %table) {
    my $t = $table{$name};
    my $file = "$dir/copy/$t->{as}.json";
    my $copy = -f $file ? eval { JSON::PP->new->utf8->decode(slurp($file)) } : undef;
    is(scalar @{$copy->{rows} // []}, 1, "$name: one row") or next;
    my %want = map { ($t->{columns}{$_}{name} => $seed{1}{$name}{$_}) } keys %{$t->{columns}};
    my ($one, $other) = map { JSON::PP->new->canonical->encode($_) =~ s/"//gr } $copy->{rows}[0], \%want;
    is($one, $other, "$name: every exported column with its value");
}
is_deeply([grep { index($all, $_) < 0 } sort keys %{$marker{1}}], [], 'every marker of the first is there');
is_deeply([grep { index($all, $_) >= 0 } sort keys %{$marker{2}}], [], '... and none of the other');
is(-f "$dir/copy/$picture{1}" ? slurp("$dir/copy/$picture{1}") : '', 'picture of 1', 'the picture is there');
ok(!-e "$dir/copy/$picture{2}", '... and not that of the other');
my $sent = $seed{1}{ticket_file};
is(unpack('H*', slurp("$dir/copy/question-$sent->{id}.$sent->{extension}")), lc $site->sql("SELECT HEX(data) FROM ticket_file WHERE id = $sent->{id}"), 'a picture that was sent with a question is there');
is(scalar(my @questions = glob "$dir/copy/question-*"), 1, '... and not that of the other');
like(slurp("$dir/copy/index.html"), qr{<a href="jobs\.json">}, 'a readable index');
unlike(slurp("$dir/copy/index.html"), qr/<script|https?:/, '... that asks nobody');

# --- more rows than a page, and what must not be ---

$site->sql("INSERT INTO policy_notice SELECT 1, 1000 + seq, seq, NULL FROM seq_1_to_130");
is((copy('w1@x.org', "$dir/more.zip"))[0], 0, 'again, with many rows');
mkdir "$dir/more";
run(['python3', '-m', 'zipfile', '-e', "$dir/more.zip", "$dir/more"]);
my %seen;
$seen{$_->{version}}++ for @{JSON::PP->new->decode(slurp("$dir/more/policy_notices.json"))->{rows}};
is(join(' ', scalar keys %seen, grep { $seen{$_} != 1 } keys %seen), '131', 'each row once');
my ($again) = copy('w1@x.org', "$dir/more.zip");
isnt($again, 0, 'no file is written over');
my ($nobody) = copy('nobody@x.org', "$dir/none.zip");
isnt($nobody, 0, 'nobody has no copy');
ok(!-e "$dir/none.zip", '... and no file');

done_testing;

# A visitor's browser without a screen: keeps cookies, follows redirects when asked, finds and submits forms as
# they stand in the page. Used by `quickstart once` and the tests. Knows no address of the site.
package Gempix::Client;

use strict;
use warnings;

use Carp qw(croak);
use HTTP::Tiny;

# new(url => 'http://127.0.0.1:8080')
sub new
{
    my ($class, %o) = @_;
    my $self = bless { cookies => {}, headers => {}, %o }, $class;
    $self->{http} = HTTP::Tiny->new(
        max_redirect => 0, timeout => $o{timeout} // 40, keep_alive => 1, agent => 'gempix-client',
        max_size => 64 * 1024 * 1024,
    );
    return $self;
}

# One request. Options: content, headers. The answer: { status, headers, content, url (path asked for) }.
sub request
{
    my ($self, $method, $path, %o) = @_;
    my %headers = (%{$self->{headers}}, %{$o{headers} // {}});
    my $cookies = join '; ', map { "$_=$self->{cookies}{$_}" } sort keys %{$self->{cookies}};

    $headers{cookie} = $cookies if $cookies ne '';
    my $answer = $self->{http}->request($method, "$self->{url}$path", {
        headers => \%headers, defined $o{content} ? (content => $o{content}) : (),
    });
    croak "$method $path: $answer->{content}" if $answer->{status} == 599;
    my $set = $answer->{headers}{'set-cookie'} // [];
    $self->_take_cookie($_) for ref $set ? @$set : $set;
    $answer->{url} = $path;
    return $answer;
}

sub _take_cookie
{
    my ($self, $line) = @_;
    my ($name, $value) = $line =~ /\A\s*([^=;\s]+)=([^;]*)/ or return;
    if ($value eq '' || $line =~ /;\s*max-age=0\b/i || $line =~ /expires=Thu, 01 Jan 1970/i) {
        delete $self->{cookies}{$name};
    } else {
        $self->{cookies}{$name} = $value;
    }
    return;
}

sub get
{
    my ($self, $path, %o) = @_;
    return $self->request('GET', $path, %o);
}

# Posts fields as a browser's form does; the address of the page it stood on goes along as origin.
sub post
{
    my ($self, $path, $fields, %o) = @_;
    return $self->request('POST', $path, %o,
        content => ref $fields ? encode($fields) : $fields,
        headers => {
            'content-type' => 'application/x-www-form-urlencoded', origin => $self->{url},
            'sec-fetch-site' => 'same-origin', %{$o{headers} // {}},
        });
}

# The same as multipart/form-data, as browsers send files.
sub post_parts
{
    my ($self, $path, $fields) = @_;
    my $mark = 'part-' . join '', map { sprintf '%08x', rand 2**32 } 1 .. 4;
    my $body = '';
    for my $name (sort keys %$fields) {
        my ($value, $file) = ref $fields->{$name} ? @{$fields->{$name}}[1, 0] : ($fields->{$name}, undef);
        utf8::encode($value) if utf8::is_utf8($value);
        $body .= qq{--$mark\r\nContent-Disposition: form-data; name="$name"};
        $body .= qq{; filename="$file"\r\nContent-Type: application/octet-stream} if defined $file;
        $body .= "\r\n\r\n$value\r\n";
    }
    return $self->post($path, "$body--$mark--\r\n", headers => { 'content-type' => "multipart/form-data; boundary=$mark" });
}

# Follows redirects, at most five.
sub follow
{
    my ($self, $answer) = @_;
    for (1 .. 5) {
        return $answer if $answer->{status} !~ /\A30[1237]\z/;
        my $to = $answer->{headers}{location};
        $to =~ s/\A\Q$self->{url}\E//;
        $answer = $self->get($to);
    }
    croak "too many redirects, the last one to $answer->{url}";
}

# Submits the form of a page whose action matches, with its fields as they stand and `fields` over them; a file is
# [name, bytes]. Returns the answer; redirects are not followed.
sub submit
{
    my ($self, $page, $action, $fields) = @_;
    my ($form) = grep { $_->{action} =~ $action } forms($page);

    croak "no form with action $action on $page->{url} (status $page->{status})" if !$form;
    my %sent = (%{$form->{fields}}, %{$fields // {}});
    delete @sent{grep { !defined $sent{$_} } keys %sent};
    return $self->post_parts($form->{action}, \%sent) if $form->{parts};
    return $form->{method} eq 'post' ? $self->post($form->{action}, \%sent)
        : $self->get("$form->{action}?" . encode(\%sent));
}

# The forms of a page: action, method, fields that a browser would send untouched.
sub forms
{
    my ($page) = @_;
    my @forms;
    while ($page->{content} =~ m{<form\b([^>]*)>(.*?)</form>}gs) {
        my ($attributes, $inside) = (attributes($1), $2);
        my ($path) = split /\?/, $page->{url};
        push @forms, {
            action => $attributes->{action} // $path, method => lc($attributes->{method} // 'get'),
            fields => fields($inside), parts => ($attributes->{enctype} // '') eq 'multipart/form-data',
        };
    }
    return @forms;
}

sub fields
{
    my ($html) = @_;
    my %fields;
    while ($html =~ m{<input\b([^>]*)>}gs) {
        my $a = attributes($1);
        my $type = lc($a->{type} // 'text');
        next if !defined $a->{name} || $type =~ /\A(?:submit|button|image|reset|file)\z/;
        next if $type =~ /\A(?:checkbox|radio)\z/ && !exists $a->{checked};
        $fields{$a->{name}} = $a->{value} // ($type eq 'checkbox' ? 'on' : '');
    }
    while ($html =~ m{<textarea\b([^>]*)>(.*?)</textarea>}gs) {
        my ($a, $text) = (attributes($1), $2);
        $text =~ s/\A\r?\n//;
        $fields{$a->{name}} = unescape($text) if defined $a->{name};
    }
    while ($html =~ m{<select\b([^>]*)>(.*?)</select>}gs) {
        my ($a, $inside) = (attributes($1), $2);
        my @options = map { attributes($_) } $inside =~ m{<option\b([^>]*)>}gs;
        my ($chosen) = ((grep { exists $_->{selected} } @options), @options);
        $fields{$a->{name}} = $chosen->{value} if defined $a->{name} && $chosen;
    }
    return \%fields;
}

sub attributes
{
    my ($text) = @_;
    my %a;
    while ($text =~ /([A-Za-z_:][-A-Za-z0-9_:.]*)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>\/]+)))?/g) {
        $a{lc $1} = unescape($2 // $3 // $4 // '');
    }
    return \%a;
}

my %ENTITY = (amp => '&', lt => '<', gt => '>', quot => '"', apos => "'", nbsp => "\xc2\xa0");

sub unescape
{
    my ($text) = @_;
    $text =~ s{&(?:#x([0-9A-Fa-f]+)|#([0-9]+)|([a-z]+));}
        {defined $1 ? chr hex $1 : defined $2 ? chr $2 : $ENTITY{$3} // "&$3;"}ge;
    return $text;
}

sub encode
{
    my ($fields) = @_;
    return join '&', map { escape($_) . '=' . escape($fields->{$_}) } sort keys %$fields;
}

sub escape
{
    my ($text) = @_;
    utf8::encode($text) if utf8::is_utf8($text);
    $text =~ s/([^A-Za-z0-9_.~-])/sprintf '%%%02X', ord $1/ge;
    return $text;
}

1;

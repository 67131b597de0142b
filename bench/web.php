<?php
// The peer of bench/web: the same pages by PHP, with the same queries by native prepared statements on the same database.
// bench/web fills in the places in @…@ once: words that are the same on every page of ours, cut out of the real answer.
declare(strict_types=1);

const DIGITS = '0123456789abcdefghjkmnpqrstvwxyz';

function base32(string $bytes): string
{
    $out = '';
    $value = 0;
    $bits = 2; // 128 bits and two zeros in front are 26 digits
    foreach (unpack('C*', $bytes) as $byte) {
        $value = $value << 8 | $byte;
        $bits += 8;
        while ($bits >= 5) {
            $bits -= 5;
            $out .= DIGITS[$value >> $bits & 31];
        }
        $value &= 31;
    }
    return $out;
}

function html(string $words): string
{
    return htmlspecialchars($words, ENT_QUOTES | ENT_HTML5, 'UTF-8');
}

function age(int $at, int $now): string
{
    $minutes = intdiv($now - $at, 60000000);
    if ($minutes < 1) {
        return 'just now';
    }
    if ($minutes < 60) {
        return "$minutes min ago";
    }
    if ($minutes < 1440) {
        return intdiv($minutes, 60) . ' h ago';
    }
    $days = intdiv($minutes, 1440);
    return $days === 1 ? '1 day ago' : "$days days ago";
}

function token(string $cookie): string
{
    $data = "gempix form\0" . hex2bin('@SECRET@');
    return rtrim(strtr(base64_encode(hash_hmac('sha256', $data, $cookie, true)), '+/', '-_'), '=');
}

function headers(): void
{
    header('Content-Type: text/html; charset=utf-8');
    header("Content-Security-Policy: @POLICY@");
    header('X-Content-Type-Options: nosniff');
    header('Referrer-Policy: same-origin');
}

// A page that needs no database: a visitor's token, the chosen language and colours marked, the rest as it stands.
function plain(): void
{
    $guest = $_COOKIE['gempix-form'] ?? rtrim(strtr(base64_encode(random_bytes(32)), '+/', '-_'), '=');
    $csrf = token($guest);
    $language = $_COOKIE['locale'] ?? 'en';
    $theme = $_COOKIE['theme'] ?? 'auto';
    headers();
    echo <<<'PART'
@PLAIN@
PART;
}

function library(): void
{
    $session = $_COOKIE['gempix'] ?? '';
    // mysqli would reset a kept connection at each page, which costs a question more; PDO does not.
    $db = new PDO('mysql:unix_socket=@SOCKET@;dbname=gempix;charset=utf8mb4', '@USER@', '@PASSWORD@',
        [PDO::ATTR_PERSISTENT => true, PDO::ATTR_EMULATE_PREPARES => false, PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION]);
    $now = (int) (microtime(true) * 1e6);
    $hash = hash('sha256', $session, true);
    $idle = $now - 1209600000000;
    $load = $db->prepare("SELECT a.id, a.public_id, a.display_name, a.email, b.available, s.last_seen_at, a.verified_at IS NOT NULL, a.language,"
        . " t.role IS NOT NULL, s.second_at IS NOT NULL, a.restricted_at IS NOT NULL, a.restriction"
        . " FROM session s JOIN account a ON a.id = s.account_id LEFT JOIN balance b ON b.account_id = a.id LEFT JOIN staff t ON t.account_id = a.id"
        . " WHERE s.token_hash = ? AND s.expires_at > ? AND s.last_seen_at > ? AND a.state = 'active'");
    $load->execute([$hash, $now, $idle]);
    $member = $load->fetch(PDO::FETCH_NUM);
    if ($member === false) {
        header('Location: /signin', true, 303);
        return;
    }
    $before = PHP_INT_MAX;
    $most = 25;
    $list = $db->prepare("SELECT m.id, m.job_id, m.public_id, m.width, m.height, m.saved, m.created_at, m.expires_at, LEFT(j.prompt, 60), j.kind = 'animate'"
        . " FROM media m FORCE INDEX (library) LEFT JOIN job j ON j.id = m.job_id WHERE m.account_id = ? AND m.id < ?"
        . " AND m.state = 'stored' AND m.kind = 'result' AND (m.expires_at IS NULL OR m.expires_at > ?) ORDER BY m.id DESC LIMIT ?");
    foreach ([$member[0], $before, $now, $most] as $i => $value) {
        $list->bindValue($i + 1, $value, PDO::PARAM_INT);
    }
    $list->execute();
    $rows = $list->fetchAll(PDO::FETCH_NUM);
    $more = count($rows) === $most;
    if ($more) {
        array_pop($rows);
    }
    $csrf = token($session);
    $name = html($member[2]);
    $email = html($member[3]);
    $credits = number_format($member[4] ?? 0);
    headers();
    header('Cache-Control: no-store');
    ob_start();
    foreach ($rows as $row) {
        $id = base32($row[2]);
        $words = html($row[8] ?? 'Picture');
        $wide = (int) $row[3];
        $high = (int) $row[4];
        echo '<li><a class="tile" href="/pictures/', $id, '"><span class="tile-frame"><img src="/pictures/', $id, '/thumb" ';
        if ($wide > 256 || $high > 256) {
            $longer = max($wide, $high);
            echo 'srcset="/pictures/', $id, '/thumb ', intdiv($wide * 256, $longer), 'w, /pictures/', $id, '/view ',
                $longer <= 768 ? $wide : intdiv($wide * 768, $longer), 'w" sizes="(min-width: 40rem) 16rem, 46vw" ';
        }
        echo ' width="', $wide, '" height="', $high, '" alt="" loading="lazy"></span><span class="tile-words">', $words, "</span></a>\n",
            '<p class="tile-row">', $row[9] ? '<span class="badge badge-plain">film</span>' : '',
            $row[5] || $row[7] === null ? '<span class="badge badge-good">kept</span>' : '', ' <span class="hint">', age($row[6], $now), "</span></p>\n",
            '<label class="pick"><input type="checkbox" name="id" value="', $id, '"><span class="unseen">Select “', $words, "”</span></label></li>\n";
    }
    $gallery = ob_get_clean();
    $last = base32($rows[count($rows) - 1][2]);
    $older = $more ? '<a class="button quiet" href="/pictures?before=' . $last . '" rel="next">Older</a>' : '';
    echo <<<PART
@LIBRARY@
PART;
}

$_SERVER['PATH_INFO'] === '/pictures' ? library() : plain();

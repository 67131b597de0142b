"""Byte-level BPE as CLIP does it, as a plain script: a second implementation to compare the C tokenizer with."""
import unicodedata


def byte_characters():
    keep = list(range(33, 127)) + list(range(161, 173)) + list(range(174, 256))
    out, extra = {}, 0
    for b in range(256):
        if b in keep:
            out[b] = chr(b)
        else:
            out[b] = chr(256 + extra)
            extra += 1
    order = [out[b] for b in keep] + [out[b] for b in range(256) if b not in keep]
    return out, order


BYTES, ORDER = byte_characters()
ENDINGS = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d"]


def clean(text):
    text = ' '.join(unicodedata.normalize('NFC', text).split())
    return ''.join(c.lower() for c in text)


def kind(c):
    if c.isspace():
        return 'space'
    return {'L': 'letter', 'N': 'number'}.get(unicodedata.category(c)[0], 'other')


def pieces(text, specials):
    """('special' or 'word', text) in order."""
    at = 0
    while at < len(text):
        rest = text[at:]
        found = [s for s in specials if rest.startswith(s)]
        if found:
            yield 'special', found[0]
            at += len(found[0])
            continue
        ending = [e for e in ENDINGS if rest.startswith(e)]
        if ending:
            # 's before 't before 're …: the order of the alternatives; none is a prefix of another.
            yield 'word', ending[0]
            at += len(ending[0])
            continue
        k, n = kind(rest[0]), 1
        if k in ('letter', 'other'):
            while n < len(rest) and kind(rest[n]) == k and not any(rest[n:].startswith(s) for s in specials):
                n += 1
        if k != 'space':
            yield 'word', rest[:n]
        at += n


def symbols(word):
    out = [BYTES[b] for b in word.encode()]
    out[-1] += '</w>'
    return out


def merge(parts, ranks):
    while True:
        pairs = [(ranks[p], p) for p in zip(parts, parts[1:]) if p in ranks]
        if not pairs:
            return parts
        a, b = min(pairs)[1]
        out, i = [], 0
        while i < len(parts):
            if parts[i:i + 2] == [a, b]:
                out.append(a + b)
                i += 2
            else:
                out.append(parts[i])
                i += 1
        parts = out


def learn(corpus, count):
    """Merges of the most frequent pairs; ties by the pair itself, so that the result is one."""
    words = [symbols(t) for k, t in pieces(clean(corpus), []) if k == 'word']
    merges = []
    while len(merges) < count:
        tally = {}
        for w in words:
            for p in zip(w, w[1:]):
                tally[p] = tally.get(p, 0) + 1
        if not tally:
            break
        best = min(tally, key=lambda p: (-tally[p], p))
        merges.append(best)
        words = [merge(w, {best: 0}) for w in words]
    return merges


def vocabulary(merges):
    names = ORDER + [c + '</w>' for c in ORDER] + [a + b for a, b in merges] + ['<|startoftext|>', '<|endoftext|>']
    return {n: i for i, n in enumerate(dict.fromkeys(names))}


def encode(text, vocab, merges, pad, length=77):
    ranks = {p: i for i, p in reversed(list(enumerate(merges)))}
    specials = list(dict.fromkeys(['<|startoftext|>', '<|endoftext|>', pad]))
    ids = []
    for k, t in pieces(clean(text), specials):
        ids += [vocab[t]] if k == 'special' else [vocab[s] for s in merge(symbols(t), ranks)]
    ids = [vocab['<|startoftext|>']] + ids[:length - 2] + [vocab['<|endoftext|>']]
    return ids + [vocab[pad]] * (length - len(ids))

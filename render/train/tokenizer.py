"""Byte-level BPE as CLIP's tokenizer does it, with merges learned from our own captions.

Ids 0-255 are the bytes in CLIP's printable order, 256-511 the same at a word's end, then one id per merge, then start and end.
"""
import json
import os
import re
import unicodedata
from collections import Counter

START, END = "<|startoftext|>", "<|endoftext|>"
PIECES = re.compile(r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[^\W\d_]+|\d|(?:_|[^\s\w])+", re.IGNORECASE)


def byte_characters():
    """The 256 printable stand-ins, in id order."""
    own = list(range(33, 127)) + list(range(161, 173)) + list(range(174, 256))
    rest = [b for b in range(256) if b not in own]
    return {**{b: chr(b) for b in own}, **{b: chr(256 + i) for i, b in enumerate(rest)}}


BYTES = byte_characters()


def clean(text):
    return " ".join(unicodedata.normalize("NFC", text).split()).lower()


def pieces(text):
    return PIECES.findall(clean(text))


def symbols(piece):
    s = [BYTES[b] for b in piece.encode("utf-8")]
    return s[:-1] + [s[-1] + "</w>"]


def merge_pair(word, pair):
    out, i = [], 0
    while i < len(word):
        if i + 1 < len(word) and (word[i], word[i + 1]) == pair:
            out.append(word[i] + word[i + 1])
            i += 2
        else:
            out.append(word[i])
            i += 1
    return out


def learn(texts, extra_words=(), limit=2000):
    """Merges, most frequent pair first (ties by text), until every word of the corpus is one token."""
    count = Counter(p for t in texts for p in pieces(t))
    for w in extra_words:
        count[w] += 1
    words = {w: symbols(w) for w in count}
    merges = []
    while len(merges) < limit:
        pairs = Counter()
        for w, s in words.items():
            for pair in zip(s, s[1:]):
                pairs[pair] += count[w]
        if not pairs:
            break
        best = min(pairs, key=lambda p: (-pairs[p], p))
        merges.append(best)
        words = {w: merge_pair(s, best) for w, s in words.items()}
    return merges


class Tokenizer:
    def __init__(self, merges, length):
        self.merges, self.length = merges, length
        tokens = list(BYTES.values())
        tokens += [t + "</w>" for t in tokens] + [a + b for a, b in merges] + [START, END]
        self.vocab = {}
        for t in tokens:
            self.vocab.setdefault(t, len(self.vocab))
        self.rank = {m: i for i, m in enumerate(merges)}
        self.known = {}

    def piece(self, piece):
        """The ids of one piece, remembered: captions use few words."""
        if piece not in self.known:
            s = symbols(piece)
            while len(s) > 1:
                best = min(zip(s, s[1:]), key=lambda p: self.rank.get(p, 1 << 30))
                if best not in self.rank:
                    break
                s = merge_pair(s, best)
            self.known[piece] = [self.vocab[x] for x in s]
        return self.known[piece]

    def encode(self, text):
        """Start, at most length - 2 tokens, end, padded with end."""
        ids = [i for piece in pieces(text) for i in self.piece(piece)]
        end = self.vocab[END]
        ids = [self.vocab[START]] + ids[: self.length - 2] + [end]
        return ids + [end] * (self.length - len(ids))

    def save(self, folder):
        os.makedirs(folder, exist_ok=True)
        put = lambda name, text: open(os.path.join(folder, name), "w", encoding="utf-8").write(text)
        put("vocab.json", json.dumps(self.vocab, ensure_ascii=False))
        put("merges.txt", "#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in self.merges))
        put("special_tokens_map.json", json.dumps({"bos_token": START, "eos_token": END, "unk_token": END, "pad_token": END}, indent=2) + "\n")
        put("tokenizer_config.json", json.dumps({"tokenizer_class": "CLIPTokenizer", "model_max_length": self.length, "do_lower_case": True, "add_prefix_space": False,
            "bos_token": START, "eos_token": END, "unk_token": END, "pad_token": END, "errors": "replace"}, indent=2) + "\n")


def load(folder):
    lines = open(os.path.join(folder, "merges.txt"), encoding="utf-8").read().split("\n")[1:]
    config = json.load(open(os.path.join(folder, "tokenizer_config.json")))
    return Tokenizer([tuple(l.split(" ")) for l in lines if l], config["model_max_length"])

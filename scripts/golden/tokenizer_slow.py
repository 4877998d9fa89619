"""Texts made of everything Unicode has, as Python's GPT2Tokenizer encodes them, and both of Python's classes with added tokens.

Reads the vocabularies in test/golden/tokenizers, writes test/golden/tokenizers/generated-slow.json: {versions, settings: [{class, kwargs,
added, items: [[text, ids], ...]}]}. The texts come from a seed.
"""

import json
import random
import sys
from pathlib import Path

import regex
import transformers
from tokenizers import AddedToken
from tokenizer_bert import make_text
from transformers import BertTokenizer, GPT2Tokenizer

GOLDEN = Path(__file__).resolve().parents[2] / "test" / "golden" / "tokenizers"
BERT = [str(GOLDEN / "bert-base-chinese.txt")]
GPT2 = [str(GOLDEN / "bpe-tokenizer" / "vocab.json"), str(GOLDEN / "bpe-tokenizer" / "merges.txt")]
ADDED = [
    ["<l>", {"lstrip": True}], ["<r>", {"rstrip": True}], ["<w>", {"single_word": True}], ["<N>", {"normalized": False}],
    ["<lw>", {"lstrip": True, "single_word": True}], ["<S>", {"special": True}], ["NewTok", {}], ["Éa", {"single_word": True}], ["<l", {}],
]
SETTINGS = [
    (GPT2Tokenizer, {}, [], 900), (GPT2Tokenizer, {"add_prefix_space": True}, [], 300), (GPT2Tokenizer, {}, ADDED, 500),
    (BertTokenizer, {}, ADDED, 500), (BertTokenizer, {"do_lower_case": False}, ADDED, 300),
]
BITS = ["<l>", "<r>", "<w>", "<N>", "<lw>", "<S>", "NewTok", "newtok", "Éa", "éa", "<l", " <w> ", "x<w>", "'s", "'t", "'ll", "'LL", " 1", "  ", "<|endoftext|>", ">"]


def main():
    words = Path(BERT[0]).read_text(encoding="utf-8").split("\n")[:-1]
    rng = random.Random(20261125)
    settings = []
    for cls, kwargs, added, count in SETTINGS:
        tokenizer = cls(*(BERT if cls is BertTokenizer else GPT2), **kwargs)
        tokenizer.add_tokens([AddedToken(content, **flags) for content, flags in added])
        items = []
        for _ in range(count):
            text = "".join(rng.choice(BITS) if rng.random() < 0.5 else make_text(rng, words)[:6] for _ in range(rng.randrange(1, 9)))
            items.append([text, tokenizer(text)["input_ids"]])
        settings.append({"class": cls.__name__, "kwargs": kwargs, "added": added, "items": items})
    versions = {"python": sys.version.split()[0], "transformers": transformers.__version__, "regex": regex.__version__}
    path = GOLDEN / "generated-slow.json"
    path.write_text(json.dumps({"versions": versions, "settings": settings}, separators=(",", ":")) + "\n")
    print(f"{path}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()

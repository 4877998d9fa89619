"""The poems of the npm package chinese-poetry: read, cleaned, in simplified characters, split, with a vocabulary."""

import glob
import hashlib
import json
import os
import re
from collections import Counter
from typing import NamedTuple

from opencc import OpenCC

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
PAD, UNK, CLS, SEP = 0, 1, 2, 3
PUNCTUATION = "，。？！；、："
MAX_BODY = 110
SOURCES = [
    ("famous", "quantangshi/唐诗三百首.json"),
    ("tang", "quantangshi/poet.tang.*.json"),
    ("ci", "songci/ci.song.*.json"),
    ("song", "quantangshi/poet.song.*.json"),
]
QUOTES = re.compile("[《》〈〉「」『』“”‘’\\s]")
VERSE = re.compile(f"[\u4e00-\u9fff{PUNCTUATION}]+")
VARIANTS = str.maketrans("疎鴈閒竝卻却塲谿遶廻迴", "疏雁闲并却却场溪绕回回")


class Poem(NamedTuple):
    title: str | None
    body: str
    whole: bool  # False: cut at a sentence
    source: str  # the first entry of one of SOURCES


def read_json(pattern, files):
    """The entries of the first `files` files (None: all) that match, in the order of their names."""
    for name in sorted(glob.glob(pattern))[:files]:
        with open(name, encoding="utf-8") as file:
            yield from json.load(file)


def clean_title(title):
    """`赠友五首 其二` -> `赠友`; None for a title that is too long or not plain text."""
    title = re.split("[ 　（(〈《·・。，]", title.strip())[0]
    title = re.sub("([其之]?[一二三四五六七八九十百]+首?|[其之][一二三四五六七八九十]+)$", "", title)
    return title if re.fullmatch("[\u4e00-\u9fff]{1,14}", title) else None


def clean_body(text):
    """The poem as one text, and whether it is whole; None where the text is damaged."""
    body = QUOTES.sub("", text).replace(":", "：").replace("!", "！").replace("?", "？")
    if len(body) < 12 or not VERSE.fullmatch(body) or body[-1] not in "。？！":
        return None
    if len(body) <= MAX_BODY:
        return body, True
    cut = max(body.rfind(mark, 0, MAX_BODY) for mark in "。？！")
    return (body[: cut + 1], False) if cut > 20 else None


def simplified(entries, simplify):
    """[(title, text)] in simplified characters. One call for all texts: a call a poem is far slower."""
    joined = "\n".join(
        (entry.get("title") or entry.get("rhythmic") or "").replace("\n", " ")
        + "\t"
        + "".join(entry["paragraphs"]).replace("\n", "").replace("\t", "")
        for entry in entries
    )
    for line in simplify(joined).translate(VARIANTS).split("\n"):
        title, _, text = line.partition("\t")
        yield title, text


def load(folder, files=None):
    """All poems of the unpacked package without duplicates; `files` bounds the files of each source."""
    simplify = OpenCC("t2s").convert
    seen, poems = set(), []
    for source, pattern in SOURCES:
        entries = read_json(os.path.join(folder, "dist", pattern), files)
        for title, text in simplified(entries, simplify):
            cleaned = clean_body(text)
            if cleaned is None or cleaned[0] in seen or (source == "song" and not cleaned[1]):
                continue
            seen.add(cleaned[0])
            poems.append(Poem(clean_title(title), *cleaned, source))
    if not poems:
        raise SystemExit(f"no poems in {folder}: unpack the npm package chinese-poetry there (see README.md)")
    return poems


def sentences(body):
    """The couplets of a poem: what stands between full stops, from 9 characters on."""
    return [part for part in re.split("[。？！；]", body) if len(part) >= 9]


def couplets(poems):
    return {part for poem in poems for part in sentences(poem.body)}


def split(poems):
    """(train, held out): 1 % of the Tang poems, none of whose couplets is in a training text."""
    famous = couplets(poem for poem in poems if poem.source == "famous")
    held = [
        poem for poem in poems
        if poem.source == "tang" and poem.whole
        and int(hashlib.md5(poem.body.encode()).hexdigest(), 16) % 100 == 0
        and not famous.intersection(sentences(poem.body))
    ]
    bodies, known = {poem.body for poem in held}, couplets(held)
    train = [poem for poem in poems if poem.body not in bodies and not known.intersection(sentences(poem.body))]
    return train, held


def build_vocabulary(poems, size, least=8):
    """The special tokens, the punctuation and the most frequent characters, `size` in all."""
    counts = Counter()
    for poem in poems:
        counts.update((poem.title or "") + poem.body)
    for char in PUNCTUATION:
        counts.pop(char, None)
    frequent = [char for char, count in sorted(counts.items(), key=lambda e: (-e[1], e[0])) if count >= least]
    return SPECIAL + list(PUNCTUATION) + sorted(frequent[: size - len(SPECIAL) - len(PUNCTUATION)])


def encode(poem, ids, with_title, with_cls, length):
    """`[CLS]title：body[SEP]` as token ids; a poem that was cut has no [SEP]."""
    text = f"{poem.title}：{poem.body}" if with_title and poem.title else poem.body
    tokens = [ids.get(char, UNK) for char in text]
    return (([CLS] if with_cls else []) + tokens + ([SEP] if poem.whole else []))[:length]

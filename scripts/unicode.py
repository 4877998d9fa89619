#!/usr/bin/env python3
"""Makes src/tokenizers/text/unicodeTables.ts: which code points BERT's tokenizers drop, take for space, punctuation or accents, and
which are letters, numbers and white space to GPT-2's.

The two dialects rest on Unicode tables of different age: Python's own (3.11: Unicode 14) and its package regex, and those of
the Rust library. What they do is asked of them, code point by code point, so the tables follow no third one.

    pip install -r scripts/requirements.txt && python scripts/unicode.py
"""

import sys
import unicodedata
from pathlib import Path

import regex
import tokenizers
from tokenizers import AddedToken, Tokenizer
from tokenizers.models import WordLevel
from tokenizers.normalizers import NFD, BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer, ByteLevel

ASCII_PUNCTUATION = set(map(chr, [*range(33, 48), *range(58, 65), *range(91, 97), *range(123, 127)]))
clean = BertNormalizer(clean_text=True, handle_chinese_chars=False, strip_accents=False, lowercase=False)
strip = BertNormalizer(clean_text=False, handle_chinese_chars=False, strip_accents=True, lowercase=False)
lower = BertNormalizer(clean_text=False, handle_chinese_chars=False, strip_accents=False, lowercase=True)
split = BertPreTokenizer()
words = ByteLevel(add_prefix_space=False)
rust_apart = NFD().normalize_str
beside = Tokenizer(WordLevel({"?": 0}, unk_token="?"))
beside.add_tokens([AddedToken("<x>", single_word=True)])


def is_surrogate(code):
    return 0xD800 <= code < 0xE000


def fast_class(code):
    if is_surrogate(code):
        return "dropped"
    char = chr(code)
    cleaned = clean.normalize_str(f"a{char}b")
    if cleaned == "ab":
        return "dropped"
    if cleaned == "a b":
        return "space"
    if [piece for piece, _ in split.pre_tokenize_str(f"a{char}b")] == ["a", char, "b"]:
        return "punctuation"
    return "accent" if strip.normalize_str(char) == "" else None


def slow_class(code):
    char, category = chr(code), unicodedata.category(chr(code))
    if code in (0, 0xFFFD):
        return "dropped"
    if char in " \t\n\r" or category in ("Zs", "Zl", "Zp"):
        return "space"
    if category.startswith("C"):
        return "dropped"
    if category.startswith("P") or char in ASCII_PUNCTUATION:
        return "punctuation"
    return "accent" if category == "Mn" else None


def fast_word_class(code):
    """Of GPT-2's words, which are runs of one class."""
    if is_surrogate(code):
        return None
    beside = {neighbour: len(words.pre_tokenize_str(neighbour + chr(code))) == 1 for neighbour in "a1!"}
    return "letter" if beside["a"] else "number" if beside["1"] else None if beside["!"] else "whitespace"


def slow_word_class(code):
    patterns = [("letter", r"\p{L}"), ("number", r"\p{N}"), ("whitespace", r"\s")]
    return next((name for name, pattern in patterns if regex.match(pattern, chr(code))), None)


def is_inert(code, decompose):
    """Whether `decompose` leaves alone a code point that Unicode takes apart or puts in order."""
    char = chr(code)
    if regex.match(r"\p{Decomposition_Type=Canonical}", char):
        return decompose(char) == char
    if is_surrogate(code) or regex.match(r"\p{Canonical_Combining_Class=0}", char):
        return False
    # Marks above have class 230, those below 220: one of these orders is wrong.
    return all(decompose(text) == text for text in [f"a\u0301{char}", f"a{char}\u0301", f"a{char}\u0323"])


def python_apart(text):
    return unicodedata.normalize("NFD", text)


def inert_class(decompose):
    return lambda code: "inert" if is_inert(code, decompose) else None


def word_class(code):
    """Of characters beside which the Rust library does not find a token that must stand alone."""
    return "word" if not is_surrogate(code) and len(beside.encode(f"{chr(code)}<x>").ids) == 1 else None


def ranges(class_of, wanted):
    """First and last code point of every run of one class."""
    found, first = [], None
    for code in range(0x110001):
        inside = code < 0x110000 and class_of[code] == wanted
        if inside and first is None:
            first = code
        if not inside and first is not None:
            found.append((first, code - 1))
            first = None
    return found


def packed(runs):
    """Gaps and lengths in base 36: `gap.length` each, the length left out where it is 1."""
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"

    def base36(number):
        text = ""
        while True:
            number, digit = divmod(number, 36)
            text = digits[digit] + text
            if number == 0:
                return text

    parts, last = [], 0
    for first, end in runs:
        length = end - first + 1
        parts.append(base36(first - last) + ("" if length == 1 else "." + base36(length)))
        last = end
    return " ".join(parts)


def lines(name, text, width=118):
    body, line = [], ""
    for word in text.split(" "):
        if len(line) + len(word) + 1 > width - 8:
            body.append(line)
            line = ""
        line += word + " "
    body.append(line.rstrip())
    return f"    {name}:\n" + " +\n".join(f"      '{part}'" for part in body) + ",\n"


def table(dialect, class_of, names):
    classes = [class_of(code) for code in range(0x110000)]
    return f"  {dialect}: {{\n" + "".join(lines(name, packed(ranges(classes, name))) for name in names) + "  },\n"


def tables(slow, fast, names):
    return table("slow", slow, names) + table("fast", fast, names) + "} as const\n\n"


def main():
    out = Path(__file__).resolve().parent.parent / "src" / "tokenizers" / "text" / "unicodeTables.ts"
    text = "// The code points of each class, for each dialect: made by scripts/unicode.py with\n"
    text += f"// Python {sys.version.split()[0]} (Unicode {unicodedata.unidata_version}) and its packages regex {regex.__version__} and tokenizers {tokenizers.__version__}.\n"
    text += "// Runs of code points: the gap from the end of the run before and, after a dot, the length; in base 36.\n\n"
    text += "/** Of BERT's tokenizers. */\nexport const unicodeTables = {\n"
    text += tables(slow_class, fast_class, ["dropped", "space", "punctuation", "accent"])
    text += "/** Of GPT-2's tokenizers. */\nexport const wordTables = {\n"
    text += tables(slow_word_class, fast_word_class, ["letter", "number", "whitespace"])
    text += "/** What Python and the Rust library do not take apart or put in order, as Unicode does: newer letters and marks. */\n"
    text += "export const inertTables = {\n" + tables(inert_class(python_apart), inert_class(rust_apart), ["inert"])
    text += "/** Letters, digits and the like, beside which the Rust library finds no token that must stand alone. */\n"
    text += "export const besideTables = {\n" + table("fast", word_class, ["word"]) + "} as const\n\n"
    text += "/** What the Rust library and Python lower-case otherwise than some engine of JavaScript does: newer letters. */\n"
    text += "export const lowerCase = {\n"
    for dialect, function in [("slow", str.lower), ("fast", lower.normalize_str)]:
        pairs = []
        for code in range(0x110000):
            if not is_surrogate(code) and (str.lower(chr(code)) != lower.normalize_str(chr(code)) or code in NEWER):
                mapped = function(chr(code))
                pairs.append(f"{code:x}" + ("" if mapped == chr(code) else "." + f"{ord(mapped):x}"))
        text += lines(dialect, " ".join(pairs)).replace("    ", "  ", 1).replace("\n      ", "\n    ")
    text += "} as const\n"
    out.write_text(text)
    print(f"{out}: {len(text)} bytes")


# Letters that Unicode 14 to 17 gave a lower case: engines of different age differ on them.
NEWER = set()

if __name__ == "__main__":
    main()

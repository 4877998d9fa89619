"""What train_new_from_iterator() of the two fast classes finds in a small corpus.

Reads the vocabularies in test/golden/tokenizers, writes test/golden/tokenizers/training.json: {versions, corpus, texts, cases: [{name,
class, kwargs, weighted, vocab_size, options, vocab, merges, len, specials, ids | tokens}]}; `weighted`: line n of the corpus as often as
the n-th of 1, 2, 3, 5, 7, 11, 13, 17, 19 and 23. The trainer of WordPiece numbers its ## tokens in the order of a hash
table that differs from run to run, and settles equal counts by these numbers: its cases are such as give the same tokens in twenty runs, and
`vocab` is their sorted list; that of byte-pair encoding has the ids.
"""

import json
from pathlib import Path

import transformers
from tokenizers import AddedToken
from transformers import BertTokenizerFast, GPT2TokenizerFast

transformers.logging.set_verbosity_error()
GOLDEN = Path(__file__).resolve().parents[2] / "test" / "golden" / "tokenizers"
BERT = [str(GOLDEN / "bert-base-chinese.txt")]
GPT2 = [str(GOLDEN / "bpe-tokenizer" / "vocab.json"), str(GOLDEN / "bpe-tokenizer" / "merges.txt")]
RUNS = 20

CORPUS = [
    "The quick brown fox jumps over the lazy dog. The dog, being lazy, does not jump over the quick fox!",
    "it's what it is; they're here, we've been there, I'd go, you'll see, and he can't.",
    "今天天气真好，我们去公园散步吧。今天的公园里有很多人，天气好的时候大家都去公园。",
    "Étude naïve à la café: élève, élevé, éléphant. ÉTUDE!",
    "numbers 1 12 123 1234 12345 and 2024-11-25 12:30:45, 3.14159",
    "aaaa aaa aa a aaaaa abababab ababab abab ab banana bananas bandana",
    "  spaces   and\ttabs\nand lines\r\n  again  ",
    "lower lowest lowly newer newest widest wider wide low new",
    "👍🏽 emoji 👩‍👩‍👧‍👦 and 𠀀 planes 🇨🇳",
    "tokenizer tokenizers tokenization tokenized token tokens the theme there these then them",
]
# Each line another number of times, so that fewer counts are equal.
WEIGHTED = [line for line, times in zip(CORPUS, [1, 2, 3, 5, 7, 11, 13, 17, 19, 23]) for _ in range(times)]
TEXTS = ["the lowest tokenizer, 今天公园 12", "Étude 👍🏽 <new> [MASK] banana"]


def case(name, cls, files, kwargs, vocab_size, options, weighted=False):
    corpus = WEIGHTED if weighted else CORPUS
    results = []
    for _ in range(1 if files is GPT2 else RUNS):
        tokenizer = cls(*files, **kwargs)
        trained = tokenizer.train_new_from_iterator([corpus[:4], corpus[4:]], vocab_size, **options)
        model = json.loads(trained.backend_tokenizer.to_str())["model"]
        results.append((trained, model))
    trained, model = results[0]
    vocab = model["vocab"] if files is GPT2 else sorted(model["vocab"])
    if any((other["vocab"] if files is GPT2 else sorted(other["vocab"])) != vocab for _, other in results):
        raise SystemExit(f"{name}: the tokens differ from run to run, choose another size")
    specials = {token: trained.convert_tokens_to_ids(token) for token in trained.all_special_tokens}
    special_tokens = options.get("new_special_tokens")
    if special_tokens:
        flags = ["content", "single_word", "lstrip", "rstrip", "normalized", "special"]
        options = {**options, "new_special_tokens": [{flag: getattr(each, flag) for flag in flags} if isinstance(each, AddedToken) else each for each in special_tokens]}
    record = {
        "name": name, "class": cls.__name__, "kwargs": kwargs, "weighted": weighted, "vocab_size": vocab_size, "options": options, "vocab": vocab,
        "merges": model.get("merges"), "len": len(trained), "specials": specials, "special_tokens_map": trained.special_tokens_map,
    }
    if files is GPT2:
        record["ids"] = [trained(text)["input_ids"] for text in TEXTS]
    else:
        record["tokens"] = [trained.tokenize(text) for text in TEXTS]
    return record


def main():
    new = ["<new>", AddedToken("<flag>", lstrip=True)]
    cases = [
        case("bytes", GPT2TokenizerFast, GPT2, {}, 350, {}),
        case("bytes, all that repeats", GPT2TokenizerFast, GPT2, {}, 5000, {"min_frequency": 2}),
        case("bytes, everything", GPT2TokenizerFast, GPT2, {}, 5000, {}),
        case("bytes, a blank in front, new names", GPT2TokenizerFast, GPT2, {"add_prefix_space": True, "add_bos_token": True}, 300, {"new_special_tokens": new, "special_tokens_map": {"<|endoftext|>": "<end>"}}),
        case("bytes, short tokens", GPT2TokenizerFast, GPT2, {}, 400, {"max_token_length": 4}),
        case("bytes, fewer than there are", GPT2TokenizerFast, GPT2, {}, 100, {}),
        case("bytes, weighted", GPT2TokenizerFast, GPT2, {}, 450, {}, weighted=True),
        case("pieces, 150", BertTokenizerFast, BERT, {}, 150, {}),
        case("pieces, all that come three times", BertTokenizerFast, BERT, {}, 5000, {"min_frequency": 3}),
        case("pieces, cased, new names", BertTokenizerFast, BERT, {"do_lower_case": False}, 5000, {"min_frequency": 3, "special_tokens_map": {"[MASK]": "<mask>"}, "new_special_tokens": new}),
        case("pieces, characters alone", BertTokenizerFast, BERT, {}, 20, {}),
    ]
    path = GOLDEN / "training.json"
    versions = {"transformers": transformers.__version__}
    lines = [json.dumps(each, ensure_ascii=False, separators=(",", ":")) for each in cases]
    head = f'{{"versions":{json.dumps(versions)},"corpus":{json.dumps(CORPUS, ensure_ascii=False)},"texts":{json.dumps(TEXTS, ensure_ascii=False)},"cases":[\n'
    path.write_text(head + ",\n".join(lines) + "\n]}\n", encoding="utf-8")
    print(f"{path}: {path.stat().st_size} bytes")
    for each in cases:
        print(each["name"], len(each["vocab"]))


if __name__ == "__main__":
    main()

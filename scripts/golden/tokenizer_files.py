"""Folders that transformers saved, and tokenizer.json in many forms, with what transformers makes of them.

Writes test/golden/tokenizers/files.json: {versions, cases: [{name, class, kwargs, files, saved_from, facts, texts: [{text, ids, tokens,
offsets, decoded}]}]}. `files` are texts by name. `saved_from`: transformers saved the files itself, from a tokenizer of these files,
with these options and with the tokens that add_tokens() here adds. A case with `error` is one where transformers raised.
"""

import json
import tempfile
from pathlib import Path

import transformers
from tokenizers import AddedToken
from transformers import AutoTokenizer, BertTokenizer, BertTokenizerFast, GPT2Tokenizer, GPT2TokenizerFast

transformers.logging.set_verbosity_error()
GOLDEN = Path(__file__).resolve().parents[2] / "test" / "golden" / "tokenizers"
CLASSES = {cls.__name__: cls for cls in [BertTokenizer, BertTokenizerFast, GPT2Tokenizer, GPT2TokenizerFast, AutoTokenizer]}

BERT_VOCAB = "[PAD] [UNK] [CLS] [SEP] [MASK] 我 爱 中 国 hello wor ##ld ##s , . ' é e a b ##b ##c don t Hello ##. 1".split(" ")
BPE_VOCAB = json.loads((GOLDEN / "bpe-tokenizer" / "vocab.json").read_text(encoding="utf-8"))
BPE_MERGES = (GOLDEN / "bpe-tokenizer" / "merges.txt").read_text(encoding="utf-8").split("\n")[1:60]
SMALL_VOCAB = {token: id for token, id in BPE_VOCAB.items() if id < 257 + len(BPE_MERGES)}
TEXTS = [
    "Hello worlds, don't. 我爱中国", "  a  b\t\n<a> x<s> <r>  é É 1 ", "[MASK] <|endoftext|> [mask]", "the in on, and 12 12's  THE", "", " ", "我\u00a0é👍🏽",
    "abc abbc hello. Hello .", "\x00\x7f ÿ",
]


def read(folder):
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(Path(folder).iterdir())}


def write(folder, files):
    for file, text in files.items():
        (Path(folder) / file).write_text(text, encoding="utf-8")


def case(name, cls, files, kwargs=None, saved_from=None):
    kwargs = kwargs or {}
    record = {"name": name, "class": cls, "kwargs": kwargs, "files": files, "saved_from": saved_from}
    with tempfile.TemporaryDirectory() as folder:
        write(folder, files)
        try:
            tokenizer = CLASSES[cls].from_pretrained(folder, **kwargs)
        except Exception as error:
            return {**record, "error": f"{type(error).__name__}: {str(error)[:100]}"}
        facts = {key: getattr(tokenizer, key) for key in ["is_fast", "vocab_size", "special_tokens_map", "padding_side", "truncation_side", "clean_up_tokenization_spaces"]}
        facts["added"] = {str(token): id for id, token in tokenizer.added_tokens_decoder.items()}
        facts["len"] = len(tokenizer)
        facts["repr"] = repr(tokenizer).replace(folder, "FOLDER")
        texts = []
        for text in TEXTS:
            encoding = tokenizer(text)
            entry = {"text": text, "ids": encoding["input_ids"], "decoded": tokenizer.decode(encoding["input_ids"])}
            if tokenizer.is_fast:
                entry |= {"tokens": encoding.tokens(), "offsets": encoding.encodings[0].offsets, "pair": tokenizer(text, "a b")["input_ids"]}
                entry |= {"pair_types": tokenizer(text, "a b", return_token_type_ids=True)["token_type_ids"]}
            texts.append(entry)
        return {**record, "facts": facts, "texts": texts}


def saved(cls, files, kwargs, **options):
    """A tokenizer with added tokens as transformers saves it."""
    with tempfile.TemporaryDirectory() as folder:
        write(folder, files)
        tokenizer = cls.from_pretrained(folder, **kwargs)
    add_tokens(tokenizer)
    with tempfile.TemporaryDirectory() as folder:
        tokenizer.save_pretrained(folder, **options)
        name = f"{cls.__name__} saved {options or ''}"
        return case(name, cls.__name__, read(folder), saved_from={"files": files, "kwargs": kwargs, "options": options})


def add_tokens(tokenizer):
    tokenizer.add_tokens([AddedToken("<a>", lstrip=True), "x<s>"])
    tokenizer.add_special_tokens({"additional_special_tokens": [AddedToken("<r>", rstrip=True, normalized=False)]})


def special(content, id):
    return {"id": id, "content": content, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}


def bert_json(**parts):
    vocab = {token: id for id, token in enumerate(BERT_VOCAB)}
    model = {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100, "vocab": vocab}
    normalizer = {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": None, "lowercase": True}
    return {
        "version": "1.0", "truncation": None, "padding": None,
        "added_tokens": [special(token, id) for id, token in enumerate(BERT_VOCAB[:5])],
        "normalizer": normalizer, "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]},
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True}, "model": model, **parts,
    }


def gpt2_json(model=None, **parts):
    base = {
        "type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": "", "end_of_word_suffix": "", "fuse_unk": False,
        "byte_fallback": False, "ignore_merges": False, "vocab": SMALL_VOCAB, "merges": BPE_MERGES, **(model or {}),
    }
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    return {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": [special("<|endoftext|>", 0)], "normalizer": None,
        "pre_tokenizer": byte_level, "post_processor": {**byte_level, "add_prefix_space": True, "trim_offsets": False},
        "decoder": {**byte_level, "add_prefix_space": True}, "model": base, **parts,
    }


def untyped(file):
    model = {name: value for name, value in file["model"].items() if name != "type"}
    return {**file, "model": model}


def json_cases():
    gpt2_pattern = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
    plain = {"clean_text": False, "handle_chinese_chars": False, "strip_accents": False, "lowercase": False}
    split = {"type": "Split", "pattern": {"Regex": gpt2_pattern}, "behavior": "Isolated", "invert": False}
    bytes_only = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}
    trimming = {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True}
    end = {"SpecialToken": {"id": "<|endoftext|>", "type_id": 0}}
    first, second = {"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}
    template = {
        "type": "TemplateProcessing", "single": [end, first, end], "pair": [end, first, end, end, second],
        "special_tokens": {"<|endoftext|>": {"id": "<|endoftext|>", "ids": [0], "tokens": ["<|endoftext|>"]}},
    }
    pairs = [merge.split(" ") for merge in BPE_MERGES]
    few = {token: id for token, id in SMALL_VOCAB.items() if token not in ["a", "Ċ", "Ã"]}
    few_merges = [merge for merge in BPE_MERGES if "".join(merge.split(" ")) in few and all(part in few for part in merge.split(" "))]
    padding = {"strategy": "BatchLongest", "direction": "Left", "pad_to_multiple_of": None, "pad_id": 0, "pad_type_id": 0, "pad_token": "[PAD]"}
    truncation = {"direction": "Left", "max_length": 5, "strategy": "LongestFirst", "stride": 0}
    generic = {"tokenizer_class": "PreTrainedTokenizerFast"}
    bert, gpt2 = {"tokenizer_class": "BertTokenizer"}, {"tokenizer_class": "GPT2Tokenizer"}
    normalizer = {"type": "BertNormalizer", **plain}
    variants = [
        ("bert, all parts", bert_json(), bert, {}),
        ("bert, cased in the file only", bert_json(normalizer={"type": "BertNormalizer", **plain, "clean_text": True}), bert, {}),
        ("bert, cased in the file only, no class", bert_json(normalizer={"type": "BertNormalizer", **plain, "clean_text": True}), generic, {}),
        ("bert, nothing is normalised", bert_json(normalizer=normalizer), generic, {}),
        ("bert, no normalizer", bert_json(normalizer=None), generic, {}),
        ("bert, cased by option", bert_json(), {**bert, "do_lower_case": False}, {}),
        ("bert, decoder without cleaning", bert_json(decoder={"type": "WordPiece", "prefix": "##", "cleanup": False}), bert, {}),
        ("bert, no decoder", bert_json(decoder=None), bert, {}),
        ("bert, no post_processor", bert_json(post_processor=None), bert, {}),
        ("bert, padding and truncation", bert_json(padding=padding, truncation=truncation), bert, {}),
        ("bert, special tokens in the configuration", bert_json(), {**generic, "cls_token": "[CLS]", "mask_token": "[M]", "pad_token": "[PAD]"}, {}),
        ("gpt2, all parts", gpt2_json(), gpt2, {}),
        ("gpt2, pairs of merges", gpt2_json({"merges": pairs}), gpt2, {}),
        ("gpt2, model without type", untyped(gpt2_json()), gpt2, {}),
        ("gpt2, offsets trimmed", gpt2_json(post_processor=trimming), gpt2, {}),
        ("gpt2, offsets trimmed, blank in front", gpt2_json(post_processor=trimming), gpt2, {"add_prefix_space": True}),
        ("gpt2, blank in front in the file only", gpt2_json(pre_tokenizer=trimming), gpt2, {}),
        ("gpt2, Split before ByteLevel", gpt2_json(pre_tokenizer={"type": "Sequence", "pretokenizers": [split, bytes_only]}), generic, {}),
        ("gpt2, template", gpt2_json(post_processor=template), gpt2, {}),
        ("gpt2, template behind ByteLevel", gpt2_json(post_processor={"type": "Sequence", "processors": [trimming, template]}), gpt2, {}),
        ("gpt2, bytes without tokens", gpt2_json({"vocab": few, "merges": few_merges}), gpt2, {}),
        ("gpt2, unknown token", gpt2_json({"vocab": few, "merges": few_merges, "unk_token": "<|endoftext|>"}), gpt2, {}),
        ("gpt2, unknown tokens as one", gpt2_json({"vocab": few, "merges": few_merges, "unk_token": "<|endoftext|>", "fuse_unk": True}), gpt2, {}),
        ("gpt2, whole words first", gpt2_json({"ignore_merges": True, "merges": BPE_MERGES[:10]}), gpt2, {}),
    ]
    for name, file, config, kwargs in variants:
        files = {"tokenizer.json": json.dumps(file, ensure_ascii=False), "tokenizer_config.json": json.dumps(config)}
        yield case(name, "AutoTokenizer", files, kwargs)


BERT_FILES = {"vocab.txt": "\n".join(BERT_VOCAB) + "\n"}
GPT2_FILES = {"vocab.json": json.dumps(SMALL_VOCAB, ensure_ascii=False), "merges.txt": "#version: 0.2\n" + "\n".join(BPE_MERGES) + "\n"}


def legacy_cases():
    """Folders as older versions wrote them."""
    vocab = BERT_FILES
    added = {"added_tokens.json": json.dumps({"<a>": 27, "<r>": 28})}
    flagged = {"content": "<r>", "single_word": False, "lstrip": True, "rstrip": False, "normalized": False}
    special_map = {"special_tokens_map.json": json.dumps({"mask_token": flagged, "bos_token": "[CLS]", "additional_special_tokens": ["<a>"]})}
    config = {"tokenizer_config.json": json.dumps({"do_lower_case": False, "model_max_length": 20, "bos_token": "hello"})}
    for cls in ["BertTokenizer", "BertTokenizerFast"]:
        yield case(f"{cls}, vocab.txt alone", cls, vocab)
        yield case(f"{cls}, added_tokens.json", cls, {**vocab, **added})
        yield case(f"{cls}, all older files", cls, {**vocab, **added, **special_map, **config})


def main():
    cases = [
        saved(BertTokenizer, BERT_FILES, {"never_split": ["worlds"]}),
        saved(BertTokenizerFast, BERT_FILES, {"do_lower_case": False}),
        saved(BertTokenizerFast, BERT_FILES, {}, legacy_format=False),
        saved(BertTokenizerFast, BERT_FILES, {}, legacy_format=True),
        saved(GPT2Tokenizer, GPT2_FILES, {"model_max_length": 50, "padding_side": "left"}),
        saved(GPT2TokenizerFast, GPT2_FILES, {"truncation_side": "left", "add_prefix_space": True}),
        saved(GPT2TokenizerFast, GPT2_FILES, {"add_bos_token": True, "pad_token": "<|endoftext|>"}),
        *legacy_cases(),
        *json_cases(),
    ]
    path = GOLDEN / "files.json"
    lines = [json.dumps(each, ensure_ascii=False, separators=(",", ":")) for each in cases]
    versions = json.dumps({"transformers": transformers.__version__})
    path.write_text(f'{{"versions":{versions},"cases":[\n' + ",\n".join(lines) + "\n]}\n", encoding="utf-8")
    print(f"{path}: {path.stat().st_size} bytes, {len(cases)} cases")
    for each in cases:
        if "error" in each:
            print(each["name"], each["error"])


if __name__ == "__main__":
    main()

"""What the four tokenizer classes of transformers give for every option and method, on few texts.

Reads the vocabularies in test/golden/tokenizers, writes test/golden/tokenizers/calls-{bert,gpt2}.json: {versions, tokenizers: [{class, kwargs,
added, facts, calls: [{method, args, kwargs, out | error}]}]}. `facts` are properties, `out` is what the method returned; of an
encoding its fields and, by fast tokenizers, for each row what it knows of its tokens.
"""

import json
from pathlib import Path

import transformers
from tokenizers import AddedToken
from transformers import BertTokenizer, BertTokenizerFast, GPT2Tokenizer, GPT2TokenizerFast
from transformers.tokenization_utils_base import BatchEncoding

transformers.logging.set_verbosity_error()
GOLDEN = Path(__file__).resolve().parents[2] / "test" / "golden" / "tokenizers"
BERT = [str(GOLDEN / "bert-base-chinese.txt")]
GPT2 = [str(GOLDEN / "bpe-tokenizer" / "vocab.json"), str(GOLDEN / "bpe-tokenizer" / "merges.txt")]

FLAGGED = [
    ["<l>", {"lstrip": True}], ["<r>", {"rstrip": True}], ["<w>", {"single_word": True}], ["<N>", {"normalized": False}],
    ["<lr>", {"lstrip": True, "rstrip": True, "normalized": True}], ["<S>", {"special": True}], ["NewTok", {}], ["Éa", {"single_word": True}],
    ["hello", {}], ["<l", {}],
]
ADDED_TEXTS = [
    "a  <l>  b <r>  c <w> d x<w>y <w>. <N>", "NewTok newtok NEWTOK aNewTokb", "Éa éa Éab <lr>x <lr> y", "<S><S> <l <l>> hello HELLO",
    " <w><w> <l><w>\t<w>\t<r>\u3000你好", "<a> <b><p> [MASK]<|endoftext|> end", "<N>\n<n> \u00a0<l>\u2028<r>\u00a0",
]
TEXTS = ["hello world, it's 12:30!", "今天天气真好，我们去公园散步吧。", "  two  spaces\tand\nlines  ", "naïve café 👍🏽 𠀀", "", " ", "a [MASK] <|endoftext|> b"]
PAIRS = [["who was he?", "he was a man of the town, and no more than that."], ["今天天气怎么样？", "天气很好。"], ["short", ""], ["", "only"]]
WORDS = [["hello", "worlds", "我爱", "", "it's"], ["a", " b", "c "], []]
FIELDS = {"return_special_tokens_mask": True, "return_token_type_ids": True, "return_length": True}


def calls(fast, gpt2, bos):
    """Method, arguments and keyword arguments of every call. Methods for ids know nothing of GPT-2's beginning token."""
    offsets = {"return_offsets_mapping": True} if fast else {}
    for text in TEXTS:
        yield "__call__", [text], {**FIELDS, **offsets}
        yield "tokenize", [text], {}
        yield "encode", [text], {"add_special_tokens": False}
        yield "__call__", [text], {"split_special_tokens": True}
    for first, second in PAIRS:
        yield "__call__", [first], {"text_pair": second, **FIELDS, **offsets}
        yield "__call__", [first], {"text_pair": second, "add_special_tokens": False, **offsets}
        for how in ["longest_first", "only_first", "only_second"]:
            for most in [7, 12]:
                kwargs = {"text_pair": second, "truncation": how, "max_length": most}
                yield "__call__", [first], kwargs
                yield "__call__", [first], {"return_overflowing_tokens": True, "stride": 2, **kwargs}
    for text in TEXTS[:3]:
        for stride in [0, 1, 4]:
            for padding in [False, True, "max_length"]:
                kwargs = {"truncation": True, "max_length": 6, "stride": stride, "padding": padding}
                yield "__call__", [text], {"return_overflowing_tokens": True, **FIELDS, **kwargs}
    # Shorter than what stands around a text, the Rust library cuts nothing.
    for most in [2, 3] if fast else [0, 1, 2, 3]:
        yield "__call__", [TEXTS[0]], {"truncation": True, "max_length": most}
        yield "__call__", [TEXTS[0]], {"truncation": True, "max_length": most, "return_overflowing_tokens": True}
    for kwargs in [
        {}, {"padding": True}, {"padding": "longest", "padding_side": "left"}, {"padding": "max_length", "max_length": 20},
        {"padding": True, "pad_to_multiple_of": 8}, {"padding": "max_length", "max_length": 10, "truncation": True},
        {"padding": "max_length", "max_length": 10, "truncation": True, "pad_to_multiple_of": 8},
        {"padding": True, "truncation": "only_first", "max_length": 5, "return_overflowing_tokens": True, "stride": 1},
        {"padding": "max_length"}, {"truncation": True}, {"padding": True, "max_length": 5}, {"max_length": 5},
        {"padding": "do_not_pad", "max_length": 5}, {"return_attention_mask": False}, {"return_token_type_ids": False},
        {"padding": "sometimes"}, {"truncation": "sometimes"},
    ]:
        yield "__call__", [TEXTS], {**FIELDS, **kwargs}
    yield "__call__", [[pair[0] for pair in PAIRS]], {"text_pair": [pair[1] for pair in PAIRS], "padding": True}
    yield "__call__", [PAIRS], {"truncation": True, "max_length": 9}
    yield "__call__", [TEXTS[0]], {"text_target": TEXTS[1]}
    yield "__call__", [TEXTS[:2]], {"text_target": TEXTS[2:4], "padding": True}
    for words in WORDS if fast else WORDS[:-1]:
        yield "__call__", [words], {"is_split_into_words": True, **offsets}
    yield "__call__", [WORDS[:2]], {"is_split_into_words": True, "padding": True}
    yield "__call__", [WORDS[0]], {"text_pair": WORDS[1], "is_split_into_words": True, **offsets}
    yield "__call__", [WORDS[:2]], {"text_pair": [WORDS[1], WORDS[0]], "is_split_into_words": True}
    if gpt2 and not fast:
        yield "__call__", [TEXTS[0]], {"add_prefix_space": True}
    for text in ADDED_TEXTS:
        yield "__call__", [text], offsets
        yield "tokenize", [text], {}
    for pair in [[[5, 6, 7]], [[5, 6, 7], [8, 9]]]:
        if not bos:
            yield "build_inputs_with_special_tokens", pair, {}
            yield "create_token_type_ids_from_sequences", pair, {}
        if not fast:
            yield "get_special_tokens_mask", pair, {}
    yield "get_special_tokens_mask", [[0, 5, 101, 102, 100]], {"already_has_special_tokens": True}
    for pair in [False, True]:
        yield "num_special_tokens_to_add", [pair], {}
    preparing = [{}, {"pair_ids": [8, 9, 10]}, {"truncation": True, "max_length": 4}, {"padding": "max_length", "max_length": 12}]
    for kwargs in [] if bos else preparing:
        yield "prepare_for_model", [[5, 6, 7, 11, 12]], kwargs
    rows = {"input_ids": [[5, 6, 7], [8]], "token_type_ids": [[0, 0, 1], [0]], "labels": [[1, 2, 3], [4]]}
    for kwargs in [{}, {"padding_side": "left"}, {"padding": "max_length", "max_length": 5}, {"pad_to_multiple_of": 4}, {"padding": False}]:
        yield "pad", [rows], kwargs
    yield "pad", [[{"input_ids": [5, 6, 7]}, {"input_ids": [8], "attention_mask": [1]}]], {}
    yield "pad", [{"input_ids": [5, 6, 7]}], {"padding": "max_length", "max_length": 5}
    yield "pad", [{"ids": [5]}], {}


def decodings(tokenizer):
    for text in TEXTS + ADDED_TEXTS:
        ids = tokenizer(text)["input_ids"]
        for skip in [False, True]:
            yield "decode", [ids], {"skip_special_tokens": skip}
        yield "decode", [ids], {"clean_up_tokenization_spaces": not tokenizer.clean_up_tokenization_spaces}
        yield "convert_ids_to_tokens", [ids], {}
        yield "convert_ids_to_tokens", [ids], {"skip_special_tokens": True}
        yield "convert_tokens_to_string", [tokenizer.convert_ids_to_tokens(ids)], {}
        if not tokenizer.is_fast:
            yield "decode", [ids], {"spaces_between_special_tokens": False}
    yield "convert_tokens_to_ids", [["hello", "[MASK]", "nothing of the kind", "<l>"]], {}
    yield "batch_decode", [[[5, 6], [7]]], {}


def known_places(encoding, count):
    """What a row of a fast tokenizer's encoding knows, by every method."""
    length = len(encoding.tokens(count))
    places = range(length)
    ranges = {"token_to_chars": places, "token_to_word": places, "token_to_sequence": places}
    known = {name: [getattr(encoding, name)(count, place) for place in span] for name, span in ranges.items()}
    for name, span in {"char_to_token": 12, "char_to_word": 12, "word_to_tokens": 6}.items():
        known[name] = [[getattr(encoding, name)(count, place, sequence) for place in range(span)] for sequence in [0, 1]]
    return {"tokens": encoding.tokens(count), "word_ids": encoding.word_ids(count), "sequence_ids": encoding.sequence_ids(count), **known}


def run(tokenizer, method, args, kwargs):
    try:
        out = getattr(tokenizer, method)(*args, **kwargs)
    except BaseException as error:
        return {"error": f"{type(error).__name__}: {str(error)[:100]}"}
    if not isinstance(out, BatchEncoding):
        return {"out": out}
    record = {"out": dict(out)}
    if out.encodings and len(out.encodings) <= 3 and kwargs.get("return_offsets_mapping"):
        record["places"] = [known_places(out, count) for count in range(len(out.encodings))]
    return record


def facts(tokenizer):
    names = ["special_tokens_map", "all_special_tokens", "all_special_ids", "additional_special_tokens", "additional_special_tokens_ids"]
    names += ["vocab_size", "is_fast", "pad_token_id", "mask_token", "max_len_single_sentence", "max_len_sentences_pair"]
    names += ["model_input_names", "pad_token_type_id", "padding_side", "truncation_side", "clean_up_tokenization_spaces"]
    values = {name: getattr(tokenizer, name) for name in names}
    return {**values, "len": len(tokenizer), "repr": repr(tokenizer), "added_vocab": tokenizer.get_added_vocab()}


def record(cls, files, kwargs, adds):
    tokenizer = cls(*files, **kwargs)
    added = {}
    if adds:
        count = tokenizer.add_tokens([AddedToken(content, **flags) for content, flags in FLAGGED])
        plain = tokenizer.add_tokens(["plain", "hello"]), tokenizer.add_tokens(["<sp>"], special_tokens=True)
        special = tokenizer.add_special_tokens({"additional_special_tokens": ["<a>", "<b>"], "pad_token": "<p>"})
        added = {"flagged": FLAGGED, "counts": [count, *plain, special]}
    known = facts(tokenizer)
    recorded = [
        {"method": method, "args": args, "kwargs": given, **run(tokenizer, method, args, given)}
        for method, args, given in [*calls(tokenizer.is_fast, files is GPT2, "add_bos_token" in kwargs), *decodings(tokenizer)]
        if adds or args[0] not in ADDED_TEXTS
    ]
    return {"class": cls.__name__, "kwargs": kwargs, "added": added, "facts": known, "calls": recorded}


def main():
    sides = {"model_max_length": 64, "padding_side": "left", "truncation_side": "left"}
    # GPT2Tokenizer's token_type_ids forget the beginning token, so only the fast one has it here.
    own = {
        BertTokenizer: {"do_lower_case": False, "strip_accents": True, "model_max_length": 64},
        BertTokenizerFast: {"do_lower_case": False, "strip_accents": True, "model_max_length": 64},
        GPT2Tokenizer: {"add_prefix_space": True},
        GPT2TokenizerFast: {"add_prefix_space": True, "add_bos_token": True},
    }
    for kind, files, classes in [
        ("bert", BERT, [BertTokenizer, BertTokenizerFast]),
        ("gpt2", GPT2, [GPT2Tokenizer, GPT2TokenizerFast]),
    ]:
        tokenizers = [record(cls, files, kwargs, kwargs is sides) for cls in classes for kwargs in [own[cls], sides]]
        path = GOLDEN / f"calls-{kind}.json"
        lines = [json.dumps(tokenizer, ensure_ascii=False, separators=(",", ":")) for tokenizer in tokenizers]
        versions = json.dumps({"transformers": transformers.__version__})
        path.write_text(f'{{"versions":{versions},"tokenizers":[\n' + ",\n".join(lines) + "\n]}\n", encoding="utf-8")
        print(f"{path}: {path.stat().st_size} bytes, {sum(len(each['calls']) for each in tokenizers)} calls")


if __name__ == "__main__":
    main()

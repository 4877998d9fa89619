"""What the four tokenizer classes of transformers give at their edges: added tokens that become special, texts without tokens, words that stay
whole, types of pairs, and what Python's classes refuse.

Reads the vocabularies in test/golden/tokenizers, writes test/golden/tokenizers/edges.json: {versions, tokenizers: [{class, kwargs, calls:
[{method, args, kwargs, out | error}]}]}. The calls of a tokenizer follow each other. {"AddedToken": [content, flags]} stands for an added token.
"""

import json

import transformers
from tokenizer_calls import BERT, GOLDEN, GPT2
from tokenizers import AddedToken
from transformers import BertTokenizer, BertTokenizerFast, GPT2Tokenizer, GPT2TokenizerFast
from transformers.tokenization_utils_base import BatchEncoding

TYPED = {"model_input_names": ["input_ids", "token_type_ids", "attention_mask"]}
MARKED = ["a <new> <NEW> <New>b", "门 <new> x <NEW>  y", "<l>  x  <L> y", "<kept> <KEPT>"]
PADDED = {"padding": "max_length", "max_length": 4}


def added(content, **flags):
    return {"AddedToken": [content, flags]}


def adding(fast):
    """Tokens whose `normalized` nobody gave, and some where somebody did, made special in every way there is."""
    bare = {"add_special_tokens": False, **({"return_offsets_mapping": True} if fast else {})}
    yield "add_tokens", [[added("<NEW>"), added("<L>", lstrip=True), added("<KEPT>", normalized=True)], True], {}
    for text in MARKED:
        yield "__call__", [text], bare
    yield "add_special_tokens", [{"additional_special_tokens": [added("<MORE>"), added("<R>", rstrip=True)], "pad_token": added("<PAD>")}], {}
    for text in ["a <more> <MORE> x", "<r>  x <R>  y <pad> <PAD>z"]:
        yield "__call__", [text], bare
    yield "add_tokens", [[added("<LATE>")]], {}
    yield "__call__", ["<late> <LATE>"], bare
    yield "add_tokens", [[added("<LATE>")], True], {}
    yield "__call__", ["<late> <LATE>"], bare


def empty(gpt2):
    """Texts without any token, alone and in lists."""
    for text in ["", "\n"] if not gpt2 else [""]:
        for kwargs in [PADDED, {"padding": True}, {**PADDED, "return_special_tokens_mask": True, "return_length": True}]:
            yield "__call__", [text], {"add_special_tokens": False, **kwargs}
        yield "__call__", [[text, text]], {"add_special_tokens": False, **PADDED}
        yield "__call__", [text], {"text_pair": "", "add_special_tokens": False, **PADDED}
    yield "__call__", [["\n"] if not gpt2 else [""]], {"is_split_into_words": True, "add_special_tokens": False, **PADDED}
    yield "pad", [{"input_ids": []}], PADDED
    yield "pad", [{"input_ids": []}], {**PADDED, "return_attention_mask": True}
    yield "pad", [{"input_ids": [[], [5]]}], PADDED
    yield "prepare_for_model", [[]], {"add_special_tokens": False, **PADDED}


def typed():
    """Types of pairs, with and without special tokens."""
    for kwargs in [{}, {"add_special_tokens": False}, {"add_special_tokens": False, "return_token_type_ids": True}]:
        yield "__call__", ["a b"], {"text_pair": "c d", **kwargs}
        yield "__call__", [["a b", "x"]], {"text_pair": ["c d", "y"], **kwargs}


def whole():
    for text in ["Hello", "Hello world", "hello Hello, x"]:
        yield "tokenize", [text], {}
        yield "__call__", [text], {}


def ids():
    yield "get_special_tokens_mask", [[101, 5, 102, 0]], {"already_has_special_tokens": True}


def real(value):
    """The same with added tokens in the place of what stands for them."""
    if isinstance(value, dict) and "AddedToken" in value:
        content, flags = value["AddedToken"]
        return AddedToken(content, **flags)
    if isinstance(value, dict):
        return {name: real(item) for name, item in value.items()}
    return [real(item) for item in value] if isinstance(value, list) else value


def run(tokenizer, method, args, kwargs):
    try:
        out = getattr(tokenizer, method)(*real(args), **kwargs)
    except BaseException as error:
        return {"error": f"{type(error).__name__}: {str(error)[:100]}"}
    return {"out": dict(out) if isinstance(out, BatchEncoding) else out}


def record(cls, files, kwargs, calls):
    tokenizer = cls(*files, **kwargs)
    recorded = [{"method": method, "args": args, "kwargs": given, **run(tokenizer, method, args, given)} for method, args, given in calls]
    return {"class": cls.__name__, "kwargs": kwargs, "calls": recorded}


def main():
    pad = {"pad_token": "!"}
    tokenizers = [
        *[record(cls, BERT, {}, [*adding(cls is BertTokenizerFast), *ids()]) for cls in [BertTokenizer, BertTokenizerFast]],
        *[record(cls, BERT, {"do_lower_case": False}, adding(cls is BertTokenizerFast)) for cls in [BertTokenizer, BertTokenizerFast]],
        *[record(cls, GPT2, {}, adding(cls is GPT2TokenizerFast)) for cls in [GPT2Tokenizer, GPT2TokenizerFast]],
        *[record(cls, BERT, {}, [*empty(False), *typed()]) for cls in [BertTokenizer, BertTokenizerFast]],
        record(GPT2Tokenizer, GPT2, pad, [*empty(True), *typed()]),
        *[record(cls, GPT2, TYPED, typed()) for cls in [GPT2Tokenizer, GPT2TokenizerFast]],
        *[record(BertTokenizer, BERT, {"do_basic_tokenize": basic, "never_split": ["Hello"]}, whole()) for basic in [False, True]],
    ]
    path = GOLDEN / "edges.json"
    lines = [json.dumps(tokenizer, ensure_ascii=False, separators=(",", ":")) for tokenizer in tokenizers]
    versions = json.dumps({"transformers": transformers.__version__})
    path.write_text(f'{{"versions":{versions},"tokenizers":[\n' + ",\n".join(lines) + "\n]}\n", encoding="utf-8")
    print(f"{path}: {path.stat().st_size} bytes, {sum(len(each['calls']) for each in tokenizers)} calls")


if __name__ == "__main__":
    main()

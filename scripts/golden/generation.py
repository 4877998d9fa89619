"""generate/outputs.json, seeded.json, configs.json, stop_strings.json and streamers.json.

    python scripts/golden/generation.py [FOLDER]    with transformers 4.57.1

Writes into FOLDER (test/golden/generate unless given): what generate() returns besides tokens, what it draws after set_seed,
how GenerationConfig checks and merges its values, where stop strings end a text, and the pieces in which streamers hand out text.
"""

import os
import sys
import tempfile
import warnings
from pathlib import Path

os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
warnings.filterwarnings("ignore")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import torch
import transformers
from golden import generate, recording
from transformers import BertTokenizer, GenerationConfig, GPT2LMHeadModel, GPT2Tokenizer
from transformers.generation import StopStringCriteria
from transformers.generation.streamers import TextStreamer
from transformers.utils import logging

GOLDEN = Path(__file__).resolve().parents[2] / "test" / "golden"
ONE = [[37, 36, 183, 117, 137]]
BATCH = [[127, 36, 173, 216, 223, 144], [0, 0, 40, 120, 105, 153], [0, 0, 0, 0, 84, 181]]
MASK = [[1, 1, 1, 1, 1, 1], [0, 0, 1, 1, 1, 1], [0, 0, 0, 0, 1, 1]]
USUAL = {"do_sample": False, "pad_token_id": 0, "eos_token_id": None}
ALL = {"output_scores": True, "output_logits": True, "output_attentions": True, "output_hidden_states": True}


def cases():
    yield "greedy, all outputs", ONE, None, {"max_new_tokens": 3, **ALL}
    yield "greedy, all outputs of a batch", BATCH, MASK, {"max_new_tokens": 2, **ALL}
    yield "greedy without cache, all outputs", ONE, None, {"max_new_tokens": 2, "use_cache": False, **ALL}
    yield "beams, all outputs", ONE, None, {"max_new_tokens": 3, "num_beams": 2, "num_return_sequences": 2, **ALL}
    yield "beams of a batch, eos", BATCH, MASK, {
        "max_new_tokens": 6, "num_beams": 3, "num_return_sequences": 2, "eos_token_id": [53, 64], "output_scores": True}
    yield "beam sampling, scores of the first step", ONE, None, {
        "max_new_tokens": 1, "num_beams": 3, "do_sample": True, "top_k": 1, "temperature": 0.7,
        "eos_token_id": [42, 53], "output_scores": True}
    for name in ("assistant: the model itself", "assistant: another model"):
        yield name, ONE, None, {"max_new_tokens": 14}
    yield "assistant, penalties", ONE, None, {
        "max_new_tokens": 14, "repetition_penalty": 1.3, "no_repeat_ngram_size": 2, "min_length": 12}
    yield "assistant, eos", ONE, None, {"max_new_tokens": 14, "eos_token_id": 64}
    for tokens, size in ((3, None), (5, 1), (10, 4)):
        yield f"prompt lookup {tokens} {size}", [[5, 6, 42, 89, 89, 7, 5, 6]], None, {
            "max_new_tokens": 16, "prompt_lookup_num_tokens": tokens, "max_matching_ngram_size": size, "eos_token_id": 64}
    for scale in (0.0, 1.5, 3.0):
        yield f"guidance {scale}", ONE, None, {"max_new_tokens": 8, "guidance_scale": scale}
    yield "guidance away from a text", ONE, None, {
        "max_new_tokens": 8, "guidance_scale": 2.0, "negative_prompt_ids": [[12, 80, 81]], "output_scores": True}
    yield "guidance away from a text without cache", ONE, None, {
        "max_new_tokens": 4, "guidance_scale": 2.0, "negative_prompt_ids": [[12, 80, 81]], "use_cache": False}
    yield "guidance of a batch", BATCH, MASK, {
        "max_new_tokens": 6, "guidance_scale": 2.0, "negative_prompt_ids": [[0, 80, 81], [7, 8, 9], [0, 0, 5]],
        "negative_prompt_attention_mask": [[0, 1, 1], [1, 1, 1], [0, 0, 1]]}
    yield "encoder_repetition_penalty", BATCH, MASK, {"max_new_tokens": 8, "encoder_repetition_penalty": 2.0}
    yield "encoder_no_repeat_ngram_size", [[42, 89, 89, 152, 2, 53, 53]], None, {
        "max_new_tokens": 12, "encoder_no_repeat_ngram_size": 2}
    yield "all processors", ONE, None, {
        "max_new_tokens": 9, "sequence_bias": [[[42], -2.0], [[20, 21], 4.0]], "encoder_repetition_penalty": 1.3,
        "repetition_penalty": 1.4, "no_repeat_ngram_size": 3, "encoder_no_repeat_ngram_size": 2,
        "bad_words_ids": [[31], [89, 89]], "min_length": 8, "min_new_tokens": 4, "remove_invalid_values": True,
        "exponential_decay_length_penalty": [2, 1.2], "suppress_tokens": [64], "begin_suppress_tokens": [152],
        "forced_eos_token_id": 6, "renormalize_logits": True, "eos_token_id": 6, "output_scores": True}
    yield "the default length", ONE, None, {}
    yield "the default length of a long prompt", [list(range(7, 97))], None, {}
    yield "as many tokens as fit", [list(range(7, 97))], None, {"max_new_tokens": 7}
    yield "max_length below the prompt", ONE, None, {"max_length": 4}
    yield "min_length without an end", ONE, None, {"min_length": 9, "max_new_tokens": 6}
    yield "embeddings", ONE, None, {"max_new_tokens": 6, "inputs_embeds": True}
    yield "embeddings and max_length", ONE, None, {"max_length": 12, "inputs_embeds": True}
    yield "embeddings of a batch", BATCH, MASK, {"max_new_tokens": 5, "inputs_embeds": True}
    yield "embeddings and beams", ONE, None, {
        "max_new_tokens": 5, "num_beams": 3, "num_return_sequences": 2, "inputs_embeds": True}
    yield "embeddings and ids", ONE, None, {
        "max_new_tokens": 6, "inputs_embeds": True, "input_ids": ONE, "repetition_penalty": 1.5}
    yield "going on", ONE, None, {"max_new_tokens": 5, "past": [37, 36, 183]}
    yield "stop_strings", [[5, 116, 117]], None, {"max_new_tokens": 30, "stop_strings": ["s", " 不"], "tokenizer": True}


def seeded():
    drawn = {"do_sample": True, "max_new_tokens": 12}
    few = {"do_sample": True, "max_new_tokens": 6, "num_beams": 3, "eos_token_id": [42, 53, 64]}
    yield "sampling", ONE, None, drawn
    yield "sampling, a batch", BATCH, MASK, {**drawn, "top_p": 0.9, "temperature": 1.3, "num_return_sequences": 2}
    yield "sampling, rows that end", BATCH, MASK, {**drawn, "eos_token_id": [53, 64, 84]}
    yield "beam sampling", ONE, None, {**few, "num_return_sequences": 3, "output_scores": True}
    yield "beam sampling, a batch", BATCH, MASK, {**few, "top_k": 0, "num_return_sequences": 2}
    yield "beam sampling, early_stopping", ONE, None, {**few, "early_stopping": True, "length_penalty": -0.5}
    yield "prompt lookup", [[5, 6, 42, 89, 89, 7, 5, 6]], None, {
        **drawn, "prompt_lookup_num_tokens": 3, "eos_token_id": 64}
    yield "assistant: the model itself", ONE, None, {**drawn, "top_k": 5}
    # Hugging Face lets the assistant warp twice, which a top_k does not mind.
    yield "assistant: another model", ONE, None, {**drawn, "top_k": 20}


def prepared(model, folder, name, ids, kwargs):
    found = generate.options(model, {**USUAL, **kwargs})
    for option in ("negative_prompt_ids", "negative_prompt_attention_mask", "input_ids"):
        if option in found:
            found[option] = torch.tensor(found[option])
    if found.pop("inputs_embeds", False):
        found["inputs_embeds"] = model.transformer.wte(ids) * 0.5
    else:
        found["input_ids"] = ids
    if "past" in found:
        past = torch.tensor([found.pop("past")])
        found["past_key_values"] = model(past, use_cache=True).past_key_values
    if found.pop("tokenizer", False):
        found["tokenizer"] = BertTokenizer.from_pretrained(folder)
    if name.startswith("assistant"):
        other = "gpt2-model" if "another" in name else "gpt2-lm"
        found["assistant_model"] = GPT2LMHeadModel.from_pretrained(folder.parent / other).eval()
    return found


@torch.no_grad()
def run(model, folder, name, rows, mask, kwargs, seed=0):
    ids = torch.tensor(rows)
    known = {"name": name, "input_ids": recording.tensor(ids), "kwargs": {**USUAL, **kwargs},
             "attention_mask": None if mask is None else recording.tensor(torch.tensor(mask))}
    given = prepared(model, folder, name, ids, kwargs)
    attention = torch.ones_like(ids) if mask is None else torch.tensor(mask)
    try:
        torch.manual_seed(seed)
        found = model.generate(attention_mask=attention, return_dict_in_generate=True, **given)
    except Exception as error:
        return {**known, "error": recording.failure(error)}
    new = {**known, "sequences": recording.tensor(found.sequences)}
    if "inputs_embeds" in given:
        new["inputs_embeds"] = recording.tensor(given["inputs_embeds"])
    for part in ("sequences_scores", "beam_indices"):
        if found.get(part) is not None:
            new[part] = recording.tensor(found[part])
    for part in ("scores", "logits"):
        if found.get(part) is not None:
            new[part] = recording.tensor(torch.stack(found[part]))
    for part in ("attentions", "hidden_states"):
        if found.get(part) is not None:
            new[part] = recording.record(found[part])
    if found.get("scores") is not None:
        new["transition_scores"] = [
            recording.tensor(model.compute_transition_scores(
                found.sequences, found.scores, found.get("beam_indices"), normalize_logits=normalize))
            for normalize in (False, True)]
    return new


CONFIGS = [
    {}, {"do_sample": True, "temperature": 0.7, "top_k": 5}, {"max_new_tokens": 5, "eos_token_id": [3, 4]},
    {"temperature": 0.7}, {"top_p": 0.9}, {"min_p": 0.1}, {"typical_p": 0.5}, {"top_k": 5}, {"top_k": None},
    {"epsilon_cutoff": 0.1}, {"eta_cutoff": 0.1}, {"temperature": 0.7, "top_p": 0.9, "do_sample": False},
    {"early_stopping": True}, {"length_penalty": 0.5}, {"num_beams": 3, "early_stopping": True, "length_penalty": 0.5},
    {"num_beams": 3, "early_stopping": "never"}, {"early_stopping": "always"}, {"max_new_tokens": 0},
    {"max_new_tokens": -1}, {"pad_token_id": -1}, {"num_return_sequences": 2},
    {"num_return_sequences": 2, "do_sample": True}, {"num_return_sequences": 4, "num_beams": 3},
    {"num_return_sequences": 3, "num_beams": 3}, {"use_cache": False, "cache_implementation": "dynamic"},
    {"cache_implementation": "nothing"}, {"output_scores": True}, {"output_scores": True, "return_dict_in_generate": True},
    {"output_logits": True}, {"output_attentions": True}, {"output_hidden_states": True},
    {"logits_processor": []}, {"num_beams": 2, "do_sample": True}, {"penalty_alpha": 0.6, "top_k": 4},
    {"penalty_alpha": 0.6, "top_k": 1}, {"num_beams": 4, "num_beam_groups": 2, "diversity_penalty": 1.0},
    {"num_beams": 4, "force_words_ids": [[5]]}, {"prompt_lookup_num_tokens": 3}, {"dola_layers": "low"},
    {"prompt_lookup_num_tokens": 3, "num_beams": 2}, {"my_own_field": 5},
]
MERGES = [
    ({"top_k": 7, "do_sample": True}, None, {"top_k": 3}),
    ({"top_k": 7, "do_sample": True}, None, {"top_k": None}),
    ({"eos_token_id": 4, "temperature": 0.5, "do_sample": True}, {"max_new_tokens": 9}, {}),
    ({"eos_token_id": 4, "temperature": 0.5, "do_sample": True}, {"temperature": 0.9}, {"do_sample": True}),
    ({"eos_token_id": 4, "max_length": 30}, {"eos_token_id": 5}, {"max_length": 12}),
    ({"eos_token_id": 4, "temperature": 0.5, "do_sample": True, "transformers_version": "4.40.0"}, {"top_p": 0.9}, {}),
    ({"temperature": 0.5, "do_sample": True}, {"top_p": 0.9}, {"use_model_defaults": False}),
    ({"temperature": 0.5, "do_sample": True, "transformers_version": "4.40.0"}, {"top_p": 0.9},
     {"use_model_defaults": True}),
    ({"temperature": 0.5, "do_sample": True}, {"temperature": 0.0}, {}),
]


def config(kwargs):
    messages = []
    logger = transformers.generation.configuration_utils.logger
    logger.warning_once = lambda message, *rest: messages.append(message)
    logger.info_once = lambda message, *rest: messages.append(message)
    try:
        made = GenerationConfig(**kwargs)
        found = {"json": made.to_json_string(), "mode": made.get_generation_mode().value}
    except Exception as error:
        return {"kwargs": kwargs, "error": recording.failure(error)}
    issues = [line.split("`")[1] for message in messages for line in message.split("\n") if line.startswith("- ")]
    return {"kwargs": kwargs, **found, "issues": issues}


def merge(model, of_model, given, kwargs):
    model.generation_config = GenerationConfig(**of_model)
    merged, _ = model._prepare_generation_config(None if given is None else GenerationConfig(**given), **kwargs)
    values = {key: value for key, value in merged.to_diff_dict().items() if key != "transformers_version"}
    return {"model": of_model, "generation_config": given, "kwargs": kwargs, "values": values}


def stop_strings(folder):
    bert = BertTokenizer.from_pretrained(folder)
    bpe = byte_level(folder)
    for tokenizer, kind, texts in (
        (bert, "bert", ["hello world", "unable", "played", "the 人 有", "我 他", "playing text", "2019", "hello , and"]),
        (bpe, "bpe", ["stop", " stopped", "stopping a topper", "his topper", "the post", "the\npost", "a st op"]),
    ):
        strings = [["stop"], ["able"], ["hello"], ["lo wor"], [" 有"], ["有"], ["人有"], ["人 有"], ["s", "ed"], ["19"],
                   ["o ,"], [" "], ["top", "xyz"], ["\n"], ["p"], ["st op"]]
        rows = [tokenizer.encode(text, add_special_tokens=False)[:end] for text in texts for end in range(1, 9)]
        rows = [list(row) for row in dict.fromkeys(tuple(row) for row in rows)]
        used = sorted({token for row in rows for token in row})
        cleaned = dict(zip(*reversed(StopStringCriteria.clean_tokenizer_vocab(tokenizer))))
        for wanted in strings:
            try:
                criterion = StopStringCriteria(tokenizer, wanted)
            except ValueError as error:
                yield {"tokenizer": kind, "stop_strings": wanted, "error": recording.failure(error)}
                continue
            ends = [bool(criterion(torch.tensor([row]), None)) for row in rows]
            yield {"tokenizer": kind, "stop_strings": wanted, "rows": rows, "ends": ends}
        yield {"tokenizer": kind, "tokens": {token: cleaned[token] for token in used}}


def byte_level(folder):
    """A byte-level tokenizer of 256 bytes and a few merges."""
    from transformers.models.gpt2.tokenization_gpt2 import bytes_to_unicode

    merges = ["s t", "o p", "st op", "p ed", "i ng", "t op", "p er", "h is", "Ġ st", "Ġ t", "Ġst op", "n g", "e d", "e r"]
    tokens = [*bytes_to_unicode().values(), *dict.fromkeys(pair.replace(" ", "") for pair in merges)]
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        recording.write(place / "vocab.json", {token: i for i, token in enumerate([*tokens, "<|endoftext|>"])})
        (place / "merges.txt").write_text("#version: 0.2\n" + "\n".join(merges) + "\n", encoding="utf-8")
        return GPT2Tokenizer(place / "vocab.json", place / "merges.txt")


class Pieces(TextStreamer):
    def on_finalized_text(self, text, stream_end=False):
        self.pieces.append(text)


def streamers(folder):
    tokenizer = BertTokenizer.from_pretrained(folder)
    texts = ["hello world, playing text.", "我有一个国家 hello 他的", "un able 20 的", "text", "！hello！world"]
    for text in texts:
        for options in ({}, {"skip_prompt": True}, {"skip_special_tokens": True},
                        {"skip_prompt": True, "skip_special_tokens": True, "clean_up_tokenization_spaces": False}):
            ids = tokenizer.encode(text)
            streamer = Pieces(tokenizer, **options)
            streamer.pieces = []
            streamer.put(torch.tensor([ids[:3]]))
            for token in ids[3:]:
                streamer.put(torch.tensor([token]))
            streamer.end()
            yield {"prompt": ids[:3], "tokens": ids[3:], "options": options, "pieces": streamer.pieces}


def main(folder):
    weights = GOLDEN / "weights" / "gpt2-lm"
    model = GPT2LMHeadModel.from_pretrained(weights, attn_implementation="eager").eval()
    made = recording.versions("torch", "transformers")
    found = [run(model, weights, *case) for case in cases()]
    recording.write(folder / "outputs.json", {recording.VERSIONS: made, "cases": found})
    print("outputs:", len(found), "with errors:", [(case["name"], case["error"]) for case in found if "error" in case])
    drawn = [{"seed": seed, **run(model, weights, *case, seed=seed)} for case in seeded() for seed in (1, 7, 42)]
    recording.write(folder / "seeded.json", {recording.VERSIONS: made, "cases": drawn})
    logging.set_verbosity_info()
    configs = [config(kwargs) for kwargs in CONFIGS]
    logging.set_verbosity_error()
    merges = [merge(model, *case) for case in MERGES]
    recording.write(folder / "configs.json", {recording.VERSIONS: made, "configs": configs, "merges": merges})
    recording.write(folder / "stop_strings.json", {recording.VERSIONS: made, "cases": list(stop_strings(weights))})
    recording.write(folder / "streamers.json", {recording.VERSIONS: made, "cases": list(streamers(weights))})


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else GOLDEN / "generate")

"""generate/searches.json: generate() in the modes that transformers had built in up to 4.55, and generate/newer.json.

    python scripts/golden/searches.py old [FOLDER]    with transformers 4.55.4: contrastive, group, constrained, DoLa
    python scripts/golden/searches.py newer [FOLDER]  with transformers 5.24.0: top_h, padding and repetition_penalty

Writes into FOLDER (test/golden/generate unless given).
"""

import os
import sys
import warnings
from pathlib import Path

os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
warnings.filterwarnings("ignore")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import torch
from golden import generate, recording
from transformers import GPT2LMHeadModel

GOLDEN = Path(__file__).resolve().parents[2] / "test" / "golden"
ONE = ([[37, 36, 183, 117, 137]], None)
OTHER = ([[12, 80, 81, 3, 45, 60, 61]], None)
BATCH = ([[127, 36, 173, 216, 223, 144], [0, 0, 40, 120, 105, 153], [0, 0, 0, 0, 84, 181]],
         [[1, 1, 1, 1, 1, 1], [0, 0, 1, 1, 1, 1], [0, 0, 0, 0, 1, 1]])
USUAL = {"do_sample": False, "pad_token_id": 0, "eos_token_id": None}


def contrastive():
    for alpha in (0.1, 0.6, 0.9):
        for k in (2, 4, 8):
            yield f"contrastive alpha {alpha} k {k}", ONE, {"penalty_alpha": alpha, "top_k": k, "max_new_tokens": 12}
    yield "contrastive, batch", BATCH, {"penalty_alpha": 0.6, "top_k": 4, "max_new_tokens": 10}
    yield "contrastive, batch, a row ends first", BATCH, {
        "penalty_alpha": 0.5, "top_k": 3, "max_new_tokens": 12, "eos_token_id": 89}
    yield "contrastive, penalties, scores", ONE, {
        "penalty_alpha": 0.6, "top_k": 4, "max_new_tokens": 4, "repetition_penalty": 1.3, "output_scores": True,
        "output_logits": True}


def groups():
    for beams, count in ((2, 2), (4, 2), (6, 3), (6, 2)):
        for penalty in (0.5, 5.0):
            yield f"groups {beams}/{count} diversity {penalty}", ONE, {
                "num_beams": beams, "num_beam_groups": count, "diversity_penalty": penalty, "max_new_tokens": 9,
                "num_return_sequences": beams, "output_scores": (beams, penalty) in ((2, 0.5), (4, 5.0))}
    for early in (True, False, "never"):
        for length in (1.0, -1.0, 2.0):
            yield f"groups, eos, early_stopping {early}, length_penalty {length}", OTHER, {
                "num_beams": 4, "num_beam_groups": 2, "diversity_penalty": 1.0, "max_new_tokens": 12,
                "eos_token_id": [64, 89], "early_stopping": early, "length_penalty": length,
                "num_return_sequences": 2}
    yield "groups, batch", BATCH, {
        "num_beams": 4, "num_beam_groups": 2, "diversity_penalty": 0.7, "max_new_tokens": 8, "eos_token_id": 53,
        "num_return_sequences": 3}
    yield "groups, penalties", ONE, {
        "num_beams": 4, "num_beam_groups": 4, "diversity_penalty": 2.0, "max_new_tokens": 8,
        "repetition_penalty": 1.2, "no_repeat_ngram_size": 2, "sequence_bias": [[[42], -5.0]],
        "num_return_sequences": 4}


def constrained():
    for beams in (2, 3, 5):
        yield f"one word, {beams} beams", ONE, {"num_beams": beams, "force_words_ids": [[90]], "max_new_tokens": 8}
        yield f"a run, {beams} beams", ONE, {
            "num_beams": beams, "force_words_ids": [[90, 91, 92]], "max_new_tokens": 10, "num_return_sequences": 2,
            "output_scores": beams == 2}
        yield f"two runs, {beams} beams", OTHER, {
            "num_beams": beams, "force_words_ids": [[90, 91], [17]], "max_new_tokens": 10}
        yield f"one of several, {beams} beams", OTHER, {
            "num_beams": beams, "force_words_ids": [[[90, 91], [17, 18, 19], [20]]], "max_new_tokens": 10}
    yield "one of several and a word", ONE, {
        "num_beams": 4, "force_words_ids": [[[90, 91], [17, 18]], [44]], "max_new_tokens": 6,
        "num_return_sequences": 4, "output_scores": True}
    yield "with eos", OTHER, {
        "num_beams": 4, "force_words_ids": [[90, 91]], "max_new_tokens": 14, "eos_token_id": [64, 89],
        "num_return_sequences": 2}
    for early in (True, "never"):
        yield f"with eos, early_stopping {early}", OTHER, {
            "num_beams": 3, "force_words_ids": [[90]], "max_new_tokens": 14, "eos_token_id": 64,
            "early_stopping": early, "length_penalty": 0.5}
    yield "in a batch", BATCH, {
        "num_beams": 3, "force_words_ids": [[90, 91]], "max_new_tokens": 8, "eos_token_id": 53}
    yield "already in the prompt", ONE, {"num_beams": 3, "force_words_ids": [[183, 117]], "max_new_tokens": 6}
    yield "no room for all", ONE, {"num_beams": 3, "force_words_ids": [[90, 91, 92, 93, 94]], "max_new_tokens": 3}
    yield "as objects", ONE, {
        "num_beams": 4, "constraints": [["phrasal", [90, 91]], ["disjunctive", [[17, 18], [20]]]],
        "max_new_tokens": 10}


def dola():
    for layers in ("low", "high", [1], [0, 1]):
        yield f"dola_layers {layers}", ONE, {"dola_layers": layers, "max_new_tokens": 8, "output_scores": layers == "low"}
    yield "dola, penalty", ONE, {"dola_layers": "high", "max_new_tokens": 8, "repetition_penalty": 1.2}
    yield "dola, batch", BATCH, {"dola_layers": "low", "max_new_tokens": 6}


def objects(constraints):
    from transformers import DisjunctiveConstraint, PhrasalConstraint

    kinds = {"phrasal": PhrasalConstraint, "disjunctive": DisjunctiveConstraint}
    return [kinds[kind](ids) for kind, ids in constraints]


def run(model, name, prompt, kwargs):
    ids, mask = (torch.tensor(rows) if rows else None for rows in prompt)
    given = generate.options(model, {**USUAL, **kwargs})
    if "constraints" in given:
        given["constraints"] = objects(given["constraints"])
    known = {"name": name, "input_ids": recording.tensor(ids), "kwargs": {**USUAL, **kwargs},
             "attention_mask": None if mask is None else recording.tensor(mask)}
    try:
        found = model.generate(ids, attention_mask=torch.ones_like(ids) if mask is None else mask,
                               return_dict_in_generate=True, **given)
    except Exception as error:
        return {**known, "error": recording.failure(error)}
    new = {**known, "sequences": recording.tensor(found.sequences)}
    for part in ("sequences_scores", "beam_indices"):
        if found.get(part) is not None:
            new[part] = recording.tensor(found[part])
    for part in ("scores", "logits"):
        if found.get(part) is not None:
            new[part] = recording.tensor(torch.stack(found[part]))
    return new


def old(model):
    cases = {kind.__name__: [run(model, *case) for case in kind()] for kind in (contrastive, groups, constrained, dola)}
    return "searches.json", cases


def newer(model):
    from transformers.generation.logits_process import TopHLogitsWarper

    torch.manual_seed(3)
    scores = torch.randn(4, 150) * torch.tensor([[0.1], [1.0], [3.0], [8.0]])
    warped = [{"top_h": h, "out": recording.tensor(TopHLogitsWarper(h)(None, scores))} for h in (0.1, 0.4, 0.8, 1.0)]
    padded = [run(model, f"repetition_penalty {penalty}, padded", BATCH,
                  {"max_new_tokens": 12, "repetition_penalty": penalty, "output_scores": penalty == 0.5})
              for penalty in (0.5, 1.5, 4.0)]
    return "newer.json", {"scores": recording.tensor(scores), "top_h": warped, "padded": padded}


if __name__ == "__main__":
    subject = {"old": old, "newer": newer}[sys.argv[1]]
    folder = Path(sys.argv[2]) if len(sys.argv) > 2 else GOLDEN / "generate"
    model = GPT2LMHeadModel.from_pretrained(GOLDEN / "weights" / "gpt2-lm", attn_implementation="eager").eval()
    file, made = subject(model)
    recording.write(folder / file, {recording.VERSIONS: recording.versions("torch", "transformers"), **made})
    failed = [case["name"] for cases in made.values() for case in cases if isinstance(case, dict) and "error" in case]
    print(f"{file}: {len(failed)} failed {failed}")

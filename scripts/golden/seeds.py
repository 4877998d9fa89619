"""random/*.json: what a seed gives in PyTorch: numbers of a generator, fresh weights and sampled text.

PyTorch up to 2.6 draws exponential and Bernoulli numbers on x86 with Intel's MKL, later releases do not. The files of
the pinned release end in -2.7.json; the same command with torch 2.6.0 in its place writes those that end in -2.6.json.
Fresh weights are the same in both.
"""

import hashlib
from pathlib import Path

import torch
import transformers
from transformers import BertConfig, BertTokenizer, GPT2Config

from . import recording

SHIPPED = Path(__file__).resolve().parents[2] / "checkpoints"
SEEDS = [0, 42, 2**32 + 5]


def release():
    major, minor = (int(part) for part in torch.__version__.split(".")[:2])
    return "2.7" if (major, minor) >= (2, 7) else "2.6"


def digest(value):
    """Of the bytes; 64 bits of it tell any two arrays apart."""
    return hashlib.sha256(value.detach().contiguous().numpy().tobytes()).hexdigest()[:16]


# Numbers of a generator

def fill(method, count, *args):
    return lambda generator: getattr(torch.empty(count), method)(*args, generator=generator)


def weights(rows, width):
    """Weights without a third of the places: what top_k and top_p leave."""
    found = torch.rand((rows, width), generator=torch.Generator().manual_seed(9))
    found[:, ::3] = 0
    return found


def chosen(rows, width, count, replacement):
    return lambda generator: torch.multinomial(weights(rows, width), count, replacement, generator=generator)


CALLS = [
    (["normal", 3], fill("normal_", 3)),
    (["uniform", 5], fill("uniform_", 5)),
    (["normal", 1, 2.5, 0.5], fill("normal_", 1, 2.5, 0.5)),  # takes what the first call left over
    (["normal", 15], fill("normal_", 15)),
    (["normal", 16], fill("normal_", 16)),
    (["normal", 17, 0, 0.02], fill("normal_", 17, 0, 0.02)),
    (["normal", 31, -1, 3], fill("normal_", 31, -1, 3)),
    (["normal", 100003], fill("normal_", 100003)),
    (["uniform", 1000, -0.05, 0.05], fill("uniform_", 1000, -0.05, 0.05)),
    (["uniform", 1000, 2, 5.3], fill("uniform_", 1000, 2, 5.3)),
    (["exponential", 7], fill("exponential_", 7)),
    (["exponential", 2000, 2.5], fill("exponential_", 2000, 2.5)),
    (["bernoulli", 1000, 0.3], fill("bernoulli_", 1000, 0.3)),
    (["randint", -5, 1000, 50], lambda generator: torch.randint(-5, 1000, (50,), generator=generator)),
    (["randint", 0, 2**30, 20], lambda generator: torch.randint(0, 2**30, (20,), generator=generator)),
    (["randint", -(2**40), 2**40, 20], lambda generator: torch.randint(-(2**40), 2**40, (20,), generator=generator)),
    (["randperm", 100], lambda generator: torch.randperm(100, generator=generator)),
    (["double"], lambda generator: torch.rand(1, dtype=torch.float64, generator=generator)),
    (["multinomial", 1, 50, 1, False], chosen(1, 50, 1, False)),
    (["multinomial", 3, 5000, 1, False], chosen(3, 5000, 1, False)),
    (["multinomial", 2, 500, 8, False], chosen(2, 500, 8, False)),
    (["multinomial", 2, 500, 40, True], chosen(2, 500, 40, True)),
    (["multinomial", 4, 20, 1, True], chosen(4, 20, 1, True)),
]


def numbers(seed):
    """All calls one after another; `state` is what the generator holds after each."""
    generator = torch.Generator().manual_seed(seed)
    found = []
    for call, run in CALLS:
        value = run(generator)
        entry = {"call": call, "state": digest(generator.get_state())}
        exact = {"sha256": digest(value)} if value.numel() > 100 and call[0] != "exponential" else {}
        few = value.flatten()[:50] if call[0] == "exponential" else value.flatten()[:8] if exact else value.flatten()
        found.append({**entry, **exact, "values": few.tolist()})
    return {"seed": seed, "calls": found}


# Fresh weights

BERT = {"vocab_size": 50, "hidden_size": 24, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 40,
        "max_position_embeddings": 20}
# Sizes below 16 are drawn in another way, others leave a rest of a block of 16.
ODD = {"vocab_size": 37, "hidden_size": 6, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 9,
       "max_position_embeddings": 11, "pad_token_id": 3}
GPT2 = {"vocab_size": 50, "n_embd": 24, "n_layer": 3, "n_head": 2, "n_positions": 20}
HEADED = {"num_labels": 3}
CONFIGS = {"bert": BertConfig, "gpt2": GPT2Config}
MADE = [
    ("BertModel", "bert", BERT),
    ("BertForSequenceClassification", "bert", {**BERT, **HEADED}),
    ("BertForSequenceClassification", "bert", {**ODD, "num_labels": 2}),
    ("BertForMaskedLM", "bert", BERT),
    ("BertForMaskedLM", "bert", {**BERT, "tie_word_embeddings": False, "initializer_range": 0.1}),
    ("BertForPreTraining", "bert", BERT),
    ("BertForNextSentencePrediction", "bert", BERT),
    ("BertForTokenClassification", "bert", {**BERT, **HEADED}),
    ("BertForQuestionAnswering", "bert", BERT),
    ("BertForMultipleChoice", "bert", BERT),
    ("GPT2Model", "gpt2", GPT2),
    ("GPT2LMHeadModel", "gpt2", GPT2),
    ("GPT2LMHeadModel", "gpt2", {**GPT2, "tie_word_embeddings": False, "n_inner": 10}),
    ("GPT2ForSequenceClassification", "gpt2", {**GPT2, **HEADED, "pad_token_id": 0}),
    ("GPT2ForTokenClassification", "gpt2", {**GPT2, **HEADED}),
    ("GPT2ForQuestionAnswering", "gpt2", GPT2),
    ("GPT2DoubleHeadsModel", "gpt2", {**GPT2, "num_labels": 1}),
]
SHIPPED_MODELS = [
    ("BertForSequenceClassification", "bert-tiny-sentiment-zh"),
    ("BertForMaskedLM", "bert-tiny-mlm-zh"),
    ("GPT2LMHeadModel", "gpt2-tang-poetry"),
]


def parameters(model):
    return {name: {"sha256": digest(value), "first": value.flatten()[:3].tolist()}
            for name, value in model.named_parameters()}


def made(class_name, config, seed, about):
    torch.manual_seed(seed)
    model = getattr(transformers, class_name)(config)
    return {"class": class_name, **about, "seed": seed, "parameters": parameters(model), "next": torch.rand(1).item()}


def shipped_config(folder):
    return {name: value for name, value in recording.read(SHIPPED / folder / "config.json").items() if name != "dtype"}


def all_made():
    for class_name, family, fields in MADE:
        for seed in SEEDS[:2]:
            yield made(class_name, CONFIGS[family](**fields), seed, {"config": fields})
    for class_name, folder in SHIPPED_MODELS:
        config = CONFIGS["gpt2" if class_name.startswith("GPT2") else "bert"](**shipped_config(folder))
        yield made(class_name, config, 42, {"folder": f"checkpoints/{folder}"})


# Fresh heads on loaded bodies: the folder, the class, config fields, and the parameters that its file lacks.
HEADS = [
    ("weights/bert-model", "BertForSequenceClassification", {"num_labels": 2}),
    ("weights/bert-model", "BertForSequenceClassification", {"num_labels": 5}),
    ("weights/bert-mlm", "BertForSequenceClassification", {"num_labels": 2}),
    ("weights/bert-model", "BertForMaskedLM", {}),
    ("weights/bert-model", "BertForPreTraining", {}),
    ("weights/bert-model", "BertForTokenClassification", {"num_labels": 3}),
    ("weights/bert-model", "BertForQuestionAnswering", {}),
    ("weights/bert-model", "BertForMultipleChoice", {}),
    ("weights/gpt2-model", "GPT2ForSequenceClassification", {"num_labels": 2}),
    ("weights/gpt2-model", "GPT2ForTokenClassification", {"num_labels": 3}),
    ("weights/gpt2-model", "GPT2ForQuestionAnswering", {}),
    ("checkpoints/bert-tiny-mlm-zh", "BertForSequenceClassification", {"num_labels": 2}),
]
TEXT = "这部电影很好看。"


def headed(golden, folder, class_name, fields, seed):
    where = (SHIPPED.parent if folder.startswith("checkpoints") else golden) / folder
    torch.manual_seed(seed)
    model, report = getattr(transformers, class_name).from_pretrained(
        where, dtype=torch.float32, output_loading_info=True, **fields)
    found = {"folder": folder, "class": class_name, "config": fields, "seed": seed}
    fresh = {name: value.flatten().tolist() if value.numel() < 100 else
             {"sha256": digest(value), "first": value.flatten()[:3].tolist()}
             for name, value in model.state_dict().items() if name in report["missing_keys"]}
    found = {**found, "fresh": fresh, "next": torch.rand(1).item()}
    if folder.startswith("checkpoints"):  # what a course shows: the guess of an untrained head
        with torch.no_grad():
            inputs = BertTokenizer.from_pretrained(where)(TEXT, return_tensors="pt")
            scores = model.eval()(**inputs).logits[0].softmax(-1)
        found = {**found, "text": TEXT, "scores": [recording.number(x) for x in scores.tolist()]}
    return found


# Sampled text

OPTIONS = [
    {},
    {"temperature": 0.7},
    {"temperature": 1.3, "top_k": 0},
    {"top_k": 5},
    {"top_k": 0, "top_p": 0.9},
    {"temperature": 0.8, "top_k": 20, "top_p": 0.95, "repetition_penalty": 1.2},
    {"num_return_sequences": 3},
    {"num_return_sequences": 2, "top_k": 0},
]
FEW = OPTIONS[5:7]


def sampled(golden):
    tiny = transformers.GPT2LMHeadModel.from_pretrained(golden / "weights/gpt2-lm", dtype=torch.float32).eval()
    poet = transformers.GPT2LMHeadModel.from_pretrained(SHIPPED / "gpt2-tang-poetry", dtype=torch.float32).eval()
    tokenizer = BertTokenizer.from_pretrained(SHIPPED / "gpt2-tang-poetry")
    poem = tokenizer("春眠不觉晓，", add_special_tokens=False)["input_ids"]
    moon = tokenizer("床前明月", add_special_tokens=False)["input_ids"]
    prompts = [
        ("weights/gpt2-lm", tiny, OPTIONS, SEEDS[:2], {"max_new_tokens": 30, "pad_token_id": 0, "eos_token_id": 6}, [
            ([[5, 17, 100, 41]], [[1, 1, 1, 1]]),
            ([[0, 0, 12, 80], [5, 17, 100, 41]], [[0, 0, 1, 1], [1, 1, 1, 1]]),
        ]),
        ("checkpoints/gpt2-tang-poetry", poet, FEW, SEEDS[1:2], {"max_new_tokens": 40}, [
            ([[2, *poem]], [[1] * (1 + len(poem))]),
            ([[0, 0, 2, *moon], [2, *poem]], [[0, 0] + [1] * (1 + len(moon)), [1] * (1 + len(poem))]),
        ]),
    ]
    for folder, model, sets, seeds, always, batches in prompts:
        for ids, mask in batches:
            for options in sets:
                for seed in seeds:
                    torch.manual_seed(seed)
                    inputs = {"input_ids": torch.tensor(ids), "attention_mask": torch.tensor(mask)}
                    rows = [model.generate(**inputs, do_sample=True, **always, **options)
                            for _ in range(2)]  # the second goes on where the first stopped
                    yield {"folder": folder, "input_ids": ids, "attention_mask": mask, "options": {**always, **options},
                           "seed": seed, "sequences": rows[0].tolist(), "again": rows[1].tolist()}


def make(golden):
    about = {recording.VERSIONS: recording.versions("torch", "transformers")}
    kind = release()
    yield f"random/numbers-{kind}.json", {**about, "generators": [numbers(seed) for seed in SEEDS]}
    yield f"random/sampled-{kind}.json", {**about, "cases": list(sampled(golden))}
    if kind == "2.7":
        yield "random/weights.json", {
            **about, "made": list(all_made()),
            "headed": [headed(golden, *head, seed) for head in HEADS for seed in SEEDS[:2]],
        }

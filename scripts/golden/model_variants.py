"""What the tiny models give under other configs, masks and labels, with pruned heads and with a cache.

Writes test/golden/variants.json, {versions, cases}, and the weights that it needs beside those of the other tiny models:
weights/{bert-relative,bert-decoder,gpt2-untied,gpt2-pruned,bert-pruned}. A case is a model (weights, class, config: the fields
that replace those of config.json; prune: heads cut out; resize: tokens) and steps {inputs, outputs}; with several steps each
goes on from the cache of the one before.
"""

import shutil
from pathlib import Path

import torch
import transformers
from transformers import BertConfig, GPT2Config

import recording

LOWEST = torch.finfo(torch.float32).min
SMALL = {"vocab_size": 40, "initializer_range": 0.3}
SMALL_BERT = {**SMALL, "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 24,
              "max_position_embeddings": 24}
SMALL_GPT2 = {**SMALL, "n_embd": 16, "n_layer": 2, "n_head": 4, "n_positions": 24, "bos_token_id": 1, "eos_token_id": 2}


def save(model, folder):
    """The folder that Hugging Face writes, without what is about generating."""
    for name, value in model.named_parameters():
        if value.dim() == 1:  # biases and norms start as zeros and ones, which would hide a mistake
            torch.nn.init.normal_(value, float("norm" in name.lower() and "weight" in name), 0.1)
    shutil.rmtree(folder, ignore_errors=True)
    model.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)


def save_models(weights):
    torch.manual_seed(71)
    save(transformers.BertForSequenceClassification(
        BertConfig(**SMALL_BERT, position_embedding_type="relative_key", num_labels=1)), weights / "bert-relative")
    save(transformers.BertLMHeadModel(
        BertConfig(**SMALL_BERT, is_decoder=True, tie_word_embeddings=False, hidden_act="relu")), weights / "bert-decoder")
    save(transformers.GPT2LMHeadModel(
        GPT2Config(**SMALL_GPT2, tie_word_embeddings=False, n_inner=24, activation_function="relu")),
        weights / "gpt2-untied")
    for name, model in {"gpt2-pruned": transformers.GPT2LMHeadModel(GPT2Config(**SMALL_GPT2)),
                        "bert-pruned": transformers.BertForTokenClassification(BertConfig(**SMALL_BERT))}.items():
        model.prune_heads({0: [1, 2], 1: [3]})
        save(model, weights / name)


class Cases:
    def __init__(self, weights):
        self.weights = weights
        self.cases = []

    def add(self, name, weights, class_name, *steps, config=None, prune=(), resize=None, patch=None, wanted=None):
        """Runs a model; `wanted` are the fields to keep, all but the cache unless given."""
        found = getattr(transformers, class_name)
        model = found.from_pretrained(self.weights / weights, attn_implementation="eager", dtype=torch.float32,
                                      **(config or {})).eval()
        for heads in prune:
            model.prune_heads({int(layer): list(cut) for layer, cut in heads.items()})
        if resize is not None:
            torch.manual_seed(3)
            model.resize_token_embeddings(resize)
        if patch is not None:
            patch(model)
        recorded, past = [], None
        for inputs in steps:
            given = {**inputs} if len(steps) == 1 else {**inputs, "past_key_values": past, "use_cache": True}
            with torch.no_grad():
                found = model(**given)
            past = found.get("past_key_values")
            fields = {key: value for key, value in found.items()
                      if key != "past_key_values" and (wanted is None or key in wanted)}
            recorded.append({"inputs": {key: recording.record(value) for key, value in inputs.items()},
                             "outputs": recording.record(fields)})
        self.cases.append({"name": name, "weights": weights, "class": class_name, "config": config or {},
                           "prune": list(prune), "resize": resize, "steps": recorded})


def ids(*shape, low=7, high=40, seed=5):
    return torch.randint(low, high, shape, generator=torch.Generator().manual_seed(seed))


def numbers(*shape, seed=6):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def configs(c):
    x = {"input_ids": ids(2, 5)}
    for fields in [{"scale_attn_weights": False}, {"scale_attn_by_inverse_layer_idx": True},
                   {"reorder_and_upcast_attn": True},
                   {"reorder_and_upcast_attn": True, "scale_attn_by_inverse_layer_idx": True, "scale_attn_weights": False},
                   *({"activation_function": name} for name in ["gelu", "relu", "tanh", "gelu_fast", "silu"])]:
        c.add(f"GPT-2 with {fields}", "gpt2-model", "GPT2Model", x, config=fields)
    for fields in [*({"hidden_act": name} for name in ["gelu_new", "relu", "tanh", "quick_gelu"])]:
        c.add(f"BERT with {fields}", "bert-model", "BertModel", x, config=fields)
    c.add("untied GPT-2 of another inner width", "gpt2-untied", "GPT2LMHeadModel", x)
    mask = torch.tensor([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]])
    for kind in ["relative_key", "relative_key_query"]:
        c.add(f"BERT with {kind}", "bert-relative", "BertForSequenceClassification",
              {**x, "attention_mask": mask, "output_attentions": True}, config={"position_embedding_type": kind})
    for kind in ["first", "last", "mean"]:
        c.add(f"double heads, summary_type {kind}", "gpt2-double", "GPT2DoubleHeadsModel", {"input_ids": ids(2, 3, 4)},
              config={"summary_type": kind}, wanted=["mc_logits"])
    c.add("double heads, summary_activation tanh", "gpt2-double", "GPT2DoubleHeadsModel", {"input_ids": ids(2, 3, 4)},
          config={"summary_activation": "tanh"}, wanted=["mc_logits"])


def masks(c):
    T = 5
    x = {"input_ids": ids(2, T)}
    shown = {"output_attentions": True}
    head = torch.tensor([1.0, 0.0, 0.5, 1.0])
    layered = torch.stack([head, 1 - head])
    full = (numbers(2, 2, 4, T, T) > 0).float()
    for name, weights, model in [("GPT-2", "gpt2-model", "GPT2Model"), ("BERT", "bert-model", "BertModel")]:
        for given in [head, layered, layered[:, None, :, None, None], full, full[:, :1, :, :1]]:
            c.add(f"{name}, head_mask {tuple(given.shape)}", weights, model, {**x, **shown, "head_mask": given})
        c.add(f"{name}, mask of zeros", weights, model, {**x, "attention_mask": torch.zeros(2, T, dtype=torch.long)})
        c.add(f"{name}, mask (B, 1, T)", weights, model,
              {**x, "attention_mask": torch.tensor([[[1, 1, 1, 1, 0]], [[0, 0, 1, 1, 1]]])})
    hidden = torch.zeros(2, 1, T, T)
    hidden[0, 0, :, 1] = LOWEST
    hidden[1, 0, 3] = LOWEST  # a token that sees nothing
    hidden[1, 0, 4, 2:] = -torch.inf
    biases = -numbers(2, 4, T, T).abs()
    custom = {"one for all": hidden[:1], "one a text": hidden, "one row": hidden[1:, :, 4:, :], "one a head": biases,
              "one a head for all": biases[:1] + hidden[:1], "zeros": torch.zeros(2, 1, T, T)}
    for name, mask in custom.items():
        c.add(f"GPT-2, four dims, {name}", "gpt2-model", "GPT2Model", {**x, "attention_mask": mask})
        # transformers 5 hands a mask of four dims on as it is; 4.57 refuses it for BERT
        c.add(f"BERT, four dims, {name}", "bert-model", "BertModel", {**x, "attention_mask": mask},
              patch=lambda model: setattr(model, "get_extended_attention_mask", lambda mask, shape: mask))


def inputs(c):
    places = torch.tensor([[3, 1, 0, 2]])
    embeds = numbers(2, 4, 32)
    c.add("GPT-2 from embeddings, places and types", "gpt2-lm", "GPT2LMHeadModel",
          {"inputs_embeds": embeds, "position_ids": places, "token_type_ids": ids(2, 4, high=20),
           "attention_mask": torch.tensor([[0, 1, 1, 1], [1, 1, 1, 1]]), "labels": ids(2, 4)})
    c.add("BERT from embeddings, places and types", "bert-mlm", "BertForMaskedLM",
          {"inputs_embeds": embeds, "position_ids": places, "token_type_ids": ids(2, 4, low=0, high=2),
           "labels": torch.tensor([[-100, 9, -100, 8], [-100, -100, 30, -100]])})
    c.add("choices from embeddings", "bert-multiplechoice", "BertForMultipleChoice",
          {"inputs_embeds": numbers(2, 3, 4, 32), "attention_mask": torch.tensor([[[1, 1, 1, 0]] * 3] * 2),
           "position_ids": places.expand(2, 3, 4), "labels": torch.tensor([2, 0])})
    c.add("double heads without choices", "gpt2-double", "GPT2DoubleHeadsModel",
          {"input_ids": ids(3, 4), "mc_token_ids": torch.tensor([0, 3, 2]), "labels": ids(3, 4)})
    c.add("double heads with a mask and types", "gpt2-double", "GPT2DoubleHeadsModel",
          {"input_ids": ids(2, 2, 4), "attention_mask": torch.tensor([[[1, 1, 1, 0], [1, 1, 1, 1]]] * 2),
           "token_type_ids": ids(2, 2, 4, high=9), "mc_token_ids": torch.tensor([[2, 3], [2, 3]]),
           "mc_labels": torch.tensor([1, 0])})
    padded = ids(4, 5)
    padded[0, 3:] = 0
    padded[1, :2] = 0
    padded[2] = 0
    padded[3, 2] = 0
    c.add("the last token that is no padding", "gpt2-seqcls", "GPT2ForSequenceClassification", {"input_ids": padded})


def labels(c):
    x = {"input_ids": ids(3, 5)}
    several = torch.tensor([[1.0, 0.0], [0.0, 0.0], [1.0, 1.0]])
    for name, weights, model, width in [("GPT-2", "gpt2-seqcls", "GPT2ForSequenceClassification", 3),
                                        ("BERT", "bert-seqcls", "BertForSequenceClassification", 2)]:
        flags = torch.cat([several, several[:, :1]], 1)[:, :width]
        c.add(f"{name}, classes", weights, model, {**x, "labels": torch.tensor([1, 0, -100])})
        c.add(f"{name}, several labels", weights, model, {**x, "labels": flags})
        for kind, given in [("regression", numbers(3, width)), ("multi_label_classification", flags),
                            ("single_label_classification", torch.tensor([1, 1, 0]))]:
            c.add(f"{name}, {kind}", weights, model, {**x, "labels": given}, config={"problem_type": kind})
    c.add("BERT, one label", "bert-relative", "BertForSequenceClassification", {**x, "labels": numbers(3)})
    c.add("BERT, one label, (B, 1)", "bert-relative", "BertForSequenceClassification", {**x, "labels": numbers(3, 1)})
    none = torch.full((3, 5), -100)
    c.add("BERT tokens, none counts", "bert-tokcls", "BertForTokenClassification", {**x, "labels": none})
    some = none.clone()
    some[0, 1], some[2, 4] = 3, 0
    c.add("BERT tokens, some count", "bert-tokcls", "BertForTokenClassification", {**x, "labels": some})
    c.add("GPT-2 tokens, some count", "gpt2-tokcls", "GPT2ForTokenClassification", {**x, "labels": some})
    c.add("GPT-2 next tokens, some count", "gpt2-lm", "GPT2LMHeadModel", {**x, "labels": some + 1 * (some > 0)})
    for name, weights, model in [("GPT-2", "gpt2-qa", "GPT2ForQuestionAnswering"),
                                 ("BERT", "bert-qa", "BertForQuestionAnswering")]:
        c.add(f"{name}, answers outside of the text", weights, model,
              {**x, "start_positions": torch.tensor([1, -3, 9]), "end_positions": torch.tensor([[2], [4], [7]])})
        c.add(f"{name}, only one end", weights, model, {**x, "start_positions": torch.tensor([1, 2, 3])})
    c.add("pre-training with one kind of labels", "bert-pretraining", "BertForPreTraining",
          {**x, "labels": ids(3, 5)})
    c.add("BERT as a decoder, next tokens", "bert-decoder", "BertLMHeadModel", {**x, "labels": ids(3, 5)},
          wanted=["loss", "logits"])


def decoders(c):
    text, mask = ids(2, 7), torch.tensor([[0, 0, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1, 1]])
    steps = [{"input_ids": text[:, a:b], "attention_mask": mask[:, :b]} for a, b in [(0, 4), (4, 5), (5, 7)]]
    for name, weights, model in [("BERT", "bert-decoder", "BertLMHeadModel"), ("GPT-2", "gpt2-untied", "GPT2LMHeadModel")]:
        c.add(f"{name} step by step", weights, model, *steps)
        c.add(f"{name} at once", weights, model, {"input_ids": text, "attention_mask": mask})
        c.add(f"{name} at once, no mask", weights, model, {"input_ids": text, "output_attentions": True},
              wanted=["logits", "attentions"])
    c.add("BERT as a decoder, mask (B, T, T)", "bert-decoder", "BertLMHeadModel",
          {"input_ids": text, "attention_mask": (numbers(2, 7, 7) > -1).long()}, wanted=["logits"])
    heads = torch.tensor([[1.0, 0.0, 1.0, 1.0], [0.0, 1.0, 1.0, 1.0]])
    c.add("GPT-2 step by step with head_mask", "gpt2-untied", "GPT2LMHeadModel", *[{**step, "head_mask": heads} for step in steps])
    wide = torch.zeros(2, 1, 2, 7)
    wide[0, 0, :, 3] = LOWEST
    c.add("GPT-2 step by step, four dims at last", "gpt2-untied", "GPT2LMHeadModel", *steps[:2],
          {**steps[2], "attention_mask": wide})


def heads(c):
    x = {"input_ids": ids(2, 5), "output_attentions": True}
    cut = ({"0": [1, 3], "1": [0]},)
    c.add("GPT-2 with heads cut out", "gpt2-model", "GPT2Model", x, prune=cut)
    c.add("BERT with heads cut out", "bert-model", "BertModel", x, prune=cut)
    c.add("GPT-2 with heads cut out twice", "gpt2-model", "GPT2Model", x, prune=(*cut, {"0": [1, 2]}))
    c.add("GPT-2 saved with heads cut out", "gpt2-pruned", "GPT2LMHeadModel", x)
    c.add("BERT saved with heads cut out", "bert-pruned", "BertForTokenClassification", x)
    c.add("GPT-2 saved so, and one more", "gpt2-pruned", "GPT2LMHeadModel", x, prune=({"0": [0], "1": [3, 1]},))


def sizes(c):
    x = {"input_ids": ids(1, 4)}
    for name, weights, model in [("GPT-2", "gpt2-lm", "GPT2LMHeadModel"), ("BERT", "bert-mlm", "BertForMaskedLM"),
                                 ("untied GPT-2", "gpt2-untied", "GPT2LMHeadModel")]:
        small = weights == "gpt2-untied"
        c.add(f"{name} with fewer tokens", weights, model, x, resize=40, wanted=["logits"])
        c.add(f"{name} with more tokens", weights, model, {"input_ids": torch.tensor([[5, 42 if small else 230, 7]])},
              resize=44 if small else 232, wanted=["logits"])


def make(out: Path):
    save_models(out / "weights")
    c = Cases(out / "weights")
    for group in [configs, masks, inputs, labels, decoders, heads, sizes]:
        group(c)
    versions = recording.versions("torch", "transformers")
    recording.write(out / "variants.json", {"versions": versions, "cases": c.cases})
    print(f"{len(c.cases)} cases, {(out / 'variants.json').stat().st_size} bytes")


if __name__ == "__main__":
    transformers.logging.set_verbosity_error()
    torch.set_num_threads(1)
    make(Path(__file__).resolve().parents[2] / "test" / "golden")

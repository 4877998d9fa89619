"""Writes what transformers says differs between a folder's weights and each class, for test/nn to compare with.

Run: python scripts/golden/loading_info.py   (made with torch 2.13.0, transformers 4.57.1)
Writes test/golden/loading_info.json.
"""

import json
from pathlib import Path

import torch
import transformers

HERE = Path(__file__).resolve().parents[2] / "test" / "golden"
CLASSES = {
    "bert": ["BertModel", "BertForSequenceClassification", "BertForMaskedLM", "BertForTokenClassification", "BertForQuestionAnswering",
             "BertForNextSentencePrediction", "BertForPreTraining", "BertForMultipleChoice"],
    "gpt2": ["GPT2Model", "GPT2LMHeadModel", "GPT2ForSequenceClassification", "GPT2ForTokenClassification", "GPT2ForQuestionAnswering",
             "GPT2DoubleHeadsModel"],
}
FOLDERS = ["bert-mlm", "bert-model", "bert-nsp", "bert-pretraining", "bert-qa", "bert-seqcls", "bert-seqcls/bin", "bert-seqcls/legacy",
           "bert-seqcls/sharded", "bert-seqcls5", "bert-tokcls", "gpt2-double", "gpt2-lm", "gpt2-lm/bin", "gpt2-lm/sharded", "gpt2-model",
           "gpt2-qa", "gpt2-seqcls", "gpt2-tokcls", "gpt2-untied"]
OPTIONS = [{}, {"num_labels": 7, "ignore_mismatched_sizes": True}, {"num_labels": 7}]


def info(folder, name, options):
    try:
        _, found = getattr(transformers, name).from_pretrained(HERE / "weights" / folder, output_loading_info=True, **options)
    except (RuntimeError, ValueError) as error:
        return {"error": type(error).__name__}
    return {key: list(value) for key, value in found.items()}


def cases():
    for folder in FOLDERS:
        for name in CLASSES[folder[:4]]:
            for options in OPTIONS:
                if options and not (name.startswith(("BertForSeq", "GPT2ForSeq", "BertForTok", "GPT2ForTok"))):
                    continue
                yield {"folder": f"weights/{folder}", "class": name, "options": options, **info(folder, name, options)}


transformers.logging.set_verbosity_error()
versions = {"torch": torch.__version__, "transformers": transformers.__version__}
lines = ",\n".join(json.dumps(case) for case in cases())
(HERE / "loading_info.json").write_text(f'{{"versions": {json.dumps(versions)}, "cases": [\n{lines}\n]}}\n')

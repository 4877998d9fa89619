"""Writes a model with its vocabulary as a folder that transformers and Vitrine load as it is."""

import copy
import json
import os

from transformers import BertTokenizerFast


def write_vocabulary(vocabulary, folder):
    """vocab.txt, one token a line; returns its path."""
    os.makedirs(folder, exist_ok=True)
    name = os.path.join(folder, "vocab.txt")
    with open(name, "w", encoding="utf-8") as file:
        file.write("\n".join(vocabulary) + "\n")
    return name


def write_tokenizer(vocabulary, folder, **options):
    """vocab.txt and the tokenizer's settings, for BertTokenizer."""
    BertTokenizerFast(write_vocabulary(vocabulary, folder), **options).save_pretrained(folder)
    # The slow and the fast class read vocab.txt alike: tokenizer.json would only repeat it.
    os.remove(os.path.join(folder, "tokenizer.json"))
    name = os.path.join(folder, "tokenizer_config.json")
    with open(name, encoding="utf-8") as file:
        config = json.load(file)
    config["tokenizer_class"] = "BertTokenizer"
    with open(name, "w", encoding="utf-8") as file:
        json.dump(config, file, ensure_ascii=False, indent=2)


def save(model, vocabulary, folder, dtype, **tokenizer_options):
    """The whole folder; the weights are a copy in `dtype`, the model itself stays as it is."""
    write_tokenizer(vocabulary, folder, **tokenizer_options)
    copy.deepcopy(model).to(dtype).save_pretrained(folder)

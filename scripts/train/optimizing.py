"""Optimizers, the course of the learning rate, and the clock that a run may be bounded by."""

import math
import time

import torch


class Clock:
    """Seconds since the start, and the share of a run that is done by steps or by minutes, whichever is further."""

    def __init__(self, minutes):
        self.started = time.time()
        self.minutes = minutes

    def seconds(self):
        return time.time() - self.started

    def progress(self, step, steps):
        return max(step / steps, self.seconds() / (60 * self.minutes))


def groups(parameters, decay):
    """Weight decay for matrices only."""
    return [
        {"params": [p for p in parameters if p.ndim == 2], "weight_decay": decay},
        {"params": [p for p in parameters if p.ndim != 2], "weight_decay": 0.0},
    ]


def muon_and_adamw(model, blocks, rate, beta, decay=0.1):
    """Muon for the matrices of the blocks, AdamW for the embeddings, norms, biases and heads."""
    matrices = [p for p in blocks.parameters() if p.ndim == 2]
    chosen = {id(p) for p in matrices}
    others = [p for p in model.parameters() if id(p) not in chosen]
    return [
        torch.optim.Muon(matrices, lr=rate, weight_decay=decay, adjust_lr_fn="match_rms_adamw"),
        torch.optim.AdamW(groups(others, decay), lr=rate, betas=(0.9, beta), fused=True),
    ]


def adamw(model, rate, beta, decay):
    return [torch.optim.AdamW(groups(list(model.parameters()), decay), lr=rate, betas=(0.9, beta), fused=True)]


def rate_at(peak, step, warmup, progress):
    """A linear start over `warmup` steps times a cosine from the peak to a fiftieth of it."""
    return peak * min(1, (step + 1) / warmup) * (0.02 + 0.49 * (1 + math.cos(math.pi * progress)))


def update(model, optimizers, rate):
    """One step along the gradients that are there, cut to norm 1; clears them."""
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["lr"] = rate
        optimizer.step()
        optimizer.zero_grad()

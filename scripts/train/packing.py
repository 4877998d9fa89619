"""Rows of whole texts: several texts share a row of fixed length, and none of them sees another."""

import torch


def first_fit(texts, size, length, pool, most=None):
    """Rows (lists of texts) with as little padding as first-fit leaves.

    `size` gives the tokens of a text; `pool` texts are sorted and packed together; `most` bounds the texts of a row.
    """
    rows = []
    for start in range(0, len(texts), pool):
        bins = []  # [tokens so far, texts]
        for text in sorted(texts[start:start + pool], key=size, reverse=True):
            tokens = size(text)
            target = next((b for b in bins if b[0] + tokens <= length and (most is None or len(b[1]) < most)), None)
            if target is None:
                target = [0, []]
                bins.append(target)
            target[0] += tokens
            target[1].append(text)
        rows.extend(texts_of_row for _, texts_of_row in bins)
    return rows


def layout(rows, length):
    """Token ids, positions (from 0 in each text) and text numbers (from 1; 0 is padding), each (rows, length).

    `rows` are lists of lists of token ids.
    """
    tokens = torch.zeros(len(rows), length, dtype=torch.long)
    places, number = torch.zeros_like(tokens), torch.zeros_like(tokens)
    for row, parts in enumerate(rows):
        at = 0
        for index, part in enumerate(parts, 1):
            end = at + len(part)
            tokens[row, at:end] = torch.tensor(part)
            places[row, at:end] = torch.arange(len(part))
            number[row, at:end] = index
            at = end
    return tokens, places, number


def batches(rows, size):
    """Equal batches (one compiled shape is enough); the last one is filled up with empty rows."""
    rows = rows + [[]] * (-len(rows) % size)
    return [rows[at:at + size] for at in range(0, len(rows), size)]


def attention_mask(number, allowed=None):
    """(rows, 1, length, length): 0 within one text (and where `allowed` is true), a very negative number elsewhere."""
    same = number[:, None, :, None] == number[:, None, None, :]
    return torch.where(same if allowed is None else same & allowed, 0.0, -1e9)

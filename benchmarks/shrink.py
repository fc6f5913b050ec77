"""A smaller copy of an encoder, to train a release from: without its top layers, without rare word pieces.

    python benchmarks/shrink.py FOLDER_OR_HUB_NAME build/encoder --layers 10 --pieces 8000

The top layers of a pretrained encoder serve its own training task; taking them off costs least (Sajjad et al., 2023,
"On the effect of dropping layers of pre-trained transformer models"). A WordPiece vocabulary is in the order of
frequency: the first pieces stay, all that training pairs have, and every single ASCII character, so that any English
word can still be spelt.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModel, AutoTokenizer

from stance import dataset
from stance.config import load_pipeline


def _renumbered(tokenizer: Any, new: Mapping[int, int]) -> dict[str, Any]:
    """A tokenizer's own form with the ids that `new` has in place of the old; pieces without one are left out."""
    form: dict[str, Any] = json.loads(tokenizer.backend_tokenizer.to_str())
    form["model"]["vocab"] = {t: new[i] for t, i in form["model"]["vocab"].items() if i in new}
    form["added_tokens"] = [{**t, "id": new[t["id"]]} for t in form["added_tokens"] if t["id"] in new]
    around = form["post_processor"]
    for end in {"sep", "cls"} & around.keys():
        around[end] = [around[end][0], new[around[end][1]]]
    for token in around.get("special_tokens", {}).values():
        token["ids"] = [new[i] for i in token["ids"]]
    return form


def kept(tokenizer: Any, texts: Sequence[str], pieces: int) -> list[int]:
    """Ids of the word pieces that stay, in their order."""
    vocabulary = tokenizer.get_vocab()
    used = {i for ids in tokenizer(list(texts), add_special_tokens=False)["input_ids"] for i in ids}
    special = set(tokenizer.all_special_ids)
    words = sorted(i for t, i in vocabulary.items() if i not in special and not t.startswith("[unused"))
    short = {i for t, i in vocabulary.items() if len(t.removeprefix("##")) == 1 and t.isascii()}
    return sorted(special | used | short | set(words[:pieces]))


def shrink(name: str, output: Path, texts: Sequence[str], layers: int, pieces: int) -> int:
    """Write the smaller encoder and its tokenizer; returns the size of its vocabulary."""
    tokenizer, encoder = AutoTokenizer.from_pretrained(name), AutoModel.from_pretrained(name)
    ids = kept(tokenizer, texts, pieces)
    encoder.encoder.layer = encoder.encoder.layer[:layers]
    encoder.config.num_hidden_layers = layers
    table = encoder.get_input_embeddings()
    table.weight = torch.nn.Parameter(table.weight[ids].detach())
    table.num_embeddings, table.padding_idx = len(ids), ids.index(tokenizer.pad_token_id)
    encoder.config.vocab_size = len(ids)
    encoder.save_pretrained(output)
    form = _renumbered(tokenizer, {old: n for n, old in enumerate(ids)})
    tokenizer.save_pretrained(output)
    (output / "tokenizer.json").write_text(json.dumps(form, ensure_ascii=False), encoding="utf-8")
    return len(ids)


def main() -> None:
    """Shrink an encoder and say to what."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("encoder")
    parser.add_argument("output", type=Path)
    parser.add_argument("--layers", type=int, default=10)
    parser.add_argument("--pieces", type=int, default=8000)
    args = parser.parse_args()
    rows = dataset.load(Path(load_pipeline().paths.dataset), "train")
    size = shrink(args.encoder, args.output, rows["marked"], args.layers, args.pieces)
    print(f"{args.layers} layers, {size} word pieces -> {args.output}")


if __name__ == "__main__":
    main()

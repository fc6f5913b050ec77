"""How many gold (actor, process) pairs are among the candidates, and how many candidates each gold pair costs.

    python benchmarks/candidates.py ../shared/dev/articles ../shared/dev/news ../shared/dev/kremlin [--missed]

Each folder holds `gold.jsonl` and `docs/` in the form that the development sets have.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path

from stance.candidates import Generator
from stance.codebook import load
from stance.corpus import same_actor
from stance.documents import read
from stance.io import read_jsonl


def locate(folder: Path) -> dict[str, list[tuple[int, int]]]:
    """The spans of each document's listed sentences."""
    spans: dict[str, list[tuple[int, int]]] = {}
    for listing in sorted(folder.glob("*.sentences.json")):
        name = listing.name.removesuffix(".sentences.json")
        text, at = (folder / f"{name}.txt").read_text(encoding="utf-8"), 0
        for sentence in json.loads(listing.read_text(encoding="utf-8")):
            at = text.index(sentence, at) if sentence in text[at:] else text.index(sentence)
            spans.setdefault(name, []).append((at, at + len(sentence)))
            at += len(sentence)
    return spans


def main() -> None:
    """Print recall per folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--missed", action="store_true", help="list the gold pairs without a candidate")
    parser.add_argument("--codebook", type=Path, default=Path("configs/codebook.yaml"))
    args = parser.parse_args()
    generator = Generator(load(args.codebook))
    for folder in args.folders:
        spans = locate(folder / "docs")
        gold = [row for _, row in read_jsonl(folder / "gold.jsonl") if row["doc"] in spans]
        candidates: dict[tuple[str, tuple[int, int]], list[tuple[str, str, str]]] = {}
        total = 0
        for document in read([folder / "docs" / f"{name}.txt" for name in spans]):
            for c in generator.candidates(document):
                best = max(spans[document.id], key=lambda s: min(s[1], c.sentence.end) - max(s[0], c.sentence.start))
                candidates.setdefault((document.id, best), []).append((c.process.target, c.actor.name, c.actor.text))
                total += 1
        found: Counter[str] = Counter()
        for row in gold:
            kind = "explicit" if row["explicit_actor"] and row["explicit_process"] else "contextual"
            here = candidates.get((row["doc"], spans[row["doc"]][row["sent"]]), [])
            hit = any(p == row["process"] and same_actor(row["actor"], row["mention"], a, m) for p, a, m in here)
            found[f"{kind} {'hit' if hit else 'miss'}"] += 1
            if args.missed and not hit:
                pair = f"[{row['mention']}] {row['actor']} -> {row['process']}"
                print(f"  {row['doc']}:{row['sent']} {pair} | {row['text'][:160]} | {here}")
        share = {
            k: found[f"{k} hit"] / max(1, found[f"{k} hit"] + found[f"{k} miss"]) for k in ("explicit", "contextual")
        }
        hits = found["explicit hit"] + found["contextual hit"]
        print(
            f"{folder.name:10} pairs recall {hits / len(gold):.3f} ({hits} of {len(gold)}); "
            f"explicit {share['explicit']:.3f}, contextual {share['contextual']:.3f}; "
            f"{total / len(gold):.2f} candidates per gold pair"
        )


if __name__ == "__main__":
    main()

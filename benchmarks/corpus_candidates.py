"""How many of the corpus's own annotations have a candidate, and why the others have none.

    python benchmarks/corpus_candidates.py [--show 20] [--annotator data/corpus/annotator-1.jsonl]

With an annotator's file, the same is asked of what that person marked before adjudication: what a careful reader gets.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter, defaultdict
from pathlib import Path

from stance.candidates import Generator
from stance.codebook import Codebook, load
from stance.config import load_pipeline
from stance.corpus import actor_name, same_actor
from stance.corpus import load as load_corpus
from stance.dataset import overlap
from stance.records import Annotation, Candidate


def why(here: list[Candidate], name: str, annotation: Annotation, any_in_document: bool) -> str:
    """What is missing for an annotation: nothing ("found"), the process, the actor, or the whole document."""
    if not any_in_document:
        return "document not read"
    actors = [c for c in here if same_actor(name, annotation.mention, c.actor.name, c.actor.text)]
    if any(c.process.target == annotation.process for c in actors):
        return "found"
    if actors:
        return "other process"
    if any(c.process.target == annotation.process for c in here):
        return "actor not found"
    return "no candidate in the sentence" if not here else "neither"


def annotator(path: Path, gold: list[Annotation], by_corpus: Path, codebook: Codebook) -> None:
    """Print how many of the gold annotations one annotator marked, whatever the stance."""
    _, own = load_corpus(by_corpus, path, codebook)
    by_doc: dict[str, list[Annotation]] = defaultdict(list)
    for a in own:
        by_doc[a.doc].append(a)
    counts: Counter[tuple[bool, str]] = Counter()
    for g in gold:
        here = [a for a in by_doc[g.doc] if overlap((a.start, a.end), (g.start, g.end)) > 0]
        name = actor_name(codebook, g)
        same = [a for a in here if same_actor(name, g.mention, actor_name(codebook, a), a.mention)]
        reason = "found" if any(a.process == g.process for a in same) else "other process" if same else "not marked"
        counts[g.explicit_actor and g.explicit_process, reason] += 1
    print(path.stem)
    _show(counts)


def _show(counts: Counter[tuple[bool, str]]) -> None:
    for explicit in (True, False):
        part = {r: n for (e, r), n in counts.items() if e == explicit}
        print(
            f"{'explicit' if explicit else 'contextual'}: recall {part.get('found', 0) / sum(part.values()):.3f}", part
        )
    for reason in ("found", "other process"):
        print(f"all: {reason} {sum(n for (_, r), n in counts.items() if r == reason) / counts.total():.3f}")


def main() -> None:
    """Print recall and the reasons for what is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--show", type=int, default=0, help="print so many missed annotations of each reason")
    parser.add_argument("--annotator", type=Path, nargs="*", default=[], metavar="FILE", help="what one person marked")
    args = parser.parse_args()
    paths = load_pipeline().paths
    codebook = load(Path(paths.codebook))
    generator = Generator(codebook)
    documents, gold = load_corpus(Path(paths.corpus), Path(paths.gold), codebook)
    by_doc: dict[str, list[Annotation]] = defaultdict(list)
    for annotation in gold:
        by_doc[annotation.doc].append(annotation)
    reasons: Counter[tuple[bool, str]] = Counter()
    missed: dict[str, list[str]] = defaultdict(list)
    total = 0
    for document in documents:
        candidates = list(generator.candidates(document))
        total += len(candidates)
        for a in by_doc[document.id]:
            here = [c for c in candidates if overlap((c.sentence.start, c.sentence.end), (a.start, a.end)) > 0]
            reason = why(here, actor_name(codebook, a), a, bool(candidates))
            explicit = a.explicit_actor and a.explicit_process
            reasons[explicit, reason] += 1
            pairs = sorted({f"{c.actor.name}/{c.process.target}" for c in here})
            missed[reason].append(
                f"{a.doc} [{a.mention}] {a.actor} -> {a.process} {a.stance}: {document.text[a.start : a.end]} {pairs}"
            )
    _show(reasons)
    print(f"{total / len(gold):.2f} candidates per gold pair")
    for path in args.annotator:
        annotator(path, gold, Path(paths.corpus), codebook)
    rng = random.Random(13)
    for reason, lines in missed.items():
        if reason != "found":
            for line in rng.sample(lines, min(args.show, len(lines))):
                print(f"{reason}: {line}")


if __name__ == "__main__":
    main()

"""Does a model read the sentence and not the names? `python -m stance.audit` asks each, and fails those that do not."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from stance import behaviour, cli, corpus, dataset
from stance.behaviour import ReadCases
from stance.candidates import Generator
from stance.codebook import load as load_codebook
from stance.config import Audit, Pipeline, load_pipeline
from stance.io import write_json
from stance.metrics import macro_f1
from stance.models.base import Predictor, Progress, Row, silent, targets
from stance.models.names import NAMES, PRIOR, ActorPrior, NamesModel
from stance.pipeline import RULES, Judge, open_judge
from stance.probes import ACTOR, PROCESS, TWO, Outcome, Probes, against_majority, majorities

EXAMPLES = """  python -m stance.audit                          all models, and two that know only names
  python -m stance.audit --model transformer
  python -m stance.audit --set pipeline.audit.pairs=300"""
Figures = Mapping[str, Any]


@dataclass(frozen=True)
class Questions:
    """What every model is asked: swapped names, short cases, and the test pairs with each actor's usual stance."""

    probes: Probes
    cases: ReadCases
    rows: list[Row]
    usual: dict[str, str]

    def put(self, judge: Judge, gate: Audit) -> Figures:
        """A model's figures as plain values, and what it fails."""
        swaps = self.probes.run(judge)
        predicted = judge.model.predict_proba(self.rows).argmax(1)
        majority = against_majority(self.rows, predicted, self.usual)
        passed = self.cases.run(judge)
        failures = _failures(swaps[ACTOR], majority["all"]["accuracy"] - majority["against"]["accuracy"], gate)
        return {
            "passed": not failures,
            "failures": failures,
            "headline": {
                "flips": swaps[ACTOR].flip_share,
                "process_flips": swaps[PROCESS].flip_share,
                "exchange_flips": swaps[TWO].flip_share,
                "against_majority": majority["against"]["accuracy"],
                "cases": 1 - sum(len(p.failed) for p in passed.values()) / sum(p.cases for p in passed.values()),
            },
            "macro_f1": macro_f1(targets(self.rows), predicted),
            "swaps": {probe: outcome.report() for probe, outcome in swaps.items()},
            "majority": majority,
            "behaviour": {k: asdict(p) | {"rate": p.rate} for k, p in passed.items()},
        }


def _failures(actors: Outcome, gap: float, gate: Audit) -> list[str]:
    out = []
    if actors.pairs == actors.lost:
        out.append("no pair survived an actor swap, so nothing was probed")
    if actors.flip_share > gate.max_flips:
        out.append(f"{actors.flip_share:.1%} of labels change with the actor's name, over {gate.max_flips:.1%}")
    if gap > gate.max_gap:
        out.append(f"accuracy is {gap:.3f} lower against an actor's usual stance, over {gate.max_gap:.3f}")
    return out


def audit(pipeline: Pipeline, names: Sequence[str] = (), report: Progress = silent) -> dict[str, Figures]:
    """Figures of the named models, or of the rules and all that are configured; baselines that know only names first.

    Raises:
        InputError: no data set has been built; ModelError: a model is missing or damaged.
    """
    paths, data = pipeline.paths, Path(pipeline.paths.dataset)
    codebook = load_codebook(Path(paths.codebook))
    generator = Generator(codebook)
    train, test = (dataset.load(data, split).to_list() for split in ("train", "test"))
    documents, _ = corpus.load(Path(paths.corpus), Path(paths.gold), codebook)
    held = [d for d in documents if dataset.split_of(d.id, pipeline.split) == "test"]
    questions = Questions(
        Probes.of(held, generator, pipeline.audit.pairs, pipeline.seed),
        ReadCases.of(behaviour.load(Path(paths.behaviour), codebook), generator),
        [row for row in test if row["source"] != dataset.REVIEW],
        majorities(train),
    )
    controls: dict[str, Predictor] = {PRIOR: ActorPrior(train), NAMES: NamesModel(train, pipeline.seed)}
    judges = {name: Judge(generator, model, name) for name, model in controls.items()}
    for name in names or (RULES, *pipeline.models):
        judges[name] = open_judge(Path(paths.codebook), Path(paths.models), name, pipeline.threads)
    out = {}
    for n, (name, judge) in enumerate(judges.items(), 1):
        out[name] = questions.put(judge, pipeline.audit)
        report("audit", n / len(judges))
    return out


def write(pipeline: Pipeline, audits: Mapping[str, Figures]) -> None:
    """Keep the figures, with the texts of the cases that each model fails, in `metrics/audit.json`."""
    write_json(Path(pipeline.paths.metrics) / "audit.json", {"systems": audits})


def verdict(name: str, figures: Figures) -> str:
    """One line: whether a model passes, and by what."""
    if not figures["passed"]:
        return f"{name} fails the audit: {'; '.join(figures['failures'])}."
    head, overall = figures["headline"], figures["majority"]["all"]["accuracy"]
    return (
        f"{name} passes the audit: {head['flips']:.1%} of labels change with the actor's name; accuracy "
        f"{head['against_majority']:.3f} against an actor's usual stance, {overall:.3f} overall; "
        f"{head['cases']:.0%} of the cases."
    )


def show(pipeline: Pipeline, audits: Mapping[str, Figures]) -> None:
    """Print what each system makes of the probes and of the cases, and a verdict on each trained model."""
    rows = []
    for name, f in audits.items():
        swaps, majority = f["swaps"], f["majority"]
        flips = [f"{swaps[probe]['flip_share']:.1%}" for probe in (ACTOR, PROCESS, TWO)]
        accuracy = [f"{majority[group]['accuracy']:.3f}" for group in ("against", "with", "all")]
        rows.append((name, f"{f['macro_f1']:.3f}", *flips, *accuracy, f"{f['headline']['cases']:.0%}"))
    columns = ("system", "macro F1", "actor", "process", "two actors", "against", "usual", "all", "cases")
    first = next(iter(audits.values()))
    made = ", ".join(f"{o['pairs']} pairs ({o['lost_share']:.1%} lost)" for o in list(first["swaps"].values())[:2])
    title = f"labels that change with a name: actor and process, {made}; two actors told apart, exchanged\n"
    title += "accuracy on pairs with a stance: against the actor's usual one, with it, all"
    cli.table(title, columns, rows)
    by_case = [
        (capability, str(p["cases"]), *(f"{f['behaviour'][capability]['rate']:.0%}" for f in audits.values()))
        for capability, p in first["behaviour"].items()
    ]
    cli.table("cases passed", ("capability", "cases", *audits), by_case)
    for name in pipeline.models:
        if name in audits:
            print(verdict(name, audits[name]))


def _body(args: argparse.Namespace) -> int:
    pipeline = load_pipeline(args.settings)
    with cli.progress(args.quiet) as bars:
        audits = audit(pipeline, [args.model] if args.model else (), bars)
    if not args.model:
        write(pipeline, audits)
    show(pipeline, audits)
    passed = all(audits[name]["passed"] for name in pipeline.models if name in audits)
    return cli.DONE if passed else cli.GATE_FAILED


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point."""
    parser = cli.parser("audit", "Swap names in texts and see which models change their mind.", EXAMPLES)
    parser.add_argument("--model", metavar="NAME", help="only this model, or rules (default: all; writes audit.json)")
    return cli.run("audit", _body, parser.parse_args(argv))


if __name__ == "__main__":
    sys.exit(main())

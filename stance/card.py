"""A model card from a model's manifest and figures: what it is, how good, and where it fails."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stance.records import LABELS, STANCES
from stance.registry import Manifest

SLICES = (("process", "by_process"), ("actor kind", "by_actor_kind"), ("pair", "by_explicitness"))
FEW = 50  # candidates; the score of a smaller part is mostly chance


def summary(name: str, figures: Mapping[str, Any]) -> str:
    """One line: the headline score with its interval."""
    return (
        f"{name}: macro F1 {figures['macro_f1']:.3f} over the three stances "
        f"(95% interval {figures['macro_f1_low']:.3f} to {figures['macro_f1_high']:.3f}, documents resampled)"
    )


def weakest(figures: Mapping[str, Any]) -> str:
    """One line: the stance, and of each way to slice the candidates the part, that the model reads worst."""
    stance = min(STANCES, key=lambda s: float(figures["classes"][s]["f1"]))
    said = [f"{stance} (F1 {figures['classes'][stance]['f1']:.3f})"]
    for title, key in SLICES:
        parts = {k: v["macro_f1"] for k, v in figures[key].items() if v["examples"] >= FEW}
        if parts:
            worst = min(parts, key=lambda k: float(parts[k]))
            said.append(f"{title} {worst} ({parts[worst]:.3f})")
    return f"Weakest: {', '.join(said)}."


def overview(systems: Mapping[str, Mapping[str, Any]], champion: str) -> str:
    """What the paired tests say, and all systems' figures as a Markdown table, the champion's name in bold."""
    lines = [
        f"{name} against {other}: {test['difference']:+.3f} macro F1, p = {test['p']:.4f} (paired, by document)."
        for name, f in systems.items()
        for other, test in f.get("against", {}).items()
    ]
    lines += ["", f"| system | macro F1 | 95% interval | {' | '.join(STANCES)} |"]
    lines.append("| --- | ---: | --- " + "| ---: " * len(STANCES) + "|")
    for name, f in systems.items():
        cells = [f"**{name}**" if name == champion else name, f"{f['macro_f1']:.3f}"]
        cells += [f"{f['macro_f1_low']:.3f} to {f['macro_f1_high']:.3f}"]
        cells += [f"{f['classes'][s]['f1']:.3f}" for s in STANCES]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _slice(title: str, groups: Mapping[str, Mapping[str, float]]) -> list[str]:
    lines = ["", f"| {title} | examples | macro F1 |", "| --- | ---: | ---: |"]
    return lines + [f"| {k} | {v['examples']} | {v['macro_f1']:.3f} |" for k, v in groups.items()]


def render(name: str, manifest: Manifest, figures: Mapping[str, Any]) -> str:
    """The card in Markdown."""
    lines = [
        f"# {manifest.version}",
        "",
        summary(name, figures) + ".",
        "",
        weakest(figures),
        "",
        "Judges the stance that a sentence attributes to an actor toward a peace process, with all names masked.",
        "Probabilities are calibrated on the validation documents: expected calibration error on the test",
        f"documents {figures['calibration_error']:.3f}, where a stance is predicted "
        f"{figures['calibration_error_stances']:.3f}.",
        "",
        "| class | precision | recall | F1 | gold |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for label in LABELS:
        c = figures["classes"][label]
        lines.append(f"| {label} | {c['precision']:.3f} | {c['recall']:.3f} | {c['f1']:.3f} | {c['gold']} |")
    if "end_to_end" in figures:
        e = figures["end_to_end"]
        lines += [
            "",
            f"End to end on raw documents: pairs F1 {e['pairs']['f1']:.3f}, triples F1 {e['triples']['f1']:.3f}.",
        ]
    if "audit" in figures:
        a = figures["audit"]
        lines += [
            "",
            f"Audit: {a['flips']:.1%} of labels change with the actor's name; accuracy {a['against_majority']:.3f}",
            f"where an actor does not take its usual stance; {a['cases']:.0%} of the behavioural cases.",
        ]
    for title, key in SLICES:
        lines += _slice(title, figures[key])
    lines += [
        "",
        f"Trained on the project's own corpus (data {manifest.data}, codebook {manifest.codebook}). English news of",
        "2012 to 2021. Not to be used to decide anything about a person; a position needs its sentences read.",
    ]
    return "\n".join(lines) + "\n"

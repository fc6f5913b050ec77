"""The audit tells a model that reads from one that knows the names, and only the first can be champion."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from stance import audit, behaviour, evaluate, registry
from stance.candidates import Generator
from stance.codebook import Codebook, load
from stance.errors import ConfigError
from stance.models.base import Probabilities, Row, one_hot
from stance.models.names import ActorPrior, NamesModel
from stance.pipeline import Judge, open_judge
from stance.probes import ACTOR, PROBES, PROCESS, TWO, Outcome, Probes, against_majority, majorities
from stance.records import LABELS, Document
from stance.swaps import Text, actor_swaps, exchanges, process_swaps
from tests.conftest import ROOT

DAY = datetime.date(2018, 1, 20)
TEXTS = (
    "Turkey said an Iranian diplomat had left Syria. Turkey welcomed the Geneva talks on Syria.",
    "France's minister welcomed the Sochi congress on Syria. A French official refused to say more.",
    "Jordan refused to attend the Geneva talks on Syria. Jordanian officials welcomed nothing in Geneva.",
    "Egypt welcomed the Sochi congress on Syria, but Qatar refused to attend.",
    "Iraq refused to attend the Geneva talks on Syria, but Lebanon welcomed them.",
)


@pytest.fixture(scope="module")
def codebook() -> Codebook:
    return load(ROOT / "configs/codebook.yaml")


@pytest.fixture(scope="module")
def generator(codebook: Codebook) -> Generator:
    return Generator(codebook)


def documents(*texts: str) -> list[Document]:
    return [Document(f"d{n}", text, DAY) for n, text in enumerate(texts)]


def read(generator: Generator, *texts: str) -> list[Text]:
    return [Text.read(document, generator) for document in documents(*texts)]


class Reader:
    """Judges by what the marked actor does up to the next comma."""

    def predict_proba(self, rows: Sequence[Row]) -> Probabilities:
        def label(marked: str) -> str:
            clause = re.search(r"\[ACTOR\][^,]*", marked)
            words = clause.group() if clause else ""
            return "boycotting" if "refused" in words else "supportive" if "welcomed" in words else "none"

        return one_hot([label(row["marked"]) for row in rows])


class Cheat:
    """Judges by the names of actor and process alone."""

    def predict_proba(self, rows: Sequence[Row]) -> Probabilities:
        return one_hot([LABELS[sum(map(ord, row["actor"] + row["process"])) % 4] for row in rows])


def test_an_actor_is_replaced_in_all_his_forms(generator: Generator) -> None:
    texts = read(
        generator,
        "A Turkish envoy flew to Syria. Turkey's envoy praised the Geneva talks.",
        "Iran left Syria's Geneva talks.",
    )
    swaps = actor_swaps(texts, generator, 100, 13)
    after = {
        s.before.sentence.text: s.after.sentence.text for s in swaps if s.after and s.before.actor.target == "turkey"
    }
    assert after == {
        "A Turkish envoy flew to Syria.": "An Iranian envoy flew to Syria.",
        "Turkey's envoy praised the Geneva talks.": "Iran's envoy praised the Geneva talks.",
    }
    assert {(s.after.actor.target, s.after.process.target) for s in swaps if s.after and s.before.actor.target == "turkey"} == {("iran", "geneva")}  # fmt: skip


def test_the_places_of_two_processes_are_exchanged(generator: Generator) -> None:
    (text,) = read(generator, "Turkey prefers the Sochi congress on Syria to the talks in Geneva.")
    for swap in process_swaps([text], generator, 100, 13):
        assert swap.after
        assert swap.after.process.target != swap.before.process.target
        assert swap.after.actor.target == "turkey"
        assert "Sochi" in swap.after.sentence.text or swap.before.process.target == "sochi"
        assert swap.after.sentence.text != text.document.text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Turkey praised the Sochi congress on Syria, the HNC did not.", "The HNC praised the Sochi congress on Syria, Turkey did not."),
        ("The HNC praised the Sochi congress, but Iran's envoy did not.", "Iran praised the Sochi congress, but the HNC's envoy did not."),
    ],
)  # fmt: skip
def test_two_actors_change_places_with_their_articles(generator: Generator, before: str, after: str) -> None:
    ((first, second),) = exchanges(read(generator, before), generator, 100, 13)
    assert first.after and second.after
    assert first.after.sentence.text == after
    assert first.after.actor.target == second.before.actor.target
    assert first.after.marked.index("[ACTOR]") < first.after.marked.index("[OTHER]")


def test_persons_and_plurals_are_not_exchanged_with_states(generator: Generator) -> None:
    texts = (
        "Lavrov met Turkey before the Sochi congress on Syria.",
        "Turkey met the rebels before the Sochi congress.",
    )
    assert exchanges(read(generator, *texts), generator, 100, 13) == []


def test_a_reader_passes_and_a_cheat_fails(generator: Generator) -> None:
    probes = Probes.of(documents(*TEXTS), generator, 100, 13)
    reader, cheat = (probes.run(Judge(generator, model, "m")) for model in (Reader(), Cheat()))
    assert {probe: reader[probe].flips for probe in PROBES} == dict.fromkeys(PROBES, 0)
    assert reader[ACTOR].pairs == cheat[ACTOR].pairs >= 8
    assert reader[TWO].pairs == 4
    assert cheat[ACTOR].flip_share > 0.5
    assert cheat[PROCESS].flip_share > 0.3
    assert cheat[TWO].flip_share == 1.0


def test_an_outcome_counts_lost_pairs_apart() -> None:
    outcome = Outcome.of([("none", "none"), ("none", None), ("supportive", "boycotting"), ("supportive", "supportive")])
    assert outcome == Outcome(pairs=4, lost=1, flips=1)
    assert (outcome.lost_share, outcome.flip_share) == (0.25, 1 / 3)
    assert (Outcome(2, 2, 0).flip_share, Outcome(0, 0, 0).lost_share) == (0.0, 0.0)


def rows(*pairs: tuple[str, str]) -> list[Row]:
    common = {"process": "sochi", "actor_kind": "state", "weight": 1.0}
    return [{"actor": actor, "label": label, **common} for actor, label in pairs]


TRAIN = rows(*[("Iran", "supportive")] * 3, ("Iran", "boycotting"), *[("Iran", "none")] * 9, *[("France", "skeptical")] * 4, ("Oman", "none"))  # fmt: skip


def test_accuracy_against_the_usual_stance() -> None:
    usual = majorities(TRAIN)
    assert usual == {"Iran": "supportive", "France": "skeptical"}
    test = rows(("Iran", "supportive"), ("Iran", "boycotting"), ("France", "supportive"), ("Oman", "skeptical"), ("Iran", "none"))  # fmt: skip
    predicted = np.array(
        [LABELS.index(label) for label in ("supportive", "boycotting", "skeptical", "skeptical", "none")]
    )
    found = against_majority(test, predicted, usual)
    assert {name: (group["pairs"], group["accuracy"]) for name, group in found.items()} == {
        "all": (4, 0.75), "with": (1, 1.0), "against": (2, 0.5)
    }  # fmt: skip


def test_baselines_that_know_only_names() -> None:
    test = rows(("Iran", "none"), ("France", "none"), ("Cuba", "none"))
    assert [LABELS[i] for i in ActorPrior(TRAIN).predict_proba(test).argmax(1)] == ["none", "skeptical", "none"]
    probabilities = NamesModel(TRAIN, 13).predict_proba(test)
    assert LABELS[probabilities[1].argmax()] == "skeptical"
    assert probabilities.sum(1) == pytest.approx(1)
    assert NamesModel(TRAIN, 13).predict_proba([]).shape == (0, len(LABELS))


CASES = """\
capabilities:
  - name: negation
    says: A negated refusal is no refusal.
    cases:
      - date: 2018-01-20
        text: Turkey welcomed the Sochi congress on Syria.
        expect:
          - {actor: Turkey, process: sochi, label: supportive}
"""


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("actor: Turkey", "actor: Turkye", r"cases.yaml:8: 'Turkye' is not the name of an actor who holds positions"),
        ("actor: Turkey", "actor: Sergei Lavrov", r"cases.yaml:8: 'Sergei Lavrov' is not the name"),
        ("process: sochi", "process: oslo", r"cases.yaml:8: 'oslo' is not a process of the codebook \(sochi, "),
        ("label: supportive", "label: neutral", r"cases.yaml:8: capabilities.0.cases.0.expect.0.label: Input should be"),
        ("says:", "sais:", r"cases.yaml:\d+: (missing key|unknown key) 'capabilities.0.sa"),
        ("expect:", "expect: []\n        was:", r"cases.yaml:\d+: "),
        ("    cases:", "    cases: []\n    was:", r"cases.yaml:\d+: "),
        ("label: supportive}", "label: supportive}\n          - {actor: Turkey, process: sochi, label: none}", r"cases.yaml:9: Turkey toward sochi is expected twice"),
    ],
)  # fmt: skip
def test_a_broken_case_is_named(codebook: Codebook, tmp_path: Path, old: str, new: str, message: str) -> None:
    path = tmp_path / "cases.yaml"
    path.write_text(CASES, encoding="utf-8")
    assert behaviour.load(path, codebook).capabilities[0].cases[0].expect[0].label == "supportive"
    path.write_text(CASES.replace(old, new), encoding="utf-8")
    with pytest.raises(ConfigError, match=message):
        behaviour.load(path, codebook)


def test_a_case_passes_only_if_every_pair_is_right(codebook: Codebook, generator: Generator, tmp_path: Path) -> None:
    path = tmp_path / "cases.yaml"
    more = """\
      - date: 2018-01-20
        text: Turkey welcomed the Sochi congress on Syria, Iran did not.
        expect:
          - {actor: Turkey, process: sochi, label: supportive}
          - {actor: Iran, process: sochi, label: none}
      - date: 2018-01-20
        text: Turkey refused to attend the Sochi congress on Syria.
        expect: [{actor: Turkey, process: sochi, label: skeptical}]
      - date: 2018-01-20
        text: Turkey welcomed the Sochi congress on Syria.
        expect: [{actor: Turkey, process: sochi, label: none}]
"""
    path.write_text(CASES + more, encoding="utf-8")
    cases = behaviour.ReadCases.of(behaviour.load(path, codebook), generator)
    passed = cases.run(Judge(generator, Reader(), "reader"))["negation"]
    assert passed.failed == ("Turkey refused to attend the Sochi congress on Syria.", "Turkey welcomed the Sochi congress on Syria.")  # fmt: skip
    assert passed.rate == 0.5


def test_reading_finds_every_stance_that_the_cases_expect(codebook: Codebook, generator: Generator) -> None:
    cases = behaviour.load(ROOT / "data/behaviour.yaml", codebook)
    assert len(cases.capabilities) >= 12
    assert min(len(c.cases) for c in cases.capabilities) >= 8
    missed = []
    for _, case, candidates in behaviour.ReadCases.of(cases, generator).found:
        found = {(c.actor.name, c.process.target) for c in candidates}
        missed += [(case.text, e.actor) for e in case.expect if e.label != "none" and (e.actor, e.process) not in found]
    assert missed == []


STRICT = ("--set=pipeline.audit.pairs=40", "--set=pipeline.audit.max_flips=0.3", "--set=pipeline.audit.max_gap=1.0",
          "--set=pipeline.evaluation.bootstrap=50", "--set=pipeline.evaluation.permutations=50",
          "--set=pipeline.split.test=0.3", "--set=pipeline.split.validation=0.2",
          "--set=pipeline.tracking.enabled=false", "--quiet")  # fmt: skip


def cheating(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """Let the named models cheat in the audit."""

    def opened(codebook: Path, models: Path, name: str, threads: int) -> Judge:
        judge = open_judge(codebook, models, name, threads)
        return Judge(judge.generator, Cheat(), "cheat") if name in names else judge

    monkeypatch.setattr(audit, "open_judge", opened)


def test_the_audit_prints_what_it_writes(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert audit.main(STRICT) == 0
    out = capsys.readouterr().out
    assert "tfidf passes the audit" in out and "transformer passes the audit" in out and "rival praise" in out
    systems = json.loads((project / "metrics/audit.json").read_text())["systems"]
    assert list(systems) == ["actor prior", "names only", "rules", "tfidf", "transformer"]
    assert systems["names only"]["swaps"][ACTOR]["flip_share"] > 0.3
    assert systems["names only"]["passed"] is False


def test_one_model_alone_leaves_the_figures_as_they_are(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (project / "metrics/audit.json").read_text()
    assert audit.main([*STRICT, "--model", "tfidf"]) == 0
    assert "transformer" not in capsys.readouterr().out
    assert (project / "metrics/audit.json").read_text() == before
    assert audit.main([*STRICT, "--model", "oracle"]) == 2
    assert "models/oracle: no such model" in capsys.readouterr().err


def test_a_cheat_fails_the_audit_and_is_not_champion(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    cheating(monkeypatch, "transformer")
    assert audit.main(STRICT) == 1
    assert re.search(
        r"transformer fails the audit: \d+\.\d% of labels change with the actor's name", capsys.readouterr().out
    )
    assert evaluate.main(STRICT) == 0
    assert "transformer fails the audit" in capsys.readouterr().out
    assert registry.current(project / "models") == "tfidf"
    cheating(monkeypatch, "tfidf")
    assert evaluate.main(STRICT) == 0
    assert registry.current(project / "models") == "transformer"


def test_without_an_honest_model_there_is_no_new_champion(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = registry.current(project / "models")
    cheating(monkeypatch, "tfidf", "transformer")
    assert evaluate.main(STRICT) == 1
    assert capsys.readouterr().err.startswith("stance.evaluate: error: no model passes the audit")
    assert registry.current(project / "models") == before
    assert not json.loads((project / "metrics/audit.json").read_text())["systems"]["tfidf"]["passed"]

"""A small history with a known shift, and one headless Chromium for all tests of the page."""

from __future__ import annotations

import datetime
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, Request, sync_playwright

from stance.page import html
from stance.records import STANCES, Stance
from stance.statements import Statement
from tests.conftest import ROOT

Write = Callable[[Sequence[Statement]], Path]


def statement(**fields: Any) -> Statement:
    """A statement whose offsets fit its texts, in a paragraph of three sentences."""
    actor, stance = fields.get("actor", "Turkey"), fields.get("stance", "supportive")
    mention = fields.get("mention", actor)
    text = fields.get("text", f"{mention} spoke of the talks.")
    start = 100 + len("Before it. ")
    at = text.find(mention) if mention else -1
    likely = fields.get("confidence", 0.9)
    rest = [(1 - likely) / 3] * 4
    rest[STANCES.index(stance)] = likely
    given: dict[str, Any] = {
        "doc": "doc-1",
        "date": None,
        "outlet": None,
        "process": "sochi",
        "model": "gone@000000000000",
        "actor": actor,
        "stance": stance,
        "mention": mention,
        "text": text,
        "start": start,
        "end": start + len(text),
        "mention_start": None if at < 0 else start + at,
        "mention_end": None if at < 0 else start + at + len(mention),
        "confidence": likely,
        "probabilities": tuple(rest),
        "paragraph": f"Before it. {text} After it.",
        "paragraph_start": 100,
    }
    return Statement(**given | fields)


def history() -> list[Statement]:
    """Turkey turns from Sochi at the end of 2017 (60); Russia backs Astana, undated (5); a speaker unnamed (3)."""
    out: list[Statement] = []
    for n in range(60):
        stance: Stance = "supportive" if n < 30 else "boycotting"
        out.append(
            statement(
                doc=f"turkey-{n}",
                date=datetime.date(2017 + n // 30, 1 + (n % 30) // 3, 1 + n % 3),
                outlet="Levant Wire" if n % 2 else "Gulf Bulletin",
                stance=stance,
                confidence=0.95 if n % 3 else 0.6,
                text=f"Number {n}: Turkey is {stance}.",
            )
        )
    out += [
        statement(actor="Russia", process="astana", doc=f"russia-{n}", text=f"Russia 🕊 backs it, {n}.")
        for n in range(5)
    ]
    out += [
        statement(actor="Syrian opposition", process="geneva", stance="skeptical", mention="it", mention_start=5, mention_end=7,
                  doc=f"opposition-{n}", date=datetime.date(2018, 3, 1), text=f"Nobody expected much, {n}.")
        for n in range(3)
    ]  # fmt: skip
    return out


@pytest.fixture(scope="session")
def write(tmp_path_factory: pytest.TempPathFactory) -> Write:
    """Write a page of some statements, with the project's models at hand."""
    folder = tmp_path_factory.mktemp("pages")

    def written(found: Sequence[Statement]) -> Path:
        path = folder / f"{len(list(folder.iterdir()))}.html"
        html.write(found, path, ROOT / "models", folder / "no-evaluation.json")
        return path

    return written


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("no Chromium here: install it, or name it in the variable CHROMIUM")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield opened
        opened.close()


@dataclass
class Watched:
    """A page in the browser, and all that it did that it should not have done."""

    page: Page
    faults: list[str] = field(default_factory=list)

    def texts(self, selector: str) -> list[str]:
        return [text or "" for text in self.page.locator(selector).all_text_contents()]

    def cell(self, name: str) -> Any:
        """The mark of the matrix that is named so."""
        return self.page.locator(f'#matrix path[aria-label^="{name}"]')

    def settled(self, count: int) -> None:
        """Wait until so many statements pass the filters, in the matrix too."""
        self.page.wait_for_selector(f'html[data-counted="{count}"]', state="attached", timeout=10_000)


Open = Callable[..., Watched]


def watch(one: Watched) -> None:
    """Note what the page asks for, throws, says on its console (a blocked load does), or opens."""

    def requested(request: Request) -> None:
        if not request.url.startswith("file:"):
            one.faults.append(f"asked for {request.url}")

    def asked(dialog: Dialog) -> None:
        one.faults.append(f"dialog {dialog.message}")
        dialog.dismiss()

    one.page.on("request", requested)
    one.page.on("dialog", asked)
    one.page.on("pageerror", lambda e: one.faults.append(f"error {e}"))
    one.page.on("console", lambda m: one.faults.append(f"console {m.text}"))
    one.page.on("popup", lambda p: one.faults.append(f"popup {p.url}"))


@pytest.fixture
def opened(browser: Browser) -> Iterator[Open]:
    """Open a page; at the end, nothing may have been asked of the network, thrown, blocked, or run."""
    contexts: list[BrowserContext] = []
    watched: list[Watched] = []

    def open_page(path: Path, **context: Any) -> Watched:
        contexts.append(browser.new_context(**{"viewport": {"width": 1400, "height": 900}} | context))
        one = Watched(contexts[-1].new_page())
        watched.append(one)
        watch(one)
        one.page.goto(path.as_uri())
        one.page.wait_for_selector("html[data-ready]", state="attached", timeout=30_000)
        return one

    yield open_page
    found = [fault for one in watched for fault in one.faults]
    ran = [one.page.evaluate("window.pwned") for one in watched]
    for context in contexts:
        context.close()
    assert found == []
    assert ran == [None] * len(ran)


@pytest.fixture(scope="session")
def small(write: Write) -> Path:
    """The page of the small history."""
    return write(history())

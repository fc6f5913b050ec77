"""Text of documents that tries to run: in every field it is shown as it is, and nothing runs or leaves the page.

The fixture `opened` fails a test in which anything was asked of the network, blocked, thrown, or `pwned` was set.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from stance.statements import Statement
from tests.page.conftest import Open, Write, statement

PAYLOADS = (
    "<script>window.pwned=1</script>",
    "</script><script>window.pwned=1</script>",
    "</SCRIPT ><img src=x onerror=window.pwned=1>",
    "</style><script>window.pwned=1</script>",
    "</title></head><body onload=window.pwned=1>",
    "<img src=x onerror=window.pwned=1>",
    "<svg onload=window.pwned=1>",
    "<svg><script href=https://example.org/x.js></script></svg>",
    "<iframe srcdoc='<script>parent.pwned=1</script>'></iframe>",
    "<a href=javascript:window.pwned=1>read</a>",
    "javascript:window.pwned=1",
    "data:text/html,<script>window.pwned=1</script>",
    "<meta http-equiv=refresh content='0;url=https://example.org'>",
    "<base href=https://example.org/><link rel=stylesheet href=x.css>",
    "<style>@import url(https://example.org/x.css)</style>",
    "<!--<script>window.pwned=1",
    "--><script>window.pwned=1</script><!--",
    "]]><script>window.pwned=1</script>",
    "&lt;script&gt;window.pwned=1&lt;/script&gt;",
    "&#60;script&#62; &amp &nosuch; &#x110000; &",
    "\u2028window.pwned=1\u2029//",
    "{{ self.__init__.__globals__ }} {% raw %} {{7*7}}",
    "${window.pwned=1} `${window.pwned=1}` $(id)",
    '"}];window.pwned=1;//',
    "';window.pwned=1;'",
    "\\u003cscript\\u003ewindow.pwned=1\\u003c/script\\u003e",
    "datum.constructor.constructor('window.pwned=1')()",
    "__proto__",
    "constructor",
    "\u202egnitirw desrever\u202c 🕊 \ud800 \x00\x1b[31m",
    "x\" onmouseover=\"window.pwned=1\" style=\"background:url(https://example.org/)",
)  # fmt: skip


def hostile() -> list[Statement]:
    return [
        statement(text=f"So said {p}, twice.", mention=p, actor=p, process=p, outlet=p, doc=p, model=p, paragraph=f"{p} So said {p}, twice. {p}")
        for p in PAYLOADS
    ]  # fmt: skip


@pytest.fixture(scope="module")
def page(write: Write) -> Path:
    found = [
        statement(
            **{name: getattr(s, name) for name in ("text", "mention", "actor", "process", "outlet", "doc", "model")}
        )
        for s in hostile()
    ]
    return write(found)


def literal(text: str) -> str:
    """As a browser gives it back: a lone surrogate has no character."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def test_every_payload_is_shown_as_it_is(page: Path, opened: Open) -> None:
    one = opened(page)
    marks, mentions, sources = (one.texts(f"#statements {kind}") for kind in ("mark", ".mention", ".source"))
    shown = {literal(f"So said {p}, twice.") for p in PAYLOADS}
    assert {literal(text) for text in marks} == shown
    assert {literal(text) for text in mentions} == {literal(p) for p in PAYLOADS}
    assert {literal(text) for text in sources} == {literal(f"undated · {p} · {p}") for p in PAYLOADS}
    assert {literal(text) for text in one.texts("#statements .claim strong:first-of-type")} == {
        literal(p) for p in PAYLOADS
    }
    assert {text.removesuffix(" (1)") for text in map(literal, one.texts("#who option"))} == {
        literal(p) for p in PAYLOADS
    }
    models = "\n".join(one.texts("#models h3"))
    assert all(p in models for p in PAYLOADS if p.isprintable())


def test_nothing_runs_wherever_one_clicks(page: Path, opened: Open) -> None:
    one = opened(page)
    one.page.get_by_role("button", name=f"Show all {len(PAYLOADS)} actors").click()
    one.page.locator("#as-table summary").click()
    for pick in ("Actors", "Processes", "Outlets"):
        one.page.locator("summary", has_text=pick).click()
        one.page.wait_for_selector(f".pick[open] label >> nth={len(PAYLOADS) - 1}")
    one.page.keyboard.press("Escape")
    for chart in ("matrix", "network"):
        for mark in one.page.locator(f"#{chart} path[aria-label]").all()[:40]:
            mark.dispatch_event("click")
            mark.dispatch_event("pointermove")
    for n in range(len(PAYLOADS)):
        one.page.locator("#who").select_option(index=n)
    rows = one.page.locator("#table tbody th button")
    assert rows.count() == 25
    rows.first.click()
    assert one.page.locator("iframe, object, embed, base, a:not(.skip), img, link").count() == 0
    assert one.page.locator("script").count() == 4  # the library, our own, and what charts and models hold


def test_outlets_that_differ_run_nothing(write: Write, opened: Open) -> None:
    outlets = PAYLOADS[1], PAYLOADS[30]
    found = [
        statement(actor=p, process=p, outlet=p_, stance=stance, doc=f"{p_}{n}", text=f"{p_} {n} said {p}", mention=p)
        for p in (PAYLOADS[5],)
        for p_, stance in zip(outlets, ("supportive", "boycotting"), strict=True)
        for n in range(20)
    ]
    one = opened(write(found))
    one.page.locator("[name=differing][value=all]").check()
    assert sorted(one.texts("#differences th")) == sorted(f"{outlet} (20)" for outlet in outlets)
    assert PAYLOADS[5] in one.texts("#differences h3")[0]
    for button in one.page.locator("#differences button").all():
        button.click()
    assert len(one.texts("#statements article")) == 40


def test_the_policy_lets_through_its_own_scripts_alone(page: Path, opened: Open) -> None:
    one = opened(page)
    one.page.evaluate("""() => {
        const script = document.createElement('script');
        script.textContent = 'window.pwned = 1';
        document.body.append(script);
        const image = document.createElement('img');
        image.setAttribute('onerror', 'window.pwned = 1');
        document.body.append(image);
    }""")
    assert one.page.evaluate("window.pwned") is None
    blocked = [fault for fault in one.faults if "Content Security Policy" in fault]
    assert len(blocked) == 2
    one.faults.clear()

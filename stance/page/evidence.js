// The sentences behind what was chosen, in their paragraphs. Text from documents is only ever set as text.

const PAGE = 50;
const evidence = { rows: [], only: null, shown: PAGE, back: null };
const $ = (id) => document.getElementById(id);

function make(tag, text, kind) {
  const node = document.createElement(tag);
  if (text !== undefined) node.textContent = text;
  if (kind) node.className = kind;
  return node;
}

function badge(stance) {
  return make("span", `${SIGNS[stance]} ${data.stances[stance]}`, `badge ${data.stances[stance]}`);
}

/** The paragraph with the sentence and, in it, the mention marked. */
function quote(row, { paragraphs, mentions, rows }) {
  const [paragraph, start, end, from, to, mention] = rows[row];
  const text = paragraphs[paragraph];
  const block = make("blockquote");
  block.dir = "auto";
  const inside = from >= start && to <= end && from >= 0;
  const cuts = [[0, start, null], [start, inside ? from : end, "mark"]];
  if (inside) cuts.push([from, to, "mention"], [to, end, "mark"]);
  cuts.push([end, text.length, null]);
  let sentence = null;
  for (const [a, b, kind] of cuts) {
    if (a >= b) continue;
    if (!kind) {
      block.append(text.slice(a, b));
      continue;
    }
    if (!sentence) block.append((sentence = make("mark")));
    sentence.append(kind === "mention" ? make("b", text.slice(a, b), "mention") : text.slice(a, b));
  }
  if (!inside) {
    const words = mention >= 0 ? mentions[mention] : text.slice(from, to);
    const note = words ? `The actor is named elsewhere: “${words}”.` : "The sentence does not name the actor.";
    return [block, make("p", note, "aside")];
  }
  return [block];
}

function statement(row, unpacked) {
  const c = data.columns;
  const node = make("article", undefined, "statement");
  const head = make("p", undefined, "claim");
  head.append(badge(c.stance[row]), " ", make("strong", data.names.actor[c.actor[row]]), " → ",
    make("strong", title(data.names.process[c.process[row]])), make("span", percent(c.confidence[row] / 1000), "sure"));
  head.lastChild.title = "the model’s confidence";
  const source = [when(c.day[row]), c.outlet[row] < 0 ? null : data.names.outlet[c.outlet[row]], data.names.doc[c.doc[row]]];
  node.append(head, ...quote(row, unpacked), make("p", source.filter(Boolean).join(" · "), "source"));
  return node;
}

/** Show the statements of some rows in the panel; `back` is where the focus returns on closing. */
async function showEvidence(name, rows, note, focus = true) {
  if (focus) evidence.back = document.activeElement;
  Object.assign(evidence, { rows, only: null, shown: PAGE, note });
  document.body.classList.add("reading");
  $("evidence-title").textContent = name;
  await renderEvidence();
  $("evidence").scrollTop = 0;
  if (focus) $("evidence-title").focus({ preventScroll: matchMedia("(min-width: 1100px)").matches });
}

async function renderEvidence() {
  const unpacked = await texts;
  const c = data.columns;
  const counts = data.stances.map((_, s) => evidence.rows.filter((i) => c.stance[i] === s).length);
  const rows = evidence.rows.filter((i) => evidence.only === null || c.stance[i] === evidence.only);
  const time = (i, missing) => c.day[i] ?? missing;
  rows.sort({
    confidence: (a, b) => c.confidence[b] - c.confidence[a],
    new: (a, b) => time(b, -Infinity) - time(a, -Infinity),
    old: (a, b) => time(a, Infinity) - time(b, Infinity),
  }[$("order").value]);
  $("evidence-note").textContent = evidence.note || "";
  $("evidence-tools").hidden = !evidence.rows.length;
  const only = [[null, `all ${whole.format(evidence.rows.length)}`], ...counts.map((n, s) => [s, `${SIGNS[s]} ${whole.format(n)}`])];
  $("only").replaceChildren(...only.map(([stance, text]) => {
    const button = make("button", text);
    button.type = "button";
    button.setAttribute("aria-pressed", String(evidence.only === stance));
    if (stance !== null) button.setAttribute("aria-label", `only ${data.stances[stance]}, ${counts[stance]}`);
    button.disabled = stance !== null && !counts[stance];
    button.addEventListener("click", async () => {
      Object.assign(evidence, { only: stance, shown: PAGE });
      await renderEvidence();
      $("only").children[stance === null ? 0 : stance + 1].focus();
    });
    return button;
  }));
  $("statements").replaceChildren(...rows.slice(0, evidence.shown).map((i) => statement(i, unpacked)));
  const rest = rows.length - evidence.shown;
  $("more-statements").hidden = rest <= 0;
  $("more-statements").textContent = `${Math.min(PAGE, rest)} more of ${whole.format(rest)}`;
}

/** Back to all statements that pass the filters. */
function allEvidence() {
  document.body.classList.remove("reading");
  choose(null);
  Object.assign(evidence, { rows: [...rows], only: null, shown: PAGE, note: "All that pass the filters. Choose a cell, a period, a change or a line to read only what is behind it." });
  $("evidence-title").textContent = "Evidence";
  return renderEvidence();
}

function closeEvidence() {
  if (!document.body.classList.contains("reading")) return;
  allEvidence();
  if (evidence.back && evidence.back.isConnected) evidence.back.focus();
}

function wireEvidence() {
  $("close").addEventListener("click", closeEvidence);
  $("order").addEventListener("change", renderEvidence);
  $("more-statements").addEventListener("click", async () => {
    const first = evidence.shown;
    evidence.shown += PAGE;
    await renderEvidence();
    const next = $("statements").children[first];
    next.tabIndex = -1;
    next.focus();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const open = event.target.closest?.("details.pick[open]");
    if (open) {
      open.open = false;
      open.querySelector("summary").focus();
    } else closeEvidence();
  });
}

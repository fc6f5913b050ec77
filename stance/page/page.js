// The filters, and what follows from them.

const ROWS = 25; // actors in the matrix, positions in the table, before "more" is asked for
let groups = new Map(); // what passes the filters, by actor and process
let rows = [];
let limits = { actors: ROWS, positions: ROWS };
let sorting = { by: "n", down: true };

/** One group of check boxes: which values of a field are let through; none ticked lets all through. */
function wirePick(details) {
  const field = details.dataset.field;
  const summary = details.querySelector("summary");
  const plain = summary.textContent;
  const box = make("div", undefined, "options");
  const find = make("input");
  Object.assign(find, { type: "search", placeholder: "Find", autocomplete: "off" });
  find.setAttribute("aria-label", `Find in ${plain.toLowerCase()}`);
  const list = make("div", undefined, "list");
  list.setAttribute("role", "group");
  list.setAttribute("aria-label", plain);
  const all = busiest(data.columns.stance.keys(), field);
  const label = field === "process" ? title : (name) => name;
  const options = all.map(([id, n]) => {
    const option = make("label");
    const tick = make("input");
    Object.assign(tick, { type: "checkbox", value: String(id) });
    option.append(tick, make("span", label(data.names[field][id])), make("small", whole.format(n)));
    tick.addEventListener("change", () => {
      state[field][tick.checked ? "add" : "delete"](id);
      refresh();
    });
    return option;
  });
  details.addEventListener("toggle", () => list.childElementCount || list.append(...options), { once: true });
  find.addEventListener("input", () => {
    const words = find.value.toLowerCase();
    options.forEach((option) => (option.hidden = !option.children[1].textContent.toLowerCase().includes(words)));
  });
  if (all.length > 8) box.append(find);
  box.append(list);
  details.append(box);
  const say = () => {
    const [first] = state[field];
    summary.textContent = !state[field].size ? plain : state[field].size === 1 ? label(data.names[field][first]) : `${plain}: ${state[field].size}`;
    details.classList.toggle("set", state[field].size > 0);
  };
  document.addEventListener("pointerdown", (event) => details.contains(event.target) || (details.open = false));
  return { say, clear: () => { state[field].clear(); options.forEach((o) => (o.firstChild.checked = false)); } };
}

function wireFilters() {
  const picks = [...document.querySelectorAll("details.pick")].map(wirePick);
  const days = data.columns.day.filter((d) => d !== null);
  const [first, last] = days.length ? [days.reduce((a, b) => Math.min(a, b)), days.reduce((a, b) => Math.max(a, b))] : [0, 0];
  data.extent = [first, last];
  for (const id of ["from", "to"]) {
    const iso = (day) => new Date(day * DAY).toISOString().slice(0, 10);
    Object.assign($(id), { min: iso(first), max: iso(last), disabled: !days.length });
    $(id).addEventListener("change", () => {
      state[id] = $(id).value ? Date.parse($(id).value) / DAY : null;
      refresh();
    });
  }
  $("least").addEventListener("input", () => {
    state.least = 10 * $("least").value;
    $("least-said").textContent = `${$("least").value}%`;
    refresh();
  });
  $("filters").addEventListener("submit", (event) => event.preventDefault());
  $("filters").addEventListener("reset", () => {
    picks.forEach((pick) => pick.clear());
    Object.assign(state, { from: null, to: null, least: 0 });
    $("least-said").textContent = "0%";
    refresh();
  });
  return () => picks.forEach((pick) => pick.say());
}

let sayFilters = () => {};
let pending = 0;
/** Count again and show it, once a frame at most. */
function refresh() {
  cancelAnimationFrame(pending);
  pending = requestAnimationFrame(show);
}

async function show() {
  rows = passing();
  groups = pairs(rows);
  limits = { actors: ROWS, positions: ROWS };
  sayFilters();
  const all = data.columns.stance.length;
  $("shown").textContent = rows.length === all ? `All ${plural(all, "statement")}` : `${whole.format(rows.length)} of ${plural(all, "statement")}`;
  const counts = data.stances.map((_, s) => rows.filter((i) => data.columns.stance[i] === s).length);
  $("legend").replaceChildren(...counts.map((n, s) => {
    const item = make("li");
    item.append(badge(s), ` ${whole.format(n)}`, make("small", rows.length ? ` ${percent(n / rows.length)}` : ""));
    return item;
  }));
  showTable();
  await showMatrix();
  document.documentElement.dataset.counted = String(rows.length);
  if (!performance.getEntriesByName("interactive").length) performance.mark("interactive");
  await allEvidence();
  await showTime();
  showDifferences();
  await showNetwork();
}

function empty(node, nothing) {
  node.hidden = nothing;
  node.closest("section").querySelector(".empty").hidden = !nothing;
  return nothing;
}

const pairName = (group) => `${data.names.actor[group.actor]} → ${title(data.names.process[group.process])}`;

function openPair({ a, p }) {
  const group = groups.get(pair(a, p));
  if (!group) return;
  $("who").value = String(a);
  showTime();
  showEvidence(pairName(group), group.rows);
}

async function showMatrix() {
  const actors = busiest(rows, "actor").map(([id]) => id);
  const more = $("more-actors");
  more.hidden = actors.length <= limits.actors;
  more.textContent = `Show all ${whole.format(actors.length)} actors`;
  if (!empty($("matrix"), !rows.length)) await drawMatrix(groups, actors.slice(0, limits.actors), openPair);
}

async function showNetwork() {
  const most = data.layout.most;
  $("network-how").textContent = `The ${most < data.names.actor.length ? `${most} actors with most statements` : "actors"} (dots) and the processes (squares), joined by their commonest stance: ▲ solid, ◆ dashed, ■ dotted; the wider, the more statements. An actor stands the nearer to a process, the more it supports it, as far as a plane allows. Point at a dot to read a name for which there was no room.`;
  const known = [...groups.values()].some((g) => data.layout.actor[g.actor]);
  if (!empty($("network"), !known)) {
    await drawNetwork(groups, ({ a, p, who }) => {
      if (a !== undefined && p !== undefined) openPair({ a, p });
      else showEvidence(who, rows.filter((i) => (a === undefined ? data.columns.process[i] === p : data.columns.actor[i] === a)));
    });
  }
}

async function showTime() {
  const who = $("who");
  const period = document.querySelector("[name=period]:checked").value;
  const actors = busiest(rows, "actor");
  const kept = actors.some(([id]) => String(id) === who.value) ? who.value : String(actors[0]?.[0]);
  who.replaceChildren(...actors.map(([id, n]) => Object.assign(make("option", `${data.names.actor[id]} (${whole.format(n)})`), { value: id })));
  who.value = kept;
  const c = data.columns;
  const mine = rows.filter((i) => String(c.actor[i]) === kept && c.day[i] !== null);
  const byPeriod = grouped(mine, (i) => `${c.process[i]},${span(c.day[i], period).start}`);
  for (const g of byPeriod.values()) Object.assign(g, span(c.day[g.rows[0]], period));
  const extent = [span(state.from ?? data.extent[0], period).start, span(state.to ?? data.extent[1], period).end];
  $("time-how").textContent = `Each stance’s share of the actor’s statements, from 0 to 100% in its own lane, ${period} by ${period}${estimated() ? ": the line is the estimate, the band its 95% interval, the dashed upright a change of position" : ": plain shares of what is shown, without bands, since the estimates are made of all outlets and confidences together"}. Choose a band to read its sentences.`;
  if (empty($("time"), !mine.length)) return;
  for (const node of $("time").children) node.hidden = true;
  for (const [process, n] of busiest(mine, "process")) {
    const list = [...byPeriod.values()].filter((g) => g.process === process).sort((a, b) => a.start - b.start);
    const single = list.filter((g) => g.n === 1).length;
    const panel = timePanel(process, plural(n, "statement") + (single ? `, in ${single} of ${plural(list.length, period)} only one` : ""));
    await drawTime(panel.querySelector(".chart"), process, list, extent, period, (mark) => openTime(mark));
    showShifts(panel, list[0]);
  }
}

function openTime(mark) {
  if (mark.change !== undefined) return openShift(data.changes[mark.change]);
  const actor = Number($("who").value);
  const c = data.columns;
  const inside = groups.get(pair(actor, mark.p)).rows.filter((i) => c.day[i] !== null && c.day[i] >= mark.first && c.day[i] <= mark.last);
  return showEvidence(`${pairName({ actor, process: mark.p })}, ${mark.tip.split(":")[0]}`, inside);
}

function openShift(change) {
  return showEvidence(pairName(change), [...change.rows], `A change of position. ${shift(change)}: the sentences before and after.`);
}

function timePanel(process, note) {
  const id = `time-${process}`;
  let panel = $(id);
  if (!panel) {
    panel = make("div", undefined, "panel");
    panel.id = id;
    const chart = make("div", undefined, "chart");
    chart.setAttribute("role", "group");
    const shifts = make("details", undefined, "shifts");
    shifts.append(make("summary"), make("p"));
    panel.append(make("h3"), chart, shifts);
  }
  panel.hidden = false;
  $("time").append(panel);
  panel.querySelector("h3").replaceChildren(pairName({ actor: Number($("who").value), process }), " ", make("small", note));
  panel.querySelector(".chart").setAttribute("aria-label", `${title(data.names.process[process])} over time`);
  return panel;
}

function showShifts(panel, group) {
  const here = data.changes.filter((c) => c.actor === group.actor && c.process === group.process);
  const details = panel.querySelector(".shifts");
  Object.assign(details, { hidden: !here.length, open: here.length <= 4 });
  details.firstChild.textContent = `${plural(here.length, "change")} of position`;
  details.lastChild.replaceChildren(...here.map((change) => {
    const button = make("button", shift(change));
    button.type = "button";
    button.addEventListener("click", () => openShift(change));
    return button;
  }));
}

function positions() {
  const c = data.columns;
  return [...groups.values()].map((g) => {
    const known = shares(g, "all", null);
    const stance = known.reduce((best, share, s) => (g.counts[s] && (!g.counts[best] || share.mean >= known[best].mean) ? s : best), 0);
    const days = g.rows.map((i) => c.day[i]).filter((d) => d !== null);
    return { group: g, actor: data.names.actor[g.actor], process: data.names.process[g.process], stance, share: known[stance].mean,
      told: said(known[stance]), n: g.n, documents: new Set(g.rows.map((i) => c.doc[i])).size, last: days.length ? days.reduce((a, b) => Math.max(a, b)) : null };
  });
}

function showTable() {
  if (!$("as-table").open) return;
  const list = positions();
  const { by, down } = sorting;
  list.sort((a, b) => (typeof a[by] === "string" ? a[by].localeCompare(b[by]) : (a[by] ?? -Infinity) - (b[by] ?? -Infinity)) * (down ? -1 : 1) || b.n - a.n);
  $("table").tBodies[0].replaceChildren(...list.slice(0, limits.positions).map((p) => {
    const row = make("tr");
    const button = make("button", p.actor);
    button.type = "button";
    button.addEventListener("click", () => openPair({ a: p.group.actor, p: p.group.process }));
    const cells = [title(p.process), badge(p.stance), p.told, whole.format(p.n), whole.format(p.documents), when(p.last)];
    for (const [n, content] of [button, ...cells].entries()) {
      const cell = make(n ? "td" : "th", undefined, n > 2 ? "number" : "");
      if (!n) cell.scope = "row";
      cell.append(content);
      row.append(cell);
    }
    return row;
  }));
  $("more-positions").hidden = list.length <= limits.positions;
  $("more-positions").textContent = `Show all ${plural(list.length, "position")}`;
}

function wireRest() {
  $("as-table").addEventListener("toggle", showTable);
  $("more-positions").addEventListener("click", () => ((limits.positions = Infinity), showTable()));
  $("more-actors").addEventListener("click", () => ((limits.actors = Infinity), showMatrix()));
  $("who").addEventListener("change", showTime);
  let wait = 0;
  addEventListener("resize", () => {
    clearTimeout(wait);
    wait = setTimeout(showNetwork, 200); // its names stand where the width let them
  });
  document.querySelectorAll("[name=period]").forEach((radio) => radio.addEventListener("change", showTime));
  document.querySelectorAll("[data-sort]").forEach((button) => button.addEventListener("click", () => {
    const by = button.dataset.sort;
    sorting = { by, down: sorting.by === by ? !sorting.down : !["actor", "process"].includes(by) };
    document.querySelectorAll("[aria-sort]").forEach((head) => head.setAttribute("aria-sort", "none"));
    button.parentElement.setAttribute("aria-sort", sorting.down ? "descending" : "ascending");
    showTable();
  }));
}

async function start() {
  [data] = await Promise.all([unpack("figures"), runLibrary()]);
  const months = new Set(data.columns.day.filter((d) => d !== null).map((d) => span(d, "month").start)).size;
  document.querySelector(`[name=period][value=${months > 24 ? "year" : "month"}]`).checked = true;
  sayFilters = wireFilters();
  wireEvidence();
  wireDifferences();
  wireRest();
  texts = unpack("texts");
  await show();
  const known = JSON.parse($("known").textContent);
  for (const node of document.querySelectorAll("[data-chart]")) await drawModel(node, known[Number(node.dataset.model)]);
  performance.mark("complete");
  document.documentElement.dataset.ready = "true";
}

start().catch((error) => {
  $("trouble").hidden = false;
  $("trouble").textContent = `This page could not be built in this browser (${error.message}). It needs one of 2023 or later.`;
  throw error;
});

// Vega draws; this fills its charts, and lets a keyboard reach every mark that says something.

const SPECS = JSON.parse(document.getElementById("charts").textContent);
const views = new Map();

/** A name that Vega may use as a key: an object has some of its own, such as "__proto__". */
const label = (name) => (name in Object.prototype ? `\u200b${name}` : name);

function tooltip(_, event, item, value) {
  const tip = document.getElementById("tip");
  tip.hidden = !value;
  if (!value) return;
  tip.textContent = value;
  const { clientX: x, clientY: y } = event;
  const box = tip.getBoundingClientRect();
  tip.style.left = `${Math.max(4, Math.min(x + 14, innerWidth - box.width - 8))}px`;
  tip.style.top = `${y + 18 + box.height > innerHeight ? y - box.height - 12 : y + 18}px`;
}

/** Draw a chart, or give the one that stands there new rows; `act` takes the row of a mark that is chosen. */
async function draw(node, name, rows, act) {
  let view = views.get(node);
  if (!view) {
    const spec = { ...SPECS[name], data: SPECS[name].data.map((d) => (rows[d.name] ? { ...d, values: rows[d.name] } : d)) };
    const options = { ast: true, actions: false, renderer: "svg", defaultStyle: false, logLevel: 1, tooltip };
    ({ view } = await vegaEmbed(node, spec, options));
    views.set(node, view);
    if (act) {
      view.addEventListener("click", (event, item) => item && item.datum && (act(item.datum), choose(event.target)));
      node.addEventListener("keydown", (event) => onKey(event, node, act));
    }
  } else {
    for (const [source, values] of Object.entries(rows)) view.data(source, values);
  }
  await view.runAsync();
  const svg = node.querySelector("svg");
  for (const part of [svg, ...svg.querySelectorAll("g[role]:not([aria-label])")]) part.removeAttribute("role");
  svg.setAttribute("aria-label", node.getAttribute("aria-label") || "Chart");
  const marks = act ? [...node.querySelectorAll("path[aria-label]")] : [];
  marks.forEach((mark, n) => {
    mark.setAttribute("role", "button");
    mark.removeAttribute("aria-roledescription");
    mark.setAttribute("tabindex", n ? "-1" : "0");
  });
}

/** Show which mark the evidence is of; null: of none. */
function choose(mark) {
  for (const other of document.querySelectorAll(".chart [aria-current]")) other.removeAttribute("aria-current");
  if (mark && mark.hasAttribute("aria-label")) mark.setAttribute("aria-current", "true");
}

function centre(mark) {
  const box = mark.getBoundingClientRect();
  return [box.x + box.width / 2, box.y + box.height / 2];
}

/** Arrow keys go to the nearest mark in that direction, Enter chooses. */
function onKey(event, node, act) {
  const mark = event.target.closest("path[aria-label]");
  if (!mark) return;
  if (event.key === "Enter" || event.key === " ") {
    event.preventDefault();
    act([mark.__data__].flat()[0].datum);
    choose(mark);
    return;
  }
  const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
  if (!way) return;
  event.preventDefault();
  const [x, y] = centre(mark);
  let best = null;
  let least = Infinity;
  for (const other of node.querySelectorAll("path[aria-label]")) {
    const [dx, dy] = centre(other).map((v, i) => v - [x, y][i]);
    const along = dx * way[0] + dy * way[1];
    const cost = along + 4 * Math.abs(dx * way[1] + dy * way[0]);
    if (along > 1 && cost < least) [best, least] = [other, cost];
  }
  if (!best) return;
  mark.setAttribute("tabindex", "-1");
  best.setAttribute("tabindex", "0");
  best.focus();
}

function drawMatrix(groups, actors, act) {
  const order = new Map(actors.map((a, n) => [a, n]));
  const columns = new Map(busiest([...groups.values()].flatMap((g) => g.rows), "process").map(([p], n) => [p, n]));
  const chosen = [...groups.values()].filter((g) => order.has(g.actor));
  chosen.sort((a, b) => order.get(a.actor) - order.get(b.actor) || columns.get(a.process) - columns.get(b.process)); // for Tab
  const cells = chosen.map((g) => {
    const stance = dominant(g.counts);
    const counts = g.counts.map((n, s) => `${SIGNS[s]} ${data.stances[s]} ${whole.format(n)}`).join("\n");
    const actor = data.names.actor[g.actor];
    const process = title(data.names.process[g.process]);
    return { a: g.actor, p: g.process, actor: label(actor), process: label(process), row: order.get(g.actor), column: columns.get(g.process), stance: data.stances[stance], clarity: (g.counts[stance] + 1) / (g.n + g.counts.length), // of a single statement, little
      label: g.n < 10000 ? String(g.n) : `${Math.round(g.n / 1000)}k`, tip: `${actor} → ${process}\n${counts}` };
  });
  const node = document.getElementById("matrix");
  node.style.minWidth = `${110 + 46 * data.names.process.length}px`; // beyond the screen it scrolls
  return draw(node, "matrix", { cells }, act);
}

function drawTime(node, process, groups, extent, period, act) {
  const form = period === "month" ? { month: "long", year: "numeric" } : { year: "numeric" };
  const spans = [];
  for (const g of groups) {
    const known = shares(g, period, g.start);
    known.forEach((share, s) => {
      spans.push({ start: g.start * DAY, end: g.end * DAY, first: g.start, last: g.end - 1, p: process,
        stance: data.stances[s], low: share.low ?? share.mean, mean: share.mean, high: share.high ?? share.mean,
        tip: `${when(g.start, form)}: ${data.stances[s]} ${said(share)}\n${whole.format(g.counts[s])} of ${plural(g.n, "statement")}` });
    });
  }
  const shifts = data.changes.flatMap((c, number) => {
    const inside = c.actor === groups[0].actor && c.process === process && c.day >= extent[0] && c.day <= extent[1];
    return inside ? [{ day: c.day * DAY, change: number, tip: shift(c) }] : [];
  });
  const edges = extent.map((day) => ({ day: day * DAY }));
  return draw(node, "time", { spans, shifts, extent: edges }, act);
}

function shift(change) {
  const [before, after] = [change.earlier, change.later].map((s) => `${SIGNS[s]} ${data.stances[s]}`);
  return `${when(change.day)}: ${before} → ${after} (${likely(change.probability)})`;
}

/** Give each name a place above, below or beside its node, clear of all nodes and of busier ones' names, or none. */
function placeNames(nodes, width, height) {
  const pen = document.createElement("canvas").getContext("2d");
  const family = getComputedStyle(document.body).fontFamily;
  const around = (x, y, w, h) => [x - w / 2, y - h / 2, x + w / 2, y + h / 2];
  const apart = (a, b) => a[2] <= b[0] || b[2] <= a[0] || a[3] <= b[1] || b[3] <= a[1];
  const at = (node) => [((node.x + 1) / 2) * width, ((1 - node.y) / 2) * height];
  const rank = (node) => (node.kind === "process" ? Infinity : node.n);
  const taken = nodes.map((node) => around(...at(node), ...(node.kind === "process" ? [20, 20] : [12, 12])));
  for (const node of [...nodes].sort((a, b) => rank(b) - rank(a))) {
    const [x, y] = at(node);
    const [size, gap] = node.kind === "process" ? [14, 20] : [12, 15];
    pen.font = `${node.kind === "process" ? "bold " : ""}${size}px ${family}`;
    const w = Math.min(180, pen.measureText(node.name).width) + 2;
    const places = [["center", 0, -gap, 0], ["center", 0, gap, 0], ["left", gap - 3, 0, w / 2], ["right", 3 - gap, 0, -w / 2]].map(([align, dx, dy, shift]) => ({ align, dx, dy, box: around(x + dx + shift, y + dy, w, size) }));
    const free = places.find(({ box }) => box[0] >= 0 && box[2] <= width && taken.every((other) => apart(box, other)));
    if (free) taken.push(free.box);
    else node.name = "";
    const { align, dx, dy } = free || places[0];
    Object.assign(node, { align, dx, dy });
  }
}

function drawNetwork(groups, act) {
  const { actor: actors, process: processes } = data.layout;
  const node = document.getElementById("network");
  const most = node.clientWidth < 560 ? 12 : Infinity;
  const busy = new Set(busiest([...groups.values()].filter((g) => actors[g.actor]).flatMap((g) => g.rows), "actor").slice(0, most).map(([id]) => id));
  const shown = [...groups.values()].filter((g) => busy.has(g.actor) && processes[g.process]);
  const edges = shown.flatMap((g) => {
    const stance = dominant(g.counts);
    const row = { edge: pair(g.actor, g.process), a: g.actor, p: g.process, actor: label(data.names.actor[g.actor]),
      stance: data.stances[stance], n: g.n,
      tip: `${data.names.actor[g.actor]} → ${title(data.names.process[g.process])}\n${SIGNS[stance]} ${data.stances[stance]}, ${g.counts[stance]} of ${plural(g.n, "statement")}` };
    return [actors[g.actor], processes[g.process]].map(([x, y]) => ({ ...row, x, y }));
  });
  const nodes = [];
  for (const [kind, field, places] of [["actor", "a", actors], ["process", "p", processes]]) {
    const counts = new Map();
    for (const g of shown) counts.set(g[kind], (counts.get(g[kind]) || 0) + g.n);
    for (const [id, n] of counts) {
      const name = kind === "actor" ? data.names.actor[id] : title(data.names.process[id]);
      nodes.push({ name: label(name), who: name, kind, [field]: id, actor: label(name), n, x: places[id][0], y: places[id][1], tip: `${name}\n${plural(n, "statement")}` });
    }
  }
  placeNames(nodes, node.clientWidth - 10, SPECS.network.height);
  return draw(node, "network", { edges, nodes }, act);
}

function drawModel(node, model) {
  const name = node.dataset.chart;
  const labels = [...data.stances, "none"];
  if (name === "confusion") {
    const cells = model.confusion.flatMap((row, i) => {
      const total = row.reduce((a, b) => a + b, 0) || 1;
      return row.map((n, j) => ({ gold: labels[i], said: labels[j], n, share: n / total,
        tip: `Of ${whole.format(total)} that are ${labels[i]}, ${percent(n / total)} are said to be ${labels[j]}` }));
    });
    return draw(node, name, { cells });
  }
  if (name === "reliability") {
    const bins = model.reliability.map(([confidence, right, n]) => ({ confidence, right, n,
      tip: `Confidence ${percent(confidence)}: ${percent(right)} of ${whole.format(n)} are right` }));
    return draw(node, name, { bins });
  }
  const promises = Object.entries(model.thresholds).filter(([, least]) => least !== null).map(([precision, least]) => ({
    precision: Number(precision), least, tip: `From ${percent(least)} confidence, ${percent(precision)} are right` }));
  return draw(node, name, { promises });
}

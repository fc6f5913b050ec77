"use strict";
// What the page knows: unpacking, filtering, counting. Nothing here touches what is shown.

const DAY = 86400000;
const SIGNS = ["▲", "◆", "■"];
const SIZE = { month: 1, year: 12 };
const whole = new Intl.NumberFormat("en-GB");
const percent = (share) => `${Math.round(100 * share)}%`;
const likely = (probability) => (probability > 0.99 ? "over 99%" : percent(probability));
const plural = (n, noun) => `${whole.format(n)} ${noun}${n === 1 ? "" : "s"}`;
const title = (id) => id.charAt(0).toUpperCase() + id.slice(1);

let data = null; // names, columns, ledger and changes
let texts = null; // a promise of paragraphs and rows
const state = { actor: new Set(), process: new Set(), outlet: new Set(), from: null, to: null, least: 0 };

/** The text of a block of the page, which is compressed and written in base64. */
async function inflate(id) {
  const node = document.getElementById(id);
  const packed = atob(node.textContent.trim());
  node.remove();
  const bytes = new Uint8Array(packed.length);
  for (let i = 0; i < packed.length; i++) bytes[i] = packed.charCodeAt(i);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).text();
}

const unpack = async (id) => JSON.parse(await inflate(id));

/** Run the library, which the page's policy knows by its hash. */
async function runLibrary() {
  const script = document.createElement("script");
  script.textContent = await inflate("library");
  document.head.append(script);
}

function when(day, form = { day: "numeric", month: "short", year: "numeric" }) {
  return day === null ? "undated" : new Date(day * DAY).toLocaleDateString("en-GB", { timeZone: "UTC", ...form });
}

function span(day, period) {
  const date = new Date(day * DAY);
  const month = date.getUTCMonth() - (date.getUTCMonth() % SIZE[period]);
  const first = (shift) => {
    const edge = new Date(0);
    edge.setUTCFullYear(date.getUTCFullYear(), month + shift, 1);
    return edge.getTime() / DAY;
  };
  return { start: first(0), end: first(SIZE[period]) };
}

/** The numbers of the statements that pass the filters. */
function passing() {
  const { actor, process, outlet, from, to, least } = state;
  const c = data.columns;
  const rows = [];
  for (let i = 0; i < c.stance.length; i++) {
    const day = c.day[i];
    if (c.confidence[i] < least) continue;
    if (actor.size && !actor.has(c.actor[i])) continue;
    if (process.size && !process.has(c.process[i])) continue;
    if (outlet.size && !outlet.has(c.outlet[i])) continue;
    if ((from !== null || to !== null) && day === null) continue;
    if ((from !== null && day < from) || (to !== null && day > to)) continue;
    rows.push(i);
  }
  return rows;
}

/** Whether the ledger's estimates still speak of what is shown: they know neither outlets nor confidences. */
const estimated = () => !state.outlet.size && !state.least;

function dominant(counts) {
  return counts.reduce((best, n, stance) => (n >= counts[best] ? stance : best), 0); // of equals the graver
}

/** Statements by a key: {counts by stance, n, actor, process, rows}. */
function grouped(rows, key) {
  const groups = new Map();
  const c = data.columns;
  for (const i of rows) {
    const k = key(i);
    let group = groups.get(k);
    if (!group) groups.set(k, (group = { actor: c.actor[i], process: c.process[i], counts: [0, 0, 0], n: 0, rows: [] }));
    group.counts[c.stance[i]]++;
    group.n++;
    group.rows.push(i);
  }
  return groups;
}

const pair = (actor, process) => `${actor},${process}`;
const pairs = (rows) => grouped(rows, (i) => pair(data.columns.actor[i], data.columns.process[i]));

/** Numbers of a field by how many statements bear them, the busiest first, then by name. */
function busiest(rows, field) {
  const counts = new Map();
  for (const i of rows) {
    const value = data.columns[field][i];
    if (value >= 0) counts.set(value, (counts.get(value) || 0) + 1);
  }
  const names = data.names[field];
  return [...counts].sort((a, b) => b[1] - a[1] || names[a[0]].localeCompare(names[b[0]]));
}

/** The ledger's shares of a period as {mean, low, high} by stance, by actor, process and first day. */
function estimates(period) {
  data.lines ??= {};
  data.lines[period] ??= new Map(data.ledger[period].map(([actor, process, start, ...v]) => [
    `${pair(actor, process)},${start}`,
    SIGNS.map((_, s) => ({ mean: v[3 * s] / 1000, low: v[3 * s + 1] / 1000, high: v[3 * s + 2] / 1000 })),
  ]));
  return data.lines[period];
}

/** The shares of a group: the ledger's with their interval, or the plain ones without. */
function shares(group, period, start) {
  const known = estimated() && estimates(period).get(`${pair(group.actor, group.process)},${start}`);
  return known || group.counts.map((n) => ({ mean: n / group.n, low: null, high: null }));
}

const said = (share) => percent(share.mean) + (share.low === null ? "" : ` (${percent(share.low)} to ${percent(share.high)})`);

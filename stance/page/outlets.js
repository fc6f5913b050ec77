// Where outlets give an actor different positions: each one's line, and the sentences of all.

const FEW = 5; // differences shown before "more" is asked for
let allDifferences = false;

const PERIODS = { month: { month: "long", year: "numeric" }, year: { year: "numeric" } };

function differing() {
  return document.querySelector("[name=differing]:checked").value;
}

function periodName(start, period) {
  if (period === "all") return "";
  return `, ${when(start, PERIODS[period])}`;
}

/** The first day of a difference's period and the day after its last; null where it has none. */
function limitsOf(difference, period) {
  return period === "all" || difference.start === null ? null : span(difference.start, period);
}

/** Whether the filters let a difference through; that by confidence has no say in it. */
function listed(difference, period) {
  const { actor, process, outlet, from, to } = state;
  const limits = limitsOf(difference, period);
  if (actor.size && !actor.has(difference.actor)) return false;
  if (process.size && !process.has(difference.process)) return false;
  if (outlet.size && !difference.views.some(([id]) => outlet.has(id))) return false;
  if (period === "all" || (from === null && to === null)) return true;
  return limits !== null && (from === null || limits.end > from) && (to === null || limits.start <= to);
}

/** The statements behind a difference, of one outlet or of all that differ, whatever their confidence. */
function behind(difference, period, outlets) {
  const c = data.columns;
  const limits = limitsOf(difference, period);
  const inside = (day) => (limits ? day !== null && day >= limits.start && day < limits.end : period === "all" || day === null);
  return [...c.stance.keys()].filter((i) => c.actor[i] === difference.actor && c.process[i] === difference.process && outlets.includes(c.outlet[i]) && inside(c.day[i]));
}

function differenceNode(difference, period) {
  const name = `${pairName(difference)}${periodName(difference.start, period)}`;
  const read = (text, label, outlets, told) => {
    const button = make("button", text);
    button.type = "button";
    button.setAttribute("aria-label", label);
    button.addEventListener("click", () => showEvidence(told, behind(difference, period, outlets), "As the outlets have it, whatever the filters by outlet and confidence say."));
    return button;
  };
  const table = make("table");
  const body = table.createTBody();
  for (const [id, stance, mean, low, high, n] of difference.views) {
    const outlet = data.names.outlet[id];
    const row = body.insertRow();
    const head = make("th");
    head.scope = "row";
    head.append(read(outlet, `Read ${outlet} on ${name}, ${plural(n, "statement")}`, [id], `${name}: ${outlet}`), make("small", ` (${whole.format(n)})`));
    row.append(head);
    for (const content of [badge(stance), said({ mean, low, high })]) row.insertCell().append(content);
  }
  const outlets = difference.views.map(([id]) => id);
  const node = make("div", undefined, "panel");
  const heading = make("h3", `${name} `);
  heading.append(make("small", `outlets differ: ${likely(difference.probability)}`));
  const scroll = make("div", undefined, "scroll");
  scroll.append(table);
  const all = read("Read all sides", `Read all sides on ${name}`, outlets, name);
  all.classList.add("more");
  node.append(heading, scroll, all);
  return node;
}

function showDifferences() {
  const period = differing();
  const list = data.differences[period].filter((difference) => listed(difference, period));
  $("differences").replaceChildren(...list.slice(0, allDifferences ? Infinity : FEW).map((difference) => differenceNode(difference, period)));
  $("no-difference").hidden = list.length > 0;
  $("more-differences").hidden = allDifferences || list.length <= FEW;
  $("more-differences").textContent = `Show all ${whole.format(list.length)}`;
}

function wireDifferences() {
  $("outlets").hidden = data.names.outlet.length < 2;
  const first = Object.keys(data.differences).find((period) => data.differences[period].length) || "month";
  document.querySelector(`[name=differing][value=${first}]`).checked = true;
  document.querySelectorAll("[name=differing]").forEach((radio) => radio.addEventListener("change", showDifferences));
  $("more-differences").addEventListener("click", () => ((allDifferences = true), showDifferences()));
}

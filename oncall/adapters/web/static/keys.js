// The board by keyboard: j and k go from case to case, Enter opens, t takes, n is a new call, ? says so.
// A letter acts only while nothing is being typed; t only takes the case that is marked.

const CASES = "#live .case";

export function offerKeys(help, button) {
  if (help === null) return;
  button.hidden = false;
  button.addEventListener("click", () => help.showModal());
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || help.open) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    const act = ACTS[event.key];
    if (act === undefined) return;
    event.preventDefault();
    act(help);
  });
}

const ACTS = {
  j: () => go(1),
  k: () => go(-1),
  n: () => location.assign("/new-call"),
  t: take,
  "?": (help) => help.showModal(),
};

function marked() {
  return document.activeElement?.closest(CASES) ?? null;
}

function go(step) {
  const cases = [...document.querySelectorAll(CASES)];
  if (cases.length === 0) return;
  const here = cases.indexOf(marked());
  mark(cases[here < 0 ? (step > 0 ? 0 : cases.length - 1) : Math.min(Math.max(here + step, 0), cases.length - 1)]);
}

function mark(found) {
  found.querySelector("h3 a").focus();
  found.scrollIntoView({ block: "nearest" });
}

// Without a marked case the first press only marks the worst one that nobody has: nothing is taken unseen.
function take() {
  const here = marked();
  const untaken = document.querySelector(`${CASES}[data-untaken]`);
  if (here === null) return untaken === null ? go(1) : mark(untaken);
  here.querySelector("button.take")?.click();
}

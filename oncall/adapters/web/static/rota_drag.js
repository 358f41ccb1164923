// The rota with the mouse or a finger: a person from the palette onto a block opens the form of a cover, an edge pulled
// opens it with the hours between. Nothing is stored by this: it only fills in a form that works without it.

const strip = document.getElementById("strip");
const palette = document.getElementById("palette");
const QUARTER = 15 * 60; // seconds: the least that an edge moves
const EDGE = 7; // pixels at the end of a block that are its edge
if (strip !== null && palette !== null) {
  palette.hidden = false;
  for (const person of palette.querySelectorAll("[data-person]")) person.addEventListener("pointerdown", carry);
  strip.addEventListener("pointerdown", pull);
  strip.addEventListener("pointermove", (event) => {
    const block = blockAt(event);
    if (block !== null) block.style.cursor = edgeOf(block, event) === "" ? "" : "ew-resize";
  });
}

// --- a person onto a block ---

function carry(event) {
  event.preventDefault();
  const { person } = event.currentTarget.dataset;
  const shown = document.createElement("div");
  shown.className = "carried";
  shown.textContent = event.currentTarget.firstChild.textContent.trim();
  document.body.append(shown);
  let target = null;
  follow(event, (move) => {
    shown.style.left = `${move.clientX + 8}px`;
    shown.style.top = `${move.clientY + 8}px`;
    target?.classList.remove("target");
    target = blockAt(move);
    if (target !== null && form(target) === null) target = null;
    target?.classList.add("target");
  }, () => {
    shown.remove();
    target?.classList.remove("target");
    if (target !== null) open(form(target), { by: person });
  });
}

// --- an edge of a block ---

function pull(event) {
  const block = blockAt(event);
  const edge = block === null ? "" : edgeOf(block, event);
  const address = block === null ? null : form(block);
  if (edge === "" || address === null) return;
  event.preventDefault();
  const scale = scaleOf(block);
  const box = block.getBoundingClientRect();
  const was = scale(edge === "end" ? box.right : box.left);
  let now = was;
  const shown = document.createElement("div");
  shown.className = "carried";
  document.body.append(shown);
  follow(event, (move) => {
    now = Math.round((was + scale(move.clientX) - scale(event.clientX)) / QUARTER) * QUARTER;
    shown.textContent = hour(now);
    shown.style.left = `${move.clientX + 8}px`;
    shown.style.top = `${move.clientY + 8}px`;
  }, () => {
    shown.remove();
    const from = Math.round(was / QUARTER) * QUARTER;
    if (now === from) return;
    block.addEventListener("click", (click) => click.preventDefault(), { once: true, capture: true });
    const outward = edge === "end" ? now > from : now < from;
    const hours = { starts: instant(Math.min(now, from)), until: instant(Math.max(now, from)) };
    const person = address.dataset.person;
    open(address, outward && person !== undefined ? { ...hours, by: person } : hours);
  });
}

function edgeOf(block, event) {
  const box = block.getBoundingClientRect();
  if (box.width < 4 * EDGE) return "";
  if (box.right - event.clientX <= EDGE) return "end";
  return event.clientX - box.left <= EDGE ? "start" : "";
}

// Seconds at a place of the week in which the block stands: between two days a day's length, 23 or 25 hours too.
function scaleOf(block) {
  const days = [...block.closest(".band").querySelectorAll(".day")].map((day) => (
    { x: day.querySelector("rect").getBoundingClientRect().left, at: Number(day.dataset.at) }));
  return (x) => {
    const place = Math.max(0, Math.min(days.findLastIndex((day) => day.x <= x), days.length - 2));
    const [one, next] = [days[place], days[place + 1]];
    return one.at + ((x - one.x) / (next.x - one.x)) * (next.at - one.at);
  };
}

function instant(seconds) {
  return new Date(seconds * 1000).toISOString().replace(".000Z", "+00:00");
}

function hour(seconds) {
  const zone = document.getElementById("clock").dataset.zone;
  return new Intl.DateTimeFormat("en-GB", { timeZone: zone, weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(seconds * 1000);
}

// --- both ---

function blockAt(event) {
  return document.elementFromPoint(event.clientX, event.clientY)?.closest("#strip a") ?? null;
}

function form(block) {
  const told = document.getElementById(block.getAttribute("href").slice(1)).closest("details");
  return told.querySelector("a.change");
}

function open(link, fields) {
  const address = new URL(link.href);
  for (const [name, value] of Object.entries(fields)) address.searchParams.set(name, value);
  if (fields.starts !== undefined) address.searchParams.delete("at");
  location.assign(address);
}

function follow(event, moved, dropped) {
  const stop = () => {
    document.removeEventListener("pointermove", moved);
    document.removeEventListener("pointerup", drop);
    document.removeEventListener("pointercancel", stop);
    document.removeEventListener("keydown", escape);
  };
  const drop = () => {
    stop();
    dropped();
  };
  const escape = (key) => {
    if (key.key !== "Escape") return;
    stop();
    for (const shown of document.querySelectorAll(".carried")) shown.remove();
  };
  moved(event);
  document.addEventListener("pointermove", moved);
  document.addEventListener("pointerup", drop);
  document.addEventListener("pointercancel", stop);
  document.addEventListener("keydown", escape);
}

// The rota with the mouse or a finger: a person from the palette onto a block opens the form of a cover, an edge pulled
// opens it with the hours between. Nothing is stored by this: it only fills in a form that works without it.

import { spanWords } from "./clock.js";

const strip = document.getElementById("strip");
const palette = document.getElementById("palette");
const QUARTER = 15; // minutes: the least that an edge moves
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
  let moved = 0; // minutes
  const shown = document.createElement("div");
  shown.className = "carried";
  document.body.append(shown);
  follow(event, (move) => {
    moved = Math.round((scale(move.clientX) - scale(event.clientX)) / 60 / QUARTER) * QUARTER;
    shown.textContent = `${edge} ${spanWords(Math.abs(moved) * 60000).replace(" 0 s", "")} ${moved < 0 ? "earlier" : "later"}`;
    shown.style.left = `${move.clientX + 8}px`;
    shown.style.top = `${move.clientY + 8}px`;
  }, () => {
    shown.remove();
    if (moved === 0) return;
    block.addEventListener("click", (click) => click.preventDefault(), { once: true, capture: true });
    open(address, { [`${edge}_by`]: moved });
  });
}

function edgeOf(block, event) {
  const box = block.querySelector("rect").getBoundingClientRect();
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

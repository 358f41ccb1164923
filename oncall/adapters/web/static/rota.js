// The rota by keyboard: one stop for the whole picture, arrows inside it, single letters for the rest.
// Without this script every block is a link to its place in the list below, which says the same.

import { startClock } from "./clock.js";

startClock();
const strip = document.getElementById("strip");
const panel = document.getElementById("panel");
const blocks = strip === null ? [] : [...strip.querySelectorAll("a")];
const ROW = "svg[role=group] svg[role=group]";
let chosen = null;
oneStop();
shortcuts();
openTarget();
window.addEventListener("hashchange", openTarget);

// --- the picture ---

function oneStop() {
  if (blocks.length === 0) return;
  document.getElementById("hint").hidden = false;
  for (const block of blocks) {
    block.setAttribute("tabindex", "-1");
    name(block);
  }
  const now = strip.querySelector("a.now") ?? strip.querySelector("a:not(.past)") ?? blocks[0];
  now.setAttribute("tabindex", "0");
  strip.addEventListener("keydown", move);
  strip.addEventListener("click", (event) => {
    const block = event.target.closest("a");
    if (block === null) return;
    event.preventDefault();
    tell(block);
  });
}

// Its words in the list are its name for a screen reader and what shows under the mouse.
function name(block) {
  const title = document.createElementNS("http://www.w3.org/2000/svg", "title");
  const told = place(block);
  title.textContent = words(told.querySelector("summary")) + `. ${words(told.querySelector("p"))}`;
  block.prepend(title);
}

function place(block) {
  return document.getElementById(block.getAttribute("href").slice(1)).closest("details");
}

function words(element) {
  return element.textContent.replace(/\s+/g, " ").trim();
}

function step(to) {
  if (!to) return;
  for (const block of blocks) block.setAttribute("tabindex", "-1");
  to.setAttribute("tabindex", "0");
  to.focus();
}

// Left and right stay in the tier, from week to week too; up and down go to the tier beside it at the same place.
function move(event) {
  const here = event.target.closest("a");
  if (here === null || event.ctrlKey || event.altKey || event.metaKey) return;
  const row = here.closest(ROW);
  const inRow = [...row.querySelectorAll("a")];
  const place = inRow.indexOf(here);
  const to = {
    ArrowRight: () => inRow[place + 1] ?? beside(row, 1)?.querySelector("a"),
    ArrowLeft: () => inRow[place - 1] ?? [...(beside(row, -1)?.querySelectorAll("a") ?? [])].at(-1),
    ArrowDown: () => nearest(rows()[rows().indexOf(row) + 1], here),
    ArrowUp: () => nearest(rows()[rows().indexOf(row) - 1], here),
    Home: () => inRow[0],
    End: () => inRow.at(-1),
  }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  step(to());
}

function rows() {
  return [...strip.querySelectorAll(ROW)].filter((row) => row.querySelector("a") !== null);
}

function beside(row, by) {
  const same = rows().filter((other) => other.getAttribute("aria-label") === row.getAttribute("aria-label"));
  return same[same.indexOf(row) + by];
}

function nearest(row, here) {
  if (row === undefined) return undefined;
  const middle = (block) => {
    const box = block.getBoundingClientRect();
    return Math.abs(box.left - here.getBoundingClientRect().left);
  };
  return [...row.querySelectorAll("a")].sort((one, other) => middle(one) - middle(other))[0];
}

function tell(block) {
  const told = place(block);
  chosen?.removeAttribute("aria-current");
  chosen = block;
  block.setAttribute("aria-current", "true");
  const heading = document.createElement("h3");
  heading.append(...[...told.querySelector("summary").childNodes].map((node) => node.cloneNode(true)));
  const more = [...told.children].slice(1).map((node) => node.cloneNode(true));
  for (const node of more) node.removeAttribute("id");
  const close = document.createElement("button");
  close.type = "button";
  close.textContent = "Back to the picture";
  close.addEventListener("click", back);
  const edition = document.createElement("p");
  edition.textContent = `Edition ${strip.dataset.edition}.`;
  panel.replaceChildren(heading, ...more, edition, close);
  panel.hidden = false;
  panel.focus();
  panel.scrollIntoView({ block: "nearest" });
}

function back() {
  panel.hidden = true;
  step(chosen);
}

// --- the list ---

function openTarget() {
  const target = location.hash.length > 1 ? document.getElementById(decodeURIComponent(location.hash.slice(1))) : null;
  const details = target?.closest("details") ?? target?.querySelector(":scope > details");
  if (details) details.open = true;
}

// --- single letters ---

function shortcuts() {
  const help = document.getElementById("keys");
  const wanted = document.getElementById("single-keys");
  help.hidden = false;
  wanted.checked = remembered() !== "off";
  wanted.addEventListener("change", () => remember(wanted.checked ? "on" : "off"));
  const press = (selector) => () => document.querySelector(selector)?.click();
  const focus = (id) => () => document.getElementById(id)?.focus();
  const acts = {
    "?": () => {
      help.open = true;
      help.querySelector("summary").focus();
    },
    t: press("#today"), j: press("#later"), k: press("#earlier"),
    2: press("[data-zoom='2w']"), 6: press("[data-zoom='6w']"), m: press("[data-zoom='month']"), y: press("[data-zoom='12m']"),
    g: focus("from"), w: focus("at"), f: focus("person"),
    c: () => (chosenNow() === null ? undefined : place(chosenNow()).querySelector("a.change")?.click()),
    v: press("#preview"),
    p: () => strip?.querySelector("a[tabindex='0']")?.focus(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && panel !== null && !panel.hidden) back();
    if (!wanted.checked || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.target.closest("input, select, textarea")) return;
    const act = acts[event.key];
    if (act === undefined) return;
    event.preventDefault();
    act();
  });
}

// The block that has the focus, or whose words stand in the panel.
function chosenNow() {
  return document.activeElement.closest("#strip a") ?? (panel.hidden ? null : chosen);
}

function remembered() {
  try {
    return localStorage.getItem("single-keys");
  } catch {
    return null; // a browser that keeps nothing: the shortcuts stay on
  }
}

function remember(value) {
  try {
    localStorage.setItem("single-keys", value);
  } catch {
    // then it holds for this page only
  }
}

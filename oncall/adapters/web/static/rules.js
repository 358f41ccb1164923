// The rules page and its bench: find as one types, and see the result beside the form.
// Both pages are whole without this script; then a form leads to a page of its own.

import { startClock } from "./clock.js";

startClock();
findAsOneTypes(document.getElementById("q"));
for (const form of document.querySelectorAll("form[data-into]")) answerInPlace(form);
for (const form of document.querySelectorAll("form.bench")) openChosenDoor(form);

// The same rules stay as on the server: those in which every word stands. A page that the server has already
// narrowed holds too few rules to search in; there the button asks again.
function findAsOneTypes(field) {
  if (field === null || field.defaultValue !== "") return;
  const cards = [...document.querySelectorAll(".rule[data-words]")];
  const shown = document.getElementById("shown");
  field.addEventListener("input", () => {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const card of cards) card.hidden = !words.every((word) => card.dataset.words.includes(word));
    for (const group of document.querySelectorAll(".group")) {
      group.hidden = group.querySelector(".rule:not([hidden])") === null;
    }
    const left = cards.filter((card) => !card.hidden).length;
    shown.textContent = words.length ? `${left} of ${cards.length} rules shown.` : "";
  });
}

// What was typed goes by POST and never into an address.
function answerInPlace(form) {
  const place = document.getElementById(form.dataset.into);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button:not([type=button])");
    button.disabled = true;
    try {
      const answer = await fetch(`${form.action}?part=result`, {
        method: "POST",
        body: new URLSearchParams(new FormData(form)),
      });
      if (answer.status !== 200 && answer.status !== 422) throw new Error(answer.statusText);
      place.innerHTML = await answer.text();
    } catch {
      place.innerHTML = '<p class="warn" role="alert">The house did not answer. Try again.</p>';
    }
    button.disabled = false;
    const heading = place.querySelector("#outcome");
    if (heading === null) button.focus();
    else heading.focus();
  });
}

function openChosenDoor(form) {
  form.addEventListener("change", (event) => {
    if (event.target.name === "door" && event.target.value === "answers") form.querySelector(".answers").open = true;
  });
}

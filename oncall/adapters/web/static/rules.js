// The rules page and its bench: see the result beside the form.
// Both pages are whole without this script; then a form leads to a page of its own.

import { startClock } from "./clock.js";

startClock();
leadToItsPage(location.hash);
for (const form of document.querySelectorAll("form[data-into]")) answerInPlace(form);
for (const form of document.querySelectorAll("form.bench")) openChosenDoor(form);

// Links from before the rules had pages of their own name a rule after the number sign, which no server sees.
function leadToItsPage(name) {
  if (location.pathname === "/rules" && name.startsWith("#rule-")) location.replace(`/rules/rule/${name.slice(6)}`);
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

// Look again whenever the house says that something changed; say so, in grey, when it has been silent too long.

import { watchEmergencies } from "./alarm.js";

const SILENT_AFTER = 15000; // milliseconds; the house beats every 5 seconds
const REST = 700; // milliseconds between two looks, so that a burst of changes is one

export function follow(live, clock, ring) {
  const veil = document.getElementById("veil");
  const age = () => document.getElementById("age");
  let heardAt = Date.now();
  let heardHour = clock.hour();
  let looking = false;
  let lookAgain = false;

  function hear(event) {
    clock.set(JSON.parse(event.data));
    heardAt = Date.now();
    heardHour = clock.hour();
    if (!veil.hidden) look();
  }

  async function look() {
    if (looking) {
      lookAgain = true;
      return;
    }
    looking = true;
    try {
      const answer = await fetch(live.dataset.source, { headers: { Accept: "text/html" } });
      if (answer.status === 401 || (answer.status === 404 && live.dataset.events)) return ended();
      if (answer.ok) {
        swap(live, await answer.text());
        clock.show();
        tellEmergencies();
        judge();
      }
    } catch {
      // the house cannot be reached: the missing beat will show it
    }
    setTimeout(() => {
      looking = false;
      if (lookAgain) {
        lookAgain = false;
        look();
      }
    }, REST);
  }

  function judge() {
    const silent = Date.now() - heardAt > SILENT_AFTER;
    document.body.classList.toggle("stale", silent);
    if (silent && veil.hidden) veil.textContent = `NOT LIVE since ${heardHour}. Trying again.`;
    veil.hidden = !silent;
    if (!silent && age()) age().textContent = heardHour;
  }

  const tellEmergencies = watchEmergencies(live, ring);

  // A screen's own link shows by itself that it has ended; whoever signed in does so again.
  const ended = () => (live.dataset.events ? location.reload() : signInAgain());
  const stream = new EventSource(live.dataset.events || "/events");
  stream.addEventListener("beat", hear);
  stream.addEventListener("changed", (event) => {
    hear(event);
    look();
  });
  stream.addEventListener("open", look);
  stream.addEventListener("ended", ended);
  stream.addEventListener("error", () => stream.readyState === EventSource.CLOSED && look()); // refused, not cut off
  setInterval(judge, 1000);
}

// The session is over: nothing of a patient stays on the screen, and one comes back here after signing in.
function signInAgain() {
  location.replace(`/login?next=${encodeURIComponent(location.pathname + location.search)}`);
}

// A message that somebody listens to goes on where it was.
function playOn(live, key, at) {
  const sound = live.querySelector(`audio[data-key="${CSS.escape(key)}"]`);
  if (!sound) return;
  sound.currentTime = at;
  sound.play().catch(() => {}); // the browser wants a new press: the player is there
}

// What somebody is typing stays, with the place in it; a choice that is gone does not come back.
function keepTyped(live) {
  const fields = [...live.querySelectorAll("input[data-key], textarea[data-key], select[data-key]")];
  const typed = fields.map((field) => [field.dataset.key, field.value, field.selectionStart, field.selectionEnd]);
  return () => {
    for (const [key, value, from, to] of typed) {
      const field = live.querySelector(`[data-key="${CSS.escape(key)}"]`);
      if (!field) continue;
      const fresh = field.value;
      field.value = value;
      if (field.tagName === "SELECT" && field.selectedIndex < 0) field.value = fresh;
      if (typeof from === "number") field.setSelectionRange(from, to);
    }
  };
}

// Put the new content in, and leave the reader where he was: focus, opened details and what was typed stay.
function swap(live, html) {
  const focused = live.contains(document.activeElement) ? document.activeElement.closest("[data-key]") : null;
  const onSummary = focused !== null && document.activeElement.tagName === "SUMMARY";
  const opened = [...live.querySelectorAll("details[open][data-key]")].map((details) => details.dataset.key);
  const playing = [...live.querySelectorAll("audio[data-key]")].filter((sound) => !sound.paused);
  const typeAgain = keepTyped(live);
  live.innerHTML = html;
  playing.forEach(({ dataset, currentTime }) => playOn(live, dataset.key, currentTime));
  for (const key of opened) {
    const details = live.querySelector(`details[data-key="${CSS.escape(key)}"]`);
    if (details) details.open = true;
  }
  typeAgain();
  if (focused === null) return;
  const again = live.querySelector(`[data-key="${CSS.escape(focused.dataset.key)}"]`);
  const target = onSummary && again ? again.querySelector("summary") : again;
  if (target) target.focus({ preventScroll: true });
}

// The health page looks again every 15 seconds, and says in grey when it cannot. Without script it reloads itself.

import { startClock } from "./clock.js";

const EVERY = 15000; // milliseconds
const live = document.getElementById("live");
const veil = document.getElementById("veil");

async function look() {
  try {
    const answer = await fetch(live.dataset.source, { headers: { Accept: "text/html" } });
    if (answer.status === 401) location.replace("/login?next=/health");
    if (!answer.ok) throw new Error("no answer");
    live.innerHTML = await answer.text();
    document.body.classList.remove("stale");
    veil.hidden = true;
  } catch {
    veil.textContent = `NOT LIVE since ${document.getElementById("age").textContent}. Trying again.`;
    document.body.classList.add("stale");
    veil.hidden = false;
  }
}

startClock();
setInterval(look, EVERY);

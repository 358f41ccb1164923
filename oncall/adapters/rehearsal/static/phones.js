// The phones page's script: sends what a visitor presses, swaps the parts that the server says have changed,
// rings aloud when allowed, and plays the guided stories. All words and all markup come from the server.

const announcer = document.getElementById("announcer");
const calm = matchMedia("(prefers-reduced-motion: reduce)");

async function post(path, body = {}) {
  const response = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  const answer = await response.json().catch(() => ({}));
  if (answer.trouble) say(answer.trouble);
  return answer;
}

function say(words) {
  announcer.textContent = words;
}

// phones -----------------------------------------------------------------------------------------------------

function act(card, verb, body) {
  return post(`/phones/${card.dataset.number}/${verb}`, body);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-verb]");
  if (!button) return;
  act(button.closest(".phone"), button.dataset.verb, button.dataset.keys ? { keys: button.dataset.keys } : {});
});

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-verb]");
  if (!form) return;
  event.preventDefault();
  const box = form.elements.words;
  if (!box.value.trim()) return;
  act(form.closest(".phone"), form.dataset.verb, { words: box.value });
  box.value = "";
});

// what goes wrong ---------------------------------------------------------------------------------------------

document.querySelector("form[data-order]").addEventListener("submit", (event) => {
  event.preventDefault();
  const { key, times } = event.target.elements;
  post("/faults", { key: key.value, times: times.value });
});

document.querySelector("[data-call-off]").addEventListener("click", () => post("/faults/none"));

document.addEventListener("change", (event) => {
  const choice = event.target.closest("select[data-verb]");
  if (choice) act(choice.closest(".phone"), "mode", { mode: choice.value });
});

// digits on the keyboard press keys of the phone that has the focus, unless words are being written
document.addEventListener("keydown", (event) => {
  if (event.target.closest("input, select") || event.ctrlKey || event.metaKey || event.altKey) return;
  const card = event.target.closest('.phone[data-state="talking"]');
  if (card && /^[0-9*#]$/.test(event.key)) act(card, "key", { keys: event.key });
});

const texts = new Map();

async function newCard(news) {
  const html = await (await fetch(`/phones/${encodeURIComponent(news.number)}`)).text();
  const column = document.querySelector(`[data-side="${news.side}"]`);
  if (!document.getElementById(news.id)) column.insertAdjacentHTML("beforeend", html);
}

async function showPhone(news) {
  if (!document.getElementById(news.id)) await newCard(news); // somebody who has never called before
  const card = document.getElementById(news.id);
  const was = card.dataset.state;
  card.dataset.state = news.state;
  card.toggleAttribute("data-silent", news.silent);
  swap(card, "status", news.status);
  swap(card, "screen", news.screen);
  swap(card, "transcript", news.transcript);
  const choice = card.querySelector("select");
  if (choice !== document.activeElement) choice.value = news.mode;
  const isNew = texts.has(news.id) && news.texts > texts.get(news.id);
  texts.set(news.id, news.texts);
  if (isNew) flash(card);
  if (was !== news.state && news.state !== "idle") {
    card.open = true;
    if (news.state === "ringing") say(`${news.owner}'s phone is ringing.`);
    card.scrollIntoView({ block: "nearest", behavior: calm.matches ? "auto" : "smooth" });
  }
  if (isNew) {
    card.open = true;
    say(`New text on ${news.owner}'s phone.`);
  }
  showWhoRings();
  ringAloud();
}

function swap(card, part, html) {
  const place = card.querySelector(`[data-part="${part}"]`);
  if (place.dataset.last === html) return;
  place.dataset.last = html;
  if (part === "status") place.textContent = html;
  else {
    place.innerHTML = html;
    place.scrollTop = place.scrollHeight;
  }
}

function flash(card) {
  card.classList.remove("fresh");
  void card.offsetWidth; // starts the animation again
  card.classList.add("fresh");
}

// ringing aloud ----------------------------------------------------------------------------------------------

const soundButton = document.getElementById("sound");
let audio = null;
let bell = null;

soundButton.addEventListener("click", () => {
  const on = soundButton.getAttribute("aria-pressed") !== "true";
  soundButton.setAttribute("aria-pressed", String(on));
  audio ??= new AudioContext();
  ringAloud();
});

function showWhoRings() {
  for (const side of ["families", "clinicians"]) {
    const rings = document.querySelector(`[data-side="${side}"] [data-state="ringing"]:not([data-silent])`);
    document.querySelector(`.hop [href="#${side}-title"]`).classList.toggle("rings", Boolean(rings));
  }
}

function ringAloud() {
  const on = soundButton.getAttribute("aria-pressed") === "true";
  const rings = document.querySelector('.phone[data-state="ringing"]:not([data-silent])');
  if (on && rings && !bell) {
    ringOnce();
    bell = setInterval(ringOnce, 3000);
  } else if (bell && !(on && rings)) {
    clearInterval(bell);
    bell = null;
  }
}

function ringOnce() {
  const volume = audio.createGain();
  volume.gain.setValueAtTime(0.05, audio.currentTime);
  volume.gain.linearRampToValueAtTime(0, audio.currentTime + 1.2);
  volume.connect(audio.destination);
  for (const pitch of [440, 480]) {
    const tone = audio.createOscillator();
    tone.frequency.value = pitch;
    tone.connect(volume);
    tone.start();
    tone.stop(audio.currentTime + 1.2);
  }
}

// the board and the clock ------------------------------------------------------------------------------------

const clock = document.getElementById("now");

function showBoard(news) {
  document.querySelector('[data-part="board"]').innerHTML = news.html;
  if (news.now) clock.textContent = news.now;
}

document.getElementById("jump")?.addEventListener("click", async (event) => {
  const button = event.currentTarget;
  button.disabled = true;
  const { now } = await post("/phones/jump");
  button.disabled = false;
  button.focus();
  if (now) {
    clock.textContent = now;
    clock.parentElement.classList.add("moved");
    setTimeout(() => clock.parentElement.classList.remove("moved"), 1500);
    say(`It is now ${now}.`);
  }
});

// stories ----------------------------------------------------------------------------------------------------

const progress = new Map(); // story key -> next step
let playing = null;

document.querySelectorAll(".story").forEach((button) => {
  button.addEventListener("click", () => openStory(button.dataset.story));
});

function openStory(key) {
  const player = document.querySelector(`[data-player="${key}"]`);
  const show = player.hidden;
  playing = null;
  document.querySelectorAll(".player").forEach((other) => (other.hidden = true));
  document.querySelectorAll(".story").forEach((other) => other.setAttribute("aria-expanded", "false"));
  player.hidden = !show;
  document.getElementById("stories").classList.toggle("open", show);
  document.querySelector(`[data-story="${key}"]`).setAttribute("aria-expanded", String(show));
  if (show) player.querySelector('[data-play="auto"]').focus();
}

document.querySelectorAll(".player").forEach((player) => {
  player.addEventListener("click", (event) => {
    const wish = event.target.closest("[data-play]")?.dataset.play;
    if (wish === "auto") playing === player ? pause(player) : autoplay(player);
    if (wish === "step" && !player.dataset.busy) step(player);
    if (wish === "again") startOver(player);
  });
});

function pause(player) {
  playing = null;
  player.querySelector('[data-play="auto"]').textContent = "Play";
}

function startOver(player) {
  pause(player);
  progress.set(player.dataset.player, 0);
  player.querySelectorAll("[data-step]").forEach((item) => {
    item.className = "";
    item.removeAttribute("aria-current");
    item.querySelector(".note").textContent = "";
  });
}

async function autoplay(player) {
  const steps = player.querySelectorAll("[data-step]").length;
  if ((progress.get(player.dataset.player) ?? 0) >= steps) startOver(player);
  playing = player;
  player.querySelector('[data-play="auto"]').textContent = "Pause";
  while (playing === player && (progress.get(player.dataset.player) ?? 0) < steps) {
    await step(player);
    await new Promise((done) => setTimeout(done, 2500)); // time to read
  }
  if (playing === player) pause(player);
}

async function step(player) {
  const key = player.dataset.player;
  const number = progress.get(key) ?? 0;
  const item = player.querySelector(`[data-step="${number}"]`);
  if (!item) return;
  player.dataset.busy = "yes";
  player.querySelectorAll("[aria-current]").forEach((other) => other.removeAttribute("aria-current"));
  item.setAttribute("aria-current", "step");
  item.scrollIntoView({ block: "nearest", inline: "nearest", behavior: "auto" });
  item.className = "now";
  const { is_done: isDone, note } = await post(`/stories/${key}/${number}`);
  item.className = isDone ? "done" : "missing";
  item.querySelector(".note").textContent = note ?? "The training ground did not answer.";
  say(note ?? "");
  progress.set(key, number + 1);
  delete player.dataset.busy;
}

// news -------------------------------------------------------------------------------------------------------

const news = new EventSource("/phones/events");
news.addEventListener("phone", (event) => showPhone(JSON.parse(event.data)));
news.addEventListener("faults", (event) => {
  document.querySelector('[data-part="faults"]').innerHTML = JSON.parse(event.data).html;
});
news.addEventListener("board", (event) => showBoard(JSON.parse(event.data)));
news.addEventListener("error", () => document.body.classList.add("lost"));
news.addEventListener("open", () => document.body.classList.remove("lost"));

// The hospital's clock and the waits that count with it. The house's own time rules, not this computer's:
// every event brings it, so that a training clock or a wrong ward PC cannot mislead anybody.

export function startClock() {
  const shown = document.getElementById("clock");
  const letters = document.getElementById("letters");
  let ahead = Date.parse(shown.dateTime) - Date.now();
  const face = new Intl.DateTimeFormat("en-GB", {
    timeZone: shown.dataset.zone, weekday: "short", day: "numeric", month: "short",
    hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
  });
  const hour = new Intl.DateTimeFormat("en-GB", {
    timeZone: shown.dataset.zone, hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
  });
  const clock = {
    now: () => Date.now() + ahead,
    hour: () => hour.format(clock.now()),
    set(told) {
      ahead = Date.parse(told.now) - Date.now();
      letters.textContent = told.letters;
      clock.show();
    },
    show() {
      shown.textContent = face.format(clock.now()).replace(",", "");
      countWaits(clock.now());
    },
  };
  setInterval(clock.show, 1000);
  return clock;
}

function countWaits(now) {
  for (const wait of document.querySelectorAll("[data-since]")) {
    wait.textContent = spanWords(now - Date.parse(wait.dataset.since));
  }
  for (const wait of document.querySelectorAll("[data-until]")) {
    wait.textContent = spanWords(Date.parse(wait.dataset.until) - now);
  }
}

// The same words as `span_words` in the house: two units at most.
export function spanWords(milliseconds) {
  const seconds = Math.max(Math.floor(milliseconds / 1000), 0);
  const hours = Math.floor(seconds / 3600);
  const days = Math.floor(hours / 24);
  const minutes = Math.floor(seconds / 60) % 60;
  if (days) return `${days} ${days === 1 ? "day" : "days"} ${hours % 24} h`;
  if (hours) return `${hours} h ${minutes} min`;
  return minutes ? `${minutes} min ${seconds % 60} s` : `${seconds} s`;
}

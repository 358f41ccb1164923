// An emergency that is new, or that nobody has taken: the title flashes, and the sound comes again until somebody has.

const AGAIN = 20000; // milliseconds between two sounds for the same
const FLASH = 1000;

export function watchEmergencies(live, ring) {
  const title = document.title.replace(/^\(\d+\) EMERGENCY /, "");
  const shown = () => [...live.querySelectorAll(".case.emergency")];
  const hasTitle = live.dataset.emergencies !== undefined;
  let known = new Set(shown().map((row) => row.dataset.case));
  let rungAt = Date.now();
  let flashes = false;

  function sound() {
    rungAt = Date.now();
    ring();
  }

  function look() {
    const now = shown();
    if (now.some((row) => !known.has(row.dataset.case))) {
      document.getElementById("said").textContent = `${now.length} EMERGENCY on the board`;
      sound();
    }
    known = new Set(now.map((row) => row.dataset.case));
    flash();
  }

  function flash() {
    const now = shown();
    const untaken = now.some((row) => "untaken" in row.dataset);
    flashes = untaken && !flashes;
    if (hasTitle) {
      const words = flashes ? "nobody has it" : title;
      document.title = now.length ? `(${now.length}) EMERGENCY ${words}` : title;
    }
    if (untaken && Date.now() - rungAt > AGAIN) sound();
  }

  setInterval(flash, FLASH);
  return look;
}

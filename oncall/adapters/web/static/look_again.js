// Asks for the same page every few seconds and puts the part marked data-live in anew, if it has changed. When that part
// says that it is over, what stands around it changes too: the page is loaded once more.

const REST = 4000; // milliseconds

function part(of) {
  return of.querySelector("[data-live]");
}

async function look() {
  const here = part(document);
  if (!here || here.dataset.live === "over") return;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (answer.status === 401 || answer.redirected) return location.reload();
    if (answer.ok) swap(here, part(new DOMParser().parseFromString(await answer.text(), "text/html")));
  } catch {
    // the house cannot be reached: asked again
  }
  setTimeout(look, REST);
}

function swap(here, fresh) {
  if (!fresh || fresh.dataset.live === "over") return location.reload();
  if (fresh.innerHTML !== here.innerHTML && !here.contains(document.activeElement)) here.innerHTML = fresh.innerHTML;
}

setTimeout(look, REST);

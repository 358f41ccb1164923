// The form's own "Look first", pressed for the coordinator whenever she has changed something and paused: what the
// pattern would look like stands beside it. Without this script the button does the same.

const form = document.getElementById("edit");
const look = document.getElementById("look");
let waiting = 0;
let asked = 0;
form.addEventListener("change", () => {
  clearTimeout(waiting);
  waiting = setTimeout(ask, 600);
});

async function ask() {
  const number = ++asked;
  const fields = new URLSearchParams([...new FormData(form), ["look", "live"]]);
  const answer = await fetch(form.action, { method: "POST", body: fields }).catch(() => null);
  if (answer === null || !answer.ok || number !== asked) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  // empty while the form is not whole yet: the button says what is missing
  look.replaceChildren(...page.getElementById("look").childNodes);
}

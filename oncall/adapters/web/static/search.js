// The key / goes to the search box of any page, unless single letters are switched off (on the rota page).

const box = document.getElementById("search");

function areOff() {
  try {
    return localStorage.getItem("single-keys") === "off";
  } catch {
    return false;
  }
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.altKey || event.metaKey || areOff()) return;
  if (event.target.closest("input, select, textarea")) return;
  event.preventDefault();
  box.focus();
});

// Copies a text on the page; where a browser does not allow it, the text is selected for the hand to copy.

const button = document.getElementById("copy");
if (button) {
  const text = document.getElementById(button.dataset.copies);
  const said = document.getElementById("copied");
  button.hidden = false;
  button.addEventListener("click", async () => {
    text.select();
    try {
      await navigator.clipboard.writeText(text.value);
      said.textContent = "Copied.";
    } catch {
      said.textContent = document.execCommand("copy") ? "Copied." : "Selected: press Ctrl and C.";
    }
  });
}

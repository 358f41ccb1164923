// A button for the browser's own print, and the right time. The page is whole without this script.

import { startClock } from "./clock.js";

startClock();
const button = document.getElementById("print");
button.hidden = false;
button.addEventListener("click", () => window.print());

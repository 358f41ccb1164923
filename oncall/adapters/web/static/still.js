// A page that does not look again by itself still shows the right time.

import { startClock } from "./clock.js";

startClock();

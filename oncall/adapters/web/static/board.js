// The live board and case page: keep the clock, count the waits, look again when something changed.
// The page is whole without this script; it then reloads itself every 15 seconds.

import { startClock } from "./clock.js";
import { offerKeys } from "./keys.js";
import { follow } from "./live.js";
import { offerSound } from "./sound.js";

const clock = startClock();
const ring = offerSound(document.getElementById("sound"));
follow(document.getElementById("live"), clock, ring);
offerKeys(document.getElementById("keys"), document.getElementById("keys-button"));

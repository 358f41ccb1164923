// A sound on an emergency. Browsers allow it only after somebody has pressed the button, which also proves it; a screen
// whose browser is told to allow it always has it back by itself after a reload.

export function offerSound(button) {
  let speaker = null;
  const ring = () => {
    if (speaker === null) return;
    for (const start of [0, 0.35, 0.7]) {
      const tone = speaker.createOscillator();
      const volume = speaker.createGain();
      tone.frequency.value = 880;
      volume.gain.value = 0.2;
      tone.connect(volume).connect(speaker.destination);
      tone.start(speaker.currentTime + start);
      tone.stop(speaker.currentTime + start + 0.2);
    }
  };
  if (button === null || !window.AudioContext) return ring;
  button.hidden = false;
  const turnOn = (made) => {
    speaker = made;
    button.textContent = "Sound: on (press to test)";
    localStorage.setItem("sound", "on");
  };
  if (localStorage.getItem("sound") === "on") {
    const made = new AudioContext();
    if (made.state === "running") turnOn(made);
    else made.close();
  }
  button.addEventListener("click", () => {
    if (speaker === null) turnOn(new AudioContext());
    ring();
  });
  return ring;
}

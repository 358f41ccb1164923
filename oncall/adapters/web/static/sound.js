// A sound on a new emergency. Browsers allow it only after somebody has pressed the button, which also proves it.

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
  button.addEventListener("click", () => {
    if (speaker === null) {
      speaker = new AudioContext();
      button.textContent = "Sound: on (press to test)";
    }
    ring();
  });
  return ring;
}

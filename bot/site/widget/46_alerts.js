// A sound and a mark in the page's title when something comes that nobody is looking at; only if it is wished.
const TONE = { hertz: 660, seconds: 0.25, volume: 0.08 };

class Alerts {
  constructor() {
    this.news = 0;
    addEventListener("focus", () => this.seen());
    document.addEventListener("visibilitychange", () => document.hidden || this.seen());
  }

  get wished() {
    return kept.get("alert") === "yes";
  }

  // On or off; turned on it is heard at once.
  turn(wished) {
    kept.set("alert", wished ? "yes" : null);
    if (wished) this.sound();
    else this.seen();
  }

  // `looking`: the conversation is in sight.
  tell(count, looking) {
    if (!this.wished || (looking && !document.hidden)) return;
    this.sound();
    this.title ??= document.title;
    this.news += count;
    document.title = `(${this.news}) ${this.title}`;
  }

  seen() {
    if (this.title == null) return;
    if (document.title === `(${this.news}) ${this.title}`) document.title = this.title; // the page may have set another
    this.title = null;
    this.news = 0;
  }

  sound() {
    try {
      this.audio ??= new AudioContext();
      const [tone, volume] = [this.audio.createOscillator(), this.audio.createGain()];
      const [now, { hertz, seconds }] = [this.audio.currentTime, TONE];
      tone.frequency.value = hertz;
      volume.gain.setValueAtTime(TONE.volume, now);
      volume.gain.exponentialRampToValueAtTime(0.001, now + seconds);
      tone.connect(volume).connect(this.audio.destination);
      tone.start(now);
      tone.stop(now + seconds);
      this.audio.resume().catch(() => {});
    } catch {
      /* no sound here: the title tells */
    }
  }
}

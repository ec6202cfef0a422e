// Looks every few seconds whether the queue or the ticket on the page has changed, and shows it without a reload.
// What somebody types or has chosen stays as it is.
(() => {
  const EVERY = 10_000;
  const LONGEST = 120_000;
  const TONE = { hertz: 520, seconds: 0.3, volume: 0.08 };
  const WISH = "console-sound";
  const HEARD = "console-news";
  const queue = document.getElementById("live-queue");
  const ticket = document.getElementById("live-ticket");
  const title = document.title;
  let pause = EVERY;
  let mark = "";
  let unseen = 0;
  let audio = null;

  function alert(number) {
    unseen = document.hidden ? unseen + number : 0;
    document.title = unseen ? `(${unseen}) ${title}` : title;
  }
  if (!queue && !ticket) return;

  // A sound for new tickets and answers, only if it is wished on this device; of several open pages one is heard.
  const wished = () => localStorage.getItem(WISH) === "yes";

  function sound() {
    try {
      audio ??= new AudioContext();
      const [tone, volume] = [audio.createOscillator(), audio.createGain()];
      tone.frequency.value = TONE.hertz;
      volume.gain.setValueAtTime(TONE.volume, audio.currentTime);
      volume.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + TONE.seconds);
      tone.connect(volume).connect(audio.destination);
      tone.start(audio.currentTime);
      tone.stop(audio.currentTime + TONE.seconds);
      audio.resume().catch(() => {}); // a browser may want a click on the page first
    } catch {
      // no sound here: the title tells
    }
  }

  function hear(number) {
    const known = localStorage.getItem(HEARD);
    localStorage.setItem(HEARD, number);
    if (known !== null && number > Number(known) && wished()) sound();
  }

  const switching = document.getElementById("sound");
  if (switching) {
    document.getElementById("sound-field").hidden = false;
    switching.checked = wished();
    switching.addEventListener("change", () => {
      localStorage.setItem(WISH, switching.checked ? "yes" : "no");
      if (switching.checked) sound(); // to know it
    });
  }

  document.addEventListener("visibilitychange", () => {
    alert(0);
    if (!document.hidden) look();
  });

  async function ask(address, options) {
    const answer = await fetch(address, { ...options, redirect: "error" });
    if (!answer.ok) throw new Error(answer.status);
    return answer;
  }

  // A ticket that was merged into another leads there.
  async function pageNow() {
    const answer = await fetch(location.href);
    if (!answer.ok) throw new Error(answer.status);
    const text = await answer.text();
    return new DOMParser().parseFromString(text, "text/html");
  }

  function replace(fresh, id) {
    const old = document.getElementById(id);
    const now = fresh.getElementById(id);
    if (old && now && !old.contains(document.activeElement) && !isTouched(old))
      old.replaceWith(document.adoptNode(now));
  }

  function isTouched(element) {
    const typed = [...element.querySelectorAll("input")].some((field) => field.value !== field.defaultValue);
    return typed || [...element.querySelectorAll("option")].some((one) => one.selected !== one.defaultSelected);
  }

  async function lookAtQueue() {
    const found = await (await ask(queue.dataset.live)).json();
    hear(found.news);
    if (mark && found.mark !== mark && !(await showQueue())) return;
    mark = found.mark;
  }

  async function showQueue() {
    const chosen = [...document.querySelectorAll("[name=reference]:checked")].map((box) => box.value);
    const set = ["bulk-tags", "bulk-to"].map((id) => [id, document.getElementById(id)?.value]);
    const place = document.activeElement?.closest("tr")?.querySelector("[name=reference]")?.value;
    const known = new Set([...document.querySelectorAll("[name=reference]")].map((box) => box.value));
    if (document.activeElement?.closest(".bulk")) return false; // somebody is about to do something with these
    const fresh = (await pageNow()).getElementById("live-queue");
    if (!fresh) return false;
    queue.replaceChildren(...fresh.childNodes);
    let added = 0;
    for (const box of document.querySelectorAll("[name=reference]")) {
      box.checked = chosen.includes(box.value);
      const row = box.closest("tr");
      if (box.value === place) row.querySelector("[data-ticket]").focus();
      if (known.has(box.value)) continue;
      added += 1;
      row.classList.add("is-new");
    }
    for (const [id, value] of set) {
      const field = document.getElementById(id);
      if (field && value) field.value = value;
    }
    alert(Math.max(1, added));
    return true;
  }

  function showOthers(others) {
    const told = document.getElementById("others");
    const words = others.map(({ who, writes }) => `${who} ${writes ? "is writing a reply" : "has this ticket open"}`);
    told.hidden = !words.length;
    const text = words.length ? `${words.join(", ")}.` : "";
    if (told.textContent !== text) told.textContent = text;
  }

  async function lookAtTicket() {
    const body = new FormData();
    body.set("csrf_token", ticket.querySelector("[name=csrf_token]").value);
    body.set("writes", document.getElementById("reply")?.value.trim() ? "yes" : "");
    const found = await (await ask(ticket.dataset.live, { method: "POST", body })).json();
    hear(found.news);
    showOthers(found.others);
    if (found.version !== ticket.dataset.version) await showTicket();
  }

  let unread = []; // what came while the page was in the background

  async function showTicket() {
    const fresh = await pageNow();
    const now = fresh.getElementById("live-ticket");
    if (!now || now.dataset.version === ticket.dataset.version) return; // it has been shown meanwhile
    for (const id of ["how-it-stands", "actions", "desk", "person", "reply-hint"]) replace(fresh, id);
    const added = showHistory(fresh);
    const events = [...unread, ...added];
    for (const event of events) event.classList.add("is-new");
    showReplyForm(fresh);
    const news = document.getElementById("news");
    if (news) {
      const heads = events.map((event) => event.querySelector(".event-head").textContent.replace(/\s+/g, " ").trim());
      const reopens = fresh.getElementById("reply-form") ? "" : ". A reply opens the ticket again.";
      news.textContent = `New in the history above: ${heads.join("; ")}${reopens}`;
      news.hidden = !events.length;
    }
    // What is new stands before the eyes, so that a reply answers it; to a page in the background it stays news.
    unread = document.hidden ? events : [];
    if (!document.hidden) {
      ticket.dataset.version = now.dataset.version;
      const seen = document.querySelector("#reply-form [name=seen]");
      if (seen) seen.value = now.dataset.version;
    }
    if (added.length) alert(added.length);
  }

  // Adds what is new, and leaves what is there, with what is open or focused in it, unless tickets became one.
  function showHistory(fresh) {
    const list = document.querySelector("#history .history");
    const old = [...list.children];
    const now = [...fresh.querySelectorAll("#history .event")].map((event) => document.adoptNode(event));
    const goesOn = old.every((event, place) => event.textContent === now[place]?.textContent);
    const told = new Set(old.map((event) => event.textContent));
    const added = goesOn ? now.slice(old.length) : now.filter((event) => !told.has(event.textContent));
    if (goesOn) list.append(...added);
    else list.replaceChildren(...now);
    return added;
  }

  // A ticket that is open again can be answered.
  function showReplyForm(fresh) {
    const card = fresh.getElementById("reply-card");
    if (!card || document.getElementById("reply-card")) return;
    document.getElementById("note-card").before(document.adoptNode(card));
    card.dispatchEvent(new Event("shown", { bubbles: true }));
  }

  let timer = 0;
  async function look() {
    clearTimeout(timer);
    try {
      await (queue ? lookAtQueue() : lookAtTicket());
      pause = EVERY;
    } catch {
      pause = Math.min(pause * 2, LONGEST); // signed out, or the site is away: the next click says so
    }
    timer = setTimeout(look, document.hidden ? pause * 3 : pause);
  }

  look();
})();

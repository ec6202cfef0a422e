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

  // Everything but the bar of what is done with those chosen, in which somebody may just choose or type.
  async function showQueue() {
    const fresh = (await pageNow()).getElementById("live-queue");
    if (!fresh) return false;
    const before = rows();
    const find = focusedIn(queue);
    const anchor = anchorOf(before);
    for (const part of [".filters", ".queue", "#known-tags"])
      queue.querySelector(part).replaceWith(document.adoptNode(fresh.querySelector(part)));
    showBar(fresh.querySelector(".bulk"));
    const added = keepChosen(before);
    find?.()?.focus({ preventScroll: true });
    const stays = anchor && rows().get(anchor.reference)?.row;
    if (stays) scrollBy(0, stays.getBoundingClientRect().top - anchor.top);
    queue.dispatchEvent(new Event("shown", { bubbles: true }));
    alert(Math.max(1, added));
    return true;
  }

  // The tickets on the page by their references.
  function rows() {
    const found = [...queue.querySelectorAll(".tickets [name=reference]")].map((box) => {
      const seen = box.parentElement.querySelector("[name^=seen]");
      return [box.value, { row: box.closest("tr"), box, seen }];
    });
    return new Map(found);
  }

  function showBar(now) {
    const bar = queue.querySelector(".bulk");
    if (!bar && now) queue.querySelector("#bulk").append(document.adoptNode(now));
    else if (bar && !now) {
      const held = bar.contains(document.activeElement);
      bar.remove();
      if (held) document.getElementById("content").focus();
    }
  }

  // What was chosen stays chosen, as it was seen then: with news it is not resolved unseen. Returns how many are new.
  function keepChosen(before) {
    let [added, gone] = [0, 0];
    const now = rows();
    for (const [reference, { row, box, seen }] of now) {
      const was = before.get(reference);
      box.checked = Boolean(was?.box.checked);
      if (!was) added += 1;
      else if (was.box.checked && was.seen.value !== seen.value) {
        seen.dataset.now = seen.value;
        seen.value = was.seen.value;
      } else continue;
      row.classList.add("is-new");
    }
    for (const [reference, { box }] of before) if (box.checked && !now.has(reference)) gone += 1;
    const told = document.getElementById("chosen");
    if (told && gone) told.dataset.gone = Number(told.dataset.gone || 0) + gone;
    return added;
  }

  // Who takes a ticket out of those chosen, and in again, has seen its news.
  queue?.addEventListener("change", () => {
    for (const { box, seen } of rows().values()) {
      if (box.checked || !seen.dataset.now) continue;
      seen.value = seen.dataset.now;
      delete seen.dataset.now;
    }
  });

  // Finds again what has the focus: the same thing in the same row, or in what stands there now.
  function focusedIn(part) {
    const held = document.activeElement;
    if (!part.contains(held) || held.closest(".bulk")) return null;
    if (held.id) return () => document.getElementById(held.id);
    const row = held.closest("tr");
    if (!row) return () => part.querySelector(`a[href="${CSS.escape(held.getAttribute("href"))}"]`);
    const [reference, place] = [row.querySelector("[name=reference]")?.value, [...rows().keys()]];
    return () => {
      const now = rows();
      const there = now.get(reference) ?? [...now.values()][Math.min(place.indexOf(reference), now.size - 1)];
      return held.name === "reference" ? there?.box : (there?.row.querySelector("[data-ticket]") ?? part);
    };
  }

  // The row before the eyes, which stays where it is: the one that has the focus or the mouse, else the first that is seen.
  function anchorOf(all) {
    const shown = [...all].map(([reference, { row }]) => ({ reference, row, top: row.getBoundingClientRect().top }));
    const held = shown.find(({ row }) => row.contains(document.activeElement) || row.matches(":hover"));
    return held ?? (scrollY > 0 && shown.find(({ top }) => top >= 0));
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

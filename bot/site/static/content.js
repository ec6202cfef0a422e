// The content pages: a preview while somebody types, unsaved text kept in this tab, progress of a trial, a chat with a
// draft. Every page works without it, the preview and the chat's buttons aside.
(() => {
  const AFTER_TYPING = 400; // milliseconds
  const EVERY = 1_000;
  const MOST_PAUSE = 15_000;
  const LONGEST_SILENCE = 800;
  const parse = (text) => new DOMParser().parseFromString(text, "text/html");
  const element = (name, values, ...children) => {
    const made = Object.assign(document.createElement(name), values);
    made.append(...children);
    return made;
  };

  document.querySelector("[data-focus]")?.focus();

  // A preview and the checks of what stands in a form, made by the site; a newer request ends the one before it.
  function previewOf(form, into, address, fields = () => new FormData(form)) {
    let timer = 0;
    let asked = null;
    async function look() {
      asked?.abort();
      asked = new AbortController();
      into.classList.add("is-old");
      try {
        const answer = await fetch(address, {
          method: "POST",
          body: fields(),
          signal: asked.signal,
          redirect: "error",
        });
        if (!answer.ok) throw new Error(answer.status);
        into.replaceChildren(...parse(await answer.text()).body.childNodes);
        into.classList.remove("is-old");
      } catch (problem) {
        if (problem.name === "AbortError") return;
        into.replaceChildren(
          element("p", { className: "problem", textContent: "No preview just now. Your text is safe." }),
        );
        into.classList.remove("is-old");
      }
    }
    const later = () => {
      clearTimeout(timer);
      timer = setTimeout(look, AFTER_TYPING);
    };
    form.addEventListener("input", later);
    form.addEventListener("change", later);
    return look;
  }

  for (const form of document.querySelectorAll("[data-preview]")) {
    const look = previewOf(form, document.getElementById(form.dataset.into), form.dataset.preview);
    if (form.elements.namedItem("text").value) look();
  }

  const preview = document.querySelector("[data-preview]")?.dataset.preview ?? "/console/content/preview";
  for (const form of document.querySelectorAll(".examples-form")) {
    const into = form.querySelector("#examples-preview");
    previewOf(form.querySelector("[data-check]"), into, preview, () => {
      const fields = new FormData();
      for (const name of ["csrf_token", "item", "add"]) fields.set(name, form.elements.namedItem(name).value);
      return fields;
    });
  }

  // Examples are found while somebody types, and counted.
  for (const field of document.querySelectorAll("[data-find]")) {
    const rows = [...document.querySelectorAll(`${field.dataset.find} > li`)];
    field.closest(".find-field").hidden = rows.length < 10;
    field.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
    field.addEventListener("input", () => {
      const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
      let number = 0;
      for (const row of rows) {
        const text = row.textContent.toLowerCase();
        row.hidden = !words.every((word) => text.includes(word));
        number += row.hidden ? 0 : 1;
      }
      document.getElementById("found").textContent = words.length ? `${number} of ${rows.length}` : "";
    });
  }

  // Text that was not kept in a draft outlives a reload in this tab, and a page is not left without a warning.
  const keyOf = (form) => `content ${form.dataset.keep}`;
  const SENT = "content sent"; // the form that was sent last
  const fieldsOf = (form) => [
    ...form.querySelectorAll("input:not([type=hidden], [type=checkbox], [type=search]), textarea, select"),
  ];
  const typedIn = (form) => fieldsOf(form).map((field) => field.value);
  const unsaved = new Set();
  const forms = [...document.querySelectorAll("form[data-keep]")];
  if (document.querySelector(".told[data-kept]")) sessionStorage.removeItem(sessionStorage.getItem(SENT));
  document.addEventListener("submit", ({ target }) => {
    sessionStorage.setItem(SENT, target.dataset.keep ? keyOf(target) : "");
    unsaved.clear(); // what stands in other forms is back on the next page
  });
  for (const form of forms) {
    const before = JSON.stringify(typedIn(form));
    const told = form.querySelector("[data-unsaved]");
    const kept = JSON.parse(sessionStorage.getItem(keyOf(form)) ?? "null");
    const tell = () => {
      const now = JSON.stringify(typedIn(form));
      if (now === before) {
        unsaved.delete(form);
        sessionStorage.removeItem(keyOf(form));
      } else {
        unsaved.add(form);
        sessionStorage.setItem(keyOf(form), JSON.stringify({ before, now }));
      }
      told.textContent = now === before ? "" : "Not kept yet.";
    };
    const throwAway = () => {
      sessionStorage.removeItem(keyOf(form));
      unsaved.delete(form);
      location.reload();
    };
    if (kept && kept.now !== before && kept.before === before) {
      const values = JSON.parse(kept.now);
      const fields = fieldsOf(form);
      if (values.length === fields.length) {
        fields.forEach((field, number) => {
          field.value = values[number];
          if (field.value) field.closest("details")?.setAttribute("open", "");
        });
        unsaved.add(form);
        const button = element("button", { type: "button", className: "button small", textContent: "Throw it away" });
        button.addEventListener("click", throwAway);
        const words = "What you had typed before and not kept is back.";
        form.prepend(
          element("p", { className: "notice info spread", role: "status" }, element("span", {}, words), button),
        );
        form.dispatchEvent(new Event("input"));
        told.textContent = "Not kept yet.";
      }
    }
    form.addEventListener("input", tell);
    form.addEventListener("change", tell);
  }
  for (const link of document.querySelectorAll("[data-throw-away]"))
    link.addEventListener("click", () => {
      for (const form of forms) sessionStorage.removeItem(keyOf(form));
      unsaved.clear();
    });
  window.addEventListener("beforeunload", (event) => {
    if (unsaved.size) event.preventDefault();
  });

  // How far a trial is; asked each second while somebody looks, and what came out is shown in its place.
  function watchTrial() {
    const trial = document.getElementById("trial");
    if (!trial?.dataset.progress) return;
    let pause = EVERY;
    let timer = 0;
    let steps = 0;
    async function look() {
      clearTimeout(timer);
      if (document.hidden) return;
      try {
        const answer = await fetch(trial.dataset.progress, { redirect: "error" });
        if (!answer.ok) throw new Error(answer.status);
        const found = await answer.json();
        if (!found.under_way) return await showEnd();
        if (found.steps > steps) await showSoFar(found.steps);
        trial.querySelector("progress").value = found.share;
        const words = document.getElementById("trial-words");
        if (words.textContent !== found.words) words.textContent = found.words;
        pause = EVERY;
      } catch {
        pause = Math.min(pause * 2, MOST_PAUSE);
      }
      timer = setTimeout(look, pause);
    }
    async function showSoFar(reached) {
      const fresh = parse(await (await fetch(location.href, { redirect: "error" })).text());
      const now = fresh.getElementById("trial-result");
      if (now) document.getElementById("trial-result").replaceWith(document.adoptNode(now));
      steps = reached;
    }
    async function showEnd() {
      const fresh = parse(await (await fetch(location.href, { redirect: "error" })).text());
      for (const id of ["trial", "chat", "publish"]) {
        const now = fresh.getElementById(id);
        const old = document.getElementById(id);
        if (now && old) old.replaceWith(document.adoptNode(now));
      }
      document.getElementById("trial-said").textContent = "The trial is over. What came out is shown here.";
      talk();
    }
    document.addEventListener("visibilitychange", () => !document.hidden && trial.isConnected && look());
    look();
  }

  // A chat with the draft; what the site sends is its own safe HTML.
  function talk() {
    const form = document.getElementById("draft-chat-form");
    const log = document.getElementById("draft-chat");
    if (!form || !log) return;
    const field = document.getElementById("say");
    const problem = document.getElementById("chat-problem");
    const add = (role, name, ...content) => {
      const words = element("div", { className: "prose", dir: "auto" }, ...content);
      log.append(
        element("li", { className: `line ${role}` }, element("span", { className: "line-role" }, name), words),
      );
      log.scrollTop = log.scrollHeight;
      return log.lastElementChild;
    };
    async function say(text, payload, title) {
      const body = new FormData(form);
      body.set("text", text);
      body.set("payload", payload);
      for (const old of form.querySelectorAll(".chat-buttons")) old.remove();
      problem.hidden = true;
      add("user", "You", title);
      form.setAttribute("aria-busy", "true");
      let moment;
      const waits = setTimeout(() => {
        moment = add("bot", "Draft", "One moment: a draft is loaded when it is asked for the first time.");
      }, LONGEST_SILENCE);
      const waitsNoMore = () => {
        clearTimeout(waits);
        moment?.remove();
      };
      try {
        const options = { method: "POST", body, headers: { Accept: "application/json" }, redirect: "error" };
        const found = await (await fetch(form.getAttribute("action"), options)).json();
        waitsNoMore();
        if (found.problem) throw new Error(found.problem);
        for (const name of ["conversation", "history"]) form.elements.namedItem(name).value = found[name];
        for (const reply of found.replies) add("bot", "Draft", ...parse(reply.html).body.childNodes);
        const offered = found.replies.flatMap((reply) => reply.buttons);
        const buttons = offered.map((one) => {
          const button = element("button", { type: "button", className: "button small", textContent: one.title });
          button.addEventListener("click", () => say("", one.payload, one.title));
          return button;
        });
        if (buttons.length) form.prepend(element("div", { className: "row chat-buttons" }, ...buttons));
      } catch (failed) {
        waitsNoMore();
        problem.textContent = failed instanceof SyntaxError ? "That did not work. Reload the page." : failed.message;
        problem.hidden = false;
      }
      form.removeAttribute("aria-busy");
      field.focus();
    }
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      event.stopPropagation();
      const text = field.value.trim();
      if (!text || form.hasAttribute("aria-busy")) return;
      field.value = "";
      say(text, "", text);
    });
  }

  talk();
  watchTrial();
})();

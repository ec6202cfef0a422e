// Pictures and PDF: chosen, pasted or dropped, sent as they are. None is shown here: each can be saved again.
const TAKEN = "image/png,image/jpeg,image/gif,image/webp,application/pdf"; // a hint for the browser; the site decides
const MOST_AT_ONCE = 5;

// Where a file is sent to, with the name that it should have.
const placeOf = (path, file, id) => `${path}?${new URLSearchParams({ name: file.name, ...(id ? { id } : {}) })}`;

const save = async ({ id, name }) => {
  const address = URL.createObjectURL(await call("GET", `/api/attachments/${id}`));
  make("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), LONGEST_CALL);
};

// A file of a message; `say` tells a screen reader what is shown to everybody below it.
const fileButton = (file, say) => {
  const problem = make("p", { class: "problem" });
  const press = () =>
    save(file).then(
      () => problem.replaceChildren(),
      ({ message }) => {
        problem.textContent = message;
        say(message);
      },
    );
  const name = make("bdi", {}, file.name);
  const title = fill(WORDS.saveFile, file);
  const button = make("button", { type: "button", class: "file", title, onclick: press }, icon("file"), name);
  button.append(make("span", {}, file.size));
  return make("div", { class: "files" }, button, problem);
};

// `add` is called with the files that are pasted or dropped in the area, unless one within it has taken them.
const takeIn = (area, add) => {
  const taking = (event, files) => {
    if (!files?.length || event.defaultPrevented) return;
    event.preventDefault();
    add(files);
  };
  area.addEventListener("paste", (event) => taking(event, event.clipboardData?.files));
  area.addEventListener("drop", (event) => taking(event, event.dataTransfer?.files));
  area.addEventListener("dragover", (event) => {
    if (event.dataTransfer?.types.includes("Files")) event.preventDefault();
  });
};

// What lets people choose, paste and drop files; `add` is called with each.
const filePicker = (area, add) => {
  const addAll = (files) => [...files].slice(0, MOST_AT_ONCE).forEach(add);
  const input = make("input", { type: "file", accept: TAKEN, multiple: true, hidden: true, tabindex: "-1" });
  input.addEventListener("change", () => {
    addAll(input.files);
    input.value = ""; // the same one can be chosen again
  });
  takeIn(area, addAll);
  const title = WORDS.addFile;
  const open = () => input.click();
  return [
    make("button", { type: "button", class: "icon", "aria-label": title, title, onclick: open }, icon("clip")),
    input,
  ];
};

// A field for the files of a form; `add` chooses further ones; `claims` sends what is chosen, each once, and says what the
// form is to send along.
const fileField = () => {
  const input = make("input", { type: "file", accept: TAKEN, multiple: true });
  const sent = new Map();
  const claims = async () => {
    const chosen = [...input.files].slice(0, MOST_AT_ONCE);
    for (const file of chosen)
      if (!sent.has(file)) sent.set(file, (await call("POST", placeOf("/api/tickets/attachments", file), file)).claim);
    return chosen.map((file) => sent.get(file));
  };
  const add = (files) => {
    const all = new DataTransfer();
    for (const file of [...input.files, ...files].slice(0, MOST_AT_ONCE)) all.items.add(file);
    input.files = all.files;
  };
  return { element: make("label", {}, WORDS.files, input), add, claims };
};

// Shows the answers that fit while one types, best first; without this script the form asks the site.
(() => {
  const TYPING = 250; // milliseconds after the last key before the site is asked
  const field = document.getElementById("search");
  const ranked = document.getElementById("ranked");
  if (!field || !ranked) return;
  const said = document.getElementById("found");
  const nothing = document.getElementById("nothing");
  const topics = [...document.querySelectorAll(".by-topic")];
  const homes = new Map(topics.map((topic) => [topic, [...topic.querySelectorAll(".faq")]]));
  const faqs = new Map([...homes.values()].flat().map((faq) => [faq.dataset.id, faq]));
  let timer = 0;
  let asked = 0;

  const show = (found) => {
    for (const [topic, own] of homes) topic.append(...own);
    for (const topic of topics) topic.hidden = Boolean(found);
    ranked.replaceChildren(...(found ?? []).map(({ id }) => faqs.get(id)).filter(Boolean));
    ranked.hidden = !found?.length;
    nothing.hidden = !found || found.length > 0;
    said.textContent = found ? `${found.length} ${found.length === 1 ? "answer" : "answers"} found` : "";
  };

  const look = async () => {
    asked += 1;
    const [mine, words] = [asked, field.value.trim()];
    if (!words) return show(null);
    const answer = await fetch(`/api/faqs?q=${encodeURIComponent(words)}`).catch(() => null);
    if (!answer?.ok || mine !== asked) return; // what was found before stays; Enter asks for the page
    const { faqs: found } = await answer.json();
    if (mine === asked) show(found);
  };

  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, TYPING);
  });
})();

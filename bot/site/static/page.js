// Filters the answers while one types; without this script the form asks the site.
(() => {
  const field = document.getElementById("search");
  if (!field) return;
  const found = document.getElementById("found");
  const faqs = [...document.querySelectorAll(".faq")].map((element) => ({
    element,
    text: element.textContent.toLowerCase(),
  }));
  const topics = [...document.querySelectorAll(".topic")];
  const ignored = field.form.dataset.ignored.split(" ");
  let timer = 0;

  const filter = () => {
    const words = field.value
      .toLowerCase()
      .split(/\s+/)
      .filter((word) => word && !ignored.includes(word));
    let count = 0;
    for (const { element, text } of faqs) {
      element.hidden = !words.every((word) => text.includes(word));
      if (!element.hidden) count += 1;
    }
    for (const topic of topics) topic.hidden = ![...topic.querySelectorAll(".faq")].some((element) => !element.hidden);
    clearTimeout(timer);
    timer = setTimeout(() => {
      found.textContent = words.length ? `${count} answers found` : "";
    }, 500);
  };
  field.addEventListener("input", filter);
})();

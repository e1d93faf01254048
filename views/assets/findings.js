// The form of a finding: a filter over the factors, and a passage's box that goes with its factor's. Without it the form works the same.

const evidence = document.querySelector("[data-evidence]");
const bar = evidence?.querySelector("[data-evidence-filter]");
if (bar) {
  const sought = bar.querySelector("#filter");
  const chosenOnly = bar.querySelector("#chosen-only");
  const none = bar.querySelector("[data-evidence-none]");
  const nothing = bar.querySelector("template").content.textContent;
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").replace(/[’‘]/g, "'").toLowerCase();
  const sections = [...evidence.querySelectorAll("[data-evidence-section]")].map((section) => ({
    section,
    factors: [...section.querySelectorAll("[data-evidence-factor]")].map((factor) => ({
      factor,
      box: factor.querySelector("input[name=factors]"),
      text: plain(factor.textContent),
    })),
  }));

  const apply = () => {
    const words = plain(sought.value).split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const { section, factors } of sections) {
      let any = false;
      for (const { factor, box, text } of factors) {
        const visible = (!chosenOnly.checked || box.checked) && words.every((word) => text.includes(word));
        factor.hidden = !visible;
        any ||= visible;
      }
      section.hidden = !any;
      shown += any ? 1 : 0;
    }
    none.textContent = shown === 0 ? nothing : "";
  };
  sought.addEventListener("input", apply);
  // Enter in the filter is no wish to send the form.
  sought.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
  });
  chosenOnly.addEventListener("change", apply);
  bar.hidden = false;

  evidence.addEventListener("change", ({ target }) => {
    if (target.name === "passages") {
      // A passage that shows two factors stands under both.
      for (const twin of evidence.querySelectorAll("input[name=passages]")) if (twin.value === target.value) twin.checked = target.checked;
      if (target.checked) target.closest("[data-evidence-factor]").querySelector("input[name=factors]").checked = true;
    }
  });
}

// Saves a form of the draft a little after the last change. What did not arrive stays in the page, which says so; the button saves too.

const SOON_MS = 1_200;

for (const form of document.querySelectorAll("form[data-autosave]")) {
  const line = form.querySelector("[data-saving]");
  const words = JSON.parse(line.dataset.words);
  let timer = 0;
  let running = false;
  let again = false;
  let unsaved = false;

  const show = (text, tone = "") => {
    line.textContent = text;
    line.dataset.tone = tone;
  };

  async function save() {
    clearTimeout(timer);
    timer = 0;
    if (running) {
      again = true;
      return;
    }
    running = true;
    show(words.saving);
    let answer;
    try {
      const response = await fetch(form.action, {
        method: "POST",
        headers: { accept: "application/json" },
        body: new URLSearchParams(new FormData(form)),
      });
      answer = { status: response.status, ...(await response.json().catch(() => ({}))) };
    } catch {
      answer = { status: 0 };
    }
    running = false;
    if (answer.status === 200) {
      unsaved = again || timer !== 0;
      form.elements.seen.value = answer.seen;
      // The codes of options are stored now: a later change of one stands for this one.
      const was = [...form.querySelectorAll('[name="option_was"]')];
      const codes = [...form.querySelectorAll('[name="option_code"]')];
      for (const [at, input] of was.entries()) if ((answer.options ?? []).includes(codes[at].value)) input.value ||= codes[at].value;
      show(words.saved.replace("{at}", answer.at), "saved");
    } else if (answer.status === 422) show(words.wrong.replace("{problems}", Object.values(answer.problems ?? {}).join(" ")), "failed");
    else if (answer.status === 409) show(words.conflict, "failed");
    else show(words.failed, "failed");
    if (again) {
      again = false;
      await save();
    }
  }

  form.addEventListener("input", () => {
    unsaved = true;
    clearTimeout(timer);
    timer = setTimeout(save, SOON_MS);
  });
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    unsaved = false;
  });
  addEventListener("beforeunload", (event) => {
    if (unsaved) event.preventDefault();
  });
}

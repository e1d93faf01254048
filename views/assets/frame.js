// Small comforts of every page; nothing here is needed to do the work.

// A form that came back with errors opens on the list of what to correct, each line saying of which field it speaks.
for (const link of document.querySelectorAll("a[data-nameless]")) {
  const field = document.getElementById(link.hash.slice(1));
  const head = field?.type === "radio" ? field.closest("fieldset")?.querySelector("legend") : field?.labels?.[0];
  const name = head
    ? [...head.childNodes].filter(({ className }) => className !== "field__need").map(({ textContent }) => textContent)
    : [];
  const words = (name.join("").trim() || field?.ariaLabel) ?? "";
  if (words) link.prepend(words, document.documentElement.lang === "fr" ? "\u00a0: " : ": ");
}
document.querySelector("[data-focus]")?.focus();

// A menu closes on Escape and on a click elsewhere, as people expect of a menu.
const menus = () => document.querySelectorAll("details[data-menu][open]");
document.addEventListener("click", (event) => {
  for (const menu of menus()) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of menus()) {
    const held = menu.contains(document.activeElement);
    menu.open = false;
    if (held) menu.querySelector("summary")?.focus();
  }
});

// The same form is not sent twice by an impatient second click. A form that another script took over is left alone; one whose
// answer was a file, or a page come back from the history, can be sent again.
const sent = new WeakSet();
const release = (form) => {
  sent.delete(form);
  form.removeAttribute("data-sent");
};
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (sent.has(form)) return event.preventDefault();
  // After every other listener has had its say.
  setTimeout(() => {
    if (event.defaultPrevented) return;
    sent.add(form);
    form.setAttribute("data-sent", "");
    setTimeout(release, 5000, form);
  });
});
addEventListener("pageshow", (event) => {
  if (event.persisted) for (const form of document.forms) release(form);
});

// <form data-guard>: what was typed is not lost by leaving the page without sending it.
const edited = new Set();
document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (form?.hasAttribute("data-guard")) edited.add(form);
});
document.addEventListener("submit", (event) => edited.delete(event.target));
addEventListener("beforeunload", (event) => {
  if (edited.size > 0) event.preventDefault();
});

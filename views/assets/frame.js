// Small comforts of every page; nothing here is needed to do the work.

// A form that came back with errors opens on the list of what to correct.
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

// The same form is not sent twice by an impatient second click. A page restored from the history works again.
const sent = new WeakSet();
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (sent.has(form)) event.preventDefault();
  else {
    sent.add(form);
    form.setAttribute("aria-busy", "true");
  }
});
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.forms) {
    sent.delete(form);
    form.removeAttribute("aria-busy");
  }
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

// <input type="checkbox" data-check-all="name">: ticks every box of that name in the same form.
document.addEventListener("change", (event) => {
  const name = event.target.dataset?.checkAll;
  if (!name) return;
  for (const box of event.target.form.elements) if (box.name === name) box.checked = event.target.checked;
});

// <form data-auto-submit>: a choice in a list is enough; without script its button does the same.
document.addEventListener("change", (event) => {
  if (event.target.matches("form[data-auto-submit] select")) event.target.form.requestSubmit();
});

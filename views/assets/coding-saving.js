// Sends the acts of coding one after the other, card by card. An act that did not arrive stays in its card, which says so and sends that very
// act again; nothing is kept in the browser's storage.

const RETRY_MS = 8_000;

/** The version of the coding that a card shows; a card that was never coded carries none. */
export function setVersion(form, version) {
  const field =
    form.elements.seenVersion ?? form.appendChild(Object.assign(document.createElement("input"), { type: "hidden", name: "seenVersion" }));
  field.value = String(version);
}

/**
 * @param words messages of the page
 * @param say   tells the whole page, aloud for screen readers
 * @param fresh fetches a card again as the server has it: the new page, or null when nobody is signed in any more
 * @param done  called after each act that arrived, with the card's form and the answer
 */
export function savingOf({ words, say, fresh, done }) {
  const cards = new Map(); // form → { running: the act under way, again, failed, timer, resend }
  const of = (form) => {
    if (!cards.has(form)) cards.set(form, { running: null, again: false, failed: false, timer: 0, resend: null });
    return cards.get(form);
  };

  /** The line under a card: a text, and what can be done about it. */
  function show(form, text, acts = [], tone = "") {
    const line = form.querySelector("[data-state]");
    line.replaceChildren(text);
    line.dataset.state = tone;
    for (const { label, run, href, here } of acts) {
      const act = document.createElement(href ? "a" : "button");
      act.textContent = label;
      if (href) {
        act.href = href;
        if (!here) act.target = "_blank";
      } else {
        act.type = "button";
        act.className = "button button--small button--quiet";
        act.addEventListener("click", run);
      }
      line.append(" ", act);
    }
  }

  const bodyOf = (form) => {
    const body = new URLSearchParams(new FormData(form));
    // A passage being typed is sent by its own button only.
    for (const name of ["block", "page", "quote"]) body.delete(name);
    return body;
  };

  function failed(form, text, { retry = true, signIn = false } = {}) {
    const card = of(form);
    card.failed = true;
    show(
      form,
      text,
      [
        ...(retry ? [{ label: words.retry, run: () => again(form) }] : []),
        ...(signIn ? [{ label: words.signIn, href: "/connexion" }] : []),
      ],
      "failed",
    );
    say(text);
  }

  /** The session is over, the act waits on the server: the page can be left. It is saved, or given up, after signing in again. */
  function keptOnServer(form, signIn) {
    of(form).failed = false;
    show(form, words.kept, [{ label: words.signIn, href: signIn, here: true }], "kept");
    say(words.kept);
  }

  /** Sends again the act that did not arrive. The page may hold the token of a session that is over: it takes the new one first. */
  async function again(form) {
    const page = await fresh(form).catch(() => undefined);
    if (page === undefined) return failed(form, words.offline);
    if (page === null) return failed(form, words.signedOut, { signIn: true });
    const token = page.querySelector('input[name="_csrf"]')?.value;
    if (token) for (const input of document.querySelectorAll('input[name="_csrf"]')) input.value = token;
    return (of(form).resend ?? (() => save(form)))();
  }

  function conflicted(form, { happened }) {
    const card = of(form);
    card.failed = true;
    const told = happened.map(({ who, at, what }) => `${what} (${who}, ${at})`).join("\n");
    show(
      form,
      `${words.conflict}\n${told}\n`,
      [
        { label: words.keepTheirs, run: () => done(form, { replaced: true }) },
        {
          label: words.keepMine,
          run: async () => {
            const page = await fresh(form);
            const stored = page?.getElementById(form.querySelector("fieldset").id)?.form;
            setVersion(form, stored?.elements.seenVersion?.value ?? 0);
            (card.resend ?? (() => save(form)))();
          },
        },
      ],
      "failed",
    );
    say(words.conflict);
  }

  /** Posts one act and gives its answer, or undefined after having said why there is none. */
  async function post(form, action, body) {
    let response;
    try {
      response = await fetch(action, { method: "POST", headers: { accept: "application/json" }, body });
    } catch {
      failed(form, words.offline);
      setTimeout(() => of(form).failed && again(form), RETRY_MS);
      return undefined;
    }
    const answer = await response.json().catch(() => ({}));
    if (response.ok) return answer;
    if (response.status === 422) failed(form, Object.values(answer.problems ?? {}).join(" "), { retry: false });
    else if (response.status === 409 && answer.conflict) conflicted(form, answer);
    else if (response.status === 409) failed(form, [answer.title, ...(answer.details ?? [])].join(" "), { retry: false });
    else if (response.status === 401 && answer.kept) keptOnServer(form, answer.signIn);
    else if (response.status === 401 || response.status === 403) failed(form, words.signedOut, { signIn: true });
    else failed(form, words.failed);
    return undefined;
  }

  /** One act at a time in each card; `resend` is what sends it again should it not arrive. */
  async function send(form, action, body, resend) {
    const card = of(form);
    card.failed = false;
    card.resend = resend;
    show(form, words.saving, [], "saving");
    card.running = post(form, action, body);
    const answer = await card.running;
    card.running = null;
    if (answer) card.resend = null;
    return answer;
  }

  /** Saves a card as it stands; a change made meanwhile is saved right after. */
  async function save(form) {
    const card = of(form);
    clearTimeout(card.timer);
    card.timer = 0;
    if (card.running) {
      card.again = true;
      return;
    }
    const body = bodyOf(form);
    if (!body.getAll("value").some((value) => value !== "")) {
      show(form, words.choose);
      return;
    }
    const answer = await send(form, form.action, body, () => save(form));
    if (answer) {
      setVersion(form, answer.version);
      show(form, words.saved.replace("{time}", answer.at), [], "saved");
      say(words.saved.replace("{time}", answer.at));
      done(form, answer);
    }
    if (card.again) {
      card.again = false;
      await save(form);
    }
  }

  /** An act by one of the card's other buttons: the card is drawn again by `done`. */
  async function act(form, action, change) {
    const card = of(form);
    clearTimeout(card.timer); // what is being typed goes with the act
    card.timer = 0;
    while (card.running) await card.running;
    const body = new URLSearchParams(new FormData(form));
    change(body);
    const answer = await send(form, action, body, () => act(form, action, change));
    if (answer) await done(form, { ...answer, replaced: true });
    return answer;
  }

  addEventListener("online", () => {
    for (const [form, card] of cards) if (card.failed) again(form);
  });
  addEventListener("beforeunload", (event) => {
    for (const [form, card] of cards) if (form.isConnected && (card.running || card.failed || card.timer)) event.preventDefault();
  });

  return {
    save,
    act,
    show,
    /** Saves a little after the last key of a text. */
    soon(form) {
      const card = of(form);
      clearTimeout(card.timer);
      card.timer = setTimeout(() => {
        card.timer = 0;
        save(form);
      }, 1_500);
    },
    /** Waits until everything typed and pressed has been sent; gives the first card whose act did not arrive, if there is one. */
    async settled() {
      for (const [form, card] of cards) if (card.timer) save(form);
      for (const [, card] of cards) while (card.running) await card.running;
      return [...cards].find(([form, card]) => form.isConnected && card.failed)?.[0] ?? null;
    },
    /** Forgets a card that was drawn again. */
    forget(form) {
      clearTimeout(of(form).timer);
      cards.delete(form);
    },
  };
}

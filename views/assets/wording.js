// The five checks of a recommendation's wording, made again while it is typed. The server judges; without this script the page shows them
// as they were when it was drawn.
const form = document.querySelector("[data-wording]");
const list = document.querySelector("[data-checks]");

if (form && list) {
  const value = (name) => form.elements.namedItem(name)?.value ?? "";
  const ticked = () => form.querySelectorAll("input[name=crossFindings]:checked, input[name=findings]:checked").length;
  let last = 0;
  let waiting;

  const show = (checks) => {
    for (const { code, ok, why } of checks) {
      const line = list.querySelector(`[data-check="${code}"]`);
      if (!line) continue;
      const tag = line.querySelector(".tag");
      tag.className = `tag tag--${ok ? "success" : "warning"}`;
      tag.textContent = ok ? list.dataset.ok : list.dataset.mend;
      line.querySelector(".checks__why").textContent = why.length > 0 ? ` – ${why.join(", ")}` : "";
    }
  };
  const ask = async () => {
    const turn = ++last;
    const body = new URLSearchParams({
      _csrf: value("_csrf"),
      text: value("text").slice(0, 4000),
      addressee: value("addressee"),
      deadline: value("deadline"),
      proofExpected: (value("proofExpected") || value("proof_expected")).slice(0, 1000),
      findings: String(ticked()),
    });
    const answer = await fetch("/recommandations/verifier", { method: "POST", body, headers: { accept: "application/json" } }).catch(
      () => null,
    );
    if (!answer?.ok || turn !== last) return;
    show((await answer.json()).checks);
  };
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, 400);
  });
}

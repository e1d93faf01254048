// How far the work on an import is, asked now and then; when it ends the page is drawn anew.
const panel = document.querySelector("[data-import]");
if (panel) {
  const text = panel.querySelector("[data-import-text]");
  const bar = panel.querySelector("progress");
  let state;
  const ask = async () => {
    try {
      const response = await fetch(panel.dataset.import, { headers: { accept: "application/json" } });
      if (!response.ok) return;
      const progress = await response.json();
      state ??= progress.state;
      if (progress.state !== state || progress.interrupted || !["checking", "writing", "removing"].includes(progress.state)) {
        clearInterval(asking);
        location.reload();
        return;
      }
      if (text.textContent !== progress.text) text.textContent = progress.text;
      bar.value = progress.percent;
    } catch {
      // The server does not answer for a moment: asked again.
    }
  };
  const asking = setInterval(() => void ask(), 1000);
}

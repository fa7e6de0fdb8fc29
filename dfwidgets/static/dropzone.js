// Takes a picture by chooser, drop or paste, and sends it in pieces, one acknowledgement a piece:
// in one message it would close the socket at the server's limit without a word.

function render({ model, el }) {
  const input = Object.assign(document.createElement("input"), { type: "file", tabIndex: -1, hidden: true });
  const button = Object.assign(document.createElement("button"), { type: "button", textContent: "Choose a picture" });
  const hint = Object.assign(document.createElement("span"), { textContent: model.get("hint") });
  const bar = Object.assign(document.createElement("progress"), { max: 1, hidden: true });
  const words = document.createElement("span");
  input.accept = model.get("accept");
  input.setAttribute("aria-label", "Picture file");
  bar.setAttribute("aria-label", "Part of the picture that was read");
  words.setAttribute("role", "status");
  button.className = "dfw-button dfw-primary";
  hint.className = "dfw-quiet";
  el.classList.add("dfw", "dfw-drop");
  const spoken = document.createElement("span");
  spoken.setAttribute("role", "status");
  spoken.className = "dfw-spoken";
  el.append(button, hint, input, bar, words, spoken);

  let sending = null;
  let patience = 0;

  function wait() {
    clearTimeout(patience);
    patience = setTimeout(() => {
      sending = null;
      show(null);
      words.textContent = "The connection was lost. Choose the picture again.";
    }, 20000);
  }

  function show(part) {
    bar.hidden = part === null;
    bar.value = part ?? 0;
    words.textContent = part === null ? "" : `Reading... ${Math.round(part * 100)} %`;
  }

  function take(file) {
    if (file.size > model.get("limit")) {
      sending = null;
      show(null);
      model.send({ kind: "too big", size: file.size });
      return;
    }
    sending = { id: crypto.getRandomValues(new Uint32Array(1))[0], file };
    show(0);
    wait();
    model.send({ kind: "start", id: sending.id, size: file.size });
  }

  async function more(message) {
    if (!sending || message.id !== sending.id) return;
    wait();
    const { id, file } = sending;
    show(file.size ? message.received / file.size : 1);
    if (message.received >= file.size) {
      sending = null;
      clearTimeout(patience);
      show(null);
      return;
    }
    const piece = file.slice(message.received, message.received + model.get("piece"));
    try {
      const bytes = await piece.arrayBuffer();
      if (sending && sending.id === id) model.send({ kind: "piece", id }, undefined, [bytes]);
    } catch {
      sending = null;
      clearTimeout(patience);
      show(null);
      model.send({ kind: "unreadable" });
    }
  }

  function fromTransfer(transfer) {
    if (transfer.files.length) take(transfer.files[0]);
    else model.send({ kind: "no file" });
  }

  const visible = () => {
    const { top, bottom } = el.getBoundingClientRect();
    return el.isConnected && el.offsetParent !== null && bottom > 0 && top < innerHeight;
  };
  const typing = (node) => node.closest?.("input:not([type=radio], [type=range]), textarea, [contenteditable], .cm-editor");

  function onPaste(event) {
    const files = event.clipboardData?.files ?? [];
    if (!visible() || event.defaultPrevented || typing(event.target) || !files.length) return;
    event.preventDefault();
    take(files[0]);
  }

  button.addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    if (input.files.length) take(input.files[0]);
    input.value = ""; // else the same file chosen again fires nothing
  });
  // JupyterLab listens for drops and pastes too; what happens here stays here.
  for (const name of ["dragenter", "dragover", "dragleave", "drop"]) {
    el.addEventListener(name, (event) => {
      event.preventDefault();
      event.stopPropagation();
      el.classList.toggle("dfw-over", name === "dragenter" || name === "dragover");
    });
  }
  el.addEventListener("drop", (event) => fromTransfer(event.dataTransfer));
  document.addEventListener("paste", onPaste);
  model.on("msg:custom", more);
  model.on("change:said", () => (spoken.textContent = model.get("said")));

  return () => {
    clearTimeout(patience);
    document.removeEventListener("paste", onPaste);
    model.off("msg:custom", more);
  };
}

export default { render };

// Takes a picture by chooser, drop or paste, and sends it in pieces, one acknowledgement a piece:
// in one message it would close the socket at the server's limit without a word. Of several pictures
// each waits here until the kernel asks for it.

function render({ model, el }) {
  const input = Object.assign(document.createElement("input"), { type: "file", tabIndex: -1, hidden: true });
  const button = Object.assign(document.createElement("button"), { type: "button", textContent: model.get("words") });
  const hint = Object.assign(document.createElement("span"), { textContent: model.get("hint") });
  const bar = Object.assign(document.createElement("progress"), { max: 1, hidden: true });
  const words = document.createElement("span");
  input.accept = model.get("accept");
  const several = model.get("several");
  input.multiple = several;
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

  let queue = [];
  let sending = null;
  let patience = 0;

  function wait() {
    clearTimeout(patience);
    patience = setTimeout(() => {
      sending = null;
      show(null);
      queue = [];
      words.textContent = `The connection was lost. Choose the ${several ? "pictures" : "picture"} again.`;
      model.send({ kind: "lost" });
    }, 20000);
  }

  function show(part) {
    // Of several it would only flicker, and the panel says how many are done.
    bar.hidden = part === null || several;
    bar.value = part ?? 0;
    words.textContent = part === null || several ? "" : `Reading... ${Math.round(part * 100)} %`;
  }

  function take(file) {
    if (file.size > model.get("limit")) {
      sending = null;
      show(null);
      clearTimeout(patience);
      model.send({ kind: "too big", size: file.size, name: file.name });
      return;
    }
    sending = { id: crypto.getRandomValues(new Uint32Array(1))[0], file };
    show(0);
    wait();
    model.send({ kind: "start", id: sending.id, size: file.size, name: file.name });
  }

  function takeAll(files) {
    if (!several) return take(files[0]);
    const taken = [...files].slice(0, model.get("most"));
    queue.push(...taken);
    model.send({ kind: "several", chosen: files.length, taken: taken.length });
  }

  async function more(message) {
    if (message.kind === "stop") {
      queue = [];
      sending = null;
      clearTimeout(patience);
      show(null);
    }
    if (message.kind === "next" && queue.length) take(queue.shift());
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
      model.send({ kind: "unreadable", name: file.name });
    }
  }

  function fromTransfer(transfer) {
    if (transfer.files.length) takeAll(transfer.files);
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
    takeAll(files);
  }

  button.addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    if (input.files.length) takeAll([...input.files]);
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

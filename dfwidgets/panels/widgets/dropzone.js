// @ts-check
// Takes a picture by chooser, drop or paste, and sends it in pieces, one acknowledgement a piece: in one message it would
// close the socket at the server's limit without a word. Of several pictures each waits here until the kernel asks for
// it.

const PATIENCE = 20000; // milliseconds without an answer, after which the connection counts as lost

// Where a paste is meant for the text and not for a panel.
const TYPING = "input:not([type=radio], [type=range]), textarea, [contenteditable], .cm-editor";

/** @param {import("./view.d.ts").View} view */
function render({ model, el }) {
  const several = model.get("several");
  const input = Object.assign(document.createElement("input"), { type: "file", tabIndex: -1, hidden: true });
  input.accept = model.get("accept");
  input.multiple = several;
  input.setAttribute("aria-label", "Picture file");

  const button = Object.assign(document.createElement("button"), { type: "button", textContent: model.get("label") });
  button.className = "dfw-button dfw-primary";
  const hint = Object.assign(document.createElement("span"), { textContent: model.get("hint") });
  hint.className = "dfw-quiet";
  const bar = Object.assign(document.createElement("progress"), { max: 1, hidden: true });
  bar.setAttribute("aria-label", "Part of the picture that was read");
  const words = document.createElement("span");
  words.setAttribute("role", "status");
  const spoken = document.createElement("span");
  spoken.setAttribute("role", "status");
  spoken.className = "dfw-spoken";
  el.classList.add("dfw", "dfw-drop");
  el.append(button, hint, input, bar, words, spoken);

  /** @type {File[]} */
  let queue = []; // of several files those that wait
  /** @type {{ id: number, file: File } | null} */
  let sending = null;
  let patience = 0;

  /** Nothing is on its way any more, whatever became of it; the files that wait are left alone. */
  function reset() {
    clearTimeout(patience);
    sending = null;
    bar.hidden = true;
    bar.value = 0;
    words.textContent = "";
  }

  /** @param {number} fraction how much of the file that is on its way has arrived */
  function show(fraction) {
    // Of several it would only flicker, and the panel says how many are done.
    bar.hidden = several;
    bar.value = fraction;
    words.textContent = several ? "" : `Reading... ${Math.round(fraction * 100)} %`;
  }

  function wait() {
    clearTimeout(patience);
    patience = setTimeout(() => {
      reset();
      queue = [];
      words.textContent = `The connection was lost. Choose the ${several ? "pictures" : "picture"} again.`;
      model.send({ kind: "lost" });
    }, PATIENCE);
  }

  /** @param {File} file */
  function take(file) {
    if (file.size > model.get("max_bytes")) {
      reset();
      model.send({ kind: "too big", size: file.size, name: file.name });
      return;
    }
    sending = { id: crypto.getRandomValues(new Uint32Array(1))[0], file };
    show(0);
    wait();
    model.send({ kind: "start", id: sending.id, size: file.size, name: file.name });
  }

  /** @param {ArrayLike<File>} files */
  function takeAll(files) {
    if (!several) return take(files[0]);
    const taken = Array.from(files).slice(0, model.get("max_files"));
    queue.push(...taken);
    model.send({ kind: "several", chosen: files.length, taken: taken.length });
  }

  async function sendOn(received) {
    if (!sending) return;
    const { id, file } = sending;
    if (received >= file.size) {
      reset();
      return;
    }
    wait();
    show(received / file.size);
    try {
      const bytes = await file.slice(received, received + model.get("piece_bytes")).arrayBuffer();
      // Another file, or none, may have taken its place meanwhile.
      if (sending?.id === id) model.send({ kind: "piece", id }, undefined, [bytes]);
    } catch {
      if (sending?.id !== id) return;
      reset();
      model.send({ kind: "unreadable", name: file.name });
    }
  }

  function receive(message) {
    if (message.kind === "stop") {
      queue = [];
      reset();
    } else if (message.kind === "next") {
      const file = queue.shift();
      if (file) take(file);
    } else if (message.kind === "received" && sending?.id === message.id) {
      sendOn(message.received);
    }
  }

  function fromTransfer(transfer) {
    if (transfer.files.length) takeAll(transfer.files);
    else model.send({ kind: "no file" });
  }

  function visible() {
    const { top, bottom } = el.getBoundingClientRect();
    return el.isConnected && el.offsetParent !== null && bottom > 0 && top < innerHeight;
  }

  /** @param {ClipboardEvent} event */
  function onPaste(event) {
    const files = event.clipboardData?.files ?? [];
    const typing = event.target instanceof Element && event.target.closest(TYPING);
    if (!visible() || event.defaultPrevented || typing || !files.length) return;
    event.preventDefault();
    takeAll(files);
  }

  button.addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    if (input.files?.length) takeAll([...input.files]);
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
  model.on("msg:custom", receive);
  model.on("change:announcement", () => (spoken.textContent = model.get("announcement")));

  return () => {
    clearTimeout(patience);
    document.removeEventListener("paste", onPaste);
    model.off("msg:custom", receive);
  };
}

export default { render };

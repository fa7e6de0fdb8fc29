// @ts-check
// A table of many pictures. Rows and thumbnails come as messages, so that nobody's picture is saved with a notebook.
// Sorting and filtering happen here; the files to download are made in the kernel.

const COLUMNS = [
  { title: "Picture" },
  { title: "File", sorts: "file" },
  { title: "Verdict", sorts: "verdict" },
  { title: "Score", sorts: "p", label: "Score" },
  { title: "Faces", sorts: "faces", label: "Faces" },
  { title: "Note" },
];
const UP = "M5 1l4 7H1z";

/** @typedef {{ file: string, verdict: string, p: number | null, score: string, faces: number | null, note: string }} Row */
/** @typedef {{ row: Row, node: HTMLTableRowElement, image: HTMLImageElement }} Line */

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {object} properties
 * @param {(Node | string)[]} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
function make(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  Object.assign(node, properties);
  node.append(...children);
  return node;
}

/** @param {string} word */
function capitalized(word) {
  return word[0].toUpperCase() + word.slice(1);
}

function arrow() {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  svg.setAttribute("viewBox", "0 0 10 10");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", UP);
  svg.append(path);
  return svg;
}

/** @param {import("./view.d.ts").View} view */
function render({ model, el }) {
  el.classList.add("dfw", "dfw-scores");
  const bar = make("progress", { max: 1, hidden: true });
  bar.setAttribute("aria-label", "Part of the pictures that is done");
  const status = make("p", { className: "dfw-quiet" });
  const spoken = make("span", { className: "dfw-spoken" });
  spoken.setAttribute("role", "status");

  /** @type {string[]} */
  const verdicts = model.get("verdicts");
  const choices = ["", ...verdicts].map((value) => make("option", { value }));
  const filter = make("select", {}, ...choices);
  const tools = make("div", { className: "dfw-tools" }, make("label", {}, "Show ", filter));
  for (const kind of ["csv", "json"]) {
    const save = make("button", { type: "button", className: "dfw-button" }, `Download ${kind.toUpperCase()}`);
    save.addEventListener("click", () => model.send({ kind: "download", as: kind }));
    tools.append(save);
  }
  const about = make("p", { className: "dfw-quiet" });

  const heads = make("tr");
  const head = make("thead", {}, heads);
  const body = make("tbody");
  const table = make("table", {}, head, body);
  const list = make("div", { className: "dfw-list", tabIndex: 0 }, table);
  list.setAttribute("role", "region");
  list.setAttribute("aria-label", "Verdicts, a row for each picture");
  // Shown as cards on a phone, its parts would no longer be those of a table without these words.
  table.setAttribute("role", "table");
  head.setAttribute("role", "rowgroup");
  heads.setAttribute("role", "row");
  body.setAttribute("role", "rowgroup");
  el.append(bar, status, spoken, tools, about, list);

  /** @type {Line[]} */
  const lines = [];
  let sort = { by: "", down: false };
  let drawing = 0;

  for (const { title, sorts } of COLUMNS) {
    const cell = make("th", { scope: "col" });
    cell.setAttribute("role", "columnheader");
    cell.append(sorts ? makeSorter(title, sorts) : title);
    if (sorts) cell.dataset.sorts = sorts;
    heads.append(cell);
  }

  function makeSorter(title, sorts) {
    const press = make("button", { type: "button" }, title, arrow());
    press.addEventListener("click", () => {
      // The first press shows what people look for: the highest score, the most faces, the names from a.
      const first = sorts === "p" || sorts === "faces";
      sort = { by: sorts, down: sort.by === sorts ? !sort.down : first };
      draw();
    });
    return press;
  }

  /** @param {Row} row @param {DataView} thumbnail @returns {Line} */
  function makeLine(row, thumbnail) {
    const image = make("img", { alt: `Picture ${row.file}`, hidden: !thumbnail.byteLength });
    if (thumbnail.byteLength) {
      image.src = URL.createObjectURL(new Blob([/** @type {any} */ (thumbnail)], { type: "image/jpeg" }));
    }
    const verdict = make("span", { className: "dfw-result", textContent: capitalized(row.verdict) });
    const contents = [image, row.file, verdict, row.score, `${row.faces ?? ""}`, row.note];

    const node = make("tr");
    node.setAttribute("role", "row");
    contents.forEach((content, i) => {
      const cell = make("td", {}, content);
      cell.setAttribute("role", "cell");
      const { label } = COLUMNS[i];
      if (label) cell.dataset.label = label;
      node.append(cell);
    });
    return { row, node, image };
  }

  /** @param {Line} line */
  function forget({ image }) {
    if (image.src) URL.revokeObjectURL(image.src);
  }

  const order = new Intl.Collator(undefined, { numeric: true });
  const rank = (row) => verdicts.indexOf(row.verdict);

  /** @param {Line} a @param {Line} b */
  function compare({ row: a }, { row: b }) {
    const { by, down } = sort;
    const turn = down ? -1 : 1;
    if (by === "file") return turn * order.compare(a.file, b.file);
    if (by === "verdict") return turn * (rank(a) - rank(b)) || (b.p ?? -1) - (a.p ?? -1);
    const missing = Number(a[by] === null) - Number(b[by] === null); // what has no number comes last, whichever way
    return missing || turn * (a[by] - b[by]);
  }

  function draw() {
    drawing = 0;
    const shown = lines.filter(({ row }) => !filter.value || row.verdict === filter.value);
    if (sort.by) shown.sort(compare);
    body.replaceChildren(...shown.map((line) => line.node));
    tools.hidden = about.hidden = list.hidden = !lines.length;

    for (const cell of heads.children) {
      const sorted = sort.by && cell instanceof HTMLElement && cell.dataset.sorts === sort.by;
      if (sorted) cell.setAttribute("aria-sort", sort.down ? "descending" : "ascending");
      else cell.removeAttribute("aria-sort");
    }
    for (const choice of choices) {
      const count = lines.filter(({ row }) => !choice.value || row.verdict === choice.value).length;
      choice.textContent = `${choice.value || "all"} (${count})`;
    }
  }

  function receive(message, buffers) {
    if (message.kind !== "rows" || message.start > lines.length) return;
    lines.splice(message.start).forEach(forget);
    lines.push(...message.rows.map((row, i) => makeLine(row, buffers[i])));
    drawing ||= requestAnimationFrame(draw); // many rows come in the time of one picture on the screen
  }

  function drawStatus() {
    const fraction = model.get("fraction");
    bar.hidden = fraction < 0;
    bar.value = Math.max(0, fraction);
    status.textContent = model.get("status");
  }

  function drawRates() {
    about.textContent = `Score: 0 is real, 1 is fake. ${model.get("rates")}`;
  }

  filter.addEventListener("change", draw);
  model.on("msg:custom", receive);
  model.on("change:fraction change:status", drawStatus);
  model.on("change:rates", drawRates);
  model.on("change:announcement", () => (spoken.textContent = model.get("announcement")));
  draw();
  drawStatus();
  drawRates();
  model.send({ kind: "all" });

  return () => {
    model.off("msg:custom", receive);
    cancelAnimationFrame(drawing);
    lines.forEach(forget);
  };
}

export default { render };

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

const make = (tag, properties = {}, ...children) => {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
};
const start = ([letter, ...others]) => letter.toUpperCase() + others.join("");

function arrow() {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  svg.setAttribute("viewBox", "0 0 10 10");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", UP);
  svg.append(path);
  return svg;
}

function render({ model, el }) {
  el.classList.add("dfw", "dfw-scores");
  const bar = make("progress", { max: 1, hidden: true });
  bar.setAttribute("aria-label", "Part of the pictures that is done");
  const words = make("p", { className: "dfw-quiet" });
  const spoken = make("span", { className: "dfw-spoken" });
  spoken.setAttribute("role", "status");
  const choices = ["", ...model.get("verdicts")].map((value) => make("option", { value }));
  const filter = make("select", {}, ...choices);
  const tools = make("div", { className: "dfw-tools" }, make("label", {}, "Show ", filter));
  for (const kind of ["csv", "json"]) {
    const save = make("button", { type: "button", className: "dfw-button" }, `Download ${kind.toUpperCase()}`);
    save.addEventListener("click", () => model.send({ kind: "download", as: kind }));
    tools.append(save);
  }
  const about = make("p", { className: "dfw-quiet" });
  const note = () => {
    about.textContent = `Score: 0 is real, 1 is fake. ${model.get("note")}`;
  };
  note();
  model.on("change:note", note);
  const heads = make("tr");
  const body = make("tbody");
  const table = make("table", {}, make("thead", {}, heads), body);
  const list = make("div", { className: "dfw-list", tabIndex: 0 }, table);
  list.setAttribute("role", "region");
  list.setAttribute("aria-label", "Verdicts, a row for each picture");
  // Shown as cards on a phone, its parts would no longer be those of a table without these words.
  for (const [node, role] of [[table, "table"], [heads, "row"], [heads.parentNode, "rowgroup"], [body, "rowgroup"]]) {
    node.setAttribute("role", role);
  }
  el.append(bar, words, spoken, tools, about, list);

  let rows = [];
  let sort = { by: null, down: false };
  let drawing = 0;

  for (const { title, sorts } of COLUMNS) {
    const head = make("th", { scope: "col" });
    head.setAttribute("role", "columnheader");
    if (sorts) {
      const press = make("button", { type: "button" }, title, arrow());
      press.addEventListener("click", () => {
        // The first press shows what people look for: the highest score, the most faces, the names from a.
        const first = sorts === "p" || sorts === "faces";
        sort = { by: sorts, down: sort.by === sorts ? !sort.down : first };
        draw();
      });
      head.dataset.sorts = sorts;
      head.append(press);
    } else head.append(title);
    heads.append(head);
  }

  function line(row, thumbnail) {
    const image = make("img", { alt: `Picture ${row.file}`, hidden: !thumbnail.byteLength });
    if (thumbnail.byteLength) image.src = URL.createObjectURL(new Blob([thumbnail], { type: "image/jpeg" }));
    const said = make("span", { className: "dfw-said", textContent: start(row.verdict) });
    const cells = [image, row.file, said, row.score, row.faces ?? "", row.note];
    row.node = make("tr");
    row.node.setAttribute("role", "row");
    cells.forEach((content, i) => {
      const cell = make("td", {}, content);
      cell.setAttribute("role", "cell");
      if (COLUMNS[i].label) cell.dataset.label = COLUMNS[i].label;
      row.node.append(cell);
    });
    return row;
  }

  function forget(row) {
    const image = row.node.querySelector("img");
    if (image.src) URL.revokeObjectURL(image.src);
  }

  const order = new Intl.Collator(undefined, { numeric: true });
  const rank = (row) => model.get("verdicts").indexOf(row.verdict);

  function compare(a, b) {
    const { by, down } = sort;
    const turn = down ? -1 : 1;
    if (by === "file") return turn * order.compare(a.file, b.file);
    if (by === "verdict") return turn * (rank(a) - rank(b)) || (b.p ?? -1) - (a.p ?? -1);
    const missing = (a[by] === null) - (b[by] === null); // what has no number comes last, whichever way
    return missing || turn * (a[by] - b[by]);
  }

  function draw() {
    drawing = 0;
    const wanted = filter.value;
    const shown = rows.filter((row) => !wanted || row.verdict === wanted);
    if (sort.by) shown.sort(compare);
    for (const head of heads.children) {
      if (sort.by && head.dataset.sorts === sort.by) head.setAttribute("aria-sort", sort.down ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    }
    body.replaceChildren(...shown.map((row) => row.node));
    tools.hidden = about.hidden = list.hidden = !rows.length;
    for (const choice of choices) {
      const count = rows.filter((row) => !choice.value || row.verdict === choice.value).length;
      choice.textContent = `${choice.value || "all"} (${count})`;
    }
  }

  function receive(message, buffers) {
    if (message.kind !== "rows" || message.start > rows.length) return;
    rows.splice(message.start).forEach(forget);
    rows.push(...message.rows.map((row, i) => line(row, buffers[i])));
    drawing ||= requestAnimationFrame(draw); // many rows come in the time of one picture on the screen
  }

  function drawProgress() {
    bar.hidden = model.get("part") < 0;
    bar.value = Math.max(0, model.get("part"));
    words.textContent = model.get("words");
  }

  const say = () => (spoken.textContent = model.get("said"));
  filter.addEventListener("change", draw);
  model.on("msg:custom", receive);
  model.on("change:part change:words", drawProgress);
  model.on("change:said", say);
  draw();
  drawProgress();
  model.send({ kind: "all" });

  return () => {
    model.off("msg:custom", receive);
    cancelAnimationFrame(drawing);
    rows.forEach(forget);
  };
}

export default { render };

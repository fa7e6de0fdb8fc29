// @ts-check
// The pictures of a round to pick from, and a line for a screen reader.

const MARKS = { right: "M2 7.5l3.5 3.5L12 3", wrong: "M3 3l8 8M11 3l-8 8", none: "M3 7h8" };

/** @param {string} name */
function mark(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  svg.setAttribute("viewBox", "0 0 14 14");
  svg.setAttribute("class", "dfw-mark");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", MARKS[name]);
  svg.append(path);
  return svg;
}

/** @param {import("./view.d.ts").View} view */
function render({ model, el }) {
  el.classList.add("dfw", "dfw-board");
  const list = document.createElement("ul");
  list.setAttribute("role", "list"); // without bullets Safari forgets that it is one
  const spoken = document.createElement("span");
  spoken.setAttribute("role", "status");
  spoken.className = "dfw-spoken";
  el.append(list, spoken);

  /** @type {string[]} */
  let urls = [];

  function drawPictures() {
    for (const url of urls) URL.revokeObjectURL(url);
    urls = model.get("pictures").map((bytes) => URL.createObjectURL(new Blob([bytes], { type: "image/jpeg" })));
    drawItems();
  }

  function drawItems() {
    const items = model.get("items");
    list.hidden = !items.length;
    list.replaceChildren(...items.map(drawItem));
  }

  function drawItem({ alt, lines, open }, index) {
    const entry = document.createElement("li");
    const place = document.createElement(open ? "button" : "div");
    const image = Object.assign(document.createElement("img"), { src: urls[index] ?? "", alt });
    if (place instanceof HTMLButtonElement) {
      place.type = "button";
      place.addEventListener("click", () => model.send({ kind: "pick", index }));
    }
    place.append(image);

    const words = lines.map(([name, line]) => {
      const paragraph = document.createElement("p");
      if (name) paragraph.append(mark(name));
      paragraph.append(line);
      return paragraph;
    });
    entry.append(place, ...words);
    return entry;
  }

  function announce() {
    spoken.textContent = model.get("announcement");
  }

  model.on("change:pictures", drawPictures);
  model.on("change:items", drawItems);
  model.on("change:announcement", announce);
  drawPictures();

  return () => {
    model.off("change:pictures", drawPictures);
    model.off("change:items", drawItems);
    model.off("change:announcement", announce);
    for (const url of urls) URL.revokeObjectURL(url);
  };
}

export default { render };

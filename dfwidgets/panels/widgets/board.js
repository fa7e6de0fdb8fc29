// The pictures of a round to pick from. Beyond that, for the panel around it: keys that press its buttons, lines for a
// screen reader, and a focus that is not lost when the button that had it goes away.

const KEYS = { r: ".dfw-real", ArrowLeft: ".dfw-real", f: ".dfw-fake", ArrowRight: ".dfw-fake, .dfw-step" };
const MARKS = { right: "M2 7.5l3.5 3.5L12 3", wrong: "M3 3l8 8M11 3l-8 8", none: "M3 7h8" };
const TYPING = "input:not([type=checkbox]), textarea, select, [contenteditable]";

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

function render({ model, el }) {
  el.classList.add("dfw", "dfw-board");
  const list = document.createElement("ul");
  list.setAttribute("role", "list"); // without bullets Safari forgets that it is one
  const spoken = document.createElement("span");
  spoken.setAttribute("role", "status");
  spoken.className = "dfw-spoken";
  el.append(list, spoken);
  let urls = [];

  function drawPictures() {
    for (const url of urls) URL.revokeObjectURL(url);
    urls = model.get("pictures").map((bytes) => URL.createObjectURL(new Blob([bytes], { type: "image/jpeg" })));
    drawItems();
  }

  function drawItems() {
    const items = model.get("items");
    list.hidden = !items.length;
    list.replaceChildren(
      ...items.map(({ alt, lines, open }, i) => {
        const entry = document.createElement("li");
        const place = document.createElement(open ? "button" : "div");
        const image = Object.assign(document.createElement("img"), { src: urls[i] ?? "", alt });
        if (open) {
          place.type = "button";
          place.addEventListener("click", () => model.send({ kind: "pick", index: i }));
        }
        place.append(image);
        const words = lines.map(([name, line]) => {
          const p = document.createElement("p");
          if (name) p.append(mark(name));
          p.append(line);
          return p;
        });
        entry.append(place, ...words);
        return entry;
      })
    );
  }

  let inside = false; // whether the focus was last in this panel
  const panel = () => el.closest(".dfw-panel");
  const seen = (selector) => [...panel().querySelectorAll(selector)].find((it) => it.checkVisibility() && !it.disabled);

  function onKey(event) {
    const { target, key, repeat, ctrlKey, altKey, metaKey, shiftKey, isComposing } = event;
    const lost = inside && target === document.body; // between one screen and the next
    if (!panel() || !(lost || panel().contains(target)) || target.closest(TYPING)) return;
    if (repeat || ctrlKey || altKey || metaKey || isComposing || (shiftKey && key.length > 1)) return;
    const open = [...list.querySelectorAll("button")];
    const at = open.indexOf(target);
    const step = { ArrowLeft: -1, ArrowRight: 1 }[key];
    const selector = KEYS[key.length === 1 ? key.toLowerCase() : key];
    const button = at >= 0 && step ? open[at + step] : selector && seen(selector);
    if (!button) return;
    event.preventDefault();
    event.stopPropagation();
    button.focus();
    if (at < 0) button.click();
  }

  // A person who is elsewhere on the page is left there. The part that shall have the focus may arrive later than the
  // word to go there, and be drawn anew after it: so each change of the panel is a reason to look again.
  let wanted = false;
  const watcher = new MutationObserver(settle);

  function note({ target }) {
    inside = Boolean(panel()?.contains(target));
  }

  function settle() {
    if (!panel() || !inside) return;
    const active = document.activeElement;
    const lost = !active || active === document.body || !active.checkVisibility();
    const target = (wanted || lost) && model.get("focus_on")[1] && seen(model.get("focus_on")[1]);
    if (!target) return;
    wanted = false;
    target.focus({ preventScroll: true }); // it would take the target to the middle, and the picture out of sight
    target.scrollIntoView({ block: "nearest" });
  }

  function go() {
    wanted = true;
    if (!panel()) return;
    panel().tabIndex = -1; // a click beside the buttons keeps the keys in the panel
    watcher.observe(panel(), { subtree: true, childList: true, attributes: true });
    settle();
  }

  const say = () => (spoken.textContent = model.get("said"));
  const gone = new AbortController();
  const { signal } = gone;
  const early = { capture: true, signal };
  window.addEventListener("keydown", onKey, early); // before JupyterLab, whose notebook keeps the arrows for itself
  document.addEventListener("focusin", note, { signal });
  document.addEventListener("pointerdown", note, early);
  const redraw = { pictures: drawPictures, items: drawItems, focus_on: go, said: say };
  for (const name in redraw) model.on(`change:${name}`, redraw[name]);
  drawPictures();

  return () => {
    watcher.disconnect();
    gone.abort();
    for (const name in redraw) model.off(`change:${name}`, redraw[name]);
    for (const url of urls) URL.revokeObjectURL(url);
  };
}

export default { render };

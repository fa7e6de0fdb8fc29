// @ts-check
// A picture with its text, frames around faces, and what is laid over it: heat, and where it was changed.

// In JupyterLab a plain key pressed in a panel is meant for the panel: Enter presses its button rather than opening the
// cell. Shortcuts with Ctrl, Alt or Cmd stay JupyterLab's, which looks for this mark just after window does.
window.addEventListener(
  "keydown",
  ({ target, ctrlKey, altKey, metaKey }) => {
    const panel = target instanceof Element && target.closest(".dfw-panel");
    if (panel) panel.toggleAttribute("data-lm-suppress-shortcuts", !(ctrlKey || altKey || metaKey));
  },
  true,
);

/** @param {DataView | null} bytes a JPEG or a PNG */
function url(bytes) {
  if (!bytes?.byteLength) return "";
  const type = bytes.getUint8(0) === 0xff ? "image/jpeg" : "image/png";
  return URL.createObjectURL(new Blob([/** @type {any} */ (bytes)], { type }));
}

/**
 * Tell the kernel whether a person can see the panel around a picture: in the window, in the tab that is open.
 * @param {import("./view.d.ts").View} view
 * @returns {() => void} ends it
 */
function tellSight({ model, el }) {
  const id = crypto.getRandomValues(new Uint32Array(1))[0]; // a picture can be shown in several places
  let inWindow = false;

  function tell(here = inWindow && document.visibilityState === "visible") {
    const told = model.get("seen_in");
    if (told && told.includes(id) === here) return;
    const others = (told ?? []).filter((other) => other !== id);
    model.set("seen_in", here ? [...others, id] : others);
    model.save_changes();
  }

  const watcher = new IntersectionObserver((entries) => {
    inWindow = entries[entries.length - 1].isIntersecting;
    tell();
    watch(); // the panel comes later than this part of it
  });
  /** @type {Element | null} */
  let watched = null;

  function watch() {
    const panel = el.closest(".dfw-panel") ?? el;
    if (panel === watched) return;
    watched = panel;
    watcher.disconnect();
    watcher.observe(panel);
  }

  const onTab = () => tell();
  document.addEventListener("visibilitychange", onTab);
  watch();
  return () => {
    watcher.disconnect();
    document.removeEventListener("visibilitychange", onTab);
    tell(false);
  };
}

/** @param {import("./view.d.ts").View} view */
function render({ model, el }) {
  el.classList.add("dfw", "dfw-picture");
  const stage = document.createElement("div");
  stage.className = "dfw-stage";
  const image = document.createElement("img");
  const heat = document.createElement("img");
  heat.className = "dfw-heat";
  heat.alt = "";
  const mask = document.createElement("img");
  mask.className = "dfw-heat";
  const frames = document.createElement("div");
  stage.append(image, heat, mask, frames);

  const controls = document.createElement("div");
  controls.className = "dfw-legend";
  const label = document.createElement("label");
  const slider = Object.assign(document.createElement("input"), { type: "range", min: "0", max: "100", value: "60" });
  label.append("Strength of the heat ", slider);
  const scale = document.createElement("div");
  scale.className = "dfw-scale-heat";
  scale.innerHTML = '<span>little</span><span class="dfw-viridis"></span><span>most</span>';
  controls.append(label, scale);

  const changed = document.createElement("div");
  changed.className = "dfw-legend";
  const outlined = document.createElement("label");
  const seen = Object.assign(document.createElement("input"), { type: "checkbox", checked: true });
  const outline = Object.assign(document.createElement("span"), { className: "dfw-changed" });
  outlined.append(seen, outline, "Changed here");
  changed.append(outlined);
  el.append(stage, changed, controls);

  /** @param {HTMLImageElement} node */
  function put(node, bytes) {
    URL.revokeObjectURL(node.src);
    const source = url(bytes);
    node.hidden = !source;
    if (source) node.src = source;
    else node.removeAttribute("src");
  }

  // As large as fits the column and most of the window, but never blown up more than twice.
  image.addEventListener("load", () => {
    const { naturalWidth: width, naturalHeight: height } = image;
    stage.style.width = `min(100%, ${(70 * width) / height}vh, ${2 * width}px)`;
  });

  function drawImage() {
    put(image, model.get("image"));
    image.alt = model.get("alt");
    stage.hidden = image.hidden;
  }

  function drawHeat() {
    put(heat, model.get("heat"));
    heat.alt = model.get("heat_alt");
    controls.hidden = heat.hidden;
  }

  function drawMask() {
    put(mask, model.get("mask"));
    mask.alt = model.get("mask_alt");
    changed.hidden = mask.hidden;
    seen.checked = true;
    cover();
  }

  function cover() {
    mask.style.visibility = seen.checked ? "" : "hidden";
  }

  function fade() {
    heat.style.opacity = `${Number(slider.value) / 100}`;
    slider.setAttribute("aria-valuetext", `${slider.value} %`);
  }

  function drawFrames() {
    const boxes = model.get("boxes");
    // A frame that had the focus is drawn anew, and shall have it again.
    const focused = [...frames.children].findIndex((frame) => frame === document.activeElement);
    frames.replaceChildren(...boxes.map((box, index) => drawFrame(box, index, boxes.length)));
    const frame = frames.children[focused];
    if (frame instanceof HTMLElement) frame.focus();
  }

  function drawFrame([left, top, width, height], index, count) {
    const frame = document.createElement(count > 1 ? "button" : "div");
    const chosen = index === model.get("chosen");
    frame.className = chosen ? "dfw-frame dfw-chosen" : "dfw-frame";
    const place = { left, top, width, height };
    for (const side in place) frame.style[side] = `${place[side] * 100}%`;

    if (frame instanceof HTMLButtonElement) {
      frame.type = "button";
      frame.setAttribute("aria-label", `Judge face ${index + 1} of ${count}`);
      frame.setAttribute("aria-pressed", `${chosen}`);
      frame.append(Object.assign(document.createElement("span"), { textContent: `${index + 1}` }));
      frame.addEventListener("click", () => model.send({ kind: "face", index }));
    }
    return frame;
  }

  slider.addEventListener("input", fade);
  seen.addEventListener("change", cover);
  model.on("change:image change:alt", drawImage);
  model.on("change:heat change:heat_alt", drawHeat);
  model.on("change:mask change:mask_alt", drawMask);
  model.on("change:boxes change:chosen", drawFrames);
  drawImage();
  drawHeat();
  drawMask();
  drawFrames();
  fade();
  const endTelling = model.get("tells_sight") ? tellSight({ model, el }) : () => {};

  return () => {
    endTelling();
    for (const node of [image, heat, mask]) URL.revokeObjectURL(node.src);
  };
}

export default { render };

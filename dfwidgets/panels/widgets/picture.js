// A picture with its text, frames around faces, and what is laid over it: heat, and where it was changed.

// In JupyterLab a plain key pressed in a panel is meant for the panel: Enter presses its button rather than opening the
// cell. Shortcuts with Ctrl, Alt or Cmd stay JupyterLab's, which looks for this mark just after window does.
window.addEventListener(
  "keydown",
  ({ target, ctrlKey, altKey, metaKey }) => {
    const panel = target.closest?.(".dfw-panel");
    panel?.toggleAttribute("data-lm-suppress-shortcuts", !(ctrlKey || altKey || metaKey));
  },
  true
);

function url(bytes) {
  if (!bytes?.byteLength) return "";
  const type = bytes.getUint8(0) === 0xff ? "image/jpeg" : "image/png";
  return URL.createObjectURL(new Blob([bytes], { type }));
}

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
  const controls = document.createElement("div");
  controls.className = "dfw-legend";
  const label = document.createElement("label");
  const slider = Object.assign(document.createElement("input"), { type: "range", min: 0, max: 100, value: 60 });
  label.append("Strength of the heat ", slider);
  const scale = document.createElement("div");
  scale.className = "dfw-scale-heat";
  scale.innerHTML = '<span>little</span><span class="dfw-viridis"></span><span>most</span>';
  controls.append(label, scale);
  const changed = document.createElement("div");
  changed.className = "dfw-legend";
  changed.innerHTML = '<label><input type="checkbox" checked><span class="dfw-changed"></span>Changed here</label>';
  const seen = changed.querySelector("input");
  stage.append(image, heat, mask, frames);
  el.append(stage, changed, controls);

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
    heat.style.opacity = slider.value / 100;
    slider.setAttribute("aria-valuetext", `${slider.value} %`);
  }

  function drawFrames() {
    const boxes = model.get("boxes");
    const chosen = model.get("chosen");
    const focused = [...frames.children].indexOf(document.activeElement);
    frames.replaceChildren(
      ...boxes.map(([left, top, width, height], i) => {
        const several = boxes.length > 1;
        const frame = document.createElement(several ? "button" : "div");
        frame.className = "dfw-frame" + (i === chosen ? " dfw-chosen" : "");
        const place = { left, top, width, height };
        for (const side in place) frame.style[side] = `${place[side] * 100}%`;
        if (several) {
          frame.type = "button";
          frame.setAttribute("aria-label", `Judge face ${i + 1} of ${boxes.length}`);
          frame.setAttribute("aria-pressed", i === chosen);
          frame.append(Object.assign(document.createElement("span"), { textContent: i + 1 }));
          frame.addEventListener("click", () => model.send({ kind: "face", index: i }));
        }
        return frame;
      })
    );
    frames.children[focused]?.focus?.();
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

  return () => {
    for (const node of [image, heat, mask]) URL.revokeObjectURL(node.src);
  };
}

export default { render };

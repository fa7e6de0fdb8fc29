// A picture with its text, frames around faces, and heat laid over it.

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
  return bytes?.byteLength ? URL.createObjectURL(new Blob([bytes], { type: "image/png" })) : "";
}

function render({ model, el }) {
  el.classList.add("dfw", "dfw-picture");
  const stage = document.createElement("div");
  stage.className = "dfw-stage";
  const image = document.createElement("img");
  const heat = document.createElement("img");
  heat.className = "dfw-heat";
  heat.alt = "";
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
  stage.append(image, heat, frames);
  el.append(stage, controls);

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
  model.on("change:image change:alt", drawImage);
  model.on("change:heat change:heat_alt", drawHeat);
  model.on("change:boxes change:chosen", drawFrames);
  drawImage();
  drawHeat();
  drawFrames();
  fade();

  return () => {
    for (const node of [image, heat]) URL.revokeObjectURL(node.src);
  };
}

export default { render };

// @ts-check
// A slider with a name and a unit, which ipywidgets' own does not tell a screen reader; and a line to read out to it.

/** @param {import("./view.d.ts").View} view */
function render({ model, el }) {
  el.classList.add("dfw", "dfw-slider");
  const label = document.createElement("label");
  const name = document.createElement("span");
  const slider = Object.assign(document.createElement("input"), { type: "range" });
  const value = document.createElement("output");
  value.ariaLive = "off"; // the slider itself says its value
  label.append(name, slider, value);

  const spoken = document.createElement("span");
  spoken.setAttribute("role", "status");
  spoken.className = "dfw-spoken";
  el.append(label, spoken);

  function draw() {
    label.hidden = model.get("max") <= model.get("min");
    name.textContent = model.get("label");
    slider.min = model.get("min");
    slider.max = model.get("max");
    slider.step = model.get("step");
    slider.value = model.get("value");
    value.textContent = `${Number(slider.value).toFixed(model.get("digits"))}${model.get("unit")}`;
    slider.setAttribute("aria-valuetext", value.textContent);
  }

  slider.addEventListener("input", () => {
    model.set("value", Number(slider.value));
    model.save_changes();
    draw();
  });
  for (const trait of ["label", "min", "max", "step", "value", "digits", "unit"]) model.on(`change:${trait}`, draw);
  model.on("change:announcement", () => (spoken.textContent = model.get("announcement")));
  draw();
}

export default { render };

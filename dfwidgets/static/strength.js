// A slider with a name and a unit, and the line that a screen reader reads out when an answer comes.

function render({ model, el }) {
  el.classList.add("dfw", "dfw-strength");
  const label = document.createElement("label");
  const slider = Object.assign(document.createElement("input"), { type: "range", min: 0, step: 1 });
  const value = document.createElement("output");
  label.append("How much each pixel may change ", slider, value);
  const spoken = document.createElement("span");
  spoken.setAttribute("role", "status");
  spoken.className = "dfw-spoken";
  el.append(label, spoken);

  function draw() {
    label.hidden = !model.get("most");
    slider.max = model.get("most");
    slider.value = model.get("levels");
    value.textContent = `${slider.value} of 255`;
    slider.setAttribute("aria-valuetext", value.textContent);
  }

  slider.addEventListener("input", () => {
    model.set("levels", Number(slider.value));
    model.save_changes();
    draw();
  });
  model.on("change:most change:levels", draw);
  model.on("change:said", () => (spoken.textContent = model.get("said")));
  draw();
}

export default { render };

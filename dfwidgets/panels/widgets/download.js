// @ts-check
// Saves files that are made in the kernel: they come as messages, and nothing is served.

/** @param {import("./view.d.ts").View} view */
function render({ model, el }) {
  el.classList.add("dfw");
  const spoken = document.createElement("span");
  spoken.setAttribute("role", "status");
  spoken.className = "dfw-spoken";
  el.append(spoken);

  function save({ name, type }, [data]) {
    const link = document.createElement("a");
    Object.assign(link, { href: URL.createObjectURL(new Blob([data], { type })), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }

  function announce() {
    spoken.textContent = model.get("announcement");
  }

  model.on("msg:custom", save);
  model.on("change:announcement", announce);
  announce();

  return () => {
    model.off("msg:custom", save);
    model.off("change:announcement", announce);
  };
}

export default { render };

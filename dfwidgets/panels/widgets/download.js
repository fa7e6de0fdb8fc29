// Saves files that are made in the kernel: they come as messages, and nothing is served.

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

  const say = () => (spoken.textContent = model.get("said"));
  model.on("msg:custom", save);
  model.on("change:said", say);
  say();
  return () => model.off("msg:custom", save);
}

export default { render };

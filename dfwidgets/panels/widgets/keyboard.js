// @ts-check
// Nothing to see: keys that press the buttons of the panel around it, and a focus that is not lost when the button that
// had it goes away.

const KEYS = { r: ".dfw-real", ArrowLeft: ".dfw-real", f: ".dfw-fake", ArrowRight: ".dfw-fake, .dfw-step" };
const STEPS = { ArrowLeft: -1, ArrowRight: 1 };
const PICTURES = ".dfw-board button"; // among these the arrows go from one to the next
const TYPING = "input:not([type=checkbox]), textarea, select, [contenteditable]";

/** @param {import("./view.d.ts").View} view */
function render({ model, el }) {
  let inside = false; // whether the focus was last in this panel
  let wanted = false; // whether the focus has yet to go where the kernel said

  // The panel comes later than this part of it, and may never come.
  const panel = () => /** @type {HTMLElement | null} */ (el.closest(".dfw-panel"));

  /** @param {string} selector @returns {HTMLElement[]} */
  const parts = (selector) => [...(panel()?.querySelectorAll(selector) ?? [])].map((it) => /** @type {any} */ (it));
  const seen = (selector) => parts(selector).find((it) => it.checkVisibility() && !("disabled" in it && it.disabled));

  /** @param {KeyboardEvent} event */
  function isForThePanel({ target, key, repeat, ctrlKey, altKey, metaKey, shiftKey, isComposing }) {
    if (!(target instanceof Element)) return false;
    const lost = inside && target === document.body; // between one screen and the next
    if (!panel() || !(lost || panel()?.contains(target)) || target.closest(TYPING)) return false;
    return !(repeat || ctrlKey || altKey || metaKey || isComposing || (shiftKey && key.length > 1));
  }

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    if (!isForThePanel(event)) return;
    const pictures = parts(PICTURES);
    const at = pictures.indexOf(/** @type {HTMLElement} */ (event.target));
    const step = STEPS[event.key];
    const selector = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    const button = at >= 0 && step ? pictures[at + step] : selector && seen(selector);
    if (!button) return;

    event.preventDefault();
    event.stopPropagation();
    button.focus();
    if (at < 0) button.click();
  }

  /** @param {Event} event */
  function note({ target }) {
    inside = Boolean(panel()?.contains(/** @type {Node} */ (target)));
  }

  // A person who is elsewhere on the page is left there. The part that shall have the focus may arrive later than the
  // word to go there, and be drawn anew after it: so each change of the panel is a reason to look again.
  function settle() {
    if (!panel() || !inside) return;
    const active = document.activeElement;
    const lost = !active || active === document.body || !active.checkVisibility();
    const [, selector] = model.get("focus_on");
    const target = (wanted || lost) && selector && seen(selector);
    if (!target) return;

    wanted = false;
    target.focus({ preventScroll: true }); // it would take the target to the middle, and the picture out of sight
    target.scrollIntoView({ block: "nearest" });
  }

  const watcher = new MutationObserver(settle);

  function go() {
    wanted = true;
    const around = panel();
    if (!around) return;
    around.tabIndex = -1; // a click beside the buttons keeps the keys in the panel
    watcher.observe(around, { subtree: true, childList: true, attributes: true });
    settle();
  }

  const gone = new AbortController();
  const { signal } = gone;
  const early = { capture: true, signal };
  window.addEventListener("keydown", onKey, early); // before JupyterLab, whose notebook keeps the arrows for itself
  document.addEventListener("focusin", note, { signal });
  document.addEventListener("pointerdown", note, early);
  model.on("change:focus_on", go);

  return () => {
    watcher.disconnect();
    gone.abort();
    model.off("change:focus_on", go);
  };
}

export default { render };

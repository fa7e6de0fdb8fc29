// What Voila expects of its page, and the sentence for a visitor whose kernel is gone.

window.voila_heartbeat = () => {};
window.voila_process = () => {};
window.voila_finish = () => {
  // Voila calls this twice, after the last cell and after its theme: the later of the two shows the cells.
  window.cellLoaded = true;
  if (!window.themeLoaded) return;
  document.getElementById("starting").remove();
  document.getElementById("rendered_cells").style.display = "";
};

// JupyterLab's parts ask the page, not the browser, whether it is dark.
const dark = matchMedia("(prefers-color-scheme: dark)");
const followSystem = () => {
  document.body.dataset.jpThemeLight = String(!dark.matches);
  document.body.dataset.jpThemeName = dark.matches ? "JupyterLab Dark" : "JupyterLab Light";
};
dark.addEventListener("change", followSystem);
document.addEventListener("DOMContentLoaded", followSystem);

const say = (sentence) => {
  const line = document.getElementById("session-state");
  line.innerHTML = sentence; // only the sentences below
  line.hidden = !sentence;
};

let ended = false;
const end = () => {
  ended = true;
  document.getElementById("rendered_cells").inert = true;
  say('The session ended. <a href="">Reload the page.</a>');
};

// A kernel that was killed is started again, empty and without a word, and a culled one is gone for good:
// in both cases no widget on the page has anyone to talk to.
const watch = (kernel) => {
  kernel.statusChanged.connect((_, status) => {
    if (["restarting", "autorestarting", "dead"].includes(status)) end();
  });
  kernel.connectionStatusChanged.connect(async (_, status) => {
    if (ended) return;
    if (status === "connected") return say("");
    if (status === "disconnected") return end();
    say("The connection was lost. Trying again...");
    const answer = await fetch(kernel.serverSettings.baseUrl + "api/kernels/" + kernel.id).catch(() => null);
    if (answer?.status === 404) end();
  });
};

// Leaving the page, Voila asks for the end of its kernel, with a token from a cookie. Jupyter Server asks for that
// token, but gives the cookie only with pages of its own, of which this is one.
const fetchToken = () => {
  const { ownServer, baseUrl } = document.body.dataset;
  if (ownServer === undefined && !document.cookie.includes("_xsrf=")) fetch(baseUrl + "tree").catch(() => null);
};

window.addEventListener("load", async () => {
  fetchToken();
  while (!window.jupyterapp) await new Promise((resume) => setTimeout(resume, 50));
  watch((await window.jupyterapp.widgetManagerPromise.promise).kernel);
});

/** The page: what is drawn goes to the worker, what is read is shown. Reading itself is left to `reading`. */

import { drawingSurface } from "./canvas.js";
import { element } from "./element.js";
import { show } from "./result.js";

const PAUSE = 120; // milliseconds after a stroke before it is read: the next one may follow at once
const INKED = 200; // of 255; the graphs need a pixel so dark, and every stroke has some
const LOADING = "Loading the network…";
const WAITING = "Nothing is written yet.";

const by = (id) => document.getElementById(id);
const { models } = await (await fetch("models.json")).json();
const worker = new Worker("worker.js", { type: "module" });
let model = models[0];
let busy = false;
let dead = ""; // why the worker does not start
let waiting = 0;

const surface = drawingSurface(by("paper"), { onChange: changed });
by("undo-button").addEventListener("click", surface.undo);
by("clear-button").addEventListener("click", surface.clear);
by("models").addEventListener("change", ({ target }) => choose(models[Number(target.value)]));
worker.addEventListener("message", ({ data }) => answered(data));
worker.addEventListener("error", () => {
  dead = "This cannot be read: the reader does not start; is a file of this folder missing?";
  show(model, null, dead);
});
offer();
choose(model);

/** One button for each network. */
function offer() {
  const buttons = models.map(({ label }, number) => {
    const button = element("input", { type: "radio", name: "model", value: number });
    button.checked = number === 0;
    return element("label", {}, button, element("span", {}, label));
  });
  by("models").append(...buttons);
}

function choose(chosen) {
  model = chosen;
  by("hint-text").textContent = `Write ${model.label.toLowerCase()} here`;
  show(model, null, dead || LOADING);
  ask();
}

function changed() {
  by("undo-button").disabled = !surface.canUndo();
  by("clear-button").disabled = surface.isEmpty();
  by("hint").hidden = !surface.isEmpty();
  later();
}

function later() {
  clearTimeout(waiting);
  waiting = setTimeout(ask, PAUSE);
}

/** One question at a time: what changes meanwhile is asked afterwards. */
function ask() {
  if (dead) return;
  if (busy) return later();
  busy = true;
  const pixels = surface.isEmpty() ? null : surface.pixels();
  worker.postMessage({ model, models, pixels: pixels?.data.some((ink) => ink > INKED) ? pixels : null });
}

/** @param {{model?: object, reading?: import("./reading.js").Reading, error?: string}} answer */
function answered({ model: asked, reading, error }) {
  busy = false;
  if (error) show(model, null, `This cannot be read: ${error}`);
  else if (asked.file === model.file) show(model, reading, reading ? "" : WAITING);
}

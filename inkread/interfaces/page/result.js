/** A reading, or why there is none -> what the page says of it: text, confidence, remarks, errors; also spoken. */

import { copied, download } from "./answer.js";
import { inWords, levelOf } from "./confidence.js";
import { sentence } from "./reader.js";
import { textView } from "./words.js";

const WAITING = "What you write appears here while you write it.";
const MORE_PAGES = "This file has several pages; the first was read.";
const FILE = "inkread.json";
const SETTLED = 700; // milliseconds without a new reading before it is spoken
const SAID = 1500; // milliseconds that a button tells what it did
const HERE = "inkread: change to text"; // what the browser's profiler calls the way from pen to text

const by = (id) => document.getElementById(id);

/** @param {{onOpen: (index: number, button: HTMLElement) => void, onReach: (index: number | null) => void}} told */
export function resultView(told) {
  const text = textView(by("text"), by("raw"), told);
  let shown = null;
  let speaking = 0;

  const remark = (said) => {
    by("remark").textContent = said;
    by("remark").hidden = !said;
  };

  const tell = (said) => {
    by("notice").textContent = said;
    by("notice").hidden = !said;
  };

  const speak = (said) => {
    clearTimeout(speaking);
    speaking = setTimeout(() => (by("spoken").textContent = said), SETTLED);
  };

  const fill = (reading, isCorrected) => {
    shown = reading;
    text.show(reading?.lines ?? [], isCorrected);
    by("changed").hidden = !by("reading").querySelector(".character.changed, mark");
    by("confidence").hidden = !reading?.lines.length;
    by("copy-button").disabled = !reading?.text;
    by("download-button").disabled = !reading;
    by("took").textContent = "";
    tell("");
  };

  by("download-button").addEventListener("click", () => download(shown, FILE));
  by("copy-button").addEventListener("click", async ({ currentTarget: button }) => {
    const label = button.querySelector("span");
    label.textContent = (await copied(shown.text)) ? "Copied" : "Not allowed";
    setTimeout(() => (label.textContent = "Copy text"), SAID);
  });

  return {
    tell,
    focusNext: text.focusNext,
    /**
     * @param {import("./reader.js").Reading} reading
     * @param {(character: import("./reader.js").Character) => boolean} isCorrected
     * @param {number} since when the paper changed, by performance.now
     */
    show(reading, isCorrected, since) {
      fill(reading, isCorrected);
      const said = reading.remark ? sentence(reading.remark) : reading.page ? MORE_PAGES : "";
      remark(said);
      by("confidence").className = `badge ${levelOf(reading.confidence)}`;
      by("confidence").textContent = inWords(reading.confidence);
      by("took").textContent = `read in ${Math.round(performance.now() - since)} ms`;
      performance.measure(HERE, { start: since });
      speak(reading.text ? `Reads as ${reading.text}: ${inWords(reading.confidence)}. ${said}` : said);
    },
    /** Nothing lies on the paper. */
    clear() {
      fill(null, () => false);
      remark(WAITING);
      speak("");
    },
    /** @param {string} said why nothing was read */
    fail(said) {
      fill(null, () => false);
      remark("");
      tell(said);
    },
  };
}

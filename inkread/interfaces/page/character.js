/**
 * One character that was read -> a card with its ink, what else it may be and how likely, and ways to correct it.
 *
 * Knows nothing of where corrections go: it tells what was chosen.
 */

import { inWords, percent } from "./confidence.js";
import { element } from "./element.js";

const GAP = 8; // CSS pixels between a character and its card, and between that and the window's edge
const AROUND = 0.25; // of a character's larger side: what is shown of its surroundings
const FAINT = 0.25; // how much of that is seen
const STEPS = { ArrowDown: 1, ArrowUp: -1 };

/**
 * @param {HTMLElement} card the popover, which `index.html` describes
 * @param {{onChoose: (text: string) => void, onTakeBack: () => void, onClose: () => void}} told
 */
export function characterCard(card, { onChoose, onTakeBack, onClose }) {
  const part = (name) => card.querySelector(`[data-part="${name}"]`);
  const [ink, said, list, other] = ["ink", "said", "alternatives", "other"].map(part);

  const choose = (text) => {
    card.hidePopover();
    onChoose(text);
  };

  list.addEventListener("click", (event) => {
    const row = event.target.closest("button");
    if (row) choose(row.dataset.text);
  });
  list.addEventListener("keydown", (event) => {
    const rows = [...list.querySelectorAll("button")];
    const next = rows[rows.indexOf(document.activeElement) + (STEPS[event.key] ?? 0)];
    if (!STEPS[event.key]) return;
    event.preventDefault();
    next?.focus();
  });
  other.addEventListener("submit", (event) => {
    event.preventDefault();
    const typed = other.elements.text.value.trim();
    if (typed) choose(typed);
  });
  part("none").addEventListener("click", () => choose(""));
  part("take-back").addEventListener("click", () => {
    card.hidePopover();
    onTakeBack();
  });
  card.addEventListener("toggle", (event) => {
    if (event.newState === "closed") onClose();
  });

  return {
    /**
     * @param {import("./reader.js").Character} character
     * @param {boolean} corrected whether it is as somebody said
     * @param {DOMRect} place of the character in the window
     * @param {HTMLCanvasElement} picture that shows it
     * @param {number} scale of that, against the picture that was read
     */
    open(character, corrected, place, picture, scale) {
      const { text, confidence, alternatives, box } = character;
      said.textContent = corrected ? `“${text}”, as you said` : `“${text}” — ${inWords(confidence)}`;
      list.replaceChildren(...alternatives.map((one) => row(...one, text)));
      other.reset();
      part("take-back").hidden = !corrected;
      card.showPopover();
      crop(ink, picture, box.map((edge) => scale * edge));
      settle(card, place);
      list.querySelector("button").focus();
    },
    close: () => card.hidePopover(),
  };
}

/** One thing that it may be: its name, a bar as long as it is likely, and the percentage. */
function row(text, probability, read) {
  const bar = element("i");
  bar.style.inlineSize = `${100 * probability}%`;
  const names = { type: "button", "data-text": text, "aria-label": `${text}, ${percent(probability)} by its shape` };
  if (text === read) names["aria-current"] = "true";
  const track = element("span", { class: "bar", "aria-hidden": "true" }, bar);
  const said = element("span", { class: "share" }, percent(probability));
  return element("li", {}, element("button", names, element("b", {}, text), track, said));
}

/** The ink of a box, and faintly a little around it, as large as the canvas shows it. */
function crop(canvas, picture, [left, top, right, bottom]) {
  const side = (1 + 2 * AROUND) * Math.max(right - left, bottom - top);
  canvas.width = canvas.height = Math.round(canvas.clientWidth * (window.devicePixelRatio || 1));
  const pen = canvas.getContext("2d");
  const [x, y, scale] = [(left + right - side) / 2, (top + bottom - side) / 2, canvas.width / side];
  pen.globalAlpha = FAINT;
  pen.drawImage(picture, x, y, side, side, 0, 0, canvas.width, canvas.height);
  pen.globalAlpha = 1;
  pen.beginPath();
  pen.rect((left - x) * scale, (top - y) * scale, (right - left) * scale, (bottom - top) * scale);
  pen.clip();
  pen.drawImage(picture, x, y, side, side, 0, 0, canvas.width, canvas.height);
}

/** Below the character, so that it and its line stay to be seen; narrow windows have the card at their foot. */
function settle(card, place) {
  const furthest = document.documentElement.clientWidth - card.offsetWidth - GAP;
  const left = Math.max(Math.min(place.left + place.width / 2 - card.offsetWidth / 2, furthest), GAP);
  card.style.setProperty("--left", `${window.scrollX + left}px`);
  card.style.setProperty("--top", `${window.scrollY + place.bottom + GAP}px`);
  card.scrollIntoView({ block: "nearest" });
}

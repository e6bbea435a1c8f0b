/** A reading -> what the page shows of it: characters with how sure each is, and what else they may be. */

import { inWords, levelOf, percent } from "./confidence.js";
import { element } from "./element.js";

const ENLARGED = 4; // what the network sees is shown so many times larger
const RARE = 0.01; // probability; rarer alternatives are not told

const by = (id) => document.getElementById(id);

/**
 * @param {import("./reading.js").Model} model that read
 * @param {import("./reading.js").Reading | null} reading
 * @param {string} said beside it, or instead of it
 */
export function show(model, reading, said) {
  const characters = reading?.characters ?? [];
  by("text").replaceChildren(...words(characters));
  by("possible").replaceChildren(...characters.filter(({ probability }) => levelOf(probability) !== "sure").map(possible));
  by("confidence").hidden = !characters.length;
  const sure = characters.reduce((all, { probability }) => all * probability, 1);
  by("confidence").className = `badge ${levelOf(sure)}`;
  by("confidence").textContent = inWords(sure);
  by("status").textContent = reading ? spoken(model, characters, sure) : said;
  by("took").textContent = reading ? `read in ${reading.milliseconds.toFixed(0)} ms` : "";
  paint(reading?.seen);
}

/** What a screen reader says, and everybody can read. */
function spoken({ kind }, characters, sure) {
  if (!characters.length) return "No character is seen in this.";
  const text = characters.map(({ text }) => text).join("");
  return `Reads as ${text}: ${inWords(sure)} that ${kind === "line" ? "all of it is" : "it is"} right.`;
}

function words(characters) {
  const parted = [[]];
  for (const character of characters) {
    if (character.text === " ") parted.push([]);
    else parted.at(-1).push(character);
  }
  return parted.flatMap((word) => [
    element("span", { class: "word" }, element("span", { class: "letters" }, ...word.map(letter))),
    " ",
  ]);
}

function letter({ text, probability }) {
  return element("span", { class: `character ${levelOf(probability)}`, title: inWords(probability) }, text);
}

/** One unsure character, and what else its shape may be. */
function possible({ text, probability, possible }) {
  const others = possible.filter((one) => one.text !== text && one.probability >= RARE);
  const told = others.map((one) => `${named(one.text)} ${percent(one.probability)}`).join(", ");
  return element("li", {}, element("b", {}, named(text)), ` ${inWords(probability)}${told ? `; or ${told}` : ""}`);
}

function named(text) {
  return text === " " ? "a space" : text;
}

/** The network's own pixels, dark on light whatever the page's colours. */
function paint(seen) {
  const canvas = by("seen");
  canvas.hidden = !seen;
  if (!seen) return;
  Object.assign(canvas, { width: seen.width, height: seen.height });
  canvas.style.width = `${seen.width * ENLARGED}px`;
  const picture = new ImageData(seen.width, seen.height);
  seen.data.forEach((ink, at) => picture.data.set([255 - ink, 255 - ink, 255 - ink, 255], 4 * at));
  canvas.getContext("2d").putImageData(picture, 0, 0);
}

/**
 * A reading -> its text, a button for each character: how sure it is, what language changed, and a way through with the
 * arrow keys. Beside it what the eye alone saw.
 */

import { inWords, levelOf, percent } from "./confidence.js";
import { differences } from "./difference.js";
import { element } from "./element.js";

const STEPS = { ArrowLeft: -1, ArrowRight: 1 };

/**
 * @param {HTMLElement} decoded for the text as it was meant
 * @param {HTMLElement} raw for what the eye saw
 * @param {{onOpen: (index: number, button: HTMLElement) => void, onReach: (index: number | null) => void}} told
 *   `onOpen` when a character is chosen, `onReach` when it is pointed at or has the focus
 */
export function textView(decoded, raw, { onOpen, onReach }) {
  let buttons = [];
  let current = 0; // the one that the Tab key comes to
  let wanted = null; // the one that has the focus once there is a new text

  const reach = (index) => {
    buttons[current]?.setAttribute("tabindex", "-1");
    current = Math.min(Math.max(index, 0), buttons.length - 1);
    buttons[current]?.setAttribute("tabindex", "0");
  };

  const focus = (index) => {
    reach(index);
    buttons[current]?.focus();
  };

  const lineStep = (direction) => {
    const lines = [...decoded.children].map((line) => [...line.querySelectorAll("button")]);
    const line = lines.findIndex((own) => own.includes(buttons[current]));
    const place = lines[line].indexOf(buttons[current]);
    const next = lines[line + direction];
    return next ? buttons.indexOf(next[Math.min(place, next.length - 1)]) : current;
  };

  decoded.addEventListener("keydown", (event) => {
    const step = STEPS[event.key];
    if (step) focus(current + step);
    else if (event.key === "ArrowUp" || event.key === "ArrowDown") focus(lineStep(event.key === "ArrowUp" ? -1 : 1));
    else if (event.key === "Home") focus(0);
    else if (event.key === "End") focus(buttons.length - 1);
    else return;
    event.preventDefault();
  });
  const pointed = (event) => buttons.indexOf(event.target.closest("button"));
  decoded.addEventListener("click", (event) => {
    const index = pointed(event);
    if (index < 0) return;
    reach(index);
    onOpen(index, buttons[index]);
  });
  for (const [name, tells] of [["focusin", true], ["focusout", false], ["mouseover", true], ["mouseout", false]])
    decoded.addEventListener(name, (event) => onReach(tells && pointed(event) >= 0 ? pointed(event) : null));

  return {
    /**
     * @param {import("./reader.js").Line[]} lines
     * @param {(character: import("./reader.js").Character) => boolean} isCorrected
     */
    show(lines, isCorrected) {
      const held = decoded.contains(document.activeElement) ? current : wanted;
      const compared = lines.map((line) => differences([...line.text], [...line.raw_text]));
      decoded.replaceChildren(...lines.map((line, at) => decodedLine(line, compared[at][0], isCorrected)));
      raw.replaceChildren(...lines.map((line, at) => rawLine(line.raw_text, compared[at][1])));
      buttons = [...decoded.querySelectorAll("button")];
      reach(held ?? 0);
      if (held !== null) focus(held);
      wanted = null;
    },
    /** Have the focus on a character of the text that is shown next. @param {number} index */
    focusNext(index) {
      wanted = index;
    },
  };
}

function decodedLine({ text, words }, changed, isCorrected) {
  let place = 0; // in the line's text
  const shown = words.map((word) => {
    place = text.indexOf(word.text, place);
    const letters = word.characters.map((one, at) => character(one, changed[place + at], isCorrected(one)));
    place += word.text.length;
    const level = levelOf(word.confidence);
    const said = level === "sure" ? level : `${level} ${percent(word.confidence)}`;
    const caption = element("small", { class: level, "aria-hidden": "true" }, said);
    return element("span", { class: "word" }, element("span", { class: "letters" }, ...letters), caption);
  });
  return element("div", { class: "line", role: "group", "aria-label": text }, ...shown.flatMap((one) => [one, " "]));
}

function character(one, changed, corrected) {
  const seen = one.alternatives[0][0];
  const said = [one.text, corrected ? "as you said" : inWords(one.confidence)];
  if (changed && !corrected) said.push(seen === one.text ? "changed by language" : `by language; the eye saw ${seen}`);
  const level = corrected ? "corrected" : levelOf(one.confidence);
  const names = ["character", level, ...(changed && !corrected ? ["changed"] : [])];
  const attributes = { type: "button", class: names.join(" "), tabindex: "-1", "aria-label": said.join(", ") };
  return element("button", { ...attributes, title: said.slice(1).join(", "), "aria-haspopup": "dialog" }, one.text);
}

/** The text of a line, what differs marked; spaces alone are no difference: of glyphs the eye sees none. */
function rawLine(text, changed) {
  const parts = [...text].map((letter, at) =>
    changed[at] && letter !== " " ? element("mark", {}, letter) : letter,
  );
  return element("p", {}, ...parts);
}

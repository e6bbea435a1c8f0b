/**
 * The characters of a reading -> boxes over the picture, in colour and pattern, and which one is under a pointer.
 *
 * To look at only: the text beside the picture is what keyboards and screen readers use.
 */

import { levelOf } from "./confidence.js";

const SVG = "http://www.w3.org/2000/svg";
const NEAR = 3; // CSS pixels around a box that still are its own, for fingers
const ROUND = 3; // CSS pixels of a box's corners

/** @param {SVGSVGElement} layer that covers what shows the picture, both fitted alike: in the middle, at the top */
export function boxesOver(layer) {
  let shown = [];
  let size = null;

  const fit = () => {
    const { width, height } = size ?? { width: layer.clientWidth, height: layer.clientHeight };
    layer.setAttribute("viewBox", `0 0 ${width} ${height}`);
  };

  new ResizeObserver(fit).observe(layer);
  return {
    /**
     * @param {import("./reader.js").Character[]} characters
     * @param {{width: number, height: number} | null} picture its size in pixels; null: those of the layer
     * @param {(character: import("./reader.js").Character) => boolean} isCorrected
     */
    show(characters, picture, isCorrected) {
      [shown, size] = [characters, picture];
      fit();
      const round = ROUND / layer.getScreenCTM().a;
      layer.replaceChildren(...characters.map((one) => rectangle(one, isCorrected(one), round)));
    },
    clear() {
      shown = [];
      layer.replaceChildren();
    },
    /** Let one box stand out; none for null. @param {number | null} index */
    mark(index) {
      for (const [at, box] of [...layer.children].entries()) box.classList.toggle("marked", at === index);
    },
    /**
     * The character at a place of the layer, in CSS pixels; the smallest where boxes overlap.
     * @returns {number | null} its index
     */
    at(place) {
      const toWindow = layer.getScreenCTM();
      const frame = layer.getBoundingClientRect();
      const { x, y } = new DOMPoint(frame.left + place.x, frame.top + place.y).matrixTransform(toWindow.inverse());
      const near = NEAR / toWindow.a;
      const within = ([left, top, right, bottom]) =>
        left - near <= x && x < right + near && top - near <= y && y < bottom + near;
      const hit = shown.map((_, index) => index).filter((index) => within(shown[index].box));
      return hit.sort((a, b) => area(shown[a].box) - area(shown[b].box))[0] ?? null;
    },
    /** Where a character stands in the window, for what opens beside it. @param {number} index */
    placeOf(index) {
      return layer.children[index].getBoundingClientRect();
    },
  };
}

function rectangle({ box: [left, top, right, bottom], confidence }, corrected, round) {
  const shape = document.createElementNS(SVG, "rect");
  const places = { x: left, y: top, width: right - left, height: bottom - top, rx: round };
  for (const [name, value] of Object.entries(places)) shape.setAttribute(name, value);
  shape.setAttribute("class", corrected ? "corrected" : levelOf(confidence));
  return shape;
}

function area([left, top, right, bottom]) {
  return (right - left) * (bottom - top);
}

/**
 * A canvas that is written on with mouse, finger or pen -> strokes, and their picture. Knows ink; nothing of readers,
 * servers or the page around it.
 *
 * Places are in CSS pixels from the canvas's upper left corner; a picture of it has one pixel for each of them. Strokes
 * are shown in the canvas's CSS `color`. Guide lines are the style sheet's: they are no part of any picture.
 *
 * @typedef {{x: number, y: number, pressure: number}} Point
 * @typedef {Point[]} Stroke
 * @typedef {"stroke" | "clear" | "undo"} Change
 */

const PEN = 5; // CSS pixels: a stroke of usual pressure
const FELT = 0.09; // of the letters' height: what a stroke has in the picture at least. With thin pens, lines of letters of 130
// pixels were parted into several: 60 % of their characters were wrong, with this 1 %
const LIGHTEST = 0.5; // of the usual thickness: what a pen without pressure draws
const USUAL_PRESSURE = 0.5; // what a mouse reports by the standard; a finger may report anything
const MARGIN = 8; // CSS pixels of the picture around what was written beyond the canvas
const STILL = 4; // CSS pixels: a stroke that stays within is a tap, or a dot
const PALM = 1000; // milliseconds after a pen's stroke in which a touch is the hand that holds it
const PAPER = "#fff";
const INK = "#000";

/**
 * Make a canvas a surface to write on.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {{onChange?: (change: Change) => void, onTap?: (place: Point) => boolean}} [told] `onChange` hears of every
 *   change once it is made; `onTap` of taps: where it answers true, no dot is drawn.
 */
export function drawingSurface(canvas, { onChange = () => {}, onTap = () => false } = {}) {
  const context = canvas.getContext("2d");
  const states = [[]]; // all strokes after each change; the last is what is shown
  let stroke = null;
  let pointer = null;
  let penUsed = -Infinity;

  const strokes = () => states.at(-1);

  const repaint = () => {
    const scale = window.devicePixelRatio || 1;
    canvas.width = Math.round(canvas.clientWidth * scale);
    canvas.height = Math.round(canvas.clientHeight * scale);
    context.setTransform(scale, 0, 0, scale, 0, 0);
    const colour = getComputedStyle(canvas).color;
    for (const one of stroke ? [...strokes(), stroke] : strokes()) paint(context, one, colour);
  };

  const placeOf = (event) => {
    const frame = canvas.getBoundingClientRect();
    const pressure = event.pointerType === "pen" ? event.pressure : USUAL_PRESSURE;
    return { x: event.clientX - frame.left, y: event.clientY - frame.top, pressure };
  };

  const begin = (event) => {
    const palm = event.pointerType === "touch" && performance.now() - penUsed < PALM;
    if (pointer !== null || event.button !== 0 || palm) return;
    event.preventDefault(); // no text is selected, no picture dragged
    pointer = event.pointerId;
    canvas.setPointerCapture(pointer);
    stroke = [placeOf(event)];
    paint(context, stroke, getComputedStyle(canvas).color);
  };

  const go = (event) => {
    if (event.pointerId !== pointer) return;
    const from = stroke.length;
    const events = event.getCoalescedEvents?.() ?? [];
    for (const one of events.length ? events : [event]) stroke.push(placeOf(one));
    paint(context, stroke, getComputedStyle(canvas).color, from);
  };

  const end = (event) => {
    if (event.pointerId !== pointer) return;
    if (event.pointerType === "pen") penUsed = performance.now();
    const done = stroke;
    stroke = pointer = null;
    const cancelled = event.type === "pointercancel"; // two fingers zoom, the system takes over
    if (cancelled || (isTap(done) && onTap(done[0]))) {
      repaint();
      return;
    }
    states.push([...strokes(), done]);
    onChange("stroke");
  };

  const size = () => {
    const far = { width: canvas.clientWidth, height: canvas.clientHeight }; // as written, even if it is smaller now
    for (const { x, y } of strokes().flat()) {
      far.width = Math.max(far.width, Math.ceil(x + MARGIN));
      far.height = Math.max(far.height, Math.ceil(y + MARGIN));
    }
    return far;
  };

  const picture = () => {
    const sheet = Object.assign(document.createElement("canvas"), size());
    const pen = sheet.getContext("2d", { willReadFrequently: true });
    pen.fillStyle = PAPER;
    pen.fillRect(0, 0, sheet.width, sheet.height);
    const thickness = Math.max(PEN, FELT * tall(strokes()));
    for (const one of strokes()) paint(pen, one, INK, 0, thickness);
    return sheet;
  };

  canvas.addEventListener("pointerdown", begin);
  canvas.addEventListener("pointermove", go);
  canvas.addEventListener("pointerup", end);
  canvas.addEventListener("pointercancel", end);
  canvas.style.touchAction = "pinch-zoom"; // one finger writes, two zoom
  new ResizeObserver(repaint).observe(canvas);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => requestAnimationFrame(repaint));

  return {
    /** Take back the last change: a stroke, or that all was cleared. */
    undo() {
      if (states.length < 2) return;
      states.pop();
      repaint();
      onChange("undo");
    },
    /** Take all strokes away; `undo` brings them back. */
    clear() {
      if (!strokes().length) return;
      states.push([]);
      repaint();
      onChange("clear");
    },
    isEmpty: () => strokes().length === 0,
    canUndo: () => states.length > 1,
    /** The pixels of the picture: as many as the canvas has CSS pixels, more if a stroke was written beyond. */
    size,
    /** @returns {Promise<Blob>} a PNG, black on white. */
    toBlob: () => new Promise((resolve) => picture().toBlob(resolve, "image/png")),
    /** @returns {{data: Uint8Array, width: number, height: number}} row by row, ink 255, paper 0. */
    pixels() {
      const { width, height } = size();
      const shown = picture().getContext("2d").getImageData(0, 0, width, height).data;
      const data = new Uint8Array(width * height);
      for (let at = 0; at < data.length; at++) data[at] = 255 - shown[4 * at];
      return { data, width, height };
    },
  };
}

/** Whether a stroke hardly moved. @param {Stroke} stroke */
function isTap([first, ...rest]) {
  return rest.every(({ x, y }) => Math.hypot(x - first.x, y - first.y) < STILL);
}

/** How tall letters are, in CSS pixels: most have a stroke from top to bottom. @param {Stroke[]} strokes */
function tall(strokes) {
  const heights = strokes.map((one) => Math.max(...one.map(({ y }) => y)) - Math.min(...one.map(({ y }) => y)));
  return heights.sort((a, b) => a - b)[Math.floor(0.75 * heights.length)] ?? 0;
}

/** Draw a stroke, or what came to it from one of its points on: curves from middle to middle of its points. */
function paint(context, stroke, colour, from = 0, thickness = PEN) {
  context.strokeStyle = context.fillStyle = colour;
  context.lineCap = context.lineJoin = "round";
  if (from === 0) {
    context.beginPath();
    context.arc(stroke[0].x, stroke[0].y, (thickness * pressed(stroke[0])) / 2, 0, 2 * Math.PI);
    context.fill();
  }
  for (let at = Math.max(from, 1); at < stroke.length; at++) {
    const [before, start, stop] = [stroke[at - 2] ?? stroke[at - 1], stroke[at - 1], stroke[at]];
    context.beginPath();
    context.lineWidth = thickness * pressed(stop);
    context.moveTo((before.x + start.x) / 2, (before.y + start.y) / 2);
    context.quadraticCurveTo(start.x, start.y, (start.x + stop.x) / 2, (start.y + stop.y) / 2);
    if (at === stroke.length - 1) context.lineTo(stop.x, stop.y);
    context.stroke();
  }
}

/** How wide a stroke is at a point, against one of usual pressure. @param {Point} point */
function pressed({ pressure }) {
  return LIGHTEST + (1 - LIGHTEST) * (pressure / USUAL_PRESSURE);
}

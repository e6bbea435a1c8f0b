/**
 * Pixels of a drawing -> what a network reads in them, by ONNX Runtime. Framing, strips and calibration are inside the
 * networks' files; only the names of their columns are found here. Knows nothing of the page.
 *
 * @typedef {{data: Uint8Array, width: number, height: number}} Pixels row by row, ink 255, paper 0
 * @typedef {{name: string, kind: "glyph" | "line", label: string, file: string, alphabet: string[]}} Model
 * @typedef {{characters: import("./best_path.js").Character[], seen: Pixels, milliseconds: number}} Reading `seen` is the
 *   frame or the strip that the network looked at.
 */

import { bestPath, likeliest } from "./best_path.js";
import * as ort from "./onnxruntime-web/ort.wasm.bundle.min.js";

ort.env.wasm.numThreads = 1; // more need headers that a static host may not send
ort.env.wasm.wasmPaths = { wasm: new URL("./onnxruntime-web/ort-wasm-simd-threaded.wasm", import.meta.url).href };

const sessions = new Map();

/** Load a network, once. @param {Model} model */
export function open({ file }) {
  if (!sessions.has(file)) {
    const opening = ort.InferenceSession.create(new URL(file, import.meta.url).href);
    opening.catch(() => sessions.delete(file)); // it may be there the next time
    sessions.set(file, opening);
  }
  return sessions.get(file);
}

/** A drawing with some ink in it -> a network's outputs by their names. @param {Model} model @param {Pixels} pixels */
export async function run(model, { data, width, height }) {
  const session = await open(model);
  return session.run({ pixels: new ort.Tensor("uint8", data, [height, width]) });
}

/** What a network reads in a drawing with some ink in it. @returns {Promise<Reading>} */
export async function read(model, pixels) {
  await open(model);
  const begun = performance.now();
  const { frames, strip, frame, log_probs } = await run(model, pixels);
  const columns = frames ? frames.dims[1] - 2 : log_probs.data.length; // a line has a space and a blank, too
  if (columns !== model.alphabet.length) throw new Error("the network is of another version than this page; load it anew");
  const seen = strip ?? frame;
  const [height, width] = seen.dims;
  return {
    characters: frames ? bestPath(frames.data, model.alphabet) : alone(log_probs.data, model.alphabet),
    seen: { data: seen.data, width, height },
    milliseconds: performance.now() - begun,
  };
}

/** @param {Float32Array} row of one glyph */
function alone(row, alphabet) {
  const possible = likeliest(row, alphabet);
  return [{ ...possible[0], possible }];
}

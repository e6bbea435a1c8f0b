/** Reads on a thread of its own, so that drawing never waits: {model, pixels?} -> {model, reading?} or {error}. */

import { open, read } from "./reading.js";

self.addEventListener("message", async ({ data: { model, pixels } }) => {
  try {
    await open(model);
    self.postMessage({ model, reading: pixels ? await read(model, pixels) : null });
  } catch (error) {
    self.postMessage({ error: String(error?.message ?? error) });
  }
});

/**
 * Reads on a thread of its own, so that drawing never waits: {model, models, pixels?} -> {model, reading?} or {error}.
 * Once the network that was chosen is there, the others are loaded, too: then no connection is needed any more.
 */

import { open, read } from "./reading.js";

self.addEventListener("message", async ({ data: { model, models, pixels } }) => {
  try {
    await open(model);
    self.postMessage({ model, reading: pixels ? await read(model, pixels) : null });
    for (const other of models) open(other).catch(() => {}); // told when it is chosen
  } catch (error) {
    self.postMessage({ error: String(error?.message ?? error) });
  }
});

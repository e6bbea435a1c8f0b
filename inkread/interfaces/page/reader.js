/**
 * A picture -> what inkread reads in it: asked of the server that sent this page, live. Knows HTTP; nothing of ink.
 *
 * Changes that follow each other quickly are asked about once, and an answer that a later change has overtaken is never
 * told.
 *
 * @typedef {{text: string, probability: number}} Alternative
 * @typedef {{text: string, confidence: number, box: number[], alternatives: [string, number][]}} Character
 * @typedef {{text: string, confidence: number, characters: Character[]}} Word
 * @typedef {{text: string, raw_text: string, words: Word[]}} Line
 * @typedef {{text: string, raw_text: string, confidence: number, lines: Line[], remark: string, page?: number}} Reading
 * @typedef {{box: number[], text: string}} Correction
 * @typedef {{picture: () => Promise<Blob>, name: string, model: string, corrections: Correction[]}} Question
 */

const ADDRESS = "v1/read";
const QUIET = 20; // milliseconds without a change before it is asked: what a pen needs to leave the paper for good
const SENDABLE = /^[ -~]*$/; // what a header can hold
const GONE = "The reader does not answer. Is inkread serve still running?";

/** What went wrong, as a sentence; `code` is the server's. */
export class Refused extends Error {
  constructor(sentence, code = "") {
    super(sentence);
    this.code = code;
  }
}

/**
 * Ask about pictures as they change.
 *
 * @param {{onReading: (reading: Reading) => void, onFailure: (error: Refused) => void, onBusy?: (busy: boolean) => void}}
 *   told
 */
export function liveReader({ onReading, onFailure, onBusy = () => {} }) {
  let waiting = 0;
  let current = null; // the AbortController of what is asked now
  let key = "";

  const stop = () => {
    clearTimeout(waiting);
    current?.abort();
    current = null;
    onBusy(false);
  };

  const ask = async (question) => {
    const mine = (current = new AbortController());
    onBusy(true);
    try {
      const reading = await read(question, key, mine.signal);
      if (current === mine) onReading(reading);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (current === mine) onFailure(error);
    } finally {
      if (current === mine) onBusy(false);
    }
  };

  return {
    stop,
    /** Read a picture soon; what was asked before is forgotten. @param {Question} question */
    ask(question) {
      stop();
      waiting = setTimeout(ask, QUIET, question);
    },
    /** Send this key from now on. @param {string} given */
    useKey(given) {
      key = given;
    },
  };
}

/** Send one question. Raises Refused, except of what was aborted: that never answers. */
async function read({ picture, name, model, corrections }, key, signal) {
  if (!SENDABLE.test(key)) throw new Refused("The key is not the one of this server: it has letters that no key has.", "wrong_key");
  const body = new FormData();
  body.append("picture", await picture(), name);
  body.append("model", model);
  if (corrections.length) body.append("corrections", JSON.stringify(corrections));
  const headers = key ? { "X-API-Key": key } : {};
  try {
    const answer = await fetch(ADDRESS, { method: "POST", body, headers, signal });
    const content = await answer.json();
    if (answer.ok) return content;
    throw new Refused(sentence(content.error.message), content.error.code);
  } catch (error) {
    if (error instanceof Refused) throw error;
    if (signal.aborted) return new Promise(() => {});
    throw new Refused(GONE); // no connection, or an answer that is not inkread's
  }
}

/** Capital and full stop for what a program says in passing. @param {string} said */
export function sentence(said) {
  const begun = said.charAt(0).toUpperCase() + said.slice(1);
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}

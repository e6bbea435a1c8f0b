/**
 * Frames of a line -> what the eye alone reads: in each frame the likeliest column, repeats and blanks dropped. Knows no
 * language. Source: Graves et al. 2006, best path decoding.
 *
 * @typedef {{text: string, probability: number}} Possible
 * @typedef {{text: string, probability: number, possible: Possible[]}} Character
 */

const TOLD = 3; // readings of one character

/**
 * @param {Float32Array} frames natural logarithms of probabilities (F, C + 2), row by row: the alphabet, the space, the
 *   blank.
 * @param {string[]} alphabet the characters of the first columns.
 * @returns {Character[]} left to right, each as its surest frame sees it; spaces within.
 */
export function bestPath(frames, alphabet) {
  const columns = [...alphabet, " ", ""];
  const blank = columns.length - 1;
  const read = [];
  let before = blank;
  for (let start = 0; start < frames.length; start += columns.length) {
    const possible = likeliest(frames.subarray(start, start + columns.length), columns);
    const [{ text, probability }] = possible;
    const best = columns.indexOf(text);
    const again = best === before;
    before = best;
    if (best === blank || (again && probability <= read.at(-1).probability)) continue;
    const character = { text, probability, possible: possible.filter(({ text }) => text !== "") };
    if (again) read.splice(-1, 1, character);
    else read.push(character);
  }
  return withoutOuterSpaces(read);
}

/** The likeliest characters of a row of log-probabilities, the likeliest first. @returns {Possible[]} */
export function likeliest(row, columns) {
  const best = [...row.keys()].sort((a, b) => row[b] - row[a]).slice(0, TOLD);
  return best.map((column) => ({ text: columns[column], probability: Math.exp(row[column]) }));
}

/** @param {Character[]} read */
function withoutOuterSpaces(read) {
  const written = read.map(({ text }) => text !== " ");
  return read.slice(Math.max(written.indexOf(true), 0), written.lastIndexOf(true) + 1);
}

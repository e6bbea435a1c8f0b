/** What somebody says of characters, and which character each of it is about. */

const GIVEN = 0.999; // confidence of a character that a correction was obeyed for

/** Whether a character is as somebody said. @param {import("./reader.js").Correction[]} corrections */
export function isCorrected(character, corrections) {
  return character.confidence > GIVEN && corrections.some((one) => isAbout(one, character));
}

/** The corrections without those of one character. @returns {import("./reader.js").Correction[]} */
export function withoutThose(corrections, character) {
  return corrections.filter((one) => !isAbout(one, character));
}

/** A correction is about the character in whose box the middle of its own stands. */
function isAbout({ box: [left, top, right, bottom] }, { box }) {
  const [x, y] = [(left + right) / 2, (top + bottom) / 2];
  return box[0] <= x && x < box[2] && box[1] <= y && y < box[3];
}

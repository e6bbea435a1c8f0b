/** A probability -> a word, a level for colours and patterns, and a percentage. Colour never speaks alone. */

const LEVELS = [
  { name: "sure", from: 0.95 },
  { name: "likely", from: 0.7 },
  { name: "unsure", from: 0 },
];

/** "sure", "likely" or "unsure": the word, and the class that the style sheet colours. @param {number} probability */
export function levelOf(probability) {
  return LEVELS.find(({ from }) => probability >= from).name;
}

/** A percentage as people write it; 100 and 0 only where there is no doubt. @param {number} probability */
export function percent(probability) {
  if (probability > 0.995 && probability < 1) return "> 99 %";
  if (probability > 0 && probability < 0.005) return "< 1 %";
  return `${Math.floor(100 * probability + 1e-9)} %`; // 94.7 % is no 95 %, from where on a reading is sure
}

/** "likely, 83 %". @param {number} probability */
export function inWords(probability) {
  return `${levelOf(probability)}, ${percent(probability)}`;
}

/** Two texts -> which of their characters differ, by the alignment with the fewest changes (Levenshtein 1966). */

/**
 * @param {string[]} first characters
 * @param {string[]} second characters
 * @returns {[boolean[], boolean[]]} for each character of either text, whether the other has it otherwise or not at all.
 */
export function differences(first, second) {
  const costs = first.map(() => new Array(second.length + 1).fill(0));
  costs.push(Array.from({ length: second.length + 1 }, (_, at) => second.length - at));
  for (let i = first.length - 1; i >= 0; i--) {
    costs[i][second.length] = first.length - i;
    for (let j = second.length - 1; j >= 0; j--) {
      const same = costs[i + 1][j + 1] + (first[i] === second[j] ? 0 : 1);
      costs[i][j] = Math.min(same, costs[i + 1][j] + 1, costs[i][j + 1] + 1);
    }
  }
  const marks = [first.map(() => false), second.map(() => false)];
  let [i, j] = [0, 0];
  while (i < first.length || j < second.length) {
    const both = i < first.length && j < second.length;
    const equal = both && first[i] === second[j];
    if (both && costs[i][j] === costs[i + 1][j + 1] + (equal ? 0 : 1)) {
      marks[0][i++] = !equal;
      marks[1][j++] = !equal;
    } else if (i < first.length && costs[i][j] === costs[i + 1][j] + 1) marks[0][i++] = true;
    else marks[1][j++] = true;
  }
  return marks;
}

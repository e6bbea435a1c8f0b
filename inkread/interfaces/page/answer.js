/** A reading -> the clipboard, or a file of JSON. */

/** Copy a text; true if it worked. Pages that came without encryption from another machine have no clipboard. */
export async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copiedOldWay(text);
  }
}

function copiedOldWay(text) {
  const area = document.createElement("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  return done;
}

/** Save a value as a JSON file. */
export function download(value, name) {
  const address = URL.createObjectURL(new Blob([`${JSON.stringify(value, null, 2)}\n`], { type: "application/json" }));
  const link = document.createElement("a");
  [link.href, link.download] = [address, name];
  link.click();
  setTimeout(URL.revokeObjectURL, 1000, address); // once the browser has taken it
}

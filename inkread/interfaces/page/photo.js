/**
 * Pictures that are dropped, pasted or chosen -> a file; and a file -> a canvas that shows it. Knows files, not readers.
 */

const LARGEST = 2000; // pixels of the longer side that are drawn: more than a screen shows

/**
 * @param {{input: HTMLInputElement, target: HTMLElement, onFile: (file: File) => void}} told `target` is marked with the
 *   class "dropping" while something is dragged over the page
 */
export function takePictures({ input, target, onFile }) {
  const take = (files) => {
    if (files?.length) onFile(files[0]);
    return Boolean(files?.length);
  };

  input.addEventListener("change", () => {
    take(input.files);
    input.value = ""; // or the same file, chosen again, would change nothing
  });
  document.addEventListener("paste", (event) => {
    if (take(event.clipboardData?.files)) event.preventDefault();
  });
  document.addEventListener("dragover", (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    target.classList.add("dropping");
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) target.classList.remove("dropping");
  });
  document.addEventListener("drop", (event) => {
    event.preventDefault(); // a browser would leave the page and open the file
    target.classList.remove("dropping");
    take(event.dataTransfer?.files);
  });
}

/**
 * A picture the right way up, as its camera meant it; null where the browser cannot show it, as PDF and TIFF.
 *
 * @param {Blob} file
 * @returns {Promise<ImageBitmap | null>}
 */
export async function opened(file) {
  try {
    return await createImageBitmap(file);
  } catch (error) {
    if (error instanceof DOMException) return null;
    throw error;
  }
}

/**
 * Draw a picture on a canvas that has its proportions.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {{width: number, height: number}} size of the picture
 * @param {ImageBitmap | null} bitmap null leaves the sheet white
 */
export function show(canvas, { width, height }, bitmap) {
  const scale = Math.min(1, LARGEST / Math.max(width, height));
  canvas.width = Math.max(1, Math.round(scale * width));
  canvas.height = Math.max(1, Math.round(scale * height));
  canvas.style.aspectRatio = `${width} / ${height}`;
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#fff"; // what is transparent lies on paper
  pen.fillRect(0, 0, canvas.width, canvas.height);
  if (bitmap) pen.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
}

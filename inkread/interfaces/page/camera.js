/** A camera -> a picture that it took, or the sentence that says why there is none. Knows cameras, not readers. */

const WANTED = { video: { facingMode: "environment", width: { ideal: 2560 }, height: { ideal: 1440 } }, audio: false };
const QUALITY = 0.92; // of the JPEG
const REFUSALS = {
  NotAllowedError: "The browser keeps the camera from this page. Allow it beside the address, or choose a picture.",
  NotFoundError: "No camera was found. Choose a picture, or drop one here.",
  NotReadableError: "Another program uses the camera. Close it, or choose a picture.",
};
const REFUSED = "The camera cannot be used here. Choose a picture, or drop one here.";

/**
 * @param {HTMLDialogElement} dialog with a video, a form whose buttons are "take" and "cancel"
 * @param {{onPicture: (file: File) => void, onFailure: (sentence: string) => void}} told
 */
export function camera(dialog, { onPicture, onFailure }) {
  const video = dialog.querySelector("video");
  let stream = null;
  let opening = false;

  const stop = () => {
    for (const track of stream?.getTracks() ?? []) track.stop();
    video.srcObject = stream = null;
  };

  const picture = () => {
    const sheet = document.createElement("canvas");
    [sheet.width, sheet.height] = [video.videoWidth, video.videoHeight];
    sheet.getContext("2d").drawImage(video, 0, 0);
    return new Promise((resolve) => sheet.toBlob(resolve, "image/jpeg", QUALITY));
  };

  dialog.addEventListener("close", async () => {
    const taken = dialog.returnValue === "take" && video.videoWidth ? picture() : null;
    stop(); // the light of the camera goes out at once: its picture is drawn already
    if (taken) onPicture(new File([await taken], "camera.jpg", { type: "image/jpeg" }));
  });

  return {
    /** Ask for the camera and show what it sees, until a picture is taken or it is closed. */
    async open() {
      if (opening || dialog.open) return;
      opening = true;
      try {
        if (!navigator.mediaDevices) throw new DOMException("an insecure address", "NotSupportedError");
        stream = await navigator.mediaDevices.getUserMedia(WANTED);
      } catch (error) {
        onFailure(REFUSALS[error.name] ?? REFUSED);
        return;
      } finally {
        opening = false;
      }
      dialog.returnValue = "";
      video.srcObject = stream;
      dialog.showModal();
    },
  };
}

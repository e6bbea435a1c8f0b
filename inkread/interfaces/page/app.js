/** The page: paper, pictures, reading and corrections, put together. Each part is told in its own file. */

import { camera } from "./camera.js";
import { drawingSurface } from "./canvas.js";
import { characterCard } from "./character.js";
import { isCorrected, withoutThose } from "./corrections.js";
import { boxesOver } from "./overlay.js";
import { opened, show as showPhoto, takePictures } from "./photo.js";
import { liveReader } from "./reader.js";
import { resultView } from "./result.js";

const PAUSE = 1000; // milliseconds after a change in which a tap is still writing: the dot of an i, a full stop
const NO_KEY = ["no_key", "wrong_key"]; // codes of refusals
const REFUSED = "bad_option"; // the code of a correction that cannot be
const UNSEEN = { width: 4, height: 1 }; // the shape of a picture that the browser cannot show, until it is read
const INK = "ink.png"; // what a picture of the paper is called

const by = (id) => document.getElementById(id);
const paper = by("paper");
const sheet = by("photo");
const history = []; // how to take back each change, the last one last
let state = { photo: null, corrections: [] }; // photo: {file, bitmap}, a picture that lies on the paper
let reading = null;
let changed = -Infinity; // when anything did last
let refusal = ""; // why the last correction was not taken, until the reading without it is told
let opening = null; // {character, index, byText}: whose card is open, and where it was chosen

const surface = drawingSurface(paper, { onChange: inked, onTap: tapped });
const boxes = boxesOver(by("boxes-layer"));
const result = resultView({ onOpen: open, onReach: boxes.mark });
const reader = liveReader({ onReading: show, onFailure: fail, onBusy: (busy) => by("reading").toggleAttribute("data-busy", busy) });
const card = characterCard(by("card"), { onChoose: correct, onTakeBack: takeBack, onClose: () => boxes.mark(null) });
const lens = camera(by("camera-dialog"), { onPicture: lay, onFailure: result.tell });

// What happens to the paper

function inked(change) {
  if (change === "undo") return; // asked for here, and refreshed there
  changeTo(change === "clear" ? { ...state, corrections: [] } : state, surface.undo);
}

async function lay(file) {
  changeTo({ photo: { file, bitmap: await opened(file) }, corrections: [] });
}

function clear() {
  if (state.photo) changeTo({ photo: null, corrections: [] });
  else surface.clear();
}

function changeTo(next, takeBackInk = () => {}) {
  const before = state;
  history.push(() => {
    takeBackInk();
    state = before;
  });
  state = next;
  refresh(before.photo !== next.photo);
}

function undo() {
  const { photo } = state;
  history.pop()?.();
  refresh(photo !== state.photo);
}

/** Show what lies on the paper and have it read. */
function refresh(otherPicture = false) {
  changed = performance.now();
  const { photo } = state;
  const empty = !photo && surface.isEmpty();
  by("hint").hidden = !empty;
  paper.hidden = Boolean(photo);
  sheet.hidden = !photo;
  by("undo-button").disabled = !history.length;
  by("clear-button").disabled = empty;
  if (photo?.bitmap || (photo && otherPicture)) showPhoto(sheet, photo.bitmap ?? UNSEEN, photo.bitmap);
  if (empty || otherPicture) boxes.clear();
  if (!empty) return reader.ask(question());
  reader.stop();
  result.clear();
}

function question() {
  const { photo, corrections } = state;
  const model = document.querySelector("[name=model]:checked").value;
  const picture = photo ? () => Promise.resolve(photo.file) : surface.toBlob;
  return { picture, name: photo ? photo.file.name : INK, model, corrections };
}

// What was read

function show(answer) {
  reading = answer;
  const { photo, corrections } = state;
  const known = (character) => isCorrected(character, corrections);
  if (photo && !photo.bitmap) showPhoto(sheet, answer, null);
  boxes.show(allCharacters(), photo && answer, known);
  result.show(answer, known, changed);
  if (refusal) result.tell(refusal);
  refusal = "";
  by("key").hidden = true;
}

function allCharacters() {
  return reading.lines.flatMap((line) => line.words.flatMap((word) => word.characters));
}

function fail({ message, code }) {
  if (code === REFUSED && state.corrections.length) return refuse(message);
  boxes.clear();
  result.fail(message);
  by("key").hidden = !NO_KEY.includes(code);
}

/** Read on without the last correction, which cannot be: else every later question would fail, too. */
function refuse(message) {
  refusal ||= message;
  state = { ...state, corrections: state.corrections.slice(0, -1) };
  refresh();
}

// One character

function tapped(place) {
  const index = performance.now() - changed > PAUSE ? boxes.at(place) : null;
  if (index !== null) open(index);
  return index !== null;
}

/** Open a character's card beside its button, or beside its ink where it was chosen there. */
function open(index, button = null) {
  const character = allCharacters()[index];
  opening = { character, index, byText: Boolean(button) };
  const place = button ? button.getBoundingClientRect() : boxes.placeOf(index);
  const [picture, width] = state.photo ? [sheet, reading.width] : [paper, paper.clientWidth];
  card.open(character, isCorrected(character, state.corrections), place, picture, picture.width / width);
  boxes.mark(index);
}

function correct(text) {
  changeCorrections([...state.corrections, { box: opening.character.box, text }]);
}

function takeBack() {
  changeCorrections(withoutThose(state.corrections, opening.character));
}

function changeCorrections(corrections) {
  if (opening.byText) result.focusNext(opening.index);
  changeTo({ ...state, corrections });
}

// Buttons and keys

takePictures({ input: by("file"), target: by("stage"), onFile: lay });
by("undo-button").addEventListener("click", undo);
by("clear-button").addEventListener("click", clear);
by("picture-button").addEventListener("click", () => by("file").click());
by("camera-button").addEventListener("click", lens.open);
by("models").addEventListener("change", () => refresh());
sheet.addEventListener("click", ({ offsetX: x, offsetY: y }) => {
  const index = boxes.at({ x, y });
  if (index !== null) open(index);
});
by("boxes-button").addEventListener("click", ({ currentTarget: button }) => {
  const shown = button.getAttribute("aria-pressed") !== "true";
  button.setAttribute("aria-pressed", String(shown));
  by("boxes-layer").classList.toggle("off", !shown);
});
by("key").addEventListener("submit", (event) => {
  event.preventDefault();
  reader.useKey(by("key").elements.key.value);
  refresh();
});
document.addEventListener("keydown", (event) => {
  const undoes = (event.ctrlKey || event.metaKey) && !event.shiftKey && event.key === "z";
  if (!undoes || event.target.matches("input:not([type=radio])")) return;
  event.preventDefault();
  undo();
});

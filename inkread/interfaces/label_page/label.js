// The grid of glyphs: shows them, takes keys, and asks the server to move files. What is true is what it answers.

const grid = document.getElementById("grid");
const message = document.getElementById("message");
const shown = document.getElementById("shown");
let glyphs = [];

async function ask(address, body) {
  const options = body && { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  const answer = await fetch(address, options);
  const said = await answer.json();
  if (!answer.ok) throw new Error(said.error ? said.error.message : `the server answered ${answer.status}`);
  return said;
}

const unlike = (glyph) =>
  glyph.seen !== null && glyph.seen.toLowerCase() !== glyph.character.toLowerCase() && glyph.seen !== glyph.character;

const filters = {
  all: () => true,
  doubtful: (glyph) => glyph.aside === "doubtful",
  unlike,
  rejected: (glyph) => glyph.aside === "rejected",
};

function tell(glyph) {
  if (glyph.aside === "rejected") return "rejected";
  if (glyph.changed) return "changed";
  if (glyph.seen === null) return glyph.probability === 0 ? "cannot be read" : "";
  return `read ${glyph.seen} ${Math.round(100 * glyph.confidence)} %`;
}

function draw(glyph) {
  const tile = glyph.tile;
  tile.className = "glyph";
  if (glyph.aside) tile.classList.add(glyph.aside);
  if (glyph.changed) tile.classList.add("changed");
  else if (unlike(glyph)) tile.classList.add("unlike");
  tile.dataset.name = glyph.name;
  tile.querySelector("b").textContent = glyph.character;
  tile.querySelector("small").textContent = tell(glyph);
  tile.setAttribute("aria-label", `${glyph.character}, ${glyph.aside ?? "kept"}, ${tell(glyph)}`);
}

const addressOf = (glyph) => `picture?name=${encodeURIComponent(glyph.name)}`;

function made(glyph) {
  const tile = document.createElement("div");
  tile.tabIndex = -1;
  tile.setAttribute("role", "option");
  const picture = document.createElement("img");
  picture.loading = "lazy";
  picture.alt = "";
  picture.src = addressOf(glyph);
  tile.append(picture, document.createElement("b"), document.createElement("small"));
  tile.addEventListener("focus", () => choose(tile));
  glyph.tile = tile;
  draw(glyph);
  return tile;
}

function choose(tile) {
  for (const other of grid.querySelectorAll("[aria-selected]")) {
    other.removeAttribute("aria-selected");
    other.tabIndex = -1;
  }
  tile.setAttribute("aria-selected", "true");
  tile.tabIndex = 0;
}

function count() {
  const number = (test) => glyphs.filter(test).length;
  document.getElementById("counts").textContent =
    `${number((glyph) => !glyph.aside)} glyphs, ${number(filters.doubtful)} set aside, ` +
    `${number(filters.rejected)} rejected`;
}

function show() {
  const visible = glyphs.filter(filters[shown.value]);
  grid.replaceChildren(...visible.map((glyph) => glyph.tile));
  count();
  visible[0]?.tile.focus({ preventScroll: true });
}

const current = () => glyphs.find((glyph) => glyph.tile === document.activeElement);

function columns() {
  const tiles = [...grid.children];
  const second = tiles.findIndex((tile) => tile.offsetTop > tiles[0].offsetTop);
  return second < 0 ? tiles.length : second;
}

function step(by) {
  const tiles = [...grid.children];
  const place = tiles.indexOf(document.activeElement) + by;
  tiles[Math.min(Math.max(place, 0), tiles.length - 1)]?.focus();
}

function renew(glyph, answer) {
  const moved = glyph.name !== answer.name;
  Object.assign(glyph, { name: answer.name, character: answer.character, aside: answer.aside });
  glyph.changed = moved || glyph.changed;
  const picture = glyph.tile.querySelector("img");
  if (moved && !picture.naturalWidth) picture.src = addressOf(glyph); // it has not been asked for yet
  draw(glyph);
}

async function relabel(glyph, character) {
  renew(glyph, await ask("relabel", { name: glyph.name, character }));
}

async function keepAll(glyph) {
  const same = glyphs.filter((other) => other.aside === "doubtful" && other.character === glyph.character);
  for (const other of same) await relabel(other, other.character);
}

async function undo() {
  const { was, glyph: answer } = await ask("undo", {});
  const glyph = glyphs.find((one) => one.name === was);
  if (!answer) message.textContent = "There is nothing to undo.";
  if (!glyph) return;
  renew(glyph, answer);
  glyph.changed = false;
  draw(glyph);
  glyph.tile.focus();
}

const moves = {
  ArrowLeft: () => step(-1),
  ArrowRight: () => step(1),
  ArrowUp: () => step(-columns()),
  ArrowDown: () => step(columns()),
};

const changes = {
  Enter: (glyph) => relabel(glyph, glyph.character),
  Delete: async (glyph) => renew(glyph, await ask("reject", { name: glyph.name })),
};
changes.Backspace = changes.Delete;

// What a key asks for, as something to do with the glyph that is current when its turn comes; null: nothing.
function wanted(event) {
  if (event.ctrlKey || event.metaKey) return event.key.toLowerCase() === "z" ? undo : null;
  if (event.altKey) return null;
  if (event.key in moves) return moves[event.key];
  let change = event.key === "Enter" && event.shiftKey ? keepAll : changes[event.key];
  if (!change && [...event.key].length === 1 && event.key !== " ") change = (glyph) => relabel(glyph, event.key);
  return change ? async (glyph) => { await change(glyph); step(1); } : null;
}

let last = Promise.resolve(); // changes are asked for one after the other, however fast the keys come

function run(work) {
  last = last.then(async () => {
    message.textContent = "";
    try {
      await work();
    } catch (error) {
      message.textContent = error.message;
    }
    count();
  });
}

document.addEventListener("keydown", (event) => {
  if (event.target === shown) return;
  const work = wanted(event);
  if (!work) return;
  event.preventDefault();
  run(() => {
    const glyph = current();
    return glyph || work === undo ? work(glyph) : null;
  });
});
document.getElementById("undo").addEventListener("click", () => run(() => undo()));
shown.addEventListener("change", show);

run(async () => {
  const said = await ask("glyphs");
  document.getElementById("folder").textContent = said.folder;
  glyphs = said.glyphs;
  glyphs.forEach(made);
  show();
});

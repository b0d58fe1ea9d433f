// Places on a picture (data-placement): the corners of a box, kept as JSON text. A place counts once it was touched.
import { Frame } from "./frame.js";
import { followPicture } from "./over-picture.js";

function corners({ x, y, width, height }) {
  return [[x, y], [x + width, y], [x + width, y + height], [x, y + height]];
}

function boxOf(text) {
  try {
    const points = JSON.parse(text);
    const [across, down] = [0, 1].map((axis) => points.map((point) => point[axis]));
    const [x, y] = [Math.min(...across), Math.min(...down)];
    const box = { x, y, width: Math.max(...across) - x, height: Math.max(...down) - y };
    return Object.values(box).every(Number.isFinite) ? box : undefined;
  } catch {
    return undefined;
  }
}

function begin(field) {
  const part = (name) => field.querySelector(`[data-${name}]`);
  const [input, surface, clear] = [part("place"), part("surface"), part("clear-place")];
  const tell = () => input.dispatchEvent(new Event("change", { bubbles: true }));
  const write = (text) => {
    input.value = text;
    surface.classList.toggle("surface--unset", !text);
    clear.disabled = !text;
  };
  const frame = new Frame(surface, {
    box: part("box"),
    numbers: part("numbers"),
    changed: (box) => write(JSON.stringify(corners(box))),
    done: tell,
  });
  followPicture(field, (picture, { isFirst }) => {
    part("stage").hidden = !picture?.url;
    part("no-picture").hidden = Boolean(picture);
    part("no-size").hidden = !picture || Boolean(picture.url);
    if (!picture?.url) return;
    part("picture").src = picture.url;
    surface.style.setProperty("--sides", picture.width / picture.height);
    frame.over(picture);
    const known = isFirst && boxOf(input.value);
    if (known) frame.place(known);
    else write("");
  });
  clear.addEventListener("click", () => {
    write("");
    tell();
    part("box").focus();
  });
}

document.querySelectorAll("[data-placement]").forEach(begin);

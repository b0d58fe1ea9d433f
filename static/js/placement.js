// Places on a picture (data-placement): the corners of a box as fractions of the picture, kept as JSON text.
// A place counts once it was touched; one that was there before stays as it is until then.
import { BoundingBox } from "./bounding-box.js";
import { followPicture } from "./picture-source.js";

// Clockwise from the upper left one.
function corners({ x, y, width, height }, picture) {
  const share = (part, whole) => Number((part / whole).toFixed(4));
  const points = [[x, y], [x + width, y], [x + width, y + height], [x, y + height]];
  return points.map(([across, down]) => [share(across, picture.width), share(down, picture.height)]);
}

function boxOf(text, picture) {
  try {
    const points = JSON.parse(text);
    const whole = [picture.width, picture.height];
    const [across, down] = [0, 1].map((axis) => points.map((point) => Math.round(point[axis] * whole[axis])));
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
  const frame = new BoundingBox(surface, {
    box: part("box"),
    numbers: part("numbers"),
    changed: (box) => write(JSON.stringify(corners(box, frame.size))),
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
    const known = isFirst && boxOf(input.value, picture);
    if (known) frame.start(known);
    write(known ? input.value : "");
  });
  clear.addEventListener("click", () => {
    write("");
    tell();
    part("box").focus();
  });
}

document.querySelectorAll("[data-placement]").forEach(begin);

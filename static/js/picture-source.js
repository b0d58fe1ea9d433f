// The picture that a mask or a place belongs to: what the first shown field named in data-of holds.
export function pictureOf(field) {
  const form = field.closest("form");
  for (const name of field.dataset.of.split(" ")) {
    const input = form.querySelector(`[data-value][name="${name}"]`);
    if (!input?.value || input.disabled) continue;
    const [width, height] = [Number(input.dataset.width), Number(input.dataset.height)];
    if (input.dataset.whole && width && height) return { id: input.value, url: input.dataset.whole, width, height };
    return { id: input.value };
  }
  return undefined;
}

// Calls `follow` with the picture now and whenever another one is chosen.
export function followPicture(field, follow) {
  let known;
  const look = () => {
    const picture = pictureOf(field);
    const key = picture ? `${picture.id} ${picture.url}` : "";
    if (key === known) return;
    const isFirst = known === undefined;
    known = key;
    follow(picture, { isFirst });
  };
  look();
  field.closest("form").addEventListener("change", look);
}

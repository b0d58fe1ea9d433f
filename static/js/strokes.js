// What is painted on a mask, kept as acts in the picture's pixels, so that it can be taken back and drawn at any size.
export class Strokes {
  acts = [];
  undone = [];

  add(act) {
    this.acts.push(act);
    this.undone = [];
  }

  undo() {
    if (this.acts.length) this.undone.push(this.acts.pop());
  }

  redo() {
    if (this.undone.length) this.acts.push(this.undone.pop());
  }

  // On a transparent canvas `scale` times as large as the picture. `base` is an earlier mask that is painted on.
  draw(context, { scale, colour, base }) {
    const { width, height } = context.canvas;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.globalCompositeOperation = "source-over";
    context.clearRect(0, 0, width, height);
    if (base && !this.acts.some((act) => act.shape === "nothing")) context.drawImage(asPaint(base, width, height, colour), 0, 0);
    context.setTransform(scale, 0, 0, scale, 0, 0);
    Object.assign(context, { strokeStyle: colour, fillStyle: colour, lineCap: "round", lineJoin: "round" });
    for (const act of this.acts) this.drawAct(context, act);
  }

  drawAct(context, { shape, erases, size, points, box }) {
    context.globalCompositeOperation = erases ? "destination-out" : "source-over";
    context.beginPath();
    if (shape === "line") {
      context.lineWidth = size;
      for (const { x, y } of points) context.lineTo(x, y);
      // A line of no length draws nothing: one press makes a dot.
      if (points.length === 1) context.lineTo(points[0].x + 0.01, points[0].y);
      context.stroke();
    } else if (shape === "nothing") {
      context.save();
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.clearRect(0, 0, context.canvas.width, context.canvas.height);
      context.restore();
    } else {
      const { x, y, width, height } = box;
      if (shape === "rectangle") context.rect(x, y, width, height);
      else context.ellipse(x + width / 2, y + height / 2, width / 2, height / 2, 0, 0, 2 * Math.PI);
      context.fill();
    }
  }
}

// The mask in its size: white on black.
export async function asPicture(strokes, size, base) {
  const canvas = new OffscreenCanvas(size.width, size.height);
  const context = canvas.getContext("2d");
  strokes.draw(context, { scale: 1, colour: "white", base });
  const isEmpty = !context.getImageData(0, 0, size.width, size.height).data.some((part, place) => place % 4 === 3 && part > 127);
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.globalCompositeOperation = "destination-over";
  context.fillStyle = "black";
  context.fillRect(0, 0, size.width, size.height);
  return { isEmpty, blob: await canvas.convertToBlob({ type: "image/png" }) };
}

// A white on black picture as paint: the darker, the more transparent.
function asPaint(picture, width, height, colour) {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d");
  context.drawImage(picture, 0, 0, width, height);
  const pixels = context.getImageData(0, 0, width, height);
  for (let place = 0; place < pixels.data.length; place += 4) pixels.data[place + 3] = pixels.data[place];
  context.putImageData(pixels, 0, 0);
  context.globalCompositeOperation = "source-in";
  context.fillStyle = colour;
  context.fillRect(0, 0, width, height);
  return canvas;
}

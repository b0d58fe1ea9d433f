// Sums up a chosen file on this device and looks the sum up. SubtleCrypto takes a file only whole, and is not there
// without https; so the sum is made here, piece by piece, and a film of some gigabytes needs no memory.
const PIECE = 4 * 1024 * 1024;
const PRIMES = (function primes() {
  const found = [];
  for (let number = 2; found.length < 64; number += 1) if (found.every((prime) => number % prime)) found.push(number);
  return found;
})();
const fraction = (root) => Math.floor((root % 1) * 2 ** 32) | 0;
const K = Int32Array.from(PRIMES, (prime) => fraction(Math.cbrt(prime)));

class Sha256 {
  constructor() {
    this.state = Int32Array.from(PRIMES.slice(0, 8), (prime) => fraction(Math.sqrt(prime)));
    this.words = new Int32Array(64);
    this.rest = new Uint8Array(0);
    this.length = 0;
  }

  add(bytes) {
    this.length += bytes.length;
    let data = bytes;
    if (this.rest.length) {
      data = new Uint8Array(this.rest.length + bytes.length);
      data.set(this.rest);
      data.set(bytes, this.rest.length);
    }
    const whole = data.length - (data.length % 64);
    const view = new DataView(data.buffer, data.byteOffset, data.length);
    for (let at = 0; at < whole; at += 64) this.block(view, at);
    this.rest = data.slice(whole);
  }

  block(view, at) {
    const w = this.words;
    for (let i = 0; i < 16; i += 1) w[i] = view.getInt32(at + 4 * i);
    for (let i = 16; i < 64; i += 1) {
      const x = w[i - 15];
      const y = w[i - 2];
      const low = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
      const high = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
      w[i] = (w[i - 16] + low + w[i - 7] + high) | 0;
    }
    let [a, b, c, d, e, f, g, h] = this.state;
    for (let i = 0; i < 64; i += 1) {
      const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const t1 = (h + s1 + ((e & f) ^ (~e & g)) + K[i] + w[i]) | 0;
      const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g;
      g = f;
      f = e;
      e = (d + t1) | 0;
      d = c;
      c = b;
      b = a;
      a = (t1 + t2) | 0;
    }
    const s = this.state;
    [a, b, c, d, e, f, g, h].forEach((value, i) => {
      s[i] = (s[i] + value) | 0;
    });
  }

  // The sum in hexadecimal digits; nothing can be added afterwards.
  end() {
    const bits = this.length * 8;
    const tail = new Uint8Array(this.rest.length < 56 ? 64 - this.rest.length : 128 - this.rest.length);
    tail[0] = 0x80;
    const view = new DataView(tail.buffer);
    view.setUint32(tail.length - 8, Math.floor(bits / 2 ** 32));
    view.setUint32(tail.length - 4, bits >>> 0);
    this.add(tail);
    return Array.from(this.state, (word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
  }
}

async function sumUp(file, onProgress) {
  const sum = new Sha256();
  for (let at = 0; at < file.size; at += PIECE) {
    sum.add(new Uint8Array(await file.slice(at, at + PIECE).arrayBuffer()));
    onProgress(Math.min(1, (at + PIECE) / file.size));
  }
  return sum.end();
}

document.querySelector("[data-verify-file]")?.addEventListener("change", async ({ target }) => {
  const file = target.files[0];
  if (!file) return;
  const form = target.closest("[data-verify]");
  const progress = form.querySelector("progress");
  const trouble = form.querySelector("[data-unreadable]");
  trouble.hidden = true;
  progress.hidden = false;
  try {
    const sum = await sumUp(file, (share) => {
      progress.value = share;
    });
    // Another file was chosen meanwhile.
    if (target.files[0] !== file) return;
    form.elements.sha256.value = sum;
    form.elements.name.value = file.name.slice(0, 200);
    form.requestSubmit();
  } catch {
    progress.hidden = true;
    trouble.textContent = trouble.dataset.unreadable;
    trouble.hidden = false;
  }
});

// Waits until the worker has examined an upload: resolves to what the server tells of it when it is ready or rejected.
// `told` is the answer to the upload; `show` hears each state on the way. Asked again while it is as it was seen (204).
const PAUSE = 1000;
const pause = () => new Promise((done) => { setTimeout(done, PAUSE); });

export async function examined(told, { show = () => {}, signal } = {}) {
  let known = told;
  while (known.state === "stored" || known.state === "examining") {
    show(known);
    await pause();
    signal?.throwIfAborted();
    try {
      const answer = await fetch(`${known.state_url}?seen=${known.seen}`, { headers: { Accept: "application/json" }, signal });
      if (answer.status === 200) known = await answer.json();
      else if (answer.status === 404 || answer.status === 401 || answer.redirected) return { ...known, state: "rejected" };
    } catch (error) {
      if (signal?.aborted) throw error;
      // The connection is away for a moment.
    }
  }
  return known;
}

/** The signs of life on a wire: acknowledgements, silence, and the look after it when the page wakes up. */

/** @typedef {import('./types.js').Link} Link */

const ACK_AFTER = 500;
const ACK_CHARS = 10_000; // at most 30 KB of UTF-8 (R22)
const CHECK = 5_000;

/**
 * The pulse of an engine's wires. Long polls have none: each poll acknowledges and has a deadline of its own.
 * @param {import('./types.js').Core} core
 * @param {{now: () => number, later: (ms: number, run: () => void) => () => void}} clock
 * @param {(link: Link) => void} silent
 */
export function pulse(core, { now, later }, silent) {
  let chars = 0;
  /** @type {(() => void) | undefined} */ let timer;

  /** Nothing is to be acknowledged any more on the wire that was. */
  const stop = () => {
    timer?.();
    timer = undefined;
    chars = 0;
  };

  /** Tells the server how far we are. */
  const tell = () => {
    stop();
    const { current, trial, machine } = core;
    // A POST may be overtaken by the attach that is under way. The server would then drop frames that it has just promised
    // to repeat on the new wire, whose numbers would no longer be ours. The new wire's welcome brings us back here, or the
    // clock does when there is none.
    if (trial?.tally.turn) return count(0);
    // For the same reason, never more than this wire has brought: what it repeats, it has to repeat to the end.
    if (current && !current.wire?.poll) {
      current.wire?.control({ type: 'received', count: Math.min(machine.received, current.tally.next - 1) });
    }
  };

  /** A frame is handed over: the server hears of it within a second or 32 KiB (R22). @param {number} size */
  const count = (size) => {
    if (core.current?.wire?.poll) return;
    chars += size;
    if (chars >= ACK_CHARS) tell();
    else timer ??= later(ACK_AFTER, tell);
  };

  /** Gives a wire up that has been silent for two heartbeats (R38). @param {Link} link */
  const watch = (link) => {
    if (link.wire?.poll) return;
    const left = link.at + 2 * core.rhythm - now();
    if (left > 0) link.later(left, () => watch(link));
    else silent(link);
  };

  /** Asks for a sign of life now. @param {Link} link */
  const check = (link) => {
    // The answer to a poll that waits may be lost with the network that was; one that is answered at once shows.
    if (link.wire?.poll) return link.idle(0);
    if (link.checked) return;
    link.checked = true;
    const asked = now();
    link.wire?.control({ type: 'ping', id: 'check' });
    link.later(CHECK, () => {
      link.checked = false;
      if (link.at <= asked) silent(link);
    });
  };

  return { stop, tell, count, watch, check };
}

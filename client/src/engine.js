/**
 * Keeps one session on a wire: opens, replaces and drops wires as the policy says, and tells the machine what came.
 * Time, chance and the wires are handed in, so that tests run it on a clock of their own.
 */
import { PolywireError, judge, pauseOf } from './errors.js';
import { links, retire } from './link.js';
import { Machine } from './machine.js';
import { pulse } from './pulse.js';
import { retry } from './retry.js';

/** @typedef {import('./machine.js').Frame} Frame */
/** @typedef {import('./errors.js').Failure} Failure */
/** @typedef {import('./types.js').State} State */
/** @typedef {import('./types.js').Link} Link */
/** @typedef {ReturnType<typeof engine>} Engine */

const STALES = 3;

/**
 * The connection's engine.
 * @param {import('./types.js').EngineOptions} options
 * @param {import('./types.js').Events} on
 */
export function engine(options, on) {
  const { policy, now, later, wires } = options;
  const machine = new Machine();
  /** @type {string | undefined} */ let lastName;
  let begun = false;
  let stales = 0;
  /** The time before which the server does not want to be asked again. */ let earliest = 0;
  /** @type {(() => void) | undefined} */ let stopProbe;
  /** Told when the closing is over. @type {(() => void) | undefined} */ let closing;

  const core = {
    machine,
    /** @type {State} */ state: 'connecting',
    /** The wire in use. @type {Link | undefined} */ current: undefined,
    /** The wire being opened. @type {Link | undefined} */ trial: undefined,
    /** @type {string | undefined} */ token: undefined,
    /** Who we are. @type {string | null} */ user: null,
    rhythm: 25_000,

    /** Whether nothing follows any more. */
    get over() {
      return core.state === 'failed' || core.state === 'closed';
    },

    /** Opens the first wire, unless `switchTo` was sooner. */
    start() {
      if (!begun) open(policy.first());
    },

    /** Sends what is queued, if there is a wire. */
    flush: () => core.current?.wire?.flush(),

    /**
     * Moves the session to a wire, which is from now on the preferred one; without a name, to the best.
     * @param {string} [to]
     * @returns {Promise<void>}
     */
    async switchTo(to) {
      if (to && !wires[to]) throw new PolywireError('no_transport');
      if (core.over) throw new PolywireError(core.state);
      const { pinned } = policy;
      policy.pin(to);
      const [name] = policy.order;
      if (!core.trial && core.current?.name === name) return;
      await new Promise((resolve, reject) => {
        retire(core.trial, new PolywireError('superseded'));
        retrying.cancel();
        stopProbe?.();
        open(name, false, (error) => {
          if (!error) return resolve(error);
          // A wire that does not work is not to be kept to; one that was asked for since is.
          if (policy.pinned === to) policy.pin(pinned);
          reject(error);
        }, earliest - now());
      });
    },

    /** Cuts the wire without a word, as a broken network would. */
    drop() {
      const link = core.current ?? core.trial;
      if (link) fail(link, { code: 'dropped' });
    },

    /** The network or the page is back: look whether the wire still is, or try again sooner. */
    wake() {
      if (!retrying.hasten(policy, earliest) && core.current) beat.check(core.current);
    },

    /**
     * Ends the session: `bye`, and the server's answer to it, waited for but not for long.
     * @param {string | undefined} reason `gone` when the page goes
     * @param {() => void} done
     */
    close(reason, done) {
      if (core.over) return done();
      const { current } = core;
      quiet();
      retire(core.trial, new PolywireError('closed'));
      core.trial = undefined;
      const end = (closing = () => {
        cancel();
        clear();
        done();
      });
      const cancel = later(2_000, end);
      tell('closed');
      if (!current) return closing();
      current.wire?.flush();
      current.wire?.control({ type: 'bye', sent: machine.last, reason });
    },
  };

  const beat = pulse(core, options, (link) => fail(link, { code: 'silent' }));
  const retrying = retry(options, (wire) => open(wire));

  const linkOf = links(core, options, on, (...what) => receive(...what), (...what) => fail(...what));

  const quiet = () => {
    beat.stop();
    retrying.cancel();
    stopProbe?.();
  };

  /** @param {State} state @param {PolywireError} [detail] */
  const tell = (state, detail) => {
    // Before the first session each attempt that fails is told: nothing else says why there is none.
    if ((core.state === state && machine.opened) || core.over) return;
    core.state = state;
    on.note(state, detail?.code);
    on.state(state, detail);
  };

  /**
   * @param {string} name
   * @param {boolean} [better] it is to replace one that works, by the policy's wish
   * @param {Link['settle']} [settle]
   * @param {number} [pause] milliseconds until then
   */
  const open = (name, better, settle, pause = 0) => {
    // Only a WebSocket can be looked at without a hello (R18).
    const link = (core.trial = linkOf({ name, settle, upgrade: better, probe: better && name === 'websocket' }));
    begun = true;
    if (pause > 0) link.later(pause, link.dial);
    else link.dial();
  };

  /**
   * @param {Link} link
   * @param {Frame} frame
   * @param {number} size
   */
  const receive = (link, frame, size) => {
    if (link.done) return;
    const { type, id, count } = frame;
    switch (type) {
      case 'welcome':
        return welcome(link, frame);
      case 'bye':
        link.told = frame;
        // On a poll and on a stream nothing else may follow; on a WebSocket the close would, but a bye says it all.
        return closing ? closing() : fail(link, {});
      case 'pong':
        if (!link.probe || id !== 'probe') return;
        link.probe = false;
        return link.greet();
      case 'received':
        return link.accepted(count);
      case 'ping':
        if (link === core.current && count !== undefined && count !== link.tally.next - 1) return link.drift();
        return link.wire?.control({ type: 'pong', count: link.tally.sent, id });
    }
    if (link !== core.current) {
      if (type === 'error') link.told = frame;
      return;
    }
    const taken = machine.take(link.tally);
    if (taken === 'jump') return link.drift();
    beat.count(size);
    if (taken === 'new') on.frame(frame);
  };

  /** @param {Link} link @param {Frame} frame */
  const welcome = (link, frame) => {
    const { current } = core;
    const { name, wire } = link;
    const result = machine.welcome(link.tally, frame);
    if (result.outcome === 'broken') return fail(link, { code: 'lost', reconnect: 'new' });
    // Every further poll begins with one; it only says where the numbers begin.
    if (link === current) return wire?.flush();
    core.trial = undefined;
    core.current = link;
    retire(current);
    link.at = now();
    stales = 0;
    core.rhythm = frame.heartbeat ?? core.rhythm;
    policy.welcomed(now(), name, frame.transports);
    beat.watch(link);
    link.refuse();
    on.note(result.outcome, name);
    on.welcome(frame, result);
    if (link.done) return;
    tell('connected');
    if (lastName !== name) on.emit('transport', { transport: name, previous: lastName });
    lastName = name;
    link.settle?.();
    link.settle = undefined;
    if (link.done) return;
    // A session from whose client nothing follows is taken for an orphan (R7).
    beat.tell();
    wire?.flush();
    upgrade();
  };

  /** Looks for a better wire after a while (R18). @param {number} [earliest] in so many milliseconds */
  const upgrade = (earliest = 0) => {
    stopProbe?.();
    const better = core.current && policy.better(core.current.name);
    if (better) {
      stopProbe = later(earliest + policy.probeDelay(), () => {
        if (core.current && !core.trial) open(better, true);
      });
    }
  };

  /** @param {PolywireError} [error] */
  const clear = (error) => {
    retire(core.current, error);
    retire(core.trial, error);
    core.current = core.trial = undefined;
  };

  /**
   * A wire ended.
   * @param {Link} link
   * @param {Failure} why
   */
  const fail = (link, why) => {
    if (link.done) return;
    const { name } = link;
    // What the server said last tells more than how the wire then ended.
    /** @type {Frame} */ const all = { ...why, ...link.told };
    const code = all.reason ?? all.code ?? String(all.status ?? 'closed');
    const retryAfter = pauseOf(all.retryAfter);
    earliest = now() + (retryAfter ?? 0);
    let reconnect = judge({ ...all, code });
    const error = new PolywireError(code, all.message, { retryAfter });
    retire(link, error);
    on.note('down', error);
    if (closing) return closing();
    // Our token ended while the wire worked: whoever gets tokens by a function comes with a new one, once (R77).
    if (code === 'unauthenticated' && link === core.current && typeof options.token === 'function') reconnect = 'resume';
    // Our own later attach may have been what replaced it (R11).
    if (code === 'replaced' && link.tally.turn < machine.turn) reconnect = 'resume';
    // A proxy may repeat an attach of which we then see only the refusal; the next number is greater, so it is a fair try.
    if (code === 'stale') reconnect = ++stales < STALES ? 'resume' : 'none';
    if (code === 'too_large' || code === '1009') machine.oversize = true;
    const missed = all.sent - machine.received;
    if (reconnect !== 'resume' && missed > 0) on.emit('lost', { reason: code, count: missed });
    if (reconnect === 'none') return stop(error);
    if (reconnect === 'new') {
      machine.forget(code);
      clear(error);
    }
    if (link === core.trial) {
      core.trial = undefined;
      const { current } = core;
      // Also one that took the old wire's place and then was silent: the next one would cost as long a silence.
      if (current || link.upgrade) policy.probeFailed();
      if (current) {
        // An upgrade that failed costs nothing: the old wire is still in use.
        if (current.waiting) current.wire?.poll?.();
        current.waiting = false;
        return upgrade(retryAfter);
      }
    } else {
      core.current = undefined;
      stopProbe?.();
      beat.stop();
    }
    // On a switch the server may say goodbye on the old wire before the new one's welcome is read, or refuse a poll that was
    // overtaken (R18): nothing is broken.
    if (/^(replaced|stale)$/.test(code) && core.trial) return;
    tell(machine.opened ? 'reconnecting' : 'connecting', error);
    // A wire that was to replace this one is still being opened: it is the next attempt.
    if (core.trial) return;
    const next = policy.failed(name, now(), { ...why, retryAfter });
    if (!next) return stop(new PolywireError('max_attempts'));
    on.note('retry', next);
    retrying.plan(next.wire, next.delay);
  };

  /** @param {PolywireError} error */
  const stop = (error) => {
    quiet();
    clear(error);
    tell(/^(normal|disconnected)$/.test(error.code) ? 'closed' : 'failed', error);
  };

  return core;
}

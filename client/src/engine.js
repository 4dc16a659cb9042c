/**
 * Keeps one session on a wire: opens, replaces and drops wires as the policy says, and tells the machine what came.
 * Time, chance and the wires are handed in, so that tests run it on a clock of their own.
 */
import { PolywireError, judge, pauseOf } from './errors.js';
import { dial, greet, linkOf, retire } from './link.js';
import { Machine } from './machine.js';
import { Pulse } from './pulse.js';
import { Retry } from './retry.js';

/** @typedef {import('./machine.js').Frame} Frame */
/** @typedef {import('./errors.js').Failure} Failure */
/** @typedef {import('./types.js').State} State */
/** @typedef {import('./types.js').Link} Link */
/** @typedef {import('./types.js').EngineOptions} EngineOptions */
/** @typedef {import('./types.js').Events} Events */

const STALES = 3;

/** The connection's engine. */
export class Engine {
  machine = new Machine();
  /** @type {State} */ state = 'connecting';
  /** @type {Link | undefined} the wire in use */ current;
  /** @type {Link | undefined} the wire being opened */ trial;
  /** @type {string | undefined} */ token;
  heartbeat = 25_000;
  #o;
  #on;
  #pulse;
  #retry;
  /** @type {string | undefined} */ #last;
  #stales = 0;
  #ids = 0;
  /** @type {(() => void) | undefined} */ #probe;
  /** @type {(() => void) | undefined} told when the closing is over */ #closing;

  /**
   * @param {EngineOptions} options
   * @param {Events} on
   */
  constructor(options, on) {
    this.#o = options;
    this.#on = on;
    this.#pulse = new Pulse(this, options, (link) => this.#fail(link, { code: 'silent', silent: true }));
    this.#retry = new Retry(options, (wire) => this.#open(wire));
  }

  start() {
    this.#open(this.#o.policy.first());
  }

  /** Sends what is queued, if there is a wire. */
  flush() {
    this.current?.wire?.flush();
  }

  /**
   * Moves the session to a wire, which is from now on the preferred one; without a name, to the best.
   * @param {string} [to]
   * @returns {Promise<void>}
   */
  switchTo(to) {
    if (to && !this.#o.wires[to]) return Promise.reject(new PolywireError('no_transport'));
    if (this.#over) return Promise.reject(new PolywireError(this.state));
    const { policy } = this.#o;
    const { pinned } = policy;
    policy.pin(to);
    const name = policy.order[0];
    if (!this.trial && this.current?.name === name) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const settle = (/** @type {PolywireError | undefined} */ error) => {
        if (!error) return resolve();
        // A wire that does not work is not to be kept to; one that was asked for since is.
        if (policy.pinned === to) policy.pin(pinned);
        reject(error);
      };
      retire(this.trial, new PolywireError('superseded'));
      this.#retry.cancel();
      this.#probe?.();
      this.#open(name, false, settle);
    });
  }

  /** Cuts the wire without a word, as a broken network would. */
  drop() {
    const link = this.current ?? this.trial;
    if (link) this.#fail(link, { code: 'dropped', cut: true });
  }

  /** The network or the page is back: look whether the wire still is, or try again sooner. */
  wake() {
    const { policy } = this.#o;
    if (this.#retry.waiting) {
      if (this.#retry.hasten(policy.hurry())) policy.hurried();
    } else if (this.current) this.#pulse.check(this.current);
  }

  /**
   * Ends the session: `bye`, and the server's answer to it, waited for but not for long.
   * @param {string} [reason] `gone` when the page goes
   * @returns {Promise<void>}
   */
  close(reason) {
    if (this.#over) return Promise.resolve();
    return new Promise((resolve) => {
      this.#quiet();
      const link = this.current;
      retire(this.trial, new PolywireError('closed'));
      this.trial = undefined;
      let cancel = () => {};
      this.#closing = () => {
        cancel();
        this.#clear();
        this.#closing = undefined;
        resolve();
      };
      this.#state('closed');
      if (!link) return this.#closing();
      link.wire?.flush();
      link.wire?.control({ type: 'bye', sent: this.machine.last, reason });
      cancel = this.#o.later(2_000, () => this.#closing?.());
    });
  }

  get #over() {
    return this.state === 'failed' || this.state === 'closed';
  }

  #quiet() {
    this.#pulse.stop();
    this.#retry.cancel();
    this.#probe?.();
  }

  /**
   * @param {State} state
   * @param {PolywireError} [detail]
   */
  #state(state, detail) {
    if (this.state === state || this.#over) return;
    this.state = state;
    this.#on.debug(state, detail?.code);
    this.#on.state(state, detail);
  }

  /**
   * @param {string} name
   * @param {boolean} [probe]
   * @param {Link['settle']} [settle]
   */
  #open(name, probe, settle) {
    const link = linkOf(this, this.#o, name, settle);
    link.upgrade = probe;
    // Only a WebSocket can be looked at without a hello (R18).
    if (probe && name === 'websocket') link.probe = 'p' + ++this.#ids;
    this.trial = link;
    this.#on.debug('open', name);
    dial(this, this.#o, this.#on, link, {
      frame: (frame, size) => this.#frame(link, frame, size),
      failed: (why) => this.#fail(link, why),
    });
  }

  /**
   * @param {Link} link
   * @param {Frame} frame
   * @param {number} size
   */
  #frame(link, frame, size) {
    if (link.done) return;
    const { machine } = this;
    switch (frame.type) {
      case 'welcome':
        return this.#welcome(link, frame);
      case 'bye':
        link.bye = frame;
        if (this.#closing) return this.#closing();
        // On a poll and on a stream nothing else may follow; on a WebSocket the close would, but a bye says it all.
        return this.#fail(link, {});
      case 'pong':
        if (!link.probe || link.probe !== frame.id) return;
        link.probe = undefined;
        return greet(this, this.#o, link);
      case 'received':
        return this.accepted(link, frame.count);
      case 'ping':
        if (link === this.current && frame.count !== undefined && frame.count !== link.count.next - 1) return this.#drift(link);
        return link.wire?.control({ type: 'pong', count: link.count.sent, id: frame.id });
    }
    if (link !== this.current) {
      if (frame.type === 'error') link.error = frame;
      return;
    }
    const taken = machine.take(link.count);
    if (taken === 'drift') return this.#drift(link);
    this.#pulse.count(size);
    if (taken === 'repeat') return;
    this.#on.frame(frame);
  }

  /** The server has accepted so many of our frames. @param {Link} link @param {number} count */
  accepted(link, count) {
    if (!link.done && !this.machine.accepted(count)) this.#drift(link);
  }

  /** @param {Link} link */
  #drift(link) {
    this.#fail(link, { code: 'out_of_step' });
  }

  /**
   * @param {Link} link
   * @param {Frame} welcome
   */
  #welcome(link, welcome) {
    const { machine } = this;
    const { policy, now } = this.#o;
    const polled = link === this.current;
    const result = machine.welcome(link.count, welcome);
    if (result.outcome === 'broken') return this.#fail(link, { code: 'lost', reconnect: 'new' });
    // Every further poll begins with one; it only says where the numbers begin.
    if (polled) return link.wire?.flush();
    link.timers.forEach((cancel) => cancel());
    link.timers.clear();
    const previous = this.current;
    this.trial = undefined;
    this.current = link;
    retire(previous);
    link.heard = now();
    this.#stales = 0;
    this.heartbeat = welcome.heartbeat ?? this.heartbeat;
    policy.offered(welcome.transports);
    policy.welcomed(now(), link.name);
    this.#pulse.watch(link);
    for (const entry of machine.oversized()) this.#on.refused(entry, 'too_large');
    this.#on.debug(result.outcome, link.name);
    this.#on.welcome(welcome, result);
    if (link.done) return;
    this.#state('connected');
    const last = this.#last;
    this.#last = link.name;
    if (last !== link.name) this.#on.transport(link.name, last);
    link.settle?.();
    link.settle = undefined;
    if (link.done) return;
    // A session from whose client nothing follows is taken for an orphan (R7).
    this.#pulse.tell();
    link.wire?.flush();
    this.#upgrade();
  }

  /** Looks for a better wire after a while (R18). @param {number} [earliest] in so many milliseconds */
  #upgrade(earliest = 0) {
    this.#probe?.();
    const { policy, later } = this.#o;
    const better = this.current && policy.better(this.current.name);
    if (!better) return;
    this.#probe = later(earliest + policy.probeDelay(), () => {
      if (this.current && !this.trial) this.#open(better, true);
    });
  }

  /** @param {PolywireError} [error] */
  #clear(error) {
    retire(this.current, error);
    retire(this.trial, error);
    this.current = this.trial = undefined;
  }

  /**
   * A wire ended.
   * @param {Link} link
   * @param {Failure} why
   */
  #fail(link, why) {
    if (link.done) return;
    const told = link.bye ?? link.error;
    const code = told?.reason ?? told?.code ?? why.code ?? String(why.status ?? 'closed');
    const retryAfter = pauseOf(why.retryAfter) ?? pauseOf(told?.retryAfter);
    let reconnect = judge({ ...why, code, reconnect: why.reconnect ?? link.bye?.reconnect });
    const error = new PolywireError(code, told?.message ?? why.message, { retryAfter });
    retire(link, error);
    this.#on.debug('down', `${link.name} ${code}`);
    if (this.#closing) return this.#closing();
    const { machine } = this;
    const { policy, now } = this.#o;
    // Our token ended while the wire worked: whoever gets tokens by a function comes with a new one, once (R77).
    if (code === 'unauthenticated' && link === this.current && typeof this.#o.token === 'function') reconnect = 'resume';
    // Our own later attach may have been what replaced it (R11).
    if (code === 'replaced' && link.count.attach < machine.attach) reconnect = 'resume';
    // A proxy may repeat an attach of which we then see only the refusal; the next number is greater, so it is a fair try.
    if (code === 'stale') reconnect = ++this.#stales < STALES ? 'resume' : 'none';
    if (code === 'too_large' || code === '1009') machine.oversize = true;
    if (reconnect !== 'resume' && link.bye?.sent > machine.received) this.#on.missed(link.bye?.sent - machine.received, code);
    if (reconnect === 'none') return this.#stop(error);
    if (reconnect === 'new') {
      machine.forget(code);
      this.#clear(error);
    }
    if (link === this.trial) {
      this.trial = undefined;
      // Also one that took the old wire's place and then was silent: the next one would cost as long a silence.
      if (this.current || link.upgrade) policy.probeFailed();
      if (this.current) {
        // An upgrade that failed costs nothing: the old wire is still in use.
        if (this.current.waiting) {
          this.current.waiting = false;
          this.current.wire?.poll?.();
        }
        return this.#upgrade(retryAfter);
      }
    } else {
      this.current = undefined;
      this.#probe?.();
      this.#pulse.stop();
    }
    // On a switch the server may say goodbye on the old wire before the new one's welcome is read: nothing is broken.
    if (code === 'replaced' && this.trial) return;
    this.#state(machine.opened ? 'reconnecting' : 'connecting', error);
    // A wire that was to replace this one is still being opened: it is the next attempt.
    if (this.trial) return;
    const next = policy.failed(link.name, now(), { retryAfter, silent: why.silent, cut: why.cut });
    if (!next) return this.#stop(new PolywireError('max_attempts'));
    this.#on.debug('retry', `${next.wire} in ${Math.round(next.delay)} ms`);
    this.#retry.plan(next.wire, next.delay, now() + (retryAfter ?? 0));
  }

  /** @param {PolywireError} error */
  #stop(error) {
    this.#quiet();
    this.#clear(error);
    this.#state(error.code === 'normal' || error.code === 'disconnected' ? 'closed' : 'failed', error);
  }
}

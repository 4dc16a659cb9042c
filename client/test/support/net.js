/** A network between a client and the model: slow, and as unreliable as a test wants it. Makes a WebSocket and a fetch. */
import { nameOf } from './model.js';

const STATUS = { 4001: 401, 4004: 403, 4008: 409, 4009: 409, 4010: 409, 4012: 404, 1012: 503, 1013: 503, 1000: 200 };

export class Net {
  /** Wires that are down: connections to them fail. */
  down = new Set();
  /** Wires that open and then are silent, both ways. */
  mute = new Set();
  /** What a proxy keeps of a stream's reply until its end: the `body`, or the head too (`all`). The server sees no difference. */
  buffering = undefined;
  /** Chances: of losing a request, an answer, of repeating a request. */
  lose = 0;
  repeat = 0;
  slow = 20;
  /** What a proxy makes of an address. */
  rewrite = (url) => url;
  opened = []; // [time, wire] of every attempt
  conns = new Set();
  requests = 0;
  posting = 0;
  /** Frames that came by WebSocket. */
  sent = [];

  constructor(clock, model, random) {
    Object.assign(this, { clock, model, random });
    const net = this;
    this.WebSocket = class {
      constructor() {
        net.socket(this);
      }
    };
    this.fetch = (url, init) => this.#fetch(url, init);
  }

  #delay() {
    return 1 + this.random() * this.slow;
  }

  /** In order, like the bytes of one connection. */
  #pipe(wire) {
    let last = 0;
    // A connection that lost bytes never goes on behind them.
    let broken = false;
    return (run) => {
      last = Math.max(last, this.clock.now() + this.#delay());
      this.clock.later(last - this.clock.now(), () => (broken ||= this.mute.has(wire)) || run());
    };
  }

  /** Cuts all connections without a word. */
  cut() {
    for (const conn of [...this.conns]) conn.cut();
  }

  socket(ws) {
    const { model, clock } = this;
    this.opened.push([clock.now(), 'websocket']);
    ws.readyState = 0;
    const up = this.#pipe('websocket');
    const downward = this.#pipe('websocket');
    let first = true;
    const closed = (code) => {
      if (ws.readyState === 3) return;
      ws.readyState = 3;
      this.conns.delete(conn);
      ws.onclose?.({ code, reason: '' });
    };
    const conn = {
      kind: 'websocket',
      send: (frame) => !conn.closed && downward(() => ws.readyState === 1 && ws.onmessage({ data: JSON.stringify(frame) })),
      end: (code, extra) => {
        if (conn.closed) return;
        conn.send({ type: 'bye', code, reason: nameOf(code), ...extra });
        conn.closed = true;
        model.detached(conn);
        downward(() => closed(code));
      },
      cut: () => {
        model.detached(conn);
        closed(1006);
      },
    };
    this.conns.add(conn);
    clock.later(this.#delay(), () => {
      if (ws.readyState !== 0) return;
      if (this.down.has('websocket')) return closed(1006);
      ws.readyState = 1;
      if (!this.mute.has('websocket')) ws.onopen?.();
    });
    const net = this;
    ws.send = (text) => up(() => {
      if (conn.closed) return;
      const frame = JSON.parse(text);
      net.sent.push(frame);
      if (conn.session) return model.receive(conn.session, conn, [frame]);
      if (first && frame.type === 'ping') conn.send({ type: 'pong', id: frame.id });
      else if (frame.type === 'hello') model.hello(conn, frame, frame.resume);
      else model.violations.push('counted before welcome: ' + text);
      first = false;
    });
    ws.close = () => {
      // What was sent still arrives.
      up(() => model.detached(conn));
      closed(1005);
    };
  }

  #fetch(asked, { method = 'POST', body, headers: given, signal }) {
    const headers = Object.fromEntries(Object.entries(given ?? {}).map(([name, value]) => [name.toLowerCase(), value]));
    const url = this.rewrite(asked);
    const { clock, model } = this;
    const [path, query = ''] = url.split('/realtime/')[1].split('?');
    const wire = { sse: 'sse', poll: 'longpoll', send: 'send' }[path];
    const wait = Number(new URLSearchParams(query).get('wait') ?? model.heartbeat);
    if (path === 'sse' || (path === 'poll' && method === 'POST')) this.opened.push([clock.now(), wire]);
    this.requests++;
    if (path === 'send' && ++this.posting > 1) model.violations.push('two POSTs in flight');
    const made = new Promise((resolve, reject) => {
      let over = false;
      const fail = (why = new TypeError('fetch failed')) => {
        over = true;
        reject(why);
      };
      const aborts = [() => fail(new Error('aborted'))];
      if (signal?.aborted) return fail();
      signal?.addEventListener('abort', () => aborts.forEach((abort) => abort()));
      const answer = (status, json) => {
        if (this.random() < this.lose) return clock.later(this.#delay(), () => fail());
        clock.later(this.#delay(), () => !over && !this.mute.has(wire) && resolve(response(status, json)));
      };
      const go = () => {
        if (this.down.has(wire)) return fail();
        if (this.mute.has(wire)) return;
        if (path === 'send') return this.#post(headers, JSON.parse(body), answer);
        if (path === 'poll') return this.#poll(headers, body && JSON.parse(body), wait, answer, aborts);
        this.#stream(headers, JSON.parse(body), answer, (made) => !over && resolve(made), aborts);
      };
      if (this.random() < this.lose) return clock.later(this.#delay(), () => fail());
      clock.later(this.#delay(), go);
      // A proxy sends it once more; only one of the two answers is seen.
      if (path !== 'sse' && this.random() < this.repeat) clock.later(this.#delay() * 10, go);
    });
    const ended = () => {
      if (path === 'send') this.posting--;
    };
    made.then(ended, ended);
    return made;
  }

  #resume(headers) {
    const session = headers['polywire-session'];
    return session && headers['polywire-attach'] ? {
      session, secret: headers['polywire-secret'], attach: Number(headers['polywire-attach']),
      received: Number(headers['polywire-received']), confirmed: Number(headers['polywire-confirmed']),
    } : undefined;
  }

  #post(headers, frames, answer) {
    const { model } = this;
    const session = model.sessions.get(headers['polywire-session']);
    if (!session || session.secret !== headers['polywire-secret']) return answer(404, { code: model.reason });
    const refused = model.refusePost?.(frames);
    if (refused) return answer(refused.status, refused.body);
    model.acknowledge(session, Number(headers['polywire-received'] ?? 0));
    const first = headers['polywire-first'] && Number(headers['polywire-first']);
    if (first > session.received + 1) {
      model.violations.push(`POST from ${first}, had ${session.received}`);
      return answer(409, { code: 'out_of_order', received: session.received });
    }
    model.receive(session, undefined, frames, first);
    answer(200, { received: session.received });
  }

  #poll(headers, hello, wait, answer, aborts) {
    const { model, clock } = this;
    const resume = this.#resume(headers);
    const known = model.sessions.get(resume?.session);
    if (!hello && (!known || known.secret !== resume.secret)) return answer(404, { code: model.reason });
    const frames = [];
    let welcomed = false;
    const flush = () => {
      if (conn.closed) return;
      model.detached(conn);
      this.conns.delete(conn);
      answer(200, frames);
    };
    const conn = {
      kind: 'longpoll',
      send: (frame) => void frames.push(frame),
      pumped: () => (welcomed && frames.length > 1 ? flush() : (welcomed = true)),
      end: (code, extra) => {
        if (conn.closed) return;
        model.detached(conn);
        this.conns.delete(conn);
        if (frames.length) answer(200, [...frames, { type: 'bye', code, reason: nameOf(code), ...extra }]);
        else answer(STATUS[code] ?? 400, { code: nameOf(code), ...extra });
      },
      cut: () => {
        model.detached(conn);
        this.conns.delete(conn);
        answer(502, {});
      },
    };
    this.conns.add(conn);
    aborts.push(() => clock.later(this.#delay(), () => model.detached(conn)));
    model.hello(conn, hello ?? {}, resume);
    if (conn.closed) return;
    if (frames.length > 1 || !wait) flush();
    else conn.cancel = clock.later(wait, flush);
  }

  #stream(headers, hello, answer, resolve, aborts) {
    const { model, clock } = this;
    const pipe = this.#pipe('sse');
    const chunks = [];
    let waiting;
    let ended = false;
    let begun = false;
    const give = (chunk) => {
      if (ended) return;
      ended = chunk.done;
      if (waiting) {
        const to = waiting;
        waiting = undefined;
        to.resolve(chunk);
      } else chunks.push(chunk);
    };
    const encode = new TextEncoder();
    const conn = {
      kind: 'sse',
      send: (frame) => {
        begun = true;
        // In two pieces, as networks do.
        const bytes = encode.encode(`data: ${JSON.stringify(frame)}\n\n`);
        const at = Math.floor(this.random() * bytes.length);
        if (conn.closed) return;
        pipe(() => {
          if (this.buffering) return;
          give({ value: bytes.slice(0, at), done: false });
          give({ value: bytes.slice(at), done: false });
        });
      },
      end: (code, extra) => {
        if (conn.closed) return;
        if (begun) conn.send({ type: 'bye', code, reason: nameOf(code), ...extra });
        conn.closed = true;
        this.conns.delete(conn);
        model.detached(conn);
        if (!begun) return answer(STATUS[code] ?? 400, { code: nameOf(code), ...extra });
        pipe(() => give({ done: true }));
      },
      cut: () => {
        model.detached(conn);
        this.conns.delete(conn);
        give({ done: true });
      },
    };
    this.conns.add(conn);
    aborts.push(() => {
      waiting?.reject(new Error('aborted'));
      clock.later(this.#delay(), () => model.detached(conn));
    });
    model.hello(conn, hello, this.#resume(headers));
    if (!begun) return;
    const read = () => new Promise((done, reject) => {
      if (chunks.length) done(chunks.shift());
      else if (ended) done({ done: true });
      else waiting = { resolve: done, reject };
    });
    pipe(() => this.buffering !== 'all' && resolve({ ...response(200), headers: { get: (name) => (name === 'Content-Type' ? 'text/event-stream' : null) }, body: { getReader: () => ({ read }) } }));
  }
}

const response = (status, json) => ({
  ok: status === 200, status, headers: { get: () => null }, text: async () => JSON.stringify(json), json: async () => json,
});

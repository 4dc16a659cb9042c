/** A tiny server that follows docs/protocol.md, without sockets: what the client is tested against on a virtual clock. */

const UNCOUNTED = ['hello', 'welcome', 'ping', 'pong', 'received', 'bye'];
const CODES = { 4008: 'replaced', 4009: 'stale', 4010: 'out_of_step', 4006: 'heartbeat_timeout', 4012: 'lost', 4001: 'unauthenticated', 4004: 'forbidden', 1009: 'too_large', 1012: 'restart', 1013: 'try_later', 1000: 'normal' };

class Session {
  attach = 0;
  received = 0; // upstream
  handed = 0; // downstream, ever given to a connection
  acked = 0;
  out = []; // frames acked + 1, ...
  conn = undefined;
  channels = new Set();
  told = 0;
}

export class Model {
  sessions = new Map();
  /** by channel: {epoch, messages, versions, members} */
  channels = new Map();
  dedupe = new Map();
  published = []; // every effect of a publish, in order
  requests = [];
  hellos = 0; // connections that said hello
  violations = [];
  heartbeat = 25_000;
  transports = ['websocket', 'sse', 'longpoll'];
  limits = { frame: 65_536 };
  reason = 'unknown';
  /** Between a stream's welcome and its replay. */
  lag = 40;
  #ids = 0;

  constructor(clock) {
    this.clock = clock;
  }

  channel(name) {
    let channel = this.channels.get(name);
    if (!channel) this.channels.set(name, (channel = { epoch: 'e1', messages: [], offset: 0, version: 0, members: new Map() }));
    return channel;
  }

  /** A conn has send(frame), end(code) and a kind. */
  hello(conn, frame, resume) {
    this.hellos++;
    if (this.refuse) return this.refuse(conn, frame);
    let session;
    let reason;
    if (resume) {
      session = this.sessions.get(resume.session);
      if (!session || session.secret !== resume.secret) [session, reason] = [undefined, this.reason];
      else if (resume.attach <= session.attach) return conn.end(4009);
      else if (resume.received > session.handed || resume.confirmed > session.received) {
        this.violations.push(`lost: ${JSON.stringify(resume)} ${session.handed} ${session.received}`);
        this.sessions.delete(session.id);
        [session, reason] = [undefined, 'lost'];
      }
    }
    if (!session) {
      session = new Session();
      session.id = 's' + ++this.#ids;
      session.secret = 'secret' + this.#ids;
      session.client = frame.client;
      this.sessions.set(session.id, session);
      this.#commit(session, conn, 0, {
        type: 'welcome', version: 1, session: session.id, secret: session.secret, user: null, resumed: false, reason,
        received: 0, first: 1, heartbeat: this.heartbeat, grace: 30_000, transports: this.transports, limits: this.limits,
      });
      return session;
    }
    session.attach = resume.attach;
    this.#commit(session, conn, resume.received);
    return session;
  }

  #commit(session, conn, received, welcome) {
    const old = session.conn;
    session.conn = conn;
    conn.heard = this.clock.now();
    conn.session = session;
    if (old) old.end(4008);
    this.acknowledge(session, received);
    conn.up = session.received;
    conn.next = session.acked + 1;
    conn.send(welcome ?? {
      type: 'welcome', version: 1, session: session.id, resumed: true, received: session.received, first: conn.next, heartbeat: this.heartbeat,
    });
    // The replay is not in the same instant, so that something may come between.
    if (conn.kind === 'longpoll') return this.pump(session);
    conn.held = true;
    this.clock.later(this.lag, () => {
      conn.held = false;
      if (session.conn === conn) this.pump(session);
    });
  }

  acknowledge(session, count) {
    if (count <= session.acked) return;
    const { conn } = session;
    if (conn && !conn.closed && count >= conn.next) this.violations.push(`acknowledged ${count} where ${conn.next} comes next`);
    if (count > session.handed) this.violations.push(`acknowledged ${count} of ${session.handed}`);
    session.out.splice(0, count - session.acked);
    session.acked = count;
  }

  pump(session) {
    const { conn } = session;
    if (!conn || conn.closed || conn.held) return;
    while (conn.next - session.acked - 1 < session.out.length && !conn.closed) {
      const frame = session.out[conn.next - session.acked - 1];
      session.handed = Math.max(session.handed, conn.next++);
      conn.send(frame);
    }
    conn.pumped?.();
  }

  emit(session, frame) {
    session.out.push(frame);
    this.pump(session);
  }

  detached(conn) {
    conn.closed = true;
    conn.cancel?.();
    if (conn.session?.conn === conn) conn.session.conn = undefined;
  }

  /** Frames of a WebSocket (first undefined), or of a POST. */
  receive(session, conn, frames, first) {
    if (session.conn) session.conn.heard = this.clock.now();
    for (const frame of frames) {
      if (!UNCOUNTED.includes(frame.type)) {
        const number = first === undefined ? ++conn.up : first++;
        if (number <= session.received) continue;
        session.received = number;
        this.effect(session, frame);
        continue;
      }
      if (frame.type === 'received') this.acknowledge(session, frame.count);
      if (frame.type === 'ping') (conn ?? session.conn)?.send({ type: 'pong', id: frame.id });
      if (frame.type === 'bye') {
        this.sessions.delete(session.id);
        session.bye = frame;
        (conn ?? session.conn)?.end(1000);
      }
    }
    if (conn && session.conn === conn) conn.send({ type: 'received', count: session.received });
  }

  effect(session, frame) {
    const { type, id, channel: name } = frame;
    const channel = name && this.channel(name);
    const plain = name?.startsWith('plain');
    switch (type) {
      case 'subscribe':
        for (const one of frame.channels) {
          const denied = this.denies?.(one, frame.tokens?.[one]);
          if (denied) {
            this.emit(session, { type: 'error', id, channel: one, ...denied });
            continue;
          }
          const target = this.channel(one);
          const given = frame.positions?.[one];
          // Of a channel with the policy `latest` the newest message of each key comes, whatever the position.
          const latest = one.startsWith('latest');
          const recovered = given && given.epoch === target.epoch && !latest;
          const position = one.startsWith('plain') ? undefined : { epoch: target.epoch, offset: recovered ? given.offset : target.offset };
          session.channels.add(one);
          target.members.set(session.id, { session: session.id, user: null, state: 'online', since: 0 });
          target.version++;
          this.emit(session, {
            type: 'subscribed', id, channel: one, position, ...(given && { recovered: !!recovered }),
            members: [...target.members.values()], count: target.members.size, version: target.version,
          });
          if (recovered) for (const m of target.messages) if (m.offset > given.offset) this.emit(session, m);
          if (latest) for (const m of new Map(target.messages.map((message) => [message.key, message])).values()) this.emit(session, m);
        }
        return;
      case 'unsubscribe':
        for (const one of frame.channels) {
          session.channels.delete(one);
          this.emit(session, { type: 'unsubscribed', id, channel: one });
        }
        return;
      case 'publish': {
        const key = JSON.stringify([name, session.client, id]);
        if (id !== undefined && this.dedupe.has(key)) return this.emit(session, { type: 'ack', id, position: this.dedupe.get(key), duplicate: true });
        this.published.push(frame.payload);
        const message = { type: 'message', channel: name, event: frame.event, payload: frame.payload, key: frame.key, timestamp: 1, sentAt: frame.sentAt };
        if (!plain) {
          message.offset = ++channel.offset;
          channel.messages.push(message);
        }
        const position = plain ? undefined : { epoch: channel.epoch, offset: channel.offset };
        if (id !== undefined) {
          this.dedupe.set(key, position);
          this.emit(session, { type: 'ack', id, position });
        }
        for (const other of this.sessions.values()) if (other.channels.has(name) && (frame.echo !== false || other !== session)) this.emit(other, message);
        return;
      }
      case 'request':
        this.requests.push(frame.payload);
        if (frame.address === 'echo') this.emit(session, { type: 'reply', id, payload: frame.payload });
        return;
      case 'presence':
        if (frame.state !== undefined) {
          const member = { ...channel.members.get(session.id), state: frame.state };
          channel.members.set(session.id, member);
          channel.version++;
          this.emit(session, { type: 'presence', id, channel: name, member, count: channel.members.size, version: channel.version });
        } else this.emit(session, { type: 'presence', id, channel: name, members: [...channel.members.values()], count: channel.members.size, version: channel.version });
        return;
      case 'history':
        return this.emit(session, { type: 'history', id, channel: name, messages: channel.messages.slice(-(frame.limit ?? 100)), position: { epoch: channel.epoch, offset: channel.offset } });
      case 'refresh':
        return this.emit(session, { type: 'ack', id });
    }
  }
}

export const nameOf = (code) => CODES[code] ?? 'closed';

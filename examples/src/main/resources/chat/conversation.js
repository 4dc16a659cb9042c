/** One room or conversation of two, as the page knows it. Pure: no connection and no document. */

/** @typedef {{id: string, name: string}} Person */
/**
 * @typedef {object} Message
 * @property {string} id
 * @property {number} seq
 * @property {number} version
 * @property {Person} author
 * @property {string} text
 * @property {number} at
 * @property {number} [edited]
 * @property {boolean} [deleted]
 */
/** @typedef {Message & {state?: 'sending' | 'failed' | 'changing', reason?: string}} Shown */

export class Conversation {
  /** @type {Map<string, Message>} what the server has told */ #told = new Map();
  /** @type {Map<string, Shown>} what we have said, and nobody has confirmed */ #own = new Map();
  /** @type {Map<string, Partial<Shown>>} changes of ours that nobody has confirmed */ #changes = new Map();
  /** @type {Map<string, {name: string, until: number}>} */ #typing = new Map();
  name = '';
  topic = '';
  /** @type {Person | undefined} */ with;
  /** Up to which message we have read. */ read = 0;
  last = 0;
  /** Whether the server has older messages than we. */ earlier = false;
  loaded = false;
  draft = '';
  /** After which message the line stands that says what is new; undefined for no line. @type {number | undefined} */ line;
  /** @type {Map<string, string>} who is here, and whether online or away */ members = new Map();

  /** @param {string} channel @param {string} me */
  constructor(channel, me) {
    this.channel = channel;
    this.me = me;
  }

  get title() {
    return this.with ? this.with.name : this.name;
  }

  /** Takes what the server says of it. @param {any} about */
  describe({ name, topic, with: other, read, last }) {
    this.name = name ?? this.name;
    this.topic = topic ?? this.topic;
    this.with = other ?? this.with;
    this.readUpTo(read ?? 0);
    this.last = Math.max(this.last, last ?? 0);
  }

  /** Takes what a page begins with. What is between it and what we had may be missing, so then the older part goes. @param {any} page */
  begin({ messages, last, earlier }) {
    const known = [...this.#told.values()].map((message) => message.seq);
    const joined = known.length > 0 && messages.length > 0 && Math.max(...known) >= messages[0].seq - 1;
    if (!joined) {
      this.#told.clear();
      this.earlier = earlier;
    }
    this.loaded = true;
    this.last = last;
    for (const message of messages) this.take(message);
  }

  /** Takes older messages. @param {any} page */
  prepend({ messages, earlier }) {
    for (const message of messages) this.take(message);
    this.earlier = earlier;
  }

  /** Takes a message, unless we have a later version of it. @param {Message} message */
  take(message) {
    const before = this.#told.get(message.id);
    this.#own.delete(message.id);
    if (before && before.version >= message.version) return false;
    this.#told.set(message.id, message);
    this.#changes.delete(message.id);
    this.#typing.delete(message.author.id);
    this.last = Math.max(this.last, message.seq);
    return !before;
  }

  /** Shows what we say before the server has taken it. @param {string} id @param {Person} author @param {string} text @param {number} now */
  say(id, author, text, now) {
    this.#own.set(id, { id, seq: Infinity, version: 0, author, text, at: now, state: 'sending' });
  }

  /** The server has not taken it. @param {string} id @param {string} reason */
  refuse(id, reason) {
    const own = this.#own.get(id);
    if (own) this.#own.set(id, { ...own, state: 'failed', reason });
  }

  /** @param {string} id */
  discard(id) {
    this.#own.delete(id);
  }

  /** Shows a change of ours before the server has taken it; undefined takes it back. @param {string} id @param {Partial<Shown> | undefined} change */
  change(id, change) {
    if (change) this.#changes.set(id, { ...change, state: 'changing' });
    else this.#changes.delete(id);
  }

  /** The server has taken a change; the message as it has it now may still be on its way. @param {string} id */
  settle(id) {
    const change = this.#changes.get(id);
    if (change) this.#changes.set(id, { ...change, state: undefined });
  }

  /** @param {string} id @returns {Shown | undefined} */
  get(id) {
    const message = this.#told.get(id);
    const change = this.#changes.get(id);
    return message && change ? { ...message, ...change } : message ?? this.#own.get(id);
  }

  /** All of it, oldest first; what is under way comes last. @returns {Shown[]} */
  get messages() {
    const told = [...this.#told.keys()].map((id) => /** @type {Shown} */ (this.get(id)));
    return [...told.sort((a, b) => a.seq - b.seq), ...this.#own.values()];
  }

  /** Our newest message that can be edited. */
  get mine() {
    return this.messages.filter((message) => message.author.id === this.me && !message.deleted && message.seq !== Infinity).at(-1);
  }

  /** How many messages of others we have not read, and whether there may be more of them. */
  get unread() {
    const told = [...this.#told.values()];
    const count = told.filter((message) => message.seq > this.read && message.author.id !== this.me && !message.deleted).length;
    const oldest = Math.min(...told.map((message) => message.seq));
    return { count, more: this.earlier && oldest > this.read + 1 };
  }

  /** @param {number} seq */
  readUpTo(seq) {
    this.read = Math.max(this.read, seq);
  }

  /** Somebody types, or has stopped. @param {{id: string, name: string, typing: boolean}} who @param {number} now */
  types({ id, name, typing }, now) {
    if (id === this.me) return;
    if (typing) this.#typing.set(id, { name, until: now + 5000 });
    else this.#typing.delete(id);
  }

  /** Who types now. What was told is true for some seconds only. @param {number} now */
  typing(now) {
    for (const [id, { until }] of this.#typing) if (until <= now) this.#typing.delete(id);
    return [...this.#typing.values()].map(({ name }) => name);
  }

  /** @param {{user?: string, state: any}[]} members */
  present(members) {
    this.members = new Map();
    for (const { user, state } of members) {
      if (!user) continue;
      const status = state === 'away' ? 'away' : 'online';
      if (this.members.get(user) !== 'online') this.members.set(user, status);
    }
  }
}

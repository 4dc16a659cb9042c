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
/** @typedef {Message & {state?: 'sending' | 'failed' | 'changing', reason?: string, refused?: {text: string, reason: string}}} Shown */

/** How many messages are kept of the conversation that is shown: as many as the server keeps. */
const MOST = 1000;
/** How many of one that is not. */
const ASIDE = 200;

export class Conversation {
  /** @type {Map<string, Message>} what the server has told */ #told = new Map();
  /** @type {Map<string, Shown>} what we have said, and nobody has confirmed */ #own = new Map();
  /** @type {Map<string, Partial<Shown>>} changes of ours that nobody has confirmed */ #changes = new Map();
  /** @type {Map<string, {text: string, reason: string}>} changes of ours that were refused */ #refused = new Map();
  /** @type {Map<string, {name: string, until: number}>} */ #typing = new Map();
  /** What was told before something may have been missed. @type {Set<string>} */ #stale = new Set();
  /** From which place on we have everything. */ #from = Infinity;
  /** How much the server has counted as unread, and up to which place. */ #counted = { count: 0, upTo: 0 };
  /** Places of what others have said after that. @type {Set<number>} */ #fresh = new Set();
  name = '';
  topic = '';
  /** @type {Person | undefined} */ with;
  /** Up to which message we have read. */ read = 0;
  last = 0;
  /** Whether the server has older messages than we. */ earlier = false;
  /** Whether we have the newest messages, and all that has become of them since. */ loaded = false;
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
  describe({ name, topic, with: other, read = 0, last = 0, unread }) {
    this.name = name ?? this.name;
    this.topic = topic ?? this.topic;
    this.with = other ?? this.with;
    if (unread !== undefined && last >= this.#counted.upTo) {
      this.#counted = { count: unread, upTo: last };
      for (const seq of this.#fresh) if (seq <= last) this.#fresh.delete(seq);
    }
    this.readUpTo(read);
    this.last = Math.max(this.last, last);
  }

  /** Something may have been missed. What is shown stays until there is a new page, but is not relied on. @param {boolean} shown */
  doubt(shown) {
    this.loaded = false;
    if (shown) this.#stale = new Set(this.#told.keys());
    else {
      for (const id of this.#told.keys()) this.#forget(id);
      this.#from = Infinity;
    }
  }

  /** The newest page has been asked for. What comes from now on is behind it, or changes it. */
  expect() {
    this.#from = 0;
  }

  /** Takes the newest page. Of what we had before, what the page does not have is not relied on. @param {any} page */
  begin({ messages, last, earlier }) {
    const there = new Set(messages.map((/** @type {Message} */ { id }) => id));
    for (const id of this.#stale) if (!there.has(id)) this.#forget(id);
    this.#stale.clear();
    for (const message of messages) this.take(message);
    this.#from = earlier ? messages[0].seq : 0;
    for (const [id, message] of this.#told) if (message.seq < this.#from) this.#forget(id);
    this.earlier = earlier;
    this.loaded = true;
    this.last = Math.max(this.last, last);
  }

  /** Takes the messages that are older than the oldest we have. @param {any} page */
  prepend({ messages, earlier }) {
    this.#from = earlier ? messages[0].seq : 0;
    for (const message of messages) this.take(message);
    this.earlier = earlier;
  }

  /** Keeps the newest of the messages, when it is not shown any more. */
  aside() {
    this.#shorten(ASIDE);
  }

  /** @param {number} most */
  #shorten(most) {
    if (this.#told.size <= most) return;
    const kept = [...this.#told.values()].sort((a, b) => a.seq - b.seq).slice(-most);
    this.#from = kept[0].seq;
    this.earlier = true;
    for (const [id, message] of this.#told) if (message.seq < this.#from) this.#forget(id);
  }

  /** @param {string} id */
  #forget(id) {
    this.#told.delete(id);
    this.#changes.delete(id);
    this.#refused.delete(id);
  }

  /** Counts a message that has just been told. @param {Message} message @returns {boolean} whether only the server knows now how much is unread */
  count({ id, seq, author, deleted }) {
    if (author.id === this.me || seq <= this.read) return false;
    if (!deleted) {
      if (seq > this.#counted.upTo) this.#fresh.add(seq);
      return false;
    }
    return !this.#fresh.delete(seq) && !this.#told.get(id)?.deleted && this.#counted.count > 0;
  }

  /** Hears a message as it comes. @param {Message} message @param {boolean} [shown] whether the conversation is @returns {boolean} whether it is new */
  hear(message, shown = true) {
    if (message.version === 1) this.#typing.delete(message.author.id);
    const fresh = this.take(message);
    const most = shown ? MOST : ASIDE;
    if (this.#told.size > most * 1.2) this.#shorten(most);
    return fresh;
  }

  /** Takes a message, unless we have a later version of it, or not what is around it. @param {Message} message @returns {boolean} whether it is new */
  take(message) {
    const before = this.#told.get(message.id);
    this.#own.delete(message.id);
    this.last = Math.max(this.last, message.seq);
    if (before ? before.version >= message.version : message.seq < this.#from) return false;
    this.#stale.delete(message.id);
    this.#told.set(message.id, message);
    this.#changes.delete(message.id);
    // Refused because it took too long, and done after all.
    if (this.#refused.get(message.id)?.text === message.text) this.#refused.delete(message.id);
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
    this.#refused.delete(id);
  }

  /** Shows a change of ours before the server has taken it; undefined takes it back. @param {string} id @param {Partial<Shown> | undefined} change */
  change(id, change) {
    this.#refused.delete(id);
    if (change) this.#changes.set(id, { ...change, state: 'changing' });
    else this.#changes.delete(id);
  }

  /** The server has not taken a change of ours; what was written is kept until somebody has seen why. @param {string} id @param {string} text @param {string} reason */
  keep(id, text, reason) {
    if (this.#told.has(id)) this.#refused.set(id, { text, reason });
  }

  /** The server has taken a change; the message as it has it now may still be on its way. @param {string} id */
  settle(id) {
    const change = this.#changes.get(id);
    if (change) this.#changes.set(id, { ...change, state: undefined });
  }

  /** @param {string} id @returns {Shown | undefined} */
  get(id) {
    const message = this.#told.get(id);
    if (!message) return this.#own.get(id);
    const refused = this.#refused.get(id);
    return { ...message, ...this.#changes.get(id), ...(refused && { refused }) };
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

  /** How many messages of others we have not read; from 100 on it may be more. */
  get unread() {
    return (this.read < this.#counted.upTo ? this.#counted.count : 0) + this.#fresh.size;
  }

  /** @param {number} seq */
  readUpTo(seq) {
    this.read = Math.max(this.read, seq);
    for (const fresh of this.#fresh) if (fresh <= this.read) this.#fresh.delete(fresh);
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

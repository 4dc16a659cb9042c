/** The chat behind the page: one connection, the conversations, and what can be done in them. */
import { open } from '/shared/connection.js';
import { Conversation } from './conversation.js';
import { Marks, passing, pause } from './marks.js';

/** @typedef {import('./conversation.js').Person} Person */

/** How often it is told that we type, in milliseconds. */
const TYPING = 2500;
/** A name for a message that nobody else gives. */
const id = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');

export class Chat {
  /** @type {Map<string, Conversation>} */ conversations = new Map();
  /** @type {{channel: string, name: string, topic: string}[]} */ rooms = [];
  /** @type {Map<string, Person>} */ people = new Map();
  /** @type {Conversation | undefined} */ current;
  /** Whether it is known what there is. */ ready = false;
  /** @type {((status: "online" | "away") => void) | undefined} asked to change our status */ onStatus;
  /** Until when nothing may be sent, by `performance.now()`. */ pausedUntil = 0;
  #listeners = new Set();
  #asked = new Set();
  /** Channels of which we hear who types in them, when we are subscribed. */ #heard = new Set();
  #status = 'online';
  #typed = 0;
  #marks = new Marks((channel, seq) => this.#request('chat.read', { channel, seq }).then((mark) => {
    this.conversations.get(channel)?.describe(mark);
    this.#changed();
  }));
  /** The page of a conversation that is on its way. @type {WeakMap<Conversation, object>} */ #loading = new WeakMap();
  /** @type {any} */ #typing;

  /** @param {Person} me */
  constructor(me) {
    this.me = me;
    this.people.set(me.id, me);
    this.connection = open();
    const own = this.connection.channel(`user:${me.id}`);
    own.on(':subscribed', (/** @type {any} */ { snapshot }) => this.#begin(snapshot));
    own.on('JOINED', (/** @type {any} */ { payload }) => this.#joined(payload));
    own.on('LEFT', (/** @type {any} */ { payload }) => this.#left(payload.channel));
    own.on('READ', (/** @type {any} */ { payload }) => {
      this.conversations.get(payload.channel)?.describe(payload);
      this.#changed();
    });
    const rooms = this.connection.channel('rooms');
    rooms.on(':subscribed', (/** @type {any} */ { snapshot }) => {
      this.rooms = snapshot?.rooms ?? this.rooms;
      this.#changed();
    });
    rooms.on('ADDED', (/** @type {any} */ { payload }) => {
      if (!this.rooms.some((room) => room.channel === payload.channel)) this.rooms.push(payload);
      this.#changed();
    });
    own.subscribe().catch((/** @type {any} */ error) => this.#say(error));
    rooms.subscribe().catch((/** @type {any} */ error) => this.#say(error));
    setInterval(() => this.current?.typing(Date.now()) && this.#changed(), 1000);
  }

  /** @param {(event: {kind: string, [more: string]: any}) => void} listener told of `changed`, `said`, `problem` and `paused` */
  on(listener) {
    this.#listeners.add(listener);
  }

  /** @param {string} kind @param {Record<string, any>} [more] */
  #tell(kind, more = {}) {
    for (const listener of this.#listeners) listener({ kind, ...more });
  }

  #changed() {
    this.#tell('changed');
  }

  /** Shows somebody a refusal, as a sentence. @param {any} error @param {string} [what] */
  #say(error, what = '') {
    if (error.code === 'rate_limited') this.#pause(error.retryAfter ?? 1000);
    this.#tell('problem', { text: [what, sentence(error)].filter(Boolean).join(' ') });
  }

  /** @param {number} ms */
  #pause(ms) {
    this.pausedUntil = Math.max(this.pausedUntil, performance.now() + ms);
    this.#tell('paused');
  }

  // --- what comes

  /** @param {any} mine */
  #begin(mine) {
    if (!mine?.me) return;
    this.me = mine.me;
    this.people.set(mine.me.id, mine.me);
    const now = new Set(mine.conversations.map((/** @type {any} */ one) => one.channel));
    for (const channel of this.conversations.keys()) if (!now.has(channel)) this.#left(channel);
    for (const one of mine.conversations) this.#joined(one);
    this.ready = true;
    this.#marks.flush();
    this.#changed();
  }

  /** @param {any} about */
  #joined(about) {
    let conversation = this.conversations.get(about.channel);
    if (about.with) this.people.set(about.with.id, about.with);
    if (conversation) {
      conversation.describe(about);
      return this.#changed();
    }
    conversation = new Conversation(about.channel, this.me.id);
    conversation.describe(about);
    this.conversations.set(about.channel, conversation);
    this.#follow(conversation);
    this.#changed();
  }

  /** @param {Conversation} conversation */
  #follow(conversation) {
    const channel = this.connection.channel(conversation.channel);
    const present = () => {
      conversation.present(channel.members);
      this.#askFor([...conversation.members.keys()]);
      this.#changed();
    };
    const offs = [
      channel.on(':subscribed', (/** @type {any} */ { snapshot, recovered }) => {
        if (snapshot) conversation.describe(snapshot);
        if (!recovered) {
          conversation.doubt(conversation === this.current);
          this.#loading.delete(conversation);
        }
        this.#load(conversation);
        present();
      }),
      ...[':join', ':leave', ':presence'].map((event) => channel.on(event, present)),
      ...['ADDED', 'UPDATED', 'DELETED'].map((event) => channel.on(event, (/** @type {any} */ { payload }) => {
        this.people.set(payload.author.id, payload.author);
        if (conversation.count(payload)) this.#marks.set(conversation.channel, conversation.read);
        if (conversation.hear(payload, conversation === this.current) && payload.author.id !== this.me.id) this.#tell('said', { conversation, message: payload });
        this.#changed();
      })),
    ];
    this.#unfollow.set(conversation.channel, () => {
      offs.forEach((off) => off());
      channel.unsubscribe();
    });
    channel.subscribe()
      .then(() => this.#status === 'online' || channel.setState(this.#status))
      .catch((/** @type {any} */ error) => this.#say(error));
  }

  /**
   * Asks for the newest messages of the conversation that is shown, once it is subscribed, so that nothing is missed after them.
   * @param {Conversation} conversation
   */
  async #load(conversation) {
    const { channel } = conversation;
    if (conversation !== this.current || conversation.loaded || this.#loading.has(conversation) || !this.connection.channel(channel).subscribed) return;
    const now = {};
    this.#loading.set(conversation, now);
    conversation.expect();
    try {
      const page = await this.#request('chat.page', { channel });
      // Something may have been missed meanwhile, and then another page is on its way.
      if (this.#loading.get(conversation) === now) {
        conversation.begin(page);
        for (const { author } of page.messages) this.people.set(author.id, author);
      }
    } catch (error) {
      if (passing(error)) setTimeout(() => this.#load(conversation), pause(error));
      else this.#say(error, 'The messages did not come.');
    }
    if (this.#loading.get(conversation) === now) this.#loading.delete(conversation);
    this.#changed();
  }

  /** @type {Map<string, () => void>} */ #unfollow = new Map();

  /** @param {string} channel */
  #left(channel) {
    this.#unfollow.get(channel)?.();
    this.#unfollow.delete(channel);
    if (this.current?.channel === channel) this.show(undefined);
    this.conversations.delete(channel);
    this.#changed();
  }

  /** Asks for the names of people of whom we have heard nothing yet. @param {string[]} ids */
  #askFor(ids) {
    const unknown = ids.filter((one) => !this.people.has(one) && !this.#asked.has(one)).slice(0, 200);
    if (!unknown.length) return;
    for (const one of unknown) this.#asked.add(one);
    this.#request('chat.people', { ids: unknown }).then(({ people }) => {
      for (const person of people) this.people.set(person.id, person);
      this.#changed();
    }, () => {}).finally(() => unknown.forEach((one) => this.#asked.delete(one)));
  }

  /** @param {string} address @param {any} payload @returns {Promise<any>} */
  #request(address, payload) {
    return this.connection.request(address, payload);
  }

  // --- what is done

  /** Shows a conversation, or none. @param {string | undefined} channel */
  show(channel) {
    const next = channel === undefined ? undefined : this.conversations.get(channel);
    if (next === this.current) return;
    this.stopTyping();
    this.#marks.flush();
    if (this.current) {
      this.current.line = undefined;
      this.current.aside();
    }
    this.#typing?.unsubscribe();
    this.#typing = undefined;
    this.current = next;
    if (next) {
      next.line = next.unread ? next.read : undefined;
      const typing = this.connection.channel(`typing:${next.channel}`);
      if (!this.#heard.has(next.channel)) {
        this.#heard.add(next.channel);
        typing.on('TYPING', (/** @type {any} */ { payload }) => {
          this.conversations.get(next.channel)?.types(payload, Date.now());
          this.#changed();
        });
      }
      typing.subscribe().catch(() => {});
      this.#typing = typing;
      this.#load(next);
    }
    this.#changed();
  }

  /** @param {string} text @param {string} [again] the id of a message that was refused */
  send(text, again) {
    const conversation = this.current;
    if (!conversation) return;
    const key = again ?? id();
    this.#typed = 0;
    conversation.line = undefined;
    conversation.say(key, this.me, text, Date.now());
    this.#changed();
    this.connection.channel(conversation.channel).publish('ADDED', { id: key, text }, { id: again ? id() : key }).catch((/** @type {any} */ error) => {
      if (error.code === 'rate_limited') this.#pause(error.retryAfter ?? 1000);
      conversation.refuse(key, sentence(error));
      this.#tell('refused', { conversation, id: key });
      this.#changed();
    });
  }

  /** @param {string} key */
  discard(key) {
    this.current?.discard(key);
    this.#changed();
  }

  /** @param {string} key @param {string} text */
  edit(key, text) {
    return this.#change(key, 'UPDATED', { text, edited: Date.now() }, 'Your change was taken back.');
  }

  /** @param {string} key */
  remove(key) {
    return this.#change(key, 'DELETED', { text: '', deleted: true }, 'The message is still there.');
  }

  /** Shows a change at once, and takes it back when the server refuses it. @param {string} key @param {string} event @param {any} change @param {string} otherwise */
  async #change(key, event, change, otherwise) {
    const conversation = this.current;
    if (!conversation) return;
    conversation.change(key, change);
    this.#changed();
    try {
      await this.connection.channel(conversation.channel).publish(event, { id: key, text: change.text });
      conversation.settle(key);
    } catch (error) {
      conversation.change(key, undefined);
      if (event === 'UPDATED') conversation.keep(key, change.text, sentence(error));
      this.#say(error, otherwise);
    }
    this.#changed();
  }

  /** Something was typed. */
  type() {
    const now = performance.now();
    // Before we are subscribed it would be refused; the next key tells it.
    if (!this.#typing?.subscribed || (this.#typed && now - this.#typed < TYPING)) return;
    this.#typed = now;
    this.#typing.publish('TYPING', { typing: true }, { ack: false, echo: false }).catch(() => {});
  }

  stopTyping() {
    if (!this.#typed) return;
    this.#typed = 0;
    this.#typing?.publish('TYPING', { typing: false }, { ack: false, echo: false }).catch(() => {});
  }

  /** What is shown has been read. */
  read() {
    const conversation = this.current;
    if (!conversation?.loaded || conversation.last <= conversation.read) return;
    conversation.readUpTo(conversation.last);
    this.#changed();
    this.#marks.set(conversation.channel, conversation.read);
  }

  async earlier() {
    const conversation = this.current;
    const oldest = conversation?.messages[0]?.seq;
    if (!conversation?.loaded || !oldest || !conversation.earlier) return;
    try {
      const page = await this.#request('chat.page', { channel: conversation.channel, before: oldest });
      // Asked twice, or begun anew meanwhile, it would not fit.
      if (conversation.loaded && conversation.messages[0]?.seq === oldest) conversation.prepend(page);
    } catch (error) {
      this.#say(error);
    }
    this.#changed();
  }

  /** @param {string} address @param {any} what */
  async #go(address, what) {
    const mine = await this.#request(address, what);
    this.#joined(mine);
    this.show(mine.channel);
  }

  /** @param {string} name @param {string} topic */
  open(name, topic) {
    return this.#go('chat.open', { name, topic });
  }

  /** @param {string} channel */
  join(channel) {
    return this.#go('chat.join', { channel }).catch((error) => this.#say(error));
  }

  /** @param {string} user */
  direct(user) {
    return this.#go('chat.direct', { with: user }).catch((error) => this.#say(error));
  }

  /** @param {string} channel */
  leave(channel) {
    return this.#request('chat.leave', { channel }).catch((error) => this.#say(error));
  }

  get status() {
    return this.#status;
  }

  /** @param {'online' | 'away'} status */
  set status(status) {
    if (status === this.#status) return;
    this.#status = status;
    for (const channel of this.conversations.keys()) this.connection.channel(channel).setState(status).catch(() => {});
    this.#changed();
  }

  /** Online, away or gone, as far as we can see. @param {string} user */
  statusOf(user) {
    const seen = [...this.conversations.values()].map(({ members }) => members.get(user));
    return seen.includes('online') ? 'online' : seen.includes('away') ? 'away' : 'offline';
  }
}

/** What a refusal means to a person. @param {any} error */
export function sentence(error) {
  switch (error.code) {
    case 'rate_limited':
      return 'That was too fast.';
    case 'queue_full':
      return 'Too much is waiting to be sent.';
    case 'outcome_unknown':
      return 'The connection was lost before the server answered.';
    case 'too_large':
      return 'That is too long.';
    default:
      return error.message && error.message !== error.code ? error.message : `The server refused it (${error.code ?? 'unknown'}).`;
  }
}

/** An inbox as this device has it: the snapshot, then changes by revision, read again when one is missing. */

/** @typedef {{ids: Set<string>, read?: boolean, remove?: boolean}} Act what the person has done, and the server has not answered yet */

export class InboxModel {
  /** What the server has, by id. @type {Map<string, any>} */
  items = new Map();
  revision = -1;
  /** How many are unread at the server, also of those that are not here. */
  told = 0;
  /** Whether there are older ones that are not here. */
  more = false;
  /** @type {any} */
  quiet = undefined;
  /** @type {string[]} */
  topics = [];
  loaded = false;
  /** Counts what came from the server, so that a reading knows whether it was overtaken. */
  changes = 0;
  /** Whether the person wanted to see the older ones, too. */
  whole = false;
  /** @type {Set<Act>} */
  pending = new Set();
  /** Each as it is when its mark is the other one; the same object each time, so that a page sees what has changed. @type {WeakMap<any, any>} */
  turned = new WeakMap();

  /**
   * @param {{channel: any, changed: () => void, arrived: (fresh: any[], away: boolean) => void, acknowledge: (ids: string[]) => void, missed: () => any}} to
   *     `arrived` is told of what no device has shown yet; `missed` is to read the inbox and `show` it with the `changes` from before
   */
  constructor(to) {
    this.to = to;
    const { channel } = to;
    channel.on(':subscribed', (/** @type {any} */ { snapshot }) => snapshot && this.show(snapshot));
    for (const event of ['ADDED', 'READ', 'REMOVED', 'SETTINGS']) {
      channel.on(event, (/** @type {any} */ { payload }) => this.take(event, payload));
    }
    channel.on('AGAIN', (/** @type {any} */ { payload }) => this.again(payload));
    channel.on('REVISION', (/** @type {any} */ { payload }) => this.loaded && payload.revision !== this.revision && this.to.missed());
  }

  /** What is to be seen: what the server has, with what the person has done to it since. @returns {Map<string, any>} */
  get shown() {
    const shown = new Map();
    for (const [id, one] of this.items) {
      let { read } = one;
      let gone = false;
      for (const act of this.pending) {
        if (!act.ids.has(id)) continue;
        gone ||= act.remove === true;
        read = act.read ?? read;
      }
      if (gone) continue;
      if (read !== one.read && !this.turned.has(one)) this.turned.set(one, { ...one, read });
      shown.set(id, read === one.read ? one : this.turned.get(one));
    }
    return shown;
  }

  /** Newest first. */
  get list() {
    return [...this.shown.values()].sort((a, b) => b.at - a.at);
  }

  get unread() {
    const { shown } = this;
    let count = this.told;
    for (const [id, one] of this.items) count += Number(shown.has(id) && !shown.get(id).read) - Number(!one.read);
    return Math.max(count, 0);
  }

  /**
   * @param {any} view what the server shows of the inbox
   * @param {number} [since] `changes` before it was asked for. The server may have fewer revisions than we have when it lost its newest; that is
   *     believed only of an answer that nothing has overtaken
   */
  show(view, since) {
    if (this.loaded && view.revision < this.revision && since !== this.changes) return void this.to.missed();
    const before = this.items;
    const first = !this.loaded;
    this.changes++;
    this.items = new Map(view.notifications.map((/** @type {any} */ one) => [one.id, one]));
    Object.assign(this, { revision: view.revision, told: view.unread, more: view.more, quiet: view.quiet, topics: view.topics, loaded: true });
    this.deliver(view.notifications.filter((/** @type {any} */ one) => !one.acknowledged && !before.has(one.id)).reverse(), first);
    this.to.changed();
    if (view.more && this.whole) this.to.missed();
  }

  /** Reads what was left out of the snapshot. */
  showOlder() {
    this.whole = true;
    return this.to.missed();
  }

  /** @param {string} event @param {any} change */
  take(event, change) {
    if (!this.loaded) return;
    // Not the next one: some were missed, or a reading has overtaken it, or the server has lost its newest.
    if (change.revision !== this.revision + 1) return this.to.missed();
    this.changes++;
    this.revision = change.revision;
    this.told = change.unread;
    if (event === 'ADDED') {
      for (const id of change.gone) this.items.delete(id);
      this.items.set(change.notification.id, change.notification);
      this.deliver([change.notification], false);
    } else if (event === 'READ') {
      for (const id of change.ids) if (this.items.has(id)) this.items.set(id, { ...this.items.get(id), read: change.read });
    } else if (event === 'REMOVED') {
      for (const id of change.ids) this.items.delete(id);
    } else {
      this.quiet = change.quiet;
      this.topics = change.topics;
    }
    this.to.changed();
  }

  /** What nobody has acknowledged comes again. What was left out of the snapshot is shown first. @param {any} payload */
  again(payload) {
    if (!this.loaded) return;
    if (payload.revision !== this.revision) return this.to.missed();
    const fresh = payload.notifications.filter((/** @type {any} */ one) => !this.items.has(one.id));
    const had = payload.notifications.filter((/** @type {any} */ one) => this.items.has(one.id));
    for (const one of fresh) this.items.set(one.id, one);
    this.deliver(fresh, false);
    if (had.length) this.to.acknowledge(had.map((/** @type {any} */ one) => one.id));
    if (fresh.length) this.to.changed();
  }

  /** @param {any[]} fresh @param {boolean} away whether they came while this page was not there */
  deliver(fresh, away) {
    if (!fresh.length) return;
    try {
      this.to.arrived(fresh, away);
    } catch (error) {
      // They are in the list nevertheless.
      console.error(error);
    }
    this.to.acknowledge(fresh.map((one) => one.id));
  }

  /**
   * Shows at once what the person has done, and takes it back when it is refused.
   *
   * @param {Act} act
   * @param {() => Promise<any>} ask the server; rejects when it is refused
   */
  async act(act, ask) {
    this.pending.add(act);
    this.to.changed();
    try {
      await ask();
      // The devices were told before the answer came, as a rule.
      if ([...act.ids].some((id) => this.items.has(id) && (act.remove || this.items.get(id).read !== act.read))) await this.to.missed();
    } finally {
      this.pending.delete(act);
      this.to.changed();
    }
  }
}

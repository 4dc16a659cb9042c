/** An inbox as this device has it: the snapshot, then changes by revision, asked for again when one is missing. */

export class InboxModel {
  /** @type {Map<string, any>} */
  items = new Map();
  revision = -1;
  unread = 0;
  more = false;
  /** @type {any} */
  quiet = undefined;
  /** @type {string[]} */
  topics = [];
  loaded = false;

  /**
   * @param {{channel: any, changed: () => void, arrived: (fresh: any[], away: boolean) => void, acknowledge: (ids: string[]) => void, missed: () => void}} to
   *     `arrived` is told of what no device has shown yet
   */
  constructor(to) {
    this.to = to;
    const { channel } = to;
    channel.on(':subscribed', (/** @type {any} */ { snapshot }) => snapshot && this.show(snapshot));
    for (const event of ['ADDED', 'READ', 'REMOVED', 'SETTINGS']) {
      channel.on(event, (/** @type {any} */ { payload }) => this.take(event, payload));
    }
    channel.on('AGAIN', (/** @type {any} */ { payload }) => this.again(payload));
  }

  /** Newest first. */
  get list() {
    return [...this.items.values()].sort((a, b) => b.at - a.at);
  }

  /** @param {any} view what the server shows of the whole inbox */
  show(view) {
    if (view.revision < this.revision && this.loaded) return;
    const before = this.items;
    const first = !this.loaded;
    this.items = new Map(view.notifications.map((/** @type {any} */ one) => [one.id, one]));
    Object.assign(this, { revision: view.revision, unread: view.unread, more: view.more, quiet: view.quiet, topics: view.topics, loaded: true });
    this.deliver(view.notifications.filter((/** @type {any} */ one) => !one.acknowledged && !before.has(one.id)).reverse(), first);
    this.to.changed();
  }

  /** @param {string} event @param {any} change */
  take(event, change) {
    if (!this.loaded || change.revision <= this.revision) return;
    if (change.revision > this.revision + 1) return this.to.missed();
    this.revision = change.revision;
    this.unread = change.unread;
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

  /** What nobody has acknowledged comes again; what we have is only acknowledged again. @param {any} payload */
  again(payload) {
    if (!this.loaded) return;
    if (payload.revision > this.revision) return this.to.missed();
    this.to.acknowledge(payload.notifications.map((/** @type {any} */ one) => one.id));
  }

  /** @param {any[]} fresh @param {boolean} away whether they came while this page was not there */
  deliver(fresh, away) {
    if (!fresh.length) return;
    this.to.arrived(fresh, away);
    this.to.acknowledge(fresh.map((one) => one.id));
  }
}

/** The members of a channel, kept in step by version (R35). */

/** @typedef {{session: string, user: string | null, state: any, since: number}} Member */

/** A channel's members. */
export class Members {
  /** By session. @type {Map<string, Member>} */ map = new Map();
  /** How many there are; more than are listed when the server caps the list. */ count = 0;
  /** @type {number | undefined} */ version;
  /** A list was asked for. */ stale = false;

  clear() {
    this.map = new Map();
    this.count = 0;
    this.version = undefined;
    this.stale = false;
  }

  /**
   * Takes a frame in: `changed`, `old` (dropped), `jump` (changes were missed: ask for the list) or `all`.
   * @param {Record<string, any>} frame `subscribed`, `presence`, `join` or `leave`
   * @returns {'changed' | 'old' | 'jump' | 'all'}
   */
  take(frame) {
    const { type, version, member } = frame;
    if (frame.members) {
      if (this.version !== undefined && version < this.version) return 'old';
      this.map = new Map(frame.members.map((/** @type {Member} */ m) => [m.session, m]));
      this.count = frame.count ?? this.map.size;
      this.version = version;
      this.stale = false;
      return 'all';
    }
    if (!member || this.version === undefined || version <= this.version) return 'old';
    if (version > this.version + 1) return 'jump';
    if (type === 'leave') this.map.delete(member.session);
    else this.map.set(member.session, member);
    this.version = version;
    this.count = frame.count ?? this.map.size;
    return 'changed';
  }
}

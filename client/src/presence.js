/** The members of a channel, kept in step by version (R35). */

/** @typedef {{session: string, user: string | null, state: any, since: number}} Member */

/** A channel's members. */
export class Members {
  /** By session. @type {Map<string, Member>} */ map = new Map();
  /** How many there are; more than are listed when the server caps the list. */ count = 0;
  /** @type {number | undefined} */ version;
  /** A list was asked for. */ stale = false;

  /**
   * Takes a frame in: `new`, `old` (dropped) or `jump` (changes were missed: ask for the list).
   * @param {Record<string, any>} frame `subscribed`, `presence`, `join` or `leave`
   * @returns {'new' | 'old' | 'jump'}
   */
  take({ type, version, member, members, count }) {
    const { map, version: known } = this;
    if (members) {
      if (known !== undefined && version < known) return 'old';
      this.map = new Map(members.map((/** @type {Member} */ m) => [m.session, m]));
      this.stale = false;
    } else {
      if (!member || known === undefined || version <= known) return 'old';
      if (version > known + 1) return 'jump';
      if (type === 'leave') map.delete(member.session);
      else map.set(member.session, member);
    }
    this.version = version;
    this.count = count ?? this.map.size;
    return 'new';
  }
}

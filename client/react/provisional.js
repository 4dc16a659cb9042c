/** What is shown before the server has said yes. */
import { useCallback, useState } from 'react';

/**
 * Shows a value together with updates that are still on their way; each goes when its commit has ended, well or not. So a
 * refused one is rolled back by itself, whatever else has happened to the value meanwhile.
 * @template V, U
 * @param {V} value what the server has confirmed
 * @param {(value: V, update: U) => V} apply makes of a value the one with an update, without changing it; where the value
 *   has the update already, it is to be returned as it is
 * @returns {[V, <R>(update: U, commit: (update: U) => R | Promise<R>) => Promise<R>]} the value to show, and what
 *   attempts an update: it returns what `commit` does, and rejects as that does
 */
export function useProvisional(value, apply) {
  const [pending, setPending] = useState(/** @type {{update: U}[]} */ ([]));
  const attempt = useCallback(
    /**
     * @template R
     * @param {U} update
     * @param {(update: U) => R | Promise<R>} commit
     * @returns {Promise<R>}
     */
    (update, commit) => {
      const entry = { update };
      setPending((all) => [...all, entry]);
      const committed = (async () => commit(update))().finally(() => setPending((all) => all.filter((one) => one !== entry)));
      committed.catch(() => {}); // is for who waits for it
      return committed;
    },
    [],
  );
  return [pending.reduce((shown, { update }) => apply(shown, update), value), attempt];
}

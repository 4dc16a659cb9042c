/** A question to the server's application, and its answer. */
import { useCallback, useEffect, useMemo, useState } from 'react';
import { useHub } from './hooks.js';

/**
 * @template [T=any]
 * @typedef {object} Answer
 * @property {T} [data] the last answer, also while it is asked for again
 * @property {import('@polywire/client').PolywireError} [error] why there is none
 * @property {boolean} pending
 */

/** @type {Answer & {key?: string}} */
const NONE = { pending: false };

/**
 * Asks when the component is mounted and when address or payload are others, and asks again when a lost session leaves
 * open whether the question arrived: it is for questions that change nothing. What does change something is asked by a
 * handler, with `connection.request` of `useConnection`.
 * @template [T=any] what is answered
 * @param {string | null | undefined} address without one nothing is asked
 * @param {any} [payload] compared by its JSON
 * @param {{timeout?: number}} [options] timeout: in milliseconds, default 30 000
 * @returns {Answer<T> & {refresh: () => void}}
 */
export function useRequest(address, payload, { timeout } = {}) {
  const hub = useHub();
  const key = address ? JSON.stringify([address, payload ?? null]) : undefined;
  const [answer, setAnswer] = useState(NONE);
  const [round, setRound] = useState(0);
  const refresh = useCallback(() => setRound((last) => last + 1), []);
  useEffect(() => {
    if (!key) return;
    const [to, what] = JSON.parse(key);
    const abort = new AbortController();
    const release = hub.hold();
    const { signal } = abort;
    const ask = () => {
      const { connection } = hub;
      if (!connection || signal.aborted) return;
      connection.request(to, what, { timeout, signal }).then(
        (data) => signal.aborted || setAnswer({ key, data, pending: false }),
        (error) => {
          if (signal.aborted) return;
          if (error.code === 'outcome_unknown') ask();
          else setAnswer((last) => ({ key, data: last.key === key ? last.data : undefined, error, pending: false }));
        },
      );
    };
    setAnswer((last) => (last.key === key ? { ...last, pending: true } : { key, pending: true }));
    ask();
    return () => {
      abort.abort();
      release();
    };
  }, [hub, key, round, timeout]);
  const current = answer.key === key;
  const { data, error, pending } = current ? answer : { ...NONE, pending: !!key };
  return useMemo(() => ({ data, error, pending, refresh }), [data, error, pending, refresh]);
}

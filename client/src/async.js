/** What promises and signals need everywhere here. */

/**
 * A promise that callers often do not wait for: a failure is theirs to see, but must not end a process as an unhandled one.
 * @template T
 * @param {Promise<T>} promise
 */
export const quiet = (promise) => {
  promise.catch(() => {});
  return promise;
};

/**
 * @template T
 * @typedef {{promise: Promise<T>, resolve: (value: T) => void, reject: (reason: unknown) => void}} Deferred
 */

/**
 * A promise, and what settles it.
 * @template [T=any]
 * @returns {Deferred<T>}
 */
export const deferred = () => {
  /** @type {any} */ const answer = {};
  answer.promise = quiet(new Promise((resolve, reject) => Object.assign(answer, { resolve, reject })));
  return answer;
};

/**
 * Runs something when a signal is aborted, or at once if it is.
 * @param {AbortSignal | undefined} signal
 * @param {() => void} run
 * @returns {() => void} stops listening to the signal
 */
export const whenAborted = (signal, run) => {
  if (signal?.aborted) run();
  else signal?.addEventListener('abort', run);
  return () => signal?.removeEventListener('abort', run);
};

/** @typedef {string | (() => string | undefined | Promise<string | undefined>)} TokenSource a token, or who gets one */

/** @param {TokenSource | undefined} source */
export const tokenOf = (source) => (typeof source === 'function' ? source() : source);

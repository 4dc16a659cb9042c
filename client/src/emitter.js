import { whenAborted } from './async.js';

/** @typedef {ReturnType<typeof emitter>} Emitter */

/**
 * Calls listeners by name; a listener that throws disturbs neither the others nor the protocol.
 * @param {(error: unknown) => void} thrown gets what listeners throw
 */
export function emitter(thrown) {
  /** @type {Map<string, Set<(...args: any[]) => any>>} */ const listeners = new Map();
  return {
    /**
     * Adds a listener.
     * @param {string} name
     * @param {(detail: any) => any} listener
     * @param {{signal?: AbortSignal}} [options]
     * @returns {() => void} removes it again
     */
    on(name, listener, { signal } = {}) {
      const set = listeners.get(name) ?? new Set();
      listeners.set(name, set.add(listener));
      const off = () => {
        set.delete(listener);
        ignore?.();
      };
      /** @type {(() => void) | undefined} */ let ignore;
      ignore = whenAborted(signal, off);
      return off;
    },

    /** @param {string} name */
    has: (name) => !!listeners.get(name)?.size,

    /**
     * Calls the listeners of a name; false if one of them threw.
     * @param {string} name
     * @param {any} [detail]
     */
    emit(name, detail) {
      let fine = true;
      // Who listens to errors and fails has nobody left to tell.
      const failed = name === 'error' ? console.error : thrown;
      for (const listener of [...(listeners.get(name) ?? [])]) {
        try {
          // An async listener's failure would otherwise end a Node process.
          listener(detail)?.catch?.(failed);
        } catch (error) {
          fine = false;
          failed(error);
        }
      }
      return fine;
    },
  };
}

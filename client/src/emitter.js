/** Calls listeners by name; a listener that throws disturbs neither the others nor the protocol. */
export class Emitter {
  /** @type {Map<string, Set<(...args: any[]) => any>>} */
  #listeners = new Map();
  #thrown;

  /** @param {(error: unknown) => void} thrown gets what listeners throw */
  constructor(thrown) {
    this.#thrown = thrown;
  }

  /**
   * Adds a listener.
   * @param {string} name
   * @param {(...args: any[]) => any} listener
   * @returns {() => void} removes it again
   */
  on(name, listener) {
    let set = this.#listeners.get(name);
    if (!set) this.#listeners.set(name, (set = new Set()));
    set.add(listener);
    return () => void set.delete(listener);
  }

  /** @param {string} name */
  has(name) {
    return !!this.#listeners.get(name)?.size;
  }

  /**
   * Calls the listeners of a name; false if one of them threw.
   * @param {string} name
   * @param {any[]} args
   */
  emit(name, ...args) {
    let fine = true;
    // Who listens to errors and fails has nobody left to tell.
    const failed = name === 'error' ? console.error : this.#thrown;
    for (const listener of [...(this.#listeners.get(name) ?? [])]) {
      try {
        // An async listener's failure would otherwise end a Node process.
        listener(...args)?.catch?.(failed);
      } catch (error) {
        fine = false;
        failed(error);
      }
    }
    return fine;
  }
}

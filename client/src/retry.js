/**
 * The next attempt to connect, while it is waited for: at most one.
 * @param {{now: () => number, later: (ms: number, run: () => void) => () => void}} clock
 * @param {(wire: string) => void} open makes the attempt
 */
export function retry({ now, later }, open) {
  /** @type {{wire: string, at: number, stop: () => void} | undefined} */ let due;
  const cancel = () => {
    due?.stop();
    due = undefined;
  };

  /**
   * Plans an attempt, instead of one that was planned.
   * @param {string} wire
   * @param {number} delay
   */
  const plan = (wire, delay) => {
    cancel();
    const stop = later(delay, () => {
      due = undefined;
      open(wire);
    });
    due = { wire, at: now() + delay, stop };
  };

  return {
    cancel,
    plan,

    /**
     * Waits no longer than the policy's hurry from now on, but not less than the server wants; false if nothing waits.
     * @param {import('./policy.js').Policy} policy
     * @param {number} earliest the time before which the server does not want to be asked again
     */
    hasten(policy, earliest) {
      if (!due) return false;
      const { wire, at } = due;
      const sooner = Math.max(earliest, now() + policy.hurry());
      if (sooner < at) {
        policy.hurried();
        plan(wire, sooner - now());
      }
      return true;
    },
  };
}

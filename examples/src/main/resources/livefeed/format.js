/** Numbers and times for people. */

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** @param {number} bytes @returns {string} with three digits, e.g. `1.24 MB` */
export function bytes(bytes) {
  let value = Math.max(0, bytes);
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}

/** @param {number} value @returns {string} */
export const rate = (value) => `${bytes(value)}/s`;

/** @param {number} value @returns {string} for an axis: no more digits than it needs */
export const short = (value) => bytes(value).replace(/\.0+ /, ' ').replace(/(\.\d*?)0+ /, '$1 ');

/** @param {number} value @returns {string} */
export const percent = (value) => `${Math.round(value)} %`;

/** @param {number} value @returns {string} e.g. `12,345` */
export const whole = (value) => value.toLocaleString('en');

/** @param {number} value @returns {string} any number, in few characters */
export const number = (value) => (Math.abs(value) >= 1e6 || (value !== 0 && Math.abs(value) < 1e-3)
  ? value.toExponential(2)
  : value.toLocaleString('en', { maximumSignificantDigits: 5 }));

/** @param {number} ms @returns {string} */
export const clock = (ms) => new Date(ms).toLocaleTimeString('en-GB');

/** @param {number} ms @returns {string} */
export const duration = (ms) => (ms < 1000 ? `${Math.max(1, Math.round(ms))} ms` : `${(ms / 1000).toFixed(1)} s`);

/** @type {Record<string, string>} */
export const WIRES = { websocket: 'WebSocket', sse: 'SSE', longpoll: 'Long poll' };

/** The same for narrow places. @type {Record<string, string>} */
export const SHORT = { websocket: 'WS', sse: 'SSE', longpoll: 'Poll' };

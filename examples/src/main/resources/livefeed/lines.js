/** Lines of text or JSON: a log that can be filtered, and a chart for each number that the lines hold. */
import { Chart } from './charts.js';
import { clock, number, whole } from './format.js';

const KEPT = 1000;
const FIELDS = 5;
const TIMES = /(^|\.)(n|at|ts|time|timestamp|offset|id|position|sentAt)(\.|$)/i;

/**
 * The numbers in an object, by their path.
 * @param {any} value
 * @param {string} path
 * @param {Map<string, number>} found
 */
function numbers(value, path = '', found = new Map()) {
  if (typeof value === 'number' && !TIMES.test(path)) found.set(path, value);
  else if (value && typeof value === 'object' && path.split('.').length < 4) {
    for (const [key, inner] of Object.entries(value)) numbers(inner, path ? `${path}.${key}` : key, found);
  }
  return found;
}

/** @param {(id: string) => HTMLElement} $ */
export function lineView($, parent) {
  const list = $('lines');
  const filter = /** @type {HTMLInputElement} */ ($('filter'));
  const latest = $('latest');
  /** @type {{at: number, text: string}[]} */
  let kept = [];
  /** @type {{at: number, text: string}[]} */
  let fresh = [];
  /** @type {Map<string, Chart>} */
  const fields = new Map();
  const perSecond = new Chart(parent, { title: 'Lines per second', series: [{ label: '', color: '--series-1', fill: true }], format: whole, top: 4 });
  const charts = [perSecond];
  let second = 0;
  let count = 0;
  let following = true;

  const wanted = () => filter.value.trim().toLowerCase();
  const matches = (line, text) => !text || line.text.toLowerCase().includes(text);

  function row(line, text) {
    const row = document.createElement('div');
    row.className = line.end ? 'line end' : 'line';
    const time = document.createElement('time');
    time.textContent = clock(line.at);
    const body = document.createElement('span');
    const at = text ? line.text.toLowerCase().indexOf(text) : -1;
    if (at < 0) body.textContent = line.text;
    else {
      const mark = document.createElement('mark');
      mark.textContent = line.text.slice(at, at + text.length);
      body.append(line.text.slice(0, at), mark, line.text.slice(at + text.length));
    }
    row.append(time, body);
    return row;
  }

  function show(lines) {
    const text = wanted();
    list.append(...lines.filter((line) => matches(line, text)).map((line) => row(line, text)));
    while (list.childElementCount > KEPT) list.firstElementChild?.remove();
    $('shown').textContent = text ? `${whole(list.childElementCount)} of the last ${whole(kept.length)}` : `the last ${whole(kept.length)}`;
    if (following) list.scrollTop = list.scrollHeight;
    latest.hidden = following;
  }

  filter.addEventListener('input', () => {
    list.replaceChildren();
    show(kept);
  });
  list.addEventListener('scroll', () => {
    following = list.scrollHeight - list.scrollTop - list.clientHeight < 24;
    latest.hidden = following;
  });
  latest.addEventListener('click', () => {
    following = true;
    list.scrollTop = list.scrollHeight;
    list.focus();
  });
  $('log').hidden = false;
  $('feed').classList.add('lines-view');

  return {
    charts,
    /** @param {any} message */
    take(message) {
      const { event, at, text, data } = message;
      const end = event === 'end';
      const line = end
        ? { at, end, text: message.failed ? 'The source failed; the server’s log tells why.' : `That was all: ${whole(message.lines)} lines.` }
        : { at, text: text ?? JSON.stringify(data) };
      kept.push(line);
      fresh.push(line);
      if (kept.length > KEPT) kept = kept.slice(-KEPT);
      if (fresh.length > KEPT) fresh = fresh.slice(-KEPT);
      if (end) return;
      const now = Math.floor(at / 1000);
      if (!second) second = now;
      if (now > second) {
        perSecond.push(second, [count]);
        // Seconds without a line are told too, though not more of them than the chart shows.
        for (let empty = Math.max(second + 1, now - 80); empty < now; empty++) perSecond.push(empty, [0]);
        second = now;
        count = 0;
      }
      count++;
      if (!data) return;
      for (const [path, value] of numbers(data)) {
        if (!fields.has(path) && fields.size < FIELDS) {
          const chart = new Chart(parent, { title: path, series: [{ label: '', color: '--series-2' }], format: number });
          fields.set(path, chart);
          charts.push(chart);
        }
        fields.get(path)?.push(at / 1000, [value]);
      }
    },
    paint() {
      if (!fresh.length) return;
      show(fresh);
      fresh = [];
    },
  };
}

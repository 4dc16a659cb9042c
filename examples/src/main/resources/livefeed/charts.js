/** Small line charts over a moving window of time, drawn with uPlot. */
import { clock } from './format.js';

/** @type {any} */
const uPlot = /** @type {any} */ (globalThis).uPlot;

/** Seconds that a chart shows. */
export const WINDOW = 75;

/** A time that is nearer to the right edge than these seconds would be cut off. */
const EDGE = 8;

const style = getComputedStyle(document.documentElement);
const color = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
const FONT = '11px system-ui, -apple-system, "Segoe UI", sans-serif';
const sync = uPlot.sync('feed');

/**
 * @typedef {object} Series
 * @property {string} label
 * @property {string} color a custom property of the style sheet
 * @property {boolean} [fill]
 * @property {number} [width]
 * @property {boolean} [quiet] drawn, but not told in words
 *
 * @typedef {object} Options
 * @property {string} title
 * @property {Series[]} series
 * @property {(value: number) => string} format
 * @property {(value: number) => string} [axis]
 * @property {number} [top] the least that the axis goes up to
 * @property {number} [most] the most that it goes up to
 * @property {(values: number[]) => number[]} [ticks]
 */

/** What changed about the wire, and when: drawn across all charts. @type {{at: number, label: string, color: string}[]} */
const marks = [];

/**
 * @param {number} at seconds
 * @param {string} label
 * @param {string} color
 */
export function mark(at, label, color) {
  marks.push({ at, label, color });
  while (marks.length > 40) marks.shift();
}

/** One chart in a card of its own. */
export class Chart {
  /** @type {(number | null)[][]} */ #data;
  /** @type {HTMLElement[]} */ #values = [];
  #options;
  #plot;
  #time;
  #dirty = true;

  /**
   * @param {HTMLElement} parent
   * @param {Options} options
   */
  constructor(parent, options) {
    this.#options = options;
    this.#data = [[], ...options.series.map(() => [])];
    const card = document.createElement('figure');
    card.className = 'card chart';
    const caption = document.createElement('figcaption');
    const title = document.createElement('h2');
    title.textContent = options.title;
    caption.append(title);
    this.#time = document.createElement('span');
    this.#time.className = 'when';
    caption.append(this.#time);
    const told = document.createElement('p');
    told.className = 'values';
    for (const series of options.series) {
      const value = document.createElement('b');
      this.#values.push(value);
      if (series.quiet) continue;
      const item = document.createElement('span');
      item.className = 'value';
      item.style.setProperty('--series', `var(${series.color})`);
      if (series.label) item.append(series.label, ' ');
      item.append(value);
      told.append(item);
    }
    caption.append(told);
    const canvas = document.createElement('div');
    canvas.className = 'plot';
    canvas.setAttribute('aria-hidden', 'true');
    card.append(caption, canvas);
    parent.append(card);
    this.#plot = new uPlot(this.#uplot(canvas), this.#data, canvas);
    sync.sub(this.#plot);
    new ResizeObserver(() => {
      const { clientWidth: width, clientHeight: height } = canvas;
      if (width && height) this.#plot.setSize({ width, height });
    }).observe(canvas);
  }

  /**
   * @param {number} at seconds
   * @param {(number | null)[]} values of each series
   */
  push(at, values) {
    const [times] = this.#data;
    times.push(at);
    values.forEach((value, i) => this.#data[i + 1]?.push(value));
    while (times.length && /** @type {number} */ (times[0]) < at - WINDOW - 2) for (const column of this.#data) column.shift();
    this.#dirty = true;
  }

  /** Draws what is new. */
  paint() {
    if (!this.#dirty) return;
    this.#dirty = false;
    this.#plot.setData(this.#data);
    this.#tell();
  }

  /** Draws everything again, in the colours of the day. */
  repaint() {
    this.#plot.redraw(false, true);
  }

  #tell() {
    const [times] = this.#data;
    const under = this.#plot.cursor.idx;
    const at = under ?? times.length - 1;
    if (at < 0) return;
    this.#values.forEach((element, i) => {
      const value = this.#data[i + 1][at];
      const text = value === null || value === undefined ? '–' : this.#options.format(value);
      if (element.textContent !== text) element.textContent = text;
    });
    this.#time.textContent = under === null || under === undefined ? '' : clock(/** @type {number} */ (times[at]) * 1000);
  }

  /** @param {HTMLElement} canvas */
  #uplot(canvas) {
    const { series, axis, format, top = 0, most, ticks } = this.#options;
    const grid = { stroke: () => color('--grid'), width: 1 };
    return {
      width: canvas.clientWidth || 300,
      height: canvas.clientHeight || 130,
      legend: { show: false },
      padding: [16, 4, 0, 0],
      cursor: { y: false, drag: { x: false, y: false }, points: { size: 6 }, sync: { key: 'feed', setSeries: false } },
      scales: {
        x: { time: true, range: (/** @type {any} */ u, /** @type {number} */ min, /** @type {number} */ max) => [(max ?? WINDOW) - WINDOW, max ?? WINDOW] },
        y: { range: (/** @type {any} */ u, /** @type {number} */ min, /** @type {number} */ max) => [0, most ?? Math.max(top, (max ?? 0) * 1.12) ] },
      },
      axes: [
        { stroke: () => color('--muted'), font: FONT, size: 22, gap: 4, space: 84, grid: { show: false }, ticks: { show: false },
          values: (/** @type {any} */ u, /** @type {number[]} */ splits) => splits.map((split) => (split > u.scales.x.max - EDGE ? '' : clock(split * 1000))) },
        { stroke: () => color('--muted'), font: FONT, size: 54, gap: 6, space: 34, grid, ticks: { show: false }, splits: ticks && ((/** @type {any} */ u, /** @type {any} */ i, /** @type {number} */ min, /** @type {number} */ max) => ticks([min, max])),
          values: (/** @type {any} */ u, /** @type {number[]} */ splits) => splits.map(axis ?? format) },
      ],
      series: [{}, ...series.map((one) => ({
        label: one.label,
        stroke: () => color(one.color),
        width: one.width ?? 2,
        fill: one.fill ? () => color(one.color + '-fill') : undefined,
        points: { show: false },
      }))],
      hooks: { draw: [drawMarks], setCursor: [() => this.#plot && this.#tell()] },
    };
  }
}

/** @param {any} u */
function drawMarks(u) {
  const { ctx, bbox } = u;
  const ratio = uPlot.pxRatio;
  ctx.save();
  ctx.font = `600 ${10 * ratio}px system-ui, -apple-system, "Segoe UI", sans-serif`;
  ctx.textBaseline = 'top';
  ctx.textAlign = 'left';
  ctx.lineWidth = ratio;
  let right = -Infinity;
  for (const { at, label, color: name } of marks) {
    if (at < u.scales.x.min || at > u.scales.x.max) continue;
    const x = Math.round(u.valToPos(at, 'x', true));
    ctx.strokeStyle = ctx.fillStyle = color(name);
    ctx.setLineDash([3 * ratio, 3 * ratio]);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    const width = ctx.measureText(label).width;
    const left = Math.min(x + 4 * ratio, bbox.left + bbox.width - width);
    // Two within a second would be one upon the other: then the first is told, and the line of the second stays.
    if (left < right) continue;
    ctx.fillText(label, left, bbox.top - 13 * ratio);
    right = left + width + 4 * ratio;
  }
  ctx.restore();
}

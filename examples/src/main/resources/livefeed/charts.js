/** Small line charts over a moving window of time, drawn with Chart.js (MIT licence), which comes in its WebJar. */
import { clock } from './format.js';

/** @type {any} */
const ChartJs = /** @type {any} */ (globalThis).Chart;

/** Seconds that a chart shows. */
export const WINDOW = 75;

/** A time that is nearer to the right edge than these seconds would be cut off. */
const EDGE = 8;

const style = getComputedStyle(document.documentElement);
const color = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
const FAMILY = 'system-ui, -apple-system, "Segoe UI", sans-serif';

/** Steps, in seconds, between the times below a chart. */
const TIMES = [5, 10, 15, 30, 60];

/** Pixels that the labels of an axis are apart, at least. */
const APART = { x: 84, y: 34 };

/**
 * @typedef {object} Series
 * @property {string} label
 * @property {string} color a custom property of the style sheet
 * @property {boolean} [fill]
 * @property {number} [width]
 * @property {boolean} [dashed] drawn broken, so that what is under it can be seen
 * @property {boolean} [quiet] drawn, but not told in words
 * @property {string} [legend] of a quiet one: what it is, and those of its colour
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

/** Where the pointer is: on which chart, and at which part of its width. All charts tell that time. @type {{chart: Chart, part: number} | undefined} */
let pointed;

/** One chart in a card of its own. */
export class Chart {
  /** The points of each series. @type {{x: number, y: number | null}[][]} */ #points;
  /** @type {HTMLElement[]} */ #values = [];
  #options;
  #canvas;
  /** Made when it is first painted. @type {any} */ #drawing;
  #time;
  #dirty = true;
  #pointed = pointed;

  /**
   * @param {HTMLElement} parent
   * @param {Options} options
   */
  constructor(parent, options) {
    this.#options = options;
    this.#points = options.series.map(() => []);
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
      const item = entry(series);
      if (series.label) item.append(series.label, ' ');
      item.append(value);
      told.append(item);
    }
    for (const series of options.series) {
      if (!series.legend) continue;
      const item = entry(series);
      item.append(series.legend);
      told.append(item);
    }
    caption.append(told);
    const plot = document.createElement('div');
    plot.className = 'plot';
    const canvas = document.createElement('canvas');
    canvas.setAttribute('role', 'img');
    canvas.setAttribute('aria-label', `${options.title}: a chart of the last ${WINDOW} seconds`);
    plot.append(canvas);
    card.append(caption, plot);
    parent.append(card);
    this.#canvas = canvas;
    canvas.addEventListener('mousemove', (event) => {
      if (!this.#drawing) return;
      const { left, right } = this.#drawing.chartArea;
      const part = (event.offsetX - left) / (right - left);
      pointed = part >= 0 && part <= 1 ? { chart: this, part } : undefined;
    });
    canvas.addEventListener('mouseleave', () => (pointed = undefined));
  }

  /**
   * @param {number} at seconds
   * @param {(number | null)[]} values of each series
   */
  push(at, values) {
    this.#points.forEach((points, i) => {
      points.push({ x: at, y: values[i] ?? null });
      while (points[0].x < at - WINDOW - 2) points.shift();
    });
    this.#dirty = true;
  }

  /** Draws what is new. To be called when the browser paints; what comes while it does not, is only kept. */
  paint() {
    if (this.#dirty) {
      this.#dirty = false;
      if (!this.#drawing) this.#drawing = new ChartJs(this.#canvas, this.#config());
      else {
        this.#points.forEach((points, i) => (this.#drawing.data.datasets[i].data = [...points]));
        this.#drawing.update('none');
      }
    } else if (this.#pointed !== pointed) {
      this.#drawing.draw();
    } else return;
    this.#pointed = pointed;
    this.#tell();
  }

  /** Draws everything again, in the colours of the day. */
  repaint() {
    if (!this.#drawing) return;
    const { data, options } = this.#config();
    this.#drawing.data = data;
    this.#drawing.options = options;
    this.#dirty = true;
  }

  /** The time of the last point. */
  get #end() {
    return this.#points[0].at(-1)?.x ?? NaN;
  }

  /** Which point is pointed at, here or in another chart. */
  #under() {
    if (!pointed) return undefined;
    const at = pointed.chart.#end - (1 - pointed.part) * WINDOW;
    const [points] = this.#points;
    if (!points.length || at > this.#end || at < this.#end - WINDOW) return undefined;
    let next = points.findIndex(({ x }) => x >= at);
    if (next > 0 && at - points[next - 1].x < points[next].x - at) next--;
    return next;
  }

  #tell() {
    const [points] = this.#points;
    const under = this.#under();
    const at = under ?? points.length - 1;
    if (at < 0) return;
    this.#values.forEach((element, i) => {
      const value = this.#points[i][at].y;
      const text = value === null ? '–' : this.#options.format(value);
      if (element.textContent !== text) element.textContent = text;
    });
    const time = under === undefined ? '' : clock(points[at].x * 1000);
    if (this.#time.textContent !== time) this.#time.textContent = time;
  }

  #config() {
    const { series, axis, format, top = 0, most, ticks } = this.#options;
    const font = { family: FAMILY, size: 11 };
    return {
      type: 'line',
      data: {
        datasets: series.map((one, i) => ({
          // A copy: of an array that it holds, Chart.js would record each change until it draws.
          data: [...this.#points[i]],
          order: -i, // a series is drawn upon those before it
          // Not a function that tells the colour of the day: it would be asked for every single point.
          borderColor: color(one.color),
          backgroundColor: color(`${one.color}-fill`),
          borderWidth: one.width ?? 2,
          borderDash: one.dashed ? [5, 4] : [],
          fill: one.fill ? 'origin' : false,
        })),
      },
      options: {
        animation: false,
        parsing: false,
        normalized: true,
        maintainAspectRatio: false,
        events: [],
        layout: { padding: { top: 16, right: 4 } },
        clip: { left: 0, top: 1, right: 0, bottom: 1 },
        elements: { line: { borderJoinStyle: 'round' }, point: { radius: 0 } },
        plugins: { legend: false, tooltip: false, title: false, subtitle: false, colors: false, decimation: false },
        scales: {
          x: {
            type: 'linear',
            bounds: 'data',
            border: { display: false },
            grid: { display: false, drawTicks: false },
            ticks: { font, color: color('--muted'), padding: 6, autoSkip: false, maxRotation: 0,
              callback: (/** @type {number} */ value) => (value > this.#end - EDGE ? '' : clock(value * 1000)) },
            afterDataLimits: (/** @type {any} */ scale) => {
              scale.max = this.#end || WINDOW;
              scale.min = scale.max - WINDOW;
            },
            afterBuildTicks: (/** @type {any} */ scale) => {
              const least = (APART.x * WINDOW) / scale.width;
              scale.ticks = this.#end ? between(scale, TIMES.find((step) => step >= least) ?? WINDOW) : [];
            },
            afterFit: (/** @type {any} */ scale) => {
              scale.height = 22;
              scale.paddingLeft = scale.paddingRight = 0;
            },
          },
          y: {
            type: 'linear',
            bounds: 'data',
            border: { display: false },
            grid: { color: color('--grid'), drawTicks: false },
            ticks: { font, color: color('--muted'), padding: 6, autoSkip: false, callback: axis ?? format },
            afterDataLimits: (/** @type {any} */ scale) => {
              scale.max = most ?? (Math.max(top, scale.max * 1.12) || 1);
              scale.min = Math.min(0, scale.min * 1.12);
            },
            afterBuildTicks: (/** @type {any} */ scale) => {
              const { min, max, height } = scale;
              scale.ticks = ticks ? ticks([min, max]).map((value) => ({ value })) : between(scale, round((APART.y * (max - min)) / (height || 100)));
            },
            afterFit: (/** @type {any} */ scale) => {
              scale.width = 54;
              scale.paddingTop = scale.paddingBottom = 0;
            },
          },
        },
      },
      plugins: [{
        id: 'marks',
        afterDatasetsDraw: (/** @type {any} */ drawing) => {
          drawMarks(drawing);
          this.#drawPointed(drawing);
        },
      }],
    };
  }

  /** @param {any} drawing */
  #drawPointed({ ctx, chartArea, scales }) {
    const under = this.#under();
    if (under === undefined) return;
    const x = scales.x.getPixelForValue(this.#points[0][under].x);
    ctx.save();
    ctx.strokeStyle = color('--muted');
    upright(ctx, x, chartArea);
    this.#options.series.forEach((one, i) => {
      const { y } = this.#points[i][under];
      if (y === null) return;
      ctx.fillStyle = color(one.color);
      ctx.beginPath();
      ctx.arc(x, scales.y.getPixelForValue(y), 3, 0, 2 * Math.PI);
      ctx.fill();
    });
    ctx.restore();
  }
}

/** @param {Series} series @returns {HTMLElement} its place in the legend, with nothing but its line */
function entry({ color, dashed, width }) {
  const item = document.createElement('span');
  item.className = 'value';
  item.classList.toggle('dashed', Boolean(dashed));
  item.classList.toggle('thin', width === 1);
  item.style.setProperty('--series', `var(${color})`);
  return item;
}

/** @param {number} least @returns {number} the next larger of 1, 2, 2.5, 5, 10, 20, … */
function round(least) {
  const power = 10 ** Math.floor(Math.log10(least));
  return power * (/** @type {number} */ ([1, 2, 2.5, 5].find((digit) => digit * power >= least) ?? 10));
}

/**
 * @param {{min: number, max: number}} range
 * @param {number} step
 * @returns {{value: number}[]} the multiples of the step within the range
 */
function between({ min, max }, step) {
  const first = Math.ceil(min / step);
  return Array.from({ length: Math.floor(max / step) - first + 1 }, (_, i) => ({ value: (first + i) * step }));
}

/**
 * A broken line from the top to the bottom of a chart.
 * @param {CanvasRenderingContext2D} ctx
 * @param {number} x
 * @param {{top: number, bottom: number}} area
 */
function upright(ctx, x, { top, bottom }) {
  const middle = Math.round(x) + 0.5;
  ctx.lineWidth = 1;
  ctx.setLineDash([3, 3]);
  ctx.beginPath();
  ctx.moveTo(middle, top);
  ctx.lineTo(middle, bottom);
  ctx.stroke();
}

/** Rows for the labels of what happened at almost the same time: the first one above the chart, the others in it. */
const ROWS = 4;

/** @param {any} drawing */
function drawMarks({ ctx, chartArea, scales }) {
  ctx.save();
  ctx.font = `600 10px ${FAMILY}`;
  ctx.textBaseline = 'top';
  ctx.textAlign = 'left';
  ctx.lineJoin = 'round';
  const shown = marks.filter(({ at }) => at >= scales.x.min && at <= scales.x.max);
  for (const { at, color: name } of shown) {
    ctx.strokeStyle = color(name);
    upright(ctx, scales.x.getPixelForValue(at), chartArea);
  }
  // After all lines, none of which shall go through a label.
  ctx.setLineDash([]);
  ctx.strokeStyle = color('--card');
  ctx.lineWidth = 4;
  const taken = Array(ROWS).fill(-Infinity);
  for (const { at, label, color: name } of shown) {
    const width = ctx.measureText(label).width;
    const left = Math.min(scales.x.getPixelForValue(at) + 4, chartArea.right - width);
    const row = taken.findIndex((right) => left >= right);
    // Where there is no room even so, the line stays.
    if (row < 0) continue;
    const top = chartArea.top - 13 + row * 14;
    ctx.strokeText(label, left, top);
    ctx.fillStyle = color(name);
    ctx.fillText(label, left, top);
    taken[row] = left + width + 4;
  }
  ctx.restore();
}

/** Small helpers to build pages: text is always text here, never markup. */

/** @param {string} id */
export const $ = (id) => /** @type {any} */ (document.getElementById(id));

/**
 * Makes an element.
 *
 * @param {string} tag
 * @param {Record<string, any>} [properties] `class`, `data-…`, `aria-…`, `role` and `for` are attributes, the rest properties
 * @param {...(Node | string | number | false | null | undefined)} children strings become text
 * @returns {any}
 */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === 'class' || name === 'role' || name === 'for' || name.includes('-')) element.setAttribute(name, value);
    else /** @type {any} */ (element)[name] = value;
  }
  for (const child of children) if (child !== false && child !== null && child !== undefined) element.append(/** @type {any} */ (child));
  return element;
}

const NS = 'http://www.w3.org/2000/svg';

/**
 * Makes a line icon of 20 by 20.
 *
 * @param {string} path what an SVG path's `d` says
 */
export function icon(path) {
  const svg = document.createElementNS(NS, 'svg');
  for (const [name, value] of Object.entries({ viewBox: '0 0 20 20', width: '18', height: '18', fill: 'none', stroke: 'currentColor', 'stroke-width': '1.7', 'stroke-linecap': 'round', 'stroke-linejoin': 'round', 'aria-hidden': 'true' })) svg.setAttribute(name, value);
  const line = document.createElementNS(NS, 'path');
  line.setAttribute('d', path);
  svg.append(line);
  return svg;
}

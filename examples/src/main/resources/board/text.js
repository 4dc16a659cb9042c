/** Binds a text field to a text that several people write. */
import { createAbsolutePositionFromRelativePosition, createRelativePositionFromJSON, createRelativePositionFromTypeIndex, relativePositionToJSON } from './vendor/yjs.js';

/** The origin of what is done on this page: what can be undone. */
export const LOCAL = Symbol('local');

/** @param {string} text @param {number} at whether that place is within a character of two units */
const inside = (text, at) => /[\ud800-\udbff]/.test(text[at - 1] ?? '') && /[\udc00-\udfff]/.test(text[at] ?? '');

/**
 * What was typed, as one deletion and one insertion at the same place.
 * @param {string} before
 * @param {string} after
 * @returns {{at: number, deleted: number, inserted: string}}
 */
export function difference(before, after) {
  const least = Math.min(before.length, after.length);
  let start = 0;
  while (start < least && before[start] === after[start]) start++;
  if (inside(before, start) || inside(after, start)) start--;
  let end = 0;
  while (end < least - start && before[before.length - 1 - end] === after[after.length - 1 - end]) end++;
  if (inside(before, before.length - end) || inside(after, after.length - end)) end--;
  return { at: start, deleted: before.length - start - end, inserted: after.slice(start, after.length - end) };
}

/**
 * Where an index is after others have changed the text.
 * @param {number} index
 * @param {{retain?: number, insert?: string, delete?: number}[]} delta
 */
function moved(index, delta) {
  let at = 0;
  for (const { retain = 0, insert = '', delete: deleted = 0 } of delta) {
    if (at > index) break;
    at += retain;
    if (insert && at < index) index += insert.length;
    at += insert.length;
    if (deleted && at < index) index = Math.max(at, index - deleted);
  }
  return index;
}

/**
 * What a field shows while a word is composed in it, and where that is in the text, which others change meanwhile.
 *
 * A field that is composed in must be left alone, or the word is lost. So it falls behind the text, and what was typed into it cannot
 * be told by holding it against the text: that would take back what the others did.
 */
class Composed {
  #field;
  /** For each place of the text the one that it has in the field; -1 for what the field does not show. @type {number[]} */ #places;

  /** @param {string} field what both hold at first */
  constructor(field) {
    this.#field = field;
    this.#places = Array.from({ length: field.length }, (_, i) => i);
  }

  /** Others have changed the text. @param {{retain?: number, insert?: string, delete?: number}[]} delta */
  changed(delta) {
    let at = 0;
    for (const { retain = 0, insert = '', delete: deleted = 0 } of delta) {
      at += retain;
      this.#places.splice(at, deleted, ...Array(insert.length).fill(-1));
      at += insert.length;
    }
  }

  /** Where in the text a place of the field is: behind what the field shows before it. @param {number} place */
  in(place) {
    return this.#places.findLastIndex((one) => one >= 0 && one < place) + 1;
  }

  /**
   * Does in the text what was done in the field. From then on the field's places are those that it has now.
   * @param {any} text
   * @param {string} field as it is now
   */
  write(text, field) {
    const { at, deleted, inserted } = difference(this.#field, field);
    const shift = inserted.length - deleted;
    const here = this.in(at);
    for (let i = this.#places.length - 1; i >= 0; i--) {
      const place = this.#places[i];
      if (place < at) continue;
      if (place >= at + deleted) this.#places[i] = place + shift;
      else {
        text.delete(i, 1);
        this.#places.splice(i, 1);
      }
    }
    if (inserted) text.insert(here, inserted);
    this.#places.splice(here, 0, ...Array.from({ length: inserted.length }, (_, i) => at + i));
    this.#field = field;
  }
}

/**
 * Binds them until the returned function is called.
 * @param {HTMLTextAreaElement} area
 * @param {any} text a Yjs text
 * @returns {() => void}
 */
export function bind(area, text) {
  /** There while a word is composed. @type {Composed | undefined} */ let composed;
  const show = () => {
    const value = text.toString();
    if (area.value !== value) area.value = value;
  };
  const typed = () => {
    if (composed) return;
    const { at, deleted, inserted } = difference(text.toString(), area.value);
    if (!deleted && !inserted) return;
    text.doc.transact(() => {
      if (deleted) text.delete(at, deleted);
      if (inserted) text.insert(at, inserted);
    }, LOCAL);
  };
  const compose = () => (composed ??= new Composed(area.value));
  const done = () => {
    const word = composed;
    composed = undefined;
    if (!word) return;
    const { selectionStart, selectionEnd, selectionDirection, scrollTop } = area;
    text.doc.transact(() => word.write(text, area.value), LOCAL);
    show();
    if (document.activeElement !== area) return;
    area.setSelectionRange(word.in(selectionStart), word.in(selectionEnd), selectionDirection);
    area.scrollTop = scrollTop;
  };
  const changed = (/** @type {any} */ event, /** @type {any} */ transaction) => {
    if (composed) return composed.changed(event.delta);
    if (transaction.origin === LOCAL && document.activeElement === area) return show();
    const { selectionStart, selectionEnd, selectionDirection, scrollTop } = area;
    show();
    if (document.activeElement !== area) return;
    area.setSelectionRange(moved(selectionStart, event.delta), moved(selectionEnd, event.delta), selectionDirection);
    area.scrollTop = scrollTop;
  };
  show();
  area.addEventListener('input', typed);
  area.addEventListener('compositionstart', compose);
  area.addEventListener('compositionend', done);
  text.observe(changed);
  return () => {
    area.removeEventListener('input', typed);
    area.removeEventListener('compositionstart', compose);
    area.removeEventListener('compositionend', done);
    text.unobserve(changed);
  };
}

/** A place in a text that stays where it is when others write before it. @param {any} text @param {number} index */
export const placeOf = (text, index) => relativePositionToJSON(createRelativePositionFromTypeIndex(text, index));

/**
 * Where such a place is now.
 * @param {any} text
 * @param {any} place from another page, so it may be anything
 * @returns {number} -1 when there is no such place
 */
export function indexOf(text, place) {
  try {
    const found = createAbsolutePositionFromRelativePosition(createRelativePositionFromJSON(place), text.doc);
    return found && found.type === text ? found.index : -1;
  } catch {
    return -1;
  }
}

/**
 * Shows where others are in a text field, upon a layer that lies over it and breaks its lines in the same way.
 * @param {HTMLTextAreaElement} area
 * @param {HTMLElement} layer
 * @param {{index: number, name: string, hue: number}[]} carets
 */
export function showCarets(area, layer, carets) {
  const parts = [];
  let at = 0;
  for (const { index, name, hue } of [...carets].sort((a, b) => a.index - b.index)) {
    parts.push(area.value.slice(at, index));
    at = index;
    const caret = document.createElement('span');
    caret.className = 'caret';
    caret.dataset.hue = String(hue);
    const flag = document.createElement('span');
    flag.textContent = name;
    caret.append(flag);
    parts.push(caret);
  }
  // A line break at the very end has a line of its own only when something follows it.
  parts.push(area.value.slice(at), '\u200b');
  layer.replaceChildren(...parts);
  layer.scrollTop = area.scrollTop;
}

/** The sticky notes: shown from the document, and moved, written and removed in it. */
import { Map as YMap, Text } from './vendor/yjs.js';
import { LOCAL, bind } from './text.js';

export const COLOURS = ['yellow', 'pink', 'blue', 'green', 'violet'];

/** The most notes that can be added, and the most characters of one. */
const MOST = 200;
const LONGEST = 400;

/** Milliseconds between the places of a note that is being moved which the others are told. */
const TOLD = 60;

/** Pixels between notes that are put next to each other. */
const EDGE = 22;

const clamp = (/** @type {number} */ value) => Math.min(1, Math.max(0, Number(value) || 0));

/** @param {any} note @returns {[number, number]} where it is: parts of the room that there is for it */
function placeOf(note) {
  const at = note.get('at');
  return Array.isArray(at) ? [clamp(at[0]), clamp(at[1])] : [0, 0];
}

export class Notes {
  #board;
  #notes;
  #template;
  #said;
  #step;
  /** @type {Map<string, {element: HTMLElement, note: any, unbind: () => void, dragged?: [number, number]}>} */ #shown = new Map();
  #front = 1;

  /**
   * @param {HTMLElement} board
   * @param {HTMLTemplateElement} template
   * @param {any} notes the Yjs map of all notes
   * @param {(text: string) => void} said tells what was done to those who cannot see it
   * @param {() => void} step called between two things that are undone one by one
   */
  constructor(board, template, notes, said, step) {
    this.#board = board;
    this.#notes = notes;
    this.#template = template;
    this.#said = said;
    this.#step = step;
  }

  /** Does something that is undone by itself. @param {() => void} what */
  #do(what) {
    this.#step();
    this.#notes.doc.transact(what, LOCAL);
    this.#step();
  }

  get count() {
    return this.#notes.size;
  }

  /** @param {[number, number]} [at] @returns {boolean} whether there was room for one more */
  add(at = this.#free()) {
    if (this.#notes.size >= MOST) return false;
    const id = Array.from(crypto.getRandomValues(new Uint8Array(9)), (byte) => byte.toString(36).padStart(2, '0')).join('');
    this.#do(() => {
      const note = new YMap();
      note.set('at', at.map((part) => Math.round(part * 1000) / 1000));
      note.set('colour', COLOURS[this.#notes.size % COLOURS.length]);
      note.set('made', Date.now());
      note.set('text', new Text());
      this.#notes.set(id, note);
    });
    this.paint();
    this.#shown.get(id)?.element.querySelector('textarea')?.focus();
    return true;
  }

  /** A place where no note is, or else where the fewest are near. @returns {[number, number]} */
  #free() {
    // As large as one that is shown, or will be.
    const { offsetWidth: width, offsetHeight: height } = this.#board.querySelector('.note') ?? { offsetWidth: 196, offsetHeight: 168 };
    const room = { x: Math.max(1, this.#board.clientWidth - width), y: Math.max(1, this.#board.clientHeight - height) };
    const taken = [...this.#notes.values()].map(placeOf).map(([x, y]) => [x * room.x, y * room.y]);
    let best = /** @type {[number, number]} */ ([0.02, 0.04]);
    let most = -1;
    for (let y = EDGE; y <= Math.max(EDGE, room.y - EDGE); y += height + EDGE) {
      for (let x = EDGE; x <= Math.max(EDGE, room.x - EDGE); x += width + EDGE) {
        // 1 or more: they do not touch.
        const near = Math.min(1, ...taken.map(([a, b]) => Math.max(Math.abs(a - x) / width, Math.abs(b - y) / height)));
        if (near > most) [most, best] = [near, [x / room.x, y / room.y]];
      }
    }
    return best;
  }

  /** Shows what the document says. */
  paint() {
    for (const [id, { element, unbind, note }] of this.#shown) {
      if (this.#notes.get(id) === note) continue;
      unbind();
      if (element.contains(document.activeElement)) this.#said('Somebody removed the note that you were in.');
      element.remove();
      this.#shown.delete(id);
    }
    const order = [...this.#notes.entries()].filter(([, note]) => note instanceof YMap && note.get('text') instanceof Text)
      .sort(([a, one], [b, other]) => (one.get('made') - other.get('made')) || (a < b ? -1 : 1));
    for (const [id, note] of order) {
      const shown = this.#shown.get(id) ?? this.#make(id, note);
      const [x, y] = shown.dragged ?? placeOf(note);
      shown.element.style.setProperty('--x', String(x));
      shown.element.style.setProperty('--y', String(y));
      const colour = note.get('colour');
      shown.element.dataset.colour = COLOURS.includes(colour) ? colour : COLOURS[0];
    }
  }

  /**
   * Shows who is in which note.
   * @param {Map<string, {name: string, hue: number}>} writers by the note's id
   */
  paintWriters(writers) {
    for (const [id, { element }] of this.#shown) {
      const writer = writers.get(id);
      const flag = /** @type {HTMLElement} */ (element.querySelector('.writer'));
      flag.hidden = !writer;
      if (writer) {
        element.dataset.hue = String(writer.hue);
        if (flag.textContent !== writer.name) flag.textContent = writer.name;
      } else delete element.dataset.hue;
    }
  }

  /** @param {string} id @param {any} note */
  #make(id, note) {
    const element = /** @type {HTMLElement} */ (/** @type {HTMLElement} */ (this.#template.content.firstElementChild).cloneNode(true));
    element.dataset.note = id;
    const area = /** @type {HTMLTextAreaElement} */ (element.querySelector('textarea'));
    area.maxLength = LONGEST;
    /** @type {any} */ const shown = { element, note, unbind: bind(area, note.get('text')) };
    this.#shown.set(id, shown);
    this.#board.append(element);
    element.addEventListener('focusin', () => element.style.setProperty('z-index', String(++this.#front)));
    /** @type {HTMLElement} */ (element.querySelector('.remove')).addEventListener('click', () => this.#remove(id, element));
    /** @type {HTMLElement} */ (element.querySelector('.colour')).addEventListener('click', () => {
      const next = COLOURS[(COLOURS.indexOf(note.get('colour')) + 1) % COLOURS.length];
      this.#do(() => note.set('colour', next));
      this.#said(`The note is ${next} now.`);
    });
    const grip = /** @type {HTMLElement} */ (element.querySelector('.grip'));
    grip.addEventListener('keydown', (event) => this.#key(event, note));
    grip.addEventListener('pointerdown', (event) => this.#drag(event, shown));
    return shown;
  }

  /** @param {string} id @param {HTMLElement} element */
  #remove(id, element) {
    const next = /** @type {HTMLElement | null} */ ((element.nextElementSibling ?? element.previousElementSibling)?.querySelector('.remove') ?? null);
    this.#do(() => this.#notes.delete(id));
    this.paint();
    (next?.isConnected ? next : /** @type {HTMLElement} */ (document.getElementById('add'))).focus();
    this.#said('The note was removed. Undo brings it back.');
  }

  /** @param {KeyboardEvent} event @param {any} note */
  #key(event, note) {
    const step = event.shiftKey ? 0.1 : 0.02;
    const by = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[event.key];
    if (!by) return;
    event.preventDefault();
    const [x, y] = placeOf(note);
    note.doc.transact(() => note.set('at', [clamp(x + by[0]), clamp(y + by[1])]), LOCAL);
  }

  /** @param {PointerEvent} event @param {{element: HTMLElement, note: any, dragged?: [number, number]}} shown */
  #drag(event, shown) {
    if (event.button !== 0) return;
    const { element, note } = shown;
    const grip = /** @type {HTMLElement} */ (event.currentTarget);
    const room = { x: this.#board.clientWidth - element.offsetWidth, y: this.#board.clientHeight - element.offsetHeight };
    const from = placeOf(note);
    let told = 0;
    this.#step();
    grip.setPointerCapture(event.pointerId);
    element.classList.add('dragged');
    element.style.setProperty('z-index', String(++this.#front));
    const tell = () => {
      told = performance.now();
      const at = shown.dragged;
      if (at) note.doc?.transact(() => note.set('at', at.map((part) => Math.round(part * 1000) / 1000)), LOCAL);
    };
    const move = (/** @type {PointerEvent} */ to) => {
      shown.dragged = [clamp(from[0] + (to.clientX - event.clientX) / (room.x || 1)), clamp(from[1] + (to.clientY - event.clientY) / (room.y || 1))];
      element.style.setProperty('--x', String(shown.dragged[0]));
      element.style.setProperty('--y', String(shown.dragged[1]));
      if (performance.now() - told > TOLD) tell();
    };
    const end = () => {
      tell();
      this.#step();
      shown.dragged = undefined;
      element.classList.remove('dragged');
      grip.removeEventListener('pointermove', move);
      grip.removeEventListener('lostpointercapture', end);
    };
    grip.addEventListener('pointermove', move);
    grip.addEventListener('lostpointercapture', end);
  }
}

/** Who else is here, and where. What others say of themselves is shown as text and never trusted to be more. */

const FIRST = ['Amber', 'Azure', 'Coral', 'Copper', 'Golden', 'Indigo', 'Jade', 'Olive', 'Russet', 'Scarlet', 'Silver', 'Teal'];
const SECOND = ['Badger', 'Curlew', 'Falcon', 'Heron', 'Kestrel', 'Lynx', 'Marten', 'Otter', 'Plover', 'Raven', 'Stoat', 'Wren'];
const HUES = 8;
const KEY = 'polywire.board.name';

/** The most faces and pointers that are shown. */
const FACES = 8;
const POINTERS = 20;

/** Milliseconds between what we tell of ourselves. */
const TOLD = 70;

/** Milliseconds until we try again when that failed. */
const AGAIN = 1000;

const any = (/** @type {string[]} */ list) => list[Math.floor(Math.random() * list.length)];
const clean = (/** @type {any} */ name) => (typeof name === 'string' ? name.replace(/\s+/g, ' ').trim().slice(0, 24) : '');

/** The name from before, or one that is made up. */
export function ownName() {
  try {
    const name = clean(localStorage.getItem(KEY));
    if (name) return name;
  } catch {
    // Where nothing may be stored, a new name each time will do.
  }
  return `${any(FIRST)} ${any(SECOND)}`;
}

/** @param {string} name @returns {string} as it can be told to others */
export function keepName(name) {
  const kept = clean(name);
  try {
    localStorage.setItem(KEY, kept);
  } catch {
    // It is kept for as long as the page.
  }
  return kept || ownName();
}

/**
 * Gives everybody a colour that nobody else has, as long as there are enough of them.
 *
 * @param {{session: string, since: number}[]} members
 * @returns {Map<string, number>} the same on every page that sees the same people; who came first keeps a colour
 */
function hues(members) {
  const given = new Map();
  for (const { session } of [...members].sort((a, b) => a.since - b.since || (a.session < b.session ? -1 : 1))) {
    let sum = 0;
    for (const c of session) sum = (sum * 31 + c.charCodeAt(0)) >>> 0;
    const taken = new Set(given.values());
    let hue = sum % HUES;
    for (let i = 0; i < HUES && taken.has(hue); i++) hue = (hue + 1) % HUES;
    given.set(session, hue);
  }
  return given;
}

/**
 * @typedef {{session: string, name: string, hue: number, own: boolean, since: number, at: any, note?: string}} Person
 * @param {{session: string, state: any, since: number}[]} members
 * @param {string | undefined} own
 * @returns {Person[]} ourselves first, then in the order of coming
 */
export function people(members, own) {
  const hue = hues(members);
  return members
    .map(({ session, state, since }) => ({
      session,
      since,
      name: clean(state?.name) || 'Somebody',
      hue: hue.get(session) ?? 0,
      own: session === own,
      at: state && typeof state.at === 'object' ? state.at : undefined,
      note: typeof state?.note === 'string' ? state.note : undefined,
    }))
    .sort((a, b) => Number(b.own) - Number(a.own) || a.since - b.since);
}

/** @param {HTMLElement} list @param {Person[]} all @param {number} count */
export function showFaces(list, all, count) {
  const faces = all.slice(0, FACES).map(({ name, hue, own }) => {
    const item = document.createElement('li');
    item.dataset.hue = String(hue);
    item.title = own ? `${name} (you)` : name;
    const letters = document.createElement('span');
    letters.setAttribute('aria-hidden', 'true');
    letters.textContent = name.split(' ').map((word) => [...word][0]).join('').slice(0, 2).toUpperCase();
    const said = document.createElement('span');
    said.className = 'sr';
    said.textContent = item.title;
    item.append(letters, said);
    return item;
  });
  if (count > faces.length) {
    const more = document.createElement('li');
    more.textContent = `+${count - faces.length}`;
    faces.push(more);
  }
  list.replaceChildren(...faces);
}

/** The pointers of the others. @type {Map<string, HTMLElement>} */
const pointers = new Map();
const SVG = 'http://www.w3.org/2000/svg';

function pointer() {
  const element = document.createElement('div');
  element.className = 'pointer';
  const arrow = document.createElementNS(SVG, 'svg');
  arrow.setAttribute('viewBox', '0 0 16 18');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', 'M1 1l5 15 2.6-6.4L15 7.4z');
  arrow.append(path);
  const name = document.createElement('span');
  element.append(arrow, name);
  return element;
}

/** @param {HTMLElement} layer @param {Person[]} all */
export function showPointers(layer, all) {
  const shown = all.filter(({ own, at }) => !own && at?.in === 'board' && Number.isFinite(at.x) && Number.isFinite(at.y)).slice(0, POINTERS);
  const now = new Set(shown.map(({ session }) => session));
  for (const [session, element] of pointers) {
    if (now.has(session)) continue;
    element.remove();
    pointers.delete(session);
  }
  for (const { session, name, hue, at } of shown) {
    const element = pointers.get(session) ?? pointer();
    if (!pointers.has(session)) {
      pointers.set(session, element);
      layer.append(element);
    }
    element.dataset.hue = String(hue);
    const label = /** @type {HTMLElement} */ (element.lastElementChild);
    if (label.textContent !== name) label.textContent = name;
    element.classList.toggle('left', at.x > 0.8);
    element.style.setProperty('--x', String(Math.min(1, Math.max(0, at.x))));
    element.style.setProperty('--y', String(Math.min(1, Math.max(0, at.y))));
  }
}

/** Tells the others who and where we are: the newest, and only one at a time on its way. */
export class Self {
  #channel;
  /** @type {any} */ #state = {};
  #told = '';
  #timer = 0;
  #busy = false;

  /** @param {any} channel */
  constructor(channel) {
    this.#channel = channel;
  }

  /** @param {any} what of our state has changed */
  tell(what = {}) {
    Object.assign(this.#state, what);
    if (!this.#timer && !this.#busy) this.#timer = window.setTimeout(() => this.#say(), TOLD);
  }

  async #say() {
    this.#timer = 0;
    const text = JSON.stringify(this.#state);
    if (text === this.#told || !this.#channel.subscribed) return;
    this.#told = text;
    this.#busy = true;
    const failed = await this.#channel.setState(JSON.parse(text)).then(() => false, () => true);
    this.#busy = false;
    if (failed) this.#told = '';
    if (JSON.stringify(this.#state) !== this.#told) this.#timer ||= window.setTimeout(() => this.#say(), failed ? AGAIN : TOLD);
  }

  /** We are new here, and nobody knows us yet. */
  again() {
    this.#told = '';
    this.tell();
  }
}

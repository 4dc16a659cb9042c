/** Who else is watching. What others say of themselves is shown as text and never trusted to be more. */
import { WIRES } from './format.js';

const FIRST = ['Amber', 'Azure', 'Coral', 'Copper', 'Golden', 'Indigo', 'Jade', 'Olive', 'Russet', 'Scarlet', 'Silver', 'Teal', 'Bronze', 'Cobalt', 'Crimson', 'Ivory', 'Ochre', 'Saffron', 'Umber', 'Violet'];
const SECOND = ['badger', 'curlew', 'falcon', 'gannet', 'heron', 'kestrel', 'lynx', 'marten', 'otter', 'plover', 'raven', 'stoat', 'egret', 'ibis', 'linnet', 'merlin', 'puffin', 'swift', 'tern', 'wren'];
const any = (/** @type {string[]} */ list) => list[Math.floor(Math.random() * list.length)];

/** A name for this page, new with each visit. */
export const name = `${any(FIRST)} ${any(SECOND)}`;

/**
 * @param {{session: string, state: any, since: number}[]} members
 * @param {number} count more than are listed, when the server lists only some
 * @param {string | undefined} own our session's id
 * @param {(id: string) => HTMLElement} $
 */
export function showWatchers(members, count, own, $) {
  $('watching').textContent = String(count);
  const sorted = [...members].sort((a, b) => Number(b.session === own) - Number(a.session === own) || a.since - b.since);
  const shown = sorted.slice(0, 12).map((member) => {
    const state = member.state && typeof member.state === 'object' ? member.state : {};
    const called = typeof state.name === 'string' && state.name ? state.name.slice(0, 40) : 'Somebody';
    const item = document.createElement('li');
    const face = document.createElement('span');
    face.className = 'face';
    face.setAttribute('aria-hidden', 'true');
    face.dataset.wire = Object.hasOwn(WIRES, state.wire) ? state.wire : '';
    face.textContent = called.split(' ').map((word) => [...word][0]).join('').slice(0, 2).toUpperCase();
    const who = document.createElement('span');
    who.className = 'who';
    who.textContent = called;
    if (member.session === own) {
      const you = document.createElement('em');
      you.textContent = ' you';
      who.append(you);
    }
    const wire = document.createElement('span');
    wire.className = 'muted';
    wire.textContent = Object.hasOwn(WIRES, state.wire) ? WIRES[state.wire] : '';
    who.append(wire);
    item.append(face, who);
    return item;
  });
  if (count > shown.length) {
    const more = document.createElement('li');
    more.className = 'muted';
    more.textContent = `and ${count - shown.length} more`;
    shown.push(more);
  }
  $('watchers').replaceChildren(...shown);
}

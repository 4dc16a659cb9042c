/** A page for React where there is none: to be imported before it. */
import { JSDOM } from 'jsdom';

const { window } = new JSDOM('<!doctype html><body></body>', { url: 'http://127.0.0.1/', pretendToBeVisual: true });
for (const name of ['window', 'document', 'HTMLElement', 'Node', 'requestAnimationFrame', 'cancelAnimationFrame']) {
  globalThis[name] = name === 'window' ? window : window[name];
}
// Node has one of its own from 21 on.
globalThis.navigator ??= window.navigator;

/** The sign-in page of every demo. */
import { $ } from './dom.js';
import { about, signIn } from './session.js';

$('title').textContent = about.title;
document.title = `Sign in – Polywire ${about.title}`;
const asked = new URLSearchParams(location.search);
$('again').hidden = !asked.has('again');

/** Only to a page of this demo. It is the whole address that was looked at: a path of `//` alone would name another server. */
function destination() {
  try {
    const to = new URL(asked.get('to') ?? '/', location.origin);
    return to.origin === location.origin ? to.href : '/';
  } catch {
    return '/';
  }
}

$('form').addEventListener('submit', async (/** @type {SubmitEvent} */ event) => {
  event.preventDefault();
  $('go').disabled = true;
  $('problem').hidden = true;
  try {
    await signIn($('name').value, $('password').value);
    location.assign(destination());
  } catch (/** @type {any} */ error) {
    $('problem').textContent = error.message;
    $('problem').hidden = false;
    $('go').disabled = false;
    $('password').select();
  }
});

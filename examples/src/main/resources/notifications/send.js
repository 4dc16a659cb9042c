/** The sender's page. */
import { $, make } from '/shared/dom.js';
import { api } from '/shared/session.js';
import { begin } from './live.js';

const { me } = await begin({
  changed: (model) => {
    $('unread').textContent = String(model.unread);
    $('unread').hidden = !model.unread;
  },
  sentence: 'You can send when the connection is back.',
});
if (!$('to').value) $('to').value = me.name;

const kind = () => /** @type {HTMLInputElement} */ (document.querySelector('input[name=kind]:checked')).value;

function showKind() {
  const topic = kind() === 'topic';
  $('to-field').hidden = topic;
  $('topic-field').hidden = !topic;
  $('to').required = !topic;
  $('topic').required = topic;
}
for (const input of document.querySelectorAll('input[name=kind]')) input.addEventListener('change', showKind);
showKind();

/** What the form says, as the API wants it. */
function request() {
  /** @type {Record<string, any>} */
  const body = { title: $('title').value.trim(), severity: /** @type {HTMLInputElement} */ (document.querySelector('input[name=severity]:checked')).value };
  if (kind() === 'topic') body.topic = $('topic').value.trim();
  else body.to = $('to').value.split(',').map((/** @type {string} */ name) => name.trim()).filter(Boolean);
  if ($('body').value) body.body = $('body').value;
  if ($('link').value.trim()) body.link = $('link').value.trim();
  if ($('key').value.trim()) body.key = $('key').value.trim();
  if ($('ttl').value) body.ttl = Number($('ttl').value);
  return body;
}

/** @param {any[]} recipients */
function outcome(recipients) {
  if (!recipients.length) return 'Nobody follows this topic yet.';
  const there = recipients.filter((one) => one.online).map((one) => one.user);
  const away = recipients.filter((one) => !one.online).map((one) => one.user);
  return [there.length && `Delivered to ${names(there)}`, away.length && `kept for ${names(away)} until ${away.length === 1 ? 'that device comes' : 'their devices come'} back`].filter(Boolean).join('; ').replace(/^k/, 'K') + '.';
}

const names = (/** @type {string[]} */ all) => (all.length > 4 ? `${all.slice(0, 3).join(', ')} and ${all.length - 3} more` : new Intl.ListFormat('en').format(all));

/** Empties the form but for the recipients; a field that was only emptied would be shown as one that is filled in wrongly. */
function again() {
  const { to, topic } = Object.fromEntries(['to', 'topic'].map((id) => [id, $(id).value]));
  const checked = kind();
  $('send').reset();
  Object.assign($('to'), { value: to });
  Object.assign($('topic'), { value: topic });
  /** @type {HTMLInputElement} */ (document.querySelector(`input[name=kind][value=${checked}]`)).checked = true;
  showKind();
}

/** A notification that may have been sent has the same key when it is tried again, so nobody gets it twice. */
let attempt = { said: '', key: '' };

/** @param {any} body */
function idempotencyKey(body) {
  const said = JSON.stringify(body);
  if (attempt.said !== said) attempt = { said, key: [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('') };
  return attempt.key;
}

$('send').addEventListener('submit', async (/** @type {SubmitEvent} */ event) => {
  event.preventDefault();
  const body = request();
  $('problem').hidden = true;
  $('go').disabled = true;
  try {
    const { recipients } = await api('/api/notifications', { body, headers: { 'Idempotency-Key': idempotencyKey(body) } });
    attempt = { said: '', key: '' };
    const said = outcome(recipients);
    $('said').textContent = recipients.length ? 'Sent.' : said;
    $('none').hidden = true;
    $('sent').prepend(make('li', { 'data-severity': body.severity }, make('b', {}, body.title), make('span', { class: 'hint' }, said)));
    while ($('sent').childElementCount > 8) $('sent').lastElementChild.remove();
    again();
    $('title').focus();
  } catch (/** @type {any} */ error) {
    $('said').textContent = '';
    $('problem').textContent = error.status === 0 || error.status === 503 ? `${error.message} When you send it again, nobody gets it twice.` : error.message;
    $('problem').hidden = false;
  }
  $('go').disabled = false;
});

$('curl').textContent = `curl ${location.origin}/api/notifications \\
  -H "Authorization: Bearer $TOKEN" \\
  -H 'Idempotency-Key: build-42-done' \\
  -d '{"to": "${me.user}", "key": "build",
    "title": "Build 42 is done",
    "severity": "success"}'`;

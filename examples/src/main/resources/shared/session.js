/** Who is signed in on this tab: a token in `sessionStorage`, renewed in time. Two tabs can be two people. */

/** @typedef {{token: string, user: string, name: string, ends: number}} Person */

/** What the demo says of itself: `{name, title, path, transports}`. */
export const about = await (await fetch('/demo.json')).json();

const KEY = `polywire-${about.name}`;
/** Milliseconds before the end of a token in which a new one is fetched. */
const EARLY = 120_000;

/** @returns {Person | undefined} */
export function person() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? 'null') ?? undefined;
  } catch {
    return undefined;
  }
}

/** @param {any} answer */
function keep(answer) {
  sessionStorage.setItem(KEY, JSON.stringify({ token: answer.token, user: answer.user, name: answer.name, ends: Date.now() + answer.expiresIn * 1000 }));
}

/** An answer that is a refusal; `status` is 0 when there was none at all. */
export class Refused extends Error {
  /** @param {number} status @param {string} message @param {number} [retryAfter] seconds */
  constructor(status, message, retryAfter) {
    super(message);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/**
 * Asks the demo's HTTP API, as whoever is signed in.
 *
 * @param {string} path
 * @param {{method?: string, body?: unknown, headers?: Record<string, string>, token?: string, signal?: AbortSignal}} [how] `body` is sent as JSON
 * @returns {Promise<any>} what was answered, or undefined; rejects with `Refused`
 */
export async function api(path, { method, body, headers: more, token, signal } = {}) {
  /** @type {Record<string, string>} */
  const headers = { ...more };
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  const bearer = token ?? (path === '/api/sign-in' ? undefined : await freshToken());
  if (bearer) headers.Authorization = `Bearer ${bearer}`;
  /** @type {Response} */
  let response;
  try {
    response = await fetch(path, { method: method ?? (body === undefined ? 'GET' : 'POST'), headers, body: body === undefined ? undefined : JSON.stringify(body), signal, cache: 'no-store' });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Refused(0, 'The server cannot be reached.');
  }
  const text = await response.text();
  /** @type {any} */
  let answer;
  try {
    answer = text ? JSON.parse(text) : undefined;
  } catch {
    answer = undefined;
  }
  if (!response.ok) throw new Refused(response.status, answer?.error ?? `The server answered ${response.status}.`, Number(response.headers.get('Retry-After')) || undefined);
  return answer;
}

/** @param {string} name @param {string} password */
export async function signIn(name, password) {
  keep(await api('/api/sign-in', { body: { name, password } }));
}

export function signOut() {
  sessionStorage.removeItem(KEY);
  location.assign('/shared/sign-in.html');
}

/** Where one is: the page to come back to. */
const here = () => encodeURIComponent(location.pathname + location.search + location.hash);

/** For who is not let in any more: says so, and comes back to this page afterwards. */
export function signInAgain() {
  sessionStorage.removeItem(KEY);
  location.assign(`/shared/sign-in.html?again&to=${here()}`);
}

/** Goes to the sign-in page, and comes back to this one afterwards. Never returns where nobody is signed in. */
export function requirePerson() {
  const now = person();
  if (now) return now;
  location.replace(`/shared/sign-in.html?to=${here()}`);
  return /** @type {Promise<Person>} */ (new Promise(() => {}));
}

/** @type {Promise<string | undefined> | undefined} */
let renewing;

/** A token that holds for some time yet; for `connect(path, { token: freshToken })`. */
export async function freshToken() {
  const now = person();
  if (!now || now.ends - Date.now() > EARLY) return now?.token;
  renewing ??= api('/api/renew', { method: 'POST', token: now.token })
    .then((answer) => {
      keep(answer);
      return answer.token;
    }, (error) => {
      // One that is refused is as good as none: the server will say so where it is shown.
      if (error.status === 401) return now.token;
      throw error;
    })
    .finally(() => (renewing = undefined));
  return renewing;
}

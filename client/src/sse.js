/** The Server-Sent Events wire: down by a streamed fetch, so that the token and the secret go in headers; up by POST. */
import { ask, broken, uplink } from './http.js';

/** In characters: more than any server lets a frame be. What goes on for longer without an end of line is no event stream. */
const LONGEST = 2e7;

/** @type {import('./types.js').Open} */
export function sse(ctx) {
  const wire = uplink(ctx);

  const read = async () => {
    const { response, failure } = await ask(ctx, '/sse', {
      body: JSON.stringify(ctx.hello()), headers: { Accept: 'text/event-stream', ...ctx.resuming() }, signal: wire.signal,
    }, true);
    if (failure) return ctx.closed(failure);
    // A captive portal answers 200 to everything.
    const type = response?.headers.get('Content-Type') ?? '';
    if (!response?.body || !type.startsWith('text/event-stream')) return ctx.closed({ code: 'no_stream' });
    const reader = response.body.getReader();
    const decoder = new TextDecoder();
    let rest = '';
    try {
      for (;;) {
        const { value, done } = await reader.read();
        if (done || rest.length > LONGEST) break;
        ctx.heard();
        const lines = (rest + decoder.decode(value, { stream: true })).split('\n');
        rest = /** @type {string} */ (lines.pop());
        // One frame is one line of data, so a line is an event (section 2.1).
        for (const line of lines) if (line.startsWith('data:')) ctx.text(line.slice(5).trim());
      }
      ctx.closed({});
    } catch (error) {
      ctx.closed(broken(error));
    }
  };
  read();
  return wire;
}

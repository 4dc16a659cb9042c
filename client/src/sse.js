/** The Server-Sent Events wire: down by a streamed fetch, so that the token and the secret go in headers; up by POST. */
import { Uplink, ask } from './http.js';

/** @type {import('./types.js').Open} */
export function sse(ctx, on) {
  const abort = new AbortController();
  let over = false;
  const close = () => {
    over = true;
    uplink.close();
    abort.abort();
  };
  const end = (/** @type {import('./errors.js').Failure} */ why) => {
    if (over) return;
    close();
    on.closed(why);
  };
  const uplink = new Uplink(ctx, end);

  const read = async () => {
    const { response, failure } = await ask(ctx, '/sse', {
      body: JSON.stringify(ctx.hello()), headers: { Accept: 'text/event-stream', ...ctx.attach() }, signal: abort.signal,
    });
    if (failure) return end(failure);
    // A captive portal answers 200 to everything.
    if (!response?.body || !/^text\/event-stream/.test(response.headers.get('Content-Type') ?? '')) return end({ code: 'no_stream' });
    const reader = response.body.getReader();
    const decoder = new TextDecoder();
    let rest = '';
    try {
      for (;;) {
        const { value, done } = await reader.read();
        if (done || over) break;
        on.heard();
        const lines = (rest + decoder.decode(value, { stream: true })).split('\n');
        rest = /** @type {string} */ (lines.pop());
        // One frame is one line of data, so a line is an event (section 2.1).
        for (const line of lines) if (!over && line.startsWith('data:')) on.text(line.slice(5).trim());
      }
      end({ code: 'closed' });
    } catch (error) {
      end({ code: 'network', message: String(error) });
    }
  };
  read();
  return { control: (frame) => uplink.control(frame), flush: () => uplink.flush(), close };
}

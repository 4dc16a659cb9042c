/** The WebSocket wire: one text message is one frame, both ways. */

/** @type {import('./types.js').Open} */
export function websocket(ctx) {
  // A constructor that throws (a blocked port, a content security policy) is a wire that failed.
  const socket = new ctx.WebSocket(ctx.url.replace(/^http/, 'ws') + '/websocket', ['polywire.1.json']);
  const send = (/** @type {string} */ text) => socket.readyState === 1 && socket.send(text);
  socket.onopen = ctx.opened;
  socket.onmessage = ({ data }) => ctx.text(data);
  socket.onclose = ({ reason, code }) => ctx.closed({ code: String(reason || code) });
  socket.onerror = () => {};
  return {
    control: (frame) => send(JSON.stringify(frame)),
    flush: () => {
      let text;
      while (socket.readyState === 1 && (text = ctx.next())) socket.send(text);
    },
    close: () => socket.close(),
  };
}

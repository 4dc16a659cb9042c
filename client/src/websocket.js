/** The WebSocket wire: one text message is one frame, both ways. */

/** @type {import('./types.js').Open} */
export function websocket(ctx, on) {
  // A constructor that throws (a blocked port, a content security policy) is a wire that failed.
  const socket = new ctx.WebSocket(ctx.url.replace(/^http/, 'ws') + '/websocket', ['polywire.1.json']);
  let over = false;
  const end = (/** @type {import('./errors.js').Failure} */ why) => {
    if (over) return;
    over = true;
    on.closed(why);
  };
  socket.onopen = () => on.opened();
  socket.onmessage = (event) => {
    if (!over) on.text(event.data);
  };
  socket.onclose = (event) => end({ code: String(event.reason || event.code) });
  socket.onerror = () => {};
  return {
    control: (frame) => {
      if (socket.readyState === 1) socket.send(JSON.stringify(frame));
    },
    flush: () => {
      let text;
      while (!over && socket.readyState === 1 && (text = ctx.next()) !== undefined) socket.send(text);
    },
    close: () => {
      over = true;
      socket.close();
    },
  };
}

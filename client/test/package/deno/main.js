/** Run by Deno: the client by its URL, with nothing of Node's, over every wire, in the main thread and in a worker. */
const [server, source] = Deno.args;
const { connect } = await import(server + '/client.js');

for (const wire of ['websocket', 'sse', 'longpoll']) {
  const connection = connect(server, { transports: [wire] });
  const channel = connection.channel(`test:${crypto.randomUUID()}`);
  const heard = new Promise((resolve) => channel.on('E', ({ payload }) => resolve(payload)));
  await channel.subscribe();
  await channel.publish('E', `over ${connection.transport}`);
  console.log(await heard, await connection.request('echo', 42));
  await connection.close();
}

const worker = new Worker(source, { type: 'module' });
const said = new Promise((resolve) => {
  worker.onmessage = ({ data }) => resolve(data);
});
worker.postMessage(server);
console.log('worker:', await said);
worker.terminate();

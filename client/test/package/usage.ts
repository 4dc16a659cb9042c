/** Compiled, never run: how an application sees the types. Each expected error has to be one. */
import { Channel, Connection, PolywireError, connect, type Message } from '@polywire/client';

interface Chat {
  ADDED: { id: number; text: string };
  DELETED: { id: number };
}

const connection: Connection = connect('/realtime', { token: async () => 'secret', transports: ['sse'], signal: AbortSignal.timeout(1000) });
// @ts-expect-error there is no such option
connect('/realtime', { tokn: 'secret' });

const chat = connection.channel<Chat>('chat:42');
const { signal } = new AbortController();

chat.on('ADDED', ({ payload, user, position }) => {
  const text: string = payload.text;
  const who: string | undefined = user;
  void [text, who, position?.offset];
  // @ts-expect-error messages of this event have no such field
  void payload.txt;
}, { signal });
chat.on('DELETED', ({ payload }) => {
  // @ts-expect-error only what is added has a text
  void payload.text;
});
chat.on('*', ({ payload }) => void payload.id);
chat.on(':gap', ({ reason, count }) => void [reason.length, count?.toFixed()]);
chat.on(':join', ({ member }) => void member.session);
// @ts-expect-error no event has this name
chat.on('CHANGED', () => {});
// @ts-expect-error a gap is no message
chat.on(':gap', ({ payload }) => void payload);

async function use(): Promise<void> {
  const { position, recovered } = await chat.subscribe({ position: { epoch: 'e', offset: 1 }, signal });
  void [position?.epoch, recovered];
  const done = await chat.publish('ADDED', { id: 1, text: 'hello' }, { signal, confirm: true });
  void done.duplicate;
  // @ts-expect-error the text is missing
  await chat.publish('ADDED', { id: 1 });
  // @ts-expect-error no event has this name
  await chat.publish('CHANGED', { id: 1 });
  for await (const { payload } of chat) void payload.id;
  for await (const message of chat.messages({ limit: 10, signal })) message.confirm();
  const { messages } = await chat.history({ limit: 10, signal });
  void messages[0]?.payload.id;
  const { members } = await chat.presence({ signal });
  void members?.[0]?.user;
  await chat.setState('away', { signal });
  const sum = await connection.request<number>('sum', [1, 2], { timeout: 1000, signal });
  void sum.toFixed();
}
void use;

// Without a type, a channel takes anything.
const plain: Channel = connection.channel('news:1', { token: () => 'of-the-channel' });
plain.on('anything', ({ payload }) => void payload.whatever);
void plain.publish('anything', [1, 'two']);

connection.on('state', ({ state, error }) => {
  const failed: boolean = state === 'failed';
  void [failed, error?.code, error?.retryAfter];
  // @ts-expect-error no state has this name
  void (state === 'open');
});
connection.on('expiring', ({ expiresIn }) => void expiresIn.toFixed(), { signal });
// @ts-expect-error no event has this name
connection.on('stat', () => {});
const off: () => void = connection.onRequest(async () => {
  throw new PolywireError('not_found', 'no such thing');
}, { signal });
off();

function handle(message: Message<Chat['ADDED']>): void {
  if (message.needsConfirm) message.confirm();
  void message.payload.text;
}
chat.on('ADDED', handle);

// What is not the application's is not there.
// @ts-expect-error internal
void chat._token;
// @ts-expect-error internal
void chat._frame({});
// @ts-expect-error one is got from a connection
new Channel();
// @ts-expect-error and that from connect
new Connection('/realtime', {});

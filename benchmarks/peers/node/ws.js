'use strict';
// ws: a set of sockets for each channel, and a loop that sends to each.

const { createServer } = require('node:http');
const { WebSocketServer } = require('ws');
const { control, listen } = require('./control.js');

const channels = new Map();
const server = createServer();

function broadcast(channel, text) {
  for (const socket of channels.get(channel) ?? []) socket.send(text);
}

new WebSocketServer({ server }).on('connection', (socket, request) => {
  const channel = Number(new URL(request.url, 'http://localhost').searchParams.get('channel'));
  if (!channels.has(channel)) channels.set(channel, new Set());
  channels.get(channel).add(socket);
  socket.on('message', (data) => broadcast(channel, data.toString()));
  socket.on('close', () => channels.get(channel).delete(socket));
  socket.on('error', () => {});
});

control((channel, text) => broadcast(channel, JSON.stringify(text)));
listen(server);

'use strict';
// socket.io: a channel is a room.

const { createServer } = require('node:http');
const { Server } = require('socket.io');
const { control, listen } = require('./control.js');

const server = createServer();
// The load generator's connections for POSTs have long pauses; Node would end them after five seconds.
server.keepAliveTimeout = 0;
const io = new Server(server);

io.on('connection', (socket) => {
  socket.on('subscribe', (channel) => {
    socket.join(channel);
    socket.emit('subscribed');
  });
  socket.on('publish', (channel, text) => io.to(channel).emit('m', text));
});

control((channel, text) => io.to(`live.${channel}`).emit('m', text));
listen(server);

'use strict';
// What every server here is steered by: lines on standard input, each answered by one line.

const { createInterface } = require('node:readline');

const BURST_SECONDS = 0.02;

/** Publishes at a fixed rate; a message bears the time that it was due. `publish` takes a channel's number and a text. */
function control(publish) {
  let run = null;
  let published = 0;

  function tick() {
    if (!run) return;
    const now = process.hrtime.bigint();
    let due = run.due();
    for (let i = 0; i < run.burst && due <= now; i++) {
      const number = String(Math.floor(published / run.channels) + 1).padStart(10, '0');
      publish(published % run.channels, `#${number}@${String(due).padStart(19, '0')}`.padEnd(run.size, '.'));
      published++;
      due = run.due();
    }
    const wait = Number(due - process.hrtime.bigint()) / 1e6;
    run.timer = setTimeout(tick, Math.max(1, Math.ceil(wait)));
  }

  function stop() {
    if (run) clearTimeout(run.timer);
    run = null;
    return published;
  }

  const commands = {
    start(rate, channels, size) {
      stop();
      published = 0;
      const begun = process.hrtime.bigint();
      const interval = 1e9 / Number(rate);
      run = {
        channels: Number(channels),
        size: Number(size) - 2,
        burst: Math.max(1, Math.ceil(Number(rate) * BURST_SECONDS)),
        due: () => begun + BigInt(Math.floor(published * interval)),
      };
      tick();
      return 'started';
    },
    stop: () => `stopped ${stop()}`,
    published: () => `published ${published}`,
    allocated: () => 'allocated -1',
    heap() {
      global.gc();
      global.gc();
      const use = process.memoryUsage();
      return `heap ${use.heapUsed + use.external}`;
    },
    quit: () => process.exit(0),
  };

  createInterface({ input: process.stdin })
    .on('line', (line) => {
      const [name, ...rest] = line.trim().split(' ');
      console.log(commands[name] ? commands[name](...rest) : `unknown ${name}`);
    })
    .on('close', () => process.exit(0));
}

/** Listens on the loopback interface, and says where. */
function listen(server) {
  server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => console.log(`ready ${server.address().port}`));
}

module.exports = { control, listen };

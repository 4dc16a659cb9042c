/** The charts of a machine's metrics. */
import { Chart } from './charts.js';
import { bytes, percent, rate, short } from './format.js';

/** More cores than these are drawn as their average alone. */
const CORES = 16;

/** @param {{cores: number, memory: number, swap: number}} about */
export function machineCharts(parent, about) {
  // A single core is its own average.
  const cores = about.cores > 1 && about.cores <= CORES ? about.cores : 0;
  const thin = Array.from({ length: cores }, (_, i) => (
    { label: `core ${i + 1}`, color: '--series-3', width: 1, quiet: true, legend: i ? undefined : 'each core' }));
  const quarters = ([, max]) => [0, 0.25, 0.5, 0.75, 1].map((part) => part * max);
  const processor = new Chart(parent, {
    title: 'Processor',
    series: [...thin, { label: about.cores > 1 ? `${about.cores} cores` : '', color: '--series-1', fill: true }],
    format: percent,
    most: 100,
    ticks: quarters,
  });
  const memory = new Chart(parent, {
    title: 'Memory',
    series: [{ label: `of ${bytes(about.memory)}`, color: '--series-1', fill: true }, ...(about.swap ? [{ label: 'swap', color: '--series-2' }] : [])],
    format: bytes,
    axis: short,
    most: about.memory,
    ticks: quarters,
  });
  const network = new Chart(parent, {
    title: 'Network',
    series: [{ label: 'in', color: '--series-1', fill: true }, { label: 'out', color: '--series-2', dashed: true }],
    format: rate,
    axis: short,
    top: 2000,
  });
  const disk = new Chart(parent, {
    title: 'Disk',
    series: [{ label: 'read', color: '--series-1', fill: true }, { label: 'written', color: '--series-2' }],
    format: rate,
    axis: short,
    top: 20_000,
  });
  const load = new Chart(parent, {
    title: 'Load',
    series: [{ label: '1 m', color: '--series-1', fill: true }, { label: '5 m', color: '--series-2' }, { label: '15 m', color: '--series-3' }],
    format: (value) => value.toFixed(2),
    axis: (value) => String(Number(value.toFixed(2))),
    top: 1,
  });
  const heap = new Chart(parent, {
    title: 'Server’s JVM heap',
    series: [{ label: 'used', color: '--series-1', fill: true }, { label: 'held', color: '--series-2' }],
    format: bytes,
    axis: short,
    top: 1_000_000,
  });
  const charts = [processor, memory, network, disk, load, heap];
  return {
    charts,
    /** @param {any} sample */
    take(sample) {
      if (sample.event !== 'sample') return;
      const at = sample.at / 1000;
      const all = sample.cpu.reduce((sum, one) => sum + one, 0) / (sample.cpu.length || 1);
      processor.push(at, [...(cores ? Array.from({ length: cores }, (_, i) => sample.cpu[i] ?? null) : []), all]);
      memory.push(at, about.swap ? [sample.memory, sample.swap] : [sample.memory]);
      network.push(at, [sample.received, sample.sent]);
      disk.push(at, [sample.read, sample.written]);
      load.push(at, [0, 1, 2].map((i) => sample.load[i] ?? null));
      heap.push(at, [sample.heap, sample.committed]);
    },
  };
}

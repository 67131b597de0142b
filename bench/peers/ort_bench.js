// Times one exported part in ONNX Runtime: node ort_bench.js MODULES GRAPHS PART RUNS [OPTION=VALUE…]
//
// MODULES is the node_modules folder with onnxruntime-node. Options: threads, mem_pattern, arena (0/1), spin (0/1),
// level. Prints PART, seconds of the best run after a warm-up, and the peak resident MiB, tab-separated.
'use strict';
const fs = require('fs');
const path = require('path');

const [modules, graphs, name, runs, ...rest] = process.argv.slice(2);
if (runs === undefined) {
  console.error('usage: node ort_bench.js MODULES GRAPHS PART RUNS [OPTION=VALUE…]');
  process.exit(2);
}
const options = Object.fromEntries(rest.map((o) => o.split('=')));
const ort = require(path.resolve(modules, 'onnxruntime-node'));
const folder = path.join(graphs, name);

function readInput(about) {
  const raw = fs.readFileSync(path.join(folder, `${about.name}.raw`));
  const bytes = raw.buffer.slice(raw.byteOffset, raw.byteOffset + raw.length);
  const data = about.type === 'int64' ? new BigInt64Array(bytes) : new Float32Array(bytes);
  return new ort.Tensor(about.type, data, about.shape);
}

async function main() {
  const session = await ort.InferenceSession.create(path.join(folder, 'graph.onnx'), {
    intraOpNumThreads: Number(options.threads ?? 2),
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: options.level ?? 'all',
    enableMemPattern: options.mem_pattern !== '0',
    enableCpuMemArena: options.arena !== '0',
    logSeverityLevel: 3,
    extra: { session: { intra_op: { allow_spinning: options.spin ?? '1' } } },
  });
  const feeds = {};
  for (const about of JSON.parse(fs.readFileSync(path.join(folder, 'inputs.json')))) {
    feeds[about.name] = readInput(about);
  }
  let best = Infinity;
  for (let i = 0; i <= Number(runs); i++) {
    const began = process.hrtime.bigint();
    await session.run(feeds);
    const took = Number(process.hrtime.bigint() - began) / 1e9;
    if (i > 0) best = Math.min(best, took); // the first is the warm-up
  }
  const peak = /VmHWM:\s+(\d+)/.exec(fs.readFileSync('/proc/self/status'))[1];
  console.log(`${name}\t${best.toFixed(4)}\t${Math.round(peak / 1024)}`);
}

main().catch((e) => {
  console.error(e.message);
  process.exit(1);
});

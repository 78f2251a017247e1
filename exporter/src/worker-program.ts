/** Programs of worker threads, beside the modules that start them. */
import type { Worker } from 'node:worker_threads';

export type WorkerProgram = ConstructorParameters<typeof Worker>;

/**
 * The compiled program, or its TypeScript source run with tsx, like the command line.
 * @param here the module that starts it
 * @param name of the program's file in the same folder, without its ending
 */
export function workerProgram(here: URL, name: string, maxHeapMb: number): WorkerProgram {
  // Options of the process may not be valid for a thread.
  const options = { execArgv: [], resourceLimits: { maxOldGenerationSizeMb: maxHeapMb } };
  if (!here.pathname.endsWith('.ts')) return [new URL(`./${name}.js`, here), options];
  const source = JSON.stringify(new URL(`./${name}.ts`, here).href);
  const tsx = JSON.stringify(import.meta.resolve('tsx/esm/api'));
  return [
    `import(${tsx}).then(({ tsImport }) => tsImport(${source}, ${source}))`,
    { ...options, eval: true },
  ];
}

import { startStack, whyNoGrafana } from './stack.js';

/** Starts the stack if necessary, sets the environment of the specs, and returns a function that stops it. */
export default async function globalSetup(): Promise<(() => Promise<void>) | void> {
  const missing = whyNoGrafana();
  if (missing !== undefined) {
    process.stdout.write(`Everything is skipped: ${missing}\n`);
    return;
  }
  if (process.env.GRAFANA_URL) return;
  process.stdout.write('Starting the demo: exporter, Grafana, and Prometheus if there is one …\n');
  const { environment, stop } = await startStack();
  Object.assign(process.env, environment);
  return stop;
}

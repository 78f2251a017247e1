// The command line of the compiled exporter. `bin/agentidp-analytics.js` runs the sources if there are any.
const { run } = await import('../../dist/main.js');

await run(process.argv);

/** A process with nothing but Fastify and one route that sends prepared bytes: what a cached read is held against. */
import fastify from 'fastify';

export interface BareRoute {
  path: string;
  contentType: string;
  body: string;
}

process.once('message', (route: BareRoute) => {
  const app = fastify();
  const bytes = Buffer.from(route.body);
  app.get(route.path, (_request, reply) => reply.type(route.contentType).send(bytes));
  app
    .listen({ host: '127.0.0.1', port: 0 })
    .then((url) => process.send?.(url))
    .catch((error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      process.exit(1);
    });
});
// Never outlives the bench.
process.once('disconnect', () => process.exit());

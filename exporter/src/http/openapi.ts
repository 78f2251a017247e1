/** The OpenAPI document, which is generated from the route schemas, and its HTML page. */
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import plugin from 'fastify-plugin';
import { readFileSync } from 'node:fs';
import { ErrorSchema } from './error-responses.js';
import { TAGS } from './tags.js';

const DESCRIPTION = `What a fleet of AI agents does: who calls what and when, how tokens and credentials are used.

Times are RFC 3339 UTC, dates \`YYYY-MM-DD\` UTC, both ends of a range included unless said otherwise. Rates and shares
are percentages, \`null\` if nothing was counted. Everything belongs to the tenant of the token (\`organization_id\`).
The analytics routes also answer under \`/analytics\` and \`/api/analytics\`.`;

/** The page only loads its own files. No upgrade-insecure-requests, because it may be opened over plain HTTP. */
const PAGE_POLICY = {
  'default-src': "'self'",
  'base-uri': "'none'",
  'frame-ancestors': "'none'",
  'img-src': "'self' data:",
  'object-src': "'none'",
  'script-src-attr': "'none'",
};

/** The version of the service. The version of the API is in its path and only increases with breaking changes. */
const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

export const openApi = plugin(
  async (app) => {
    app.addSchema(ErrorSchema);
    await app.register(swagger, {
      openapi: {
        openapi: '3.1.0',
        info: {
          title: 'AgentIdP Analytics',
          version,
          description: DESCRIPTION,
          license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
        },
        servers: [{ url: '/' }],
        tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
        components: {
          securitySchemes: {
            bearer: {
              type: 'http',
              scheme: 'bearer',
              bearerFormat: 'JWT',
              description: 'organization_id, sub, exp, scope.',
            },
          },
        },
      },
      refResolver: {
        buildLocalReference: (json, _base, _fragment, i) =>
          typeof json.$id === 'string' ? json.$id : `def-${i}`,
      },
    });
    await app.register(swaggerUi, {
      routePrefix: '/docs',
      staticCSP: PAGE_POLICY,
      theme: { title: 'AgentIdP Analytics API' },
      // The layout hides the bar for loading other documents. A token is forgotten when the page is closed.
      uiConfig: { layout: 'BaseLayout', docExpansion: 'list', persistAuthorization: false },
    });
  },
  { name: 'open-api' },
);

/** Mounts the files of routes/ at the paths that follow from their names. */
import plugin from 'fastify-plugin';
import type { App, RouteContext } from './context.js';

/** The routes of `routes/analytics/` are available under each of these prefixes. Only the first is documented. */
export const ANALYTICS_PREFIXES = ['/api/v1/analytics', '/analytics', '/api/analytics'] as const;

const ANALYTICS_FOLDER = 'analytics/';

/** The exports of a file in routes/. */
export type RouteFile = (app: App, context: RouteContext) => void;

export interface MountOptions {
  /** By name, relative to routes/ and without the extension. */
  files: Readonly<Record<string, RouteFile>>;
  context: RouteContext;
}

export const mountedRoutes = plugin<MountOptions>(
  async (app, { files, context }) => {
    const isAnalytics = (name: string): boolean => name.startsWith(ANALYTICS_FOLDER);
    const names = Object.keys(files);
    for (const name of names.filter((one) => !isAnalytics(one))) {
      await app.register(routesOf(name, files[name]!), context);
    }
    if (!context.config.analyticsEnabled) return;
    for (const prefix of ANALYTICS_PREFIXES) {
      const routes = scoped(`routes of ${prefix}`, async (scope: App) => {
        if (prefix !== ANALYTICS_PREFIXES[0]) {
          scope.addHook('onRoute', (route) => {
            route.schema = { ...route.schema, hide: true };
          });
        }
        for (const name of names.filter(isAnalytics)) {
          await scope.register(routesOf(name.slice(ANALYTICS_FOLDER.length), files[name]!), context);
        }
      });
      await app.register(routes, { prefix });
    }
  },
  { name: 'routes' },
);

/** A plugin with a scope of its own. Fastify searches all loaded modules for the name of one that has none. */
const scoped = <Options extends object>(
  name: string,
  register: (scope: App, options: Options) => Promise<void>,
) => plugin(register, { name, encapsulate: true });

/** @param path of every route in the file, without its parameters */
const routesOf = (path: string, file: RouteFile) =>
  scoped(path, async (scope, context: RouteContext) => {
    scope.addHook('onRoute', ({ url, prefix }) => {
      const named = url.slice(prefix.length + 1).replace(/\/:[^/]+/g, '');
      if (named !== path)
        throw new Error(`the route ${url} must stand in a file named ${named}.ts, not ${path}.ts`);
    });
    file(scope, context);
  });
